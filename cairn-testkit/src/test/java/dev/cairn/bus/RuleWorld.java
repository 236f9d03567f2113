package dev.cairn.bus;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.event.Place;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.log.LogGroupName;
import dev.cairn.log.LogGroups;
import dev.cairn.log.StoredEvents;
import dev.cairn.log.Subscribers;
import dev.cairn.metric.Metrics;
import dev.cairn.queue.QueueName;
import dev.cairn.queue.Received;
import dev.cairn.reader.Standing;
import dev.cairn.reader.Step;
import dev.cairn.reader.Unreadable;
import dev.cairn.testkit.catalog.FaultyCatalog;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.delivery.ListLedger;
import dev.cairn.testkit.delivery.SimulatedTopics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// An account with event buses, and queues that its rules may send to.
final class RuleWorld {
    static final Place HOME = new Place("123456789012", "us-east-1");
    static final BusName BUS = BusName.ofDefault(HOME);
    static final QueueName WORK = new QueueName("123456789012", "us-east-1", "work");
    static final QueueName DEAD = new QueueName("123456789012", "us-east-1", "dead");
    static final LogGroupName GROUP =
            new LogGroupName("us-east-1", "123456789012", "/aws/events/g");
    static final String POLICY =
            "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"events.amazonaws.com\"},\"Action\":\"sqs:SendMessage\",\"Resource\":\"*\"}}";

    FaultyCatalog.Faults faults = FaultyCatalog.Faults.NONE;
    final Catalog catalog = new FaultyCatalog(new MemoryCatalog(), () -> faults);
    final ListLedger ledger = new ListLedger(3);
    private final Random random = new Random(1);
    final SimulatedTopics parts = SimulatedTopics.on(catalog, this::bytes, Duration.ofMinutes(10));
    final LogGroups groups = new LogGroups(catalog);
    final EventBuses buses = new EventBuses(catalog);
    RuleBook book = new RuleBook();
    Dispatches dispatches = dispatches();
    RuleReader reader = reader();
    Schedules schedules = new Schedules(catalog, dispatches);
    final List<String> missed = new ArrayList<>();
    final List<String> failed = new ArrayList<>();
    final Schedules.Mishaps mishaps =
            new Schedules.Mishaps() {
                @Override
                public void missed(RuleName rule, Instant from, Instant told) {
                    missed.add(rule.name() + ' ' + from + ' ' + told);
                }

                @Override
                public void failed(RuleName rule, Exception failure) {
                    if (failure instanceof RuntimeException mistake) {
                        throw mistake;
                    }
                    failed.add(rule.name() + ": " + failure.getMessage());
                }
            };
    Instant now = Instant.parse("2026-11-21T08:00:00Z");

    RuleWorld() throws CatalogException {
        write(tx -> parts.queues().create(tx, WORK, Map.of("Policy", POLICY), Map.of(), now));
        write(tx -> parts.queues().create(tx, DEAD, Map.of("Policy", POLICY), Map.of(), now));
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private Dispatches dispatches() {
        return new Dispatches(
                catalog,
                buses,
                book,
                new Telling(
                        parts.messages(),
                        parts.topics(),
                        new StoredEvents(
                                catalog,
                                groups,
                                new Metrics(catalog, 100, _ -> {}),
                                new Subscribers(parts.messages(), parts.topics()))),
                parts.messages(),
                (_, _, _) -> {},
                () -> {});
    }

    static final Dispatches.Refusals REFUSALS =
            new Dispatches.Refusals() {
                @Override
                public void refused(TargetName target, String words) {
                    // They are told later, or given up.
                }

                @Override
                public void failed(TargetName target, RuntimeException failure) {
                    throw failure;
                }
            };

    private RuleReader reader() {
        return new RuleReader(
                ledger, catalog, buses, book, dispatches, (partition, cursor, span) -> cursor);
    }

    /// As after a kill: nothing is known but what the catalog has.
    void startAgain() {
        book = new RuleBook();
        dispatches = dispatches();
        reader = reader();
        schedules = new Schedules(catalog, dispatches);
    }

    interface Change {
        void in(Catalog.Transaction tx) throws CatalogException;
    }

    void write(Change change) throws CatalogException {
        catalog.<Boolean, RuntimeException>write(tx -> {
            change.in(tx);
            return true;
        });
    }

    static RuleName rule(String name) {
        return new RuleName(BUS, name);
    }

    void rule(RuleName name, String pattern, Rule.State state) throws CatalogException {
        write(tx ->
                buses.put(
                        tx,
                        new Rule(
                                name,
                                Optional.of(pattern.replace('\'', '"')),
                                Optional.empty(),
                                state,
                                "",
                                "",
                                Map.of()),
                        now));
    }

    /// A rule that fires by itself, and tells the queue.
    void scheduled(String name, String expression, Rule.State state) throws CatalogException {
        write(tx ->
                buses.put(
                        tx,
                        new Rule(
                                rule(name),
                                Optional.empty(),
                                Optional.of(expression),
                                state,
                                "",
                                "",
                                Map.of()),
                        now));
        target(target(rule(name), "1", WORK.arn()));
    }

    /// Fires what is due, and tells of it.
    void fire() throws CatalogException {
        schedules.fire(now, mishaps, () -> false);
        tell();
    }

    void rule(String name, String pattern) throws CatalogException {
        rule(rule(name), pattern, Rule.State.ENABLED);
    }

    static Target target(RuleName rule, String id, String arn) {
        return new Target(
                new TargetName(rule, id),
                arn,
                "",
                new TargetInput.Whole(),
                new Target.Retry(Optional.empty(), Optional.empty()),
                Optional.empty());
    }

    void target(Target target) throws CatalogException {
        write(tx -> buses.put(tx, target.name().rule(), List.of(target)));
    }

    /// A rule that tells the queue.
    void told(String name, String pattern) throws CatalogException {
        rule(name, pattern);
        target(target(rule(name), "1", WORK.arn()));
    }

    /// A management call.
    void record(String id, String name, boolean readOnly, String more) {
        ledger.append(
                new Entry(
                        HOME,
                        id,
                        Origin.INTAKE,
                        """
                        {"eventVersion":"1.08","eventTime":"2026-11-20T09:00:00Z","eventID":"%s",\
                        "eventSource":"s3.amazonaws.com","eventName":"%s","awsRegion":"us-east-1",\
                        "eventType":"AwsApiCall","managementEvent":true,"readOnly":%s,\
                        "eventCategory":"Management"%s}\
                        """
                                .formatted(id, name, readOnly, more)
                                .getBytes(UTF_8)),
                now);
    }

    void catchUp() throws Exception {
        Step step;
        do {
            step = reader.step(now, Unreadable.WAIT);
        } while (step == Step.MORE);
        tell();
    }

    void tell() throws CatalogException {
        while (dispatches.round(now, REFUSALS)) {
            // There is more.
        }
    }

    Standing state() throws CatalogException {
        return RuleReader.standing(catalog).orElseThrow();
    }

    /// What is in a queue, and now is not any more.
    List<Received> received(QueueName queue) throws CatalogException {
        List<Received> all = new ArrayList<>();
        List<Received> some;
        do {
            some =
                    catalog.<List<Received>, RuntimeException>write(tx ->
                            parts.messages()
                                    .receive(
                                            tx,
                                            parts.queues().expect(tx, queue),
                                            10,
                                            Duration.ofHours(12),
                                            now)
                                    .messages());
            all.addAll(some);
        } while (!some.isEmpty());
        return all;
    }

    List<String> bodies(QueueName queue) throws CatalogException {
        return received(queue).stream().map(one -> one.message().body()).toList();
    }
}
