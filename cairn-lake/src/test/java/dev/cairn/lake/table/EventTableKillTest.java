package dev.cairn.lake.table;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.lake.column.EventColumns;
import dev.cairn.lake.column.StoreColumns;
import dev.cairn.lake.engine.Engine;
import dev.cairn.lake.engine.Limits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.BaseTable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The process that keeps a table dies at a change to its files: before each of them in turn. When
/// it goes on each event is in the table once, and no file is there that no version names.
final class EventTableKillTest {
    private static final Instant NOW = Instant.parse("2026-11-21T20:00:00Z");
    private static final int RETENTION_DAYS = 7;

    /// More than a merge and a forgetting of old versions need.
    private static final int MANY = 25;

    @TempDir private Path folder = Path.of("");

    private Engine engine;

    @BeforeEach
    void start() throws SQLException {
        engine = Engine.start(new Limits(256L << 20, folder.resolve("spill"), 1L << 30, 2));
        engine.run(EventColumns.macros());
    }

    @AfterEach
    void stop() throws SQLException {
        engine.close();
    }

    /// What is done to a table, so that it can be begun again from wherever it was left.
    @FunctionalInterface
    private interface Work {
        void goOn(EventTable table) throws IOException, SQLException;
    }

    private EventTable open(Path where, Instant now) throws IOException {
        return EventTable.open(
                where, new EventTable.Made(List.of(0L), StoreColumns.EVENTS), engine, () -> now);
    }

    private static byte[] event(long number, String time) {
        return "{\"eventTime\":\"%s\",\"eventName\":\"A\",\"eventID\":\"e%d\",\"recipientAccountId\":\"123456789012\"}"
                .formatted(time, number)
                .getBytes(StandardCharsets.UTF_8);
    }

    /// Commits events up to a position, one at a time, from wherever the table is.
    private static Work appendUpTo(long end, String time) {
        return table -> {
            for (var at = table.standing().positions().getFirst(); at < end; at++) {
                table.append(
                        new Batch(
                                List.of(at),
                                List.of(at + 1),
                                0,
                                new ObjectMapper().createArrayNode(),
                                RETENTION_DAYS,
                                List.of(event(at, time))));
            }
        };
    }

    /// @param stride of the changes before which it dies
    private void dieBeforeEach(
            Path before, Work work, Instant now, Set<String> expected, int stride)
            throws Exception {
        var all = new DyingFiles(Integer.MAX_VALUE);
        var whole = copy(before, "whole");
        work.goOn(open(all.of(whole), now));
        check(whole, now, expected);
        assertThat(all.done()).isGreaterThan(5);
        for (var changes = 0; changes < all.done(); changes += stride) {
            var files = new DyingFiles(changes);
            var left = copy(before, "left");
            try {
                work.goOn(open(files.of(left), now));
            } catch (IOException | RuntimeException | SQLException _) {
                // Dead. Not always told: the removal of what nobody needs any more may fail.
            }
            work.goOn(open(left, now));
            check(left, now, expected);
        }
    }

