package dev.cairn.alarm;

import dev.cairn.alarm.AlarmState.Value;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.metric.ExpressionException;
import dev.cairn.metric.Metric;
import dev.cairn.metric.MetricQueries;
import dev.cairn.metric.MetricQuery;
import dev.cairn.metric.Metrics;
import dev.cairn.metric.Operand;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Has alarms judged: those on a metric that has just got values, at once; all of them each minute.
///
/// What it remembers can be made again: whatever the process dies on, the next step goes on from
/// the catalog. To be used by one thread.
public final class AlarmWatch {
    private static final long MINUTE = 60;
    private static final long FINE = 10;

    /// Composite alarms may follow each other so far in one step; the next one goes on.
    private static final int DEPTH_MAX = 10;

    private final Catalog catalog;
    private final Alarms alarms;
    private final AlarmHistory history;
    private final Metrics metrics;

    private final Map<AlarmArn, Watched> watched = new LinkedHashMap<>();
    private final Map<Metric, List<AlarmArn>> byMetric = new HashMap<>();
    private final Map<AlarmArn, Judged> judged = new HashMap<>();
    private boolean loaded;
    private long lastMinute = Long.MIN_VALUE;
    private long lastFine = Long.MIN_VALUE;

    public AlarmWatch(Catalog catalog, Alarms alarms, AlarmHistory history, Metrics metrics) {
        this.catalog = catalog;
        this.alarms = alarms;
        this.history = history;
        this.metrics = metrics;
    }

    /// An alarm and what it takes to judge it.
    private static final class Watched {
        final @Nullable MetricQueries queries;
        final @Nullable AlarmRule rule;
        Alarm alarm;

        Watched(Alarm alarm, @Nullable MetricQueries queries, @Nullable AlarmRule rule) {
            this.alarm = alarm;
            this.queries = queries;
            this.rule = rule;
        }

        static Watched of(Alarm alarm) {
            try {
                return switch (alarm.subject()) {
                    case Alarm.Metrics subject ->
                            new Watched(alarm, new MetricQueries(subject.queries()), null);
                    case Alarm.Composite(String rule) ->
                            new Watched(alarm, null, AlarmRule.of(rule));
                };
            } catch (ExpressionException | AlarmRule.InvalidException impossible) {
                throw new IllegalStateException(
                        "expected an alarm that was checked when it was put: " + alarm.arn(),
                        impossible);
            }
        }
    }

    /// How an alarm was last judged.
    ///
    /// @param configured of which settings
    /// @param end of the newest period, in seconds since 1970
    private record Judged(Instant configured, long end, Value state) {}

    /// Judges what is to be judged now.
    ///
    /// @param changed metrics that may have got values since the last step
    /// @param others whether alarms may have been changed since then
    public void step(Instant now, Set<Metric> changed, boolean others) throws CatalogException {
        if (others || !loaded) {
            load();
        }
        Set<AlarmArn> due = new LinkedHashSet<>();
        for (Metric metric : changed) {
            due.addAll(byMetric.getOrDefault(metric, List.of()));
        }
        long minute = Math.floorDiv(now.getEpochSecond(), MINUTE);
        long fine = Math.floorDiv(now.getEpochSecond(), FINE);
        if (minute != lastMinute) {
            due.addAll(watched.keySet());
            history.sweep(now);
        } else {
            watched.forEach((arn, one) -> {
                if (isNew(one)
                        || (fine != lastFine && one.queries != null && isFine(one.queries))) {
                    due.add(arn);
                }
            });
        }
        boolean moved = others || minute != lastMinute;
        for (AlarmArn arn : due) {
            Watched one = watched.get(arn);
            if (one != null && one.queries != null) {
                moved |= judge(one, one.queries, now);
            }
        }
        for (int depth = 0; moved && depth < DEPTH_MAX; depth++) {
            moved = judgeComposites(now);
        }
        lastMinute = minute;
        lastFine = fine;
    }

    private void load() throws CatalogException {
        watched.clear();
        byMetric.clear();
        Optional<AlarmArn> after = Optional.empty();
        while (true) {
            List<Alarm> page = alarms.listAll(after);
            for (Alarm alarm : page) {
                add(Watched.of(alarm));
                after = Optional.of(alarm.arn());
            }
            if (page.size() < Catalog.LIMIT_MAX) {
                break;
            }
        }
        judged.keySet().retainAll(watched.keySet());
        loaded = true;
    }

    private void add(Watched one) {
        watched.put(one.alarm.arn(), one);
        if (one.alarm.subject() instanceof Alarm.Metrics subject) {
            for (MetricQuery query : subject.queries()) {
                if (query.source() instanceof MetricQuery.Values values) {
                    byMetric.computeIfAbsent(values.metric(), _ -> new ArrayList<>())
                            .add(one.alarm.arn());
                }
            }
        }
    }

    /// Whether it was not judged yet as it is now. One whose state was set by hand waits for its
    /// turn.
    private boolean isNew(Watched one) {
        Judged before = judged.get(one.alarm.arn());
        return one.queries != null
                && (before == null || !before.configured().equals(one.alarm.configured()));
    }

    private static boolean isFine(MetricQueries queries) {
        return queries.period().toSeconds() < MINUTE;
    }

