package dev.cairn.server.wiring;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.event.Place;
import dev.cairn.history.HistoryException;
import dev.cairn.ledger.Ledger;
import dev.cairn.metric.Datum;
import dev.cairn.metric.Metric;
import dev.cairn.server.operation.Readers;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts Cairn's own health among the metrics of the default account, once a minute, so that alarms
/// can be set on it.
final class OwnHealth {
    private static final Logger LOG = LoggerFactory.getLogger(OwnHealth.class);
    private static final String NAMESPACE = "Cairn";
    private static final String COUNT = "Count";

    private final Ledger ledger;
    private final Readers readers;
    private final Catalog catalog;
    private final dev.cairn.metric.Metrics metrics;
    private final Place place;
    private final InstantSource clock;
    private long recordedBefore;

    OwnHealth(
            Ledger ledger,
            Readers readers,
            Catalog catalog,
            dev.cairn.metric.Metrics metrics,
            Place place,
            InstantSource clock) {
        this.ledger = ledger;
        this.readers = readers;
        this.catalog = catalog;
        this.metrics = metrics;
        this.place = place;
        this.clock = clock;
        this.recordedBefore = recorded();
    }

    /// @param place whose metrics they are
    static AutoCloseable start(
            Ledger ledger,
            Readers readers,
            Catalog catalog,
            dev.cairn.metric.Metrics metrics,
            Place place,
            InstantSource clock) {
        return EachMinute.start(
                new OwnHealth(ledger, readers, catalog, metrics, place, clock)::put);
    }

    /// Adds what it is now.
    void put() throws CatalogException {
        var now = clock.instant();
        var recorded = recorded();
        var data = new ArrayList<Datum>();
        data.add(datum("EventsRecorded", Map.of(), now, recorded - recordedBefore));
        for (var reader : readers.now()) {
            try {
                var snapshot = reader.snapshot();
                var which = Map.of("Reader", reader.name());
                data.add(datum("EventsPending", which, now, recorded() - snapshot.taken()));
                data.add(datum("EventsSetAside", which, now, snapshot.setAside()));
                data.add(datum("ReaderFailing", which, now, snapshot.failing() ? 1 : 0));
            } catch (HistoryException failure) {
                LOG.warn("{} cannot be asked how it is: {}", reader.name(), failure.getMessage());
            }
        }
        catalog.<Integer, RuntimeException>write(tx -> metrics.add(tx, data, now).size());
        recordedBefore = recorded;
    }

    private Datum datum(String name, Map<String, String> dimensions, Instant now, long value) {
        return Datum.of(new Metric(place, NAMESPACE, name, dimensions), now, COUNT, (double) value);
    }

    private long recorded() {
        var recorded = 0L;
        for (var partition = 0; partition < ledger.partitions(); partition++) {
            recorded += ledger.span(partition).end();
        }
        return recorded;
    }
}
