package dev.cairn.server.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.account.Caller;
import dev.cairn.digest.Digest;
import dev.cairn.digest.Sealing;
import dev.cairn.digest.Unsealed;
import dev.cairn.event.Place;
import dev.cairn.failure.Failure;
import dev.cairn.server.http.SpooledBody;
import dev.cairn.testkit.delivery.SimulatedArchive;
import dev.cairn.trail.Trail;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestimoniesTest {
    private static final String OTHER = "210987654321";
    private static final Instant START = Instant.parse("2026-11-21T06:00:00Z");

    @TempDir private Path folder;
    private TestParts parts;
    private Sealing sealing;

    @BeforeEach
    void open() throws Exception {
        parts = new TestParts(folder);
        sealing =
                new Sealing(parts.catalog, new SimulatedArchive(), parts.keys, Duration.ofHours(1));
        deliver("one", TestParts.ACCOUNT, "logs", 2);
        deliver("two", OTHER, "logs", 1);
    }

    /// A trail that was on for an hour, with files in its last digest's window and one behind it.
    private void deliver(String id, String account, String bucket, int files) throws Exception {
        Place place = new Place(account, "us-east-1");
        write(tx -> sealing.open(tx, id, place, START));
        for (int i = 0; i < files; i++) {
            add(id, place, bucket, START.plusSeconds(60L * i));
        }
        sealing.seal(
                trail(account, bucket), id, START.plus(Duration.ofHours(1)), false, (_, _) -> {});
        add(id, place, bucket, START.plus(Duration.ofHours(1)));
    }

    private void add(String id, Place place, String bucket, Instant delivered) throws Exception {
        String object =
                "AWSLogs/%s/CloudTrail/us-east-1/%s.json.gz"
                        .formatted(place.account(), delivered.getEpochSecond());
        write(tx ->
                sealing.add(
                        tx,
                        id,
                        place,
                        delivered,
                        "a",
                        new Digest.SealedFile(bucket, object, "00", START, START)));
    }

    private static Trail trail(String account, String bucket) {
        return new Trail(account, "main", "us-east-1", bucket, "", null, true, true, true, true);
    }

    private interface Work {
        void run(dev.cairn.catalog.Catalog.Transaction tx)
                throws dev.cairn.catalog.CatalogException;
    }

    private void write(Work work) throws Exception {
        parts.catalog.<Boolean, RuntimeException>write(tx -> {
            work.run(tx);
            return true;
        });
    }

    private ObjectNode ask(String account, String part, String token) throws Exception {
        var input = JsonNodeFactory.instance.objectNode().put("part", part);
        if (!token.isEmpty()) {
            input.put("nextToken", token);
        }
        var operation =
                parts.operations
                        .signedAs("cairn")
                        .orElseThrow()
                        .operation("GetTestimony")
                        .orElseThrow();
        return ((Operation.Read) operation.operation())
                .run(
                        new Invocation(
                                Caller.root(account, "AKIA0"),
                                "us-east-1",
                                input,
                                SpooledBody.of(new byte[0]),
                                TestParts.NOW));
    }

    private List<JsonNode> all(String account, String part) throws Exception {
        var all = new ArrayList<JsonNode>();
        var token = "";
        do {
            var page = ask(account, part, token);
            page.path(part).forEach(all::add);
            token = page.path("nextToken").asText("");
        } while (!token.isEmpty());
        return all;
    }

    @Test
    void the_newest_digest_of_a_run_is_its_head_and_stays_it_when_the_run_has_ended()
            throws Exception {
        var open = all(OTHER, "heads");
        assertThat(open).hasSize(1);
        assertThat(open.getFirst().path("digestEndTime").asLong())
                .isEqualTo(START.plus(Duration.ofHours(1)).getEpochSecond());
        assertThat(open.getFirst().path("signature").asText()).hasSize(512);
        assertThat(open.getFirst().path("ended").asBoolean(true)).isFalse();

        Instant stopped = START.plus(Duration.ofMinutes(90));
        sealing.seal(trail(OTHER, "logs"), "two", stopped, true, (_, _) -> {});
        assertThat(all(OTHER, "heads"))
                .singleElement()
                .satisfies(head -> {
                    assertThat(head.path("digestEndTime").asLong())
                            .isEqualTo(stopped.plusSeconds(1).getEpochSecond());
                    assertThat(head.path("ended").asBoolean()).isTrue();
                });
        assertThat(all(OTHER, "pending")).isEmpty();
    }

    @Test
    void a_file_waits_until_its_digest_is_there() throws Exception {
        assertThat(all(OTHER, "pending"))
                .singleElement()
                .satisfies(file -> {
                    assertThat(file.path("bucket").asText()).isEqualTo("logs");
                    assertThat(file.path("key").asText())
                            .startsWith("AWSLogs/" + OTHER + "/CloudTrail/");
                });
    }

    @Test
    void a_trail_that_moved_has_a_head_in_both_places_and_the_file_between_is_told()
            throws Exception {
        sealing.seal(
                trail(OTHER, "new-logs"),
                "two",
                START.plus(Duration.ofHours(2)),
                false,
                (_, _) -> {});
        assertThat(all(OTHER, "heads"))
                .extracting(head -> head.path("bucket").asText())
                .containsExactlyInAnyOrder("logs", "new-logs");
        assertThat(all(OTHER, "unsealed"))
                .singleElement()
                .satisfies(span -> {
                    assertThat(span.path("bucket").asText()).isEqualTo("logs");
                    assertThat(span.path("sealedBy").asText()).startsWith("s3://new-logs/");
                });
    }

    @Test
    void files_without_validation_are_told_as_a_span() throws Exception {
        for (int minute : new int[] {0, 5, 10}) {
            write(tx ->
                    Unsealed.withoutValidation(
                            tx,
                            "two",
                            3,
                            new Unsealed.Delivered(
                                    OTHER,
                                    "logs",
                                    "deep/AWSLogs/" + OTHER + "/CloudTrail/x",
                                    START.plusSeconds(60L * minute))));
        }
        assertThat(all(OTHER, "unsealed"))
                .singleElement()
                .satisfies(span -> {
                    assertThat(span.path("base").asText()).isEqualTo("deep/AWSLogs/" + OTHER + "/");
                    assertThat(span.path("from").asLong()).isEqualTo(START.getEpochSecond());
                    assertThat(span.path("to").asLong()).isEqualTo(START.getEpochSecond() + 600);
                });
        assertThat(all(TestParts.ACCOUNT, "unsealed")).hasSize(1);
    }

    @Test
    void an_account_hears_of_itself_and_the_default_account_of_all() throws Exception {
        assertThat(ask(OTHER, "heads", "").path("accountId").asText()).isEqualTo(OTHER);
        assertThat(ask(TestParts.ACCOUNT, "heads", "").has("accountId")).isFalse();
        assertThat(all(OTHER, "heads"))
                .extracting(head -> head.path("accountId").asText())
                .containsExactly(OTHER);
        assertThat(all(TestParts.ACCOUNT, "heads")).hasSize(2);
        assertThat(all(TestParts.ACCOUNT, "pending")).hasSize(2);
    }

    @Test
    void a_token_that_was_not_given_is_refused() {
        assertThatThrownBy(() -> ask(OTHER, "heads", "####")).isInstanceOf(Failure.class);
    }
}
