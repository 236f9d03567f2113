package dev.cairn.server.wiring;

import dev.cairn.alarm.AlarmHistory;
import dev.cairn.alarm.AlarmWatch;
import dev.cairn.alarm.Alarms;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.embedded.thread.Lookout;
import dev.cairn.server.operation.Operations;
import dev.cairn.topic.Topics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/// Alarms, and who has them judged: at once when a metric of theirs got values, else every two
/// seconds, which is when a minute is over at the latest.
final class AlarmKeeper implements AutoCloseable {
    private static final Duration LOOK = Duration.ofSeconds(2);

    private final Catalog catalog;
    private final MetricKeeper metrics;
    private final AlarmHistory history;
    private final Alarms alarms;
    private final AlarmWatch watch;
    private final AtomicBoolean changed = new AtomicBoolean();
    private final InstantSource clock;
    private final Lookout lookout;

    private AlarmKeeper(Catalog catalog, Topics topics, MetricKeeper metrics, InstantSource clock) {
        this.catalog = catalog;
        this.metrics = metrics;
        this.clock = clock;
        this.history = new AlarmHistory(catalog);
        this.alarms = new Alarms(catalog, topics, history, this::change);
        this.watch = new AlarmWatch(catalog, alarms, history, metrics.metrics());
        this.lookout = new Lookout("alarms", "alarms wait", LOOK, metrics.wake(), this::look);
    }

    static AlarmKeeper start(
            Catalog catalog, Topics topics, MetricKeeper metrics, InstantSource clock) {
        var keeper = new AlarmKeeper(catalog, topics, metrics, clock);
        keeper.lookout.start();
        return keeper;
    }

    /// What CloudWatch's operations work on.
    Operations.MetricParts parts() {
        return new Operations.MetricParts(catalog, metrics.metrics(), alarms, history);
    }

    private void change() {
        changed.set(true);
        metrics.wake().release();
    }

    private void look() throws CatalogException {
        var others = changed.getAndSet(false);
        var values = Map.copyOf(metrics.changed());
        values.forEach(metrics.changed()::remove);
        var judged = false;
        try {
            watch.step(clock.instant(), values, others);
            judged = true;
        } finally {
            if (!judged) {
                // What was not judged now is next time, whatever went wrong.
                changed.set(true);
                metrics.again(values);
            }
        }
    }

    /// Lets the step under way end; what is left goes on after the next start.
    @Override
    public void close() {
        lookout.close();
    }
}
