package dev.cairn.lake.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.intake.RecordSplitter;
import dev.cairn.intake.Split;
import dev.cairn.lake.table.Tables;
import dev.cairn.testkit.RealData;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
        var samples = AwsSamples.of(data);
        assertThat(samples).hasSize(72);
        var counts = new TreeMap<String, Integer>();
        return Stream.concat(
                samples.stream()
                        .map(sample ->
                                DynamicTest.dynamicTest(
                                        sample.name(),
                                        () ->
                                                judge(
                                                        sample,
                                                        logs,
                                                        store,
                                                        new Evaluator(records),
                                                        counts))),
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
            Evaluator evaluator,
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
        compare(ask(sql, logs), sql, evaluator);
        var widened = sample.widened(LOGS);
        counts.put(sample.name(), compare(ask(widened, logs), widened, evaluator));
        compare(store.ask(sample.widened(Store.ID)), widened, evaluator);
    }

    private static Asked ask(String sql, List<Path> logs) throws Exception {
        ObjectNode question = Asked.question(sql, folder, logs.toArray(new Path[0]));
        question.put("cache", folder.resolve("cache").toString());
        return Asked.of(question);
    }

    /// @return how many rows there are
    private static int compare(Asked asked, String sql, Evaluator evaluator) throws Exception {
        assertThat(asked.said().getLast().has("done")).as(asked.said().getLast() + sql).isTrue();
        var expected = evaluator.answer(sql);
        var columns = asked.word("columns");
        var rows = new ArrayList<List<String>>();
        for (var row : asked.rows()) {
            rows.add(sql.matches("(?s).*SELECT\\s+\\*.*") ? record(columns, row) : cells(row));
        }
        var wanted =
                expected.rows().stream()
                        .map(row -> row.stream().map(Evaluator::shown).toList())
                        .toList();
        if (expected.limit() < wanted.size()) {
            assertThat(rows).hasSize(expected.limit());
            assertThat(wanted).containsAll(rows);
        } else {
            assertThat(sorted(rows)).isEqualTo(sorted(wanted));
        }
        assertOrdered(asked.rows(), expected.ordered());
        return rows.size();
    }

    private static List<String> record(JsonNode columns, JsonNode row) throws IOException {
        for (var at = 0; at < columns.size(); at++) {
            if (columns.get(at).asText().equals("eventjson")) {
                return List.of(JSON.readTree(row.get(at).asText()).toString());
            }
        }
        throw new AssertionError("expected eventjson in " + columns);
    }

    private static List<String> cells(JsonNode row) {
        var cells = new ArrayList<String>();
        row.forEach(cell -> cells.add(cell(cell)));
        return cells;
    }

    private static String cell(JsonNode cell) {
        if (cell.isNull()) {
            return "NULL";
        }
        if (cell.isTextual()) {
            var text = cell.asText();
            return text.length() == 64 && text.matches("[0-9a-f]{64}")
                    ? "checksum"
                    : Evaluator.shown(text);
        }
        if (cell.isNumber()) {
            return Evaluator.shown(cell.decimalValue());
        }
        return cell.isObject() && isMap(cell) ? Evaluator.shown(map(cell)) : cell.toString();
    }

    /// A row has members with names in lower case that are always there; of the rows that samples
    /// show whole, each has one of these.
    private static boolean isMap(JsonNode cell) {
        return !cell.has("principalid") && !cell.has("tlsversion");
    }

    private static Map<String, Object> map(JsonNode cell) {
        var map = new TreeMap<String, Object>();
        cell.properties()
                .forEach(entry ->
                        map.put(
                                entry.getKey(),
                                entry.getValue().isNull()
                                        ? JSON.nullNode()
                                        : entry.getValue().asText()));
        return map;
    }

    private static List<String> sorted(Collection<List<String>> rows) {
        return rows.stream()
                .map(row -> String.join("\t", row).replace("=null", "=NULL"))
                .sorted()
                .collect(Collectors.toList());
    }

    private static void assertOrdered(List<JsonNode> rows, List<Evaluator.Ordered> by) {
        for (var at = 1; at < rows.size(); at++) {
            for (var column : by) {
                var before = rows.get(at - 1).get(column.column());
                var after = rows.get(at).get(column.column());
                var order = compare(before, after, column.down());
                assertThat(order).as(before + " before " + after).isLessThanOrEqualTo(0);
                if (order != 0) {
                    break;
                }
            }
        }
    }

    /// NULL comes last both ways.
    private static int compare(JsonNode before, JsonNode after, boolean down) {
        if (before.isNull() || after.isNull()) {
            return Boolean.compare(before.isNull(), after.isNull());
        }
        var order =
                before.isNumber()
                        ? before.decimalValue().compareTo(after.decimalValue())
                        : before.asText().compareTo(after.asText());
        return down ? -order : order;
    }
}
