package dev.cairn.lake.dialect;

import dev.cairn.lake.column.ColumnType;
import dev.cairn.lake.column.ColumnType.ArrayOf;
import dev.cairn.lake.column.ColumnType.MapOf;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.FrameBound;
import io.trino.sql.tree.FunctionCall;
import io.trino.sql.tree.Identifier;
import io.trino.sql.tree.LambdaExpression;
import io.trino.sql.tree.StringLiteral;
import io.trino.sql.tree.Window;
import io.trino.sql.tree.WindowReference;
import io.trino.sql.tree.WindowSpecification;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Writes calls of functions, as [Functions] says.
final class Calls {
    private static final Pattern PLACE =
            Pattern.compile("\\$(\\d)(?::(\\w+))?|\\$\\*|\\$filter|\\$order");
    private static final Pattern NAME = Pattern.compile("\\w+");

    private final Expressions expressions;

    Calls(Expressions expressions) {
        this.expressions = expressions;
    }

    Sql write(FunctionCall call) {
        var name = call.getName().toString().toLowerCase(Locale.ROOT);
        if (call.hasNamedArguments() || call.getProcessingMode().isPresent()) {
            throw Refusal.at(call, "arguments with names are not available");
        }
        var rules = Functions.named(name);
        if (rules.isEmpty()) {
            throw Refusal.at(call, "function '" + name + "' is not available");
        }
        var rule =
                rules.stream()
                        .filter(candidate -> candidate.takes(call.argumentValues().size()))
                        .findFirst()
                        .orElseThrow(() ->
                                Refusal.at(
                                        call,
                                        "function '%s' does not take %d arguments"
                                                .formatted(name, call.argumentValues().size())));
        var arguments = new Arguments(call, rule.duck());
        var text = arguments.fill() + over(call);
        return new Sql(text, rule.answer(arguments.plain()));
    }

    /// The arguments of one call, each written when a rule asks for it.
    private final class Arguments {
        private final FunctionCall call;
        private final String rule;
        private final Map<Integer, Sql> written = new HashMap<>();

        Arguments(FunctionCall call, String rule) {
            this.call = call;
            this.rule = rule;
        }

        /// All of them, for the type of the answer.
        List<Sql> plain() {
            var all = new ArrayList<Sql>();
            for (var at = 0; at < call.argumentValues().size(); at++) {
                all.add(written.getOrDefault(at, Sql.untyped("")));
            }
            return all;
        }

        String fill() {
            var filter =
                    call.getFilter()
                            .map(condition -> " FILTER (WHERE " + expressions.text(condition) + ")")
                            .orElse("");
            if (rule.equals("$||")) {
                return all().stream().collect(Collectors.joining(" || ", "(", ")")) + filter;
            }
            if (NAME.matcher(rule).matches()) {
                return rule
                        + "("
                        + (call.isDistinct() ? "DISTINCT " : "")
                        + String.join(", ", all())
                        + order()
                        + ")"
                        + filter;
            }
            if (call.isDistinct() || (call.getOrderBy().isPresent() && !rule.contains("$order"))) {
                throw Refusal.at(
                        call,
                        "DISTINCT and ORDER BY are not available in '" + call.getName() + "'");
            }
            var filled =
                    PLACE.matcher(rule)
                            .replaceAll(place ->
                                    Matcher.quoteReplacement(filled(place.group(), filter)));
            return rule.contains("$filter") ? filled : filled + filter;
        }

        private String filled(String place, String filter) {
            if (place.equals("$filter")) {
                return filter;
            }
            if (place.equals("$order")) {
                return order();
            }
            if (place.equals("$*")) {
                return String.join(", ", all());
            }
            var parts = place.substring(1).split(":", 2);
            var index = Integer.parseInt(parts[0]) - 1;
            return parts.length == 1 ? argument(index).text() : special(index, parts[1]);
        }

        private List<String> all() {
            var all = new ArrayList<String>();
            for (var at = 0; at < call.argumentValues().size(); at++) {
                all.add(argument(at).text());
            }
            return all;
        }

