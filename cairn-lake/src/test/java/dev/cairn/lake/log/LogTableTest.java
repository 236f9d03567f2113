package dev.cairn.lake.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.lake.engine.Engine;
import dev.cairn.lake.engine.Limits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which files are read, which are read again, and what is said of those that cannot be.
final class LogTableTest {
    @TempDir private Path folder = Path.of("");

    private Path logs = Path.of("");
    private Path cache = Path.of("");
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @BeforeEach
    void makeFolders() throws IOException {
        folder = folder.toRealPath();
        logs = Files.createDirectory(folder.resolve("AWSLogs"));
        cache = folder.resolve("cache");
    }

    private static String event(String id) {
        return "{\"eventVersion\":\"1.08\",\"eventID\":\"%s\",\"eventTime\":\"2026-01-01T00:00:00Z\",\"eventName\":\"E\"}"
                .formatted(id);
    }

    private static String file(String... ids) {
        return Arrays.stream(ids)
                .map(LogTableTest::event)
                .collect(Collectors.joining(",", "{\"Records\":[", "]}"));
    }

    private Path write(String name, String text) throws IOException {
        var path = logs.resolve(name);
        Files.createDirectories(path.getParent());
        return Files.writeString(path, text);
    }

    private static byte[] gzip(String text) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    /// What one query would see.
    private record Seen(String ids, long read, List<BadFile> bad, String leftOut) {}

    private Seen look(Keep keep, Path... roots) throws Exception {
        var limits = new Limits(128L << 20, folder.resolve("spill"), 1L << 30, 2);
        try (var table = LogTable.open(List.of(roots), keep, limits, () -> now, (_, _, _) -> {})) {
            return new Seen(
                    ids(table, limits), table.read(), table.bad(), table.leftOut().toString());
        }
    }

    private Seen look(Path... roots) throws Exception {
        return look(new Keep(cache, 1L << 30, true), roots);
    }

    private static String ids(LogTable table, Limits limits) throws SQLException {
        if (table.parts().isEmpty()) {
            return "";
        }
        var parts =
                table.parts().stream()
                        .map(part -> Engine.text(part.toString()))
                        .collect(Collectors.joining(", "));
        try (var engine = Engine.start(limits);
                var statement = engine.connection().createStatement();
                var rows =
                        statement.executeQuery(
                                "SELECT string_agg(eventid, ' ' ORDER BY eventid) FROM read_parquet(["
                                        + parts
                                        + "])")) {
            rows.next();
            return rows.getString(1);
        }
    }

    private long batches() throws IOException {
        try (var files = Files.walk(cache)) {
            return files.filter(file -> file.toString().endsWith(".batch")).count();
        }
    }

    @Test
    void files_of_all_forms_are_read_and_those_of_other_kinds_left_out_by_name() throws Exception {
        write(
                "o-abc/1/CloudTrail/us-east-1/2026/01/01/1_CloudTrail_us-east-1_x.json",
                file("a", "b"));
        Files.write(write("1/CloudTrail/x.json.gz", ""), gzip(file("c")));
        write("1/CloudTrail-Insight/i.json", file("d"));
        write("1/CloudTrail-NetworkActivity/n.json", file("e"));
        write("lines.ndjson", event("f") + "\n\n" + event("g") + "\n");
        write("array.json", "[" + event("h") + "]");
        write("one.jsonl", event("i"));
        write("1/CloudTrail-Digest/us-east-1/1_CloudTrail-Digest_us-east-1_x.json.gz", "no gzip");
        write("elsewhere/1_CloudTrail-Digest_us-east-1_x.json.gz", "no gzip");
        write("1/CloudTrail-Lake/Query/2026/result_sign.json", "{}");
        write("1/CloudTrail-Aggregated/a.json", "{}");
        write("readme.txt", "not a log file");

        var seen = look(logs);

        assertThat(seen.ids()).isEqualTo("a b c d e f g h i");
        assertThat(seen.leftOut())
                .isEqualTo(
                        "{digests=2, files of aggregated events=1, other files=1, results of queries=1}");
        assertThat(seen.bad()).isEmpty();
    }

    @Test
    void what_was_read_is_not_read_again() throws Exception {
        write("a.json", file("a"));
        assertThat(look(logs).read()).isEqualTo(1);

        var again = look(logs);

        assertThat(again.read()).isZero();
        assertThat(again.ids()).isEqualTo("a");
    }

    @Test
    void new_files_are_added_and_the_others_left_alone() throws Exception {
        write("a.json", file("a"));
        look(logs);
        write("b.json", file("b"));

        var seen = look(logs);

        assertThat(seen.read()).isEqualTo(1);
        assertThat(seen.ids()).isEqualTo("a b");
        assertThat(batches()).isEqualTo(2);
    }

    @Test
    void a_changed_file_is_read_again() throws Exception {
        var changing = write("a.json", file("a"));
        look(logs);
        Files.writeString(changing, file("z"));
        Files.setLastModifiedTime(changing, FileTime.from(now));

        assertThat(look(logs).ids()).isEqualTo("z");
        assertThat(batches()).isEqualTo(1);
    }

