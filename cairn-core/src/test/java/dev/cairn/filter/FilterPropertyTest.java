package dev.cairn.filter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/// Holds compiled patterns, alone and in sets, to a naive reading of the rules, which knows nothing
/// of single passes and indexes and works on messages as lists.
class FilterPropertyTest {
    private static final List<String> NAMES = List.of("a", "b", "c");
    private static final List<String> TEXTS =
            List.of("x", "xy", "yx", "xyx", "xx", "", "12", "12.0", "true", "null");
    private static final List<String> ORDERED = List.of("12", "12.0", "1.2e1", "-3", "0", "120");

    /// What JSON calls a number, and nobody can reckon with.
    private static final List<String> BEYOND =
            List.of("100e2147483647", "10e-2147483646", "1e10001", "12e99999999999");

    private static final List<String> NUMBERS =
            Stream.concat(ORDERED.stream(), BEYOND.stream()).toList();
    private static final List<String> REGEXES = List.of("x", "^x", "y$", "x.*x", "[0-9]{2}", "1|y");

    @Property(tries = 3_000, edgeCases = EdgeCasesMode.NONE)
    void a_pattern_takes_what_the_rules_say(
            @ForAll("conditions") Cond condition, @ForAll("roots") Json message) throws Exception {
        FilterPattern pattern = FilterPattern.of("{" + condition.text() + "}");
        boolean expected = condition.holds(message);

        assertThat(pattern.takes(LogMessage.of(message.text())))
                .as("%s of %s", pattern, message.text())
                .isEqualTo(expected);
        assertThat(pattern.takes(LogMessage.of(message.text().getBytes(UTF_8))))
                .as("%s of the bytes of %s", pattern, message.text())
                .isEqualTo(expected);
    }

    @Property(tries = 1_000, edgeCases = EdgeCasesMode.NONE)
    void a_set_takes_what_its_patterns_take_one_by_one(
            @ForAll("several") List<Cond> conditions, @ForAll("roots") Json message)
            throws Exception {
        List<FilterPattern> patterns = new ArrayList<>();
        for (Cond condition : conditions) {
            patterns.add(FilterPattern.of("{ " + condition.text() + " }"));
        }
        patterns.add(FilterPattern.of("?x ?y"));

        int[] expected =
                IntStream.rangeClosed(0, conditions.size())
                        .filter(i ->
                                i < conditions.size()
                                        ? conditions.get(i).holds(message)
                                        : message.text().matches("(?s).*[xy].*"))
                        .toArray();
        assertThat(FilterSet.of(patterns).taking(LogMessage.of(message.text())))
                .as("%s of %s", patterns, message.text())
                .isEqualTo(expected);
    }

    @Property
    void what_is_no_json_object_or_array_satisfies_nothing(
            @ForAll("conditions") Cond condition, @ForAll("roots") Json message) throws Exception {
        FilterPattern pattern = FilterPattern.of("{" + condition.text() + "}");
        String text = message.text();
        for (String broken :
                List.of(text.substring(0, text.length() - 1), text + text, "5", "", "x " + text)) {
            assertThat(pattern.takes(LogMessage.of(broken)))
                    .as("%s of %s", pattern, broken)
                    .isFalse();
        }
    }

    // Messages: objects are lists of members, since JSON lets a name occur twice.

    sealed interface Json {
        String text();
    }

    record Text(String of) implements Json {
        @Override
        public String text() {
            return '"' + of + '"';
        }
    }

    record Num(String text) implements Json {}

    record Word(String text) implements Json {}

    record Arr(List<Json> elements) implements Json {
        @Override
        public String text() {
            return elements.stream().map(Json::text).collect(Collectors.joining(",", "[", "]"));
        }
    }

    record Obj(List<Member> members) implements Json {
        @Override
        public String text() {
            return members.stream()
                    .map(member -> '"' + member.name() + "\": " + member.value().text())
                    .collect(Collectors.joining(", ", "{", "}"));
        }
    }

    record Member(String name, Json value) {}

    // Patterns, and the rules, read naively.

