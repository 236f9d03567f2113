package dev.cairn.delivery;

import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.delivery.DeliveryState.Cut;
import dev.cairn.delivery.Gathering.Group;
import dev.cairn.digest.Digest;
import dev.cairn.digest.PutOnce;
import dev.cairn.digest.Sealing;
import dev.cairn.digest.Unsealed;
import dev.cairn.event.Place;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Position;
import dev.cairn.notice.Notices;
import dev.cairn.trail.Trail;
import dev.cairn.trail.TrailCourse;
import dev.cairn.trail.TrailVersion;
import dev.cairn.trail.Trails;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Delivers the log files of one trail, and has them sealed.
///
/// Events become files by *cuts*. A cut takes the positions from the cursors on, as far as one
/// version of the trail covers them, decides what goes into which file, and writes that down: one
/// catalog transaction moves the cursors and makes an intent for each file, with its key and the
/// SHA-256 of its content. Only then are the files put, and only when they are there are the
/// intents replaced by files for the next digest. There is one open cut at a time, so files are
/// delivered in order, and a bucket that is away holds up its own trail only.
///
/// **Why an event is in one file, once (I3).** Before the transaction nothing has left; the events
/// are read again. After it, a retry gathers the same ranges with the same version, so the same
/// bytes go to the same key; a key that is taken is compared by hash, and what is not ours gets
/// another name. A change of the trail that came in between is seen by the transaction
/// ([Trails#unchanged]), and the cut is forgotten.
///
/// **Why a file is in one digest (I4).** A cut is timed by the delivery clock, which never goes
/// back. A window is sealed only when no cut is open and the clock is written down at its end or
/// later, so no file can come to be timed in it afterwards.
///
/// **Aggregated events** come by cuts too, each of one [Round]: the transaction writes down what is
/// counted, how far, and the hashes of the files that tell of it. A retry counts the same again.
///
/// When logging or validation ends, what is left is delivered, the chains are closed with a last
/// digest, and then the next version begins. One thread at a time may step; what it holds is at
/// most one cut's files.
public final class TrailDelivery {
    private static final String STATE = "delivery";
    static final String INTENT = "delivery-intent";
    private static final String ASIDE = "delivery-aside";

    private static final String LETTERS =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static final int UNIQUE_CHARS = 16;

    private static final Archive.Description LOG_FILE =
            new Archive.Description("application/json", "gzip", Map.of());

    private final Parts parts;
    private final String id;

    /// The files of the open cut while this process knows them; else they are gathered again.
    private @Nullable Map<Group, LogFile> built;

    /// How many bytes of a position went into files, by the last cut; and where that ended.
    private double weight;

    private List<Long> weighed = List.of();

    /// What delivery works on.
    ///
    /// @param names where the characters come from that tell files of one minute apart (I8)
    /// @param pendingMax what cannot be delivered for so long is given up (`reader.pending-max`)
    public record Parts(
            Ledger ledger,
            Catalog catalog,
            Archive archive,
            Trails trails,
            Sealing sealing,
            Notices notices,
            RandomGenerator names,
            Duration pendingMax) {}

    /// What a step came to.
    public sealed interface Step {
        /// Nothing is to be done now.
        record Idle() implements Step {}

        /// Something was done, and more may be to do.
        record More() implements Step {}

        /// The trail is deleted and everything of it delivered; no more steps.
        record Gone() implements Step {}

        /// The archive refuses or fails. Step again, later.
        ///
        /// @param digest whether it was a digest that could not be put
        record Refused(ArchiveException cause, boolean digest) implements Step {}
    }

    private static final Step IDLE = new Step.Idle();
    private static final Step MORE = new Step.More();
    private static final Step GONE = new Step.Gone();

    /// @param id of the trail
    public TrailDelivery(Parts parts, String id) {
        this.parts = parts;
        this.id = id;
    }

    /// Where a trail's delivery stands; empty before its first step and after its last.
    public static Optional<DeliveryState> state(Catalog catalog, String id)
            throws CatalogException {
        return state(catalog.get(STATE, id));
    }

    static Optional<DeliveryState> state(Transaction tx, String id) throws CatalogException {
        return state(tx.get(STATE, id));
    }

    private static Optional<DeliveryState> state(Optional<Document> document)
            throws CatalogException {
        return document.isEmpty()
                ? Optional.empty()
                : Optional.of(DeliveryState.of(document.get()));
    }

