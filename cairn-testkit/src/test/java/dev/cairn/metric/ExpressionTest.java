package dev.cairn.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Metric maths over three periods of a minute: `a` is 1, 2, 4; `b` is 10, nothing, 0.
class ExpressionTest {
    private static final Expression.Setting SETTING =
            new Expression.Setting(
                    Map.of(
                            "a",
                                    new Operand.Series(
                                            new TreeMap<>(Map.of(0L, 1d, 60L, 2d, 120L, 4d))),
                            "b", new Operand.Series(new TreeMap<>(Map.of(0L, 10d, 120L, 0d)))),
                    List.of("a", "b"),
                    Set.of(0L, 60L, 120L),
                    60);

    /// Four short lines would make a thousand million series.
    @Test
    void lists_of_lists_have_an_end() {
        String list = "[" + "a,".repeat(499) + "a]";
        Operand five = Expression.of(list).evaluate(SETTING);
        assertThat(five.series()).hasSize(500);
        Expression.Setting more =
                new Expression.Setting(Map.of("c", five), List.of("c"), Set.of(0L), 60);
        assertThatThrownBy(() -> Expression.of("[c, c]").evaluate(more))
                .isInstanceOf(ExpressionException.class)
                .hasMessageContaining("at most 500 time series");
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = "->",
            value = {
                "a + 1                     -> 0=2 60=3 120=5",
                "2 * a - 1                 -> 0=1 60=3 120=7",
                "a + b                     -> 0=11 120=4",
                "a / b                     -> 0=0.1",
                "-a ^ 2                    -> 0=-1 60=-4 120=-16",
                "(a + 1) * 2               -> 0=4 60=6 120=10",
                "8 - 4 - 2                 -> 2",
                "SUM(a)                    -> 7",
                "AVG([a, b])               -> 0=5.5 60=2 120=2",
                "MAX(METRICS())            -> 0=10 60=2 120=4",
                "SUM(METRICS('b'))         -> 0=10 120=0",
                "MIN(METRICS())            -> 0=1 60=2 120=0",
                "FILL(b, 7)                -> 0=10 60=7 120=0",
                "FILL(b, REPEAT)           -> 0=10 60=10 120=0",
                "FILL(b, LINEAR)           -> 0=10 60=5 120=0",
                "FILL(b, a)                -> 0=10 60=2 120=0",
                "IF(a >= 2, a, 0)          -> 0=0 60=2 120=4",
                "IF(a > 1 && b < 1, 1, 0)  -> 0=0 120=1",
                "IF(1, a, b)               -> 0=1 60=2 120=4",
                "DIFF(a)                   -> 60=1 120=2",
                "RATE(a) * PERIOD(a)       -> 60=1 120=2",
                "RUNNING_SUM(a)            -> 0=1 60=3 120=7",
                "ABS(a - 3)                -> 0=2 60=1 120=1",
                "DATAPOINT_COUNT(b)        -> 2",
                "a == 2 || b == 0          -> 0=0 120=1",
            })
    void an_expression_comes_to(String text, String expected) {
        assertThat(shown(Expression.of(text).evaluate(SETTING))).isEqualTo(expected);
    }

    private static String shown(Operand result) {
        return switch (result) {
            case Operand.Scalar(double value) -> plain(value);
            case Operand.Series series ->
                    series.points().entrySet().stream()
                            .map(point -> point.getKey() + "=" + plain(point.getValue()))
                            .collect(Collectors.joining(" "));
            case Operand.Several several -> several.toString();
        };
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a +",
                "(a",
                "a)",
                "SUM(a",
                "SUM()",
                "SUM(a, b)",
                "NOPE(a)",
                "1 2",
                "1.2.3",
                "A + 1",
                "IF(a, b)",
                "FILL(a)",
                "'text'",
                "c",
                "RATE(1)",
                "ANOMALY_DETECTION_BAND(a)",
                "[a,b] + [a]"
            })
    void what_makes_no_sense_is_refused(String text) {
        assertThatThrownBy(() -> Expression.of(text).evaluate(SETTING))
                .isInstanceOf(ExpressionException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "-", "SUM(", "2^"})
    void nesting_is_bounded(String opening) {
        assertThatThrownBy(() -> Expression.of(opening.repeat(500) + "a"))
                .isInstanceOf(ExpressionException.class)
                .hasMessageContaining("levels");
    }
}
