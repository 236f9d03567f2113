package dev.cairn.server.wiring;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.embedded.thread.Lookout;
import dev.cairn.metric.MetricAging;
import dev.cairn.metric.Metrics;
import dev.cairn.server.operation.Operations;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;

/// Metrics, and who has their values get coarser when they are old.
final class MetricKeeper implements AutoCloseable {
    private static final Duration AGING = Duration.ofMinutes(1);

    private final Metrics metrics;
    private final MetricAging aging;
    private final Catalog catalog;
    private final InstantSource clock;
    private final Lookout ages =
            new Lookout(
                    "metric-ages",
                    "old values of metrics wait",
                    AGING,
                    new Semaphore(0),
                    this::age);

    private MetricKeeper(Catalog catalog, InstantSource clock) {
        this.catalog = catalog;
        this.clock = clock;
        this.metrics = new Metrics(catalog, Metrics.METRICS_MAX, _ -> {});
        this.aging = new MetricAging(catalog);
    }

    static MetricKeeper start(Catalog catalog, InstantSource clock) {
        var keeper = new MetricKeeper(catalog, clock);
        keeper.ages.start();
        return keeper;
    }

    /// Where values are added.
    Metrics metrics() {
        return metrics;
    }

    /// What CloudWatch's operations work on.
    Operations.MetricParts parts() {
        return new Operations.MetricParts(catalog, metrics);
    }

    /// Lets the step under way end; what is left goes on after the next start.
    @Override
    public void close() {
        ages.close();
    }

    private void age() throws CatalogException {
        while (!ages.closing() && aging.step(clock.instant())) {
            // One page each.
        }
    }
}
