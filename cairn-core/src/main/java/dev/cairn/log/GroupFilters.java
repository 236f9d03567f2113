package dev.cairn.log;

import dev.cairn.event.Place;
import dev.cairn.filter.FilterPattern;
import dev.cairn.filter.FilterSet;
import dev.cairn.filter.LogMessage;
import dev.cairn.log.MetricFilter.Transformation;
import dev.cairn.metric.Datum;
import dev.cairn.metric.Metric;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// The metric filters of one log group, ready to ask.
final class GroupFilters {
    /// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html
    private static final int DIMENSION_CHARS_MAX = 1_024;

    private final List<MetricFilter> filters;
    private final List<FilterPattern> patterns;
    private final FilterSet set;
    private final boolean haveDefaults;

    /// @param filters of which those are left out whose metric cannot be: names were not checked
    ///   always
    GroupFilters(List<MetricFilter> filters) {
        this.filters = filters.stream().filter(GroupFilters::canCount).toList();
        List<FilterPattern> read = new ArrayList<>();
        this.filters.forEach(filter -> read.add(MetricFilter.read(filter.pattern())));
        this.patterns = List.copyOf(read);
        this.set = FilterSet.of(patterns);
        this.haveDefaults =
                this.filters.stream()
                        .anyMatch(filter -> filter.transformation().otherwise().isPresent());
    }

    /// Whether the metric of a filter can be.
    static boolean canCount(MetricFilter filter) {
        return Metric.isName(filter.transformation().namespace())
                && Metric.isName(filter.transformation().metric());
    }

    /// Whether one of them counts something for a minute in which it took nothing.
    boolean haveDefaults() {
        return haveDefaults;
    }

    /// Counts a message: once for each filter that takes it and finds its value in it.
    ///
    /// @param took told the filters with a default value that take it
    void count(byte[] utf8, Instant time, Consumer<Datum> counted, Consumer<String> took) {
        if (filters.isEmpty()) {
            return;
        }
        LogMessage message = LogMessage.of(utf8);
        for (int id : set.taking(message)) {
            MetricFilter filter = filters.get(id);
            count(filter, patterns.get(id), message, time).ifPresent(counted);
            if (filter.transformation().otherwise().isPresent()) {
                took.accept(filter.name());
            }
        }
    }

    /// Empty when the message has no number where the value should be: there is nothing to count. A
    /// dimension whose field it does not have, or that is too long, is left out.
    private static Optional<Datum> count(
            MetricFilter filter, FilterPattern pattern, LogMessage message, Instant time) {
        Transformation made = filter.transformation();
        Optional<Double> value =
                number(
                        FilterPattern.isNumber(made.value())
                                ? made.value()
                                : pattern.value(made.value(), message).orElse(""));
        if (value.isEmpty()) {
            return Optional.empty();
        }
        Map<String, String> dimensions = new HashMap<>();
        made.dimensions()
                .forEach((name, field) ->
                        pattern.value(field, message)
                                .filter(text ->
                                        !text.isEmpty() && text.length() <= DIMENSION_CHARS_MAX)
                                .ifPresent(text -> dimensions.put(name, text)));
        LogGroupName group = filter.group();
        return Optional.of(
                Datum.of(
                        new Metric(
                                new Place(group.account(), group.region()),
                                made.namespace(),
                                made.metric(),
                                dimensions),
                        time.truncatedTo(ChronoUnit.MINUTES),
                        made.unit().orElse(Datum.NO_UNIT),
                        value.get()));
    }

    private static Optional<Double> number(String text) {
        if (!FilterPattern.isNumber(text)) {
            return Optional.empty();
        }
        double number = Double.parseDouble(text);
        return Math.abs(number) <= Datum.VALUE_MAX ? Optional.of(number) : Optional.empty();
    }
}