    sealed interface Cond {
        String text();

        boolean holds(Json message);
    }

    record Both(Cond one, Cond other) implements Cond {
        @Override
        public String text() {
            return "(" + one.text() + ")&&(" + other.text() + ")";
        }

        @Override
        public boolean holds(Json message) {
            return one.holds(message) && other.holds(message);
        }
    }

    record Either(Cond one, Cond other) implements Cond {
        @Override
        public String text() {
            return "( " + one.text() + " || " + other.text() + " )";
        }

        @Override
        public boolean holds(Json message) {
            return one.holds(message) || other.holds(message);
        }
    }

    /// @param rest of the pattern after the selector
    record Leaf(List<String> steps, String rest, Predicate<List<Json>> rule) implements Cond {
        @Override
        public String text() {
            return "$" + String.join("", steps) + rest;
        }

        @Override
        public boolean holds(Json message) {
            return rule.test(selected(message, steps));
        }
    }

    private static List<Json> selected(Json from, List<String> steps) {
        if (steps.isEmpty()) {
            return List.of(from);
        }
        String step = steps.getFirst();
        List<Json> below =
                switch (from) {
                    case Obj(List<Member> members) ->
                            members.stream()
                                    .filter(m -> step.equals(".*") || step.equals("." + m.name()))
                                    .map(Member::value)
                                    .toList();
                    case Arr(List<Json> elements) ->
                            IntStream.range(0, elements.size())
                                    .filter(i -> step.equals("[*]") || step.equals("[" + i + "]"))
                                    .mapToObj(elements::get)
                                    .toList();
                    default -> List.of();
                };
        return below.stream()
                .flatMap(value -> selected(value, steps.subList(1, steps.size())).stream())
                .toList();
    }

    private static boolean scalar(Json json) {
        return switch (json) {
            case Text _, Num _ -> true;
            case Word(String text) -> !text.equals("null");
            case Arr _, Obj _ -> false;
        };
    }

    private static String words(Json json) {
        return json instanceof Text(String of) ? of : json.text();
    }

    private static Predicate<Json> like(String glob) {
        String regex =
                Pattern.compile("\\*")
                        .splitAsStream(glob + "\0")
                        .map(part -> Pattern.quote(part.replace("\0", "")))
                        .collect(Collectors.joining(".*"));
        return json -> words(json).matches(regex);
    }

    private static Predicate<Json> number(String number) {
        return json ->
                (json instanceof Num(String text)
                                && ORDERED.contains(text)
                                && ORDERED.contains(number))
                        ? new BigDecimal(text).compareTo(new BigDecimal(number)) == 0
                        : words(json).equals(number);
    }

    private static Leaf compare(
            List<String> steps, boolean equal, String operand, Predicate<Json> rule) {
        return new Leaf(
                steps,
                (equal ? " = " : " != ") + operand,
                found -> found.stream().anyMatch(v -> scalar(v) && rule.test(v) == equal));
    }

    private static Leaf ordered(List<String> steps, String operator, String number) {
        return new Leaf(
                steps,
                operator + number,
                found ->
                        found.stream()
                                .filter(v ->
                                        v instanceof Num(String text) && ORDERED.contains(text))
                                .map(v ->
                                        new BigDecimal(v.text()).compareTo(new BigDecimal(number)))
                                .anyMatch(difference ->
                                        switch (operator) {
                                            case "<" -> difference < 0;
                                            case "<=" -> difference <= 0;
                                            case ">" -> difference > 0;
                                            default -> difference >= 0;
                                        }));
    }

    private record Order(String operator, String number) {}

    private static Leaf constant(List<String> steps, String word) {
        return new Leaf(
                steps,
                " IS " + word,
                found -> found.contains(new Word(word.toLowerCase(java.util.Locale.ROOT))));
    }

    // Generators.

    @Provide
    Arbitrary<Json> roots() {
        return Arbitraries.oneOf(object(3), object(3), array(2));
    }

