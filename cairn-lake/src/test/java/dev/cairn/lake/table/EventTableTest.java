package dev.cairn.lake.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.lake.column.EventColumns;
import dev.cairn.lake.column.Sought;
import dev.cairn.lake.column.StoreColumns;
import dev.cairn.lake.engine.Engine;
import dev.cairn.lake.engine.Limits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.iceberg.BaseTable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EventTableTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Instant NOW = Instant.parse("2026-11-21T20:00:00Z");

    @TempDir private Path folder = Path.of("");

    private Instant now = NOW;
    private Engine engine;

    @BeforeEach
    void start() throws SQLException {
        engine = engine(folder.resolve("spill"));
    }

    private static Engine engine(Path spill) throws SQLException {
        var started = Engine.start(new Limits(256L << 20, spill, 1L << 30, 2));
        started.run(EventColumns.macros());
        return started;
    }

    @AfterEach
    void stop() throws SQLException {
        engine.close();
    }

    private EventTable open() throws IOException {
        return open(folder.resolve("table"));
    }

    private EventTable open(Path where) throws IOException {
        return EventTable.open(
                where, new EventTable.Made(List.of(5L), StoreColumns.EVENTS), engine, () -> now);
    }

    private static String event(String id, String time) {
        return "{\"eventVersion\":\"1.11\",\"eventTime\":\"%s\",\"eventName\":\"PutObject\",\"eventID\":\"%s\",\"requestParameters\":{\"bucketName\":\"b\",\"n\":1},\"resources\":[{\"ARN\":\"arn:x\",\"type\":\"T\"}],\"recipientAccountId\":\"123456789012\"}"
                .formatted(time, id);
    }

    private static Batch batch(long from, long to, String... events) {
        return new Batch(
                List.of(from),
                List.of(to),
                to - from - events.length,
                JSON.createArrayNode(),
                366,
                List.of(events).stream()
                        .map(event -> event.getBytes(StandardCharsets.UTF_8))
                        .toList());
    }

    /// The answer over what a query would read.
    private List<String> read(EventTable table, String sql) throws IOException, SQLException {
        var files =
                TablePlan.of(table.standing().metadata()).files().stream()
                        .map(file -> Engine.text(file.toString()))
                        .toList();
        var rows = new ArrayList<String>();
        try (var statement = engine.connection().createStatement();
                var result =
                        statement.executeQuery(
                                sql.replace(
                                        "TABLE",
                                        "read_parquet([" + String.join(", ", files) + "])"))) {
            while (result.next()) {
                rows.add(result.getString(1));
            }
        }
        return rows;
    }

    private static List<String> ids(int from, int to) {
        var ids = new ArrayList<String>();
        for (var at = from; at < to; at++) {
            ids.add("e" + at);
        }
        return ids;
    }

    @Test
    void events_and_positions_come_together() throws Exception {
        var table = open();
        table.append(
                batch(
                        5,
                        8,
                        event("e5", "2026-11-21T10:00:00Z"),
                        event("e6", "2026-11-20T10:00:00Z")));

        var standing = open().standing();
        assertThat(standing.positions()).containsExactly(8L);
        assertThat(standing.events()).isEqualTo(2);
        // One of them, and five from before there was a table.
        assertThat(standing.filtered()).isEqualTo(6);
        assertThat(TablePlan.of(standing.metadata()).files()).as("a file a day").hasSize(2);
        assertThat(read(table, "SELECT eventid FROM TABLE ORDER BY 1")).containsExactly("e5", "e6");
        assertThat(
                        read(
                                table,
                                "SELECT requestparameters['n'] || resources[1].arn || eventjson FROM TABLE WHERE eventid = 'e5'"))
                .containsExactly("1arn:x" + event("e5", "2026-11-21T10:00:00Z"));
    }

    @Test
    void the_same_batch_again_is_refused() throws Exception {
        var table = open();
        table.append(batch(5, 6, event("e5", "2026-11-21T10:00:00Z")));

        assertThatThrownBy(() -> table.append(batch(5, 6, event("e5", "2026-11-21T10:00:00Z"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected a batch from the positions [6], got one from [5]");
        assertThat(table.standing().events()).isEqualTo(1);
    }

    private static Load load(String id, long added, String... events) {
        return new Load(id, added, 366, List.of(part(events)));
    }

    private static List<byte[]> part(String... events) {
        return List.of(events).stream()
                .map(event -> event.getBytes(StandardCharsets.UTF_8))
                .toList();
    }

    private static Loaded.Part loaded(long added, long known, long expired, Integer... unfit) {
        return new Loaded.Part(added, known, expired, List.of(unfit));
    }

    private static final String NO_ID =
            "{\"eventTime\":\"2026-11-20T10:00:00Z\",\"eventName\":\"%s\",\"recipientAccountId\":\"123456789012\"}";

    @Test
    void of_what_is_imported_each_event_is_there_once() throws Exception {
        var table = open();
        table.append(batch(5, 6, event("e5", "2026-11-20T10:00:00Z")));

        var loaded =
                table.load(
                        load(
                                "i",
                                0,
                                event("\\ud83d", "2026-11-20T10:00:00Z"),
                                event("e5", "2026-11-20T10:00:00Z"),
                                event("a", "2026-11-20T10:00:00Z"),
                                event("a", "2026-11-20T10:00:00Z"),
                                event("a", "2026-11-20T10:00:00Z").replace("1234", "4321"),
                                NO_ID.formatted("N"),
                                NO_ID.formatted("N"),
                                NO_ID.formatted("M"),
                                event("old", "2020-01-01T00:00:00Z"),
                                "{\"eventID\":"));

        assertThat(loaded).isEqualTo(new Loaded(List.of(loaded(4, 3, 1, 0, 9)), 4));
        var again =
                open().load(
                                load(
                                        "i",
                                        0,
                                        NO_ID.formatted("M"),
                                        event("a", "2026-11-20T10:00:00Z"),
                                        event("b", "2026-11-21T10:00:00Z")));
        assertThat(again)
                .as("told by the table")
                .isEqualTo(new Loaded(List.of(loaded(1, 2, 0)), 5));
        assertThat(open().load(load("j", 7, event("c", "2026-11-21T10:00:00Z"))).total())
                .isEqualTo(8);
        var standing = open().standing();
        assertThat(standing.events()).isEqualTo(7);
        assertThat(standing.imported()).isEqualTo(6);
        assertThat(standing.positions()).containsExactly(6L);
        assertThat(read(open(), "SELECT coalesce(eventid, eventname) FROM TABLE"))
                .containsExactlyInAnyOrder("e5", "a", "a", "N", "M", "b", "c");
    }

    @Test
    void each_part_of_a_load_is_told_what_became_of_it() throws Exception {
        var table = open();
        var before = table.standing().metadata();

        var loaded =
                table.load(
                        new Load(
                                "",
                                0,
                                366,
                                List.of(
                                        part(
                                                "{\"eventID\":",
                                                event("a", "2026-11-20T10:00:00Z"),
                                                event("a", "2026-11-20T10:00:00Z")),
                                        part(),
                                        part(
                                                event("a", "2026-11-20T10:00:00Z"),
                                                event("old", "2020-01-01T00:00:00Z"),
                                                event("b", "2026-11-21T10:00:00Z"),
                                                event("late", "2027-11-21T10:00:00Z")))));

        assertThat(loaded)
                .isEqualTo(
                        new Loaded(
                                List.of(loaded(1, 1, 0, 0), loaded(0, 0, 0), loaded(1, 1, 1, 3)),
                                2));
        assertThat(read(table, "SELECT eventid FROM TABLE")).containsExactlyInAnyOrder("a", "b");
        assertThat(table.standing().metadata()).as("one commit").isEqualTo(next(before));
    }

    /// The version that a commit makes of this one.
    private static Path next(Path metadata) {
        var number = Integer.parseInt(metadata.getFileName().toString().replaceAll("\\D", ""));
        return metadata.resolveSibling("v" + (number + 1) + ".metadata.json");
    }

    @Test
    void what_was_imported_is_not_committed_once_more() throws Exception {
        var table = open();
        table.load(load("", 0, event("e5", "2026-11-20T10:00:00Z")));
        table.append(
                batch(
                        5,
                        7,
                        event("e5", "2026-11-20T10:00:00Z"),
                        event("e6", "2026-11-20T10:00:00Z")));

        assertThat(read(table, "SELECT eventid FROM TABLE")).containsExactlyInAnyOrder("e5", "e6");
        var standing = table.standing();
        assertThat(standing.positions()).containsExactly(7L);
        // One that is there already, and five from before there was a table.
        assertThat(standing.filtered()).isEqualTo(6);
        assertThat(standing.events() - standing.imported()).isEqualTo(1);
    }

    @Test
    void many_small_files_of_a_day_become_one() throws Exception {
        var table = open();
        for (var at = 5; at < 30; at++) {
            table.append(batch(at, at + 1, event("e" + at, "2026-11-21T10:00:00Z")));
        }

        assertThat(TablePlan.of(table.standing().metadata()).files()).hasSizeLessThan(16);
        assertThat(table.standing().events()).isEqualTo(25);
        assertThat(read(table, "SELECT eventid FROM TABLE"))
                .containsExactlyInAnyOrderElementsOf(ids(5, 30));
    }

    @Test
    void the_files_of_a_day_that_is_over_become_one_when_nothing_comes_any_more() throws Exception {
        var table = open();
        table.append(batch(5, 6, event("e5", "2026-11-20T10:00:00Z")));
        table.append(batch(6, 7, event("e6", "2026-11-20T10:00:00Z")));
        now = Instant.now();
        var today = now.truncatedTo(ChronoUnit.DAYS).toString();
        table.append(batch(7, 8, event("e7", today)));
        table.append(batch(8, 9, event("e8", today)));
        assertThat(table.tidy(366)).as("written just now").isEqualTo(EventTable.Tidied.LATER);

        now = now.plusSeconds(61);
        if (!now.truncatedTo(ChronoUnit.DAYS).toString().equals(today)) {
            now = Instant.parse(today).plus(Duration.ofDays(1)).minusSeconds(1);
        }

        assertThat(table.tidy(366)).isEqualTo(EventTable.Tidied.MERGED);
        assertThat(table.tidy(366)).isEqualTo(EventTable.Tidied.NOTHING);
        assertThat(TablePlan.of(table.standing().metadata()).files())
                .as("one of that day, two of today")
                .hasSize(3);
        assertThat(read(table, "SELECT eventid FROM TABLE"))
                .containsExactlyInAnyOrderElementsOf(ids(5, 9));
        assertThat(table.standing().positions()).containsExactly(9L);
    }

    @Test
    void a_day_with_a_damaged_file_stays_as_it_is() throws Exception {
        var table = open();
        table.append(batch(5, 6, event("e5", "2026-11-20T10:00:00Z")));
        table.append(batch(6, 7, event("e6", "2026-11-20T10:00:00Z")));
        now = Instant.now().plusSeconds(61);
        var files = TablePlan.of(table.standing().metadata()).files();
        Files.write(files.getFirst(), new byte[100]);
        Files.setLastModifiedTime(files.getFirst(), FileTime.from(NOW));

        assertThat(table.tidy(366)).isEqualTo(EventTable.Tidied.NOTHING);
        assertThat(TablePlan.of(table.standing().metadata()).files()).hasSize(2);
    }

    @Test
    void days_whose_time_is_over_go_and_are_counted() throws Exception {
        var table = open();
        table.append(
                batch(
                        5,
                        7,
                        event("old", "2026-11-20T23:59:59Z"),
                        event("new", "2026-11-21T00:00:00Z")));
        now = Instant.parse("2027-11-22T00:00:01Z");
        table.append(batch(7, 8, event("newest", "2027-11-22T00:00:00Z")));

        assertThat(read(table, "SELECT eventid FROM TABLE"))
                .containsExactlyInAnyOrder("new", "newest");
        assertThat(table.standing().expired()).isEqualTo(1);
        assertThat(table.standing().events()).isEqualTo(2);
    }

    /// A file for each day since the year 1 would stall every table.
    @Test
    void what_is_too_old_when_it_comes_is_not_taken_and_counted() throws Exception {
        var table = open();
        table.append(batch(5, 6, event("new", "2026-11-21T00:00:00Z")));
        table.append(
                batch(
                        6,
                        10,
                        event("newer", "2026-11-21T10:00:00Z"),
                        event("kept", "2025-11-20T00:00:00Z"),
                        event("old", "2025-11-19T23:59:59Z"),
                        event("oldest", "0001-01-01T00:00:00Z")));

        assertThat(read(table, "SELECT eventid FROM TABLE"))
                .containsExactlyInAnyOrder("new", "newer", "kept");
        assertThat(table.standing().expired()).isEqualTo(2);
        assertThat(table.standing().filtered()).isEqualTo(5);
        now = Instant.parse("2026-11-22T00:00:01Z");
        table.append(batch(10, 11, event("oldest", "0001-01-01T00:00:00Z")));
        assertThat(table.standing().expired()).as("with those that were in it").isEqualTo(4);
        assertThat(table.standing().events()).isEqualTo(2);
    }

    /// It would be a file for each day until the year 9999, and none of them ever too old.
    @Test
    void what_has_not_come_yet_is_set_aside_and_named() throws Exception {
        var table = open();
        var soon = event("soon", now.plus(Duration.ofHours(23)).toString());
        var ahead = event("ahead", now.plus(Duration.ofHours(25)).toString());
        table.append(batch(5, 7, soon, ahead));

        assertThat(read(table, "SELECT eventid FROM TABLE")).containsExactly("soon");
        assertThat(table.standing().setAside()).isEqualTo(1);
        assertThat(table.standing().reasons().toString()).contains("has not come");
        var loaded =
                table.load(
                        load(
                                "",
                                0,
                                event("last", "9999-12-31T23:59:59Z"),
                                event("fine", "2026-11-21T10:00:00Z"),
                                ahead));
        assertThat(loaded.parts().getFirst().added()).isEqualTo(1);
        assertThat(loaded.parts().getFirst().unfit()).containsExactly(0, 2);
    }

    private static Sought ids(String... ids) {
        return new Sought(Optional.of(Set.of(ids)), Optional.empty(), Optional.empty());
    }

    private static Sought between(String from, String to) {
        return new Sought(
                Optional.empty(),
                Optional.of(LocalDateTime.parse(from)),
                Optional.of(LocalDateTime.parse(to)));
    }

    private static long sought(EventTable table, Sought sought) throws IOException {
        return TablePlan.of(table.standing().metadata(), sought).events();
    }

    @Test
    void only_files_that_may_have_an_event_are_looked_at() throws Exception {
        var table = open();
        for (var at = 5; at < 9; at++) {
            table.append(
                    batch(
                            at,
                            at + 1,
                            event("é" + at, "2026-11-21T1%d:00:00.123456Z".formatted(at))));
        }
        table.append(batch(9, 10, "{\"eventTime\":\"2026-11-20T10:00:00Z\"}"));

        assertThat(sought(table, ids("é6", "é8", "none"))).isEqualTo(2);
        assertThat(sought(table, ids("none"))).isZero();
        assertThat(sought(table, between("2026-11-21T16:00:00.123456", "2026-11-21T17:00:00")))
                .as("both inclusive, to the microsecond")
                .isEqualTo(1);
        assertThat(sought(table, between("2026-11-21T16:00:00.123457", "2026-11-21T17:00:00")))
                .isZero();
        assertThat(sought(table, between("2026-11-20T00:00:00", "2026-11-20T23:00:00")))
                .isEqualTo(1);
        assertThat(sought(table, Sought.ALL)).isEqualTo(5);
    }

    @Test
    void a_file_that_is_damaged_does_not_hold_up_what_comes_next() throws Exception {
        var table = open();
        table.append(batch(5, 6, event("e5", "2026-11-21T10:00:00Z")));
        var bad = TablePlan.of(table.standing().metadata()).files().getFirst();
        Files.write(bad, new byte[10]);
        for (var at = 6; at < 26; at++) {
            table.append(batch(at, at + 1, event("e" + at, "2026-11-21T10:00:00Z")));
        }

        assertThat(open().standing().positions()).containsExactly(26L);
        assertThat(open().standing().events()).isEqualTo(21);
        assertThat(TablePlan.of(table.standing().metadata()).files()).contains(bad).hasSize(21);
    }

    @Test
    void a_merged_file_has_an_index_and_goes_with_it() throws Exception {
        var table = open();
        for (var at = 5; at < 30; at++) {
            table.append(batch(at, at + 1, event("e" + at, "2026-11-21T10:00:00Z")));
        }
        assertThat(sought(table, ids("e6"))).as("one of many in its file").isGreaterThan(1);
        assertThat(sought(table, ids("e29"))).isEqualTo(1);

        // Iceberg asks the system's clock for when a version was made.
        now = Instant.now().plus(Duration.ofHours(3));
        assertThat(table.tidy(3653)).isEqualTo(EventTable.Tidied.MERGED);
        assertThat(table.tidy(3653)).isEqualTo(EventTable.Tidied.NOTHING);
        var left = TablePlan.of(table.standing().metadata()).files();
        assertThat(left).hasSize(1);
        try (var files = Files.list(folder.resolve("table/data"))) {
            assertThat(files)
                    .containsExactlyInAnyOrder(left.getFirst(), EventIdIndex.of(left.getFirst()));
        }
        try (var files = Files.list(folder.resolve("table/metadata"))) {
            assertThat(files.filter(file -> file.toString().contains("snap-")))
                    .as("the version that there is")
                    .hasSize(1);
        }
    }

    /// A query that has asked for the version reads it a moment later.
    @Test
    void the_version_that_was_current_two_hours_ago_stays() throws Exception {
        var table = open();
        table.append(batch(5, 6, event("e5", "2026-11-21T10:00:00Z")));
        var first = table.standing().metadata();
        var made =
                TableFolder.read(folder.resolve("table"), first)
                        .currentSnapshot()
                        .timestampMillis();
        table.append(batch(6, 7, event("e6", "2026-11-21T10:00:00Z")));
        now = Instant.ofEpochMilli(made).plus(Duration.ofHours(2));

        assertThat(table.tidy(3653)).isEqualTo(EventTable.Tidied.MERGED);
        assertThat(TablePlan.of(first).events()).isEqualTo(1);
    }

    @Test
    void old_versions_are_forgotten_by_commits_as_well() throws Exception {
        var table = open();
        now = Instant.now().plus(Duration.ofHours(3));
        for (var at = 5; at < 25; at++) {
            table.append(batch(at, at + 1, event("e" + at, "2026-11-21T10:00:00Z")));
        }

        assertThat(
                        TableFolder.read(folder.resolve("table"), table.standing().metadata())
                                .snapshots())
                .as("of twenty commits")
                .hasSizeLessThan(3);
    }

    @Test
    void days_whose_time_is_over_go_though_nothing_comes() throws Exception {
        var table = open();
        table.append(batch(5, 6, event("e5", "2026-11-20T10:00:00Z")));
        table.append(batch(6, 7, event("e6", "2026-11-21T10:00:00Z")));
        now = Instant.parse("2026-11-28T00:00:01Z");

        assertThat(table.tidy(7)).isEqualTo(EventTable.Tidied.NOTHING);
        assertThat(read(table, "SELECT eventid FROM TABLE")).containsExactly("e6");
        assertThat(table.standing().expired()).isEqualTo(1);
        assertThat(table.standing().positions()).containsExactly(7L);
    }

    @Test
    void a_table_that_is_damaged_is_opened_and_filled() throws Exception {
        var table = open();
        table.append(batch(5, 6, event("e5", "2026-11-20T10:00:00Z")));
        try (var files = Files.list(folder.resolve("table/metadata"))) {
            for (var file : files.filter(file -> file.toString().endsWith("-m0.avro")).toList()) {
                Files.write(file, new byte[100]);
            }
        }

        var opened = open();
        opened.append(batch(6, 7, event("e6", "2026-11-21T10:00:00Z")));
        assertThat(opened.standing().positions()).containsExactly(7L);
        try (var files = Files.list(folder.resolve("table/data"))) {
            assertThat(files).as("nothing was taken for a leftover").hasSize(4);
        }
        assertThat(opened.tidy(366)).isEqualTo(EventTable.Tidied.NOTHING);
        assertThatThrownBy(() -> TablePlan.of(opened.standing().metadata()))
                .hasMessageContaining("cannot be read");
    }

    @Test
    void without_a_sound_index_every_event_may_be_there() throws Exception {
        var table = open();
        table.append(batch(5, 6, event("e5", "2026-11-21T10:00:00Z")));
        var index = EventIdIndex.of(TablePlan.of(table.standing().metadata()).files().getFirst());
        var sound = Files.readAllBytes(index);
        assertThat(sought(table, ids("none"))).isZero();

        for (var bytes : List.of(new byte[0], new byte[16], Arrays.copyOf(sound, 15))) {
            Files.write(index, bytes);
            assertThat(sought(table, ids("none"))).isEqualTo(1);
        }
        Files.delete(index);
        assertThat(sought(table, ids("none"))).isEqualTo(1);
        assertThat(sought(open(), ids("e5"))).isEqualTo(1);
    }

    @Test
    void what_is_no_sound_json_is_set_aside() throws Exception {
        var table = open();
        table.append(batch(5, 7, event("e5", "2026-11-21T10:00:00Z"), "{\"eventID\":"));

        var standing = table.standing();
        assertThat(standing.events()).isEqualTo(1);
        assertThat(standing.setAside()).isEqualTo(1);
        assertThat(standing.reasons().toString()).contains("is no sound JSON");
    }

    @Test
    void files_that_no_version_names_are_removed_and_the_others_stay() throws Exception {
        var table = open();
        table.append(batch(5, 6, event("e5", "2026-11-21T10:00:00Z")));
        var leftover = Files.writeString(folder.resolve("table/data/half.parquet"), "PAR1");
        var index = Files.writeString(folder.resolve("table/data/other.ids"), "cairnid1");
        var draft = Files.writeString(folder.resolve("table/metadata/v3.metadata.json.draft"), "{");

        var again = open();

        assertThat(leftover).doesNotExist();
        assertThat(index).doesNotExist();
        assertThat(draft).doesNotExist();
        assertThat(read(again, "SELECT eventid FROM TABLE")).containsExactly("e5");
    }

    @Test
    void a_folder_that_was_moved_is_the_same_table() throws Exception {
        open().append(batch(5, 6, event("e5", "2026-11-21T10:00:00Z")));
        Files.move(folder.resolve("table"), folder.resolve("moved"));

        var moved = open(folder.resolve("moved"));
        moved.append(batch(6, 7, event("e6", "2026-11-21T10:00:00Z")));

        assertThat(read(moved, "SELECT eventid FROM TABLE")).containsExactlyInAnyOrder("e5", "e6");
        assertThat(folder.resolve("table")).doesNotExist();
    }

    /// What any Iceberg engine sees: the schema by field ids, and the number of rows.
    @Test
    void the_files_have_the_field_ids_of_the_schema() throws Exception {
        var table = open();
        table.append(batch(5, 6, event("e5", "2026-11-21T10:00:00Z")));
        var file = TablePlan.of(table.standing().metadata()).files().getFirst();
        var schema = new BaseTable(new TableFolder(folder.resolve("table")), "t").schema();

        var wrong = new ArrayList<String>();
        try (var statement = engine.connection().createStatement();
                var rows =
                        statement.executeQuery(
                                "SELECT name, field_id FROM parquet_schema('" + file + "')")) {
            while (rows.next()) {
                var id = rows.getInt(2);
                if (!rows.wasNull()) {
                    var field = schema.findField(id);
                    if (field == null || !field.name().equals(rows.getString(1))) {
                        wrong.add(rows.getString(1) + " " + id + " " + field);
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(schema.findField("useridentity.sessioncontext.attributes.creationdate"))
                .isNotNull();
    }
}