    /// What a trail's delivery set aside, in order of position.
    ///
    /// @param limit at most this many, 1 to [Catalog#LIMIT_MAX]
    public static List<SetAside> setAside(Catalog catalog, String id, int limit)
            throws CatalogException {
        List<SetAside> list = new ArrayList<>();
        for (Document document : catalog.list(ASIDE, id + '/', "", limit)) {
            Fields fields = Fields.of(document);
            list.add(
                    new SetAside(
                            fields.text("position"),
                            Long.parseLong(fields.text("count")),
                            fields.text("reason")));
        }
        return list;
    }

    /// Events that no file could take (invariant I9).
    ///
    /// @param position of the first of them
    public record SetAside(String position, long count, String reason) {}

    /// Whether a step now would only put files that are made already.
    public boolean holdsFiles() {
        return built != null;
    }

    /// Whether about as much is recorded as one file may hold, judged by the last cut.
    public boolean isPlenty() {
        long positions = 0;
        for (int partition = 0; partition < weighed.size(); partition++) {
            positions += parts.ledger().span(partition).end() - weighed.get(partition);
        }
        return positions * weight >= Gathering.BYTES_MAX;
    }

    /// The state as it is written down.
    private record Held(Document document, DeliveryState state) {}

    /// Goes one step on.
    ///
    /// @param now may go back, as clocks do
    /// @param due whether files are to be made of what is recorded
    /// @throws LedgerException when events cannot be read now
    /// @throws CatalogException when the catalog does not answer; what it says then holds
    public Step step(Instant now, boolean due) throws LedgerException, CatalogException {
        // Before the trails: a change that is not seen holds from these ends or later.
        List<Long> ends = ends();
        Trails.Snapshot snapshot = parts.trails().current();
        Optional<TrailCourse> found = snapshot.course(id);
        if (found.isEmpty()) {
            return GONE;
        }
        TrailCourse course = found.get();
        Held held = held(course, now);
        if (held.state().cut() != null) {
            return deliver(held, course, held.state().cut(), now);
        }
        TrailVersion version = version(course, held.state());
        Step sealed = seal(held, course, version, now);
        // A chain that ends must be closed before a version begins that may open another one.
        boolean closing = sealed instanceof Step.Refused && !isSealed(version);
        if (sealed instanceof Step.More || (closing && !version.logging())) {
            return sealed;
        }
        if (sealed instanceof Step.Refused) {
            held = held(course, now); // The clock was written down, and perhaps other digests.
        }
        Optional<TrailVersion> next = after(course, version);
        if (next.isPresent() && reached(held.state(), next.get())) {
            Step rest = aggregate(held, snapshot, course, version, ends, now, true);
            if (!(rest instanceof Step.Idle)) {
                return rest;
            }
            return closing ? sealed : begin(held, next.get());
        }
        if (version.deleted()) {
            return end(held, version);
        }
        if (!due && next.isEmpty()) {
            return sealed;
        }
        Step counted = due ? aggregate(held, snapshot, course, version, ends, now, false) : IDLE;
        if (!(counted instanceof Step.Idle)) {
            return counted;
        }
        Step cut = cut(held, snapshot, course, version, ends, now);
        return cut instanceof Step.Idle ? sealed : cut;
    }

    // ---- versions -----------------------------------------------------------------------------

    private List<Long> ends() {
        List<Long> ends = new ArrayList<>();
        for (int partition = 0; partition < parts.ledger().partitions(); partition++) {
            ends.add(parts.ledger().span(partition).end());
        }
        return ends;
    }

    private Held held(TrailCourse course, Instant now) throws CatalogException {
        Optional<Document> document = parts.catalog().get(STATE, id);
        if (document.isPresent()) {
            return new Held(document.get(), DeliveryState.of(document.get()));
        }
        TrailVersion first = course.versions().getFirst();
        DeliveryState state =
                new DeliveryState(
                        first.number(),
                        first.from(),
                        now.truncatedTo(ChronoUnit.SECONDS),
                        null,
                        null,
                        0,
                        first.from().stream().mapToLong(Long::longValue).sum(),
                        0,
                        null,
                        null);
        parts.catalog()
                .<Boolean, RuntimeException>write(tx -> {
                    tx.create(STATE, id, state.json());
                    return true;
                });
        return new Held(new Document(STATE, id, 1, state.json()), state);
    }