    private static Arbitrary<Json> value(int depth) {
        Arbitrary<Json> scalar =
                Arbitraries.oneOf(
                        Arbitraries.of(TEXTS).map(Text::new),
                        Arbitraries.of(NUMBERS).map(Num::new),
                        Arbitraries.of("true", "false", "null").map(Word::new));
        return depth == 0
                ? scalar
                : Arbitraries.oneOf(scalar, scalar, object(depth - 1), array(depth - 1));
    }

    private static Arbitrary<Json> object(int depth) {
        return Combinators.combine(Arbitraries.of(NAMES), Arbitraries.lazy(() -> value(depth)))
                .as(Member::new)
                .list()
                .ofMaxSize(4)
                .map(Obj::new);
    }

    private static Arbitrary<Json> array(int depth) {
        return Arbitraries.lazy(() -> value(depth)).list().ofMaxSize(3).map(Arr::new);
    }

    @Provide
    Arbitrary<Cond> conditions() {
        Arbitrary<Cond> leaves = leaves();
        // At most three leaves have wildcards, and two are regular expressions.
        Arbitrary<Cond> pairs =
                Arbitraries.oneOf(
                        Combinators.combine(leaves, leaves).as(Both::new),
                        Combinators.combine(leaves, leaves).as(Either::new));
        Arbitrary<Cond> plain =
                steps(false)
                        .flatMap(steps -> Arbitraries.of(TEXTS).map(t -> quoted(steps, true, t)));
        return Arbitraries.oneOf(
                leaves,
                pairs,
                Combinators.combine(pairs, plain).as(Both::new),
                Combinators.combine(pairs, plain).as(Either::new));
    }

    @Provide
    Arbitrary<List<Cond>> several() {
        return conditions().list().ofMaxSize(20);
    }

    private static Arbitrary<Cond> leaves() {
        return Combinators.combine(
                        steps(true),
                        Arbitraries.of(true, false),
                        Arbitraries.of(TEXTS),
                        Arbitraries.of(NUMBERS),
                        Arbitraries.of(REGEXES),
                        Arbitraries.of("*", "x*", "*x", "x*x", "*y*", "1*", "x*y*x"),
                        Combinators.combine(
                                        Arbitraries.of("<", "<=", ">", ">="),
                                        Arbitraries.of(ORDERED))
                                .as(Order::new),
                        Arbitraries.integers().between(0, 7))
                .as((steps, equal, text, number, regex, glob, order, kind) ->
                        switch (kind) {
                            case 0, 1 -> quoted(steps, equal, text);
                            case 2 -> compare(steps, equal, number, number(number));
                            case 3 -> compare(steps, equal, '"' + glob + '"', like(glob));
                            case 4 ->
                                    compare(
                                            steps,
                                            equal,
                                            '%' + regex + '%',
                                            v -> Pattern.compile(regex).matcher(words(v)).find());
                            case 5 -> ordered(steps, order.operator(), order.number());
                            case 6 -> new Leaf(steps, " NOT EXISTS", List::isEmpty);
                            default ->
                                    constant(
                                            steps,
                                            List.of("NULL", "TRUE", "FALSE")
                                                    .get(text.length() % 3));
                        });
    }

    private static Leaf quoted(List<String> steps, boolean equal, String text) {
        return compare(steps, equal, '"' + text + '"', v -> words(v).equals(text));
    }

    /// At most one wildcard.
    private static Arbitrary<List<String>> steps(boolean wild) {
        Arbitrary<String> plain = Arbitraries.of(".a", ".b", ".c", "[0]", "[1]");
        Arbitrary<List<String>> steps = plain.list().ofMinSize(1).ofMaxSize(3);
        if (!wild) {
            return steps;
        }
        return Combinators.combine(
                        steps,
                        Arbitraries.of(".*", "[*]", "", "", ""),
                        Arbitraries.integers().between(0, 2))
                .as((all, wildcard, at) -> {
                    List<String> some = new ArrayList<>(all);
                    if (!wildcard.isEmpty()) {
                        some.set(at % some.size(), wildcard);
                    }
                    return List.copyOf(some);
                });
    }
}
