package dev.cairn.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class JsonEqualityTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            textBlock =
                    """
                    {"a":1,"b":2}      | {"b":2,"a":1}
                    {"a":1}            | { "a" :\t1 }
                    {"a":1}            | {"a":1.0}
                    [100]              | [1e2]
                    [0]                | [-0.0]
                    [1e999999999]      | [10e999999998]
                    ["\\u00e9"]        | ["é"]
                    {"a":{"b":[null]}} | {"a":{"b":[ null ]}}
                    "x"                | "x"
                    not json           | not json
                    """)
    void texts_that_stand_for_the_same_value_are_the_same(String one, String other) {
        assertThat(same(one, other)).isTrue();
        assertThat(same(other, one)).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            textBlock =
                    """
                    {"a":1}       | {"a":2}
                    {"a":1}       | {"a":"1"}
                    {"a":null}    | {}
                    [1,2]         | [2,1]
                    [1e999999999] | [1e-999999999]
                    {"a":1,"a":1} | {"a":1}
                    {"a":1} {}    | {"a":1}
                    {"a":1        | {"a":1}
                    [1e99999999999] | [1e99999999998]
                    ""            | []
                    """)
    void other_texts_are_not(String one, String other) {
        assertThat(same(one, other)).isFalse();
        assertThat(same(other, one)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"100000, 100000"})
    void deep_nesting_ends_without_an_error(int one, int other) {
        assertThat(same("[".repeat(one), " " + "[".repeat(other))).isFalse();
    }

    private static boolean same(String one, String other) {
        return JsonEquality.same(
                one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }
}
