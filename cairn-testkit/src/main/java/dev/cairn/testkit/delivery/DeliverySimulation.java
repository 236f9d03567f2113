package dev.cairn.testkit.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.aggregation.Template;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.ArchiveException.Kind;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.delivery.Counts;
import dev.cairn.delivery.DeliveryState;
import dev.cairn.delivery.TrailBooks;
import dev.cairn.delivery.TrailDelivery;
import dev.cairn.delivery.Usage;
import dev.cairn.digest.RegionKeys;
import dev.cairn.digest.Sealing;
import dev.cairn.event.Category;
import dev.cairn.event.Place;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Origin;
import dev.cairn.proof.Malformed;
import dev.cairn.proof.Recount;
import dev.cairn.secret.Vault;
import dev.cairn.selector.Selectors;
import dev.cairn.testkit.catalog.FaultyCatalog;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.delivery.Faults.Crash;
import dev.cairn.trail.Trail;
import dev.cairn.trail.TrailCourse;
import dev.cairn.trail.Trails;
import java.io.IOException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// A world with trails in which events are recorded, owners change their minds, buckets come and
/// go, clocks jump and the process dies; and a model of what must be in the buckets.
///
/// Delivery, sealing and trails are the real ones; ports are in memory. The same seed plays the
/// same day. Not safe for use by several threads at once.
public final class DeliverySimulation {
    /// The account whose trails are delivered.
    static final String ACCOUNT = "123456789012";

    private static final List<String> REGIONS = List.of("us-east-1", "eu-west-1", "ap-south-1");
    static final List<String> BUCKETS = List.of("logs", "more-logs");
    private static final Map<Template, String> PRIMARY =
            Map.of(
                    Template.API_ACTIVITY, "eventName",
                    Template.RESOURCE_ACCESS, "resourceARN",
                    Template.USER_ACTIONS, "userIdentity");
    private static final Selectors OBJECTS =
            Selectors.read(
                    """
                    {"AdvancedEventSelectors":[{"FieldSelectors":[
                     {"Field":"eventCategory","Equals":["Data"]},
                     {"Field":"resources.type","Equals":["AWS::S3::Object"]}]}]}
                    """);
    private static final Duration DIGESTS = Duration.ofHours(1);
    private static final int STEPS_MAX = 100_000;

    private static final KeyPair PAIR = pair();

    private final SplittableRandom random;
    private final boolean aggregating;
    private final ListLedger ledger = new ListLedger(3);
    private final MemoryCatalog durable = new MemoryCatalog();
    private final SimulatedArchive archive = new SimulatedArchive(this::faults);
    private final Catalog catalog = new FaultyCatalog(durable, this::faults);

    /// The world's own view, which no fault touches.
    private final Trails trails = new Trails(durable, ledger, 5);

    private final RegionKeys keys;
    private final Map<String, TrailDelivery> deliveries = new HashMap<>();
    private final Set<String> missing = new HashSet<>();
    private final Set<String> denied = new HashSet<>();
    private final Map<String, Logged> logged = new LinkedHashMap<>();

    private Instant now = Instant.parse("2026-11-20T09:00:00Z");
    private Faults faults = Faults.NONE;
    private long events;
    private int trailsMade;
    private int effects;
    private int crashAt = -1;
    private int crashes;

    /// What a trail must deliver, and whether it is to be named by digests.
    ///
    /// @param aggregated how many events are summed up, as [BucketCheck#checkAggregated] tells
    private record Logged(Map<String, Boolean> sealedById, Map<String, Long> aggregated) {}

    /// @param seed of everything that is left to chance
    public DeliverySimulation(long seed) {
        this(seed, false);
    }

    /// A world of data events, whose trails have them summed up, and change how.
    ///
    /// @param seed of everything that is left to chance
    public static DeliverySimulation aggregating(long seed) {
        return new DeliverySimulation(seed, true);
    }

