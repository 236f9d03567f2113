package dev.cairn.lake.dialect;

import dev.cairn.lake.column.ColumnType;

/// An expression as DuckDB takes it, fit to stand anywhere in another.
record Sql(String text, ColumnType type) {
    static Sql untyped(String text) {
        return new Sql(text, ColumnType.UNKNOWN);
    }

    /// A name, quoted.
    static String name(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    /// A text, quoted.
    static String literal(String value) {
        return "'" + value.replace("'", "''") + "'";
    }
}
