package dev.cairn.metric;

import dev.cairn.metric.Operand.Scalar;
import dev.cairn.metric.Operand.Series;
import dev.cairn.metric.Operand.Several;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/// A metric maths expression, such as `100 * errors / SUM(METRICS())`. Immutable.
///
/// Source: Amazon CloudWatch User Guide, "Using math expressions with CloudWatch metrics". What is
/// built: numbers, ids of other queries, lists, `+ - * / ^`, comparisons, `&&`, `||`, and the
/// functions in [#FUNCTIONS].
public final class Expression {
    private static final int NESTING_MAX = 50;

    /// What one list holds: as many time series as a request has queries.
    static final int SERIES_MAX = 500;

    private static final int POINTS_MAX = 1_000_000;

    /// The functions there are.
    public static final Set<String> FUNCTIONS =
            Set.of(
                    "ABS",
                    "AVG",
                    "CEIL",
                    "DATAPOINT_COUNT",
                    "DIFF",
                    "FILL",
                    "FLOOR",
                    "IF",
                    "MAX",
                    "METRICS",
                    "MIN",
                    "PERIOD",
                    "RATE",
                    "RUNNING_SUM",
                    "SUM");

    /// What an expression is worked out with.
    ///
    /// @param queries results of the queries that it names, by id
    /// @param metrics ids of the queries for metrics themselves, in order: what `METRICS()` is
    /// @param times at which there may be numbers
    /// @param period seconds
    public record Setting(
            Map<String, Operand> queries, List<String> metrics, Set<Long> times, long period) {}

    private sealed interface Node {
        record Constant(double value) implements Node {}

        record Text(String value) implements Node {}

        record Name(String id) implements Node {}

        record Listed(List<Node> items) implements Node {}

        record Call(String function, List<Node> arguments) implements Node {}

        record Binary(DoubleBinaryOperator operator, Node left, Node right) implements Node {}
    }

    private final Node root;
    private final Set<String> names;
    private final boolean all;

    private Expression(Node root, Set<String> names, boolean all) {
        this.root = root;
        this.names = Set.copyOf(names);
        this.all = all;
    }

    /// Reads an expression.
    ///
    /// @throws ExpressionException when it is none
    public static Expression of(String text) {
        Reader reader = new Reader(text);
        Node root = reader.whole();
        return new Expression(root, reader.names, reader.all);
    }

    /// The ids that it names.
    public Set<String> names() {
        return names;
    }

    /// Whether it asks for all metrics of its request.
    public boolean usesMetrics() {
        return all;
    }

    /// Works it out.
    ///
    /// @throws ExpressionException when a function is given what it does not take
    public Operand evaluate(Setting setting) {
        return evaluate(root, setting);
    }

    private static Operand evaluate(Node node, Setting setting) {
        return switch (node) {
            case Node.Constant(double value) -> new Scalar(value);
            case Node.Text(String value) ->
                    throw new ExpressionException("a text is not expected here: " + value);
            case Node.Name(String id) -> {
                Operand found = setting.queries().get(id);
                if (found == null) {
                    throw new ExpressionException("no query has the id " + id);
                }
                yield found;
            }
            case Node.Listed(List<Node> items) -> {
                List<Series> all = new ArrayList<>();
                for (Node item : items) {
                    all.addAll(evaluate(item, setting).series());
                    bound(all);
                }
                yield new Several(all);
            }
            case Node.Binary(DoubleBinaryOperator operator, Node left, Node right) ->
                    evaluate(left, setting).with(evaluate(right, setting), operator);
            case Node.Call(String function, List<Node> arguments) ->
                    call(function, arguments, setting);
        };
    }

    /// Lists of lists double with each step.
    private static void bound(List<Series> all) {
        long points = all.stream().mapToLong(one -> one.points().size()).sum();
        if (all.size() > SERIES_MAX || points > POINTS_MAX) {
            throw new ExpressionException(
                    "a list has at most %d time series and %d values"
                            .formatted(SERIES_MAX, POINTS_MAX));
        }
    }

