package dev.cairn.watch;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.bus.Dispatches;
import dev.cairn.bus.EventBuses;
import dev.cairn.bus.Reactions;
import dev.cairn.bus.RuleBook;
import dev.cairn.bus.Telling;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.event.Place;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
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
import dev.cairn.topic.Subscription;
import dev.cairn.topic.TopicArn;
import dev.cairn.topic.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// An account with watches, a topic that they tell, and a queue that hears it.
final class WatchWorld {
    static final ObjectMapper JSON = new ObjectMapper();
    static final Place HOME = new Place("123456789012", "us-east-1");
    static final TopicArn TOPIC = new TopicArn("us-east-1", "123456789012", "security");
    static final QueueName QUEUE = new QueueName("123456789012", "us-east-1", "heard");

    FaultyCatalog.Faults faults = FaultyCatalog.Faults.NONE;
    final Catalog catalog = new FaultyCatalog(new MemoryCatalog(), () -> faults);
    final ListLedger ledger = new ListLedger(3);
    private final Random random = new Random(1);
    final SimulatedTopics parts = SimulatedTopics.on(catalog, this::bytes, Duration.ofMinutes(10));
    final Watches watches = new Watches(catalog);
    final List<Reactions.Came> came = new ArrayList<>();
    final Dispatches dispatches =
            new Dispatches(
                    catalog,
                    new EventBuses(catalog),
                    new RuleBook(),
                    new Telling(
                            parts.messages(),
                            parts.topics(),
                            new StoredEvents(
                                    catalog,
                                    new LogGroups(catalog),
                                    new Metrics(catalog, 100, _ -> {}),
                                    new Subscribers(parts.messages(), parts.topics()))),
                    parts.messages(),
                    (tx, one, _) -> tx.atEnd(() -> came.add(one)),
                    () -> {});
    WatchReader reader = reader();
    Instant now = Instant.parse("2026-11-21T08:00:00Z");

    WatchWorld() throws CatalogException {
        topic();
        String policy =
                "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"sns.amazonaws.com\"},\"Action\":\"sqs:SendMessage\",\"Resource\":\"*\"}]}";
        write(tx -> parts.queues().create(tx, QUEUE, Map.of("Policy", policy), Map.of(), now));
        subscribe();
    }

    void topic() throws CatalogException {
        write(tx -> parts.topics().create(tx, TOPIC, Map.of(), Map.of()));
    }

    void subscribe() throws CatalogException {
        write(tx ->
                parts.topics()
                        .subscribe(
                                tx,
                                new Topics.Wanted(
                                        TOPIC,
                                        HOME.account(),
                                        Subscription.Protocol.SQS,
                                        QUEUE.arn(),
                                        Subscription.Terms.DEFAULTS.withRaw(true)),
                                true,
                                now));
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private WatchReader reader() {
        return new WatchReader(
                ledger,
                catalog,
                watches,
                new WatchTelling(catalog, watches, parts.topics()),
                new WatchReactions(new Reactions(dispatches)),
                (partition, cursor, span) -> cursor);
    }

    /// As after a kill: nothing is known but what the catalog has.
    void startAgain() {
        reader = reader();
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

    static WatchName name(String name) {
        return WatchName.checked(HOME.account(), name);
    }

    static Watch watch(String name, String kind, String text, AtMost atMost) {
        WatchCondition condition = WatchCondition.of(kind, text.replace('\'', '"'));
        condition.check();
        return new Watch(
                name(name),
                condition,
                Optional.empty(),
                TOPIC,
                atMost,
                Optional.empty(),
                Optional.empty(),
                new Watch.Words("", "", ""),
                false,
                "",
                Instant.parse("2026-11-21T07:00:00Z"));
    }

    void add(Watch watch) throws CatalogException {
        write(tx -> watches.create(tx, List.of(watch)));
    }

    /// Does something before the next transaction begins.
    void beforeWrite(Doing doing) {
        faults =
                new FaultyCatalog.Faults() {
                    @Override
                    public void beforeWrite() throws CatalogException {
                        faults = FaultyCatalog.Faults.NONE;
                        doing.run();
                    }
                };
    }

    /// Does something when documents were read outside of transactions so often.
    void afterRead(int reads, Doing doing) {
        int[] left = {reads};
        faults =
                new FaultyCatalog.Faults() {
                    @Override
                    public void afterRead(int documents) {
                        if (--left[0] == 0) {
                            faults = FaultyCatalog.Faults.NONE;
                            try {
                                doing.run();
                            } catch (CatalogException impossible) {
                                throw new AssertionError(impossible);
                            }
                        }
                    }
                };
    }

    interface Doing {
        void run() throws CatalogException;
    }

    /// A watch that waits for the call `PutBucketPolicy`.
    void add(String name, AtMost atMost) throws CatalogException {
        add(watch(name, "search", "eventName = PutBucketPolicy", atMost));
    }

    void record(Place place, Origin origin, String id, String name, String more) {
        record(place, origin, id, name, Instant.parse("2026-11-20T09:00:00Z"), more);
    }

    void record(Place place, Origin origin, String id, String name, Instant time, String more) {
        ledger.append(
                new Entry(
                        place,
                        id,
                        origin,
                        """
                        {"eventVersion":"1.08","eventTime":"%s","eventID":"%s",\
                        "eventSource":"s3.amazonaws.com","eventName":"%s","awsRegion":"us-east-1",\
                        "eventType":"AwsApiCall","managementEvent":true,"readOnly":false,\
                        "sourceIPAddress":"198.51.100.7",\
                        "userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::123456789012:user/bob"},\
                        "eventCategory":"Management"%s}\
                        """
                                .formatted(time, id, name, more)
                                .getBytes(UTF_8)),
                now);
    }

    void record(String id, String name) {
        record(HOME, Origin.INTAKE, id, name, "");
    }

    void catchUp() throws Exception {
        Step step;
        do {
            step = reader.step(now, Unreadable.WAIT);
        } while (step == Step.MORE);
    }

    Standing standing() throws CatalogException {
        return WatchReader.standing(catalog).orElseThrow();
    }

    /// What was heard since this was last asked.
    List<JsonNode> heard() throws Exception {
        List<JsonNode> all = new ArrayList<>();
        List<Received> some;
        do {
            some =
                    catalog.<List<Received>, RuntimeException>write(tx ->
                            parts.messages()
                                    .receive(
                                            tx,
                                            parts.queues().expect(tx, QUEUE),
                                            10,
                                            Duration.ofHours(12),
                                            now)
                                    .messages());
            for (Received one : some) {
                all.add(JSON.readTree(one.message().body()));
            }
        } while (!some.isEmpty());
        return all;
    }
}
