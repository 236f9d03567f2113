package dev.cairn.report;

import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.TemporalAdjusters;
import java.util.List;
import java.util.Locale;

/// A time that comes once a week, such as `MON 08:00` or `FRI 17:30 Europe/Berlin`; without a zone
/// UTC. Where clocks are set forward over it, it comes as much later.
public record WeeklyTime(DayOfWeek day, LocalTime time, ZoneId zone) {

    /// Reads one.
    ///
    /// @throws IllegalArgumentException with what was expected
    public static WeeklyTime parse(String text) {
        String[] words = text.strip().split("\\s+", -1);
        List<String> days =
                java.util.Arrays.stream(DayOfWeek.values())
                        .map(day -> day.name().substring(0, 3))
                        .toList();
        try {
            int day = days.indexOf(words[0].toUpperCase(Locale.ROOT));
            if (day >= 0 && (words.length == 2 || words.length == 3)) {
                return new WeeklyTime(
                        DayOfWeek.of(day + 1),
                        LocalTime.parse(words[1]),
                        ZoneId.of(words.length == 3 ? words[2] : "UTC"));
            }
        } catch (DateTimeException _) {
            // Told below.
        }
        throw new IllegalArgumentException(
                "expected a day and a time such as MON 08:00 or MON 08:00 Europe/Berlin, got '%s'"
                        .formatted(text));
    }

    /// The last time it was, or is.
    public Instant latest(Instant now) {
        ZonedDateTime here = now.atZone(zone);
        ZonedDateTime same = at(here.with(TemporalAdjusters.previousOrSame(day)));
        return (same.isAfter(here) ? at(same.minusWeeks(1)) : same).toInstant();
    }

    /// The next time it is.
    public Instant next(Instant now) {
        return at(latest(now).atZone(zone).plusWeeks(1)).toInstant();
    }

    private ZonedDateTime at(ZonedDateTime day) {
        return ZonedDateTime.of(day.toLocalDate(), time, zone);
    }

    @Override
    public String toString() {
        return "%s %s %s".formatted(day.name().substring(0, 3), time, zone);
    }
}