    /// The version that is read; one that came to cover nothing is left out by its successor.
    private static TrailVersion version(TrailCourse course, DeliveryState state) {
        for (TrailVersion version : course.versions()) {
            if (version.number() >= state.version()) {
                return version;
            }
        }
        throw new IllegalStateException(
                "expected a version from %d on of %s".formatted(state.version(), course.id()));
    }

    private static Optional<TrailVersion> after(TrailCourse course, TrailVersion version) {
        return course.versions().stream()
                .filter(other -> other.number() > version.number())
                .findFirst();
    }

    private static boolean reached(DeliveryState state, TrailVersion next) {
        for (int partition = 0; partition < state.cursors().size(); partition++) {
            if (state.cursors().get(partition) < next.from().get(partition)) {
                return false;
            }
        }
        return true;
    }

    private Step begin(Held held, TrailVersion next) throws CatalogException {
        DeliveryState state = held.state();
        Aggregated start =
                next.aggregates()
                        ? Aggregated.start(next, state.aggregated(), state.clock())
                        : null;
        parts.catalog()
                .<Boolean, RuntimeException>write(tx -> {
                    tx.replace(held.document(), state.withVersion(next.number(), start).json());
                    if (!next.deleted()) { // A deleted trail is let go of at the end, as a whole.
                        parts.trails().release(tx, id, next.number());
                    }
                    return true;
                });
        return MORE;
    }

    private Step end(Held held, TrailVersion version) throws CatalogException {
        List<Document> asides = all(ASIDE);
        parts.catalog()
                .<Boolean, RuntimeException>write(tx -> {
                    for (Document aside : asides) {
                        tx.delete(aside);
                    }
                    tx.delete(held.document());
                    parts.sealing().forget(tx, id);
                    parts.notices().release(tx, id);
                    parts.trails().release(tx, id, version.number());
                    return true;
                });
        return GONE;
    }

    private static Instant clock(DeliveryState state, Instant now) {
        Instant seconds = now.truncatedTo(ChronoUnit.SECONDS);
        return seconds.isBefore(state.clock()) ? state.clock() : seconds;
    }

    // ---- digests ------------------------------------------------------------------------------

    private static boolean isSealed(TrailVersion version) {
        return version.logging() && version.trail().validation();
    }

    private Step seal(Held held, TrailCourse course, TrailVersion version, Instant now)
            throws CatalogException {
        Sealing sealing = parts.sealing();
        Trail trail = course.latest().trail();
        Place home = new Place(trail.account(), trail.homeRegion());
        boolean on = isSealed(version);
        Instant clock = clock(held.state(), now);
        if (on && !sealing.isOpen(id, home)) {
            parts.catalog()
                    .<Boolean, RuntimeException>write(tx -> {
                        tx.replace(held.document(), held.state().withClock(clock).json());
                        sealing.open(tx, id, home, clock);
                        return true;
                    });
            return MORE;
        }
        if (!on && !sealing.isOpen(id)) {
            return IDLE;
        }
        Optional<Instant> end = sealing.due(id, clock, !on);
        if (end.isEmpty()) {
            return IDLE;
        }
        Instant reached = end.get().isAfter(clock) ? end.get() : clock;
        if (reached.isAfter(held.state().clock())) {
            parts.catalog()
                    .<Boolean, RuntimeException>write(tx -> {
                        tx.replace(held.document(), held.state().withClock(reached).json());
                        return true;
                    });
        }
        try {
            sealing.seal(trail, id, reached, !on, this::sealed);
            return MORE;
        } catch (ArchiveException refused) {
            if (!on && now.isAfter(version.since().plus(parts.pendingMax()))) {
                parts.catalog()
                        .<Boolean, RuntimeException>write(tx -> {
                            sealing.abandon(tx, id);
                            return true;
                        });
                return MORE;
            }
            return new Step.Refused(refused, true);
        }
    }

    private void sealed(Transaction tx, Instant end) throws CatalogException {
        Document document =
                tx.get(STATE, id)
                        .orElseThrow(() ->
                                new IllegalStateException(
                                        "expected the state of " + id + ", which is sealed"));
        tx.replace(document, DeliveryState.of(document).withDigest(end).json());
    }

    // ---- cuts ---------------------------------------------------------------------------------

