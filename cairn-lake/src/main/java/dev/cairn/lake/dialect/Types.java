package dev.cairn.lake.dialect;

import dev.cairn.lake.column.Column;
import dev.cairn.lake.column.ColumnType;
import dev.cairn.lake.column.ColumnType.ArrayOf;
import dev.cairn.lake.column.ColumnType.MapOf;
import dev.cairn.lake.column.ColumnType.Plain;
import dev.cairn.lake.column.ColumnType.Row;
import io.trino.sql.tree.DataType;
import io.trino.sql.tree.DateTimeDataType;
import io.trino.sql.tree.GenericDataType;
import io.trino.sql.tree.Node;
import io.trino.sql.tree.NumericParameter;
import io.trino.sql.tree.RowDataType;
import io.trino.sql.tree.TypeParameter;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Map;

/// The names of Trino's types.
final class Types {
    private static final Map<String, String> PLAIN =
            Map.ofEntries(
                    Map.entry("boolean", "BOOLEAN"),
                    Map.entry("tinyint", "TINYINT"),
                    Map.entry("smallint", "SMALLINT"),
                    Map.entry("integer", "INTEGER"),
                    Map.entry("int", "INTEGER"),
                    Map.entry("bigint", "BIGINT"),
                    Map.entry("real", "FLOAT"),
                    Map.entry("double", "DOUBLE"),
                    Map.entry("varchar", "VARCHAR"),
                    Map.entry("char", "VARCHAR"),
                    Map.entry("varbinary", "BLOB"),
                    Map.entry("json", "JSON"),
                    Map.entry("date", "DATE"),
                    Map.entry("uuid", "UUID"));

    private Types() {}

    /// @param sql as DuckDB writes it
    /// @param type as far as rewriting needs it
    record Named(String sql, ColumnType type) {}

    static Named of(DataType type, Node at) {
        return switch (type) {
            case GenericDataType generic -> generic(generic, at);
            case DateTimeDataType time ->
                    time.getType() == DateTimeDataType.Type.TIMESTAMP
                            ? time.isWithTimeZone()
                                    ? new Named("TIMESTAMPTZ", Plain.MOMENT)
                                    : new Named("TIMESTAMP", Plain.TIMESTAMP)
                            : new Named("TIME", ColumnType.UNKNOWN);
            case RowDataType row -> row(row, at);
            default ->
                    throw Refusal.at(
                            at,
                            "type "
                                    + Names.words(type.getClass().getSimpleName())
                                    + " is not available");
        };
    }

    /// A type that is one word.
    static Named of(String name, Node at) {
        var word = name.toLowerCase(Locale.ROOT);
        if (word.equals("timestamp")) {
            return new Named("TIMESTAMP", Plain.TIMESTAMP);
        }
        if (word.equals("time")) {
            return new Named("TIME", ColumnType.UNKNOWN);
        }
        if (word.equals("decimal")) {
            return new Named("DECIMAL(38, 10)", ColumnType.UNKNOWN);
        }
        var sql = PLAIN.get(word);
        if (sql == null) {
            throw Refusal.at(at, "type '" + name + "' is not available");
        }
        return new Named(
                sql,
                switch (sql) {
                    case "BOOLEAN" -> Plain.BOOLEAN;
                    case "VARCHAR" -> Plain.TEXT;
                    case "JSON" -> Plain.JSON;
                    case "TINYINT", "SMALLINT", "INTEGER", "BIGINT" -> Plain.WHOLE;
                    default -> ColumnType.UNKNOWN;
                });
    }

    private static Named generic(GenericDataType type, Node at) {
        var parameters = type.getArguments();
        var name = type.getName().getValue().toLowerCase(Locale.ROOT);
        if (name.equals("array") && parameters.size() == 1) {
            var element = of(((TypeParameter) parameters.getFirst()).getValue(), at);
            return new Named(element.sql() + "[]", new ArrayOf(element.type()));
        }
        if (name.equals("map") && parameters.size() == 2) {
            var key = of(((TypeParameter) parameters.getFirst()).getValue(), at);
            var value = of(((TypeParameter) parameters.getLast()).getValue(), at);
            return new Named(
                    "MAP(" + key.sql() + ", " + value.sql() + ")",
                    new MapOf(key.type(), value.type()));
        }
        if (name.equals("decimal") && !parameters.isEmpty()) {
            var numbers =
                    parameters.stream()
                            .map(parameter -> ((NumericParameter) parameter).getParsedValue())
                            .map(String::valueOf)
                            .toList();
            return new Named("DECIMAL(" + String.join(", ", numbers) + ")", ColumnType.UNKNOWN);
        }
        return of(name, at);
    }

    private static Named row(RowDataType type, Node at) {
        var sql = new ArrayList<String>();
        var members = new ArrayList<Column>();
        for (var field : type.getFields()) {
            var name =
                    field.getName()
                            .orElseThrow(
                                    () -> Refusal.at(at, "expected a name for each field of a row"))
                            .getValue()
                            .toLowerCase(Locale.ROOT);
            var of = of(field.getType(), at);
            sql.add(Sql.name(name) + " " + of.sql());
            members.add(new Column(name, "", of.type()));
        }
        return new Named("STRUCT(" + String.join(", ", sql) + ")", new Row(members));
    }
}
