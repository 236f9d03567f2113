package dev.cairn.alarm;

import dev.cairn.alarm.AlarmState.Value;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.metric.ExpressionException;
import dev.cairn.metric.LateValues;
import dev.cairn.metric.Metric;
import dev.cairn.metric.MetricQueries;
import dev.cairn.metric.MetricQuery;
import dev.cairn.metric.Metrics;
import dev.cairn.metric.Operand;
import dev.cairn.metric.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Has alarms judged: those on a metric that has just got values, at once; all of them each minute.
///
/// What comes too late for the periods that are looked at is looked at by itself ([LateValues]),
/// and so is what came while nobody looked. Whatever the process dies on, the next step goes on
/// from the catalog: document `alarm-watch` under `looked` says until when all was judged. To be
/// used by one thread.
public final class AlarmWatch {
    private static final long MINUTE = 60;
    private static final long FINE = 10;

    /// Values may be so old.
    private static final Duration LATE_MAX = Duration.ofDays(14);

    private static final String KIND = "alarm-watch";
    private static final String KEY = "looked";
    private static final String UNTIL = "until";

    private final Catalog catalog;
    private final Alarms alarms;
    private final AlarmHistory history;
    private final Metrics metrics;
    private final LateValues lateValues;

    private final Map<AlarmArn, Watched> watched = new LinkedHashMap<>();
    private final Map<Metric, List<AlarmArn>> byMetric = new HashMap<>();
    private final Map<AlarmArn, Judged> judged = new HashMap<>();

    /// Those that can be judged, each behind those that it names.
    private final List<Watched> composites = new ArrayList<>();

    /// Those that late values brought into `ALARM` in this minute: they stay so until the next.
    private final Set<AlarmArn> lately = new HashSet<>();

    private boolean loaded;
    private long lastMinute = Long.MIN_VALUE;
    private long lastFine = Long.MIN_VALUE;

