package dev.cairn.server.wiring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.catalog.CatalogException;
import dev.cairn.event.Place;
import dev.cairn.history.HistoryException;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.metric.Metric;
import dev.cairn.metric.Metrics;
import dev.cairn.server.operation.ReaderView;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.delivery.ListLedger;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OwnHealthTest {
    private static final Place PLACE = new Place("123456789012", "us-east-1");

    private final ListLedger ledger = new ListLedger(3);
    private final MemoryCatalog catalog = new MemoryCatalog();
    private final Metrics metrics = new Metrics(catalog, 100, _ -> {});
    private Instant now = Instant.parse("2026-11-21T08:00:30Z");

    private void record(int events) {
        for (var i = 0; i < events; i++) {
            ledger.append(
                    new Entry(PLACE, now + "/" + i, Origin.INTAKE, "{}".getBytes(UTF_8)), now);
        }
    }

    /// What a metric has for the minute that it is now; empty when it has nothing.
    private Optional<Double> value(String name, Map<String, String> dimensions)
            throws CatalogException {
        return metrics
                .sets(
                        new Metrics.Query(
                                new Metric(PLACE, "Cairn", name, dimensions),
                                Optional.of("Count"),
                                now.minusSeconds(30),
                                now.plusSeconds(30),
                                Duration.ofMinutes(1)))
                .values()
                .stream()
                .map(set -> set.sum())
                .findFirst();
    }

    @Test
    void each_reader_is_measured_and_what_is_recorded_since_the_last_time() throws Exception {
        record(7);
        var health =
                new OwnHealth(
                        ledger,
                        () ->
                                List.of(
                                        new Reader("history", 5, false),
                                        new Reader("away", -1, false),
                                        new Reader("trail", 10, true)),
                        catalog,
                        metrics,
                        PLACE,
                        () -> now);
        record(3);
        health.put();
        assertThat(value("EventsRecorded", Map.of())).contains(3.0);
        var history = Map.of("Reader", "history");
        assertThat(value("EventsPending", history)).contains(5.0);
        assertThat(value("EventsSetAside", history)).contains(2.0);
        assertThat(value("ReaderFailing", history)).contains(0.0);
        var trail = Map.of("Reader", "trail");
        assertThat(value("EventsPending", trail)).contains(0.0);
        assertThat(value("ReaderFailing", trail)).contains(1.0);
        assertThat(value("ReaderFailing", Map.of("Reader", "away"))).isEmpty();

        now = now.plusSeconds(60);
        health.put();
        assertThat(value("EventsRecorded", Map.of())).contains(0.0);
    }

    /// @param taken how many events it has dealt with, two of them set aside; negative: it cannot
    ///   be asked
    private record Reader(String name, long taken, boolean failing) implements ReaderView {
        @Override
        public Snapshot snapshot() throws HistoryException {
            if (taken < 0) {
                throw new HistoryException(HistoryException.Kind.UNAVAILABLE, "not now");
            }
            return new Snapshot(taken, taken - 2, 0, 2, null, null, null, failing);
        }

        @Override
        public List<SetAside> setAside(int limit) {
            return List.of();
        }
    }
}