        private String order() {
            return call.getOrderBy()
                    .map(order -> " ORDER BY " + Orders.write(order, expressions))
                    .orElse("");
        }

        private Sql argument(int at) {
            var known = written.get(at);
            if (known == null) {
                known =
                        call.argumentValues().get(at) instanceof LambdaExpression lambda
                                ? lambda(lambda, at == 0 ? ColumnType.UNKNOWN : element())
                                : expressions.write(call.argumentValues().get(at));
                written.put(at, known);
            }
            return known;
        }

        /// The type of what a lambda is asked about: the elements of the first argument.
        private ColumnType element() {
            return argument(0).type() instanceof ArrayOf array
                    ? array.element()
                    : ColumnType.UNKNOWN;
        }

        private String special(int at, String word) {
            return switch (word) {
                case "path" -> literal(at, JsonPaths::toDuck, "a JSON path of names and indexes");
                case "mysql" -> literal(at, Formats::mysql, "a pattern of MySQL's signs");
                case "joda" -> literal(at, Formats::joda, "a pattern of Joda's signs");
                case "replacement" -> literal(at, Formats::replacement, "a text with groups as $1");
                case "list" ->
                        argument(at).type() instanceof MapOf
                                ? "map_entries(" + argument(at).text() + ")"
                                : argument(at).text();
                case "reverse" ->
                        (argument(at).type() instanceof ArrayOf ? "list_reverse(" : "reverse(")
                                + argument(at).text()
                                + ")";
                case "pair" -> pairs(lambdaAt(at, 2));
                case "entry" -> entries(lambdaAt(at, 2), (_, body) -> body);
                case "key" ->
                        entries(
                                lambdaAt(at, 2),
                                (own, body) ->
                                        "struct_pack(\"key\" := "
                                                + body
                                                + ", \"value\" := struct_extract("
                                                + own
                                                + ", 'value'))");
                case "value" ->
                        entries(
                                lambdaAt(at, 2),
                                (own, body) ->
                                        "struct_pack(\"key\" := struct_extract("
                                                + own
                                                + ", 'key'), \"value\" := "
                                                + body
                                                + ")");
                default -> throw new IllegalStateException("no way to write an argument " + word);
            };
        }

        private String literal(int at, Function<String, Optional<String>> writer, String expected) {
            var argument = call.argumentValues().get(at);
            if (argument instanceof StringLiteral literal) {
                var written = writer.apply(literal.getValue());
                if (written.isPresent()) {
                    return Sql.literal(written.get());
                }
            }
            throw Refusal.at(
                    argument,
                    "expected %s, as a literal, in '%s'".formatted(expected, call.getName()));
        }

        private LambdaExpression lambdaAt(int at, int parameters) {
            if (call.argumentValues().get(at) instanceof LambdaExpression lambda
                    && lambda.getArguments().size() == parameters) {
                return lambda;
            }
            throw Refusal.at(
                    call.argumentValues().get(at),
                    "expected a lambda of %d arguments in '%s'"
                            .formatted(parameters, call.getName()));
        }

        /// Each argument of the lambda is an argument.
        private Sql lambda(LambdaExpression lambda, ColumnType of) {
            var names = new ArrayList<String>();
            var fields = new ArrayList<Scope.Field>();
            for (var argument : lambda.getArguments()) {
                var own = expressions.place().fresh("x");
                names.add(own);
                fields.add(
                        Scope.Field.of(
                                "",
                                argument.getName().getValue(),
                                new Sql(
                                        own,
                                        lambda.getArguments().size() == 1
                                                ? of
                                                : ColumnType.UNKNOWN)));
            }
            var body = expressions.with(fields).write(lambda.getBody());
            return new Sql("lambda " + String.join(", ", names) + ": " + body.text(), body.type());
        }

