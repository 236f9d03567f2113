package dev.cairn.pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cairn.pattern.EventPattern.Verdict;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class PatternSetTest {
    private static String json(String text) {
        return text.replace('\'', '"');
    }

    private static String numbers(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "\"" + i + "\"")
                .collect(Collectors.joining(",", "[", "]"));
    }

    @Property(tries = 300)
    void a_set_says_of_each_pattern_what_it_says_alone(
            @ForAll("patterns") Set<String> texts, @ForAll("documents") String document)
            throws Exception {
        Map<String, String> named = new HashMap<>();
        Set<String> taken = new HashSet<>();
        for (String text : texts) {
            named.put(text, text);
            if (EventPattern.of(text).judge(document) == Verdict.TAKEN) {
                taken.add(text);
            }
        }
        assertThat(new PatternSet(named).judge(document).taken()).isEqualTo(taken);
    }

    @Provide
    Arbitrary<Set<String>> patterns() {
        Arbitrary<String> field = Arbitraries.of("a", "b", "c");
        Arbitrary<String> condition =
                Arbitraries.of(
                        "'x'",
                        "'y'",
                        "7",
                        "{'prefix':'x'}",
                        "{'suffix':'y'}",
                        "{'anything-but':'x'}",
                        "{'exists':false}",
                        "{'wildcard':'x*y'}",
                        "{'numeric':['>',3]}");
        Arbitrary<String> one =
                Combinators.combine(field, condition, condition)
                        .as((name, left, right) ->
                                json(
                                        "{'%s':[%s],'d':{'%s':[%s]}}"
                                                .formatted(name, left, name, right)));
        return one.set().ofMinSize(1).ofMaxSize(8);
    }

    @Provide
    Arbitrary<String> documents() {
        Arbitrary<String> value =
                Arbitraries.of("'x'", "'y'", "'xay'", "7", "null", "['x','y']", "[]", "[7,'xy']");
        return Combinators.combine(value, value, value, value)
                .as((a, b, c, d) ->
                        json("{'a':%s,'b':%s,'d':{'a':%s,'b':%s,'c':'x'}}".formatted(a, b, c, d)));
    }

    /// Whoever writes events could hide them from rules otherwise.
    @Test
    void of_what_is_too_long_to_read_it_is_said_that_nobody_was_asked() throws Exception {
        var set = new PatternSet(Map.of("a", json("{'a':['x']}")));
        var verdict = set.judge(json("{'a':'x','n':%s}".formatted("1".repeat(1001))));
        assertThat(verdict.taken()).isEmpty();
        assertThat(verdict.tooComplex()).containsExactly("a");
    }

    @Test
    void where_a_document_is_too_much_for_all_each_pattern_is_asked_alone() throws Exception {
        String cheap = json("{'c':['yes']}");
        String dear = json("{'a':[{'anything-but':'x'}],'b':[{'anything-but':'x'}],'c':['yes']}");
        PatternSet set = new PatternSet(Map.of("cheap", cheap, "dear", dear));
        String many = "{\"a\":%s,\"b\":%s,\"c\":\"yes\"}".formatted(numbers(2_000), numbers(2_000));
        assertThat(set.judge(many).taken()).containsExactly("cheap");
        assertThat(set.judge(many).tooComplex()).containsExactly("dear");
        String few = "{\"a\":%s,\"b\":%s,\"c\":\"yes\"}".formatted(numbers(20), numbers(20));
        assertThat(set.judge(few).taken()).containsExactlyInAnyOrder("cheap", "dear");
        assertThat(set.judge(few).tooComplex()).isEmpty();
    }

    @Test
    void what_many_patterns_may_take_together_is_bounded() throws Exception {
        Map<String, String> many = new HashMap<>();
        for (int i = 0; i < 300; i++) {
            many.put("p" + i, json("{'a':[{'anything-but':'x'}],'b':['%d']}".formatted(i)));
        }
        String document = "{\"a\":%s,\"b\":%s}".formatted(numbers(300), numbers(300));
        PatternSet.Verdict verdict = new PatternSet(many).judge(document);
        assertThat(verdict.tooComplex()).isNotEmpty();
        assertThat(verdict.taken().size() + verdict.tooComplex().size()).isEqualTo(300);
    }

    @Test
    void a_strangers_pattern_is_bounded() {
        refused(json("{'a':['%s']}".formatted("x".repeat(2_048))), "at most 2048 characters");
        String or =
                IntStream.range(0, 10)
                        .mapToObj(i -> "'f%d':{'$or':[{'a':[1]},{'b':[1]}]}".formatted(i))
                        .collect(Collectors.joining(",", "{", "}"));
        refused(json(or), "more than 1000 combinations");
        refused(json("{'a':[{'wildcard':'*:*:*:*:*:event-bus/*'}]}"), "too complex");
    }

    private static void refused(String pattern, String words) {
        assertThatExceptionOfType(EventPatternException.class)
                .isThrownBy(() -> EventPattern.ofStranger(pattern))
                .withMessageContaining(words);
    }
}