    private static Operand call(String function, List<Node> arguments, Setting setting) {
        int count = arguments.size();
        return switch (function) {
            case "METRICS" -> {
                expect(function, count == 0 || count == 1, "a part of an id, or nothing");
                String part = count == 0 ? "" : text(function, arguments.getFirst());
                List<Series> all =
                        setting.metrics().stream()
                                .filter(id -> id.contains(part))
                                .flatMap(id ->
                                        evaluate(new Node.Name(id), setting).series().stream())
                                .toList();
                bound(all);
                yield new Several(all);
            }
            case "IF" -> {
                expect(function, count == 3, "a condition and two values");
                yield choose(
                        evaluate(arguments.get(0), setting),
                        evaluate(arguments.get(1), setting),
                        evaluate(arguments.get(2), setting));
            }
            case "FILL" -> {
                expect(function, count == 2, "a metric and what to fill it with");
                yield fill(evaluate(arguments.get(0), setting), arguments.get(1), setting);
            }
            default -> {
                expect(function, count == 1, "one value");
                yield ofOne(function, evaluate(arguments.getFirst(), setting), setting);
            }
        };
    }

    private static Operand ofOne(String function, Operand value, Setting setting) {
        return switch (function) {
            case "ABS" -> value.each(Math::abs);
            case "CEIL" -> value.each(Math::ceil);
            case "FLOOR" -> value.each(Math::floor);
            case "SUM" -> reduce(value, all -> all.stream().mapToDouble(x -> x).sum());
            case "AVG" ->
                    reduce(value, all -> all.stream().mapToDouble(x -> x).average().orElseThrow());
            case "MIN" ->
                    reduce(value, all -> all.stream().mapToDouble(x -> x).min().orElseThrow());
            case "MAX" ->
                    reduce(value, all -> all.stream().mapToDouble(x -> x).max().orElseThrow());
            case "DATAPOINT_COUNT" -> reduce(value, List::size);
            case "PERIOD" -> new Scalar(setting.period());
            case "DIFF" -> walk(value, (before, point) -> point - before, setting, false);
            case "RATE" -> walk(value, (before, point) -> point - before, setting, true);
            case "RUNNING_SUM" -> running(value);
            default -> throw new IllegalStateException("expected a function, got " + function);
        };
    }

    /// Of several series, one that has a number at each time that one of them has; of one, a single
    /// number.
    private static Operand reduce(Operand value, ToDoubleFunction<List<Double>> sum) {
        return switch (value) {
            case Scalar scalar -> scalar;
            case Series(SortedMap<Long, Double> points) ->
                    points.isEmpty()
                            ? value
                            : new Scalar(sum.applyAsDouble(List.copyOf(points.values())));
            case Several(List<Series> all) -> {
                SortedMap<Long, Double> reduced = new TreeMap<>();
                for (Long time : Operand.times(all)) {
                    List<Double> there = new ArrayList<>();
                    for (Series one : all) {
                        Double point = one.points().get(time);
                        if (point != null) {
                            there.add(point);
                        }
                    }
                    reduced.put(time, sum.applyAsDouble(there));
                }
                yield new Series(reduced);
            }
        };
    }

    private static Operand walk(
            Operand value, DoubleBinaryOperator step, Setting setting, boolean perSecond) {
        return switch (value) {
            case Scalar _ -> throw new ExpressionException("expected a metric, got a number");
            case Several(List<Series> all) ->
                    new Several(
                            all.stream()
                                    .map(one -> (Series) walk(one, step, setting, perSecond))
                                    .toList());
            case Series(SortedMap<Long, Double> points) -> {
                SortedMap<Long, Double> changed = new TreeMap<>();
                Long before = null;
                for (Map.Entry<Long, Double> point : points.entrySet()) {
                    Double last = before == null ? null : points.get(before);
                    if (before != null && last != null) {
                        double difference = step.applyAsDouble(last, point.getValue());
                        changed.put(
                                point.getKey(),
                                perSecond ? difference / (point.getKey() - before) : difference);
                    }
                    before = point.getKey();
                }
                yield new Series(changed);
            }
        };
    }

    private static Operand running(Operand value) {
        return switch (value) {
            case Scalar _ -> throw new ExpressionException("expected a metric, got a number");
            case Several(List<Series> all) ->
                    new Several(all.stream().map(one -> (Series) running(one)).toList());
            case Series(SortedMap<Long, Double> points) -> {
                SortedMap<Long, Double> sums = new TreeMap<>();
                double sum = 0;
                for (Map.Entry<Long, Double> point : points.entrySet()) {
                    sum += point.getValue();
                    sums.put(point.getKey(), sum);
                }
                yield new Series(sums);
            }
        };
    }

