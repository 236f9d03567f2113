package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.filter.FilterPattern;
import dev.cairn.filter.LogMessage;
import dev.cairn.log.LogGroups;
import dev.cairn.log.MetricFilter;
import dev.cairn.log.MetricFilter.Transformation;
import dev.cairn.log.MetricFilters;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/// CloudWatch Logs' operations on metric filters.
///
/// Source: Amazon CloudWatch Logs API Reference.
final class MetricFilterOperations {
    private static final String FILTER = "filterName";
    private static final String PREFIX = "filterNamePrefix";
    private static final String PATTERN = "filterPattern";
    private static final String METRIC = "metricName";
    private static final String NAMESPACE = "metricNamespace";
    private static final String VALUE = "metricValue";
    private static final String DEFAULT = "defaultValue";
    private static final String DIMENSIONS = "dimensions";
    private static final String UNIT = "unit";
    private static final String MESSAGES = "logEventMessages";
    private static final int PAGE = 50;

    /// How many filters are read at once where a metric picks some.
    private static final int READ = 500;

    /// How many bytes of messages a pattern is tried on at once: as many as PutLogEvents takes in a
    /// batch, of which a message can be all.
    /// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
    private static final int TRIED_BYTES_MAX = 1 << 20;

    private final LogGroups groups;
    private final Semaphore trying;

    /// @param trying how many patterns may be tried at a time: regular expressions take seconds of
    ///   such messages, and whoever may read may ask
    MetricFilterOperations(LogGroups groups, Semaphore trying) {
        this.groups = groups;
        this.trying = trying;
    }

    ObjectNode put(Invocation call, Transaction tx) throws CatalogException {
        LogService.only(call, "applyOnTransformedLogs", "false");
        LogService.only(call, "fieldSelectionCriteria", "");
        LogService.only(call, "emitSystemFieldDimensions", "[]");
        var asked = call.input().path("metricTransformations").path(0);
        var transformation =
                new Transformation(
                        asked.path(NAMESPACE).asText(),
                        asked.path(METRIC).asText(),
                        asked.path(VALUE).asText(),
                        asked.hasNonNull(DEFAULT)
                                ? Optional.of(asked.path(DEFAULT).asDouble())
                                : Optional.empty(),
                        LogGroupOperations.pairs(asked.path(DIMENSIONS)),
                        Optional.ofNullable(asked.path(UNIT).textValue()));
        groups.put(
                tx,
                new MetricFilter(
                        LogGroupOperations.group(call),
                        name(call),
                        call.text(PATTERN, ""),
                        transformation,
                        call.now()));
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode delete(Invocation call, Transaction tx) throws CatalogException {
        groups.deleteFilter(tx, LogGroupOperations.group(call), name(call));
        return JsonNodeFactory.instance.objectNode();
    }

    /// A filter's name, which the model lets be more than can be kept.
    ///
    /// @throws Failure INVALID_PARAMETER
    static String name(Invocation call) {
        var name = call.text(FILTER, "");
        if (name.codePoints()
                .anyMatch(c -> Character.isISOControl(c) || (c >= 0xD800 && c <= 0xDFFF))) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER,
                    "Expected a filterName without control characters");
        }
        return name;
    }

    ObjectNode describe(Invocation call) throws CatalogException {
        if (call.input().hasNonNull(METRIC) != call.input().hasNonNull(NAMESPACE)) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER,
                    "metricName and metricNamespace go together, got one of them");
        }
        var inGroup = call.input().hasNonNull(LogGroupOperations.GROUP);
        if (!inGroup && call.input().hasNonNull(PREFIX)) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER, "filterNamePrefix needs a logGroupName, got none");
        }
        var limit = call.number("limit", PAGE);
        Function<MetricFilter, String> named = inGroup ? MetricFilter::name : MetricFilters::place;
        var found = found(call, inGroup, named, limit);
        var output = JsonNodeFactory.instance.objectNode();
        var items = output.putArray("metricFilters");
        found.stream().limit(limit).map(MetricFilterOperations::shown).forEach(items::add);
        if (found.size() > limit) {
            output.put("nextToken", NameToken.of(named.apply(found.get(limit - 1))));
        }
        return output;
    }

    /// One more than the limit when there are more.
    private List<MetricFilter> found(
            Invocation call, boolean inGroup, Function<MetricFilter, String> named, int limit)
            throws CatalogException {
        var group = LogGroupOperations.group(call);
        if (inGroup) {
            groups.expect(group);
        }
        var metric = call.text(METRIC, "");
        var namespace = call.text(NAMESPACE, "");
        var found = new ArrayList<MetricFilter>();
        var after = LogGroupOperations.after(call);
        while (found.size() <= limit) {
            var page =
                    inGroup
                            ? groups.filters().list(group, call.text(PREFIX, ""), after, READ)
                            : groups.filters()
                                    .list(call.caller().account(), call.region(), after, READ);
            for (var filter : page) {
                var made = filter.transformation();
                if (metric.isEmpty()
                        || (made.metric().equals(metric) && made.namespace().equals(namespace))) {
                    found.add(filter);
                }
            }
            if (page.size() < READ) {
                break;
            }
            after = named.apply(page.getLast());
        }
        return found;
    }

    private static JsonNode shown(MetricFilter filter) {
        var shown = JsonNodeFactory.instance.objectNode();
        shown.put(FILTER, filter.name()).put(PATTERN, filter.pattern());
        var made = filter.transformation();
        var transformation =
                shown.putArray("metricTransformations")
                        .addObject()
                        .put(METRIC, made.metric())
                        .put(NAMESPACE, made.namespace())
                        .put(VALUE, made.value());
        made.otherwise().ifPresent(value -> transformation.put(DEFAULT, value));
        if (!made.dimensions().isEmpty()) {
            var dimensions = transformation.putObject(DIMENSIONS);
            made.dimensions().forEach(dimensions::put);
        }
        made.unit().ifPresent(unit -> transformation.put(UNIT, unit));
        return shown.put("creationTime", filter.put().toEpochMilli())
                .put(LogGroupOperations.GROUP, filter.group().name())
                .put("applyOnTransformedLogs", false);
    }

    ObjectNode test(Invocation call) {
        var pattern = MetricFilter.read(call.text(PATTERN, ""));
        var bytes = 0L;
        for (var text : call.input().path(MESSAGES)) {
            bytes += text.asText().getBytes(StandardCharsets.UTF_8).length;
        }
        if (bytes > TRIED_BYTES_MAX) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER,
                    "Expected logEventMessages of at most %d bytes together, got %d"
                            .formatted(TRIED_BYTES_MAX, bytes));
        }
        if (!trying.tryAcquire()) {
            throw new Failure(ErrorCode.THROTTLING);
        }
        try {
            return tried(pattern, call);
        } finally {
            trying.release();
        }
    }

    private static ObjectNode tried(FilterPattern pattern, Invocation call) {
        var output = JsonNodeFactory.instance.objectNode();
        var matches = output.putArray("matches");
        long number = 0;
        for (var text : call.input().path(MESSAGES)) {
            number++;
            var message = LogMessage.of(text.asText());
            if (pattern.takes(message)) {
                var extracted =
                        matches.addObject()
                                .put("eventNumber", number)
                                .put("eventMessage", text.asText())
                                .putObject("extractedValues");
                pattern.extracted(message).forEach(extracted::put);
            }
        }
        return output;
    }
}
