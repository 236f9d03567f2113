package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.event.Place;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.metric.ExpressionException;
import dev.cairn.metric.Metric;
import dev.cairn.metric.MetricQueries;
import dev.cairn.metric.MetricQuery;
import dev.cairn.metric.Statistic;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What CloudWatch's operations have in common: metrics, periods, queries and times as calls name
/// them.
final class MetricCall {
    private MetricCall() {}

    static Failure invalid(String words) {
        return new Failure(ErrorCode.INVALID_PARAMETER_VALUE, words);
    }

    static Failure mismatch(String words) {
        return new Failure(ErrorCode.INVALID_PARAMETER_COMBINATION, words);
    }

    static Failure missing(String words) {
        return new Failure(ErrorCode.MISSING_REQUIRED_PARAMETER, words);
    }

    static Failure notBuilt(String what) {
        return new Failure(
                ErrorCode.UNSUPPORTED_OPERATION,
                what + " is not built. docs/gaps.md says what is missing and why");
    }

    static Place place(Invocation call) {
        return new Place(call.caller().account(), call.region());
    }

    /// The metric that a structure with Namespace, MetricName and Dimensions names.
    ///
    /// @param path of the structure, for refusals
    static Metric metric(Place place, JsonNode named, String path) {
        return metric(place, named.path("Namespace").asText(), named, path);
    }

    static Metric metric(Place place, String namespace, JsonNode named, String path) {
        var name = named.path("MetricName").asText();
        name(namespace, "Namespace");
        name(name, path + "MetricName");
        return new Metric(place, namespace, name, dimensions(named.path("Dimensions"), path));
    }

    private static void name(String text, String path) {
        if (!Metric.isName(text)) {
            throw invalid(
                    "The value %s for parameter %s is invalid: expected 1 to 255 printable characters of ASCII."
                            .formatted(text, path));
        }
    }

    private static Map<String, String> dimensions(JsonNode listed, String path) {
        var dimensions = new TreeMap<String, String>();
        for (var one : listed) {
            if (dimensions.put(one.path("Name").asText(), one.path("Value").asText()) != null) {
                throw invalid(
                        "The parameter %sDimensions names %s twice."
                                .formatted(path, one.path("Name").asText()));
            }
        }
        return dimensions;
    }

    /// A period: 1, 5, 10, 20, 30 seconds or a multiple of 60.
    static Duration period(int seconds) {
        var fine = seconds == 1 || seconds == 5 || seconds == 10 || seconds == 20 || seconds == 30;
        if (!fine && seconds % 60 != 0) {
            throw invalid(
                    "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60, got %d."
                            .formatted(seconds));
        }
        if (seconds > Duration.ofDays(1).toSeconds()) {
            throw invalid("The parameter Period must be at most a day (86400).");
        }
        return Duration.ofSeconds(seconds);
    }

    static Statistic statistic(String name) {
        return Statistic.of(name)
                .orElseThrow(() ->
                        name.matches("(tm|wm|tc|ts|PR|pr|TM|WM|TC|TS|IQM|iqm).*")
                                ? notBuilt("The statistic " + name)
                                : invalid(
                                        "The value %s for parameter Stat is invalid."
                                                .formatted(name)));
    }

    static Instant time(JsonNode seconds) {
        return Instant.ofEpochMilli(
                seconds.decimalValue().movePointRight(3).toBigInteger().longValue());
    }

    /// The queries of a call.
    ///
    /// @throws Failure when they cannot be worked out
    static MetricQueries queries(Place place, JsonNode asked) {
        var queries = new ArrayList<MetricQuery>();
        for (var one : asked) {
            queries.add(query(place, one));
        }
        if (queries.size() > MetricQueries.MAX) {
            throw invalid("A request has at most %d queries.".formatted(MetricQueries.MAX));
        }
        return queries(queries);
    }

    static MetricQueries queries(List<MetricQuery> queries) {
        try {
            return new MetricQueries(queries);
        } catch (ExpressionException wrong) {
            throw invalid("Error in expression: " + wrong.message());
        }
    }

    static MetricQuery query(Place place, JsonNode asked) {
        var id = asked.path("Id").asText();
        if (asked.has("AccountId") && !asked.path("AccountId").asText().equals(place.account())) {
            throw notBuilt("The AccountId of another account");
        }
        if (asked.has("Expression") == asked.has("MetricStat")) {
            throw mismatch("The query %s must have either MetricStat or Expression.".formatted(id));
        }
        var period =
                asked.has("Period")
                        ? Optional.of(period(asked.path("Period").asInt()))
                        : Optional.<Duration>empty();
        var label = Optional.ofNullable(asked.path("Label").textValue());
        var shown = asked.path("ReturnData").asBoolean(true);
        if (asked.has("Expression")) {
            var text = asked.path("Expression").asText();
            if (text.stripLeading().toUpperCase(Locale.ROOT).startsWith("SELECT ")) {
                throw notBuilt("Metrics Insights (SELECT)");
            }
            return new MetricQuery(id, new MetricQuery.Maths(text, period), label, shown);
        }
        var stat = asked.path("MetricStat");
        return new MetricQuery(
                id,
                new MetricQuery.Values(
                        metric(place, stat.path("Metric"), "MetricStat.Metric."),
                        period(stat.path("Period").asInt()),
                        statistic(stat.path("Stat").asText()),
                        Optional.ofNullable(stat.path("Unit").textValue())),
                label,
                shown);
    }

    /// Where the first period begins, as CloudWatch rounds it: the older, the coarser.
    static Instant rounded(Instant start, Duration period, Instant now) {
        var age = Duration.between(start, now).toDays();
        var step = age < 15 ? Math.min(60, period.toSeconds()) : age < 63 ? 300 : 3600;
        return Instant.ofEpochSecond(Math.floorDiv(start.getEpochSecond(), step) * step);
    }

    /// Whole seconds, none lost: the end of what is asked for.
    static Instant wholeSeconds(Instant end) {
        return end.getNano() == 0
                ? end
                : Instant.ofEpochSecond(Math.addExact(end.getEpochSecond(), 1));
    }

    static void checkRange(Instant start, Instant end) {
        if (!start.isBefore(end)) {
            throw mismatch("The parameter StartTime must be less than the parameter EndTime.");
        }
    }
}
