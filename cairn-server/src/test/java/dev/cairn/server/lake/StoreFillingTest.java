package dev.cairn.server.lake;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.event.Place;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.selector.Selectors;
import dev.cairn.server.operation.TestParts;
import dev.cairn.store.EventDataStore;
import dev.cairn.store.EventDataStore.Billing;
import dev.cairn.store.EventDataStores;
import dev.cairn.store.StoreFilling;
import dev.cairn.testkit.ledger.Entries;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a store takes of what is recorded, on the ledger as it is.
class StoreFillingTest {
    private static final Place HOME = new Place(TestParts.ACCOUNT, "us-east-1");
    private static final Place AWAY = new Place(TestParts.ACCOUNT, "eu-west-1");
    private static final long BYTES = 1 << 20;

    @TempDir private Path folder;
    private TestParts parts;
    private EventDataStores stores;
    private List<Long> start = List.of();

    @BeforeEach
    void open() throws Exception {
        parts = new TestParts(folder);
        stores = new EventDataStores(parts.catalog, parts.ledger);
        for (var partition = 0; partition < parts.ledger.partitions(); partition++) {
            start = new ArrayList<>(start);
            start.add(0L);
        }
    }

    @AfterEach
    void close() {
        parts.ledger.close();
    }

    private static EventDataStore store(Selectors selectors, boolean multiRegion) {
        return new EventDataStore(
                "0a1b2c3d-0000-4000-8000-000000000001",
                TestParts.ACCOUNT,
                "us-east-1",
                "all",
                selectors,
                multiRegion,
                366,
                true,
                Billing.EXTENDABLE_RETENTION_PRICING);
    }

    private void change(Change change) throws Exception {
        parts.catalog.<Boolean, Exception>write(tx -> {
            change.run(tx);
            return true;
        });
    }

    private interface Change {
        void run(dev.cairn.catalog.Catalog.Transaction tx) throws Exception;
    }

    private void record(Place place, String id, String name, Origin origin) throws Exception {
        Entries.recorded(parts.ledger, entry(place, id, name, origin));
    }

    private static Entry entry(Place place, String id, String name, Origin origin) {
        return Entries.entry(
                place,
                id,
                origin,
                "{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-11-21T08:00:00Z\",\"eventSource\":\"iam.amazonaws.com\",\"eventName\":\"%s\",\"awsRegion\":\"%s\",\"eventID\":\"%s\",\"readOnly\":false,\"eventType\":\"AwsApiCall\",\"managementEvent\":true,\"eventCategory\":\"Management\",\"recipientAccountId\":\"%s\",\"userIdentity\":{\"type\":\"Root\"}}"
                        .formatted(name, place.region(), id, place.account()));
    }

    private StoreFilling filling(List<Long> from) throws Exception {
        return StoreFilling.of(
                        parts.ledger,
                        stores,
                        store(Selectors.STORE_DEFAULT, true),
                        from,
                        BYTES,
                        StoreFilling.Unreadable.WAIT)
                .orElseThrow();
    }

    private static List<String> ids(StoreFilling filling) throws Exception {
        var ids = new ArrayList<String>();
        for (var record : filling.taken()) {
            ids.add(new ObjectMapper().readTree(record).path("eventID").asText());
        }
        return ids;
    }

    @Test
    void a_store_takes_what_is_recorded_while_it_is_on() throws Exception {
        var store = store(Selectors.STORE_DEFAULT, true);
        record(HOME, "before", "A", Origin.INTAKE);
        change(tx -> stores.create(tx, store, true, Map.of(), TestParts.NOW));
        record(HOME, "on", "A", Origin.INTAKE);
        record(HOME, "imported", "A", Origin.IMPORT);
        record(new Place("210987654321", "us-east-1"), "other", "A", Origin.INTAKE);
        change(tx -> stores.ingest(tx, store, false, TestParts.NOW));
        record(HOME, "off", "A", Origin.INTAKE);
        change(tx -> stores.ingest(tx, store, true, TestParts.NOW));
        record(HOME, "on-again", "A", Origin.OWN);

        var filling = filling(start);
        assertThat(ids(filling)).containsExactlyInAnyOrder("on", "on-again");
        assertThat(filling.filtered()).isEqualTo(4);
        assertThat(filling.to().stream().mapToLong(Long::longValue).sum()).isEqualTo(6);
        assertThat(filling.more()).isFalse();
    }

