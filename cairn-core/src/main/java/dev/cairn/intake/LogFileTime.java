package dev.cairn.intake;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Optional;

/// What a log file's path says about when its events were delivered: the time in its name, or the
/// day of its folders.
///
/// @param from the earliest
/// @param to behind the latest
public record LogFileTime(Instant from, Instant to) {
    /// `…_CloudTrail_us-east-1_20230710T1145Z_7xgocspSowgK0Gto.json.gz`
    private static final Pattern NAME =
            Pattern.compile(".*_(\\d{4})(\\d{2})(\\d{2})T(\\d{2})(\\d{2})(?:\\d{2})?Z[^/]*");

    /// `…/2023/07/10/…`
    private static final Pattern FOLDERS = Pattern.compile("(?:.*/)?(\\d{4})/(\\d{2})/(\\d{2})/.*");

    /// Empty where it says nothing.
    public static Optional<LogFileTime> of(String path) {
        try {
            Matcher name = NAME.matcher(path);
            if (name.matches()) {
                Instant from =
                        day(name)
                                .atTime(
                                        LocalTime.of(
                                                Integer.parseInt(name.group(4)),
                                                Integer.parseInt(name.group(5))))
                                .toInstant(ZoneOffset.UTC);
                return Optional.of(new LogFileTime(from, from.plus(Duration.ofMinutes(1))));
            }
            Matcher folders = FOLDERS.matcher(path);
            if (folders.matches()) {
                Instant from = day(folders).atStartOfDay(ZoneOffset.UTC).toInstant();
                return Optional.of(new LogFileTime(from, from.plus(Duration.ofDays(1))));
            }
        } catch (DateTimeException _) {
            // Numbers that are no time.
        }
        return Optional.empty();
    }

    private static LocalDate day(Matcher matcher) {
        return LocalDate.of(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                Integer.parseInt(matcher.group(3)));
    }
}
