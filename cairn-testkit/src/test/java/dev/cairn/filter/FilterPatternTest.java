package dev.cairn.filter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FilterPatternTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    static List<Arguments> judged() throws IOException {
        List<Arguments> cases = new ArrayList<>();
        for (JsonNode one : read("taken.json")) {
            JsonNode message = one.path("message");
            String text = message.isTextual() ? message.asText() : message.toString();
            for (boolean taken : List.of(true, false)) {
                for (JsonNode pattern : one.path(taken ? "taken" : "left")) {
                    cases.add(Arguments.of(pattern.asText(), text, taken));
                }
            }
        }
        return cases;
    }

    @ParameterizedTest(name = "{0} of {1}")
    @MethodSource("judged")
    void a_message_is_judged_as_by_aws(String pattern, String message, boolean taken)
            throws Exception {
        FilterPattern read = FilterPattern.of(pattern);

        assertThat(read.takes(LogMessage.of(message))).isEqualTo(taken);
        assertThat(read.takes(LogMessage.of(message.getBytes(UTF_8)))).isEqualTo(taken);
        assertThat(FilterSet.of(List.of(read)).taking(LogMessage.of(message)))
                .hasSize(taken ? 1 : 0);
        assertThat(read.text()).isEqualTo(pattern);
    }

    static List<Arguments> malformed() throws IOException {
        List<Arguments> cases = new ArrayList<>();
        for (JsonNode one : read("malformed.json")) {
            cases.add(Arguments.of(one.path("pattern").asText(), one.path("message").asText()));
        }
        return cases;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformed")
    void what_is_no_pattern_is_refused_with_a_reason(String pattern, String message) {
        assertThatExceptionOfType(FilterPatternException.class)
                .isThrownBy(() -> FilterPattern.of(pattern))
                .satisfies(refusal ->
                        assertThat(refusal.message("Invalid metric filter pattern"))
                                .isEqualTo(message));
    }

    @Test
    void a_pattern_has_at_most_1024_characters() throws Exception {
        String longest = "a".repeat(1_024);

        assertThat(FilterPattern.of(longest).takes(LogMessage.of("x" + longest))).isTrue();
        assertThatExceptionOfType(FilterPatternException.class)
                .isThrownBy(() -> FilterPattern.of(longest + 'a'))
                .satisfies(refusal ->
                        assertThat(refusal.message("Invalid filter pattern"))
                                .isEqualTo(
                                        "Invalid filter pattern: expected at most 1024 characters, got 1025"));
    }

    @Test
    void parentheses_and_selectors_may_go_as_deep_as_a_pattern_is_long() throws Exception {
        String nested = "{" + "(".repeat(500) + "$.a=1" + ")".repeat(500) + "}";
        String deep = "{$" + ".a".repeat(500) + "=1}";

        assertThat(FilterPattern.of(nested).takes(LogMessage.of("{\"a\":1}"))).isTrue();
        assertThat(
                        FilterPattern.of(deep)
                                .takes(
                                        LogMessage.of(
                                                "{\"a\":".repeat(500) + "1" + "}".repeat(500))))
                .isTrue();
    }

    /// What Jackson would refuse by its own limits, and what a regular expression with backtracking
    /// would never be done with.
    @Test
    void no_message_escapes_by_being_unusual() throws Exception {
        String hidden =
                "{\"%s\":0,\"deep\":%s1%s,\"number\":%s,\"a\":\"x\",\"a\":\"y\",\"long\":\"%s@\"}"
                        .formatted(
                                "n".repeat(60_000),
                                "[".repeat(5_000),
                                "]".repeat(5_000),
                                "9".repeat(5_000),
                                "a".repeat(200_000));

        for (String pattern :
                List.of(
                        "{ $.a = x }",
                        "{ $.a = y }",
                        "{ $.number = 9* }",
                        "{ $.long = %a*a*a*a*a*a*a*a*a*@$% }")) {
            assertThat(FilterPattern.of(pattern).takes(LogMessage.of(hidden))).as(pattern).isTrue();
        }
        assertThat(
                        FilterPattern.of("{ $.long = %a*a*a*a*a*a*a*a*a*b$% }")
                                .takes(LogMessage.of(hidden)))
                .isFalse();
    }

    @Test
    void fields_are_extracted_by_the_names_the_pattern_gives_them() throws Exception {
        assertThat(
                        FilterPattern.of(
                                        "{ $.eventName = Create* && $.n > 1 && $.gone NOT EXISTS }")
                                .extracted(
                                        LogMessage.of("{\"n\":7.50,\"eventName\":\"CreateUser\"}")))
                .isEqualTo(Map.of("$.eventName", "CreateUser", "$.n", "7.50"));
        assertThat(
                        FilterPattern.of("[..., request=*.html*, status_code=4*,]")
                                .extracted(
                                        LogMessage.of(
                                                "127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] \"GET /index.html HTTP/1.0\" 404 1534")))
                .isEqualTo(
                        Map.of(
                                "$1", "127.0.0.1",
                                "$2", "-",
                                "$3", "frank",
                                "$4", "10/Oct/2000:13:25:15 -0700",
                                "$request", "GET /index.html HTTP/1.0",
                                "$status_code", "404",
                                "$7", "1534"));
        assertThat(
                        FilterPattern.of("[..., last]")
                                .extracted(LogMessage.of("a ".repeat(5_000) + "z")))
                .hasSize(1_025)
                .containsEntry("$1", "a")
                .containsEntry("$1024", "a")
                .containsEntry("$last", "z");
        assertThat(FilterPattern.of("ERROR").extracted(LogMessage.of("ERROR"))).isEmpty();
    }

    private static JsonNode read(String name) throws IOException {
        try (InputStream in = FilterPatternTest.class.getResourceAsStream(name)) {
            return JSON.readTree(Objects.requireNonNull(in));
        }
    }
}
