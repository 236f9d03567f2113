package dev.cairn.lake.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.intake.RecordSplitter;
import dev.cairn.intake.Split;
import dev.cairn.testkit.RealData;
import java.io.ByteArrayInputStream;
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
/// find.
final class SampleQueriesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// What CloudTrail's events do not hold.
    private static final List<String> CONFIG =
            List.of(
                    "ConfigItemCountQuery",
                    "ConfigTableCreation",
                    "ssm-patch-compliance-all-ec2-instances",
                    "ssm-patch-compliance-all-ec2-instances-time-range",
                    "ssm-patch-compliance-distinct-ec2-instance-latest",
                    "ssm-patch-compliance-selected-ec2-instance",
                    "ssm-patch-compliance-selected-ec2-instance-time-range");

    /// What no SQL engine takes, and what it says.
    private static final Map<String, String> BROKEN =
            Map.of(
                    "iam-idc-authenticate-api", "mismatched input 'FROM'",
                    "list-all-errors-for-s3-events", "mismatched input 'example'",
                    "list-all-events-not-in-authorized-region", "mismatched input ':'",
                    "list-attempted-s3-requests.", "mismatched input 'BY'",
                    "list-publicly-accessible-rds-instances", "mismatched input 'SELECT'",
                    "network-activity-events-vpce-access-denied-s3", "must appear in the GROUP BY",
                    "top-errors", "mismatched input 'BY'",
                    "top-s3-actions", "mismatched input 'BY'");

    @TempDir private static Path folder = Path.of("");

    private static String table(String sql) {
        var filled =
                sql.replaceAll(
                                "(?i)<(eds id|eds_id|event_data_store_id|event-data-store-id|event data store id)>|\\$EDS_ID|config_event_data_store_ID",
                                "logs")
                        .replaceFirst("\\$\\{date_filter}", "2000-01-01 00:00:00")
                        .replaceFirst("\\$\\{date_filter}", "2100-01-01 00:00:00")
                        .strip();
        return filled.endsWith(";") ? filled.substring(0, filled.length() - 1) : filled;
    }

    /// All times, and what there is in the records.
    private static String widened(String sql) {
        return sql.replaceAll("(?i)(eventTime\\s*>=?\\s*)'[^']*'", "$1'2000-01-01 00:00:00'")
                .replaceAll("(?i)(eventTime\\s*<=?\\s*)'[^']*'", "$1'2100-01-01 00:00:00'")
                .replace("192.0.2.76", "203.0.113.1")
                .replace("%alice@example.com", "%a%")
                .replace(
                        "userIdentity.accessKeyId = 'AKIAIOSFODNN7EXAMPLE'",
                        "userIdentity.accessKeyId LIKE 'A%'")
                .replace(
                        "sessionissuer.arn = 'arn:aws:iam::555555555555:role/alice'",
                        "sessionissuer.arn LIKE '%role/%'")
                .replace("= 'my-bucket-name'", "LIKE '%'")
                .replace("= 'demo-20230707'", "LIKE '%'")
                .replace("'%\"instanceId\":\"i-b188560f\"%'", "'%\"instanceId\":\"i-%'")
                .replace("eventID = '3270e016-59a1-4448-8dd1-d27a4796502d'", "eventID LIKE '3%'");
    }

    @TestFactory
    Stream<DynamicTest> samples() throws IOException {
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
        List<Path> files;
        try (var listed = Files.list(data.folder().resolve("lake-queries"))) {
            files = listed.filter(file -> file.toString().endsWith(".sql")).sorted().toList();
        }
        assertThat(files).hasSize(72);
        var counts = new TreeMap<String, Integer>();
        return Stream.concat(
                files.stream()
                        .map(file ->
                                DynamicTest.dynamicTest(
                                        name(file),
                                        () ->
                                                judge(
                                                        name(file),
                                                        table(Files.readString(file)),
                                                        logs,
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

    private static String name(Path file) {
        return file.getFileName().toString().replaceFirst("\\.sql$", "");
    }

    private static void read(byte[] body, List<JsonNode> records) throws IOException {
        var splitter = new RecordSplitter(new ByteArrayInputStream(body), 1 << 20);
        for (var split = splitter.next();
                split instanceof Split.Found found;
                split = splitter.next()) {
            records.add(JSON.readTree(found.json()));
        }
    }

    private static void judge(
            String name,
            String sql,
            List<Path> logs,
            Evaluator evaluator,
            Map<String, Integer> counts)
            throws Exception {
        if (CONFIG.contains(name)) {
            assertThat(ask(sql, logs).word("refused").asText()).isNotEmpty();
            return;
        }
        var broken = BROKEN.get(name);
        if (broken != null) {
            assertThat(ask(sql, logs).said().getLast().toString()).contains(broken);
            return;
        }
        compare(sql, logs, evaluator);
        counts.put(name, compare(widened(sql), logs, evaluator));
    }

    private static Asked ask(String sql, List<Path> logs) throws Exception {
        ObjectNode question = Asked.question(sql, folder, logs.toArray(new Path[0]));
        question.put("cache", folder.resolve("cache").toString());
        return Asked.of(question);
    }

    /// @return how many rows there are
    private static int compare(String sql, List<Path> logs, Evaluator evaluator) throws Exception {
        var asked = ask(sql, logs);
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
