package dev.cairn.testkit.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.archive.ArchiveException;
import dev.cairn.catalog.Catalog;
import dev.cairn.delivery.TrailBooks;
import dev.cairn.delivery.TrailDelivery;
import dev.cairn.delivery.TrailDelivery.Step;
import dev.cairn.digest.Sealing;
import dev.cairn.event.Place;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.proof.Finding;
import dev.cairn.proof.Kind;
import dev.cairn.proof.Recount;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.trail.Trail;
import dev.cairn.trail.Trails;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A trail is stopped, and its bucket refuses the last digest until it is given up: the files that
/// waited for it are in the bucket, and are counted again all the same.
class GivenUpChainTest {
    private static final String ACCOUNT = "123456789012";
    private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");
    private static final int EVENTS = 3;
    private static final int STEPS_MAX = 100;
    private static final Trail TRAIL =
            new Trail(ACCOUNT, "main", "us-east-1", "logs", "", null, true, false, true, true);

    private final MemoryCatalog catalog = new MemoryCatalog();
    private final ListLedger ledger = new ListLedger(1);
    private final Trails trails = new Trails(catalog, ledger, 5);
    private boolean refuses;
    private final SimulatedArchive archive =
            new SimulatedArchive(() ->
                    new Faults() {
                        @Override
                        public void beforePut(String bucket) throws ArchiveException {
                            if (refuses) {
                                throw new ArchiveException(
                                        ArchiveException.Kind.DENIED, "AccessDenied", "no");
                            }
                        }
                    });
    private String id = "";
    private TrailDelivery delivery;

    GivenUpChainTest() throws Exception {
        change(tx -> trails.create(tx, TRAIL, Map.of(), NOW));
        change(tx -> trails.log(tx, TRAIL, true, NOW));
        id = trails.current().courses().getFirst().id();
        delivery = FirstTrail.delivery(ledger, catalog, archive, trails);
    }

    @BeforeEach
    void a_file_whose_digest_is_given_up() throws Exception {
        for (int i = 0; i < EVENTS; i++) {
            record("event-" + i);
        }
        assertThat(steps(NOW)).isInstanceOf(Step.Idle.class);
        refuses = true;
        change(tx -> trails.log(tx, TRAIL, false, NOW));
        assertThat(steps(NOW.plus(FirstTrail.PENDING_MAX))).isInstanceOf(Step.Refused.class);
        assertThat(books().validated()).isEqualTo(EVENTS);
        assertThat(steps(NOW.plus(FirstTrail.PENDING_MAX).plusSeconds(1)))
                .isInstanceOf(Step.Idle.class);
        assertThat(catalog.list(Sealing.FILE, "", "", 10)).isEmpty();
    }

    @Test
    void its_events_are_counted_again_and_come_out_even() throws Exception {
        Recount.Result result = recount();

        assertThat(result.found()).isZero();
        assertThat(result.records()).isEqualTo(EVENTS).isEqualTo(books().validated());
    }

    @Test
    void when_it_is_taken_away_that_is_found() throws Exception {
        String object = books().unnamed().getFirst().key();
        archive.remove("logs", object);

        assertThat(recount().findings())
                .containsExactly(
                        new Finding(
                                Kind.MISSING, "logs", object, "was delivered and is not there"));
    }

    @Test
    void when_the_trail_is_deleted_nothing_of_it_is_kept_in_mind() throws Exception {
        assertThat(catalog.list(Sealing.GIVEN_UP, "", "", 10)).hasSize(1);
        change(tx -> trails.delete(tx, TRAIL, NOW));

        assertThat(steps(NOW.plus(FirstTrail.PENDING_MAX).plusSeconds(2)))
                .isInstanceOf(Step.Gone.class);
        assertThat(catalog.list(Sealing.GIVEN_UP, "", "", 10)).isEmpty();
    }

    private TrailBooks books() throws Exception {
        return TrailBooks.of(catalog, id, ACCOUNT);
    }

    private Recount.Result recount() throws Exception {
        return Recount.of(archive, books().runEnds(), books().unnamed(), (_, _, _) -> {});
    }

    private Step steps(Instant now) throws Exception {
        for (int steps = 0; steps < STEPS_MAX; steps++) {
            Step step = delivery.step(now, true);
            if (!(step instanceof Step.More)) {
                return step;
            }
        }
        throw new AssertionError("expected it to come to rest");
    }

    private interface Change {
        void make(Catalog.Transaction tx) throws Exception;
    }

    private void change(Change change) throws Exception {
        catalog.<Boolean, Exception>write(tx -> {
            change.make(tx);
            return true;
        });
    }

    private void record(String eventId) {
        String json =
                """
                {"eventVersion":"1.08","eventTime":"2026-11-21T07:59:00Z",\
                "eventSource":"ec2.amazonaws.com","eventName":"RunInstances",\
                "awsRegion":"us-east-1","eventID":"%s","eventType":"AwsApiCall",\
                "managementEvent":true,"readOnly":false,"eventCategory":"Management",\
                "recipientAccountId":"123456789012"}\
                """
                        .formatted(eventId);
        ledger.append(
                new Entry(
                        new Place(ACCOUNT, "us-east-1"),
                        eventId,
                        Origin.INTAKE,
                        json.getBytes(UTF_8)),
                NOW);
    }
}