    /// @return whether it came into another state
    private boolean judge(Watched one, MetricQueries queries, Instant now) throws CatalogException {
        Alarm alarm = one.alarm;
        if (!(alarm.subject() instanceof Alarm.Metrics subject)) {
            return false;
        }
        long period = queries.period().toSeconds();
        long step = Math.min(period, MINUTE);
        long end = Math.floorDiv(now.getEpochSecond(), step) * step;
        Value state = alarm.state().value();
        Evaluation evaluation;
        try {
            Evaluation.Window under = window(queries, subject, end + step, period, now);
            Evaluation early = Evaluation.of(subject, state, under);
            if (foretells(subject) && early.state() == Value.ALARM && beyond(subject, under)) {
                judged.put(alarm.arn(), new Judged(alarm.configured(), end + step, Value.ALARM));
                return moved(one, early, now);
            }
            evaluation = Evaluation.of(subject, state, window(queries, subject, end, period, now));
        } catch (ExpressionException wrong) {
            evaluation =
                    new Evaluation(
                            Value.INSUFFICIENT_DATA, "Error in expression: " + wrong.message(), "");
        }
        Judged before = judged.get(alarm.arn());
        judged.put(alarm.arn(), new Judged(alarm.configured(), end, evaluation.state()));
        boolean late =
                new Judged(alarm.configured(), end, state).equals(before)
                        && evaluation.state() != state;
        return moved(one, late ? late(evaluation) : evaluation, now);
    }

    private static Evaluation late(Evaluation evaluation) {
        return new Evaluation(
                evaluation.state(),
                evaluation.reason()
                        + " Values came late: these periods had been judged without them.",
                evaluation.reasonData());
    }

    /// Whether a period that is not over yet can only get further beyond the threshold.
    private static boolean foretells(Alarm.Metrics subject) {
        return subject.watched().source() instanceof MetricQuery.Values values
                && (subject.comparison().upwards()
                        ? values.statistic().grows()
                        : values.statistic().name().equals("Minimum"));
    }

    private static boolean beyond(Alarm.Metrics subject, Evaluation.Window window) {
        Double newest = window.points().get(window.end() - window.period());
        return newest != null && subject.comparison().breaches(newest, subject.threshold());
    }

    private Evaluation.Window window(
            MetricQueries queries, Alarm.Metrics subject, long end, long period, Instant now)
            throws CatalogException {
        long start = Evaluation.Window.start(subject, end, period);
        Operand result =
                queries.evaluate(metrics, Instant.ofEpochSecond(start), Instant.ofEpochSecond(end))
                        .get(subject.watched().id());
        SortedMap<Long, Double> points =
                switch (result) {
                    case Operand.Series(SortedMap<Long, Double> series) -> series;
                    case Operand.Several(List<Operand.Series> all) when all.size() == 1 ->
                            all.getFirst().points();
                    case Operand.Scalar(double value) -> new TreeMap<>(Map.of(end - period, value));
                    case Operand.Several _ ->
                            throw ExpressionException.severalSeries(subject.watched().id());
                    case null ->
                            throw new IllegalStateException(
                                    "expected a result of " + subject.watched().id());
                };
        return new Evaluation.Window(points, end, period, now);
    }

    private boolean moved(Watched one, Evaluation evaluation, Instant now) throws CatalogException {
        Alarm seen = one.alarm;
        if (evaluation.state() == seen.state().value()) {
            return false;
        }
        alarms.prepare(now);
        Optional<Alarm> next =
                catalog.<Optional<Alarm>, RuntimeException>write(tx ->
                        alarms.moveSeen(
                                tx,
                                seen,
                                evaluation.state(),
                                evaluation.reason(),
                                evaluation.reasonData(),
                                now));
        next.ifPresent(alarm -> one.alarm = alarm);
        return next.isPresent();
    }

    /// @return whether one came into another state
    private boolean judgeComposites(Instant now) throws CatalogException {
        boolean moved = false;
        for (Watched one : watched.values()) {
            AlarmRule rule = one.rule;
            if (rule != null) {
                boolean holds = rule.holds(name -> state(one.alarm.arn(), name));
                moved |= moved(one, composite(one.alarm.arn(), rule, holds), now);
            }
        }
        return moved;
    }

    private Optional<Value> state(AlarmArn of, String name) {
        AlarmArn arn = AlarmArn.of(name).orElseGet(() -> new AlarmArn(of.place(), name));
        Watched other = watched.get(arn);
        return other == null || !arn.place().equals(of.place())
                ? Optional.empty()
                : Optional.of(other.alarm.state().value());
    }

    private Evaluation composite(AlarmArn of, AlarmRule rule, boolean holds) {
        List<String> states = new ArrayList<>();
        for (String name : rule.alarms()) {
            states.add(
                    "%s is %s"
                            .formatted(name, state(of, name).map(Value::name).orElse("not there")));
        }
        return new Evaluation(
                holds ? Value.ALARM : Value.OK,
                "The rule %s: %s."
                        .formatted(
                                holds ? "holds" : "does not hold",
                                states.isEmpty() ? "it names no alarm" : String.join(", ", states)),
                "");
    }
}