    public AlarmWatch(Catalog catalog, Alarms alarms, AlarmHistory history, Metrics metrics) {
        this.catalog = catalog;
        this.alarms = alarms;
        this.history = history;
        this.metrics = metrics;
        this.lateValues = new LateValues(catalog);
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
    /// @param changed metrics that may have got values since the last step, and of when
    /// @param others whether alarms may have been changed since then
    public void step(Instant now, Map<Metric, Times> changed, boolean others)
            throws CatalogException {
        boolean first = !loaded;
        if (others || first) {
            load();
        }
        long minute = Math.floorDiv(now.getEpochSecond(), MINUTE);
        long fine = Math.floorDiv(now.getEpochSecond(), FINE);
        boolean over = minute != lastMinute;
        if (over) {
            lately.clear();
        }
        List<LateValues.Late> noted =
                over || mayBeLate(changed, now) ? lateValues.list() : List.of();
        Map<AlarmArn, Times> late = late(changed, noted, first, now);
        Set<AlarmArn> due = due(changed, over, fine != lastFine);
        due.addAll(late.keySet());
        boolean moved = others || over;
        for (AlarmArn arn : due) {
            Watched one = watched.get(arn);
            if (one != null && one.queries != null && !lately.contains(arn)) {
                Times times = late.get(arn);
                moved |=
                        (times != null && judgeLate(one, one.queries, times, now))
                                || judge(one, one.queries, now);
            }
        }
        if (moved) {
            judgeComposites(now);
        }
        lateValues.seen(noted);
        if (over) {
            history.sweep(now);
            looked(now);
        }
        lastMinute = minute;
        lastFine = fine;
    }

    private Set<AlarmArn> due(Map<Metric, Times> changed, boolean over, boolean fineOver) {
        Set<AlarmArn> due = new LinkedHashSet<>();
        for (Metric metric : changed.keySet()) {
            due.addAll(byMetric.getOrDefault(metric, List.of()));
        }
        watched.forEach((arn, one) -> {
            if (over || isNew(one) || (fineOver && one.queries != null && isFine(one.queries))) {
                due.add(arn);
            }
        });
        return due;
    }

    private static boolean mayBeLate(Map<Metric, Times> changed, Instant now) {
        return changed.values().stream()
                .anyMatch(times -> LateValues.mayBeLate(times.first(), now));
    }

    /// Which alarms got late values, and of when. After a start that is whatever came since all was
    /// judged last, or since the alarm came into its state when that is later: what it had been
    /// told of before is not told again.
    private Map<AlarmArn, Times> late(
            Map<Metric, Times> changed, List<LateValues.Late> noted, boolean first, Instant now)
            throws CatalogException {
        Map<AlarmArn, Times> late = new LinkedHashMap<>();
        changed.forEach((metric, times) -> {
            if (LateValues.mayBeLate(times.first(), now)) {
                late(late, metric, times);
            }
        });
        noted.forEach(one -> late(late, one.metric(), one.times()));
        Optional<Document> document = first ? catalog.get(KIND, KEY) : Optional.empty();
        if (document.isPresent()) {
            Instant until = Instant.parse(Fields.of(document.get()).text(UNTIL));
            if (LateValues.mayBeLate(until, now)) {
                watched.forEach((arn, one) -> {
                    Instant last = one.alarm.state().transitioned();
                    Instant since = last.isAfter(until) ? last : until;
                    if (since.isBefore(now)) {
                        late.merge(arn, new Times(since, now), Times::and);
                    }
                });
            }
        }
        return late;
    }

    private void late(Map<AlarmArn, Times> late, Metric metric, Times times) {
        byMetric.getOrDefault(metric, List.of()).forEach(arn -> late.merge(arn, times, Times::and));
    }

    private void looked(Instant now) throws CatalogException {
        if (watched.isEmpty()) {
            return;
        }
        String json = Fields.none().with(UNTIL, now.toString()).json();
        catalog.<Boolean, RuntimeException>write(tx -> {
            Optional<Document> document = tx.get(KIND, KEY);
            if (document.isEmpty()) {
                tx.create(KIND, KEY, json);
            } else {
                tx.replace(document.get(), json);
            }
            return true;
        });
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
        order();
        loaded = true;
    }

    /// Puts composite alarms in the order in which they are judged. Those that name each other in a
    /// circle, and those that name one of these, are not: `NOT ALARM(itself)` would come into
    /// another state, and be told, for ever. So AWS leaves them as they are, too.
    private void order() {
        composites.clear();
        Map<AlarmArn, Integer> open = new LinkedHashMap<>();
        Map<AlarmArn, List<AlarmArn>> namedBy = new HashMap<>();
        Deque<AlarmArn> next = new ArrayDeque<>();
        watched.forEach((arn, one) -> {
            AlarmRule rule = one.rule;
            if (rule == null) {
                return;
            }
            int named = 0;
            for (AlarmArn other : named(arn, rule)) {
                Watched there = watched.get(other);
                if (there != null && there.rule != null) {
                    namedBy.computeIfAbsent(other, _ -> new ArrayList<>()).add(arn);
                    named++;
                }
            }
            open.put(arn, named);
            if (named == 0) {
                next.add(arn);
            }
        });
        while (!next.isEmpty()) {
            AlarmArn arn = next.removeFirst();
            composites.add(Objects.requireNonNull(watched.get(arn)));
            for (AlarmArn above : namedBy.getOrDefault(arn, List.of())) {
                if (open.merge(above, -1, Integer::sum) == 0) {
                    next.add(above);
                }
            }
        }
    }

    private static Set<AlarmArn> named(AlarmArn by, AlarmRule rule) {
        Set<AlarmArn> named = new LinkedHashSet<>();
        rule.alarms().forEach(name -> named.add(named(by, name)));
        return named;
    }

    private static AlarmArn named(AlarmArn by, String name) {
        return AlarmArn.of(name).orElseGet(() -> new AlarmArn(by.place(), name));
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
        } catch (ArithmeticException | IllegalArgumentException | NoSuchElementException wrong) {
            // One alarm's numbers are no reason to judge no other.
            evaluation =
                    new Evaluation(Value.INSUFFICIENT_DATA, "Its values cannot be worked out.", "");
        }
        Judged before = judged.get(alarm.arn());
        judged.put(alarm.arn(), new Judged(alarm.configured(), end, evaluation.state()));
        boolean late =
                new Judged(alarm.configured(), end, state).equals(before)
                        && evaluation.state() != state;
        return moved(one, late ? late(evaluation) : evaluation, now);
    }

