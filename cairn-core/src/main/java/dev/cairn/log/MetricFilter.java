package dev.cairn.log;

import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.filter.FilterPattern;
import dev.cairn.filter.FilterPatternException;
import dev.cairn.metric.Datum;
import dev.cairn.metric.Metric;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// Which messages of a log group count, and for which metric.
///
/// @param name of 1 to 512 characters without `:` and `*`
/// @param pattern as it was written, byte for byte
/// @param put when it was last put
public record MetricFilter(
        LogGroupName group,
        String name,
        String pattern,
        Transformation transformation,
        Instant put) {

    /// What a message that matches does to a metric.
    ///
    /// @param namespace the metric's
    /// @param metric its name
    /// @param value a number, or the field that has it: `$.latency`, `$bytes`
    /// @param otherwise what is counted when messages came and none matched
    /// @param dimensions fields whose values part the metric, by name; at most three
    /// @param unit one of CloudWatch's; empty when not given
    public record Transformation(
            String namespace,
            String metric,
            String value,
            Optional<Double> otherwise,
            Map<String, String> dimensions,
            Optional<String> unit) {}

    private static final int DIMENSIONS_MAX = 3;
    private static final String SENTENCE = "Invalid metric filter pattern";
    private static final String INVALID = "Invalid metric transformation: ";

    /// Reads a metric filter's pattern.
    ///
    /// @throws Failure INVALID_PARAMETER in AWS's words
    public static FilterPattern read(String pattern) {
        try {
            return FilterPattern.of(pattern);
        } catch (FilterPatternException e) {
            throw new Failure(ErrorCode.INVALID_PARAMETER, e.message(SENTENCE), e);
        }
    }

    /// @return the pattern, ready to ask
    /// @throws Failure INVALID_PARAMETER when CloudWatch Logs would not take it
    FilterPattern check() {
        FilterPattern read = read(pattern);
        if (transformation.namespace().startsWith(Metric.RESERVED)) {
            throw invalid("namespaces that begin with AWS/ are reserved");
        }
        if (!Metric.isName(transformation.namespace()) || !Metric.isName(transformation.metric())) {
            throw invalid("expected a namespace and a name of 1 to 255 printable ASCII characters");
        }
        if (!isValue(transformation.value())) {
            throw invalid(
                    "expected a number or a field such as $.latency as metricValue, got "
                            + transformation.value());
        }
        if (transformation.otherwise().isPresent()
                && !isDefault(transformation.otherwise().get())) {
            throw invalid(
                    "expected a default value from -%1$s to %1$s, got %2$s"
                            .formatted(Datum.VALUE_MAX, transformation.otherwise().get()));
        }
        checkDimensions(read);
        return read;
    }

    /// Whether a metric takes a default value.
    static boolean isDefault(double value) {
        return Math.abs(value) <= Datum.VALUE_MAX;
    }

    private void checkDimensions(FilterPattern read) {
        Map<String, String> dimensions = transformation.dimensions();
        if (dimensions.isEmpty()) {
            return;
        }
        if (!read.hasFields()) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER,
                    "The specified filter pattern does not support dimensions");
        }
        if (transformation.otherwise().isPresent()) {
            throw invalid("dimensions and default value are mutually exclusive properties.");
        }
        if (dimensions.size() > DIMENSIONS_MAX) {
            throw invalid(
                    "expected at most %d dimensions, got %d"
                            .formatted(DIMENSIONS_MAX, dimensions.size()));
        }
        dimensions.forEach((name, field) -> {
            if (name.isEmpty() || !isField(field)) {
                throw invalid("expected a field such as $.eventName as dimension, got " + field);
            }
        });
    }

    private static boolean isValue(String text) {
        return FilterPattern.isNumber(text) || isField(text);
    }

    private static boolean isField(String text) {
        return FilterPattern.isField(text);
    }

    private static Failure invalid(String words) {
        return new Failure(ErrorCode.INVALID_PARAMETER, INVALID + words);
    }
}
