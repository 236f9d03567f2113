package dev.cairn.server.wiring;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.embedded.thread.Lookout;
import dev.cairn.metric.Metric;
import dev.cairn.metric.MetricAging;
import dev.cairn.metric.Metrics;
import dev.cairn.metric.Times;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;

/// Metrics, and who has their values get coarser when they are old.
final class MetricKeeper implements AutoCloseable {
    private static final Duration AGING = Duration.ofMinutes(1);

    private final Metrics metrics;
    private final MetricAging aging;

    /// At most as many as there are metrics.
    private final ConcurrentMap<Metric, Times> changed = new ConcurrentHashMap<>();

    private final Semaphore wake = new Semaphore(0);
    private final InstantSource clock;
    private final Lookout ages =
            new Lookout(
                    "metric-ages",
                    "old values of metrics wait",
                    AGING,
                    new Semaphore(0),
                    this::age);

    private MetricKeeper(Catalog catalog, InstantSource clock) {
        this.clock = clock;
        this.metrics = new Metrics(catalog, Metrics.METRICS_MAX, this::tell);
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

    /// Metrics that may have got values, and of when; whoever looks takes them out.
    ConcurrentMap<Metric, Times> changed() {
        return changed;
    }

    /// Released when there are such metrics.
    Semaphore wake() {
        return wake;
    }

    /// Lets the step under way end; what is left goes on after the next start.
    @Override
    public void close() {
        ages.close();
    }

    /// Puts back what was taken out of [#changed()], to be looked at next time.
    void again(Map<Metric, Times> which) {
        which.forEach((metric, times) -> changed.merge(metric, times, Times::and));
    }

    private void tell(Map<Metric, Times> which) {
        again(which);
        wake.release();
    }

    private void age() throws CatalogException {
        while (!ages.closing() && aging.step(clock.instant())) {
            // One page each.
        }
    }
}
