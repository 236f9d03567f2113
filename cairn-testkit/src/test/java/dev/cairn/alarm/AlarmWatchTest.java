package dev.cairn.alarm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.alarm.AlarmState.Value;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Work;
import dev.cairn.catalog.CatalogException;
import dev.cairn.event.Place;
import dev.cairn.metric.Datum;
import dev.cairn.metric.Metric;
import dev.cairn.metric.MetricQuery;
import dev.cairn.metric.Metrics;
import dev.cairn.metric.Statistic;
import dev.cairn.metric.StatisticSet;
import dev.cairn.metric.Times;
import dev.cairn.queue.QueueName;
import dev.cairn.queue.Received;
import dev.cairn.testkit.catalog.FaultyCatalog;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.delivery.SimulatedTopics;
import dev.cairn.topic.Filter;
import dev.cairn.topic.Subscription;
import dev.cairn.topic.TopicArn;
import dev.cairn.topic.TopicAttribute;
import dev.cairn.topic.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AlarmWatchTest {
    private static final Place PLACE = new Place("123456789012", "us-east-1");
    private static final TopicArn TOPIC = new TopicArn("us-east-1", "123456789012", "security");
    private static final QueueName QUEUE = new QueueName("123456789012", "us-east-1", "work");
    private static final Metric ROOT = new Metric(PLACE, "Security", "RootLogins", Map.of());
    private static final AlarmArn ARN = new AlarmArn(PLACE, "root");

    private static final TopicArn THEIRS = new TopicArn("us-east-1", "222222222222", "theirs");

    private FaultyCatalog.Faults faults = FaultyCatalog.Faults.NONE;
    private final Catalog catalog = new FaultyCatalog(new MemoryCatalog(), () -> faults);
    private final Random random = new Random(1);
    private final SimulatedTopics parts =
            SimulatedTopics.on(catalog, this::bytes, Duration.ofMinutes(10));
    private final Map<Metric, Times> changed = new HashMap<>();
    private final Metrics metrics = new Metrics(catalog, Metrics.METRICS_MAX, changed::putAll);
    private final AlarmHistory history = new AlarmHistory(catalog);
    private boolean others;
    private final Alarms alarms = new Alarms(catalog, parts.topics(), history, () -> others = true);
    private AlarmWatch watch = new AlarmWatch(catalog, alarms, history, metrics);
    private Instant now = Instant.parse("2026-11-21T08:00:30Z");

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    @BeforeEach
    void aTopicWithAQueue() throws Exception {
        write(tx -> parts.topics().create(tx, TOPIC, Map.of(), Map.of()));
        String policy =
                "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"sns.amazonaws.com\"},\"Action\":\"sqs:SendMessage\",\"Resource\":\"%s\",\"Condition\":{\"ArnEquals\":{\"aws:SourceArn\":\"%s\"}}}]}"
                        .formatted(QUEUE.arn(), TOPIC);
        write(tx -> parts.queues().create(tx, QUEUE, Map.of("Policy", policy), Map.of(), now));
        subscribe();
    }

    @Test
    void aCountIsToldAtOnceAndOnlyOnce() throws Exception {
        put(ARN, sum(1, Alarm.Missing.NOT_BREACHING));
        step();
        assertThat(state(ARN)).isEqualTo(Value.OK);
        add(now, 1);
        step();
        assertThat(state(ARN)).isEqualTo(Value.ALARM);
        add(now, 1);
        step();
        watch = new AlarmWatch(catalog, alarms, history, metrics);
        step();
        assertThat(receive())
                .singleElement()
                .satisfies(received ->
                        assertThat(received.message().body())
                                .contains("\"NewStateValue\":\"ALARM\"")
                                .contains("\"OldStateValue\":\"OK\"")
                                .contains("\"Statistic\":\"SUM\""));
        now = now.plus(Duration.ofMinutes(10));
        step();
        assertThat(state(ARN)).isEqualTo(Value.OK);
        assertThat(history.read(PLACE, Instant.EPOCH, now.plusSeconds(1), _ -> true))
                .extracting(AlarmHistory.Entry::summary)
                .containsExactly(
                        "Alarm \"root\" created",
                        "Alarm updated from INSUFFICIENT_DATA to OK",
                        "Alarm updated from OK to ALARM",
                        "Successfully executed action " + TOPIC,
                        "Alarm updated from ALARM to OK");
    }

    @Test
    void aPeriodThatIsNotOverIsNoReasonToBeAlarmedOfTooFew() throws Exception {
        Alarm.Metrics few =
                new Alarm.Metrics(
                        List.of(query("Sum")),
                        true,
                        Alarm.Comparison.LESS,
                        10,
                        1,
                        Optional.empty(),
                        Alarm.Missing.MISSING,
                        true,
                        Optional.empty());
        put(ARN, few);
        add(now.minusSeconds(60), 20);
        add(now, 1);
        step();
        assertThat(state(ARN)).isEqualTo(Value.OK);
        now = now.plusSeconds(60);
        step();
        assertThat(state(ARN)).isEqualTo(Value.ALARM);
    }

    @Test
    void lateValuesAreCountedAndTheReasonSaysSo() throws Exception {
        put(ARN, sum(1, Alarm.Missing.NOT_BREACHING));
        step();
        add(now.minusSeconds(90), 1);
        step();
        Alarm alarm = alarms.find(ARN).orElseThrow();
        assertThat(alarm.state().value()).isEqualTo(Value.ALARM);
        assertThat(alarm.state().reason()).contains("Values came late");
    }

    @Test
    void valuesThatComeHoursLateAreToldOnceThoughTheProcessDiesBefore() throws Exception {
        put(ARN, sum(1, Alarm.Missing.NOT_BREACHING));
        step();
        Instant made = now;
        now = now.plus(Duration.ofHours(5));
        step();
        add(now.minus(Duration.ofHours(3)), 1);
        startAnew();
        step();
        Alarm alarm = alarms.find(ARN).orElseThrow();
        assertThat(alarm.state().value()).isEqualTo(Value.ALARM);
        assertThat(alarm.state().reason())
                .contains("21/11/26 10:00:00")
                .contains("Values came late");
        step();
        assertThat(state(ARN)).isEqualTo(Value.ALARM);
        now = now.plusSeconds(60);
        step();
        assertThat(state(ARN)).isEqualTo(Value.OK);
        startAnew();
        step();
        assertThat(told()).isEqualTo(1);

        // Of before the alarm was there.
        add(made.minus(Duration.ofHours(1)), 1);
        step();
        assertThat(told()).isZero();
    }

    @Test
    void whatCameWhileNobodyLookedIsTold() throws Exception {
        put(ARN, sum(1, Alarm.Missing.NOT_BREACHING));
        step();
        add(now, 1);
        startAnew();
        now = now.plus(Duration.ofHours(2));
        step();
        assertThat(state(ARN)).isEqualTo(Value.ALARM);
        assertThat(told()).isEqualTo(1);
        now = now.plusSeconds(60);
        step();
        startAnew();
        now = now.plus(Duration.ofHours(2));
        step();
        assertThat(state(ARN)).isEqualTo(Value.OK);
        assertThat(told()).isZero();
    }

    @Test
    void whatIsJudgedByTheSecondIsToldOfLateValuesToo() throws Exception {
        put(ARN, finely());
        step();
        now = now.plus(Duration.ofMinutes(5));
        step();
        addFine(now.minusSeconds(60));
        step();
        Alarm alarm = alarms.find(ARN).orElseThrow();
        assertThat(alarm.state().value()).isEqualTo(Value.ALARM);
        assertThat(alarm.state().reason()).contains("Values came late");
        assertThat(told()).isEqualTo(1);
    }

    @Test
    void whatIsJudgedByTheSecondAndWasToldIsNotToldAgainAfterAStart() throws Exception {
        put(ARN, finely());
        step();
        now = Instant.parse("2026-11-21T08:01:02Z");
        addFine(now);
        step();
        assertThat(told()).isEqualTo(1);
        for (int i = 0; i < 5; i++) {
            now = now.plusSeconds(10);
            step();
        }
        assertThat(state(ARN)).isEqualTo(Value.OK);
        startAnew();
        now = now.plusSeconds(30);
        step();
        assertThat(state(ARN)).isEqualTo(Value.OK);
        assertThat(told()).isZero();
    }

    @Test
    void eachTransitionIsToldOnceWhateverFails() throws Exception {
        List<String> all = List.of(TOPIC.toString());
        Alarm.Settings settings =
                new Alarm.Settings("", true, Map.of(Value.ALARM, all, Value.OK, all));
        put(ARN, settings, sum(1, Alarm.Missing.NOT_BREACHING));
        AlarmArn above = new AlarmArn(PLACE, "above");
        put(above, settings, new Alarm.Composite("ALARM(root)"));
        step();
        bodies();
        Random chance = new Random(3);
        FaultyCatalog.Faults often = FaultyCatalog.Faults.oneOf(6, chance);
        int failures = 0;
        int rounds = 60;
        for (int round = 0; round < rounds; round++) {
            add(now, 1);
            failures += stepWith(often, chance);
            assertThat(state(ARN)).isEqualTo(Value.ALARM);
            assertThat(state(above)).isEqualTo(Value.ALARM);
            now = now.plus(Duration.ofMinutes(4));
            failures += stepWith(often, chance);
            assertThat(state(ARN)).isEqualTo(Value.OK);
            assertThat(state(above)).isEqualTo(Value.OK);
            assertThat(bodies())
                    .as("round %d", round)
                    .hasSize(4)
                    .satisfiesOnlyOnce(body -> assertThat(body).contains(moved("root", "ALARM")))
                    .satisfiesOnlyOnce(body -> assertThat(body).contains(moved("above", "ALARM")))
                    .satisfiesOnlyOnce(body -> assertThat(body).contains(moved("root", "OK")))
                    .satisfiesOnlyOnce(body -> assertThat(body).contains(moved("above", "OK")));
        }
        assertThat(failures).isGreaterThan(rounds / 2);
        assertThat(history.read(PLACE, Instant.EPOCH, now.plusSeconds(1), _ -> true))
                .filteredOn(entry -> entry.kind() == AlarmHistory.Kind.STATE)
                .hasSize(4 * rounds + 2);
    }

    private static String[] moved(String name, String state) {
        return new String[] {
            "\"AlarmName\":\"%s\"".formatted(name), "\"NewStateValue\":\"%s\"".formatted(state)
        };
    }

    /// Steps, as long as that fails; after a failure sometimes in a new process, which knows
    /// nothing of what had come.
    ///
    /// @return how often it failed
    private int stepWith(FaultyCatalog.Faults often, Random chance) throws CatalogException {
        Map<Metric, Times> came = Map.copyOf(changed);
        int failed = 0;
        while (true) {
            faults = failed < 5 ? often : FaultyCatalog.Faults.NONE;
            try {
                step();
                return failed;
            } catch (CatalogException _) {
                failed++;
                if (chance.nextBoolean()) {
                    startAnew();
                } else {
                    changed.putAll(came);
                    others = true;
                }
            } finally {
                faults = FaultyCatalog.Faults.NONE;
            }
        }
    }

    @Test
    void eachStateHasItsActions() throws Exception {
        List<String> all = List.of(TOPIC.toString());
        put(
                ARN,
                new Alarm.Settings("", true, Map.of(Value.OK, all, Value.INSUFFICIENT_DATA, all)),
                new Alarm.Metrics(
                        List.of(query("Sum")),
                        true,
                        Alarm.Comparison.GREATER_OR_EQUAL,
                        1,
                        1,
                        Optional.empty(),
                        Alarm.Missing.MISSING,
                        true,
                        Optional.empty()));
        add(now, 1);
        step();
        assertThat(state(ARN)).isEqualTo(Value.ALARM);
        assertThat(bodies()).isEmpty();
        now = now.plusSeconds(60);
        add(now, 0);
        now = now.plusSeconds(60);
        step();
        assertThat(bodies())
                .singleElement()
                .satisfies(body -> assertThat(body).contains(moved("root", "OK")));
        now = now.plus(Duration.ofMinutes(10));
        step();
        assertThat(bodies())
                .singleElement()
                .satisfies(body -> assertThat(body).contains(moved("root", "INSUFFICIENT_DATA")));
    }

    @Test
    void actionsThatAreEnabledAgainAreDoneAtTheNextTransition() throws Exception {
        put(ARN, sum(1, Alarm.Missing.NOT_BREACHING));
        enableActions(false);
        add(now, 1);
        step();
        enableActions(true);
        step();
        assertThat(state(ARN)).isEqualTo(Value.ALARM);
        assertThat(bodies()).isEmpty();
        now = now.plus(Duration.ofMinutes(10));
        step();
        add(now, 1);
        step();
        assertThat(bodies())
                .singleElement()
                .satisfies(body -> assertThat(body).contains(moved("root", "ALARM")));
    }

    @Test
    void aPercentileIsJudgedByWhatIsBelowIt() throws Exception {
        put(
                ARN,
                new Alarm.Metrics(
                        List.of(query("p90")),
                        true,
                        Alarm.Comparison.GREATER,
                        100,
                        1,
                        Optional.empty(),
                        Alarm.Missing.NOT_BREACHING,
                        true,
                        Optional.empty()));
        for (int i = 0; i < 95; i++) {
            add(now, 10);
        }
        for (int i = 0; i < 5; i++) {
            add(now, 1_000);
        }
        now = now.plusSeconds(60);
        step();
        assertThat(state(ARN)).isEqualTo(Value.OK);
        for (int i = 0; i < 85; i++) {
            add(now, 10);
        }
        for (int i = 0; i < 15; i++) {
            add(now, 1_000);
        }
        now = now.plusSeconds(60);
        step();
        assertThat(state(ARN)).isEqualTo(Value.ALARM);
        assertThat(bodies())
                .singleElement()
                .satisfies(body -> assertThat(body).contains(moved("root", "ALARM")));
    }

    @Test
    void aTopicOfAnotherAccountIsToldWhenItsPolicyLetsTheAlarm() throws Exception {
        write(tx -> parts.topics().create(tx, THEIRS, Map.of(), Map.of()));
        put(
                ARN,
                new Alarm.Settings("", true, Map.of(Value.ALARM, List.of(THEIRS.toString()))),
                sum(1, Alarm.Missing.NOT_BREACHING));
        step();
        add(now, 1);
        step();
        assertThat(state(ARN)).isEqualTo(Value.ALARM);
        assertThat(actions())
                .containsExactly(
                        "Failed to execute action %s. Received error: \"Resource policy of the topic does not let CloudWatch publish\""
                                .formatted(THEIRS));

        write(tx -> {
            parts.topics()
                    .set(
                            tx,
                            THEIRS,
                            TopicAttribute.POLICY,
                            "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"cloudwatch.amazonaws.com\"},\"Action\":\"SNS:Publish\",\"Resource\":\"%s\",\"Condition\":{\"StringEquals\":{\"aws:SourceAccount\":\"%s\"}}}}"
                                    .formatted(THEIRS, PLACE.account()));
            return true;
        });
        now = now.plus(Duration.ofMinutes(10));
        step();
        add(now, 1);
        step();
        assertThat(actions()).hasSize(2).last().isEqualTo("Successfully executed action " + THEIRS);
    }

    private List<String> actions() throws CatalogException {
        return history.read(PLACE, Instant.EPOCH, now.plusSeconds(1), _ -> true).stream()
                .filter(entry -> entry.kind() == AlarmHistory.Kind.ACTION)
                .map(AlarmHistory.Entry::summary)
                .toList();
    }

    private void enableActions(boolean enabled) throws CatalogException {
        write(tx -> {
            alarms.enableActions(tx, PLACE, List.of("root"), enabled, now);
            return true;
        });
    }

    private void startAnew() {
        changed.clear();
        others = false;
        watch = new AlarmWatch(catalog, alarms, history, metrics);
    }

    @Test
    void aStateSetByHandStaysUntilTheNextMinute() throws Exception {
        put(ARN, sum(1, Alarm.Missing.NOT_BREACHING));
        step();
        write(tx -> alarms.move(tx, ARN, Value.ALARM, "a drill", "", now));
        step();
        assertThat(state(ARN)).isEqualTo(Value.ALARM);
        assertThat(receive()).hasSize(1);
        now = now.plusSeconds(60);
        step();
        assertThat(state(ARN)).isEqualTo(Value.OK);
    }

    @Test
    void disabledActionsAreNotDone() throws Exception {
        put(ARN, sum(1, Alarm.Missing.NOT_BREACHING));
        enableActions(false);
        add(now, 1);
        step();
        assertThat(state(ARN)).isEqualTo(Value.ALARM);
        assertThat(receive()).isEmpty();
    }

    @Test
    void aCompositeAlarmFollowsInTheSameStep() throws Exception {
        put(ARN, sum(1, Alarm.Missing.NOT_BREACHING));
        AlarmArn both = new AlarmArn(PLACE, "both");
        put(both, new Alarm.Composite("ALARM(root) AND NOT ALARM(nobody)"));
        step();
        assertThat(state(both)).isEqualTo(Value.OK);
        add(now, 1);
        step();
        assertThat(state(both)).isEqualTo(Value.ALARM);
        assertThat(receive()).hasSize(2);
    }

    @Test
    void compositeAlarmsFollowEachOtherHoweverManyThereAre() throws Exception {
        put(ARN, sum(1, Alarm.Missing.NOT_BREACHING));
        for (int i = 30; i > 0; i--) {
            put(
                    new AlarmArn(PLACE, "c" + i),
                    new Alarm.Composite("ALARM(%s)".formatted(i == 1 ? "root" : "c" + (i - 1))));
        }
        step();
        add(now, 1);
        step();
        assertThat(state(new AlarmArn(PLACE, "c30"))).isEqualTo(Value.ALARM);
    }

    @Test
    void compositeAlarmsThatNeedEachOtherStayAsTheyAre() throws Exception {
        AlarmArn one = new AlarmArn(PLACE, "one");
        AlarmArn other = new AlarmArn(PLACE, "other");
        AlarmArn above = new AlarmArn(PLACE, "above");
        put(one, new Alarm.Composite("FALSE"));
        put(above, new Alarm.Composite("OK(one)"));
        step();
        put(one, new Alarm.Composite("NOT ALARM(other)"));
        put(other, new Alarm.Composite("ALARM(one)"));
        int told = told();
        for (int i = 0; i < 5; i++) {
            now = now.plusSeconds(60);
            step();
        }
        assertThat(state(one)).isEqualTo(Value.OK);
        assertThat(state(other)).isEqualTo(Value.INSUFFICIENT_DATA);
        assertThat(state(above)).isEqualTo(Value.ALARM);
        assertThat(told).isEqualTo(1);
        assertThat(told()).isZero();
        put(other, new Alarm.Composite("FALSE"));
        step();
        assertThat(state(one)).isEqualTo(Value.ALARM);
    }

    @Test
    void aTopicThatIsGoneIsInTheHistoryAndStopsNothing() throws Exception {
        write(tx -> {
            parts.topics().delete(tx, TOPIC);
            return true;
        });
        put(ARN, sum(1, Alarm.Missing.NOT_BREACHING));
        add(now, 1);
        step();
        assertThat(state(ARN)).isEqualTo(Value.ALARM);
        assertThat(history.read(PLACE, Instant.EPOCH, now.plusSeconds(1), _ -> true))
                .extracting(AlarmHistory.Entry::summary)
                .contains(
                        "Failed to execute action %s. Received error: \"Topic does not exist\""
                                .formatted(TOPIC));
    }

    @Test
    void historyIsForgottenAfterThirtyDays() throws Exception {
        put(ARN, sum(1, Alarm.Missing.NOT_BREACHING));
        step();
        now = now.plus(Duration.ofDays(31));
        step();
        assertThat(history.read(PLACE, Instant.EPOCH, now.plusSeconds(1), _ -> true)).isEmpty();
    }

    @Test
    void historyIsBoundedAndInOrderWithinAMoment() throws Exception {
        AlarmHistory few = new AlarmHistory(catalog, 1200);
        write(tx -> {
            for (int i = 0; i < 2500; i++) {
                few.add(
                        tx,
                        new AlarmHistory.Entry(
                                ARN, "MetricAlarm", now, AlarmHistory.Kind.STATE, "" + i, "{}"));
            }
            return true;
        });
        assertThat(few.read(PLACE, now, now.plusSeconds(1), _ -> true))
                .hasSize(1200)
                .extracting(AlarmHistory.Entry::summary)
                .startsWith("1300")
                .endsWith("2499");
        few.sweep(now.plus(Duration.ofDays(31)));
        write(tx -> {
            few.add(
                    tx,
                    new AlarmHistory.Entry(
                            ARN, "MetricAlarm", now, AlarmHistory.Kind.STATE, "new", "{}"));
            return true;
        });
        assertThat(few.read(PLACE, now, now.plusSeconds(1), _ -> true)).hasSize(1);
    }

    private Alarm.Metrics sum(double threshold, Alarm.Missing missing) {
        return new Alarm.Metrics(
                List.of(query("Sum")),
                true,
                Alarm.Comparison.GREATER_OR_EQUAL,
                threshold,
                1,
                Optional.empty(),
                missing,
                true,
                Optional.empty());
    }

    private static Alarm.Metrics finely() {
        return new Alarm.Metrics(
                List.of(query("Sum", Duration.ofSeconds(10))),
                true,
                Alarm.Comparison.GREATER_OR_EQUAL,
                1,
                1,
                Optional.empty(),
                Alarm.Missing.NOT_BREACHING,
                true,
                Optional.empty());
    }

    private static MetricQuery query(String statistic) {
        return query(statistic, Duration.ofMinutes(1));
    }

    private static MetricQuery query(String statistic, Duration period) {
        return new MetricQuery(
                "m1",
                new MetricQuery.Values(
                        ROOT, period, Statistic.of(statistic).orElseThrow(), Optional.empty()),
                Optional.empty(),
                true);
    }

    private void put(AlarmArn arn, Alarm.Subject subject) throws CatalogException {
        put(
                arn,
                new Alarm.Settings("", true, Map.of(Value.ALARM, List.of(TOPIC.toString()))),
                subject);
    }

    private void put(AlarmArn arn, Alarm.Settings settings, Alarm.Subject subject)
            throws CatalogException {
        write(tx -> {
            alarms.put(tx, new Alarms.Wanted(arn, settings, subject, Map.of()), now);
            return true;
        });
    }

    private void add(Instant time, double value) throws CatalogException {
        write(tx -> metrics.add(tx, List.of(Datum.of(ROOT, time, Datum.NO_UNIT, value)), now));
    }

    /// Adds a one that is kept by the second.
    private void addFine(Instant time) throws CatalogException {
        Datum one = new Datum(ROOT, time, Datum.NO_UNIT, StatisticSet.of(1, 1), true);
        write(tx -> metrics.add(tx, List.of(one), now));
    }

    private void step() throws CatalogException {
        Map<Metric, Times> metricsNow = Map.copyOf(changed);
        changed.clear();
        boolean othersNow = others;
        others = false;
        watch.step(now, metricsNow, othersNow);
    }

    private Value state(AlarmArn arn) throws CatalogException {
        return alarms.find(arn).orElseThrow().state().value();
    }

    private <T> T write(Work<T, RuntimeException> work) throws CatalogException {
        return catalog.write(work);
    }

    private List<Received> receive() throws CatalogException {
        return write(tx ->
                        parts.messages()
                                .receive(tx, parts.queues().expect(tx, QUEUE), 10, null, now))
                .messages();
    }

    /// The messages that came since the last look.
    private List<String> bodies() throws CatalogException {
        List<String> all = new ArrayList<>();
        List<Received> some;
        do {
            some =
                    write(tx ->
                                    parts.messages()
                                            .receive(
                                                    tx,
                                                    parts.queues().expect(tx, QUEUE),
                                                    10,
                                                    Duration.ofHours(12),
                                                    now))
                            .messages();
            some.forEach(one -> all.add(one.message().body()));
        } while (!some.isEmpty());
        return all;
    }

    /// How many messages came since the last look.
    private int told() throws CatalogException {
        return (int) receive().stream().filter(received -> received.receives() == 1).count();
    }

    private void subscribe() throws CatalogException {
        write(tx ->
                parts.topics()
                        .subscribe(
                                tx,
                                new Topics.Wanted(
                                        TOPIC,
                                        PLACE.account(),
                                        Subscription.Protocol.SQS,
                                        QUEUE.arn(),
                                        new Subscription.Terms(true, null, Filter.NONE)),
                                true,
                                now));
    }
}