    @Test
    void what_was_decided_is_decided_the_same_after_a_change() throws Exception {
        var store = store(Selectors.STORE_DEFAULT, true);
        change(tx -> stores.create(tx, store, true, Map.of(), TestParts.NOW));
        record(HOME, "a", "PutThing", Origin.INTAKE);
        record(AWAY, "b", "PutThing", Origin.INTAKE);
        var before = filling(start);
        var narrow =
                Selectors.readOfStore(
                        "{\"AdvancedEventSelectors\":[{\"FieldSelectors\":[{\"Field\":\"eventCategory\",\"Equals\":[\"Management\"]},{\"Field\":\"eventName\",\"StartsWith\":[\"Get\"]}]}]}");
        change(tx -> stores.update(tx, store(narrow, false), TestParts.NOW));
        record(HOME, "c", "PutThing", Origin.INTAKE);
        record(HOME, "d", "GetThing", Origin.INTAKE);
        record(AWAY, "e", "GetThing", Origin.INTAKE);

        assertThat(ids(before)).containsExactlyInAnyOrder("a", "b");
        assertThat(ids(filling(start))).containsExactlyInAnyOrder("a", "b", "d");
        assertThat(ids(filling(before.to()))).containsExactly("d");
        stores.release(store, before.to());
        assertThat(stores.course(store).orElseThrow().versions()).hasSize(1);
        assertThat(ids(filling(before.to()))).containsExactly("d");
    }

    @Test
    void no_more_is_read_at_once_than_asked_for() throws Exception {
        change(tx ->
                stores.create(
                        tx, store(Selectors.STORE_DEFAULT, true), true, Map.of(), TestParts.NOW));
        var entries = new ArrayList<Entry>();
        for (var number = 0; number < 2100; number++) {
            entries.add(entry(HOME, "e" + number, "A", Origin.INTAKE));
        }
        parts.ledger.append(entries);
        var ids = new ArrayList<String>();
        var from = start;
        StoreFilling filling;
        var fillings = 0;
        do {
            filling =
                    StoreFilling.of(
                                    parts.ledger,
                                    stores,
                                    store(Selectors.STORE_DEFAULT, true),
                                    from,
                                    parts.ledger.partitions(),
                                    StoreFilling.Unreadable.WAIT)
                            .orElseThrow();
            ids.addAll(ids(filling));
            from = filling.to();
            fillings++;
        } while (filling.more());

        assertThat(fillings).isGreaterThan(1);
        assertThat(ids).hasSize(2100).doesNotHaveDuplicates();

        var all = new ArrayList<String>();
        StoreFilling.each(
                parts.ledger,
                stores,
                store(Selectors.STORE_DEFAULT, true),
                start,
                parts.ledger.partitions(),
                event -> {
                    all.add(new ObjectMapper().readTree(event).path("eventID").asText());
                    if (all.size() == 1) {
                        recordLater();
                    }
                });
        assertThat(all)
                .as("whatever is recorded meanwhile, at most a slice of it")
                .containsAll(ids)
                .hasSizeBetween(2100, 2101);
    }

    private void recordLater() throws IOException {
        try {
            parts.ledger.append(List.of(entry(HOME, "later", "A", Origin.INTAKE)));
        } catch (InterruptedException interrupted) {
            throw new IOException(interrupted);
        }
    }

    @Test
    void a_store_that_is_gone_takes_nothing() throws Exception {
        assertThat(
                        StoreFilling.of(
                                parts.ledger,
                                stores,
                                store(Selectors.STORE_DEFAULT, true),
                                start,
                                BYTES,
                                StoreFilling.Unreadable.WAIT))
                .isEmpty();
    }
}
