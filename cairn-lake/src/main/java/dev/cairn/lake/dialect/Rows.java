package dev.cairn.lake.dialect;

import dev.cairn.lake.column.ColumnType;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.Row;
import java.util.List;

/// `ROW(1, 'a')`.
final class Rows {
    private Rows() {}

    static Sql write(Row row, Expressions expressions) {
        return new Sql("row(" + expressions.list(values(row)) + ")", ColumnType.UNKNOWN);
    }

    static List<Expression> values(Row row) {
        return row.getFields().stream().map(Row.Field::getExpression).toList();
    }
}