    private Step cut(
            Held held,
            Trails.Snapshot snapshot,
            TrailCourse course,
            TrailVersion version,
            List<Long> ends,
            Instant now)
            throws LedgerException, CatalogException {
        DeliveryState state = held.state();
        List<Long> limits = limits(course, version, ends, state.cursors());
        if (limits.equals(state.cursors())) {
            return IDLE;
        }
        Gathering gathered =
                Gathering.of(parts.ledger(), version, state.cursors(), limits, Gathering.BYTES_MAX);
        Instant time = clock(state, now);
        Map<Group, LogFile> files = files(gathered);
        List<Intent> intents = intents(course, files, time);
        long records = intents.stream().mapToLong(Intent::records).sum();
        Cut cut = intents.isEmpty() ? null : new Cut(state.cursors(), time, records, null);
        DeliveryState passed =
                state.passed(
                        gathered.to(),
                        cut,
                        aggregated(state, version),
                        gathered.filtered(),
                        gathered.setAside());
        boolean decided = decide(held, snapshot, version, passed, intents, time, gathered.aside());
        if (decided) {
            weigh(state.cursors(), gathered);
            built = cut == null ? null : files;
        }
        boolean done = decided && cut == null && !gathered.full();
        return done && after(course, version).isEmpty() ? IDLE : MORE;
    }

    /// How far a version may be read now.
    private static List<Long> limits(
            TrailCourse course, TrailVersion version, List<Long> ends, List<Long> from) {
        List<Long> limits = new ArrayList<>();
        for (int partition = 0; partition < ends.size(); partition++) {
            long end = Math.min(ends.get(partition), course.end(version, partition));
            limits.add(Math.max(end, from.get(partition)));
        }
        return limits;
    }

    private List<Intent> intents(TrailCourse course, Map<Group, LogFile> files, Instant time) {
        List<Intent> intents = new ArrayList<>();
        files.forEach(
                (group, file) -> intents.add(intent(course.latest().trail(), group, time, file)));
        return intents;
    }

    /// @return false when a trail was changed in the meantime: nothing is decided then
    private boolean decide(
            Held held,
            Trails.Snapshot snapshot,
            TrailVersion version,
            DeliveryState passed,
            List<Intent> intents,
            Instant time,
            List<Gathering.Aside> asides)
            throws CatalogException {
        return parts.catalog()
                .<Boolean, RuntimeException>write(tx -> {
                    if (!parts.trails().unchanged(tx, snapshot)) {
                        return false;
                    }
                    tx.replace(held.document(), passed.json());
                    for (Intent intent : intents) {
                        create(tx, intent);
                        if (version.trail().validation()) {
                            parts.sealing().open(tx, id, intent.place(), time);
                        }
                    }
                    for (Gathering.Aside aside : asides) {
                        setAside(tx, aside);
                    }
                    return true;
                });
    }

    private void weigh(List<Long> from, Gathering gathered) {
        long positions = 0;
        for (int partition = 0; partition < from.size(); partition++) {
            positions += gathered.to().get(partition) - from.get(partition);
        }
        weight = (double) gathered.bytes() / Math.max(1, positions);
        weighed = List.copyOf(gathered.to());
    }

    private static Map<Group, LogFile> files(Gathering gathered) {
        Map<Group, LogFile> files = new TreeMap<>(Group.ORDER);
        gathered.taken().forEach((group, events) -> files.put(group, LogFile.of(events)));
        return files;
    }

    private Intent intent(Trail trail, Group group, Instant time, LogFile file) {
        String unique = unique();
        return new Intent(
                group.place(),
                group.folder(),
                time,
                unique,
                trail.bucket(),
                LogFile.key(trail, group.place(), group.folder(), time, unique),
                file.hash(),
                file.counts(),
                file.packed().length,
                file.newest(),
                file.oldest());
    }

    private String unique() {
        StringBuilder unique = new StringBuilder(UNIQUE_CHARS);
        for (int i = 0; i < UNIQUE_CHARS; i++) {
            unique.append(LETTERS.charAt(parts.names().nextInt(LETTERS.length())));
        }
        return unique.toString();
    }

    private void create(Transaction tx, Intent intent) throws CatalogException {
        tx.create(INTENT, id + '/' + intent.object(), intent.json());
    }

