package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Access;
import dev.cairn.account.Accounts;
import dev.cairn.alarm.AlarmHistory;
import dev.cairn.alarm.Alarms;
import dev.cairn.archive.BucketRegister;
import dev.cairn.bus.Dispatches;
import dev.cairn.bus.EventBuses;
import dev.cairn.bus.RuleBook;
import dev.cairn.bus.Telling;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Outbox;
import dev.cairn.channel.Channels;
import dev.cairn.connection.ApiDestinations;
import dev.cairn.connection.Connections;
import dev.cairn.dashboard.Dashboards;
import dev.cairn.digest.RegionKeys;
import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.embedded.ledger.LedgerSettings;
import dev.cairn.embedded.ledger.SegmentLedger;
import dev.cairn.embedded.secret.SystemKeys;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.gateway.principal.Principals;
import dev.cairn.kms.Aliases;
import dev.cairn.kms.KeyCare;
import dev.cairn.kms.KeyUse;
import dev.cairn.kms.KmsKeys;
import dev.cairn.kms.Materials;
import dev.cairn.ledger.LedgerException;
import dev.cairn.log.GroupEvents;
import dev.cairn.log.LogGroups;
import dev.cairn.log.StoredEvents;
import dev.cairn.log.Subscribers;
import dev.cairn.metric.Metrics;
import dev.cairn.queue.Messages;
import dev.cairn.queue.Queues;
import dev.cairn.report.ReportPost;
import dev.cairn.report.WeeklyTime;
import dev.cairn.report.Weeks;
import dev.cairn.secret.Secrets;
import dev.cairn.secret.Vault;
import dev.cairn.server.lake.LakeImports;
import dev.cairn.server.own.KeyEvents;
import dev.cairn.store.EventDataStore;
import dev.cairn.store.EventDataStores;
import dev.cairn.testkit.catalog.FaultyCatalog;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.delivery.SimulatedTopics;
import dev.cairn.testkit.history.MemoryHistory;
import dev.cairn.testkit.proof.MapBuckets;
import dev.cairn.trail.Deliveries;
import dev.cairn.trail.Trails;
import dev.cairn.watch.WatchTelling;
import dev.cairn.watch.Watches;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Everything operations work on, without a server around it.
public final class TestParts {
    public static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");
    public static final String ACCOUNT = "123456789012";
    static final int QUEUES_MAX = 10;
    static final int KMS_KEYS_MAX = 120;

    public final SegmentLedger ledger;
    final MemoryHistory history;

    /// What goes wrong with the catalog.
    public FaultyCatalog.Faults faults = FaultyCatalog.Faults.NONE;

    public final Catalog catalog = new FaultyCatalog(new MemoryCatalog(), () -> faults);
    public final Accounts accounts;
    public final Secrets secrets;
    final Trails trails;
    final EventDataStores stores;
    final Channels channels;

    /// What is in the table of each store that files were imported into, by the store's id; each
    /// eventID once.
    public final Map<String, Map<String, byte[]>> tables = new HashMap<>();

    /// How often a load fails before one is taken.
    public int loadsFail;

    /// What happens while events are loaded.
    public Runnable whileLoading = () -> {};

    /// Imports are done when the call that starts them returns.
    public final StoreImports imports;

    final PlainQueries queries = new PlainQueries();
    final Dashboards dashboards = new Dashboards(catalog);
    final RegionKeys keys;

    /// There is every bucket, and it lets every trail in.
    TrailBuckets buckets = (as, bucket, prefix) -> Optional.empty();

    BucketPolicies policies = bucket -> Optional.empty();

    /// There are no objects.
    public Operation.Many readObjects =
            (call, exchange, requestId) -> {
                throw new Failure(ErrorCode.UNSUPPORTED_OPERATION);
            };

    List<ReaderView> readers = List.of();
    final QueueArrivals arrivals = new QueueArrivals(10);
    Deliveries deliveries = (id, region) -> Deliveries.NONE;
    public final SimulatedTopics topics;

    /// Buckets with log files.
    public final MapBuckets logs = new MapBuckets("logs");

    /// Everyone can be reached, but for hosts that begin with "private".
    private final Receivers receivers =
            new Receivers() {
                @Override
                public Optional<String> refusal(String host) {
                    return host.startsWith("private")
                            ? Optional.of("it is private")
                            : Optional.empty();
                }

                @Override
                public boolean takesMail() {
                    return true;
                }
            };

