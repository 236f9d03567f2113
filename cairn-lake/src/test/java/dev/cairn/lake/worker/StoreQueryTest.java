package dev.cairn.lake.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.lake.column.Sought;
import dev.cairn.lake.column.StoreColumns;
import dev.cairn.lake.table.TablePlan;
import dev.cairn.lake.table.Tables;
import java.io.DataOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Queries over event data stores: what is committed, and what is not yet.
final class StoreQueryTest {
    private static final String FIRST = "0a1b2c3d-0000-4000-8000-000000000001";
    private static final String SECOND = "0a1b2c3d-0000-4000-8000-000000000002";

    @TempDir private Path folder = Path.of("");

    private static String event(String id) {
        return "{\"eventID\":\"%s\",\"eventTime\":\"2026-11-21T10:00:00Z\",\"eventName\":\"A\"}"
                .formatted(id);
    }

    private Path tail(String... events) throws Exception {
        var file = folder.resolve("tail");
        try (var out = new DataOutputStream(Files.newOutputStream(file))) {
            for (var event : events) {
                var bytes = event.getBytes(StandardCharsets.UTF_8);
                out.writeInt(bytes.length);
                out.write(bytes);
            }
        }
        return file;
    }

    private ObjectNode question(String sql) {
        var question = Asked.question(sql, folder);
        question.remove("logs");
        question.putArray("stores");
        return question;
    }

    @Test
    void a_worker_that_is_told_so_waits_for_the_next_question() throws Exception {
        var asked =
                Asked.of(
                        List.of(
                                counting("count(*)", "a").put("more", true).toString(),
                                "go",
                                counting("nothing", "b").put("more", true).toString(),
                                counting("count(*)", "c", "d").toString(),
                                "go"));

        assertThat(asked.code()).isZero();
        assertThat(asked.rows()).extracting(Object::toString).containsExactly("[1]", "[2]");
        assertThat(asked.said())
                .filteredOn(said -> said.has("ready") || said.has("done") || said.has("refused"))
                .extracting(said -> said.fieldNames().next())
                .containsExactly("done", "ready", "refused", "ready", "done");
    }

    private ObjectNode counting(String what, String... events) throws Exception {
        var question = question("SELECT %s FROM %s".formatted(what, FIRST));
        var file = folder.resolve("tail of " + events[0]);
        Files.move(
                tail(Arrays.stream(events).map(StoreQueryTest::event).toArray(String[]::new)),
                file);
        question.withArray("stores")
                .addObject()
                .put("id", FIRST)
                .put("columns", "events")
                .put("tail", file.toString());
        return question;
    }

    @Test
    void committed_events_and_those_since_are_one_table() throws Exception {
        var question =
                question(
                        "SELECT eventID, eventJsonChecksum IS NOT NULL FROM "
                                + FIRST
                                + " ORDER BY 1");
        question.withArray("stores")
                .addObject()
                .put("id", FIRST)
                .put(
                        "metadata",
                        Tables.of(folder.resolve("table"), event("a"), event("b")).toString())
                .put("tail", tail(event("c"), "{ no JSON").toString());

        var asked = Asked.of(question);

        assertThat(asked.rows().toString()).isEqualTo("[[\"a\",true], [\"b\",true], [\"c\",true]]");
        assertThat(asked.said().getFirst().has("accepted")).isTrue();
        assertThat(asked.word("scanned").path("events").asLong()).isEqualTo(4);
    }

    @Test
    void files_that_cannot_have_what_is_sought_are_not_read() throws Exception {
        var metadata =
                Tables.of(folder.resolve("table"), event("a"), event("b").replace("-21T", "-20T"));
        var question =
                question("SELECT eventID FROM %s WHERE eventID IN ('b', 'c')".formatted(FIRST));
        question.withArray("stores")
                .addObject()
                .put("id", FIRST)
                .put("metadata", metadata.toString())
                .put("tail", tail(event("c")).toString());

        var asked = Asked.of(question);

        assertThat(asked.rows()).hasSize(2);
        assertThat(asked.word("scanned").path("events").asLong()).isEqualTo(2);
    }