    private void setAside(Transaction tx, Gathering.Aside aside) throws CatalogException {
        String key =
                "%s/%d:%020d"
                        .formatted(id, aside.position().partition(), aside.position().offset());
        if (tx.get(ASIDE, key).isEmpty()) {
            tx.create(
                    ASIDE,
                    key,
                    Fields.none()
                            .with("position", aside.position().toString())
                            .with("count", Long.toString(aside.count()))
                            .with("reason", aside.reason())
                            .json());
        }
    }

    // ---- aggregation --------------------------------------------------------------------------

    /// How far aggregation has come; null when the version does not aggregate.
    private static @Nullable Aggregated aggregated(DeliveryState state, TrailVersion version) {
        if (!version.aggregates()) {
            return null;
        }
        return state.aggregated() == null
                ? Aggregated.start(version, null, state.clock())
                : state.aggregated();
    }

    /// Makes a round of aggregation when a window has ended, or the version ends.
    ///
    /// @param last whether nothing of the version comes any more, so that all windows end
    private Step aggregate(
            Held held,
            Trails.Snapshot snapshot,
            TrailCourse course,
            TrailVersion version,
            List<Long> ends,
            Instant now,
            boolean last)
            throws LedgerException, CatalogException {
        DeliveryState state = held.state();
        Aggregated before = aggregated(state, version);
        if (before == null) {
            return IDLE;
        }
        Instant time = clock(state, now);
        Instant closes = last ? Aggregated.ALL : before.closes(time);
        List<Long> limits = limits(course, version, ends, before.seen());
        boolean due = before.full() || closes.isAfter(before.closed());
        if (!due || limits.equals(before.low())) {
            return IDLE;
        }
        Round round =
                Round.of(
                        parts.ledger(),
                        version,
                        new Round.Of(before, limits, closes),
                        Round.COUNTERS_MAX);
        Map<Group, LogFile> files = round.files(id);
        List<Intent> intents = intents(course, files, time);
        Cut cut = intents.isEmpty() ? null : new Cut(state.cursors(), time, 0, round.done());
        DeliveryState passed = state.passed(state.cursors(), cut, round.after(), 0, 0);
        if (decide(held, snapshot, version, passed, intents, time, List.of())) {
            built = cut == null ? null : files;
        }
        return MORE;
    }

    // ---- files --------------------------------------------------------------------------------

    /// What became of the files of a cut in one go.
    private static final class Outcome {
        private final List<Document> finished = new ArrayList<>();
        private final List<Intent> delivered = new ArrayList<>();
        private final List<Intent> again = new ArrayList<>();
        private long recordsBefore;
        private @Nullable ArchiveException refused;

        private long deliveredRecords() {
            return delivered.stream().mapToLong(Intent::records).sum();
        }
    }

    private Step deliver(Held held, TrailCourse course, Cut cut, Instant now)
            throws LedgerException, CatalogException {
        TrailVersion version = version(course, held.state());
        Map<Group, LogFile> files = built;
        built = null;
        if (files == null) {
            files = again(version, cut, held.state().cursors());
        }
        Trail trail = course.latest().trail();
        Outcome outcome = put(trail, files);
        finish(held, trail, version.trail().validation(), cut, outcome, now);
        return outcome.refused == null ? MORE : new Step.Refused(outcome.refused, false);
    }

    /// The files of a cut that was decided before.
    private Map<Group, LogFile> again(TrailVersion version, Cut cut, List<Long> cursors)
            throws LedgerException {
        return cut.round() == null
                ? files(Gathering.of(parts.ledger(), version, cut.from(), cursors, Long.MAX_VALUE))
                : Round.of(parts.ledger(), version, cut.round(), Round.COUNTERS_MAX).files(id);
    }

    /// @param trail as it is now: it decides where files go
    private Outcome put(Trail trail, Map<Group, LogFile> files) throws CatalogException {
        Outcome outcome = new Outcome();
        for (Document document : all(INTENT)) {
            Intent intent = Intent.of(document);
            LogFile file = files.get(new Group(intent.place(), intent.folder()));
            outcome.recordsBefore += intent.records();
            try {
                if (outcome.refused != null) {
                    continue;
                }
                if (put(trail, intent, file)) {
                    outcome.delivered.add(intent);
                } else if (file != null) {
                    // Another name: the key holds something that is not ours.
                    outcome.again.add(
                            intent(
                                    trail,
                                    new Group(intent.place(), intent.folder()),
                                    intent.time(),
                                    file));
                }
                outcome.finished.add(document);
            } catch (ArchiveException refused) {
                outcome.refused = refused;
            }
        }
        return outcome;
    }

