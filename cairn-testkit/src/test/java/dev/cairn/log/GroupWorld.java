package dev.cairn.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.event.Place;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.log.MetricFilter.Transformation;
import dev.cairn.metric.Metric;
import dev.cairn.metric.Metrics;
import dev.cairn.reader.Standing;
import dev.cairn.testkit.catalog.FaultyCatalog;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.delivery.ListLedger;
import dev.cairn.testkit.delivery.SimulatedTopics;
import dev.cairn.trail.CloudWatchLogs;
import dev.cairn.trail.Trail;
import dev.cairn.trail.Trails;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/// A log group that a trail of all regions feeds, of management events alone.
final class GroupWorld {
    static final String ACCOUNT = "123456789012";
    static final Place HOME = new Place(ACCOUNT, "us-east-1");
    static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");
    static final LogGroupName GROUP = new LogGroupName("us-east-1", ACCOUNT, "audit");

    FaultyCatalog.Faults faults = FaultyCatalog.Faults.NONE;
    final Catalog catalog = new FaultyCatalog(new MemoryCatalog(), () -> faults);
    final ListLedger ledger = new ListLedger(3);
    final Trails trails = new Trails(catalog, ledger, 5);
    final LogGroups groups = new LogGroups(catalog);
    final Metrics metrics = new Metrics(catalog, 100, _ -> {});
    final GroupEvents events = new GroupEvents(ledger, trails, catalog, groups);
    private final Random random = new Random(3);
    final SimulatedTopics topics = SimulatedTopics.on(catalog, this::bytes, Duration.ofMinutes(10));
    final Subscribers subscribers = new Subscribers(topics.messages(), topics.topics());
    final StoredEvents stored = new StoredEvents(catalog, groups, metrics, subscribers);
    final Trail trail = trail("main");

    GroupWorld() throws CatalogException {
        write(tx -> groups.create(tx, GROUP, Map.of(), NOW));
        write(tx -> trails.create(tx, trail, Map.of(), NOW));
        log(true);
    }

    /// A trail of all regions that feeds the group.
    static Trail trail(String name) {
        return new Trail(
                ACCOUNT,
                name,
                "us-east-1",
                "logs",
                "",
                null,
                true,
                true,
                false,
                true,
                null,
                new CloudWatchLogs(GROUP.arn() + ":*", "arn:aws:iam::123456789012:role/a"));
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

    void log(boolean on) throws CatalogException {
        write(tx -> trails.log(tx, trail, on, NOW));
    }

    /// A filter whose metric has its name.
    void filter(String name, String pattern, String value, Map<String, String> dimensions)
            throws CatalogException {
        filter(name, pattern, value, Optional.empty(), dimensions);
    }

    void filter(
            String name,
            String pattern,
            String value,
            Optional<Double> otherwise,
            Map<String, String> dimensions)
            throws CatalogException {
        write(tx -> groups.put(tx, filtering(name, pattern, value, otherwise, dimensions)));
    }

    static MetricFilter filtering(
            String name, String pattern, String value, Map<String, String> dimensions) {
        return filtering(name, pattern, value, Optional.empty(), dimensions);
    }

    private static MetricFilter filtering(
            String name,
            String pattern,
            String value,
            Optional<Double> otherwise,
            Map<String, String> dimensions) {
        return new MetricFilter(
                GROUP,
                name,
                pattern,
                new Transformation(
                        "Security", name, value, otherwise, dimensions, Optional.of("Count")),
                NOW);
    }

    /// How many values a metric has, by the minute since the world began.
    Map<Long, Double> counts(String name) throws CatalogException {
        Map<Long, Double> counts = new TreeMap<>();
        metrics.sets(
                        new Metrics.Query(
                                new Metric(HOME, "Security", name, Map.of()),
                                Optional.of("Count"),
                                NOW,
                                NOW.plus(Duration.ofDays(1)),
                                Duration.ofMinutes(1)))
                .forEach((second, set) ->
                        counts.put((second - NOW.getEpochSecond()) / 60, set.count()));
        return counts;
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    FilterReader reader() {
        return new FilterReader(
                ledger,
                catalog,
                trails,
                groups,
                metrics,
                subscribers,
                (partition, cursor, span) -> cursor);
    }

    /// Goes round all groups once.
    ///
    /// @return in how many steps
    int sweep(Instant now) throws CatalogException {
        StoredSweep sweep = new StoredSweep(catalog, groups);
        int steps = 1;
        while (sweep.step(now)) {
            steps++;
        }
        return steps;
    }

    Standing state() throws CatalogException {
        return FilterReader.standing(catalog).orElseThrow();
    }

    /// A management event of some region, with more members at its end.
    static Entry call(String region, String id, String name, String more) {
        return new Entry(
                new Place(ACCOUNT, region),
                id,
                Origin.INTAKE,
                """
                {"eventVersion":"1.08","eventTime":"2026-11-20T09:00:00Z","eventID":"%s",\
                "eventSource":"ec2.amazonaws.com","eventName":"%s","awsRegion":"%s",\
                "eventType":"AwsApiCall","managementEvent":true,"readOnly":false,\
                "eventCategory":"Management"%s}\
                """
                        .formatted(id, name, region, more)
                        .getBytes(UTF_8));
    }

    /// The sum of a metric's values since the world began.
    double sum(String name, Map<String, String> dimensions) throws CatalogException {
        return metrics
                .sets(
                        new Metrics.Query(
                                new Metric(HOME, "Security", name, dimensions),
                                Optional.of("Count"),
                                NOW,
                                NOW.plus(Duration.ofDays(1)),
                                Duration.ofDays(1)))
                .values()
                .stream()
                .mapToDouble(set -> set.sum())
                .sum();
    }
}
