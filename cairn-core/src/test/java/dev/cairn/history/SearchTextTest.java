package dev.cairn.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.history.Condition.All;
import dev.cairn.history.Condition.And;
import dev.cairn.history.Condition.Between;
import dev.cairn.history.Condition.Exists;
import dev.cairn.history.Condition.Is;
import dev.cairn.history.Condition.Like;
import dev.cairn.history.Condition.Matches;
import dev.cairn.history.Condition.Not;
import dev.cairn.history.Condition.Or;
import dev.cairn.history.Condition.Touched;
import dev.cairn.history.Condition.Words;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SearchTextTest {

    private static final Is NAME = new Is("eventName", "ConsoleLogin");
    private static final Is REGION = new Is("awsRegion", "eu-west-1");

    @Test
    void nothing_asks_for_every_event() throws SearchTextException {
        assertThat(SearchText.parse("  ")).isEqualTo(new All());
        assertThat(SearchText.parse("*:*")).isEqualTo(new All());
    }

    @Test
    void a_field_and_a_value() throws SearchTextException {
        assertThat(SearchText.parse("eventName:ConsoleLogin")).isEqualTo(NAME);
        assertThat(SearchText.parse(" eventName:\"ConsoleLogin\" ")).isEqualTo(NAME);
        assertThat(SearchText.parse("userIdentity.arn:arn:aws:iam::1:user/bob"))
                .isEqualTo(new Is("userIdentity.arn", "arn:aws:iam::1:user/bob"));
        assertThat(SearchText.parse("a:\"x \\\"y\\\" \\\\ *\""))
                .isEqualTo(new Is("a", "x \"y\" \\ *"));
    }

    @Test
    void an_equals_sign_that_stands_alone_is_as_good_as_a_colon() throws SearchTextException {
        assertThat(SearchText.parse("eventName = ConsoleLogin")).isEqualTo(NAME);
        assertThat(SearchText.parse("eventName=\"ConsoleLogin\"")).isEqualTo(NAME);
        assertThat(SearchText.parse("eventName = \"ConsoleLogin\" -awsRegion = eu-west-1"))
                .isEqualTo(new And(List.of(NAME, new Not(REGION))));
        assertThat(SearchText.parse("eventName = (Get* OR ConsoleLogin)"))
                .isEqualTo(new Or(List.of(new Like("eventName", "Get*"), NAME)));
        assertThat(SearchText.parse("a=b")).isEqualTo(new Words("a=b"));
        assertThat(SearchText.parse("user:a=b")).isEqualTo(new Is("user", "a=b"));
        for (String wrong : List.of("eventName=StopLogging", "a= b", "a =b", "x OR (-a=b)")) {
            assertThat(
                            catchThrowableOfType(
                                    SearchTextException.class,
                                    () -> SearchText.parseStrictly(wrong)))
                    .as(wrong)
                    .hasMessageContaining("eventName = X");
        }
        assertThat(SearchText.parseStrictly("\"a=b\"")).isEqualTo(new Words("a=b"));
        assertThat(SearchText.parseStrictly("user:a=b")).isEqualTo(new Is("user", "a=b"));
        assertThat(SearchText.parseStrictly("eventName=\"ConsoleLogin\"")).isEqualTo(NAME);
        for (String wrong : List.of("=", "= a", "a =", "a != b", "a == b", "a* = b", "=\"b\"")) {
            assertThat(
                            catchThrowableOfType(
                                    SearchTextException.class, () -> SearchText.parse(wrong)))
                    .as(wrong)
                    .isNotNull();
        }
    }

    @Test
    void a_pasted_arn_is_looked_for_as_words() throws SearchTextException {
        assertThat(SearchText.parse("arn:aws:iam::1:user/bob"))
                .isEqualTo(new Words("arn:aws:iam::1:user/bob"));
    }

    @Test
    void a_key_with_a_colon_is_written_with_a_backslash() throws SearchTextException {
        assertThat(SearchText.parse("requestParameters.aws\\:TagKeys:x"))
                .isEqualTo(new Is("requestParameters.aws:TagKeys", "x"));
    }

    @Test
    void wildcards_regular_expressions_and_existence() throws SearchTextException {
        assertThat(SearchText.parse("userIdentity.arn:*bob*"))
                .isEqualTo(new Like("userIdentity.arn", "*bob*"));
        assertThat(SearchText.parse("a:x\\*y")).isEqualTo(new Is("a", "x*y"));
        assertThat(SearchText.parse("a:x\\*y*")).isEqualTo(new Like("a", "x\\*y*"));
        assertThat(SearchText.parse("a:/i-[0-9a-f]+\\/x/"))
                .isEqualTo(new Matches("a", "i-[0-9a-f]+/x"));
        assertThat(SearchText.parse("errorCode:*")).isEqualTo(new Exists("errorCode"));
        assertThat(SearchText.parse("*:i-0abc")).isEqualTo(new Is("*", "i-0abc"));
        assertThat(SearchText.parse("touched:i-0abc")).isEqualTo(new Touched("i-0abc"));
    }

    @Test
    void ranges() throws SearchTextException {
        assertThat(SearchText.parse("a:[1 TO 5}"))
                .isEqualTo(new Between("a", "1", true, "5", false));
        assertThat(SearchText.parse("a:{* TO \"5 5\"]"))
                .isEqualTo(new Between("a", null, false, "5 5", true));
        assertThat(SearchText.parse("a:>=5")).isEqualTo(new Between("a", "5", true, null, false));
        assertThat(SearchText.parse("a:<-5")).isEqualTo(new Between("a", null, false, "-5", false));
        assertThat(SearchText.parse("a:[* TO *]")).isEqualTo(new Exists("a"));
        assertThat(SearchText.parse("eventTime:[2024-01-01 TO 2024-01-31T10:00:00Z]"))
                .isEqualTo(
                        new Between("eventTime", "2024-01-01", true, "2024-01-31T10:00:00Z", true));
    }

    @Test
    void and_binds_tighter_than_or_and_is_left_out_at_will() throws SearchTextException {
        assertThat(
                        SearchText.parse(
                                "bob eventName:ConsoleLogin OR awsRegion:eu-west-1 AND \"a b\""))
                .isEqualTo(
                        new Or(
                                List.of(
                                        new And(List.of(new Words("bob"), NAME)),
                                        new And(List.of(REGION, new Words("a b"))))));
    }

    @Test
    void not_in_three_spellings() throws SearchTextException {
        And expected = new And(List.of(NAME, new Not(REGION)));
        assertThat(SearchText.parse("eventName:ConsoleLogin NOT awsRegion:eu-west-1"))
                .isEqualTo(expected);
        assertThat(SearchText.parse("eventName:ConsoleLogin -awsRegion:eu-west-1"))
                .isEqualTo(expected);
        assertThat(SearchText.parse("eventName:ConsoleLogin !(awsRegion:eu-west-1)"))
                .isEqualTo(expected);
    }

    @Test
    void a_field_before_parentheses_belongs_to_every_value_in_them() throws SearchTextException {
        assertThat(SearchText.parse("a:(x OR \"y z\" OR >5)"))
                .isEqualTo(
                        new Or(
                                List.of(
                                        new Is("a", "x"),
                                        new Is("a", "y z"),
                                        new Between("a", "5", false, null, false))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            textBlock =
                    """
                    eventName:            | 11 | a value                                     | the end
                    eventName: x          | 11 | a value                                     | ' '
                    (a:b                  | 5  | ) for the ( of column 1                     | the end
                    a:b)                  | 4  | AND, OR or another condition                | ')'
                    a:b AND               | 8  | a condition                                 | the end
                    a:b AND OR c:d        | 9  | a condition (to look for this word, put it in quotes) | 'O'
                    a:"b                  | 5  | " to end the quotes of column 3             | the end
                    a:[1 5]               | 6  | TO                                          | '5'
                    a:[1 TO 5             | 10 | ] or } to end the range of column 3         | the end
                    a:/x(/                | 3  | a regular expression                        | missing closing ): x(
                    a:/x/y                | 6  | a space behind the regular expression (a value that begins with / needs quotes) | 'y'
                    ::1                   | 1  | a field's name before the colon (or quotes around the whole) | ':'
                    *:>5                  | 3  | a value: a range needs a field's name       | >5
                    *bob*                 | 1  | * at a word's end only (or a field before it: *:*text*) | '*bob*'
                    user*:x               | 1  | a field's name without wildcards, or * for any field | 'user*'
                    "--"                  | 1  | a word with a letter or digit               | '--'
                    touched:*x            | 1  | a resource's whole name                     | '*x'
                    -                     | 2  | a condition right behind -                  | the end
                    a:>*                  | 3  | a bound                                     | *
                    """)
    void says_where_it_stopped_what_it_expected_and_what_came(
            String text, int column, String expected, String got) {
        SearchTextException e =
                catchThrowableOfType(SearchTextException.class, () -> SearchText.parse(text));
        assertThat(e).as(text).isNotNull();
        assertThat(e.column()).isEqualTo(column);
        assertThat(e.expected()).isEqualTo(expected);
        assertThat(e.got()).isEqualTo(got);
    }

    @Test
    void length_depth_and_clauses_are_bounded() throws SearchTextException {
        int depth = SearchText.DEPTH_MAX;
        SearchText.parse("(".repeat(depth) + "a" + ")".repeat(depth));
        SearchText.parse("a ".repeat(SearchText.CLAUSES_MAX));
        SearchText.parse("a".repeat(SearchText.LENGTH_MAX));
        for (String text :
                List.of(
                        "(".repeat(depth + 1) + "a" + ")".repeat(depth + 1),
                        "-".repeat(depth + 1) + "a",
                        "a:".concat("(".repeat(depth + 1)) + "a" + ")".repeat(depth + 1),
                        "a ".repeat(SearchText.CLAUSES_MAX + 1),
                        "a".repeat(SearchText.LENGTH_MAX + 1))) {
            SearchTextException e =
                    catchThrowableOfType(SearchTextException.class, () -> SearchText.parse(text));
            assertThat(e.expected()).startsWith("at most");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"NOTE", "ANDROID", "ORder", "TOKYO", "and", "not", "a-b", "x!"})
    void words_that_only_look_like_operators_are_words(String word) throws SearchTextException {
        assertThat(SearchText.parse(word)).isEqualTo(new Words(word));
    }
}
