package dev.cairn.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Times that come once a week.
final class WeeklyTimeTest {

    @ParameterizedTest
    @CsvSource({
        "2026-11-23T07:59:59Z, 2026-11-16T08:00:00Z, 2026-11-23T08:00:00Z",
        "2026-11-23T08:00:00Z, 2026-11-23T08:00:00Z, 2026-11-30T08:00:00Z",
        "2026-11-29T23:00:00Z, 2026-11-23T08:00:00Z, 2026-11-30T08:00:00Z",
    })
    void the_newest_is_never_ahead(String now, String latest, String next) {
        var weekly = WeeklyTime.parse("mon 08:00");

        assertThat(weekly.latest(Instant.parse(now))).isEqualTo(latest);
        assertThat(weekly.next(Instant.parse(now))).isEqualTo(next);
    }

    /// Clocks go forward on 28 March 2027 at 02:00, and back on 25 October 2026 at 03:00.
    @Test
    void it_is_the_time_on_the_wall_where_people_are() {
        var weekly = WeeklyTime.parse("SUN 02:30 Europe/Berlin");

        assertThat(weekly.latest(Instant.parse("2026-10-24T12:00:00Z")))
                .isEqualTo("2026-10-18T00:30:00Z");
        assertThat(weekly.next(Instant.parse("2026-10-24T12:00:00Z")))
                .isEqualTo("2026-10-25T00:30:00Z");
        assertThat(weekly.latest(Instant.parse("2026-10-25T12:00:00Z")))
                .isEqualTo("2026-10-25T00:30:00Z");
        assertThat(weekly.next(Instant.parse("2026-10-25T12:00:00Z")))
                .isEqualTo("2026-11-01T01:30:00Z");
        assertThat(weekly.next(Instant.parse("2027-03-22T12:00:00Z")))
                .isEqualTo("2027-03-28T01:30:00Z");
        assertThat(weekly.next(Instant.parse("2027-03-28T12:00:00Z")))
                .isEqualTo("2027-04-04T00:30:00Z");
        assertThat(weekly).hasToString("SUN 02:30 Europe/Berlin");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "MON",
                "08:00 MON",
                "MON 8",
                "MON 25:00",
                "MON 08:00 Nowhere/x",
                "MON 08:00 UTC x"
            })
    void what_is_no_time_is_refused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeeklyTime.parse(text))
                .withMessageContaining("such as MON 08:00");
    }
}
