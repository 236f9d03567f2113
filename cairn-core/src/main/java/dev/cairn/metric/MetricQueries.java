package dev.cairn.metric;

import com.google.re2j.Pattern;
import dev.cairn.catalog.CatalogException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/// Queries that belong together: expressions name the others. Checked when it is made.
///
/// Any thread may call any method.
public final class MetricQueries {
    /// The most queries of one request.
    public static final int MAX = 500;

    /// The most values of all results together: lists that expressions make have those of all their
    /// time series once more.
    static final int POINTS_MAX = 2_000_000;

    private static final Pattern ID = Pattern.compile("[a-z][A-Za-z0-9_]{0,254}");

    private final List<MetricQuery> queries;
    private final Map<String, Expression> expressions = new HashMap<>();
    private final List<String> order = new ArrayList<>();

    /// @throws ExpressionException when they cannot be worked out, whatever the values
    public MetricQueries(List<MetricQuery> queries) {
        this.queries = List.copyOf(queries);
        Map<String, MetricQuery> byId = new LinkedHashMap<>();
        for (MetricQuery query : queries) {
            if (!ID.matches(query.id())) {
                throw new ExpressionException(
                        "expected a small letter, then letters, digits and underscores as id, got "
                                + query.id());
            }
            if (byId.put(query.id(), query) != null) {
                throw new ExpressionException("two queries have the id " + query.id());
            }
            if (query.source() instanceof MetricQuery.Maths(String text, _)) {
                expressions.put(query.id(), Expression.of(text));
            }
        }
        for (String id : byId.keySet()) {
            settle(id, byId.keySet(), new HashSet<>());
        }
    }

    /// Has a query follow those that it needs.
    private void settle(String id, Set<String> known, Set<String> above) {
        if (order.contains(id)) {
            return;
        }
        if (!known.contains(id)) {
            throw new ExpressionException("no query has the id " + id);
        }
        if (!above.add(id)) {
            throw new ExpressionException("the query %s needs itself".formatted(id));
        }
        Expression expression = expressions.get(id);
        if (expression != null) {
            for (String name : expression.names()) {
                settle(name, known, above);
            }
            if (expression.usesMetrics()) {
                for (String metric : metrics()) {
                    settle(metric, known, above);
                }
            }
        }
        above.remove(id);
        order.add(id);
    }

    /// In the order they were asked.
    public List<MetricQuery> all() {
        return queries;
    }

    private List<String> metrics() {
        return queries.stream()
                .filter(query -> query.source() instanceof MetricQuery.Values)
                .map(MetricQuery::id)
                .toList();
    }

    /// The period that expressions have: the longest of the metrics'.
    public Duration period() {
        return queries.stream()
                .map(query ->
                        switch (query.source()) {
                            case MetricQuery.Values values -> values.period();
                            case MetricQuery.Maths maths -> maths.period().orElse(Duration.ZERO);
                        })
                .max(Duration::compareTo)
                .filter(period -> !period.isZero())
                .orElse(Duration.ofMinutes(1));
    }

    /// Works all of them out.
    ///
    /// @param from where the first period begins
    /// @param to where the last one ends
    /// @return by id
    /// @throws ExpressionException when a function is given what it does not take, and when there
    ///   are more than [#POINTS_MAX] values
    public Map<String, Operand> evaluate(Metrics metrics, Instant from, Instant to)
            throws CatalogException {
        Map<String, Operand> results = new HashMap<>();
        Map<String, MetricQuery> byId = new HashMap<>();
        queries.forEach(query -> byId.put(query.id(), query));
        Set<Long> times = new TreeSet<>();
        long period = period().toSeconds();
        for (long time = from.getEpochSecond(); time < to.getEpochSecond(); time += period) {
            times.add(time);
        }
        long points = 0;
        for (String id : order) {
            MetricQuery query = Objects.requireNonNull(byId.get(id));
            Operand result =
                    switch (query.source()) {
                        case MetricQuery.Values values -> values(metrics, values, from, to);
                        case MetricQuery.Maths _ ->
                                Objects.requireNonNull(expressions.get(id))
                                        .evaluate(
                                                new Expression.Setting(
                                                        results, metrics(), times, period));
                    };
            for (Operand.Series one : result.series()) {
                points += one.points().size();
            }
            if (points > POINTS_MAX) {
                throw new ExpressionException(
                        "all queries together have at most %d values".formatted(POINTS_MAX));
            }
            results.put(id, result);
        }
        return results;
    }

    private static Operand.Series values(
            Metrics metrics, MetricQuery.Values values, Instant from, Instant to)
            throws CatalogException {
        SortedMap<Long, Double> points = new TreeMap<>();
        metrics.sets(new Metrics.Query(values.metric(), values.unit(), from, to, values.period()))
                .forEach((time, set) -> {
                    OptionalDouble number = values.statistic().of(set);
                    if (number.isPresent()) {
                        points.put(time, number.getAsDouble());
                    }
                });
        return new Operand.Series(points);
    }
}
