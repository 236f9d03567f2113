package dev.cairn.metric;

import java.time.Instant;

/// Values of a metric that belong to one moment.
///
/// @param unit one of CloudWatch's, such as `Count`; [#NO_UNIT] where nothing was said
/// @param values what they are
/// @param fine whether they are to be kept by the second for as long as that is done
public record Datum(Metric metric, Instant time, String unit, StatisticSet values, boolean fine) {
    /// The unit of what has none.
    public static final String NO_UNIT = "None";

    /// The largest value, and the negative of the smallest, as CloudWatch has it.
    public static final double VALUE_MAX = Math.pow(2, 360);

    /// One value of a metric that is kept by the minute.
    public static Datum of(Metric metric, Instant time, String unit, double value) {
        return new Datum(metric, time, unit, StatisticSet.of(value, 1), false);
    }
}
