package dev.cairn.server.wiring;

import dev.cairn.catalog.CatalogException;
import dev.cairn.gateway.Gateway;
import dev.cairn.gateway.recording.Forwarder;
import dev.cairn.history.HistoryException;
import dev.cairn.ledger.Ledger;
import dev.cairn.server.operation.ReaderView;
import dev.cairn.server.operation.Readers;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/// What `/metrics` shows. Names are prefixed `cairn_`; beside them the JVM's own.
final class Metrics implements AutoCloseable {
    private final ProcessMetrics process = new ProcessMetrics();
    private final PrometheusMeterRegistry registry = process.registry();
    private final List<OfReaders> ofReaders = new ArrayList<>();
    private final Readers readers;

    Metrics(
            Ledger ledger,
            Readers readers,
            LongSupplier refusedBusy,
            LongSupplier closedWaiting,
            LongSupplier ownEventsUnrecorded,
            ToLongFunction<ToLongFunction<Gateway>> ofGateways,
            LongSupplier crowdedOutOfGateways,
            Supplier<Optional<Forwarder.Status>> spool) {
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
        counter(
                "cairn.http.refused.busy",
                "Requests turned away because too many were being worked on.",
                refusedBusy);
        counter(
                "cairn.http.closed.waiting",
                "Connections closed that waited too long for a request, or longest.",
                closedWaiting);
        gauge(
                "cairn.own.unrecorded",
                "Own calls answered and not recorded yet.",
                ownEventsUnrecorded,
                LongSupplier::getAsLong);
        GatewayMetrics.bind(registry, ofGateways, crowdedOutOfGateways, spool);
        this.readers = readers;
        reader("cairn.reader.delivered", "Events delivered.", s -> s.delivered());
        reader("cairn.reader.filtered", "Events filtered out.", s -> s.filtered());
        reader("cairn.reader.set.aside", "Events set aside.", s -> s.setAside());
        reader("cairn.reader.taken", "Positions dealt with.", s -> s.taken());
        reader(
                "cairn.reader.balanced",
                "1 while every sum comes out even.",
                s -> s.balanced() ? 1 : 0);
        reader("cairn.reader.failing", "1 while it cannot go on.", s -> s.failing() ? 1 : 0);
    }

    /// Of what it counts a counter holds a weak reference, which no method's own would outlive.
    private void counter(String name, String description, LongSupplier count) {
        FunctionCounter.builder(name, registry, _ -> count.getAsLong())
                .description(description)
                .register(registry);
    }

    private <T> void gauge(String name, String description, T source, ToDoubleFunction<T> value) {
        Gauge.builder(name, source, value)
                .description(description)
                .strongReference(true)
                .register(registry);
    }

    /// A figure of every reader. Readers come and go with trails.
    private void reader(
            String name, String description, ToDoubleFunction<ReaderView.Snapshot> value) {
        ofReaders.add(
                new OfReaders(
                        MultiGauge.builder(name).description(description).register(registry),
                        value));
    }

    private record OfReaders(MultiGauge gauges, ToDoubleFunction<ReaderView.Snapshot> value) {}

    /// Sees who the readers are now, and asks each of them once.
    private void askReaders() {
        var snapshots = new LinkedHashMap<String, ReaderView.Snapshot>();
        try {
            for (var reader : readers.now()) {
                snapshots.put(reader.name(), reader.snapshot());
            }
        } catch (CatalogException | HistoryException _) {
            // Who cannot be asked is not shown: no figure is better than an old one.
        }
        for (var figure : ofReaders) {
            figure.gauges()
                    .register(
                            snapshots.entrySet().stream()
                                    .<MultiGauge.Row<?>>map(reader ->
                                            MultiGauge.Row.of(
                                                    Tags.of("reader", reader.getKey()),
                                                    figure.value()
                                                            .applyAsDouble(reader.getValue())))
                                    .toList(),
                            true);
        }
    }

    private static double recorded(Ledger ledger) {
        double recorded = 0;
        for (var partition = 0; partition < ledger.partitions(); partition++) {
            recorded += ledger.span(partition).end();
        }
        return recorded;
    }

    /// All of it, in Prometheus' text form.
    synchronized String text() {
        askReaders();
        return registry.scrape();
    }

    @Override
    public void close() {
        process.close();
    }
}
