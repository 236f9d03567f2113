package dev.cairn.lake.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.lake.engine.Engine;
import dev.cairn.lake.engine.Limits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a worker says, and what a query in it cannot do.
final class WorkerTest {
    @TempDir private Path folder = Path.of("");

    private Path logs = Path.of("");

    @BeforeEach
    void writeLogs() throws Exception {
        logs = Files.createDirectory(folder.resolve("logs"));
        try (var in = WorkerTest.class.getResourceAsStream("events.ndjson")) {
            assertThat(in).isNotNull();
            Files.write(logs.resolve("events.ndjson"), in.readAllBytes());
        }
    }

    @Test
    void it_tells_what_it_read_then_columns_then_rows_then_that_it_is_done() throws Exception {
        var asked =
                Asked.of("SELECT eventSource AS s, count(*) FROM logs GROUP BY 1 ORDER BY 1", logs);

        assertThat(asked.code()).isZero();
        assertThat(asked.word("read").toString())
                .isEqualTo("{\"files\":1,\"new\":1,\"events\":4,\"leftOut\":{},\"bad\":[]}");
        assertThat(asked.word("columns").toString()).isEqualTo("[\"s\",\"_col1\"]");
        assertThat(asked.rows().toString())
                .isEqualTo(
                        "[[\"ec2.amazonaws.com\",2], [\"s3.amazonaws.com\",1], [\"signin.amazonaws.com\",1]]");
        assertThat(asked.said().getLast().toString()).isEqualTo("{\"done\":{\"rows\":3}}");
    }

    @Test
    void a_refused_query_reads_nothing() throws Exception {
        var asked = Asked.of("SELECT nothing FROM logs", logs);

        assertThat(asked.said().toString())
                .isEqualTo("[{\"refused\":\"line 1:8: column 'nothing' is not there\"}]");
    }

    @Test
    void a_query_that_fails_while_it_runs_says_so_without_our_sql() throws Exception {
        var asked = Asked.of("SELECT cast(eventName AS bigint) FROM logs", logs);

        assertThat(asked.word("failed").asText())
                .contains("Could not convert")
                .doesNotContain("LINE ")
                .doesNotContain("SELECT");
    }

    @Test
    void a_query_that_does_not_end_is_ended() throws Exception {
        var question =
                Asked.question(
                        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n > 0) SELECT count(*) FROM t",
                        folder,
                        logs);
        question.put("milliseconds", 200);

