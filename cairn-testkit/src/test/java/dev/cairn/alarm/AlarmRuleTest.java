package dev.cairn.alarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.alarm.AlarmState.Value;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Rules of composite alarms: `bad` is in ALARM, `good` is OK, `new` has no data.
class AlarmRuleTest {
    private static final Map<String, Value> STATES =
            Map.of("bad", Value.ALARM, "good", Value.OK, "new (1)", Value.INSUFFICIENT_DATA);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "ALARM(bad)                                | true",
                "ALARM(\"bad\")                            | true",
                "ALARM( good )                             | false",
                "OK(good) AND NOT ALARM(good)              | true",
                "ALARM(good) OR ALARM(bad)                 | true",
                "ALARM(good) OR OK(good) AND FALSE         | false",
                "(ALARM(good) OR OK(good)) AND TRUE        | true",
                "NOT (ALARM(bad) AND OK(good))             | false",
                "INSUFFICIENT_DATA(\"new (1)\")            | true",
                "ALARM(nobody)                             | false",
                "NOT OK(nobody)                            | true",
            })
    void states_are_joined(String rule, boolean holds) throws Exception {
        assertThat(AlarmRule.of(rule).holds(name -> Optional.ofNullable(STATES.get(name))))
                .isEqualTo(holds);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ALARM",
                "ALARM()",
                "ALARM(a",
                "ALARM(\"a)",
                "ALARM(a) ALARM(b)",
                "AND ALARM(a)",
                "(ALARM(a)",
                "alarm(a)",
                "AT_LEAST(1, ALARM, (a, b))",
                "TRUEFALSE"
            })
    void what_is_no_rule_is_refused(String rule) {
        assertThatThrownBy(() -> AlarmRule.of(rule))
                .isInstanceOf(AlarmRule.InvalidException.class)
                .hasMessageContaining("expected");
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "NOT "})
    void nesting_is_bounded(String opening) {
        assertThatThrownBy(() -> AlarmRule.of(opening.repeat(2000) + "TRUE"))
                .isInstanceOf(AlarmRule.InvalidException.class)
                .hasMessageContaining("levels");
    }
}