    /// As [#receivers]; there is a Lambda.
    private final Reach reach =
            new Reach() {
                @Override
                public Optional<String> refusal(String host) {
                    return receivers.refusal(host);
                }

                @Override
                public boolean callsFunctions() {
                    return true;
                }
            };

    /// What history has not taken yet; none.
    public @Nullable Instant oldestPending;

    public final Operations.KmsParts kms;

    /// Rotates and deletes keys when it is told to.
    public final KeyCare keyCare;

    public final Operations operations;

    Operations.LogParts logs() {
        var subscribers = new Subscribers(topics.messages(), topics.topics());
        var groups = new LogGroups(catalog);
        var metrics = new Metrics(catalog, Metrics.METRICS_MAX, _ -> {});
        return new Operations.LogParts(
                groups,
                new GroupEvents(ledger, trails, catalog, groups),
                new StoredEvents(catalog, groups, metrics, subscribers),
                subscribers,
                new LogQueries(InstantSource.fixed(NOW)),
                secrets);
    }

    private StoreImports.Loaded load(
            EventDataStore store, String id, long added, List<byte[]> events) throws IOException {
        if (loadsFail > 0) {
            loadsFail--;
            throw new IOException("not now");
        }
        var table = tables.computeIfAbsent(store.id(), _ -> new HashMap<>());
        long fresh = 0;
        whileLoading.run();
        var unfit = new ArrayList<Integer>();
        for (var at = 0; at < events.size(); at++) {
            var event = events.get(at);
            if (new String(event, StandardCharsets.UTF_8).contains("\\ud83d\"")) {
                unfit.add(at);
            } else {
                var eventId = new ObjectMapper().readTree(event).path("eventID").asText();
                fresh += table.putIfAbsent(eventId, event) == null ? 1 : 0;
            }
        }
        return new StoreImports.Loaded(
                fresh, events.size() - fresh - unfit.size(), 0, unfit, added + fresh);
    }

    /// Runs everything in the thread that asks for it.
    private static final class AtOnce extends AbstractExecutorService {
        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public void shutdown() {}

        @Override
        public List<Runnable> shutdownNow() {
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return false;
        }

        @Override
        public boolean isTerminated() {
            return true;
        }

        @Override
        public boolean awaitTermination(long time, TimeUnit unit) {
            return true;
        }
    }

