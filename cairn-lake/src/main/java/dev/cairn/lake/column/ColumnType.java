package dev.cairn.lake.column;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The type of a column or of an expression, as far as rewriting a query needs it.
public sealed interface ColumnType {

    /// Types without parts.
    enum Plain implements ColumnType {
        TEXT("VARCHAR"),
        BOOLEAN("BOOLEAN"),
        WHOLE("BIGINT"),
        TIMESTAMP("TIMESTAMP"),
        /// A moment: Trino's `timestamp with time zone`.
        MOMENT("TIMESTAMPTZ"),
        JSON("JSON");

        private final String sql;

        Plain(String sql) {
            this.sql = sql;
        }

        @Override
        public String sql() {
            return sql;
        }
    }

    /// What cannot be told before the query runs, or need not be.
    record Unknown() implements ColumnType {
        @Override
        public String sql() {
            throw new IllegalStateException("an unknown type has no name");
        }
    }

    /// A row of named members: Trino's `row`, DuckDB's `STRUCT`.
    record Row(List<Column> members) implements ColumnType {
        /// A member by its name, whatever the case of its letters.
        public Optional<Column> member(String name) {
            return members.stream()
                    .filter(member -> member.name().equals(name.toLowerCase(Locale.ROOT)))
                    .findFirst();
        }

        @Override
        public String sql() {
            return members.stream()
                    .map(member -> "\"" + member.name() + "\" " + member.type().sql())
                    .reduce((left, right) -> left + ", " + right)
                    .map(all -> "STRUCT(" + all + ")")
                    .orElseThrow();
        }
    }

    /// Several values of one type, counted from 1.
    record ArrayOf(ColumnType element) implements ColumnType {
        @Override
        public String sql() {
            return element.sql() + "[]";
        }
    }

    /// Values by key.
    record MapOf(ColumnType key, ColumnType value) implements ColumnType {
        @Override
        public String sql() {
            return "MAP(" + key.sql() + ", " + value.sql() + ")";
        }
    }

    /// The name DuckDB has for it.
    ///
    /// @throws IllegalStateException for what is unknown
    String sql();

    /// What cannot be told.
    ColumnType UNKNOWN = new Unknown();

    /// `array(varchar)` and the like.
    static ColumnType arrayOf(ColumnType element) {
        return new ArrayOf(element);
    }
}
