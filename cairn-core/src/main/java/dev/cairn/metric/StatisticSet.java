package dev.cairn.metric;

import java.util.OptionalDouble;

/// What is known of the values that fell into one span of time. Immutable.
///
/// @param count how many values, more than 0; may be a fraction, as senders may say so
/// @param sum of all of them
/// @param min the least
/// @param max the greatest
/// @param spread between those
public record StatisticSet(double count, double sum, double min, double max, Spread spread) {

    /// A value that came so many times.
    ///
    /// @param count more than 0
    public static StatisticSet of(double value, double count) {
        return new StatisticSet(count, value * count, value, value, new Spread.Equal());
    }

    /// Values that were summed up by who sent them. They have percentiles only where all are the
    /// same, as on AWS.
    ///
    /// @param count more than 0
    public static StatisticSet summed(double count, double sum, double min, double max) {
        return new StatisticSet(
                count, sum, min, max, min == max ? new Spread.Equal() : new Spread.Unknown());
    }

    /// The values of both.
    public StatisticSet with(StatisticSet other) {
        double least = Math.min(min, other.min);
        double greatest = Math.max(max, other.max);
        return new StatisticSet(
                count + other.count,
                sum + other.sum,
                least,
                greatest,
                least == greatest ? new Spread.Equal() : Spread.ofBoth(this, other));
    }

    public double average() {
        return sum / count;
    }

    /// The value that so many percent of the values are not above, right to one part in a hundred;
    /// empty when values were summed up by who sent them.
    ///
    /// @param percent 0 to 100
    public OptionalDouble percentile(double percent) {
        return spread.quantile(percent / 100, min, max);
    }

    /// As documents have it: `count sum min max spread`.
    String text() {
        return "%s %s %s %s %s"
                .formatted(plain(count), plain(sum), plain(min), plain(max), spread.text())
                .strip();
    }

    private static String plain(double number) {
        String text = Double.toString(number);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }

    /// @throws IllegalArgumentException when no set is written so
    static StatisticSet ofText(String text) {
        String[] parts = text.split(" ", -1);
        if (parts.length < 4 || parts.length > 5) {
            throw new IllegalArgumentException("expected four numbers and a spread, got " + text);
        }
        return new StatisticSet(
                Double.parseDouble(parts[0]),
                Double.parseDouble(parts[1]),
                Double.parseDouble(parts[2]),
                Double.parseDouble(parts[3]),
                Spread.of(parts.length == 5 ? parts[4] : ""));
    }
}
