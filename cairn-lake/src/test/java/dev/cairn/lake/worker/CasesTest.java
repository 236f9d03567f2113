package dev.cairn.lake.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.lake.column.EventColumns;
import dev.cairn.lake.dialect.Dialect;
import dev.cairn.lake.dialect.SqlRefusedException;
import dev.cairn.lake.engine.Engine;
import dev.cairn.lake.engine.Limits;
import dev.cairn.lake.log.Keep;
import dev.cairn.lake.log.LogTable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Every rule of the dialect, from `cases.json`, over the events of `events.ndjson`.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CasesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(1);
    private final Engine engine;
    private final LogTable table;
    private final Run run;

    CasesTest(@TempDir Path folder) throws Exception {
        var logs = folder.resolve("events.ndjson");
        Files.write(logs, resource("events.ndjson"));
        var limits = new Limits(256L << 20, folder.resolve("spill"), 1L << 30, 2);
        table =
                LogTable.open(
                        List.of(logs),
                        new Keep(folder.resolve("cache"), 1L << 30, true),
                        limits,
                        InstantSource.system(),
                        (_, _, _) -> {});
        engine = Engine.start(limits);
        run = new Run(engine, new Answers(said), clock, () -> {});
        run.prepare("logs", table.parts(), Optional.empty());
    }

    @AfterAll
    void close() throws SQLException, IOException {
        clock.close();
        engine.close();
        table.close();
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = CasesTest.class.getResourceAsStream(name)) {
            assertThat(in).as(name).isNotNull();
            return in.readAllBytes();
        }
    }

    @TestFactory
    Stream<DynamicTest> cases() throws IOException {
        var cases = new ArrayList<JsonNode>();
        JSON.readTree(resource("cases.json")).forEach(cases::add);
        return cases.stream()
                .map(one ->
                        DynamicTest.dynamicTest(
                                one.path("rule").asText() + ": " + one.path("sql").asText(),
                                () -> judge(one)));
    }

    private void judge(JsonNode one) throws Exception {
        var sql = one.path("sql").asText();
        if (one.has("refused")) {
            var expected =
                    Stream.of(one.path("refused").asText().split("\\*", -1))
                            .map(Pattern::quote)
                            .collect(Collectors.joining(".*"));
            assertThat(refusal(sql)).matches(Pattern.compile(expected, Pattern.DOTALL));
            return;
        }
        var query = Dialect.translate(sql, Map.of("logs", EventColumns.all()));
        if (one.has("columns")) {
            assertThat(JSON.valueToTree(query.columns()).toString())
                    .isEqualTo(one.path("columns").toString());
        }
        said.reset();
        try {
            run.rows(query, Duration.ofMinutes(1));
        } catch (SQLException failure) {
            throw new AssertionError("failed: " + query.sql(), failure);
        }
        var rows = new ArrayList<String>();
        for (var line : said.toString(StandardCharsets.UTF_8).lines().toList()) {
            var node = JSON.readTree(line);
            if (node.isArray()) {
                rows.add(node.toString());
            }
        }
        var expected = new ArrayList<String>();
        one.path("rows").forEach(row -> expected.add(row.toString()));
        assertThat(rows).as(query.sql()).isEqualTo(expected);
    }

    private static String refusal(String sql) {
        try {
            return "taken as " + Dialect.translate(sql, Map.of("logs", EventColumns.all())).sql();
        } catch (SqlRefusedException refused) {
            return String.valueOf(refused.getMessage());
        }
    }
}