    /// @param file null when its events are lost since it was decided
    /// @return whether it is in the bucket now; when not, its name is of no use any more
    private boolean put(Trail trail, Intent intent, @Nullable LogFile file)
            throws ArchiveException {
        if (file == null || !file.hash().equals(intent.hash())) {
            // Some of its events are lost since. Perhaps the file is there already.
            return PutOnce.isThere(parts.archive(), address(intent), LOG_FILE, intent.hash());
        }
        return PutOnce.put(
                parts.archive(),
                new Archive.Writer(trail.account(), trail.arn(), trail.kmsKey()),
                address(intent),
                new PutOnce.Address(trail.bucket(), key(trail, intent)),
                file.packed(),
                LOG_FILE,
                intent.hash());
    }

    private static PutOnce.Address address(Intent intent) {
        return new PutOnce.Address(intent.bucket(), intent.object());
    }

    private static String key(Trail trail, Intent intent) {
        return LogFile.key(trail, intent.place(), intent.folder(), intent.time(), intent.unique());
    }

    private void finish(
            Held held, Trail trail, boolean validation, Cut cut, Outcome outcome, Instant now)
            throws CatalogException {
        boolean givenUp =
                outcome.refused != null && now.isAfter(cut.time().plus(parts.pendingMax()));
        List<Document> dropped = givenUp ? all(INTENT) : outcome.finished;
        if (dropped.isEmpty()) {
            return;
        }
        long gone = 0;
        for (Document document : dropped) {
            gone += Intent.of(document).records();
        }
        long kept = givenUp ? 0 : outcome.again.stream().mapToLong(Intent::records).sum();
        long rest = outcome.recordsBefore - gone + kept;
        long aside = gone - outcome.deliveredRecords() - kept;
        boolean open = !givenUp && (outcome.refused != null || !outcome.again.isEmpty());
        Cut left = open ? new Cut(cut.from(), cut.time(), rest, cut.round()) : null;
        Instant last = outcome.delivered.isEmpty() ? held.state().lastDelivery() : now;
        parts.catalog()
                .<Boolean, RuntimeException>write(tx -> {
                    for (Document document : dropped) {
                        tx.delete(document);
                    }
                    for (Intent intent : outcome.delivered) {
                        parts.notices()
                                .delivered(tx, id, trail, intent.bucket(), intent.object(), now);
                        if (validation) {
                            parts.sealing()
                                    .add(
                                            tx,
                                            id,
                                            intent.place(),
                                            intent.time(),
                                            intent.unique(),
                                            file(intent));
                        } else {
                            Unsealed.withoutValidation(
                                    tx,
                                    id,
                                    held.state().version(),
                                    new Unsealed.Delivered(
                                            intent.place().account(),
                                            intent.bucket(),
                                            intent.object(),
                                            intent.time()));
                        }
                    }
                    Usage.count(tx, id, trail, outcome.delivered, validation);
                    if (givenUp && cut.round() != null) {
                        setAside(tx, givenUp(cut.round(), dropped.size()));
                    }
                    if (!givenUp) {
                        for (Intent intent : outcome.again) {
                            create(tx, intent);
                        }
                    }
                    tx.replace(
                            held.document(),
                            held.state()
                                    .withDelivered(outcome.deliveredRecords(), aside, left, last)
                                    .json());
                    return true;
                });
    }

    /// Aggregated events were never recorded: none of what was is set aside with them.
    private static Gathering.Aside givenUp(Round.Of round, int files) {
        return new Gathering.Aside(
                new Position(0, round.before().low().getFirst()),
                0,
                "given up, files of aggregated events that the bucket did not take: " + files);
    }

    private static Digest.SealedFile file(Intent intent) {
        return new Digest.SealedFile(
                intent.bucket(), intent.object(), intent.hash(), intent.newest(), intent.oldest());
    }

    private List<Document> all(String kind) throws CatalogException {
        List<Document> all = new ArrayList<>();
        List<Document> page = parts.catalog().list(kind, id + '/', "", Catalog.LIMIT_MAX);
        while (!page.isEmpty()) {
            all.addAll(page);
            page =
                    page.size() < Catalog.LIMIT_MAX
                            ? List.of()
                            : parts.catalog()
                                    .list(kind, id + '/', page.getLast().key(), Catalog.LIMIT_MAX);
        }
        return all;
    }
}
