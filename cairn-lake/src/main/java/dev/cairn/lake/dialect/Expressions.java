package dev.cairn.lake.dialect;

import dev.cairn.lake.column.ColumnType;
import dev.cairn.lake.column.ColumnType.ArrayOf;
import dev.cairn.lake.column.ColumnType.MapOf;
import dev.cairn.lake.column.ColumnType.Plain;
import dev.cairn.lake.column.ColumnType.Row;
import io.trino.sql.tree.ArithmeticBinaryExpression;
import io.trino.sql.tree.ArithmeticUnaryExpression;
import io.trino.sql.tree.Array;
import io.trino.sql.tree.AtTimeZone;
import io.trino.sql.tree.BinaryLiteral;
import io.trino.sql.tree.BooleanLiteral;
import io.trino.sql.tree.Cast;
import io.trino.sql.tree.CoalesceExpression;
import io.trino.sql.tree.CurrentDate;
import io.trino.sql.tree.CurrentTimestamp;
import io.trino.sql.tree.DecimalLiteral;
import io.trino.sql.tree.DereferenceExpression;
import io.trino.sql.tree.DoubleLiteral;
import io.trino.sql.tree.ExistsPredicate;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.Extract;
import io.trino.sql.tree.FunctionCall;
import io.trino.sql.tree.GenericLiteral;
import io.trino.sql.tree.GroupingOperation;
import io.trino.sql.tree.Identifier;
import io.trino.sql.tree.IfExpression;
import io.trino.sql.tree.IntervalLiteral;
import io.trino.sql.tree.LambdaExpression;
import io.trino.sql.tree.LocalTimestamp;
import io.trino.sql.tree.LogicalExpression;
import io.trino.sql.tree.LongLiteral;
import io.trino.sql.tree.NotExpression;
import io.trino.sql.tree.NullIfExpression;
import io.trino.sql.tree.NullLiteral;
import io.trino.sql.tree.Predicated;
import io.trino.sql.tree.SearchedCaseExpression;
import io.trino.sql.tree.SimpleCaseExpression;
import io.trino.sql.tree.StringLiteral;
import io.trino.sql.tree.SubqueryExpression;
import io.trino.sql.tree.SubscriptExpression;
import io.trino.sql.tree.Trim;
import io.trino.sql.tree.TryExpression;
import io.trino.sql.tree.WhenClause;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Writes expressions.
final class Expressions {
    private static final Map<String, String> FIELDS =
            Map.ofEntries(
                    Map.entry("YEAR", "year"),
                    Map.entry("QUARTER", "quarter"),
                    Map.entry("MONTH", "month"),
                    Map.entry("WEEK", "week"),
                    Map.entry("DAY", "day"),
                    Map.entry("DAY_OF_MONTH", "day"),
                    Map.entry("DAY_OF_WEEK", "isodow"),
                    Map.entry("DOW", "isodow"),
                    Map.entry("DAY_OF_YEAR", "dayofyear"),
                    Map.entry("DOY", "dayofyear"),
                    Map.entry("YEAR_OF_WEEK", "isoyear"),
                    Map.entry("YOW", "isoyear"),
                    Map.entry("HOUR", "hour"),
                    Map.entry("MINUTE", "minute"),
                    Map.entry("SECOND", "second"));

    private final Queries queries;
    private final Queries.Place place;
    private final Calls calls;

    /// @param place the query that the expressions stand in; its scope has the names they may use
    Expressions(Queries queries, Queries.Place place) {
        this.queries = queries;
        this.place = place;
        this.calls = new Calls(this);
    }

    Queries.Place place() {
        return place;
    }

    /// The same, for expressions that may use more names.
    Expressions with(List<Scope.Field> names) {
        return new Expressions(queries, place.within(place.scope().with(names)));
    }

    String text(Expression expression) {
        return write(expression).text();
    }

    String list(List<? extends Expression> expressions) {
        return expressions.stream().map(this::text).collect(Collectors.joining(", "));
    }