    public TestParts(Path folder) throws LedgerException, CatalogException {
        var clock = InstantSource.fixed(NOW);
        ledger =
                SegmentLedger.open(
                        new RealDisk(folder), LedgerSettings.DEFAULTS.withDiskFreeMin(0), clock);
        history = new MemoryHistory(new MemoryHistory.Durable(), clock, null, false);
        var counter = new java.util.concurrent.atomic.AtomicInteger();
        secrets =
                count -> {
                    var bytes = new byte[count];
                    new java.util.Random(counter.incrementAndGet()).nextBytes(bytes);
                    return bytes;
                };
        var vault = new Vault(new byte[Vault.MASTER_KEY_BYTES], secrets);
        accounts =
                Accounts.open(catalog, vault, secrets, clock, new Accounts.Settings(ACCOUNT, null));
        trails = new Trails(catalog, ledger, 5);
        stores = new EventDataStores(catalog, ledger);
        channels = new Channels(catalog, stores);
        imports =
                LakeImports.open(
                        this::load,
                        stores,
                        catalog,
                        logs,
                        1 << 20,
                        secrets,
                        clock,
                        Duration.ZERO,
                        new AtOnce());
        keys = new RegionKeys(catalog, vault, new SystemKeys());
        topics = SimulatedTopics.on(catalog, secrets, Duration.ofDays(1));
        var queues = new Queues(catalog, secrets, QUEUES_MAX);
        var materials = new Materials(catalog, vault, secrets);
        var kmsKeys = new KmsKeys(catalog, materials, secrets, KMS_KEYS_MAX, () -> {});
        var aliases = new Aliases(catalog);
        kms =
                new Operations.KmsParts(
                        kmsKeys, aliases, new KeyUse(materials, secrets), new Access(ACCOUNT));
        keyCare =
                new KeyCare(
                        catalog,
                        new Outbox(catalog, ledger),
                        kmsKeys,
                        aliases,
                        new KeyEvents(secrets));
        var searches = new Searches(history, () -> oldestPending, new Access(ACCOUNT));
        operations =
                new Operations(
                        new Operations.Parts(
                                accounts,
                                history,
                                searches,
                                new Tails(ledger, searches, secrets),
                                new StatusSource(
                                        new Access(ACCOUNT),
                                        ledger,
                                        List::of,
                                        () -> 0,
                                        Optional::empty,
                                        "test",
                                        "",
                                        NOW),
                                new Testimonies(catalog, new Access(ACCOUNT)),
                                new Recounts(
                                        new Access(ACCOUNT),
                                        catalog,
                                        trails,
                                        new MapBuckets("logs")),
                                new Imports(ledger, accounts, stores, imports, 1 << 30),
                                new Reports(
                                        new Weeks(history),
                                        searches,
                                        new ReportPost(
                                                catalog, java.time.Duration.ofDays(1), () -> {}),
                                        Optional.of(WeeklyTime.parse("MON 08:00")),
                                        List.of("ops@example.org"),
                                        true,
                                        secrets),
                                trails,
                                (as, bucket, prefix) -> buckets.missingRight(as, bucket, prefix),
                                new OwnKeys(kms, new BucketRegister(catalog)),
                                bucket -> policies.policy(bucket),
                                (call, exchange, requestId) ->
                                        readObjects.run(call, exchange, requestId),
                                (id, region) -> deliveries.figures(id, region),
                                () -> readers,
                                java.time.Duration.ofMinutes(5),
                                catalog,
                                new Principals(catalog, accounts),
                                keys,
                                new Operations.TopicParts(
                                        topics.topics(),
                                        topics.outbound(),
                                        topics.notices(),
                                        receivers),
                                new Operations.QueueParts(
                                        catalog,
                                        ledger,
                                        queues,
                                        new Messages(catalog, queues, secrets, arrivals::ring),
                                        arrivals,
                                        clock),
                                kms,
                                new Operations.StoreParts(
                                        stores,
                                        queries,
                                        channels,
                                        dashboards,
                                        ledger,
                                        new Operations.ImportParts(
                                                imports,
                                                new BucketRegister(catalog),
                                                Optional.empty()),
                                        store -> Path.of(store.id() + ".metadata.json"),
                                        secrets),
                                logs(),
                                metrics(catalog, topics),
                                buses(catalog, topics, vault, secrets),
                                watches(catalog, topics),
                                () -> {},
                                "us-east-1",
                                0));
    }

    /// Runs an operation as the front does once the caller is known and allowed: a change is made
    /// ready outside the transaction that makes it.
    ///
    /// @return its output document
    /// @throws AssertionError for an operation that answers otherwise
    public ObjectNode run(Operation operation, Invocation call) throws Exception {
        return switch (operation) {
            case Operation.Read read -> read.run(call);
            case Operation.Message message -> message.run(call);
            case Operation.Change change -> {
                change.prepare(call);
                yield catalog.<ObjectNode, CatalogException>write(tx -> change.run(call, tx));
            }
            case Operation.Download _, Operation.Upload _, Operation.Many _ ->
                    throw new AssertionError("expected an operation with an output document");
        };
    }

    private Operations.BusParts buses(
            Catalog catalog, SimulatedTopics topics, Vault vault, Secrets secrets) {
        var groups = new LogGroups(catalog);
        var buses = new EventBuses(catalog);
        var book = new RuleBook();
        return new Operations.BusParts(
                catalog,
                buses,
                book,
                new Dispatches(
                        catalog,
                        buses,
                        book,
                        new Telling(
                                topics.messages(),
                                topics.topics(),
                                new StoredEvents(
                                        catalog,
                                        groups,
                                        new Metrics(catalog, Metrics.METRICS_MAX, _ -> {}),
                                        new Subscribers(topics.messages(), topics.topics()))),
                        topics.messages(),
                        (_, _, _) -> {},
                        () -> {}),
                new Connections(catalog, vault, () -> {}),
                new ApiDestinations(catalog),
                reach,
                secrets);
    }

    private static Operations.WatchParts watches(Catalog catalog, SimulatedTopics topics) {
        var watches = new Watches(catalog);
        return new Operations.WatchParts(
                watches, new WatchTelling(catalog, watches, topics.topics()));
    }

    private static Operations.MetricParts metrics(Catalog catalog, SimulatedTopics topics) {
        var history = new AlarmHistory(catalog);
        return new Operations.MetricParts(
                catalog,
                new Metrics(catalog, Metrics.METRICS_MAX, _ -> {}),
                new Alarms(catalog, topics.topics(), history, () -> {}),
                history);
    }
}