    @Test
    void a_file_that_is_gone_is_gone_from_the_table() throws Exception {
        write("a.json", file("a"));
        var going = write("b.json", file("b"));
        look(logs);
        Files.delete(going);

        assertThat(look(logs).ids()).isEqualTo("a");
    }

    @Test
    void many_small_batches_become_few() throws Exception {
        for (var i = 0; i < 34; i++) {
            write(i + ".json", file("e" + i));
            look(logs);
        }

        assertThat(batches()).isLessThanOrEqualTo(4);
        assertThat(look(logs).ids().split(" ")).hasSize(34);
    }

    @Test
    void bad_files_are_named_and_what_is_sound_in_them_is_taken() throws Exception {
        write("good.json", file("good"));
        write("text.json", "this is no JSON");
        write("half.json", file("h1", "h2").substring(0, 150));
        write(
                "unsound.ndjson",
                event("u1") + "\n{\"eventID\":\"x\",\"eventTime\":nonsense}\n" + event("u2"));
        write("other.json", "{\"hello\":\"world\"}");
        Files.write(
                write("latin.ndjson", ""),
                new byte[] {'{', '"', 'e', 'v', 'e', 'n', 't', (byte) 0xe9, '"', ':', '1', '}'});
        var whole =
                gzip(
                        file(
                                IntStream.range(0, 2000)
                                        .mapToObj(i -> "g%04d-%d".formatted(i, i * 7919L % 104729))
                                        .toArray(String[]::new)));
        Files.write(write("half.json.gz", ""), Arrays.copyOf(whole, whole.length / 2));
        write("none.json.gz", "");
        Files.write(write("damaged.json.gz", ""), new byte[] {0x1f, (byte) 0x8b, 'x', 'y', 'z'});

        var seen = look(logs);

        assertThat(seen.ids())
                .contains("good", "h1", "u1", "u2", "g0000-0")
                .doesNotContain("h2", "g1999");
        assertThat(
                        seen.bad().stream()
                                .map(bad ->
                                        logs.relativize(Path.of(bad.file()))
                                                + ": "
                                                + bad.message().replaceAll("java.*", "")))
                .containsExactly(
                        "damaged.json.gz: cannot be read: ",
                        "half.json: record 1: expected the rest of the body, got its end after 150 bytes",
                        "half.json.gz: cannot be read to its end: ",
                        "latin.ndjson: record 0: is not UTF-8",
                        "other.json: record 0: is no event",
                        "text.json: record 0: expected a JSON object or array, got byte 0x74 at 0",
                        "unsound.ndjson: a record is no sound JSON");
        assertThat(look(logs)).isEqualTo(new Seen(seen.ids(), 0, seen.bad(), seen.leftOut()));
    }

    @Test
    void what_a_crash_left_is_no_harm_and_goes() throws Exception {
        write("a.json", file("a"));
        look(logs);
        var shelf = shelf();
        Files.writeString(shelf.resolve("left.parquet"), "half");
        Files.writeString(shelf.resolve("left.batch.part"), "{");
        Files.writeString(shelf.resolve("left.batch"), "{\"format\":");
        write("b.json", file("b"));

        assertThat(look(logs).ids()).isEqualTo("a b");
        assertThat(shelf.resolve("left.parquet")).doesNotExist();
        assertThat(shelf.resolve("left.batch.part")).doesNotExist();
        assertThat(shelf.resolve("left.batch")).doesNotExist();
    }

    private Path shelf() throws IOException {
        try (var folders = Files.list(cache)) {
            return folders.findFirst().orElseThrow();
        }
    }

    @Test
    void a_part_that_is_not_whole_is_made_anew() throws Exception {
        write("a.json", file("a"));
        look(logs);
        try (var files = Files.list(shelf())) {
            var part = files.filter(file -> file.toString().endsWith(".parquet")).findFirst();
            Files.writeString(part.orElseThrow(), "cut off");
        }

        var seen = look(logs);

        assertThat(seen.read()).isEqualTo(1);
        assertThat(seen.ids()).isEqualTo("a");
    }

    @Test
    void the_files_asked_for_longest_ago_go_when_there_is_too_much() throws Exception {
        write("1/a.json", file("a"));
        write("2/b.json", file("b"));
        var first = logs.resolve("1");
        var second = logs.resolve("2");
        look(first);
        var one = new Shelf(shelf()).length();
        now = now.plusSeconds(60);

        look(new Keep(cache, one + one / 2, true), second);

        assertThat(look(second).read()).isZero();
        assertThat(look(first).read()).isEqualTo(1);
    }

    @Test
    void what_is_not_to_be_kept_is_not() throws Exception {
        write("a.json", file("a"));
        var passing = new Keep(folder.resolve("passing"), Long.MAX_VALUE, false);

        assertThat(look(passing, logs).ids()).isEqualTo("a");
        assertThat(cache).doesNotExist();
    }

    @Test
    void a_file_named_twice_is_read_once_and_an_event_in_two_files_is_there_twice()
            throws Exception {
        var one = write("a.json", file("a"));
        write("b.json", file("a"));

        assertThat(look(logs, one, logs).ids()).isEqualTo("a a");
    }
}
