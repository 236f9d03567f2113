package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.event.Place;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.metric.Datum;
import dev.cairn.metric.ExpressionException;
import dev.cairn.metric.Metric;
import dev.cairn.metric.MetricQuery;
import dev.cairn.metric.Metrics;
import dev.cairn.metric.Operand;
import dev.cairn.metric.Statistic;
import dev.cairn.metric.StatisticSet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/// CloudWatch's operations on values: PutMetricData, GetMetricData, GetMetricStatistics and
/// ListMetrics.
///
/// Source: Amazon CloudWatch API Reference.
final class MetricOperations {
    private static final int DATA_MAX = 1000;
    private static final int VALUES_MAX = 150;
    private static final Duration PAST_MAX = Duration.ofDays(14);
    private static final Duration FUTURE_MAX = Duration.ofHours(2);
    private static final int STATISTICS_POINTS_MAX = 1440;
    private static final int DATA_POINTS_MAX = 100_800;

    /// What a request may have worked out before it is cut into pages.
    private static final int WORK_MAX = 1_000_000;

    private static final int LISTED_PAGE = 500;
    private static final Duration LISTED_FOR = Duration.ofDays(14);
    private static final Duration RECENT = Duration.ofHours(3);

    private final Catalog catalog;
    private final Metrics metrics;

    MetricOperations(Catalog catalog, Metrics metrics) {
        this.catalog = catalog;
        this.metrics = metrics;
    }

    ObjectNode put(Invocation call) throws CatalogException {
        var namespace = call.text("Namespace", "");
        if (namespace.startsWith(Metric.RESERVED)) {
            throw MetricCall.invalid(
                    "The value %s for parameter Namespace is invalid.".formatted(namespace));
        }
        if (call.input().has("EntityMetricData")) {
            throw MetricCall.notBuilt("EntityMetricData");
        }
        var asked = call.input().path("MetricData");
        if (asked.isEmpty()) {
            throw MetricCall.missing("The parameter MetricData is required.");
        }
        if (asked.size() > DATA_MAX) {
            throw MetricCall.invalid(
                    "The collection MetricData must not have a size greater than %d."
                            .formatted(DATA_MAX));
        }
        var data = new ArrayList<Datum>();
        for (int i = 0; i < asked.size(); i++) {
            var path = "MetricData.member.%d.".formatted(i + 1);
            data.add(datum(call, namespace, asked.path(i), path));
        }
        catalog.<Boolean, RuntimeException>write(tx -> {
            var left = metrics.add(tx, data, call.now());
            if (!left.isEmpty()) {
                throw new Failure(
                        ErrorCode.ALARM_LIMIT_EXCEEDED,
                        "An account may have at most %d metrics in a region; %s would be one more."
                                .formatted(Metrics.METRICS_MAX, left.getFirst().metric().name()));
            }
            return true;
        });
        return JsonNodeFactory.instance.objectNode();
    }

    private static Datum datum(Invocation call, String namespace, JsonNode asked, String path) {
        var time = asked.has("Timestamp") ? MetricCall.time(asked.path("Timestamp")) : call.now();
        if (time.isBefore(call.now().minus(PAST_MAX))) {
            throw MetricCall.invalid(
                    "The parameter %sTimestamp must specify a time no more than two weeks in the past."
                            .formatted(path));
        }
        if (time.isAfter(call.now().plus(FUTURE_MAX))) {
            throw MetricCall.invalid(
                    "The parameter %sTimestamp must specify a time no more than two hours in the future."
                            .formatted(path));
        }
        var resolution = asked.path("StorageResolution").asInt(60);
        if (resolution != 1 && resolution != 60) {
            throw MetricCall.invalid(
                    "The parameter %sStorageResolution must be 1 or 60.".formatted(path));
        }
        return new Datum(
                MetricCall.metric(MetricCall.place(call), namespace, asked, path),
                time,
                asked.path("Unit").asText(Datum.NO_UNIT),
                values(asked, path),
                resolution == 1);
    }