    private static Operand choose(Operand condition, Operand then, Operand otherwise) {
        return switch (condition) {
            case Scalar(double value) -> value != 0 ? then : otherwise;
            case Several _ ->
                    throw new ExpressionException(
                            "expected one metric or number as the condition of IF");
            case Series(SortedMap<Long, Double> points) -> {
                SortedMap<Long, Double> chosen = new TreeMap<>();
                points.forEach((time, value) -> {
                    OptionalDouble one = at(value != 0 ? then : otherwise, time);
                    if (one.isPresent()) {
                        chosen.put(time, one.getAsDouble());
                    }
                });
                yield new Series(chosen);
            }
        };
    }

    private static OptionalDouble at(Operand value, long time) {
        return switch (value) {
            case Scalar(double number) -> OptionalDouble.of(number);
            case Series(SortedMap<Long, Double> points) -> {
                Double point = points.get(time);
                yield point == null ? OptionalDouble.empty() : OptionalDouble.of(point);
            }
            case Several _ ->
                    throw new ExpressionException("expected one metric or number, got several");
        };
    }

    private static Operand fill(Operand value, Node with, Setting setting) {
        return switch (value) {
            case Scalar scalar -> scalar;
            case Several(List<Series> all) ->
                    new Several(
                            all.stream().map(one -> (Series) fill(one, with, setting)).toList());
            case Series(SortedMap<Long, Double> points) ->
                    with instanceof Node.Name(String word) && Filling.is(word)
                            ? new Series(Filling.valueOf(word).fill(points, setting.times()))
                            : filled(points, evaluate(with, setting), setting);
        };
    }

    private static Operand filled(SortedMap<Long, Double> points, Operand with, Setting setting) {
        SortedMap<Long, Double> filled = new TreeMap<>(points);
        for (Long time : setting.times()) {
            OptionalDouble one = at(with, time);
            if (one.isPresent()) {
                filled.putIfAbsent(time, one.getAsDouble());
            }
        }
        return new Series(filled);
    }

    /// What gaps are filled with where it is no number.
    private enum Filling {
        /// The number before the gap.
        REPEAT,
        /// A straight line between the numbers before and after it.
        LINEAR;

        static boolean is(String word) {
            return word.equals("REPEAT") || word.equals("LINEAR");
        }

        SortedMap<Long, Double> fill(SortedMap<Long, Double> points, Set<Long> times) {
            SortedMap<Long, Double> filled = new TreeMap<>(points);
            for (Long time : times) {
                SortedMap<Long, Double> before = points.headMap(time);
                SortedMap<Long, Double> after = points.tailMap(time);
                if (points.containsKey(time) || before.isEmpty()) {
                    continue;
                }
                double last = before.sequencedValues().getLast();
                if (this == REPEAT) {
                    filled.put(time, last);
                } else if (!after.isEmpty()) {
                    double part =
                            (double) (time - before.lastKey())
                                    / (after.firstKey() - before.lastKey());
                    double next = after.sequencedValues().getFirst();
                    filled.put(time, last + (next - last) * part);
                }
            }
            return filled;
        }
    }

    private static String text(String function, Node node) {
        if (node instanceof Node.Text(String value)) {
            return value;
        }
        throw new ExpressionException("expected a text in quotes in " + function);
    }

    private static void expect(String function, boolean holds, String what) {
        if (!holds) {
            throw new ExpressionException("%s takes %s".formatted(function, what));
        }
    }

    /// Reads from left to right. To be used once.
    private static final class Reader {
        private final String text;
        private final Set<String> names = new TreeSet<>();
        private boolean all;
        private int at;
        private int nesting;

        Reader(String text) {
            this.text = text;
        }

        Node whole() {
            Node node = or();
            space();
            if (at < text.length()) {
                throw wrong("expected the end");
            }
            return node;
        }

        private Node or() {
            Node node = and();
            while (take("||")) {
                node = new Node.Binary((a, b) -> a != 0 || b != 0 ? 1 : 0, node, and());
            }
            return node;
        }

        private Node and() {
            Node node = comparison();
            while (take("&&")) {
                node = new Node.Binary((a, b) -> a != 0 && b != 0 ? 1 : 0, node, comparison());
            }
            return node;
        }

