package dev.cairn.testkit.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.catalog.Catalog;
import dev.cairn.delivery.TrailDelivery;
import dev.cairn.event.Place;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.trail.Trail;
import dev.cairn.trail.TrailState;
import dev.cairn.trail.Trails;
import java.io.ByteArrayInputStream;
import java.time.Instant;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A change to a trail takes the ends of the ledger, events are recorded behind them, delivery
/// reads those under the trail as it was, and only then is the change there: the events are the
/// change's.
class ChangeDuringCutTest {
    private static final String ACCOUNT = "123456789012";
    private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");
    private static final int STEPS_MAX = 100;
    private static final Trail TRAIL =
            new Trail(ACCOUNT, "main", "us-east-1", "logs", "", null, true, false, false, true);

    private final MemoryCatalog catalog = new MemoryCatalog();
    private final SimulatedArchive archive = new SimulatedArchive();
    private final Interrupted ledger = new Interrupted();
    private final Trails trails = new Trails(catalog, ledger, 5);
    private TrailDelivery delivery;

    /// Something happens while events are read.
    private static final class Interrupted extends ListLedger {
        private Act meanwhile = () -> {};

        Interrupted() {
            super(1);
        }

        @Override
        public Slice read(Position from, int itemsMax, long bytesMax) {
            Act now = meanwhile;
            meanwhile = () -> {};
            try {
                now.run();
            } catch (Exception failure) {
                throw new AssertionError("the change is made", failure);
            }
            return super.read(from, itemsMax, bytesMax);
        }
    }

    private interface Act {
        void run() throws Exception;
    }

    /// The ledger as a change sees it that began before the last events were recorded.
    private static ListLedger sawUpTo(long end) {
        return new ListLedger(1) {
            @Override
            public Span span(int partition) {
                return new Span(0, end);
            }
        };
    }

    @BeforeEach
    void begin() throws Exception {
        change(trails, (all, tx) -> all.create(tx, TRAIL, Map.of(), NOW));
        change(trails, (all, tx) -> all.log(tx, TRAIL, true, NOW));
        delivery = FirstTrail.delivery(ledger, catalog, archive, trails);
    }

    private interface Change {
        TrailState make(Trails trails, Catalog.Transaction tx) throws Exception;
    }

    private void change(Trails of, Change change) throws Exception {
        catalog.<TrailState, Exception>write(tx -> change.make(of, tx));
    }

    private void record(String id) {
        String json =
                """
                {"eventVersion":"1.08","eventTime":"2026-11-21T07:59:00Z",\
                "eventSource":"ec2.amazonaws.com","eventName":"RunInstances",\
                "awsRegion":"us-east-1","eventID":"%s","eventType":"AwsApiCall",\
                "managementEvent":true,"readOnly":false,"eventCategory":"Management",\
                "recipientAccountId":"123456789012"}\
                """
                        .formatted(id);
        ledger.append(
                new Entry(new Place(ACCOUNT, "us-east-1"), id, Origin.INTAKE, json.getBytes(UTF_8)),
                NOW);
    }

    private String delivered() throws Exception {
        int steps = 0;
        while (delivery.step(NOW, true) instanceof TrailDelivery.Step.More) {
            assertThat(steps++).isLessThan(STEPS_MAX);
        }
        StringBuilder all = new StringBuilder();
        for (SimulatedArchive.Stored stored : archive.objects()) {
            try (GZIPInputStream in =
                    new GZIPInputStream(new ByteArrayInputStream(stored.bytes()))) {
                all.append(new String(in.readAllBytes(), UTF_8));
            }
        }
        return all.toString();
    }

    @Test
    void events_behind_the_end_of_logging_are_not_delivered() throws Exception {
        record("while-logging");
        record("after-the-stop");
        ledger.meanwhile =
                () ->
                        change(
                                new Trails(catalog, sawUpTo(1), 5),
                                (all, tx) -> all.log(tx, TRAIL, false, NOW));

        assertThat(delivered()).contains("while-logging").doesNotContain("after-the-stop");
    }

    @Test
    void without_a_change_both_are() throws Exception {
        record("while-logging");
        record("after-the-stop");

        assertThat(delivered()).contains("while-logging", "after-the-stop");
    }
}