    private static StatisticSet values(JsonNode asked, String path) {
        var given =
                (asked.has("Value") ? 1 : 0)
                        + (asked.has("StatisticValues") ? 1 : 0)
                        + (asked.has("Values") ? 1 : 0);
        if (given == 0) {
            throw MetricCall.missing(
                    "At least one of the parameters must be specified: %1$sValue, %1$sValues, %1$sStatisticValues."
                            .formatted(path));
        }
        if (given > 1) {
            throw MetricCall.mismatch(
                    "The parameters %1$sValue, %1$sValues and %1$sStatisticValues are mutually exclusive and you have specified more than one."
                            .formatted(path));
        }
        if (asked.has("Value")) {
            return StatisticSet.of(number(asked.path("Value"), path + "Value"), 1);
        }
        return asked.has("Values")
                ? listed(asked, path)
                : summed(asked.path("StatisticValues"), path + "StatisticValues.");
    }

    private static StatisticSet listed(JsonNode asked, String path) {
        var values = asked.path("Values");
        var counts = asked.path("Counts");
        if (values.isEmpty() || values.size() > VALUES_MAX) {
            throw MetricCall.invalid(
                    "The collection %sValues must have a size of 1 to %d."
                            .formatted(path, VALUES_MAX));
        }
        if (asked.has("Counts") && counts.size() != values.size()) {
            throw MetricCall.invalid(
                    "The parameters %1$sValues and %1$sCounts must have the same size."
                            .formatted(path));
        }
        var sets = new ArrayList<StatisticSet>();
        for (int i = 0; i < values.size(); i++) {
            var count = asked.has("Counts") ? count(counts.path(i), path + "Counts") : 1;
            sets.add(StatisticSet.of(number(values.path(i), path + "Values"), count));
        }
        return sets.stream().reduce(StatisticSet::with).orElseThrow();
    }

    private static StatisticSet summed(JsonNode asked, String path) {
        var min = number(asked.path("Minimum"), path + "Minimum");
        var max = number(asked.path("Maximum"), path + "Maximum");
        if (min > max) {
            throw MetricCall.mismatch(
                    "The parameter %1$sMinimum must be at most %1$sMaximum.".formatted(path));
        }
        return StatisticSet.summed(
                count(asked.path("SampleCount"), path + "SampleCount"),
                number(asked.path("Sum"), path + "Sum"),
                min,
                max);
    }

    private static double count(JsonNode value, String path) {
        var count = number(value, path);
        if (count <= 0) {
            throw MetricCall.invalid(
                    "The value %s for parameter %s is invalid: expected more than 0."
                            .formatted(value.asText(), path));
        }
        return count;
    }

    private static double number(JsonNode value, String path) {
        var number = value.doubleValue();
        if (!(Math.abs(number) <= Datum.VALUE_MAX)) {
            throw MetricCall.invalid(
                    "The value %s for parameter %s is invalid.".formatted(value.asText(), path));
        }
        return number;
    }

    ObjectNode statistics(Invocation call) throws CatalogException {
        var input = call.input();
        var start = MetricCall.time(input.path("StartTime"));
        var end = MetricCall.wholeSeconds(MetricCall.time(input.path("EndTime")));
        MetricCall.checkRange(start, end);
        var period = MetricCall.period(call.number("Period", 0));
        var names = new ArrayList<Statistic>();
        input.path("Statistics").forEach(name -> names.add(MetricCall.statistic(name.asText())));
        input.path("ExtendedStatistics")
                .forEach(name -> names.add(MetricCall.statistic(name.asText())));
        if (names.isEmpty()) {
            throw MetricCall.mismatch("Must specify either Statistics or ExtendedStatistics");
        }
        var from = MetricCall.rounded(start, period, call.now());
        var points = Duration.between(from, end).dividedBy(period);
        if (points > STATISTICS_POINTS_MAX) {
            throw MetricCall.mismatch(
                    "You have requested up to %,d datapoints, which exceeds the limit of %,d. You may reduce the datapoints requested by increasing Period, or decreasing the time range."
                            .formatted(points, STATISTICS_POINTS_MAX));
        }
        var metric = MetricCall.metric(MetricCall.place(call), input, "");
        var found =
                metrics.read(
                        new Metrics.Query(
                                metric,
                                Optional.ofNullable(input.path("Unit").textValue()),
                                from,
                                end,
                                period));
        var output = JsonNodeFactory.instance.objectNode().put("Label", metric.name());
        var list = output.putArray("Datapoints");
        found.forEach((unit, sets) ->
                sets.forEach((time, set) -> point(list.addObject(), time, unit, set, names)));
        return output;
    }