    Sql write(Expression expression) {
        return switch (expression) {
            case Identifier name -> named(name, List.of(name));
            case DereferenceExpression chain -> dereference(chain);
            case StringLiteral literal -> text(Sql.literal(literal.getValue()));
            case LongLiteral literal ->
                    new Sql(Long.toString(literal.getParsedValue()), Plain.WHOLE);
            case DoubleLiteral literal -> Sql.untyped("CAST(" + literal.getValue() + " AS DOUBLE)");
            case DecimalLiteral literal -> Sql.untyped(literal.getValue());
            case BooleanLiteral literal -> truth(Boolean.toString(literal.getValue()));
            case NullLiteral _ -> Sql.untyped("NULL");
            case BinaryLiteral literal -> Sql.untyped("unhex('" + literal.toHexString() + "')");
            case GenericLiteral literal -> literal(literal);
            case IntervalLiteral literal -> interval(literal);
            case ArithmeticBinaryExpression sum -> arithmetic(sum);
            case ArithmeticUnaryExpression signed -> {
                var value = write(signed.getValue());
                yield signed.getSign() == ArithmeticUnaryExpression.Sign.MINUS
                        ? new Sql("(- " + value.text() + ")", value.type())
                        : value;
            }
            case Predicated predicated -> Predicates.write(predicated, this);
            case LogicalExpression logical ->
                    truth(
                            logical.getTerms().stream()
                                    .map(this::text)
                                    .collect(
                                            Collectors.joining(
                                                    " " + logical.getOperator() + " ", "(", ")")));
            case NotExpression not -> truth("(NOT " + text(not.getValue()) + ")");
            case ExistsPredicate exists -> truth("(EXISTS " + text(exists.getSubquery()) + ")");
            case SubqueryExpression subquery -> subquery(subquery);
            case SimpleCaseExpression of -> simpleCase(of);
            case SearchedCaseExpression searched ->
                    cases("CASE", searched.getWhenClauses(), searched.getDefaultValue());
            case IfExpression either -> {
                var then = write(either.getTrueValue());
                yield new Sql(
                        "CASE WHEN %s THEN %s%s END"
                                .formatted(
                                        text(either.getCondition()),
                                        then.text(),
                                        either.getFalseValue()
                                                .map(value -> " ELSE " + text(value))
                                                .orElse("")),
                        then.type());
            }
            case CoalesceExpression coalesce ->
                    new Sql(
                            "coalesce(" + list(coalesce.getOperands()) + ")",
                            write(coalesce.getOperands().getFirst()).type());
            case NullIfExpression nullIf -> {
                var first = write(nullIf.getFirst());
                yield new Sql(
                        "nullif(" + first.text() + ", " + text(nullIf.getSecond()) + ")",
                        first.type());
            }
            case TryExpression attempt -> {
                var inner = write(attempt.getInnerExpression());
                yield new Sql("TRY(" + inner.text() + ")", inner.type());
            }
            case Cast cast -> cast(cast);
            case FunctionCall call -> calls.write(call);
            case Array array ->
                    new Sql(
                            "[" + list(array.getValues()) + "]",
                            new ArrayOf(
                                    array.getValues().isEmpty()
                                            ? ColumnType.UNKNOWN
                                            : write(array.getValues().getFirst()).type()));
            case SubscriptExpression subscript -> {
                var base = write(subscript.getBase());
                yield new Sql(
                        base.text() + "[" + text(subscript.getIndex()) + "]",
                        Functions.element(base.type()));
            }
            case io.trino.sql.tree.Row row -> Rows.write(row, this);
            case Extract extract -> {
                var function = FIELDS.get(extract.getField().toString());
                if (function == null) {
                    throw Refusal.at(
                            extract, "EXTRACT of " + extract.getField() + " is not available");
                }
                yield new Sql(function + "(" + text(extract.getExpression()) + ")", Plain.WHOLE);
            }
            case AtTimeZone at ->
                    new Sql(
                            "cairn_at_zone(%s, %s)"
                                    .formatted(text(at.getValue()), text(at.getTimeZone())),
                            Plain.TIMESTAMP);
            case CurrentDate _ -> Sql.untyped("CAST(now() AS DATE)");
            case CurrentTimestamp _ -> new Sql("now()", Plain.MOMENT);
            case LocalTimestamp _ -> new Sql("CAST(now() AS TIMESTAMP)", Plain.TIMESTAMP);
            case Trim trim -> {
                var function =
                        switch (trim.getSpecification()) {
                            case BOTH -> "trim";
                            case LEADING -> "ltrim";
                            case TRAILING -> "rtrim";
                        };
                yield text(
                        "%s(%s%s)"
                                .formatted(
                                        function,
                                        text(trim.getTrimSource()),
                                        trim.getTrimCharacter()
                                                .map(sign -> ", " + text(sign))
                                                .orElse("")));
            }
            case GroupingOperation grouping ->
                    new Sql("grouping(" + list(grouping.getGroupingColumns()) + ")", Plain.WHOLE);
            case LambdaExpression lambda ->
                    throw Refusal.at(lambda, "a lambda can only be an argument of a function");
            default ->
                    throw Refusal.at(
                            expression,
                            Names.words(expression.getClass().getSimpleName())
                                    + " is not available");
        };
    }