        private Node comparison() {
            Node node = sum();
            if (take(">=")) {
                return new Node.Binary((a, b) -> a >= b ? 1 : 0, node, sum());
            } else if (take("<=")) {
                return new Node.Binary((a, b) -> a <= b ? 1 : 0, node, sum());
            } else if (take("==")) {
                return new Node.Binary((a, b) -> a == b ? 1 : 0, node, sum());
            } else if (take("!=")) {
                return new Node.Binary((a, b) -> a != b ? 1 : 0, node, sum());
            } else if (take(">")) {
                return new Node.Binary((a, b) -> a > b ? 1 : 0, node, sum());
            } else if (take("<")) {
                return new Node.Binary((a, b) -> a < b ? 1 : 0, node, sum());
            }
            return node;
        }

        private Node sum() {
            Node node = product();
            while (true) {
                if (take("+")) {
                    node = new Node.Binary((a, b) -> a + b, node, product());
                } else if (take("-")) {
                    node = new Node.Binary((a, b) -> a - b, node, product());
                } else {
                    return node;
                }
            }
        }

        private Node product() {
            Node node = power();
            while (true) {
                if (take("*")) {
                    node = new Node.Binary((a, b) -> a * b, node, power());
                } else if (take("/")) {
                    node = new Node.Binary((a, b) -> a / b, node, power());
                } else {
                    return node;
                }
            }
        }

        private Node power() {
            if (take("-")) {
                return new Node.Binary((a, b) -> a - b, new Node.Constant(0), deeper(this::power));
            }
            Node node = single();
            return take("^") ? new Node.Binary(Math::pow, node, deeper(this::power)) : node;
        }

        private Node deeper(Supplier<Node> part) {
            if (++nesting > NESTING_MAX) {
                throw wrong("expected at most %d levels".formatted(NESTING_MAX));
            }
            Node node = part.get();
            nesting--;
            return node;
        }

        private Node single() {
            space();
            if (take("(")) {
                Node node = deeper(this::or);
                need(")");
                return node;
            }
            if (take("[")) {
                return new Node.Listed(items("]"));
            }
            if (at < text.length() && (text.charAt(at) == '"' || text.charAt(at) == '\'')) {
                return quoted();
            }
            if (at < text.length() && (digit(text.charAt(at)) || text.charAt(at) == '.')) {
                return number();
            }
            return word();
        }

        private List<Node> items(String end) {
            List<Node> items = new ArrayList<>();
            if (take(end)) {
                return items;
            }
            do {
                items.add(deeper(this::or));
            } while (take(","));
            need(end);
            return items;
        }

        private Node quoted() {
            int end = text.indexOf(text.charAt(at), at + 1);
            if (end < 0) {
                throw wrong("expected a closing quote");
            }
            Node node = new Node.Text(text.substring(at + 1, end));
            at = end + 1;
            return node;
        }

        private Node number() {
            int from = at;
            while (at < text.length() && (digit(text.charAt(at)) || text.charAt(at) == '.')) {
                at++;
            }
            try {
                return new Node.Constant(Double.parseDouble(text.substring(from, at)));
            } catch (NumberFormatException _) {
                at = from;
                throw wrong("expected a number");
            }
        }

        private Node word() {
            int from = at;
            while (at < text.length() && isWord(text.charAt(at))) {
                at++;
            }
            String word = text.substring(from, at);
            if (word.isEmpty()) {
                throw wrong("expected a value");
            }
            if (take("(")) {
                if (!FUNCTIONS.contains(word)) {
                    throw new ExpressionException(
                            "the function %s is not built; there are %s"
                                    .formatted(word, new TreeSet<>(FUNCTIONS)));
                }
                all |= word.equals("METRICS");
                return new Node.Call(word, items(")"));
            }
            if (Character.isLowerCase(word.charAt(0))) {
                names.add(word);
            } else if (!Filling.is(word)) {
                at = from;
                throw wrong("expected an id, which begins with a small letter");
            }
            return new Node.Name(word);
        }

        private static boolean digit(char c) {
            return c >= '0' && c <= '9';
        }

        private static boolean isWord(char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || digit(c) || c == '_';
        }

        private void space() {
            while (at < text.length() && text.charAt(at) <= ' ') {
                at++;
            }
        }

        private boolean take(String token) {
            space();
            if (text.startsWith(token, at)) {
                at += token.length();
                return true;
            }
            return false;
        }

        private void need(String token) {
            if (!take(token)) {
                throw wrong("expected " + token);
            }
        }

        private ExpressionException wrong(String words) {
            return new ExpressionException(
                    "%s at position %d of %s".formatted(words, at + 1, text));
        }
    }
}
