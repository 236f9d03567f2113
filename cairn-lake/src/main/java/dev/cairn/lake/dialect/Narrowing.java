package dev.cairn.lake.dialect;

import dev.cairn.lake.column.Sought;
import io.trino.sql.tree.AliasedRelation;
import io.trino.sql.tree.BetweenPredicate;
import io.trino.sql.tree.ComparisonPredicate;
import io.trino.sql.tree.DereferenceExpression;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.GenericLiteral;
import io.trino.sql.tree.Identifier;
import io.trino.sql.tree.InListExpression;
import io.trino.sql.tree.InPredicate;
import io.trino.sql.tree.LogicalExpression;
import io.trino.sql.tree.Predicated;
import io.trino.sql.tree.Relation;
import io.trino.sql.tree.StringLiteral;
import io.trino.sql.tree.Table;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Reads out of a WHERE over one table which of its events can be meant: by `eventID = '…'` or `IN
/// ('…', …)`, and by eventTime beside a literal. What it does not understand narrows nothing.
final class Narrowing {
    private static final String ID = "eventid";
    private static final String TIME = "eventtime";

    /// As people write times; what else DuckDB would take is left to it.
    private static final Pattern MOMENT =
            Pattern.compile("\\d{4}-\\d\\d-\\d\\d( \\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,6})?)?)?");

    private static final DateTimeFormatter FORMAT =
            new DateTimeFormatterBuilder()
                    .appendPattern("uuuu-MM-dd[ HH:mm[:ss]]")
                    .optionalStart()
                    .appendFraction(ChronoField.MICRO_OF_SECOND, 1, 6, true)
                    .optionalEnd()
                    .parseDefaulting(ChronoField.HOUR_OF_DAY, 0)
                    .parseDefaulting(ChronoField.MINUTE_OF_HOUR, 0)
                    .toFormatter(Locale.ROOT)
                    .withResolverStyle(java.time.format.ResolverStyle.STRICT);

    /// A table in FROM, alone, with the columns that it has.
    ///
    /// @param name in lower case
    /// @param shown what its columns are called by, in lower case
    record Alone(String name, String shown) {
        static Optional<Alone> of(Relation from) {
            return switch (from) {
                case Table table -> {
                    var name = table.getName().toString().toLowerCase(Locale.ROOT);
                    yield Optional.of(new Alone(name, name));
                }
                case AliasedRelation aliased
                        when aliased.getRelation() instanceof Table table
                                && aliased.getColumnNames() == null ->
                        Optional.of(
                                new Alone(
                                        table.getName().toString().toLowerCase(Locale.ROOT),
                                        aliased.getAlias().getValue().toLowerCase(Locale.ROOT)));
                default -> Optional.empty();
            };
        }
    }

    private final Alone table;

    Narrowing(Alone table) {
        this.table = table;
    }

    Sought read(Expression where) {
        if (where instanceof LogicalExpression logical
                && logical.getOperator() == LogicalExpression.Operator.AND) {
            return logical.getTerms().stream().map(this::read).reduce(Sought.ALL, Sought::and);
        }
        if (!(where instanceof Predicated predicated)) {
            return Sought.ALL;
        }
        var column = column(predicated.getValue());
        return switch (predicated.getPredicate()) {
            case ComparisonPredicate comparison when column.equals(ID) ->
                    comparison.getOperator() == ComparisonPredicate.Operator.EQUAL
                                    && comparison.getRight() instanceof StringLiteral id
                            ? ids(Set.of(id.getValue()))
                            : Sought.ALL;
            case InPredicate in
                    when column.equals(ID)
                            && !in.isNegated()
                            && in.getValueList() instanceof InListExpression list ->
                    ids(list);
            case ComparisonPredicate comparison when column.equals(TIME) ->
                    time(comparison.getOperator(), moment(comparison.getRight()));
            case BetweenPredicate between when column.equals(TIME) && !between.isNegated() ->
                    new Sought(
                            Optional.empty(), moment(between.getMin()), moment(between.getMax()));
            default -> Sought.ALL;
        };
    }

    /// The name of a column of the table in lower case; empty when it is something else.
    private String column(Expression expression) {
        return switch (expression) {
            case Identifier name -> name.getValue().toLowerCase(Locale.ROOT);
            case DereferenceExpression chain
                    when chain.getBase() instanceof Identifier base
                            && base.getValue().equalsIgnoreCase(table.shown()) ->
                    chain.getField()
                            .map(field -> field.getValue().toLowerCase(Locale.ROOT))
                            .orElse("");
            default -> "";
        };
    }

    private static Sought ids(Set<String> ids) {
        return new Sought(Optional.of(ids), Optional.empty(), Optional.empty());
    }

    private static Sought ids(InListExpression list) {
        var ids = new HashSet<String>();
        for (var value : list.getValues()) {
            if (!(value instanceof StringLiteral id)) {
                return Sought.ALL;
            }
            ids.add(id.getValue());
        }
        return ids(Set.copyOf(ids));
    }

    private static Sought time(
            ComparisonPredicate.Operator operator, Optional<LocalDateTime> moment) {
        return switch (operator) {
            case EQUAL -> new Sought(Optional.empty(), moment, moment);
            case GREATER_THAN, GREATER_THAN_OR_EQUAL ->
                    new Sought(Optional.empty(), moment, Optional.empty());
            case LESS_THAN, LESS_THAN_OR_EQUAL ->
                    new Sought(Optional.empty(), Optional.empty(), moment);
            case NOT_EQUAL -> Sought.ALL;
        };
    }

    private static Optional<LocalDateTime> moment(Expression literal) {
        var text =
                switch (literal) {
                    case StringLiteral string -> string.getValue();
                    case GenericLiteral generic
                            when generic.getType().equalsIgnoreCase("timestamp") ->
                            generic.getValue();
                    default -> "";
                };
        if (!MOMENT.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(LocalDateTime.parse(text, FORMAT));
        } catch (DateTimeException _) {
            // DuckDB says what is wrong with it.
            return Optional.empty();
        }
    }
}