    static Sql truth(String text) {
        return new Sql(text, Plain.BOOLEAN);
    }

    private static Sql text(String text) {
        return new Sql(text, Plain.TEXT);
    }

    // ---- names --------------------------------------------------------------------------------

    private Sql dereference(DereferenceExpression chain) {
        var parts = new ArrayList<Identifier>();
        Expression at = chain;
        while (at instanceof DereferenceExpression dereference) {
            var field =
                    dereference
                            .getField()
                            .orElseThrow(() -> Refusal.at(chain, "* is not expected here"));
            parts.addFirst(field);
            at = dereference.getBase();
        }
        if (at instanceof Identifier first) {
            parts.addFirst(first);
            return named(chain, parts);
        }
        var value = write(at);
        for (var part : parts) {
            value = member(value, part);
        }
        return value;
    }

    private Sql named(Expression whole, List<Identifier> parts) {
        var words = parts.stream().map(part -> part.getValue().toLowerCase(Locale.ROOT)).toList();
        var found = place.scope().find(words);
        if (found.isEmpty()) {
            throw Refusal.at(
                    whole,
                    "column '%s' is not there%s"
                            .formatted(
                                    parts.getFirst().getValue(),
                                    place.scope()
                                            .nearest(words.getFirst())
                                            .map(name -> "; did you mean '" + name + "'?")
                                            .orElse("")));
        }
        if (found.size() > 1) {
            throw Refusal.at(
                    whole,
                    "column '%s' is ambiguous"
                            .formatted(
                                    parts.stream()
                                            .limit(found.getFirst().used())
                                            .map(Identifier::getValue)
                                            .collect(Collectors.joining("."))));
        }
        var match = found.getFirst();
        var value = match.field().sql();
        for (var part : parts.subList(match.used(), parts.size())) {
            value = member(value, part);
        }
        return value;
    }

    private static Sql member(Sql value, Identifier name) {
        var word = name.getValue().toLowerCase(Locale.ROOT);
        return switch (value.type()) {
            case Row row -> {
                var member =
                        row.member(word)
                                .orElseThrow(() ->
                                        Refusal.at(
                                                name,
                                                "'%s' is not a member of the row, which has %s"
                                                        .formatted(
                                                                name.getValue(),
                                                                row.members().stream()
                                                                        .map(
                                                                                dev.cairn.lake
                                                                                                .column
                                                                                                .Column
                                                                                        ::name)
                                                                        .collect(
                                                                                Collectors.joining(
                                                                                        ", ")))));
                yield new Sql(extract(value, word), member.type());
            }
            case ColumnType.Unknown _ -> Sql.untyped(extract(value, word));
            case MapOf _ ->
                    throw Refusal.at(
                            name,
                            "a map has no member '%s'; expected element_at(..., '%s')"
                                    .formatted(name.getValue(), name.getValue()));
            case ArrayOf _ ->
                    throw Refusal.at(
                            name,
                            "an array has no member '%s'; expected element_at(..., 1).%s"
                                    .formatted(name.getValue(), name.getValue()));
            case Plain plain ->
                    throw Refusal.at(
                            name,
                            "a %s has no member '%s'"
                                    .formatted(
                                            plain.name().toLowerCase(Locale.ROOT),
                                            name.getValue()));
        };
    }

