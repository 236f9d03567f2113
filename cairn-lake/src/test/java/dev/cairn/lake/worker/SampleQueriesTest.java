package dev.cairn.lake.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.intake.RecordSplitter;
import dev.cairn.intake.Split;
import dev.cairn.lake.table.Tables;
import dev.cairn.testkit.RealData;
import dev.cairn.testkit.lake.AnswerJudge;
import dev.cairn.testkit.lake.AwsSamples;
import dev.cairn.testkit.lake.Evaluator;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// AWS's 72 sample queries over real records, with only their placeholders filled in, beside an
/// [Evaluator] that knows no database; and once more with their times widened and their examples'
/// keys, users and ids exchanged for ones that are in the records, so that there is something to
/// find: over log files, and over an event data store.
final class SampleQueriesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String LOGS = "logs";

    @TempDir private static Path folder = Path.of("");

    @TestFactory
    Stream<DynamicTest> samples() throws Exception {
        var data = RealData.assume();
        var records = new ArrayList<JsonNode>();
        read(data.developersPermissiveBody(), records);
        for (var body : data.invictusDelivered().values()) {
            read(body, records);
        }
        var logs =
                List.of(
                        data.folder().resolve("records/developers-permissive.ndjson.gz"),
                        data.folder().resolve("records/invictus-delivered"));
        var store = new Store(records);
        var judge = new AnswerJudge(new Evaluator(records), true);
        var samples = AwsSamples.of(data);
        assertThat(samples).hasSize(72);
        var counts = new TreeMap<String, Integer>();
        return Stream.concat(
                samples.stream()
                        .map(sample ->
                                DynamicTest.dynamicTest(
                                        sample.name(),
                                        () -> judge(sample, logs, store, judge, counts))),
                Stream.of(
                        DynamicTest.dynamicTest(
                                "most of them find something when they look at all times",
                                () ->
                                        assertThat(
                                                        counts.values().stream()
                                                                .filter(count -> count > 0)
                                                                .count())
                                                .as(counts.toString())
                                                .isGreaterThan(25))));
    }

    private static void read(byte[] body, List<JsonNode> records) throws IOException {
        var splitter = new RecordSplitter(new ByteArrayInputStream(body), 1 << 20);
        for (var split = splitter.next();
                split instanceof Split.Found found;
                split = splitter.next()) {
            records.add(JSON.readTree(found.json()));
        }
    }

    /// The records as an event data store has them: most in its table, some recorded since.
    private static final class Store {
        static final String ID = "0a1b2c3d-0000-4000-8000-000000000001";
        private static final int DAYS = 100_000;
        private static final int TAIL_EVERY = 20;

        private final Path metadata;
        private final Path tail = folder.resolve("tail");

        Store(List<JsonNode> records) throws Exception {
            var committed = new ArrayList<byte[]>();
            try (var out =
                    new DataOutputStream(
                            new BufferedOutputStream(Files.newOutputStream(tail), 1 << 16))) {
                for (var at = 0; at < records.size(); at++) {
                    var record = JSON.writeValueAsBytes(records.get(at));
                    if (at % TAIL_EVERY != 0) {
                        committed.add(record);
                    } else {
                        out.writeInt(record.length);
                        out.write(record);
                    }
                }
            }
            metadata = Tables.of(folder.resolve("table"), DAYS, committed);
        }

        Asked ask(String sql) throws Exception {
            ObjectNode question = Asked.question(sql, folder);
            question.remove("logs");
            question.putArray("stores")
                    .addObject()
                    .put("id", ID)
                    .put("metadata", metadata.toString())
                    .put("tail", tail.toString());
            return Asked.of(question);
        }
    }

    private static void judge(
            AwsSamples.Sample sample,
            List<Path> logs,
            Store store,
            AnswerJudge judge,
            Map<String, Integer> counts)
            throws Exception {
        var sql = sample.filled(LOGS);
        if (AwsSamples.CONFIG.contains(sample.name())) {
            assertThat(ask(sql, logs).word("refused").asText()).isNotEmpty();
            return;
        }
        var broken = AwsSamples.BROKEN.get(sample.name());
        if (broken != null) {
            assertThat(ask(sql, logs).said().getLast().toString()).contains(broken);
            return;
        }
        compare(ask(sql, logs), sql, judge);
        var widened = sample.widened(LOGS);
        counts.put(sample.name(), compare(ask(widened, logs), widened, judge));
        compare(store.ask(sample.widened(Store.ID)), widened, judge);
    }

    private static Asked ask(String sql, List<Path> logs) throws Exception {
        ObjectNode question = Asked.question(sql, folder, logs.toArray(new Path[0]));
        question.put("cache", folder.resolve("cache").toString());
        return Asked.of(question);
    }

    /// @return how many rows there are
    private static int compare(Asked asked, String sql, AnswerJudge judge) {
        assertThat(asked.said().getLast().has("done")).as(asked.said().getLast() + sql).isTrue();
        var columns = new ArrayList<String>();
        asked.word("columns").forEach(name -> columns.add(name.asText()));
        var rows = new ArrayList<List<@Nullable String>>();
        for (var row : asked.rows()) {
            var cells = new ArrayList<@Nullable String>();
            row.forEach(cell -> cells.add(text(cell)));
            rows.add(cells);
        }
        judge.judge(sql, new AnswerJudge.Answered(columns, rows));
        return rows.size();
    }

    private static @Nullable String text(JsonNode cell) {
        return cell.isNull() ? null : cell.isValueNode() ? cell.asText() : cell.toString();
    }
}
