package dev.cairn.metric;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.Optional;
import java.util.OptionalDouble;

/// What is asked of the values of a period, such as `Sum` or `p99`.
///
/// @param name as AWS spells it
public record Statistic(String name) {
    private static final Pattern PERCENTILE = Pattern.compile("p(100|\\d{1,2}(?:\\.\\d{1,10})?)");

    /// Empty when Cairn does not know it.
    public static Optional<Statistic> of(String name) {
        return switch (name) {
            case "SampleCount", "Average", "Sum", "Minimum", "Maximum" ->
                    Optional.of(new Statistic(name));
            default ->
                    PERCENTILE.matches(name) ? Optional.of(new Statistic(name)) : Optional.empty();
        };
    }

    /// Whether it is a percentile.
    public boolean isPercentile() {
        return name.startsWith("p");
    }

    /// Whether it can only grow while values that are not negative come.
    public boolean grows() {
        return name.equals("SampleCount") || name.equals("Sum") || name.equals("Maximum");
    }

    /// The number; empty when the values are known in sum only, and it is a percentile.
    public OptionalDouble of(StatisticSet values) {
        return switch (name) {
            case "SampleCount" -> OptionalDouble.of(values.count());
            case "Average" -> OptionalDouble.of(values.average());
            case "Sum" -> OptionalDouble.of(values.sum());
            case "Minimum" -> OptionalDouble.of(values.min());
            case "Maximum" -> OptionalDouble.of(values.max());
            default -> values.percentile(percent());
        };
    }

    private double percent() {
        Matcher parts = PERCENTILE.matcher(name);
        if (!parts.matches()) {
            throw new IllegalStateException("expected a percentile, got " + name);
        }
        return Double.parseDouble(parts.group(1));
    }
}
