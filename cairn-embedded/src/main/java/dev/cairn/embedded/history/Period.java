package dev.cairn.embedded.history;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/// What one index holds: a UTC day of ordinary events, or a UTC month of imported ones.
///
/// @param imported whether the events were imported
/// @param first the day, or the month's first day
record Period(boolean imported, LocalDate first) {

    static Period of(boolean imported, Instant time) {
        LocalDate day = LocalDate.ofInstant(time, ZoneOffset.UTC);
        return new Period(imported, imported ? day.withDayOfMonth(1) : day);
    }

    LocalDate last() {
        return imported ? YearMonth.from(first).atEndOfMonth() : first;
    }

    /// The last millisecond of the period.
    long lastMillis() {
        return last().plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli() - 1;
    }

    long firstMillis() {
        return first.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
    }

    /// The folder below history's own: `day/2026-11-21` or `imported/2014-03`.
    String folder() {
        return imported ? "imported/" + YearMonth.from(first) : "day/" + first;
    }

    static @Nullable Period ofFolder(String folder) {
        try {
            if (folder.startsWith("day/")) {
                return new Period(false, LocalDate.parse(folder.substring("day/".length())));
            }
            if (folder.startsWith("imported/")) {
                String month = folder.substring("imported/".length());
                return new Period(true, YearMonth.parse(month).atDay(1));
            }
            return null;
        } catch (DateTimeException _) {
            return null; // Not one of ours.
        }
    }
}
