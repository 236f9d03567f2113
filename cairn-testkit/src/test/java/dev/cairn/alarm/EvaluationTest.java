package dev.cairn.alarm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.alarm.AlarmState.Value;
import dev.cairn.event.Place;
import dev.cairn.metric.Metric;
import dev.cairn.metric.MetricQuery;
import dev.cairn.metric.Statistic;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The tables of "Configuring how CloudWatch alarms treat missing data": of the last five periods,
/// `X` is beyond the threshold, `0` is not, `-` is missing.
class EvaluationTest {
    private static final long END = 1_800_000_000L / 60 * 60;

    @ParameterizedTest
    @CsvSource({
        "3, 3, 0 - X - X, OK,    OK,    OK,    OK",
        "3, 3, 0 X X - X, ALARM, ALARM, ALARM, ALARM",
        "3, 3, - - - - 0, OK,    OK,    OK,    OK",
        "3, 3, - - - - -, INSUFFICIENT_DATA, same, ALARM, OK",
        "3, 3, - - X - -, ALARM, same,  ALARM, OK",
        "3, 3, - - - X -, OK,    same,  ALARM, OK",
        "3, 2, 0 - X - X, ALARM, ALARM, ALARM, ALARM",
        "3, 2, 0 0 X 0 X, ALARM, ALARM, ALARM, ALARM",
        "3, 2, 0 - X - -, OK,    OK,    ALARM, OK",
        "3, 2, - - - - 0, OK,    OK,    ALARM, OK",
        "3, 2, - - - X -, ALARM, same,  ALARM, OK",
        "1, 1, 0 0 0 - -, OK,    OK,    OK,    OK",
        "1, 1, 0 0 X - -, ALARM, ALARM, ALARM, ALARM",
        "1, 1, X X - - -, INSUFFICIENT_DATA, same, ALARM, OK",
    })
    void values_that_are_there_decide_and_missing_ones_are_made_up_for(
            int periods,
            int needed,
            String values,
            String missing,
            String ignore,
            String breaching,
            String notBreaching) {
        Map<Alarm.Missing, String> expected =
                Map.of(
                        Alarm.Missing.MISSING, missing,
                        Alarm.Missing.IGNORE, ignore,
                        Alarm.Missing.BREACHING, breaching,
                        Alarm.Missing.NOT_BREACHING, notBreaching);
        expected.forEach((treatment, state) -> {
            for (Value current : Value.values()) {
                assertThat(judge(alarm(periods, needed, treatment), current, values).state())
                        .as("%s of %s when %s", treatment, values, current)
                        .isEqualTo(state.equals("same") ? current : Value.valueOf(state));
            }
        });
    }

    @Test
    void the_reason_names_what_decided() {
        Alarm.Metrics alarm = alarm(3, 2, Alarm.Missing.NOT_BREACHING);
        assertThat(judge(alarm, Value.OK, "0 0 X 0 X").reason())
                .isEqualTo(
                        "Threshold Crossed: 2 out of the last 3 datapoints [5.0 (15/01/27 07:59:00), 5.0 (15/01/27 07:57:00)] were greater than or equal to the threshold (5.0) (minimum 2 datapoints for OK -> ALARM transition).");
        assertThat(judge(alarm, Value.OK, "- - - - -").reason())
                .isEqualTo(
                        "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as [NonBreaching].");
        assertThat(judge(alarm, Value.OK, "0 0 X 0 X").reasonData())
                .contains("\"threshold\":5.0")
                .contains("\"recentDatapoints\":[5.0,0.0,5.0]");
    }

    private static Evaluation judge(Alarm.Metrics alarm, Value current, String values) {
        SortedMap<Long, Double> points = new TreeMap<>();
        String[] all = values.split(" ", -1);
        for (int i = 0; i < all.length; i++) {
            long start = END - (all.length - i) * 60L;
            switch (all[i]) {
                case "X" -> points.put(start, 5.0);
                case "0" -> points.put(start, 0.0);
                default -> {
                    // Missing.
                }
            }
        }
        return Evaluation.of(
                alarm, current, new Evaluation.Window(points, END, 60, Instant.ofEpochSecond(END)));
    }

    private static Alarm.Metrics alarm(int periods, int needed, Alarm.Missing missing) {
        return new Alarm.Metrics(
                List.of(
                        new MetricQuery(
                                "m1",
                                new MetricQuery.Values(
                                        new Metric(
                                                new Place("123456789012", "us-east-1"),
                                                "Security",
                                                "RootLogins",
                                                Map.of()),
                                        Duration.ofMinutes(1),
                                        Statistic.of("Sum").orElseThrow(),
                                        Optional.empty()),
                                Optional.empty(),
                                true)),
                true,
                Alarm.Comparison.GREATER_OR_EQUAL,
                5,
                periods,
                Optional.of(needed),
                missing,
                true,
                Optional.empty());
    }
}