        /// The two arguments are what stands beside each other in two arrays.
        private String pairs(LambdaExpression lambda) {
            var own = expressions.place().fresh("x");
            return "lambda "
                    + own
                    + ": "
                    + body(
                            lambda,
                            new Sql(own + "[1]", ColumnType.UNKNOWN),
                            new Sql(own + "[2]", ColumnType.UNKNOWN));
        }

        /// The two arguments are key and value of an entry.
        ///
        /// @param around of the entry's name and the body
        private String entries(LambdaExpression lambda, BinaryOperator<String> around) {
            var own = expressions.place().fresh("x");
            var map = argument(0).type() instanceof MapOf of ? of : null;
            var body =
                    body(
                            lambda,
                            new Sql(
                                    "struct_extract(" + own + ", 'key')",
                                    map == null ? ColumnType.UNKNOWN : map.key()),
                            new Sql(
                                    "struct_extract(" + own + ", 'value')",
                                    map == null ? ColumnType.UNKNOWN : map.value()));
            return "lambda " + own + ": " + around.apply(own, body);
        }

        private String body(LambdaExpression lambda, Sql first, Sql second) {
            return expressions
                    .with(
                            List.of(
                                    Scope.Field.of("", name(lambda, 0), first),
                                    Scope.Field.of("", name(lambda, 1), second)))
                    .text(lambda.getBody());
        }

        private static String name(LambdaExpression lambda, int at) {
            return lambda.getArguments().get(at).getName().getValue();
        }
    }

    // ---- windows ------------------------------------------------------------------------------

    private String over(FunctionCall call) {
        var nulls =
                call.getNullTreatment()
                        .map(treatment ->
                                switch (treatment) {
                                    case IGNORE -> " IGNORE NULLS";
                                    case RESPECT -> " RESPECT NULLS";
                                })
                        .orElse("");
        if (!nulls.isEmpty()) {
            throw Refusal.at(call, nulls.strip() + " is not available");
        }
        return call.getWindow().map(window -> " OVER (" + window(window) + ")").orElse("");
    }

    private String window(Window window) {
        return switch (window) {
            case WindowReference reference ->
                    window(expressions.place().window(reference.getName()));
            case WindowSpecification specification -> specification(specification);
            default -> throw new IllegalStateException("no window " + window);
        };
    }

    private String specification(WindowSpecification window) {
        if (window.getExistingWindowName().isPresent()) {
            throw Refusal.at(window, "a window that extends another is not available");
        }
        var parts = new ArrayList<String>();
        if (!window.getPartitionBy().isEmpty()) {
            parts.add("PARTITION BY " + expressions.list(window.getPartitionBy()));
        }
        window.getOrderBy()
                .ifPresent(order -> parts.add("ORDER BY " + Orders.write(order, expressions)));
        window.getFrame()
                .ifPresent(frame -> {
                    if (!frame.getMeasures().isEmpty() || frame.getPattern().isPresent()) {
                        throw Refusal.at(frame, "patterns of rows are not available");
                    }
                    var start = bound(frame.getStart());
                    parts.add(
                            frame.getEnd()
                                    .map(end ->
                                            "%s BETWEEN %s AND %s"
                                                    .formatted(frame.getType(), start, bound(end)))
                                    .orElse(frame.getType() + " " + start));
                });
        return String.join(" ", parts);
    }

    private String bound(FrameBound bound) {
        var value = bound.getValue().map(expressions::text).orElse("");
        return switch (bound.getType()) {
            case UNBOUNDED_PRECEDING -> "UNBOUNDED PRECEDING";
            case PRECEDING -> value + " PRECEDING";
            case CURRENT_ROW -> "CURRENT ROW";
            case FOLLOWING -> value + " FOLLOWING";
            case UNBOUNDED_FOLLOWING -> "UNBOUNDED FOLLOWING";
        };
    }

    /// Whether an expression is the name of something.
    static Optional<String> plainName(Expression expression) {
        return expression instanceof Identifier name
                ? Optional.of(name.getValue().toLowerCase(Locale.ROOT))
                : Optional.empty();
    }
}
