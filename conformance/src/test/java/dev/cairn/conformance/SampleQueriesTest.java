package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.testkit.RealData;
import dev.cairn.testkit.lake.AnswerJudge;
import dev.cairn.testkit.lake.AnswerJudge.Answered;
import dev.cairn.testkit.lake.AwsSamples;
import dev.cairn.testkit.lake.Evaluator;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.services.cloudtrail.CloudTrailClient;
import software.amazon.awssdk.services.cloudtrail.model.GetQueryResultsResponse;
import software.amazon.awssdk.services.cloudtrail.model.InvalidQueryStatementException;
import software.amazon.awssdk.services.cloudtrail.model.QueryStatus;

/// AWS's 72 sample queries by AWS's own clients, over real log files that were imported into an
/// event data store: what comes page by page is held against an evaluator that knows no database.
///
/// Each is asked as it was published, with its placeholders filled in, and once more with its times
/// and examples widened to what is in the records.
@Tag("long")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SampleQueriesTest {
    private static final Duration ANSWER_MAX = Duration.ofSeconds(60);
    private static final int PAGE_MAX = 1000;
    private static final int RETENTION_DAYS = 3653;

    private final List<JsonNode> records = new ArrayList<>();
    private final List<Integer> counts = new ArrayList<>();
    private RealData data;
    private LiveServer server;
    private CloudTrailClient client;
    private AnswerJudge judge;
    private String store = "";

    @BeforeAll
    void importRecords() throws Exception {
        data = RealData.assume();
        server = LiveServer.start();
        client = EventDataStoreTest.client(server);
        // The records alone: not what is called meanwhile.
        var arn =
                client.createEventDataStore(ask ->
                                ask.name("real")
                                        .retentionPeriod(RETENTION_DAYS)
                                        .startIngestion(false))
                        .eventDataStoreArn();
        store = arn.substring(arn.indexOf('/') + 1);
        // The store takes none that are older than its retention.
        var oldest =
                Instant.now().truncatedTo(ChronoUnit.DAYS).minus(Duration.ofDays(RETENTION_DAYS));
        for (var record : RealDataTest.unique(data)) {
            var read = Wire.JSON.readTree(record);
            if (!Instant.parse(read.path("eventTime").asText()).isBefore(oldest)) {
                records.add(read);
            }
        }
        var folder = data.folder().resolve("records");
        assertThat(
                        server.cairn(
                                        "import",
                                        "--into",
                                        "real",
                                        folder.resolve("developers-permissive.ndjson.gz")
                                                .toString(),
                                        folder.resolve("invictus-delivered").toString())
                                .exited(0)
                                .out())
                .contains(": %,d events recorded".formatted(records.size()));
        judge = new AnswerJudge(new Evaluator(records), false);
    }

    @AfterAll
    void stop() {
        if (server != null) {
            client.close();
            server.close();
        }
    }

    @TestFactory
    Stream<DynamicTest> samples() throws Exception {
        var samples = AwsSamples.of(data);
        assertThat(samples).hasSize(72);
        return Stream.concat(
                samples.stream()
                        .map(sample -> DynamicTest.dynamicTest(sample.name(), () -> judge(sample))),
                Stream.of(
                        DynamicTest.dynamicTest(
                                "57 are answered, most of them by something",
                                () -> {
                                    assertThat(counts).hasSize(57);
                                    assertThat(counts.stream().filter(count -> count > 0).count())
                                            .isGreaterThan(25);
                                    assertThat(counts)
                                            .as("one of several pages")
                                            .anyMatch(count -> count > PAGE_MAX);
                                })));
    }

    private void judge(AwsSamples.Sample sample) throws Exception {
        var broken = AwsSamples.BROKEN.get(sample.name());
        if (AwsSamples.CONFIG.contains(sample.name()) || broken != null) {
            assertThat(refusal(sample.filled(store))).contains(broken == null ? "" : broken);
            return;
        }
        judge.judge(sample.filled("logs"), answer(sample.filled(store)));
        var widened = answer(sample.widened(store));
        judge.judge(sample.widened("logs"), widened);
        counts.add(widened.rows().size());
    }

    /// Why a statement is refused at once, or fails when it is run.
    private String refusal(String sql) throws Exception {
        try {
            var id = client.startQuery(ask -> ask.queryStatement(sql)).queryId();
            var ended = ended(id);
            assertThat(ended.queryStatus()).isEqualTo(QueryStatus.FAILED);
            return ended.errorMessage();
        } catch (InvalidQueryStatementException refused) {
            return String.valueOf(refused.getMessage());
        }
    }

    private GetQueryResultsResponse ended(String id) throws Exception {
        return Await.value(
                Await.Bound.of("the answer of " + id, ANSWER_MAX),
                () -> client.getQueryResults(ask -> ask.queryId(id)),
                result ->
                        result.queryStatus() != QueryStatus.QUEUED
                                && result.queryStatus() != QueryStatus.RUNNING);
    }

    private Answered answer(String sql) throws Exception {
        var id = client.startQuery(ask -> ask.queryStatement(sql)).queryId();
        var page = ended(id);
        assertThat(page.queryStatus()).as(page.errorMessage()).isEqualTo(QueryStatus.FINISHED);
        var rows = new ArrayList<List<Map<String, String>>>();
        while (true) {
            assertThat(page.queryResultRows()).hasSizeLessThanOrEqualTo(PAGE_MAX);
            rows.addAll(page.queryResultRows());
            var token = page.nextToken();
            if (token == null) {
                break;
            }
            page = client.getQueryResults(ask -> ask.queryId(id).nextToken(token));
        }
        assertThat(page.queryStatistics().totalResultsCount()).isEqualTo(rows.size());
        return answered(rows);
    }

    private static Answered answered(List<List<Map<String, String>>> rows) {
        var columns = new ArrayList<String>();
        var cells = new ArrayList<List<@Nullable String>>();
        for (var row : rows) {
            columns.clear();
            var texts = new ArrayList<@Nullable String>();
            for (var cell : row) {
                columns.addAll(cell.keySet());
                texts.addAll(cell.values());
            }
            cells.add(texts);
        }
        return new Answered(columns, cells);
    }

    /// By Debian's AWS CLI, which leaves the turning of pages to whoever asks.
    @Test
    void the_stock_cli_turns_pages() throws Exception {
        var sql = "SELECT eventID, eventTime, userIdentity FROM %s ORDER BY eventTime DESC";
        try (var cli =
                new CliClient(server.home(), server.endpoint(), LiveServer.ROOT, "us-east-1")) {
            var id =
                    cli.call(
                                    List.of(
                                            "cloudtrail",
                                            "start-query",
                                            "--query-statement",
                                            sql.formatted(store)))
                            .path("QueryId")
                            .asText();
            Await.until(
                    Await.Bound.of("the end of " + id, ANSWER_MAX),
                    () ->
                            cli.call(List.of("cloudtrail", "describe-query", "--query-id", id))
                                    .path("QueryStatus")
                                    .asText()
                                    .equals("FINISHED"));
            var rows = new ArrayList<List<Map<String, String>>>();
            var words =
                    new ArrayList<>(List.of("cloudtrail", "get-query-results", "--query-id", id));
            var pages = 0;
            while (true) {
                var page = cli.call(words);
                pages++;
                for (var row : page.path("QueryResultRows")) {
                    var cells = new ArrayList<Map<String, String>>();
                    for (var cell : row) {
                        cell.properties()
                                .forEach(entry ->
                                        cells.add(
                                                Map.of(entry.getKey(), entry.getValue().asText())));
                    }
                    rows.add(cells);
                }
                if (!page.has("NextToken")) {
                    break;
                }
                words.subList(4, words.size()).clear();
                words.addAll(List.of("--next-token", page.path("NextToken").asText()));
            }
            assertThat(pages).isEqualTo((records.size() + PAGE_MAX - 1) / PAGE_MAX);
            judge.judge(sql.formatted("logs"), answered(rows));
        }
    }
}
