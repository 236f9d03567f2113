package dev.cairn.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.dashboard.RefreshSchedule.Frequency;
import dev.cairn.dashboard.RefreshSchedule.Unit;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/// When dashboards are to be refreshed.
class RefreshScheduleTest {
    @Test
    void of_hourly_refreshes_the_minutes_count_alone() {
        assertThat(slot(Unit.HOURS, 1, "22:15", "2026-11-22T16:14:59Z"))
                .isEqualTo("2026-11-22T15:15:00Z");
        assertThat(slot(Unit.HOURS, 1, "22:15", "2026-11-22T16:15:00Z"))
                .isEqualTo("2026-11-22T16:15:00Z");
        assertThat(slot(Unit.HOURS, 6, "22:15", "2026-11-22T18:14:00Z"))
                .isEqualTo("2026-11-22T12:15:00Z");
        assertThat(slot(Unit.HOURS, 12, "00:00", "2026-11-22T23:59:59.999Z"))
                .isEqualTo("2026-11-22T12:00:00Z");
        assertThat(slot(Unit.HOURS, 24, "05:30", "2026-11-22T00:29:00Z"))
                .isEqualTo("2026-11-21T00:30:00Z");
    }

    @Test
    void daily_refreshes_are_at_their_time_of_day() {
        assertThat(slot(Unit.DAYS, 1, "08:30", "2026-11-22T08:29:59Z"))
                .isEqualTo("2026-11-21T08:30:00Z");
        assertThat(slot(Unit.DAYS, 1, "08:30", "2026-11-22T08:30:00Z"))
                .isEqualTo("2026-11-22T08:30:00Z");
    }

    private static Instant slot(Unit unit, int value, String time, String now) {
        return new RefreshSchedule(true, new Frequency(unit, value), RefreshSchedule.time(time))
                .slot(Instant.parse(now));
    }
}