    private static String extract(Sql row, String member) {
        return "struct_extract(" + row.text() + ", " + Sql.literal(member) + ")";
    }

    // ---- literals and types -------------------------------------------------------------------

    private Sql literal(GenericLiteral literal) {
        var type = Types.of(literal.getType(), literal);
        var value = Sql.literal(literal.getValue());
        return switch (literal.getType().toLowerCase(Locale.ROOT)) {
            case "timestamp" ->
                    literal.getValue().strip().matches(".*\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?")
                                    || literal.getValue().strip().matches("\\d+-\\d+-\\d+")
                            ? new Sql("CAST(" + value + " AS TIMESTAMP)", Plain.TIMESTAMP)
                            : new Sql("CAST(" + value + " AS TIMESTAMPTZ)", Plain.MOMENT);
            case "json" -> new Sql("CAST(" + value + " AS JSON)", Plain.JSON);
            default -> new Sql("CAST(" + value + " AS " + type.sql() + ")", type.type());
        };
    }

    private static Sql interval(IntervalLiteral literal) {
        return Intervals.write(literal);
    }

    private Sql cast(Cast cast) {
        var value = write(cast.getExpression());
        var type = Types.of(cast.getType(), cast);
        var word = cast.isSafe() ? "TRY_CAST" : "CAST";
        if (type.sql().equals("VARCHAR")) {
            if (isTime(value)) {
                // As it is shown.
                return text(
                        "strftime(%s, '%%Y-%%m-%%d %%H:%%M:%%S.%%g%s')"
                                .formatted(
                                        value.text(), value.type() == Plain.MOMENT ? " UTC" : ""));
            }
            // A JSON text becomes what it says, without its quotes.
            return text(
                    value.type() instanceof ColumnType.Unknown || value.type() == Plain.JSON
                            ? "cairn_as_text(" + value.text() + ")"
                            : word + "(" + value.text() + " AS VARCHAR)");
        }
        if (type.sql().equals("JSON")) {
            return new Sql("to_json(" + value.text() + ")", Plain.JSON);
        }
        return new Sql("%s(%s AS %s)".formatted(word, value.text(), type.sql()), type.type());
    }

    // ---- operators ----------------------------------------------------------------------------

    private Sql arithmetic(ArithmeticBinaryExpression sum) {
        var left = write(sum.getLeft());
        var right = write(sum.getRight());
        return new Sql(
                "(%s %s %s)".formatted(left.text(), sum.getOperator().getValue(), right.text()),
                isTime(left) && isTime(right)
                        // An interval.
                        ? ColumnType.UNKNOWN
                        : left.type() == Plain.WHOLE
                                ? right.type()
                                : left.type() instanceof Plain ? left.type() : ColumnType.UNKNOWN);
    }

    private static boolean isTime(Sql value) {
        return value.type() == Plain.TIMESTAMP || value.type() == Plain.MOMENT;
    }

    private Sql subquery(SubqueryExpression subquery) {
        var written = queries.query(subquery.getQuery(), place);
        return new Sql(
                "(" + written.sql() + ")",
                written.columns().size() == 1
                        ? written.columns().getFirst().type()
                        : ColumnType.UNKNOWN);
    }

    private Sql simpleCase(SimpleCaseExpression of) {
        return cases("CASE " + text(of.getOperand()), of.getWhenClauses(), of.getDefaultValue());
    }

    private static Expression operand(WhenClause when) {
        if (when.getMatch().node() instanceof Expression operand) {
            return operand;
        }
        throw Refusal.at(when, "a condition without its left side is not available after WHEN");
    }

    private Sql cases(String head, List<WhenClause> whens, Optional<Expression> otherwise) {
        return new Sql(
                whens.stream()
                        .map(when ->
                                "WHEN %s THEN %s"
                                        .formatted(text(operand(when)), text(when.getResult())))
                        .collect(
                                Collectors.joining(
                                        " ",
                                        head + " ",
                                        otherwise.map(value -> " ELSE " + text(value)).orElse("")
                                                + " END")),
                write(whens.getFirst().getResult()).type());
    }
}
