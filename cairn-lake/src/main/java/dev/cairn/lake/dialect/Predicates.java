package dev.cairn.lake.dialect;

import dev.cairn.lake.column.ColumnType.Plain;
import io.trino.sql.tree.BetweenPredicate;
import io.trino.sql.tree.BooleanLiteral;
import io.trino.sql.tree.BooleanTestPredicate;
import io.trino.sql.tree.ComparisonPredicate;
import io.trino.sql.tree.DistinctFromPredicate;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.InListExpression;
import io.trino.sql.tree.InPredicate;
import io.trino.sql.tree.IsNullPredicate;
import io.trino.sql.tree.LikePredicate;
import io.trino.sql.tree.Predicated;
import io.trino.sql.tree.QuantifiedComparisonPredicate;
import io.trino.sql.tree.SubqueryExpression;

/// Writes what is asked of a value: `= 1`, `IN (…)`, `IS NULL`.
final class Predicates {
    private Predicates() {}

    static Sql write(Predicated predicated, Expressions expressions) {
        var value = expressions.write(predicated.getValue());
        var text =
                switch (predicated.getPredicate()) {
                    case ComparisonPredicate comparison -> {
                        var right = expressions.write(comparison.getRight());
                        yield "%s %s %s"
                                .formatted(
                                        beside(value, predicated.getValue(), right),
                                        operator(comparison.getOperator()),
                                        beside(right, comparison.getRight(), value));
                    }
                    case DistinctFromPredicate distinct ->
                            "%s IS%s DISTINCT FROM %s"
                                    .formatted(
                                            value.text(),
                                            not(distinct.isNegated()),
                                            expressions.text(distinct.getRight()));
                    case IsNullPredicate is ->
                            "%s IS%s NULL".formatted(value.text(), not(is.isNegated()));
                    case BooleanTestPredicate is ->
                            "%s IS%s %s"
                                    .formatted(
                                            value.text(),
                                            not(is.isNegated()),
                                            switch (is.getTruthValue()) {
                                                case TRUE -> "TRUE";
                                                case FALSE -> "FALSE";
                                                case UNKNOWN -> "NULL";
                                            });
                    case BetweenPredicate between -> {
                        if (between.isSymmetric()) {
                            throw Refusal.at(between, "BETWEEN SYMMETRIC is not available");
                        }
                        yield "%s%s BETWEEN %s AND %s"
                                .formatted(
                                        value.text(),
                                        not(between.isNegated()),
                                        expressions.text(between.getMin()),
                                        expressions.text(between.getMax()));
                    }
                    case InPredicate in ->
                            "%s%s IN %s"
                                    .formatted(
                                            value.text(),
                                            not(in.isNegated()),
                                            list(in, expressions));
                    case LikePredicate like ->
                            "%s%s LIKE %s%s"
                                    .formatted(
                                            value.text(),
                                            not(like.isNegated()),
                                            expressions.text(like.getPattern()),
                                            like.getEscape()
                                                    .map(escape ->
                                                            " ESCAPE " + expressions.text(escape))
                                                    .orElse(""));
                    case QuantifiedComparisonPredicate quantified ->
                            "%s %s %s %s"
                                    .formatted(
                                            value.text(),
                                            operator(quantified.getOperator()),
                                            switch (quantified.getQuantifier()) {
                                                case ALL -> "ALL";
                                                case ANY, SOME -> "ANY";
                                            },
                                            expressions.text(quantified.getSubquery()));
                    default ->
                            throw Refusal.at(
                                    predicated,
                                    Names.words(
                                                    predicated
                                                            .getPredicate()
                                                            .getClass()
                                                            .getSimpleName())
                                            + " is not available");
                };
        return Expressions.truth("(" + text + ")");
    }

    private static String not(boolean negated) {
        return negated ? " NOT" : "";
    }

    private static String operator(ComparisonPredicate.Operator operator) {
        return switch (operator) {
            case EQUAL -> "=";
            case NOT_EQUAL -> "<>";
            case LESS_THAN -> "<";
            case LESS_THAN_OR_EQUAL -> "<=";
            case GREATER_THAN -> ">";
            case GREATER_THAN_OR_EQUAL -> ">=";
        };
    }

    /// `true` beside a text is the word: AWS's samples compare sessionCredentialFromConsole so.
    private static String beside(Sql own, Expression expression, Sql other) {
        return expression instanceof BooleanLiteral && other.type() == Plain.TEXT
                ? Sql.literal(own.text())
                : own.text();
    }

    private static String list(InPredicate in, Expressions expressions) {
        return switch (in.getValueList()) {
            case InListExpression list -> "(" + expressions.list(list.getValues()) + ")";
            case SubqueryExpression subquery -> expressions.text(subquery);
            default -> throw Refusal.at(in, "expected a list or a query after IN");
        };
    }
}
