package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `cairn query --logs` as its users type it: no server, no set-up.
final class QueryTest {
    private static final Duration END_MAX = Duration.ofMinutes(1);
    private static final String COUNTS =
            "SELECT eventName, count(*) AS n FROM logs GROUP BY 1 ORDER BY n DESC, 1";

    @TempDir private Path folder = Path.of("");

    private Path logs = Path.of("");

    @BeforeEach
    void writeLogs() throws IOException {
        logs = Files.createDirectories(folder.resolve("AWSLogs/123837392027/CloudTrail"));
        Files.writeString(logs.resolve("a.json"), file("GetObject", "PutObject", "GetObject"));
        Files.writeString(logs.resolve("b.json"), file("it's, \"so\""));
    }

    private static String file(String... names) {
        return IntStream.range(0, names.length)
                .mapToObj(at ->
                        "{\"eventVersion\":\"1.08\",\"eventID\":\"%d\",\"eventTime\":\"2026-01-01T00:00:0%dZ\",\"eventName\":\"%s\",\"userIdentity\":{\"type\":\"Root\"},\"requestParameters\":{\"a\":1}}"
                                .formatted(at, at, names[at].replace("\"", "\\\"")))
                .collect(Collectors.joining(",", "{\"Records\":[", "]}"));
    }

    private Command query(String... words) throws IOException, InterruptedException {
        return Command.run(
                folder,
                Map.of("XDG_CACHE_HOME", folder.resolve("caches").toString()),
                Command.cairn(
                        Stream.concat(Stream.of("query"), Stream.of(words))
                                .toArray(String[]::new)));
    }

    @Test
    void it_answers_in_every_form() throws Exception {
        assertThat(query(COUNTS, "--logs", logs.toString()).exited(0).out())
                .isEqualTo(
                        """
                        eventName   n
                        GetObject   2
                        PutObject   1
                        it's, "so"  1
                        """);
        assertThat(query(COUNTS, "--logs", logs.toString(), "--format", "csv").exited(0).out())
                .isEqualTo("eventName,n\nGetObject,2\nPutObject,1\n\"it's, \"\"so\"\"\",1\n");
        assertThat(
                        query(
                                        "SELECT userIdentity, userIdentity.type, requestParameters FROM logs WHERE eventName = 'PutObject'",
                                        "--logs",
                                        logs.toString(),
                                        "--format",
                                        "ndjson")
                                .exited(0)
                                .out())
                .startsWith("{\"userIdentity\":{\"type\":\"Root\",\"principalid\":null,")
                .endsWith(",\"type\":\"Root\",\"requestParameters\":{\"a\":\"1\"}}\n");
        var parquet = folder.resolve("top.parquet");
        query(COUNTS, "--logs", logs.toString(), "--out", parquet.toString()).exited(0);
        assertThat(new String(Files.readAllBytes(parquet), 0, 4, StandardCharsets.US_ASCII))
                .isEqualTo("PAR1");
        assertThat(folder.resolve("top.parquet.part")).doesNotExist();
        assertThat(folder.resolve("caches/cairn/logs")).isNotEmptyDirectory();
    }

    @Test
    void a_refused_query_exits_2_and_says_where() throws Exception {
        var refused = query("SELECT eventNme FROM logs", "--logs", logs.toString()).exited(2);

        assertThat(refused.err())
                .isEqualTo(
                        "cairn: line 1:8: column 'eventNme' is not there; did you mean 'eventname'?\n");
        assertThat(refused.out()).isEmpty();
    }

    /// Constants are worked out before a query begins, and no clock is looked at then.
    @Test
    void a_query_that_takes_too_long_before_it_begins_is_ended() throws Exception {
        var late =
                query(
                                "SELECT levenshtein_distance(rpad('a', 2000000, 'a'), rpad('b', 2000000, 'b')) FROM logs",
                                "--logs",
                                logs.toString(),
                                "--time",
                                "1s")
                        .exited(1);

        assertThat(late.err())
                .endsWith("the query failed: the query took longer than PT1S, and was ended\n");
    }

    @Test
    @Tag("long")
    void an_answer_is_drawn() throws Exception {
        assertThat(query(COUNTS, "--logs", logs.toString(), "--chart", "bar").exited(0).out())
                .isEqualTo(
                        "GetObject   %s  2\nPutObject   %s  1\nit's, \"so\"  %s  1\n"
                                .formatted(
                                        "█".repeat(50),
                                        "█".repeat(25) + " ".repeat(25),
                                        "█".repeat(25) + " ".repeat(25)));
        for (var picture : List.of("top.svg", "top.png")) {
            var file = folder.resolve(picture);
            query(COUNTS, "--logs", logs.toString(), "--chart", "line", "--out", file.toString())
                    .exited(0);
            assertThat(file).isNotEmptyFile();
        }
        assertThat(Files.readString(folder.resolve("top.svg"))).contains("<svg");
        assertThat(
                        query(
                                        "SELECT eventName FROM logs",
                                        "--logs",
                                        logs.toString(),
                                        "--chart",
                                        "bar")
                                .exited(2)
                                .err())
                .contains("expected columns of numbers");
    }

    @Test
    void a_bad_file_is_named_and_the_others_are_answered_from() throws Exception {
        Files.writeString(logs.resolve("c.json"), file("HeadObject").substring(0, 60));

        var answer =
                query("SELECT count(*) FROM logs", "--logs", logs.toString(), "--format", "csv")
                        .exited(1);

        assertThat(answer.out()).isEqualTo("_col0\n4\n");
        assertThat(answer.err()).startsWith("not whole: ").contains("c.json: record 0: ");
    }

    /// Killed, the program leaves nobody behind who goes on.
    @Test
    void the_worker_ends_with_the_program() throws Exception {
        var process =
                Command.builder(
                                folder,
                                Map.of(),
                                Command.cairn(
                                        "query",
                                        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n > 0) SELECT count(*) FROM t, logs",
                                        "--logs",
                                        logs.toString(),
                                        "--no-cache"))
                        .redirectOutput(folder.resolve("out").toFile())
                        .redirectError(folder.resolve("err").toFile())
                        .start();
        var worker = worker(process);
        process.destroyForcibly();

        assertThat(worker.onExit().get(END_MAX.toSeconds(), TimeUnit.SECONDS).isAlive()).isFalse();
    }

    private static ProcessHandle worker(Process process) throws Exception {
        Await.until(
                Await.Bound.of("a worker", END_MAX),
                () -> process.children().findAny().isPresent());
        return process.children().findAny().orElseThrow();
    }
}
