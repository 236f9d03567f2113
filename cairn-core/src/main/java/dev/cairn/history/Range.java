package dev.cairn.history;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What the bounds of a [Condition.Between] mean: numbers, times or text.
public sealed interface Range {

    /// The member whose bounds may be times.
    String TIME_PATH = "eventTime";

    /// Whether a value lies within. For [Times] this reads the value as a time; [Filter] asks the
    /// event for its own instead, which is there for every spelling that old records have.
    boolean test(String value);

    /// Both ends are numbers; infinite where open. Only values that are numbers, or text that reads
    /// as one, lie within. Numbers are compared as IEEE doubles.
    record Numbers(double lower, boolean lowerIncluded, double upper, boolean upperIncluded)
            implements Range {
        @Override
        public boolean test(String value) {
            double number = number(value);
            return (lowerIncluded ? number >= lower : number > lower)
                    && (upperIncluded ? number <= upper : number < upper);
        }
    }

    /// Milliseconds since 1970, both ends included.
    record Times(long fromMillis, long toMillis) implements Range {
        @Override
        public boolean test(String value) {
            Long time = millis(value, false);
            return time != null && fromMillis <= time && time <= toMillis;
        }
    }

    /// Text in order of its code points; null where open.
    record Texts(
            @Nullable String lower,
            boolean lowerIncluded,
            @Nullable String upper,
            boolean upperIncluded)
            implements Range {
        @Override
        public boolean test(String value) {
            return (lower == null || compare(lower, value) < (lowerIncluded ? 1 : 0))
                    && (upper == null || compare(value, upper) < (upperIncluded ? 1 : 0));
        }

        private static int compare(String left, String right) {
            return Arrays.compareUnsigned(
                    left.getBytes(StandardCharsets.UTF_8), right.getBytes(StandardCharsets.UTF_8));
        }
    }

    /// The meaning of a range. A date stands for the whole day in UTC: `[2024-01-01 TO 2024-01-31]`
    /// has all of the last day in it, `{2024-01-01 TO *]` begins with the second.
    static Range of(Condition.Between between) {
        String lower = between.lower();
        String upper = between.upper();
        if (between.path().equals(TIME_PATH)) {
            Long from =
                    lower == null
                            ? Long.valueOf(Long.MIN_VALUE)
                            : millis(lower, !between.lowerIncluded());
            Long to =
                    upper == null
                            ? Long.valueOf(Long.MAX_VALUE)
                            : millis(upper, between.upperIncluded());
            if (from != null && to != null) {
                return new Times(
                        lower == null || between.lowerIncluded() ? from : from + 1,
                        upper == null || between.upperIncluded() ? to : to - 1);
            }
        }
        if ((lower == null || isNumber(lower)) && (upper == null || isNumber(upper))) {
            return new Numbers(
                    lower == null ? Double.NEGATIVE_INFINITY : number(lower),
                    lower == null || between.lowerIncluded(),
                    upper == null ? Double.POSITIVE_INFINITY : number(upper),
                    upper == null || between.upperIncluded());
        }
        return new Texts(lower, between.lowerIncluded(), upper, between.upperIncluded());
    }

    static boolean isNumber(String value) {
        return !Double.isNaN(number(value));
    }

    /// A value as a number; NaN when its text is not a JSON number or too large for a double.
    static double number(String value) {
        if (!looksNumeric(value)) {
            return Double.NaN;
        }
        double number = Double.parseDouble(value);
        // Adding zero makes -0.0 the 0.0 it equals, which an index of bits would keep apart.
        return Double.isInfinite(number) ? Double.NaN : number + 0.0;
    }

    /// JSON's grammar for numbers, checked by hand: an exception or a regular expression per value
    /// would cost more than all the rest of indexing it.
    private static boolean looksNumeric(String value) {
        int length = value.length();
        int at = length > 0 && value.charAt(0) == '-' ? 1 : 0;
        int start = at;
        at = digits(value, at);
        if (at == start || (at - start > 1 && value.charAt(start) == '0')) {
            return false;
        }
        if (at < length && value.charAt(at) == '.') {
            int fraction = at + 1;
            at = digits(value, fraction);
            if (at == fraction) {
                return false;
            }
        }
        if (at < length && (value.charAt(at) | 0x20) == 'e') {
            at++;
            if (at < length && (value.charAt(at) == '+' || value.charAt(at) == '-')) {
                at++;
            }
            int exponent = at;
            at = digits(value, exponent);
            if (at == exponent) {
                return false;
            }
        }
        return at == length;
    }

    private static int digits(String value, int from) {
        int at = from;
        while (at < value.length() && value.charAt(at) >= '0' && value.charAt(at) <= '9') {
            at++;
        }
        return at;
    }

    /// A time in milliseconds; of a date, its first or last one.
    private static @Nullable Long millis(String text, boolean endOfDay) {
        try {
            if (text.length() == 10) {
                LocalDate day = LocalDate.parse(text);
                return endOfDay
                        ? day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli()
                                - 1
                        : day.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
            }
            return Instant.parse(text).toEpochMilli();
        } catch (DateTimeException | ArithmeticException _) {
            return null; // Not a time: the caller compares as text.
        }
    }
}
