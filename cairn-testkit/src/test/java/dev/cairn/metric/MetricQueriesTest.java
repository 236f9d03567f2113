package dev.cairn.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cairn.event.Place;
import dev.cairn.testkit.catalog.MemoryCatalog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MetricQueriesTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final int POINTS = 50_000;

    private final Metrics metrics = new Metrics(new MemoryCatalog(), 1, _ -> {});

    /// A metric, and lists that have as many values as there are periods.
    private static MetricQueries lists(int count) {
        List<MetricQuery> queries = new ArrayList<>();
        queries.add(
                new MetricQuery(
                        "m",
                        new MetricQuery.Values(
                                new Metric(
                                        new Place("123456789012", "us-east-1"),
                                        "Shop",
                                        "orders",
                                        Map.of()),
                                MINUTE,
                                Statistic.of("Sum").orElseThrow(),
                                Optional.empty()),
                        Optional.empty(),
                        false));
        for (int at = 0; at < count; at++) {
            queries.add(
                    new MetricQuery(
                            "e" + at,
                            new MetricQuery.Maths("FILL(METRICS(), 0)", Optional.empty()),
                            Optional.empty(),
                            false));
        }
        return new MetricQueries(queries);
    }

    @Test
    void all_results_together_are_bounded() throws Exception {
        Instant to = NOW.plus(MINUTE.multipliedBy(POINTS));
        int fit = MetricQueries.POINTS_MAX / POINTS;

        assertThat(lists(fit).evaluate(metrics, NOW, to)).hasSize(fit + 1);
        assertThatExceptionOfType(ExpressionException.class)
                .isThrownBy(() -> lists(fit + 1).evaluate(metrics, NOW, to))
                .withMessageContaining("all queries together have at most 2000000 values");
    }
}