    private Path copy(Path from, String name) throws IOException {
        var to = folder.resolve(name);
        if (Files.exists(to)) {
            try (var files = Files.walk(to)) {
                for (var file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
        if (!Files.exists(from)) {
            return to;
        }
        try (var files = Files.walk(from)) {
            files.forEach(file -> {
                try {
                    Files.copy(file, to.resolve(from.relativize(file).toString()));
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
            });
        }
        return to;
    }

    private void check(Path where, Instant now, Set<String> expected)
            throws IOException, SQLException {
        // Whatever a dead process left goes when the next one opens the table.
        var standing = open(where, now).standing();
        var files =
                TablePlan.of(standing.metadata()).files().stream()
                        .map(file -> Engine.text(file.toString()))
                        .collect(Collectors.joining(", ", "read_parquet([", "])"));
        var ids = new ArrayList<String>();
        try (var statement = engine.connection().createStatement();
                var rows = statement.executeQuery("SELECT eventid FROM " + files)) {
            while (rows.next()) {
                ids.add(rows.getString(1));
            }
        }
        assertThat(ids).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(standing.events()).isEqualTo(expected.size());
        assertNoLeftovers(where);
    }

    private static void assertNoLeftovers(Path where) throws IOException {
        var folder = new TableFolder(where);
        var table = new BaseTable(folder, "t");
        var named = new HashSet<Path>();
        for (var snapshot : table.snapshots()) {
            try (var tasks = table.newScan().useSnapshot(snapshot.snapshotId()).planFiles()) {
                tasks.forEach(task -> named.add(folder.files().path(task.file().location())));
            }
        }
        try (var files = Files.list(where.resolve("data"))) {
            assertThat(files.map(EventIdIndex::parquet).collect(Collectors.toSet()))
                    .isEqualTo(named);
        }
        var manifests = new HashSet<Path>();
        for (var snapshot : table.snapshots()) {
            manifests.add(folder.files().path(snapshot.manifestListLocation()));
            snapshot.allManifests(folder.files())
                    .forEach(manifest -> manifests.add(folder.files().path(manifest.path())));
        }
        try (var files = Files.list(where.resolve("metadata"))) {
            assertThat(files.filter(file -> file.toString().endsWith(".avro")))
                    .containsExactlyInAnyOrderElementsOf(manifests);
        }
    }

    private static Set<String> ids(int from, int to) {
        var ids = new HashSet<String>();
        for (var at = from; at < to; at++) {
            ids.add("e" + at);
        }
        return ids;
    }

    @Tag("long")
    @Test
    void a_table_that_is_made_and_its_first_commit() throws Exception {
        dieBeforeEach(
                folder.resolve("none"), appendUpTo(1, "2026-11-21T10:00:00Z"), NOW, ids(0, 1), 1);
    }

    @Test
    void a_commit_that_drops_days_whose_time_is_over() throws Exception {
        var before = folder.resolve("before");
        appendUpTo(2, "2026-11-15T10:00:00Z").goOn(open(before, NOW));
        dieBeforeEach(
                before,
                appendUpTo(3, "2026-11-25T10:00:00Z"),
                NOW.plus(Duration.ofDays(5)),
                ids(2, 3),
                1);
    }

    @Tag("long")
    @Test
    void a_commit_that_merges_small_files() throws Exception {
        var before = folder.resolve("before");
        appendUpTo(15, "2026-11-21T10:00:00Z").goOn(open(before, NOW));
        dieBeforeEach(before, appendUpTo(16, "2026-11-21T10:00:00Z"), NOW, ids(0, 16), 1);
    }

    @Test
    void an_import() throws Exception {
        var before = folder.resolve("before");
        appendUpTo(2, "2026-11-21T10:00:00Z").goOn(open(before, NOW));
        dieBeforeEach(
                before,
                table -> {
                    var loaded =
                            table.load(
                                    new Load(
                                            "i",
                                            0,
                                            RETENTION_DAYS,
                                            List.of(
                                                    List.of(
                                                            event(1, "2026-11-21T10:00:00Z"),
                                                            event(2, "2026-11-21T10:00:00Z"),
                                                            event(3, "2026-11-20T10:00:00Z")))));
                    assertThat(loaded.total()).as("told by the table").isEqualTo(2);
                },
                NOW,
                ids(0, 4),
                1);
    }

    /// With the forgetting of old versions, and the removal of what only they named: Iceberg asks
    /// the system's clock for when they were made.
    @Tag("long")
    @Test
    void many_commits() throws Exception {
        var now = Instant.now().plus(Duration.ofHours(3));
        var before = folder.resolve("before");
        appendUpTo(2, now.toString()).goOn(open(before, now));
        dieBeforeEach(before, appendUpTo(MANY, now.toString()), now, ids(0, MANY), 41);
    }

    /// Drops a day, forgets versions and merges two files.
    @Tag("long")
    @Test
    void what_is_due_though_nothing_comes() throws Exception {
        var now = Instant.now().plus(Duration.ofHours(3));
        var before = folder.resolve("before");
        var made = now.minus(Duration.ofDays(1));
        appendUpTo(1, now.minus(Duration.ofDays(8)).toString()).goOn(open(before, made));
        appendUpTo(3, made.toString()).goOn(open(before, made));
        dieBeforeEach(
                before,
                table -> {
                    while (table.tidy(RETENTION_DAYS) == EventTable.Tidied.MERGED) {
                        // The next.
                    }
                },
                now,
                ids(1, 3),
                2);
    }
}