        assertThat(Asked.of(question).word("failed").asText())
                .isEqualTo("the query took longer than PT0.2S, and was ended");
    }

    @Test
    void a_query_that_needs_more_disk_than_it_may_have_fails() throws Exception {
        var question =
                Asked.question(
                        "SELECT count(*) FROM (SELECT a.n, b.n AS m, row_number() OVER (ORDER BY a.n * b.n DESC, b.n) AS r"
                                + " FROM UNNEST(sequence(1, 6000)) a(n) CROSS JOIN UNNEST(sequence(1, 6000)) b(n)) WHERE r > 5",
                        folder,
                        logs);
        question.put("memoryBytes", 64L << 20).put("spillBytes", 1L << 20);

        assertThat(Asked.of(question).word("failed").asText()).containsIgnoringCase("memory");
    }

    /// Ten million groups, whose keys alone are 650 MB.
    @Tag("long")
    @Test
    void a_query_whose_state_is_ten_times_its_memory_goes_on_disk_and_finishes() throws Exception {
        var question =
                Asked.question(
                        "SELECT count(*), max(n) FROM (SELECT k, count(*) AS n FROM"
                                + " (SELECT to_hex(md5(to_utf8(CAST(a.n * 4000 + b.n AS varchar)))) || '-0123456789abcdef0123456789abcdef' AS k"
                                + " FROM UNNEST(sequence(0, 2499)) a(n) CROSS JOIN UNNEST(sequence(0, 3999)) b(n)) GROUP BY k)",
                        folder,
                        logs);
        question.put("memoryBytes", 100L << 20)
                .put("spillBytes", 8L << 30)
                .put("milliseconds", 600_000);

        assertThat(Asked.of(question).rows().toString()).isEqualTo("[[10000000,1]]");
    }

    @Test
    void an_answer_can_be_a_parquet_file() throws Exception {
        var file = folder.resolve("it's.parquet");
        var question =
                Asked.question(
                        "SELECT eventName, userIdentity.type, requestParameters, resources, userIdentity.sessionContext.sessionIssuer.type, eventTime, sum(1) AS n FROM logs GROUP BY 1, 2, 3, 4, 5, 6",
                        folder,
                        logs);
        question.put("parquet", file.toString());

        assertThat(Asked.of(question).said().getLast().toString())
                .isEqualTo("{\"done\":{\"rows\":4}}");
        try (var connection = DriverManager.getConnection("jdbc:duckdb:");
                var statement = connection.createStatement();
                var rows =
                        statement.executeQuery(
                                "SELECT string_agg(column_name || ' ' || column_type, ', ') FROM (DESCRIBE SELECT * FROM read_parquet('"
                                        + file.toString().replace("'", "''")
                                        + "'))")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getString(1))
                    .isEqualTo(
                            "eventName VARCHAR, type VARCHAR, requestParameters MAP(VARCHAR, VARCHAR),"
                                    + " resources STRUCT(accountid VARCHAR, \"type\" VARCHAR, arn VARCHAR, arnprefix VARCHAR)[],"
                                    + " type_2 VARCHAR, eventTime TIMESTAMP, n BIGINT");
        }
    }

    /// As `cairn query --eds` makes one of what a server sends.
    @Test
    void rows_can_be_made_a_parquet_file_again() throws Exception {
        var sql =
                "SELECT eventName, userIdentity, requestParameters, resources, eventTime, eventTime AT TIME ZONE 'UTC' AS z, sum(1) AS n, 1.5 AS d, 1e0 / 3 AS x, readOnly, NULL AS nothing, CAST(eventTime AS DATE) AS day, json_extract('{\"a\": \"b\"}', '$.a') AS j FROM logs GROUP BY 1, 2, 3, 4, 5, 6, 10 ORDER BY 5, 1";
        var sent = Asked.of(sql, logs);
        var file = folder.resolve("rows");
        Files.writeString(
                file,
                sent.rows().stream()
                        .map(row -> row + "\n")
                        .collect(java.util.stream.Collectors.joining()));
        var made = folder.resolve("made.parquet");
        var question = Asked.question("", folder);
        question.remove("logs");
        question.put("parquet", made.toString());
        var rows = question.putObject("rows").put("file", file.toString());
        rows.set("columns", sent.word("columns"));
        rows.set("types", sent.word("types"));

        assertThat(Asked.of(question).said().getLast().toString())
                .isEqualTo("{\"done\":{\"rows\":4}}");
        var direct = folder.resolve("direct.parquet");
        var _ = Asked.of(Asked.question(sql, folder, logs).put("parquet", direct.toString()));
        for (var asked : List.of("DESCRIBE SELECT * FROM '%s'", "FROM '%s'")) {
            assertThat(read(asked.formatted(made))).isEqualTo(read(asked.formatted(direct)));
        }
    }

    private static List<String> read(String sql) throws SQLException {
        var read = new java.util.ArrayList<String>();
        try (var connection = DriverManager.getConnection("jdbc:duckdb:");
                var statement = connection.createStatement();
                var rows =
                        statement.executeQuery("SELECT CAST(t AS VARCHAR) FROM (" + sql + ") t")) {
            while (rows.next()) {
                read.add(rows.getString(1));
            }
        }
        return read;
    }

    /// Whoever speaks for a server cannot make of a type what it is not.
    @Test
    void what_rows_say_of_their_types_reads_no_other_file() throws Exception {
        var file = Files.writeString(folder.resolve("rows"), "[1]\n");
        var question = Asked.question("", folder);
        question.remove("logs");
        question.put("parquet", folder.resolve("made.parquet").toString());
        var rows = question.putObject("rows").put("file", file.toString());
        rows.putArray("columns").add("a");
        rows.putArray("types")
                .add("VARCHAR), (SELECT content FROM read_text('/etc/passwd')), CAST(1 AS INTEGER");

        assertThat(Asked.of(question).word("failed").asText()).contains("/etc/passwd");
    }

    @Test
    void no_log_files_are_an_empty_table() throws Exception {
        var empty = Files.createDirectory(folder.resolve("empty"));

        assertThat(Asked.of("SELECT count(*), max(eventTime) FROM logs", empty).rows().toString())
                .isEqualTo("[[0,null]]");
        assertThat(
                        Asked.of("SELECT userIdentity.arn FROM logs, UNNEST(resources) r", empty)
                                .said()
                                .getLast()
                                .toString())
                .isEqualTo("{\"done\":{\"rows\":0}}");
    }

    /// The second wall, behind the one that no such SQL is ever written.
    @Test
    void an_engine_that_is_closed_off_reaches_its_files_and_nothing_else() throws Exception {
        var mine = Files.writeString(folder.resolve("mine.csv"), "a\n1\n");
        var other = Files.writeString(folder.resolve("other.csv"), "a\n2\n");
        var limits = new Limits(64L << 20, folder.resolve("spill"), 1L << 20, 1);
        try (var engine = Engine.start(limits)) {
            engine.lock(List.of(mine.toString()));

            engine.run("SELECT * FROM read_csv('" + mine + "')");
            for (var attempt :
                    List.of(
                            "SELECT * FROM read_csv('" + other + "')",
                            "SELECT * FROM read_text('/etc/passwd')",
                            "SELECT * FROM glob('/etc/*')",
                            "COPY (SELECT 1) TO '" + folder.resolve("written.csv") + "'",
                            "ATTACH '" + folder.resolve("new.db") + "'",
                            "SET memory_limit = '10GB'",
                            "SET enable_external_access = true",
                            "SET lock_configuration = false",
                            "INSTALL httpfs",
                            "LOAD '" + other + "'")) {
                assertThatThrownBy(() -> engine.run(attempt))
                        .as(attempt)
                        .isInstanceOf(SQLException.class);
            }
        }
        assertThat(folder.resolve("written.csv")).doesNotExist();
    }
}