    private static void point(
            ObjectNode point, long time, String unit, StatisticSet set, List<Statistic> names) {
        point.put("Timestamp", time).put("Unit", unit);
        ObjectNode extended = null;
        for (var name : names) {
            var number = name.of(set);
            if (number.isEmpty()) {
                continue;
            }
            if (name.isPercentile()) {
                extended = extended == null ? point.putObject("ExtendedStatistics") : extended;
                extended.put(name.name(), number.getAsDouble());
            } else {
                point.put(name.name(), number.getAsDouble());
            }
        }
    }

    ObjectNode data(Invocation call) throws CatalogException {
        var input = call.input();
        var start = MetricCall.time(input.path("StartTime"));
        var end = MetricCall.wholeSeconds(MetricCall.time(input.path("EndTime")));
        MetricCall.checkRange(start, end);
        var queries = MetricCall.queries(MetricCall.place(call), input.path("MetricDataQueries"));
        if (queries.all().isEmpty()) {
            throw MetricCall.missing("The parameter MetricDataQueries is required.");
        }
        var pageMax = call.number("MaxDatapoints", DATA_POINTS_MAX);
        if (pageMax < 1 || pageMax > DATA_POINTS_MAX) {
            throw MetricCall.invalid(
                    "The parameter MaxDatapoints must be 1 to %d.".formatted(DATA_POINTS_MAX));
        }
        var from = MetricCall.rounded(start, shortest(queries.all()), call.now());
        var periods = Duration.between(from, end).dividedBy(shortest(queries.all()));
        if (periods > DATA_POINTS_MAX || periods * queries.all().size() > WORK_MAX) {
            throw MetricCall.invalid(
                    "The time range has %d periods for each of %d queries, which exceeds the limit of %d, or %d in all."
                            .formatted(periods, queries.all().size(), DATA_POINTS_MAX, WORK_MAX));
        }
        Map<String, Operand> results;
        try {
            results = queries.evaluate(metrics, from, end);
        } catch (ExpressionException wrong) {
            throw MetricCall.invalid("Error in expression: " + wrong.message());
        }
        var page = new DataPage(skipped(call), pageMax, newestFirst(call));
        for (var query : queries.all()) {
            var result = results.get(query.id());
            if (query.shown() && result != null) {
                page.add(query, result, from);
            }
        }
        return page.output();
    }

    private static Duration shortest(List<MetricQuery> queries) {
        return queries.stream()
                .flatMap(query ->
                        switch (query.source()) {
                            case MetricQuery.Values values -> Stream.of(values.period());
                            case MetricQuery.Maths maths -> maths.period().stream();
                        })
                .min(Duration::compareTo)
                .orElse(Duration.ofMinutes(1));
    }

    private static boolean newestFirst(Invocation call) {
        return !call.text("ScanBy", "").equals("TimestampAscending");
    }

    private static int skipped(Invocation call) {
        var token = NameToken.read(call.text("NextToken", ""));
        if (token.isEmpty() || !token.get().matches("\\d{0,9}")) {
            throw new Failure(ErrorCode.INVALID_METRICS_TOKEN);
        }
        return token.get().isEmpty() ? 0 : Integer.parseInt(token.get());
    }

    /// The results of GetMetricData, so many points of them. Numbers are worked out anew for each
    /// page; a token says how many points came before.
    private static final class DataPage {
        private final ObjectNode output = JsonNodeFactory.instance.objectNode();
        private final ArrayNode results = output.putArray("MetricDataResults");
        private final boolean newestFirst;
        private final int end;
        private int skip;
        private int left;
        private boolean more;

