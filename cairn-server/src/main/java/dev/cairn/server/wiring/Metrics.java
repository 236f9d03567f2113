package dev.cairn.server.wiring;

import dev.cairn.history.HistoryException;
import dev.cairn.ledger.Ledger;
import dev.cairn.server.operation.ReaderView;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;

/// What `/metrics` shows. Names are prefixed `cairn_`; beside them the JVM's own.
final class Metrics implements AutoCloseable {
    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();

    Metrics(
            Ledger ledger,
            List<ReaderView> readers,
            LongSupplier refusedBusy,
            LongSupplier closedWaiting,
            LongSupplier ownEventsUnrecorded) {
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        collections.bindTo(registry);
        FunctionCounter.builder("cairn.ledger.recorded", ledger, Metrics::recorded)
                .description("Events recorded since the data folder was made.")
                .register(registry);
        gauge(
                "cairn.ledger.bytes",
                "Bytes the ledger occupies on disk.",
                ledger,
                l -> l.state().bytes());
        gauge(
                "cairn.ledger.pushback",
                "1 while appends are pushed back.",
                ledger,
                l -> l.state().pushback().isEmpty() ? 0 : 1);
        gauge(
                "cairn.ledger.damaged",
                "Runs of lost positions found.",
                ledger,
                l -> l.state().damaged().size());
        FunctionCounter.builder("cairn.http.refused.busy", refusedBusy, LongSupplier::getAsLong)
                .description("Requests turned away because too many were being worked on.")
                .register(registry);
        FunctionCounter.builder("cairn.http.closed.waiting", closedWaiting, LongSupplier::getAsLong)
                .description("Connections closed that waited too long for a request, or longest.")
                .register(registry);
        gauge(
                "cairn.own.unrecorded",
                "Own calls answered and not recorded yet.",
                ownEventsUnrecorded,
                LongSupplier::getAsLong);
        for (var reader : readers) {
            reader("cairn.reader.delivered", "Events delivered.", reader, s -> s.delivered());
            reader("cairn.reader.filtered", "Events filtered out.", reader, s -> s.filtered());
            reader("cairn.reader.set.aside", "Events set aside.", reader, s -> s.setAside());
            reader("cairn.reader.taken", "Positions dealt with.", reader, s -> s.taken());
            reader(
                    "cairn.reader.balanced",
                    "1 while every sum comes out even.",
                    reader,
                    s -> s.balanced() ? 1 : 0);
        }
    }

    private <T> void gauge(String name, String description, T source, ToDoubleFunction<T> value) {
        Gauge.builder(name, source, value)
                .description(description)
                .strongReference(true)
                .register(registry);
    }

    private void reader(
            String name,
            String description,
            ReaderView reader,
            ToDoubleFunction<ReaderView.Snapshot> value) {
        Gauge.builder(
                        name,
                        reader,
                        r -> {
                            try {
                                return value.applyAsDouble(r.snapshot());
                            } catch (HistoryException _) {
                                return Double.NaN;
                            }
                        })
                .description(description)
                .tag("reader", reader.name())
                .strongReference(true)
                .register(registry);
    }

    private static double recorded(Ledger ledger) {
        double recorded = 0;
        for (var partition = 0; partition < ledger.partitions(); partition++) {
            recorded += ledger.span(partition).end();
        }
        return recorded;
    }

    /// All of it, in Prometheus' text form.
    String text() {
        return registry.scrape();
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }
}
