package dev.cairn.lake.table;

import dev.cairn.lake.column.Column;
import dev.cairn.lake.column.ColumnType;
import dev.cairn.lake.column.ColumnType.ArrayOf;
import dev.cairn.lake.column.ColumnType.MapOf;
import dev.cairn.lake.column.ColumnType.Plain;
import dev.cairn.lake.column.ColumnType.Row;
import dev.cairn.lake.column.ColumnType.Unknown;
import dev.cairn.lake.column.StoreColumns;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;

/// The columns of an event data store's table, as Iceberg and DuckDB are told of them.
final class TableColumns {
    /// Iceberg gives new numbers when a table is made; these only have to differ.
    private int number;

    private TableColumns() {}

    /// Of a table that is to be made.
    static Schema schema(StoreColumns columns) {
        return new Schema(new TableColumns().fields(columns.ofTables()));
    }

    private List<NestedField> fields(List<Column> columns) {
        var fields = new ArrayList<NestedField>();
        for (var column : columns) {
            var id = ++number;
            fields.add(NestedField.optional(id, column.name(), type(column.type())));
        }
        return fields;
    }

    private Type type(ColumnType type) {
        return switch (type) {
            case Plain plain ->
                    switch (plain) {
                        case TEXT, JSON -> Types.StringType.get();
                        case BOOLEAN -> Types.BooleanType.get();
                        case WHOLE -> Types.LongType.get();
                        case TIMESTAMP -> Types.TimestampType.withoutZone();
                        case MOMENT -> Types.TimestampType.withZone();
                    };
            case Row row -> Types.StructType.of(fields(row.members()));
            case ArrayOf array -> Types.ListType.ofOptional(++number, type(array.element()));
            case MapOf map -> {
                var key = ++number;
                var value = ++number;
                yield Types.MapType.ofOptional(key, value, type(map.key()), type(map.value()));
            }
            case Unknown unknown -> throw new IllegalStateException(unknown.toString());
        };
    }

    /// What DuckDB's `COPY` is told of the numbers of fields: `{"eventversion": 1, …}`.
    static String fieldIds(Schema schema) {
        return members(schema.columns());
    }

    private static String members(List<NestedField> fields) {
        return fields.stream()
                .map(field -> "\"" + field.name() + "\": " + ids(field))
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private static String ids(NestedField field) {
        return ids(field.fieldId(), field.type());
    }

    private static String ids(int id, Type type) {
        if (type.isPrimitiveType()) {
            return Integer.toString(id);
        }
        var inner =
                switch (type.typeId()) {
                    case STRUCT -> {
                        var members = members(type.asStructType().fields());
                        yield members.substring(1, members.length() - 1);
                    }
                    case LIST -> {
                        var list = type.asListType();
                        yield "element: " + ids(list.elementId(), list.elementType());
                    }
                    case MAP -> {
                        var map = type.asMapType();
                        yield "key: %s, value: %s"
                                .formatted(
                                        ids(map.keyId(), map.keyType()),
                                        ids(map.valueId(), map.valueType()));
                    }
                    default -> throw new IllegalStateException("no field ids for " + type);
                };
        return "{__duckdb_field_id: " + id + ", " + inner + "}";
    }

    /// The names of columns, as SQL lists them.
    static String names(StoreColumns columns) {
        return columns.ofTables().stream()
                .map(column -> "\"" + column.name() + "\"")
                .collect(Collectors.joining(", "));
    }
}
