package dev.cairn.lake.dialect;

import dev.cairn.lake.column.Column;
import dev.cairn.lake.column.ColumnType;
import dev.cairn.lake.column.ColumnType.ArrayOf;
import dev.cairn.lake.column.ColumnType.MapOf;
import dev.cairn.lake.column.ColumnType.Plain;
import dev.cairn.lake.column.ColumnType.Row;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The functions that a query may call, from `functions.txt`, which says what its lines mean.
final class Functions {
    private static final Map<String, List<Rule>> RULES = read();

    private Functions() {}

    /// One line.
    ///
    /// @param most how many arguments it takes, at most
    record Rule(int least, int most, String type, String duck) {
        boolean takes(int arguments) {
            return arguments >= least && arguments <= most;
        }

        /// The type of the answer.
        ColumnType answer(List<Sql> arguments) {
            return Functions.typeOf(type, arguments);
        }
    }

    /// What there is under a name in lower case; several that take different numbers of arguments.
    static List<Rule> named(String name) {
        return RULES.getOrDefault(name, List.of());
    }

    /// Statements that define what the rules refer to.
    static List<String> macros() {
        return Arrays.stream(resource("macros.sql").split(";\n"))
                .map(statement -> statement.replaceAll("(?m)^--.*$", "").strip())
                .filter(statement -> !statement.isEmpty())
                .toList();
    }

    private static Map<String, List<Rule>> read() {
        var rules = new HashMap<String, List<Rule>>();
        for (var line : resource("functions.txt").lines().toList()) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            var cells = line.split(" \\| ", 4);
            var bounds = cells[1].strip().split("-", -1);
            var least = Integer.parseInt(bounds[0]);
            var most =
                    bounds.length == 1
                            ? least
                            : bounds[1].isEmpty() ? Integer.MAX_VALUE : Integer.parseInt(bounds[1]);
            rules.computeIfAbsent(cells[0].strip(), _ -> new ArrayList<>())
                    .add(new Rule(least, most, cells[2].strip(), cells[3].strip()));
        }
        return rules;
    }

    private static String resource(String name) {
        try (var in = Functions.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("expected the resource " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static ColumnType typeOf(String word, List<Sql> arguments) {
        if (word.startsWith("array(")) {
            return new ArrayOf(typeOf(word.substring(6, word.length() - 1), arguments));
        }
        return switch (word) {
            case "text" -> Plain.TEXT;
            case "json" -> Plain.JSON;
            case "whole" -> Plain.WHOLE;
            case "boolean" -> Plain.BOOLEAN;
            case "timestamp" -> Plain.TIMESTAMP;
            case "moment" -> Plain.MOMENT;
            case "-" -> ColumnType.UNKNOWN;
            case "same1" -> arguments.get(0).type();
            case "same2" -> arguments.get(1).type();
            case "same3" -> arguments.get(2).type();
            case "array1" -> new ArrayOf(arguments.get(0).type());
            case "lambda2" -> new ArrayOf(arguments.get(1).type());
            case "element1" -> element(arguments.get(0).type());
            case "keys1" ->
                    arguments.get(0).type() instanceof MapOf map
                            ? new ArrayOf(map.key())
                            : ColumnType.UNKNOWN;
            case "values1" ->
                    arguments.get(0).type() instanceof MapOf map
                            ? new ArrayOf(map.value())
                            : ColumnType.UNKNOWN;
            case "entries1" ->
                    arguments.get(0).type() instanceof MapOf map
                            ? new ArrayOf(entry(map))
                            : ColumnType.UNKNOWN;
            default -> throw new IllegalStateException("no type " + word);
        };
    }

    /// What an array or map has under an index or key.
    static ColumnType element(ColumnType type) {
        return switch (type) {
            case ArrayOf array -> array.element();
            case MapOf map -> map.value();
            default -> ColumnType.UNKNOWN;
        };
    }

    /// An entry of a map, as DuckDB's `map_entries` gives it.
    static Row entry(MapOf map) {
        return new Row(
                List.of(new Column("key", "", map.key()), new Column("value", "", map.value())));
    }
}
