package dev.cairn.server.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.account.Caller;
import dev.cairn.dashboard.ManagedDashboards;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.lake.column.EventColumns;
import dev.cairn.lake.column.StoreColumns;
import dev.cairn.lake.dialect.Dialect;
import dev.cairn.lake.engine.Engine;
import dev.cairn.lake.engine.Limits;
import dev.cairn.server.http.SpooledBody;
import dev.cairn.testkit.RealData;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The queries that SearchSampleQueries finds, and how it finds them.
class SampleQueriesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String STORE = "0a1b2c3d-0000-4000-8000-000000000001";

    private final SampleQueries samples = new SampleQueries();

    @TempDir private Path folder = Path.of("");

    @Test
    void every_one_runs_over_real_records_and_most_find_something() throws Exception {
        assertThat(samples.all()).hasSizeGreaterThan(20);
        var nothing = new ArrayList<String>();
        try (var engine = Engine.start(new Limits(512L << 20, folder, 1L << 30, 2))) {
            load(engine, RealData.assume().developersPermissive());
            for (var sample : samples.all()) {
                var statement = sample.sql().replace("$EDS_ID", STORE);
                assertThat(statement).as(sample.name()).isNotEqualTo(sample.sql());
                if (count(engine, statement) == 0) {
                    nothing.add(sample.name());
                }
            }
            assertThat(nothing).as("find nothing in the records").hasSizeLessThan(10);
            nothing.clear();
            for (var dashboard : ManagedDashboards.of(TestParts.ACCOUNT, "us-east-1")) {
                for (var widget : dashboard.widgets()) {
                    var always = List.of(STORE, "2000-01-01 00:00:00", "2100-01-01 00:00:00");
                    if (count(engine, widget.query().filled(always)) == 0) {
                        nothing.add(widget.alias());
                    }
                }
            }
            assertThat(nothing).as("widgets that find nothing").isEmpty();
        }
    }

    private static void load(Engine engine, List<byte[]> records) throws SQLException {
        engine.run(EventColumns.macros());
        for (var macro : Dialect.macros()) {
            engine.run(macro);
        }
        engine.run("CREATE TABLE raw (raw VARCHAR, path VARCHAR)");
        try (var appender = engine.connection().createAppender("main", "raw")) {
            for (var record : records) {
                appender.beginRow();
                appender.append(new String(record, StandardCharsets.UTF_8));
                appender.append("");
                appender.endRow();
            }
        }
        engine.run("CREATE TABLE \"" + STORE + "\" AS " + EventColumns.select("raw"));
    }

    private static long count(Engine engine, String statement) throws Exception {
        var query = Dialect.translate(statement, Map.of(STORE, StoreColumns.EVENTS.ofTables()));
        try (var run = engine.connection().createStatement();
                var rows = run.executeQuery("SELECT count(*) FROM (" + query.sql() + ")")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    @Test
    void names_count_more_than_what_stands_elsewhere() throws Exception {
        var found = search("{'SearchPhrase':'access keys'}").path("SearchResults");

        assertThat(found).hasSizeBetween(2, 10);
        assertThat(found.get(0).path("Name").asText()).isEqualTo("Access keys at work");
        assertThat(found.get(0).path("Relevance").asDouble()).isEqualTo(1.0);
        assertThat(found.get(0).path("SQL").asText()).startsWith("SELECT ").contains("$EDS_ID");
        assertThat(found.get(0).path("Description").asText()).isNotEmpty();
        var before = 1.0;
        for (var result : found) {
            assertThat(result.path("Relevance").asDouble())
                    .isPositive()
                    .isLessThanOrEqualTo(before);
            before = result.path("Relevance").asDouble();
        }
        assertThat(search("{'SearchPhrase':'xylophone'}").path("SearchResults")).isEmpty();
    }

    @Test
    void pages_go_on_where_the_one_before_ended() throws Exception {
        var names = new ArrayList<String>();
        var token = "";
        do {
            var page =
                    search(
                            "{'SearchPhrase':'select','MaxResults':7%s}"
                                    .formatted(
                                            token.isEmpty() ? "" : ",'NextToken':'" + token + "'"));
            page.path("SearchResults").forEach(result -> names.add(result.path("Name").asText()));
            token = page.path("NextToken").asText("");
        } while (!token.isEmpty());

        assertThat(names)
                .containsExactlyInAnyOrderElementsOf(
                        samples.all().stream().map(SampleQueries.Sample::name).toList());
        var other = search("{'SearchPhrase':'select'}").path("NextToken").asText();
        assertThatThrownBy(() -> search("{'SearchPhrase':'event','NextToken':'" + other + "'}"))
                .isInstanceOfSatisfying(
                        Failure.class,
                        failure ->
                                assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_NEXT_TOKEN));
    }

    private JsonNode search(String input) throws Exception {
        return samples.search(
                new Invocation(
                        Caller.root(TestParts.ACCOUNT, "AKIA0"),
                        "us-east-1",
                        (ObjectNode) JSON.readTree(input.replace('\'', '"')),
                        SpooledBody.of(new byte[0]),
                        TestParts.NOW));
    }
}
