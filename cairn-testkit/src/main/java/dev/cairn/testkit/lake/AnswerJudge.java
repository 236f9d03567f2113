package dev.cairn.testkit.lake;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Holds what a query was answered against what an [Evaluator] answers: the same rows, as often,
/// and in an order that is asked for.
///
/// @param evaluator over the records that were asked
/// @param nulls whether answers tell NULL from an empty text
public record AnswerJudge(Evaluator evaluator, boolean nulls) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// Of `SELECT *` the record itself is compared, which the others are read from.
    private static final String WHOLE = "(?s).*SELECT\\s+\\*.*";

    /// What was answered.
    ///
    /// @param rows a text for each cell: JSON for rows, arrays and maps; null for NULL
    public record Answered(List<String> columns, List<List<@Nullable String>> rows) {}

    /// @param sql what was asked, as the evaluator reads it
    /// @throws AssertionError when the two differ
    public void judge(String sql, Answered answered) {
        var expected = evaluator.answer(sql);
        var numbers = numbers(expected.rows());
        var wanted = new ArrayList<List<String>>();
        for (var row : expected.rows()) {
            var texts = new ArrayList<@Nullable String>();
            row.forEach(value -> texts.add(text(value)));
            wanted.add(shown(texts, numbers));
        }
        var rows = new ArrayList<List<String>>();
        for (var row : answered.rows()) {
            rows.add(
                    sql.matches(WHOLE)
                            ? shown(List.of(record(answered.columns(), row)), numbers)
                            : shown(row, numbers));
        }
        if (expected.limit() < wanted.size()) {
            assertThat(rows).as(sql).hasSize(expected.limit());
            assertThat(wanted).as(sql).containsAll(rows);
        } else {
            assertThat(sorted(rows)).as(sql).isEqualTo(sorted(wanted));
        }
        assertOrdered(answered.rows(), expected.ordered(), numbers);
    }

    private static String record(List<String> columns, List<@Nullable String> row) {
        for (var at = 0; at < columns.size(); at++) {
            var cell = row.get(at);
            if (columns.get(at).equalsIgnoreCase("eventJson") && cell != null) {
                return cell;
            }
        }
        throw new AssertionError("expected eventJson in " + columns);
    }

    /// The columns whose values are numbers.
    private static BitSet numbers(List<List<@Nullable Object>> rows) {
        var numbers = new BitSet();
        for (var row : rows) {
            for (var at = 0; at < row.size(); at++) {
                if (row.get(at) instanceof BigDecimal) {
                    numbers.set(at);
                }
            }
        }
        return numbers;
    }

    private @Nullable String text(@Nullable Object value) {
        return switch (value) {
            case null -> nulls ? null : "";
            case Map<?, ?> map -> JSON.valueToTree(map).toString();
            case String text -> text;
            default -> Evaluator.shown(value);
        };
    }

    // ---- the same, however it is written --------------------------------------------------------

    private static List<String> shown(List<@Nullable String> row, BitSet numbers) {
        var shown = new ArrayList<String>();
        for (var at = 0; at < row.size(); at++) {
            var cell = row.get(at);
            if (cell == null) {
                shown.add("NULL");
            } else if (cell.matches("[0-9a-f]{64}")) {
                shown.add("checksum");
            } else if (numbers.get(at) && !cell.isEmpty()) {
                shown.add(Evaluator.shown(new BigDecimal(cell)));
            } else {
                shown.add(String.valueOf(same(cell)));
            }
        }
        return shown;
    }

    private static Object same(String text) {
        if (text.startsWith("{") || text.startsWith("[")) {
            try {
                return String.valueOf(same(JSON.readTree(text)));
            } catch (JsonProcessingException _) {
                return text;
            }
        }
        return text;
    }

    /// JSON without its order of members, and without its spaces, those of JSON in texts included.
    private static @Nullable Object same(JsonNode node) {
        if (node.isObject()) {
            var members = new TreeMap<String, @Nullable Object>();
            node.properties().forEach(entry -> members.put(entry.getKey(), same(entry.getValue())));
            return members;
        }
        if (node.isArray()) {
            var elements = new ArrayList<@Nullable Object>();
            node.forEach(element -> elements.add(same(element)));
            return elements;
        }
        return node.isTextual() ? same(node.asText()) : node.toString();
    }

    private static List<String> sorted(List<List<String>> rows) {
        return rows.stream().map(row -> String.join("\t", row)).sorted().toList();
    }

    // ---- order ----------------------------------------------------------------------------------

    private void assertOrdered(
            List<List<@Nullable String>> rows, List<Evaluator.Ordered> by, BitSet numbers) {
        for (var at = 1; at < rows.size(); at++) {
            for (var column : by) {
                var before = rows.get(at - 1).get(column.column());
                var after = rows.get(at).get(column.column());
                var order = compare(before, after, column.down(), numbers.get(column.column()));
                assertThat(order).as(before + " before " + after).isLessThanOrEqualTo(0);
                if (order != 0) {
                    break;
                }
            }
        }
    }

    /// NULL comes last both ways.
    private int compare(
            @Nullable String before, @Nullable String after, boolean down, boolean numbers) {
        var nothing = nulls ? null : "";
        if (before == null || after == null || before.equals(nothing) || after.equals(nothing)) {
            return Boolean.compare(
                    before == null || before.equals(nothing),
                    after == null || after.equals(nothing));
        }
        var order =
                numbers
                        ? new BigDecimal(before).compareTo(new BigDecimal(after))
                        : before.compareTo(after);
        return down ? -order : order;
    }
}