    /// The others can be read by whoever asks for them.
    @Test
    void a_file_that_is_damaged_or_gone_is_named_and_the_others_are_answered_from()
            throws Exception {
        var metadata =
                Tables.of(folder.resolve("table"), event("a"), event("b").replace("-21T", "-20T"));
        var bad =
                TablePlan.of(
                                metadata,
                                new Sought(
                                        Optional.of(Set.of("a")),
                                        Optional.empty(),
                                        Optional.empty()))
                        .files()
                        .getFirst();
        var question = question("SELECT eventName, count(*) FROM %s GROUP BY 1".formatted(FIRST));
        question.withArray("stores")
                .addObject()
                .put("id", FIRST)
                .put("metadata", metadata.toString());
        var sound = Files.readAllBytes(bad);
        var torn = sound.clone();
        Arrays.fill(torn, torn.length - 200, torn.length - 100, (byte) 7);
        for (var bytes : List.of(Arrays.copyOf(sound, sound.length / 2), torn)) {
            Files.write(bad, bytes);
            assertThat(Asked.of(question).word("failed").asText())
                    .contains(bad.getFileName().toString());
        }
        Files.delete(bad);
        assertThat(Asked.of(question).word("failed").asText())
                .contains(bad.getFileName().toString());

        question.put(
                "sql",
                "SELECT eventID FROM %s WHERE eventTime < '2026-11-21 00:00:00'".formatted(FIRST));
        assertThat(Asked.of(question).rows().toString()).isEqualTo("[[\"b\"]]");
    }

    @Test
    void a_version_of_a_table_that_is_damaged_is_named() throws Exception {
        var metadata = Tables.of(folder.resolve("table"), event("a"));
        var question = question("SELECT eventID FROM " + FIRST);
        question.withArray("stores")
                .addObject()
                .put("id", FIRST)
                .put("metadata", metadata.toString());
        Files.writeString(metadata, "{");

        assertThat(Asked.of(question).word("failed").asText())
                .contains(metadata.getFileName().toString());
    }

    @Test
    void a_store_of_activity_has_columns_of_its_own() throws Exception {
        var record =
                "{\"eventID\":\"%s\",\"eventTime\":\"2026-11-21T10:00:00Z\",\"metadata\":{\"channelARN\":\"c\"},\"eventData\":{\"UID\":\"u\",\"eventName\":\"Refund\",\"userIdentity\":{\"principalId\":\"p\",\"details\":{\"n\":1}}}}";
        var question =
                question(
                        "SELECT eventID, eventData.eventName, eventData.userIdentity.details['n'], metadata.channelARN FROM %s WHERE eventData.UID = 'u' ORDER BY 1"
                                .formatted(FIRST));
        question.withArray("stores")
                .addObject()
                .put("id", FIRST)
                .put("columns", "activity")
                .put(
                        "metadata",
                        Tables.of(
                                        folder.resolve("table"),
                                        StoreColumns.ACTIVITY,
                                        record.formatted("a"))
                                .toString())
                .put("tail", tail(record.formatted("b")).toString());

        assertThat(Asked.of(question).rows().toString())
                .isEqualTo("[[\"a\",\"Refund\",\"1\",\"c\"], [\"b\",\"Refund\",\"1\",\"c\"]]");
        question.put("sql", "SELECT eventName FROM " + FIRST);
        assertThat(Asked.of(question).word("refused").asText()).contains("is not there");
    }

    @Test
    void what_was_imported_and_is_in_the_tail_as_well_is_there_once() throws Exception {
        var question = question("SELECT eventID FROM " + FIRST + " ORDER BY 1");
        question.withArray("stores")
                .addObject()
                .put("id", FIRST)
                .put(
                        "metadata",
                        Tables.imported(folder.resolve("table"), event("a"), event("b")).toString())
                .put("tail", tail(event("b"), event("c")).toString());

        assertThat(Asked.of(question).rows().toString()).isEqualTo("[[\"a\"], [\"b\"], [\"c\"]]");
    }

    @Test
    void stores_are_joined_by_id_and_arn_and_an_empty_one_is_empty() throws Exception {
        var arn = "arn:aws:cloudtrail:us-east-1:123456789012:eventdatastore/" + SECOND;
        var question =
                question(
                        "SELECT count(*), (SELECT count(*) FROM %s) FROM %s a JOIN %s b ON a.eventID = b.eventID"
                                .formatted(arn, FIRST, FIRST));
        question.withArray("stores")
                .addObject()
                .put("id", FIRST)
                .put("tail", tail(event("c")).toString());
        question.withArray("stores").addObject().put("id", SECOND);

        assertThat(Asked.of(question).rows().toString()).isEqualTo("[[1,0]]");
    }

    @Test
    void what_is_not_among_the_stores_cannot_be_reached() throws Exception {
        for (var table : List.of("logs", SECOND, "\"tail 0\"", "duckdb_settings")) {
            var question = question("SELECT * FROM " + table);
            question.withArray("stores")
                    .addObject()
                    .put("id", FIRST)
                    .put("tail", tail(event("c")).toString());

            assertThat(Asked.of(question).word("refused").asText()).contains("is not there");
        }
    }

    @Test
    void a_refusal_names_the_place_in_what_was_written() throws Exception {
        var sql = "SELECT eventID\nFROM " + FIRST + " WHERE nothing = 1";
        var question = question(sql);
        question.withArray("stores").addObject().put("id", FIRST);

        assertThat(Asked.of(question).word("refused").asText())
                .isEqualTo("line 2:49: column 'nothing' is not there");
    }
}