    /// Tells of values that came too late for the periods that [#judge] looks at, when they would
    /// have been a reason for `ALARM`: of the newest such periods. What expressions make of values
    /// of days is not asked.
    ///
    /// @return whether it came into `ALARM`
    private boolean judgeLate(Watched one, MetricQueries queries, Times times, Instant now)
            throws CatalogException {
        Alarm alarm = one.alarm;
        if (!(alarm.subject() instanceof Alarm.Metrics subject)
                || !(subject.watched().source() instanceof MetricQuery.Values)
                || alarm.state().value() == Value.ALARM) {
            return false;
        }
        long period = queries.period().toSeconds();
        long span = subject.evaluationPeriods() * period;
        long looked = Evaluation.Window.start(subject, now.getEpochSecond(), period);
        long since =
                Math.max(
                        Math.max(
                                times.first().getEpochSecond(),
                                alarm.configured().getEpochSecond()),
                        now.minus(LATE_MAX).getEpochSecond());
        long from = Math.floorDiv(since, period) * period;
        long to =
                Math.floorDiv(Math.min(times.last().getEpochSecond() + span, looked), period)
                                * period
                        + period;
        if (from >= looked) {
            return false;
        }
        SortedMap<Long, Double> points;
        try {
            points = points(queries, subject, from - span, to);
        } catch (ExpressionException
                | ArithmeticException
                | IllegalArgumentException
                | NoSuchElementException _) {
            // [#judge] says so.
            return false;
        }
        long newest = Long.MIN_VALUE;
        for (Map.Entry<Long, Double> point : points.tailMap(from).entrySet()) {
            if (subject.comparison().breaches(point.getValue(), subject.threshold())
                    && breaching(subject, points, point.getKey() + period, span)
                            >= subject.needed()) {
                newest = point.getKey();
            }
        }
        if (newest == Long.MIN_VALUE) {
            return false;
        }
        Evaluation evaluation =
                Evaluation.of(
                        subject,
                        alarm.state().value(),
                        new Evaluation.Window(points, newest + period, period, now));
        lately.add(alarm.arn());
        return moved(one, late(evaluation), now);
    }

    private static long breaching(
            Alarm.Metrics subject, SortedMap<Long, Double> points, long end, long span) {
        return points.subMap(end - span, end).values().stream()
                .filter(value -> subject.comparison().breaches(value, subject.threshold()))
                .count();
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
        return new Evaluation.Window(points(queries, subject, start, end), end, period, now);
    }

    private SortedMap<Long, Double> points(
            MetricQueries queries, Alarm.Metrics subject, long start, long end)
            throws CatalogException {
        Operand result =
                queries.evaluate(metrics, Instant.ofEpochSecond(start), Instant.ofEpochSecond(end))
                        .get(subject.watched().id());
        return switch (result) {
            case Operand.Series(SortedMap<Long, Double> series) -> series;
            case Operand.Several(List<Operand.Series> all) when all.size() == 1 ->
                    all.getFirst().points();
            case Operand.Scalar(double value) ->
                    new TreeMap<>(Map.of(end - queries.period().toSeconds(), value));
            case Operand.Several _ ->
                    throw ExpressionException.severalSeries(subject.watched().id());
            case null ->
                    throw new IllegalStateException(
                            "expected a result of " + subject.watched().id());
        };
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

    private void judgeComposites(Instant now) throws CatalogException {
        for (Watched one : composites) {
            AlarmRule rule = one.rule;
            if (rule != null) {
                boolean holds = rule.holds(name -> state(one.alarm.arn(), name));
                moved(one, composite(one.alarm.arn(), rule, holds), now);
            }
        }
    }

    private Optional<Value> state(AlarmArn of, String name) {
        AlarmArn arn = named(of, name);
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