        DataPage(int skip, int max, boolean newestFirst) {
            this.skip = skip;
            this.left = max;
            this.end = skip + max;
            this.newestFirst = newestFirst;
        }

        void add(MetricQuery query, Operand result, Instant from) {
            var number = 0;
            for (var one : series(result, from)) {
                number++;
                var several = result instanceof Operand.Several;
                var title = several ? query.title() + ' ' + number : query.title();
                add(query.id(), title, newestFirst ? reversed(one) : one);
            }
        }

        private static List<SortedMap<Long, Double>> series(Operand result, Instant from) {
            return switch (result) {
                case Operand.Scalar(double value) ->
                        List.of(new TreeMap<>(Map.of(from.getEpochSecond(), value)));
                case Operand.Series one -> List.of(one.points());
                case Operand.Several several ->
                        several.all().stream().map(Operand.Series::points).toList();
            };
        }

        private static SortedMap<Long, Double> reversed(SortedMap<Long, Double> points) {
            return new TreeMap<>(points).reversed();
        }

        private void add(String id, String title, SortedMap<Long, Double> points) {
            var result = JsonNodeFactory.instance.objectNode().put("Id", id).put("Label", title);
            var times = result.putArray("Timestamps");
            var values = result.putArray("Values");
            var cut = false;
            for (var point : points.entrySet()) {
                if (skip > 0) {
                    skip--;
                } else if (left > 0) {
                    left--;
                    times.add(point.getKey());
                    values.add(point.getValue());
                } else {
                    cut = true;
                }
            }
            more |= cut;
            results.add(result.put("StatusCode", cut ? "PartialData" : "Complete"));
        }

        ObjectNode output() {
            return more ? output.put("NextToken", NameToken.of(Integer.toString(end))) : output;
        }
    }

    ObjectNode list(Invocation call) throws CatalogException {
        var input = call.input();
        if (input.path("IncludeLinkedAccounts").asBoolean() || input.has("OwningAccount")) {
            throw MetricCall.notBuilt("Metrics of other accounts");
        }
        var place = MetricCall.place(call);
        var namespace = call.text("Namespace", "");
        var name = call.text("MetricName", "");
        var oldest = call.now().minus(input.has("RecentlyActive") ? RECENT : LISTED_FOR);
        var output = JsonNodeFactory.instance.objectNode();
        var list = output.putArray("Metrics");
        var after =
                NameToken.read(call.text("NextToken", ""))
                        .orElseThrow(() -> new Failure(ErrorCode.INVALID_METRICS_TOKEN));
        while (true) {
            var page = page(place, namespace, name, after);
            for (var listed : page) {
                after = listed.mark();
                if (list.size() == LISTED_PAGE) {
                    return output;
                }
                if (listed.newest().isAfter(oldest)
                        && (name.isEmpty() || listed.metric().name().equals(name))
                        && has(listed.metric(), input.path("Dimensions"))) {
                    show(list.addObject(), listed.metric());
                    if (list.size() == LISTED_PAGE) {
                        output.put("NextToken", NameToken.of(after));
                    }
                }
            }
            if (page.size() < Catalog.LIMIT_MAX) {
                output.remove("NextToken");
                return output;
            }
        }
    }

    private List<Metrics.Listed> page(Place place, String namespace, String name, String after)
            throws CatalogException {
        return metrics.list(
                place, namespace, namespace.isEmpty() ? "" : name, after, Catalog.LIMIT_MAX);
    }

    private static boolean has(Metric metric, JsonNode filters) {
        for (var filter : filters) {
            var value = metric.dimensions().get(filter.path("Name").asText());
            if (value == null
                    || (filter.has("Value") && !filter.path("Value").asText().equals(value))) {
                return false;
            }
        }
        return true;
    }

    static void show(ObjectNode shown, Metric metric) {
        shown.put("Namespace", metric.namespace()).put("MetricName", metric.name());
        var dimensions = shown.putArray("Dimensions");
        metric.dimensions()
                .forEach((name, value) ->
                        dimensions.addObject().put("Name", name).put("Value", value));
    }
}
