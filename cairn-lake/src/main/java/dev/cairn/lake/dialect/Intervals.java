package dev.cairn.lake.dialect;

import dev.cairn.lake.column.ColumnType;
import io.trino.sql.tree.IntervalLiteral;
import io.trino.sql.tree.SimpleIntervalQualifier;

/// `INTERVAL '7' DAY`.
final class Intervals {
    private Intervals() {}

    static Sql write(IntervalLiteral literal) {
        if (!(literal.qualifier() instanceof SimpleIntervalQualifier unit)) {
            throw Refusal.at(
                    literal, "an interval from one unit to another is not available; add two");
        }
        if (!literal.getValue().strip().matches("\\d{1,9}")) {
            throw Refusal.at(literal, "expected a whole number in an interval");
        }
        var sign = literal.getSign() == IntervalLiteral.Sign.NEGATIVE ? "-" : "";
        return new Sql(
                "CAST('%s%s %s' AS INTERVAL)"
                        .formatted(sign, literal.getValue().strip(), unit.getField().name()),
                ColumnType.UNKNOWN);
    }
}