    private DeliverySimulation(long seed, boolean aggregating) {
        this.random = new SplittableRandom(seed);
        this.aggregating = aggregating;
        keys =
                new RegionKeys(
                        catalog,
                        new Vault(new byte[Vault.MASTER_KEY_BYTES], byte[]::new),
                        () -> PAIR);
    }

    private static KeyPair pair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has RSA", e);
        }
    }

    private Faults faults() {
        return faults;
    }

    /// How often the process died.
    public int crashes() {
        return crashes;
    }

    /// How many effects there were: transactions and puts.
    public int effects() {
        return effects;
    }

    // ---- what happens -------------------------------------------------------------------------

    /// Plays a stretch of time full of trouble.
    ///
    /// @param rounds of about five minutes each
    public void play(int rounds) throws CatalogException, LedgerException {
        if (trailsMade == 0) {
            create(true);
            create(false);
        }
        for (int round = 0; round < rounds; round++) {
            faults = Faults.NONE;
            record(random.nextInt(20));
            change();
            trouble();
            now = now.plusSeconds(random.nextInt(600));
            if (random.nextInt(40) == 0) {
                now = now.plus(Duration.ofHours(random.nextBoolean() ? 1 : -1));
            }
            faults = new Chance();
            int steps = random.nextInt(12);
            for (int step = 0; step < steps; step++) {
                stepAll(random.nextInt(3) == 0);
            }
        }
    }

    /// Plays a short, fixed story and dies once, at an effect.
    ///
    /// @param effect the ordinal of the effect, from 0; after the last one it does not die
    /// @param after whether the effect is done when it dies
    public void dieAt(int effect, boolean after) throws CatalogException, LedgerException {
        crashAt = effect;
        faults = new Once(after);
        String name = create(true);
        for (int round = 0; round < 3; round++) {
            record(6);
            settle(false);
            now = now.plus(Duration.ofMinutes(45));
        }
        log(name, false);
        record(3);
        settle(false);
        log(name, true);
        record(4);
        settle(false);
        faults = Faults.NONE;
    }

    /// Has something go wrong from now on, until [#settle].
    void suffer(Faults trouble) {
        faults = trouble;
    }

    /// Lets time pass, or go back.
    void pass(Duration time) {
        now = now.plus(time);
    }

    /// Each trail does what it can now; as events are due, until it is refused or has nothing to
    /// do.
    void deliver() throws CatalogException, LedgerException {
        settle(false);
    }

    /// Goes on until a trail has files that are decided and not delivered.
    void cut(String name) throws CatalogException, LedgerException {
        String id = course(name).id();
        for (int step = 0;
                TrailDelivery.state(durable, id).map(DeliveryState::cut).isEmpty();
                step++) {
            if (step > STEPS_MAX) {
                throw new AssertionError("no cut is made");
            }
            stepAll(true);
        }
    }

    /// The process ends and starts again.
    void restart() {
        deliveries.clear();
    }

    /// What is written down, for a test to write it otherwise.
    Catalog durable() {
        return durable;
    }

    /// How many events a trail has delivered.
    long delivered(String name) throws CatalogException {
        return TrailDelivery.state(durable, course(name).id())
                .map(DeliveryState::delivered)
                .orElse(0L);
    }

    /// Ends all trouble, and goes on until nothing is to be done.
    public void settle() throws CatalogException, LedgerException {
        faults = Faults.NONE;
        missing.clear();
        denied.clear();
        settle(true);
        // The delivery clock may be ahead.
        for (TrailCourse course : trails.current().courses()) {
            Instant clock = state(course.id()).clock();
            now = clock.isAfter(now) ? clock : now;
        }
        now = now.plus(DIGESTS.multipliedBy(4));
        settle(true);
        if (aggregating) { // The last windows were told of just now, and wait for their digest.
            now = now.plus(DIGESTS.multipliedBy(2));
            settle(true);
        }
    }

    private void settle(boolean strict) throws CatalogException, LedgerException {
        int quiet = 0;
        for (int step = 0; quiet < 2; step++) {
            if (step > STEPS_MAX) {
                throw new AssertionError("delivery does not come to rest");
            }
            quiet = stepAll(true) ? 0 : quiet + 1;
        }
        if (strict) {
            for (TrailCourse course : trails.current().courses()) {
                DeliveryState state = state(course.id());
                if (state.cut() != null) {
                    throw new AssertionError("a cut stays open: " + state);
                }
            }
        }
    }

    /// @return whether anything was done
    private boolean stepAll(boolean due) throws CatalogException, LedgerException {
        boolean done = false;
        for (TrailCourse course : trails.current().courses()) {
            try {
                TrailDelivery delivery =
                        deliveries.computeIfAbsent(
                                course.id(), id -> new TrailDelivery(parts(), id));
                TrailDelivery.Step step = delivery.step(now, due);
                done |= step instanceof TrailDelivery.Step.More;
            } catch (Crash _) {
                crashes++;
                deliveries.clear();
                done = true;
            }
        }
        return done;
    }

    private TrailDelivery.Parts parts() {
        return new TrailDelivery.Parts(
                ledger,
                catalog,
                archive,
                new Trails(catalog, ledger, 5),
                new Sealing(catalog, archive, keys, DIGESTS),
                SimulatedTopics.on(catalog, this::bytes, Duration.ofDays(1)).notices(),
                random.split(),
                Duration.ofDays(30));
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private DeliveryState state(String id) throws CatalogException {
        Optional<DeliveryState> state = TrailDelivery.state(durable, id);
        return state.orElseThrow(() -> new AssertionError("expected the state of " + id));
    }

    // ---- events and changes -------------------------------------------------------------------

    void record(int count) throws CatalogException {
        for (int i = 0; i < count; i++) {
            String account = random.nextInt(6) == 0 ? "999999999999" : ACCOUNT;
            Place place = new Place(account, REGIONS.get(random.nextInt(REGIONS.size())));
            Origin origin = random.nextInt(8) == 0 ? Origin.IMPORT : Origin.INTAKE;
            String id = "event-" + events++;
            Instant time =
                    now.minusSeconds(random.nextInt(300))
                            .truncatedTo(java.time.temporal.ChronoUnit.SECONDS);
            String json =
                    aggregating ? dataEvent(time, place, id) : managementEvent(time, place, id);
            for (TrailCourse course : trails.current().courses()) {
                Trail trail = course.latest().trail();
                if (origin == Origin.INTAKE
                        && course.latest().logging()
                        && account.equals(ACCOUNT)
                        && trail.isIn(place.region())) {
                    expected(trail).sealedById().put(id, trail.validation());
                    for (Template template : course.latest().templates()) {
                        expected(trail)
                                .aggregated()
                                .merge(
                                        PRIMARY.get(template) + ' ' + trail.validation(),
                                        1L,
                                        Long::sum);
                    }
                }
            }
            ledger.append(new Entry(place, id, origin, json.getBytes(UTF_8)), now);
        }
    }

    private static String managementEvent(Instant time, Place place, String id) {
        return """
        {"eventVersion":"1.08","eventTime":"%s","eventSource":"ec2.amazonaws.com",\
        "eventName":"RunInstances","awsRegion":"%s","eventID":"%s",\
        "eventType":"AwsApiCall","managementEvent":true,"readOnly":false,\
        "eventCategory":"Management","recipientAccountId":"%s"}\
        """
                .formatted(time, place.region(), id, place.account());
    }

    /// Of two operations, three buckets and two callers.
    private String dataEvent(Instant time, Place place, String id) {
        return """
        {"eventVersion":"1.08","userIdentity":{"type":"%s","accountId":"%s"},\
        "eventTime":"%s","eventSource":"s3.amazonaws.com",\
        "eventName":"%s","awsRegion":"%s","eventID":"%s",\
        "eventType":"AwsApiCall","managementEvent":false,"readOnly":false,\
        "resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::bucket-%d/object"}],\
        "eventCategory":"Data","recipientAccountId":"%s"}\
        """
                .formatted(
                        random.nextBoolean() ? "IAMUser" : "AssumedRole",
                        place.account(),
                        time,
                        random.nextBoolean() ? "GetObject" : "PutObject",
                        place.region(),
                        id,
                        random.nextInt(3),
                        place.account());
    }

    private Logged expected(Trail trail) {
        return logged.computeIfAbsent(
                trail.prefix(), _ -> new Logged(new HashMap<>(), new TreeMap<>()));
    }

    /// @return the name of a trail of its own prefix that validates and is on
    String create(boolean multiRegion) throws CatalogException {
        String name = "trail-" + trailsMade++;
        Trail trail =
                new Trail(
                        ACCOUNT,
                        name,
                        "us-east-1",
                        BUCKETS.getFirst(),
                        name,
                        null,
                        true,
                        multiRegion,
                        true,
                        true);
        change(tx -> trails.create(tx, trail, Map.of(), now));
        if (aggregating) {
            change(tx -> trails.select(tx, trail, OBJECTS, now));
            aggregate(trail);
        }
        change(tx -> trails.log(tx, trail, true, now));
        return name;
    }

    private void aggregate(Trail trail) throws CatalogException {
        Set<Template> templates = EnumSet.noneOf(Template.class);
        for (Template template : Template.values()) {
            if (random.nextInt(3) > 0) {
                templates.add(template);
            }
        }
        change(tx -> trails.aggregate(tx, trail, templates, now));
    }

    void log(String name, boolean on) throws CatalogException {
        Trail trail = course(name).latest().trail();
        change(tx -> trails.log(tx, trail, on, now));
    }

    void delete(String name) throws CatalogException {
        Trail trail = course(name).latest().trail();
        change(tx -> trails.delete(tx, trail, now));
    }

    void move(String name, String bucket) throws CatalogException {
        Trail trail = course(name).latest().trail();
        update(trail, bucket, trail.validation(), trail.multiRegion());
    }

    void setValidation(String name, boolean on) throws CatalogException {
        Trail trail = course(name).latest().trail();
        update(trail, trail.bucket(), on, trail.multiRegion());
    }

    void setMultiRegion(String name, boolean multiRegion) throws CatalogException {
        Trail trail = course(name).latest().trail();
        update(trail, trail.bucket(), trail.validation(), multiRegion);
    }

    private TrailCourse course(String name) throws CatalogException {
        return trails.current().courses().stream()
                .filter(course -> course.latest().trail().name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("expected a trail " + name));
    }

    private interface Change {
        void make(Catalog.Transaction tx) throws CatalogException;
    }

    private void change(Change change) throws CatalogException {
        durable.<Boolean, RuntimeException>write(tx -> {
            change.make(tx);
            return true;
        });
    }

    /// Now and then an owner changes something.
    private void change() throws CatalogException {
        List<TrailCourse> living = new ArrayList<>(trails.current().courses());
        living.removeIf(course -> course.latest().deleted());
        if (living.isEmpty()) {
            create(random.nextBoolean());
            return;
        }
        TrailCourse course = living.get(random.nextInt(living.size()));
        Trail trail = course.latest().trail();
        switch (random.nextInt(40)) {
            case 0, 1 -> change(tx -> trails.log(tx, trail, false, now));
            case 2, 3, 4, 5 -> change(tx -> trails.log(tx, trail, true, now));
            case 6 -> update(trail, trail.bucket(), !trail.validation(), trail.multiRegion());
            case 7, 8 ->
                    update(
                            trail,
                            BUCKETS.get(random.nextInt(BUCKETS.size())),
                            trail.validation(),
                            trail.multiRegion());
            case 9 -> change(tx -> trails.delete(tx, trail, now));
            case 10 -> {
                if (living.size() < 4) {
                    create(random.nextBoolean());
                }
            }
            case 11, 12 -> {
                if (aggregating) {
                    aggregate(trail);
                }
            }
            default -> {}
        }
    }

    private void update(Trail trail, String bucket, boolean validation, boolean multiRegion)
            throws CatalogException {
        Trail changed =
                new Trail(
                        trail.account(),
                        trail.name(),
                        trail.homeRegion(),
                        bucket,
                        trail.prefix(),
                        trail.topic(),
                        trail.globalEvents(),
                        multiRegion,
                        validation,
                        trail.recursiveLogging());
        change(tx -> trails.update(tx, changed, now));
    }

    /// Buckets come and go. One with objects in it cannot go.
    private void trouble() {
        for (String bucket : BUCKETS) {
            switch (random.nextInt(30)) {
                case 0, 1 -> denied.add(bucket);
                case 2, 3, 4, 5 -> denied.remove(bucket);
                case 6, 7 -> {
                    if (archive.isEmpty(bucket)) {
                        missing.add(bucket);
                    }
                }
                case 8, 9, 10 -> missing.remove(bucket);
                default -> {}
            }
        }
    }

    private void interfere() {
        try {
            record(random.nextInt(4));
            change();
            record(random.nextInt(4));
        } catch (CatalogException e) {
            throw new AssertionError("the world's own catalog answers", e);
        }
    }

    private void expectThere(String bucket) throws ArchiveException {
        if (missing.contains(bucket)) {
            throw new ArchiveException(Kind.NO_SUCH_BUCKET, "NoSuchBucket", "missing " + bucket);
        }
    }

    /// Anything may happen at any effect.
    private final class Chance implements Faults {
        @Override
        public void beforeWrite() {
            effects++;
            if (random.nextInt(25) == 0) {
                interfere();
            }
            crash("before a transaction");
        }

        @Override
        public void afterWrite() {
            crash("after a transaction");
        }

        @Override
        public void beforePut(String bucket) throws ArchiveException {
            effects++;
            crash("before a put");
            expectThere(bucket);
            if (denied.contains(bucket)) {
                throw new ArchiveException(Kind.DENIED, "AccessDenied", "denied " + bucket);
            }
            if (random.nextInt(20) == 0) {
                throw new ArchiveException(Kind.UNAVAILABLE, "InternalError", "500");
            }
            if (random.nextInt(30) == 0) {
                throw new ArchiveException(Kind.TIMEOUT, "RequestTimeout", "before writing");
            }
        }

        @Override
        public void afterPut(String bucket) throws ArchiveException {
            crash("after a put");
            if (random.nextInt(20) == 0) {
                throw new ArchiveException(Kind.TIMEOUT, "RequestTimeout", "after writing");
            }
        }

        @Override
        public void beforeGet(String bucket) throws ArchiveException {
            expectThere(bucket);
            if (random.nextInt(20) == 0) {
                throw new ArchiveException(Kind.UNAVAILABLE, "SlowDown", "503");
            }
        }

        private void crash(String where) {
            if (random.nextInt(30) == 0) {
                throw new Crash(where);
            }
        }
    }

    /// Dies at one effect.
    private final class Once implements Faults {
        private final boolean after;

        Once(boolean after) {
            this.after = after;
        }

        @Override
        public void beforeWrite() {
            before();
        }

        @Override
        public void afterWrite() {
            after();
        }

        @Override
        public void beforePut(String bucket) {
            before();
        }

        @Override
        public void afterPut(String bucket) {
            after();
        }

        private void before() {
            if (!after && effects == crashAt) {
                effects++;
                throw new Crash("before effect " + crashAt);
            }
            effects++;
        }

        private void after() {
            if (after && effects == crashAt + 1) {
                crashAt = -1;
                throw new Crash("after an effect");
            }
        }
    }

    // ---- what must hold -----------------------------------------------------------------------

    /// Checks every bucket against what was recorded, and every chain.
    ///
    /// @throws AssertionError when anything is not as it must be
    public void check() throws CatalogException {
        logged.forEach((prefix, expected) -> {
            BucketCheck bucket = new BucketCheck(archive, prefix, PAIR.getPublic());
            bucket.check(expected.sealedById());
            Map<String, Long> aggregated = bucket.checkAggregated();
            if (!aggregated.equals(expected.aggregated())) {
                throw new AssertionError(
                        "expected the aggregated events of %s to sum up %s, got %s"
                                .formatted(prefix, expected.aggregated(), aggregated));
            }
        });
        for (TrailCourse course : trails.current().courses()) {
            DeliveryState state = state(course.id());
            long taken = state.cursors().stream().mapToLong(Long::longValue).sum();
            long sum = state.delivered() + state.open() + state.filtered() + state.setAside();
            if (taken != sum || state.setAside() != 0) {
                throw new AssertionError("the sum is not even: " + state);
            }
            checkUsage(course.id(), state.delivered());
        }
    }

    private void checkUsage(String id, long delivered) throws CatalogException {
        long counted = 0;
        String after = "";
        do {
            Usage.Page page =
                    Usage.of(
                            durable,
                            ACCOUNT,
                            LocalDate.of(1, 1, 1),
                            LocalDate.of(9999, 1, 1),
                            after,
                            3);
            for (Usage usage : page.days()) {
                counted += usage.id().equals(id) ? recorded(usage.counts()) : 0;
            }
            after = page.after();
        } while (!after.isEmpty());
        if (counted != delivered) {
            throw new AssertionError(
                    "expected %d events in the usage of %s, got %d"
                            .formatted(delivered, id, counted));
        }
    }

    /// Without those that were made of others.
    private static long recorded(Counts counts) {
        return counts.events()
                - counts.kinds().getOrDefault(Category.AGGREGATED, new Counts.Count(0, 0)).events();
    }

    /// Judges every bucket as an outsider does who asks the server: at any time, however much is
    /// half done, nothing is at fault.
    ///
    /// @return how many files are proved
    /// @throws AssertionError when something is not as delivered
    public long judge() throws CatalogException, ArchiveException, InterruptedException, Malformed {
        Faults before = faults;
        faults = Faults.NONE;
        BucketJudge judge = new BucketJudge(archive, durable, keys, REGIONS);
        long files = 0;
        for (String bucket : BUCKETS) {
            files += judge.judge(bucket);
        }
        for (TrailCourse course : trails.current().courses()) {
            recount(course.id());
        }
        faults = before;
        return files;
    }

    /// Counts again what a trail delivered, as `cairn status --verify` does.
    private void recount(String id) throws CatalogException {
        TrailBooks books = TrailBooks.of(durable, id, ACCOUNT);
        Recount.Result result;
        try {
            result = Recount.of(archive, books.runEnds(), books.unnamed(), (_, _, _) -> {});
        } catch (IOException e) {
            throw new AssertionError("nothing breaks it off", e);
        }
        if (result.found() != 0
                || result.records() != books.validated()
                || books.counted() != books.delivered()) {
            throw new AssertionError("expected %s, got %s".formatted(books, result));
        }
    }

    /// How many events the trails had to sum up in all, once for each template.
    public long expectedSummedUp() {
        return logged.values().stream()
                .flatMap(trail -> trail.aggregated().values().stream())
                .mapToLong(Long::longValue)
                .sum();
    }

    /// How many events the trails had to deliver in all.
    public long expectedEvents() {
        return logged.values().stream().mapToLong(trail -> trail.sealedById().size()).sum();
    }
}
