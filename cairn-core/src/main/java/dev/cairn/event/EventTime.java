package dev.cairn.event;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Reads `eventTime`.
final class EventTime {
    /// What other tools make of the time when they write records again: a space for the T, a
    /// fraction, an offset or none, in any case.
    private static final DateTimeFormatter LENIENT =
            new DateTimeFormatterBuilder()
                    .parseCaseInsensitive()
                    .append(DateTimeFormatter.ISO_LOCAL_DATE)
                    .appendPattern("['T'][ ]")
                    .append(DateTimeFormatter.ISO_LOCAL_TIME)
                    .appendPattern("[ ][XXX][XX][X]")
                    .parseDefaulting(ChronoField.OFFSET_SECONDS, 0)
                    .toFormatter(Locale.ROOT);

    /// Numbers from here on are milliseconds: as seconds they would lie after the year 5000.
    private static final long MILLISECONDS_FROM = 100_000_000_000L;

    private EventTime() {}

    /// `yyyy-MM-ddTHH:mm:ssZ` and nothing else, as the Processing Library wants it; null for other
    /// text. Written out because it is read once for every event: three times as fast as a
    /// formatter.
    static @Nullable Instant strict(String text) {
        if (text.length() != 20
                || text.charAt(4) != '-'
                || text.charAt(7) != '-'
                || text.charAt(10) != 'T'
                || text.charAt(13) != ':'
                || text.charAt(16) != ':'
                || text.charAt(19) != 'Z') {
            return null;
        }
        int year = digits(text, 0, 4);
        int month = digits(text, 5, 7);
        int day = digits(text, 8, 10);
        int hour = digits(text, 11, 13);
        int minute = digits(text, 14, 16);
        int second = digits(text, 17, 19);
        if (year < 1
                || month < 1
                || month > 12
                || day < 1
                || day > 31
                || hour < 0
                || hour > 23
                || minute < 0
                || minute > 59
                || second < 0
                || second > 59) {
            return null;
        }
        try {
            return LocalDateTime.of(
                            LocalDate.of(year, month, day), LocalTime.of(hour, minute, second))
                    .toInstant(ZoneOffset.UTC);
        } catch (DateTimeException _) {
            return null;
        }
    }

    /// The number that these characters are; negative when one of them is no digit.
    private static int digits(String text, int from, int to) {
        int number = 0;
        for (int i = from; i < to; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }

    /// Every form in which one instant is meant beyond doubt; without an offset it is UTC. Numbers
    /// are seconds, or milliseconds, since 1970. Null for other text.
    static @Nullable Instant lenient(String text) {
        Instant usual = strict(text);
        if (usual != null) {
            return usual;
        }
        // Old samples have a space after each colon.
        String trimmed = text.strip().replace(": ", ":");
        if (trimmed.isEmpty() || trimmed.length() > 40) {
            return null;
        }
        try {
            if (trimmed.indexOf('-') < 0 && trimmed.indexOf(':') < 0) {
                return number(trimmed);
            }
            return LENIENT.parse(trimmed, Instant::from);
        } catch (DateTimeException | NumberFormatException | ArithmeticException _) {
            return null;
        }
    }

    private static @Nullable Instant number(String text) {
        double number = Double.parseDouble(text);
        if (!(number > 0) || number >= MILLISECONDS_FROM * 1000.0) {
            return null;
        }
        return number >= MILLISECONDS_FROM
                ? Instant.ofEpochMilli((long) number)
                : Instant.ofEpochMilli(Math.round(number * 1000));
    }
}
