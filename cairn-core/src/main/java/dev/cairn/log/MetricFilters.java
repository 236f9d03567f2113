package dev.cairn.log;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.filter.FilterPattern;
import dev.cairn.log.MetricFilter.Transformation;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The metric filters of log groups. Documents: `log-metric-filter` under
/// `ACCOUNT/REGION/GROUP:NAME`; no group's name has a colon. Any thread may call any method.
public final class MetricFilters {
    /// How many filters a group may have.
    public static final int OF_GROUP_MAX = 100;

    /// How many of them may have regular expressions.
    public static final int WITH_REGEX_MAX = 5;

    /// How many steps the regular expressions of all of them may take for each character: they are
    /// asked one after another.
    static final int STEPS_MAX = 500;

    private static final String KIND = "log-metric-filter";
    private static final String PATTERN = "pattern";
    private static final String PUT = "put";
    private static final String NAMESPACE = "namespace";
    private static final String METRIC = "metric";
    private static final String VALUE = "value";
    private static final String OTHERWISE = "otherwise";
    private static final String UNIT = "unit";
    private static final String DIMENSION = "dimension.";

    private final Catalog catalog;

    MetricFilters(Catalog catalog) {
        this.catalog = catalog;
    }

    /// The filters of a group in order of name: at most [#OF_GROUP_MAX].
    public List<MetricFilter> of(LogGroupName group) throws CatalogException {
        return read(catalog.list(KIND, prefix(group), "", OF_GROUP_MAX));
    }

    /// As [#of(LogGroupName)], as a transaction sees them.
    List<MetricFilter> of(Transaction tx, LogGroupName group) throws CatalogException {
        return read(tx.list(KIND, prefix(group), "", OF_GROUP_MAX));
    }

    /// The filters of a group whose names begin so, in order of name.
    ///
    /// @param after the last name of the page before; empty for the first page
    public List<MetricFilter> list(LogGroupName group, String prefix, String after, int limit)
            throws CatalogException {
        return read(
                catalog.list(
                        KIND,
                        prefix(group) + prefix,
                        after.isEmpty() ? "" : prefix(group) + after,
                        limit));
    }

    /// An account's filters of a region in order of group and name.
    ///
    /// @param after the last one of the page before, as [#place] names it; empty for the first page
    public List<MetricFilter> list(String account, String region, String after, int limit)
            throws CatalogException {
        String place = LogGroupName.place(account, region);
        return read(catalog.list(KIND, place, after.isEmpty() ? "" : place + after, limit));
    }

    /// Where a filter stands among those of its account and region.
    public static String place(MetricFilter filter) {
        return filter.group().name() + ':' + filter.name();
    }

    /// Puts a filter in its group, in the place of one of the same name.
    ///
    /// @throws Failure INVALID_PARAMETER, LIMIT_EXCEEDED
    void put(Transaction tx, MetricFilter filter) throws CatalogException {
        FilterPattern pattern = filter.check();
        String key = prefix(filter.group()) + filter.name();
        String json = fields(filter).json();
        Optional<Document> there = tx.get(KIND, key);
        checkLimits(tx, filter, pattern);
        if (there.isPresent()) {
            tx.replace(there.get(), json);
        } else {
            tx.create(KIND, key, json);
        }
    }

    private void checkLimits(Transaction tx, MetricFilter filter, FilterPattern pattern)
            throws CatalogException {
        List<MetricFilter> others = new ArrayList<>();
        for (MetricFilter other : of(tx, filter.group())) {
            if (!other.name().equals(filter.name())) {
                others.add(other);
            }
        }
        if (others.size() >= OF_GROUP_MAX) {
            throw new Failure(ErrorCode.LIMIT_EXCEEDED, "Resource limit exceeded.");
        }
        if (!pattern.hasRegex()) {
            return;
        }
        List<FilterPattern> withRegex =
                others.stream()
                        .map(other -> MetricFilter.read(other.pattern()))
                        .filter(FilterPattern::hasRegex)
                        .toList();
        if (withRegex.size() >= WITH_REGEX_MAX) {
            throw new Failure(
                    ErrorCode.LIMIT_EXCEEDED,
                    "Resource limit exceeded: at most %d filters of a log group have regular expressions"
                            .formatted(WITH_REGEX_MAX));
        }
        int steps = pattern.steps() + withRegex.stream().mapToInt(FilterPattern::steps).sum();
        if (steps > STEPS_MAX) {
            throw new Failure(
                    ErrorCode.LIMIT_EXCEEDED,
                    "Resource limit exceeded: the regular expressions of a log group's filters take at most %d steps for each character, got %d"
                            .formatted(STEPS_MAX, steps));
        }
    }

    /// @throws Failure RESOURCE_NOT_FOUND
    void delete(Transaction tx, LogGroupName group, String name) throws CatalogException {
        tx.delete(
                tx.get(KIND, prefix(group) + name)
                        .orElseThrow(() ->
                                new Failure(
                                        ErrorCode.RESOURCE_NOT_FOUND,
                                        "The specified metric filter does not exist.")));
    }

    /// Deletes all filters of a group.
    void deleteOf(Transaction tx, LogGroupName group) throws CatalogException {
        for (Document document : tx.list(KIND, prefix(group), "", OF_GROUP_MAX)) {
            tx.delete(document);
        }
    }

    private static String prefix(LogGroupName group) {
        return group.key() + ':';
    }

    private static Fields fields(MetricFilter filter) {
        Transformation made = filter.transformation();
        Fields fields =
                Fields.none()
                        .with(PATTERN, filter.pattern())
                        .with(PUT, filter.put().truncatedTo(ChronoUnit.MILLIS).toString())
                        .with(NAMESPACE, made.namespace())
                        .with(METRIC, made.metric())
                        .with(VALUE, made.value());
        if (made.otherwise().isPresent()) {
            fields = fields.with(OTHERWISE, Double.toString(made.otherwise().get()));
        }
        if (made.unit().isPresent()) {
            fields = fields.with(UNIT, made.unit().get());
        }
        for (Map.Entry<String, String> dimension : made.dimensions().entrySet()) {
            fields = fields.with(DIMENSION + dimension.getKey(), dimension.getValue());
        }
        return fields;
    }

    private static List<MetricFilter> read(List<Document> documents) throws CatalogException {
        List<MetricFilter> filters = new ArrayList<>();
        for (Document document : documents) {
            filters.add(read(document));
        }
        return filters;
    }

    private static MetricFilter read(Document document) throws CatalogException {
        int colon = document.key().indexOf(':');
        Fields fields = Fields.of(document);
        Map<String, String> dimensions = new LinkedHashMap<>();
        for (String field : fields.names()) {
            if (field.startsWith(DIMENSION)) {
                dimensions.put(field.substring(DIMENSION.length()), fields.text(field));
            }
        }
        return new MetricFilter(
                LogGroupName.ofKey(document.key().substring(0, colon)),
                document.key().substring(colon + 1),
                fields.text(PATTERN),
                new Transformation(
                        fields.text(NAMESPACE),
                        fields.text(METRIC),
                        fields.text(VALUE),
                        fields.find(OTHERWISE).map(Double::valueOf),
                        dimensions,
                        fields.find(UNIT)),
                Instant.parse(fields.text(PUT)));
    }
}
