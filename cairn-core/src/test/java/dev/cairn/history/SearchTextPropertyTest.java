package dev.cairn.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class SearchTextPropertyTest {

    @Property
    void what_is_written_is_read_as_the_same_condition(@ForAll("conditions") Condition condition)
            throws SearchTextException {
        String text = SearchText.of(condition);
        assertThat(SearchText.parse(text)).as(text).isEqualTo(condition);
    }

    @Property
    void any_text_is_read_or_refused_with_a_column(@ForAll("searches") String text) {
        try {
            Condition condition = SearchText.parse(text);
            assertThat(SearchText.parse(SearchText.of(condition))).isNotNull();
        } catch (SearchTextException e) {
            assertThat(e.column()).isBetween(1, text.length() + 1);
        }
    }

    @Provide
    Arbitrary<String> searches() {
        return Arbitraries.of(
                        "a",
                        ":",
                        "\"",
                        "(",
                        ")",
                        "[",
                        "]",
                        "{",
                        " ",
                        " TO ",
                        "/",
                        "\\",
                        "*",
                        "?",
                        "-",
                        "!",
                        "NOT ",
                        " AND ",
                        " OR ",
                        ">",
                        "<",
                        "=",
                        "1",
                        "é",
                        "\ud83d\ude00")
                .list()
                .ofMaxSize(14)
                .map(parts -> String.join("", parts));
    }

    @Provide
    Arbitrary<Condition> conditions() {
        return conditions(3);
    }

    private Arbitrary<Condition> conditions(int depth) {
        if (depth == 0) {
            return leaves();
        }
        Arbitrary<Condition> part = conditions(depth - 1);
        return Arbitraries.<Condition>oneOf(
                List.of(
                        leaves(),
                        part.list().ofMinSize(2).ofMaxSize(3).map(Condition.And::new),
                        part.list().ofMinSize(2).ofMaxSize(3).map(Condition.Or::new),
                        part.map(Condition.Not::new)));
    }

    private Arbitrary<Condition> leaves() {
        Arbitrary<String> path =
                Arbitraries.of(
                        "eventName", "userIdentity.arn", "a b", "aws:x", "-y", "(z)", "q\"\\*");
        Arbitrary<String> value =
                Arbitraries.strings().withChars("ab*?\\\"/:()[]{}<>=-! \u00e9").ofMaxLength(8);
        Arbitrary<String> bound = value.filter(text -> !text.equals("*"));
        return Arbitraries.<Condition>oneOf(
                List.of(
                        Arbitraries.just(new Condition.All()),
                        Combinators.combine(path, value).as(Condition.Is::new),
                        value.map(text -> new Condition.Is(Condition.ANY, text)),
                        Combinators.combine(
                                        path,
                                        Arbitraries.of(
                                                "a*", "*b\\*c*", "x y*", "\\\\*", "(*)", ">?",
                                                "/*/"))
                                .as(Condition.Like::new),
                        Combinators.combine(path, Arbitraries.of("a+", "x/y", "\\d\\\\", "[/]"))
                                .as(Condition.Matches::new),
                        path.map(Condition.Exists::new),
                        value.map(Condition.Touched::new),
                        Arbitraries.of("bob", "a b*", "i-0", "\"q\" \\").map(Condition.Words::new),
                        Combinators.combine(path, bound, bound)
                                .as((at, from, to) ->
                                        new Condition.Between(at, from, true, to, false)),
                        Combinators.combine(path, bound)
                                .as((at, to) -> new Condition.Between(at, null, false, to, true)),
                        Combinators.combine(path, bound)
                                .as((at, from) ->
                                        new Condition.Between(at, from, false, null, false))));
    }
}
