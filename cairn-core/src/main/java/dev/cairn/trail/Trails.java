package dev.cairn.trail;

import dev.cairn.aggregation.Template;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.ledger.Ledger;
import dev.cairn.selector.Selectors;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The trails of a catalog.
///
/// **Changes take effect at a position.** Each change to a trail makes a new version, which holds
/// from the ends that the ledger's partitions have while the change's transaction runs. So for each
/// position it is settled for ever which version covers it, and a delivery that is repeated after a
/// crash decides as it did before.
///
/// **What a reader must do.** Read events of the ledger first, then ask [#current], and decide. In
/// the transaction that makes the decision durable, ask [#unchanged]; when it says no, forget what
/// was decided and begin again. Otherwise a change that was under way while the events were read
/// could hold from a position before them, and come too late.
///
/// A trail that is deleted stays in [#current] with a last version until delivery lets go of it
/// ([#release]). Any thread may call any method.
public final class Trails {
    /// How many versions a trail may have that delivery still needs; a change beyond is refused.
    public static final int VERSIONS_MAX = 1000;

    /// The most tags of a trail.
    public static final int TAGS_MAX = 50;

    private static final String STATE = "trail";
    private static final String VERSION = "trail-version";
    private static final String FEED = "trail-feed";
    private static final String COUNTERS = "trails";
    private static final String COUNTERS_KEY = "counters";

    private final Catalog catalog;
    private final Ledger ledger;
    private final int limitPerRegion;
    private volatile Snapshot cached = new Snapshot(-1, List.of(), List.of());

    /// @param limitPerRegion how many trails an account may have in a region, shadow trails
    ///   included (setting `trail.limit-per-region`)
    public Trails(Catalog catalog, Ledger ledger, int limitPerRegion) {
        this.catalog = catalog;
        this.ledger = ledger;
        this.limitPerRegion = limitPerRegion;
    }

    // What delivery needs.

    /// All trails at one moment.
    ///
    /// @param generation rises with each change to any trail
    /// @param courses in order of creation
    /// @param feeds of log groups, in order of the trails' creation
    public record Snapshot(long generation, List<TrailCourse> courses, List<Feed> feeds) {
        public Snapshot {
            courses = List.copyOf(courses);
            feeds = List.copyOf(feeds);
        }

        public Optional<TrailCourse> course(String id) {
            return courses.stream().filter(course -> course.id().equals(id)).findFirst();
        }
    }

    /// All trails, deleted ones included that delivery has not let go of. Costs one read of the
    /// catalog while nothing changes.
    public Snapshot current() throws CatalogException {
        Snapshot known = cached;
        Optional<Document> counters = catalog.get(COUNTERS, COUNTERS_KEY);
        long generation = counters.isEmpty() ? 0 : Counters.of(counters.get()).generation();
        if (known.generation() == generation) {
            return known;
        }
        Snapshot read = catalog.<Snapshot, RuntimeException>write(Trails::read);
        cached = read;
        return read;
    }

    /// Whether no trail was changed since a snapshot. Only the answer within a transaction counts:
    /// changes take turns with it.
    public boolean unchanged(Transaction tx, Snapshot snapshot) throws CatalogException {
        return counters(tx).generation() == snapshot.generation();
    }

    /// Lets go of the versions of a trail below a number, and of the whole trail when its last
    /// version says that it is deleted and is not above that number: delivery needs them no more.
    /// Does nothing for what is gone already.
    public void release(Transaction tx, String id, int belowNumber) throws CatalogException {
        List<Document> versions = tx.list(VERSION, id + "/", "", Catalog.LIMIT_MAX);
        boolean changed = false;
        for (Document document : versions) {
            boolean last = document.equals(versions.getLast());
            TrailVersion version = TrailDocuments.version(document);
            boolean finished =
                    last
                            ? version.deleted() && version.number() <= belowNumber
                            : version.number() < belowNumber;
            if (finished) {
                tx.delete(document);
                changed = true;
            }
        }
        if (changed) {
            countChange(tx);
        }
    }

    private static Snapshot read(Transaction tx) throws CatalogException {
        Map<String, List<TrailVersion>> versions = new LinkedHashMap<>();
        for (Document document : all(tx::list, VERSION, "")) {
            String id = document.key().substring(0, document.key().indexOf('/'));
            versions.computeIfAbsent(id, _ -> new ArrayList<>())
                    .add(TrailDocuments.version(document));
        }
        List<TrailCourse> courses = new ArrayList<>();
        versions.forEach((id, list) -> courses.add(new TrailCourse(id, list)));
        List<Feed> feeds = new ArrayList<>();
        for (Document document : all(tx::list, FEED, "")) {
            feeds.add(TrailDocuments.feed(document));
        }
        return new Snapshot(counters(tx).generation(), courses, feeds);
    }

    // What the API needs.

    /// The trail of that account, home region and name.
    public Optional<TrailState> find(String account, String homeRegion, String name)
            throws CatalogException {
        return state(catalog.get(STATE, key(account, homeRegion, name)));
    }

    /// The trail of that account, home region and name, as the transaction sees it.
    public Optional<TrailState> find(Transaction tx, String account, String homeRegion, String name)
            throws CatalogException {
        return state(tx.get(STATE, key(account, homeRegion, name)));
    }

    private static Optional<TrailState> state(Optional<Document> document) throws CatalogException {
        return document.isEmpty()
                ? Optional.empty()
                : Optional.of(TrailDocuments.state(document.get()));
    }

    /// All trails of an account, in order of home region, then name.
    public List<TrailState> of(String account) throws CatalogException {
        return states(account, catalog::list);
    }

    /// As [#of(String)], as a transaction sees them.
    public List<TrailState> of(Transaction tx, String account) throws CatalogException {
        return states(account, tx::list);
    }

    /// Makes a trail. It does not log yet.
    ///
    /// @throws Failure TRAIL_ALREADY_EXISTS, MAXIMUM_NUMBER_OF_TRAILS_EXCEEDED, TAGS_LIMIT_EXCEEDED
    public TrailState create(Transaction tx, Trail trail, Map<String, String> tags, Instant now)
            throws CatalogException {
        if (tx.get(STATE, key(trail)).isPresent()) {
            throw new Failure(
                    ErrorCode.TRAIL_ALREADY_EXISTS,
                    "Trail %s already exists for customer: %s"
                            .formatted(trail.name(), trail.account()));
        }
        checkLimit(tx, trail);
        Counters counters = counters(tx);
        String id = "trail-%010d".formatted(counters.trails() + 1);
        write(tx, new Counters(counters.trails() + 1, counters.generation() + 1));
        TrailState state =
                new TrailState(
                        id,
                        trail,
                        Selectors.DEFAULT,
                        Set.of(),
                        false,
                        now,
                        null,
                        null,
                        checked(new TreeMap<>(tags)));
        tx.create(STATE, key(trail), TrailDocuments.json(state));
        add(tx, state, null, false, now);
        return state;
    }

    /// Gives a trail other settings. Account, name and home region stay.
    ///
    /// @throws Failure TRAIL_NOT_FOUND, MAXIMUM_NUMBER_OF_TRAILS_EXCEEDED, CONFLICT
    public TrailState update(Transaction tx, Trail trail, Instant now) throws CatalogException {
        TrailState old = expect(tx, trail);
        if (trail.multiRegion() && !old.trail().multiRegion()) {
            checkLimit(tx, trail);
        }
        return change(
                tx,
                new TrailState(
                        old.id(),
                        trail,
                        old.selectors(),
                        old.templates(),
                        old.logging(),
                        old.created(),
                        old.started(),
                        old.stopped(),
                        old.tags()),
                now);
    }

    /// Gives a trail other selectors.
    ///
    /// @throws Failure TRAIL_NOT_FOUND, CONFLICT
    public TrailState select(Transaction tx, Trail trail, Selectors selectors, Instant now)
            throws CatalogException {
        TrailState old = expect(tx, trail);
        return change(
                tx,
                new TrailState(
                        old.id(),
                        old.trail(),
                        selectors,
                        old.templates(),
                        old.logging(),
                        old.created(),
                        old.started(),
                        old.stopped(),
                        old.tags()),
                now);
    }

    /// Has a trail's data events summed up in other ways; does nothing when it is so already.
    ///
    /// @param templates none for not at all
    /// @throws Failure TRAIL_NOT_FOUND, CONFLICT
    public TrailState aggregate(Transaction tx, Trail trail, Set<Template> templates, Instant now)
            throws CatalogException {
        TrailState old = expect(tx, trail);
        if (old.templates().equals(templates)) {
            return old;
        }
        return change(
                tx,
                new TrailState(
                        old.id(),
                        old.trail(),
                        old.selectors(),
                        templates,
                        old.logging(),
                        old.created(),
                        old.started(),
                        old.stopped(),
                        old.tags()),
                now);
    }

    /// Turns logging on or off; does nothing when it is so already.
    ///
    /// @throws Failure TRAIL_NOT_FOUND, CONFLICT
    public TrailState log(Transaction tx, Trail trail, boolean logging, Instant now)
            throws CatalogException {
        TrailState old = expect(tx, trail);
        if (old.logging() == logging) {
            return old;
        }
        return change(
                tx,
                new TrailState(
                        old.id(),
                        old.trail(),
                        old.selectors(),
                        old.templates(),
                        logging,
                        old.created(),
                        logging ? now : old.started(),
                        logging ? old.stopped() : now,
                        old.tags()),
                now);
    }

    /// Gives a trail other tags, which changes nothing about what it takes.
    ///
    /// @throws Failure TRAIL_NOT_FOUND, TAGS_LIMIT_EXCEEDED
    public TrailState tag(Transaction tx, Trail trail, Map<String, String> tags)
            throws CatalogException {
        Document document = expectDocument(tx, trail);
        TrailState old = TrailDocuments.state(document);
        TrailState state =
                new TrailState(
                        old.id(),
                        old.trail(),
                        old.selectors(),
                        old.templates(),
                        old.logging(),
                        old.created(),
                        old.started(),
                        old.stopped(),
                        checked(new TreeMap<>(tags)));
        tx.replace(document, TrailDocuments.json(state));
        return state;
    }

    /// Deletes a trail. What its logging spans cover is still delivered.
    ///
    /// @throws Failure TRAIL_NOT_FOUND, CONFLICT
    public void delete(Transaction tx, Trail trail, Instant now) throws CatalogException {
        Document document = expectDocument(tx, trail);
        TrailState state = TrailDocuments.state(document);
        tx.delete(document);
        countChange(tx);
        add(tx, stopped(state), last(tx, state.id()), true, now);
    }

    private static TrailState stopped(TrailState state) {
        return new TrailState(
                state.id(),
                state.trail(),
                state.selectors(),
                state.templates(),
                false,
                state.created(),
                state.started(),
                state.stopped(),
                state.tags());
    }

    private TrailState change(Transaction tx, TrailState state, Instant now)
            throws CatalogException {
        tx.replace(expectDocument(tx, state.trail()), TrailDocuments.json(state));
        countChange(tx);
        add(tx, state, last(tx, state.id()), false, now);
        return state;
    }

    /// Adds a version. Its predecessor goes where it held for no position; and where neither of
    /// them logs, the new one holds in its place.
    private void add(
            Transaction tx,
            TrailState state,
            @Nullable Document lastDocument,
            boolean deleted,
            Instant now)
            throws CatalogException {
        List<Long> from = ends();
        int number = 1;
        if (lastDocument != null) {
            TrailVersion last = TrailDocuments.version(lastDocument);
            number = last.number() + 1;
            if (!last.logging() && !state.logging()) {
                from = last.from();
            }
            if (last.from().equals(from)) {
                tx.delete(lastDocument);
            }
        }
        TrailVersion version =
                new TrailVersion(
                        number,
                        state.trail(),
                        state.selectors(),
                        state.templates(),
                        state.logging(),
                        deleted,
                        now,
                        from);
        tx.create(VERSION, key(state.id(), number), TrailDocuments.json(version));
        feed(tx, state.id(), version);
    }

    private static String key(String id, int number) {
        return "%s/%010d".formatted(id, number);
    }

    /// Ends the feed of the version before, and begins that of the new one. Feeds of which the
    /// ledger has nothing any more go.
    private void feed(Transaction tx, String id, TrailVersion version) throws CatalogException {
        for (Document document : all(tx::list, FEED, "")) {
            Feed feed = TrailDocuments.feed(document);
            List<Long> to =
                    feed.id().equals(id) && feed.to().getFirst() == Long.MAX_VALUE
                            ? version.from()
                            : feed.to();
            if (feed.version().from().equals(to) || released(to)) {
                tx.delete(document);
            } else if (!feed.to().equals(to)) {
                tx.replace(document, TrailDocuments.json(new Feed(id, feed.version(), to)));
            }
        }
        if (version.logging() && version.trail().logs() != null) {
            List<Long> open = Collections.nCopies(version.from().size(), Long.MAX_VALUE);
            tx.create(
                    FEED,
                    key(id, version.number()),
                    TrailDocuments.json(new Feed(id, version, open)));
        }
    }

    private boolean released(List<Long> to) {
        for (int partition = 0; partition < to.size(); partition++) {
            if (to.get(partition) > ledger.span(partition).first()) {
                return false;
            }
        }
        return true;
    }

    private List<Long> ends() {
        List<Long> ends = new ArrayList<>();
        for (int partition = 0; partition < ledger.partitions(); partition++) {
            ends.add(ledger.span(partition).end());
        }
        return ends;
    }

    /// @throws Failure CONFLICT when delivery is too many versions behind
    private static Document last(Transaction tx, String id) throws CatalogException {
        List<Document> versions = tx.list(VERSION, id + "/", "", VERSIONS_MAX);
        if (versions.size() == VERSIONS_MAX) {
            throw new Failure(
                    ErrorCode.CONFLICT,
                    "The trail was changed %d times while deliveries were pending. Try again when they have caught up."
                            .formatted(VERSIONS_MAX));
        }
        if (versions.isEmpty()) {
            throw new CatalogException(
                    CatalogException.Kind.CORRUPT,
                    "expected a version of %s, which a trail names".formatted(id));
        }
        return versions.getLast();
    }

    /// Shadow trails count in each region.
    /// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html
    private void checkLimit(Transaction tx, Trail added) throws CatalogException {
        List<Trail> others =
                states(added.account(), tx::list).stream()
                        .map(TrailState::trail)
                        .filter(trail -> !trail.arn().equals(added.arn()))
                        .toList();
        List<String> regions = new ArrayList<>(List.of(added.homeRegion()));
        if (added.multiRegion()) {
            others.forEach(trail -> regions.add(trail.homeRegion()));
        }
        for (String region : regions) {
            long count = others.stream().filter(trail -> trail.isIn(region)).count();
            if (count >= limitPerRegion) {
                throw new Failure(
                        ErrorCode.MAXIMUM_NUMBER_OF_TRAILS_EXCEEDED,
                        "User: %s already has %d trails in %s."
                                .formatted(added.account(), count, region));
            }
        }
    }

    private static List<TrailState> states(String account, Listing listing)
            throws CatalogException {
        List<TrailState> states = new ArrayList<>();
        for (Document document : all(listing, STATE, within(account))) {
            states.add(TrailDocuments.state(document));
        }
        return List.copyOf(states);
    }

    private static List<Document> all(Listing listing, String kind, String prefix)
            throws CatalogException {
        List<Document> all = new ArrayList<>();
        String after = "";
        List<Document> page;
        do {
            page = listing.list(kind, prefix, after, Catalog.LIMIT_MAX);
            all.addAll(page);
            after = page.isEmpty() ? after : page.getLast().key();
        } while (page.size() == Catalog.LIMIT_MAX);
        return all;
    }

    private interface Listing {
        List<Document> list(String kind, String keyPrefix, String after, int limit)
                throws CatalogException;
    }

    private static Map<String, String> checked(Map<String, String> tags) {
        if (tags.size() > TAGS_MAX) {
            throw new Failure(
                    ErrorCode.TAGS_LIMIT_EXCEEDED,
                    "Expected at most %d tags, got %d.".formatted(TAGS_MAX, tags.size()));
        }
        return tags;
    }

    private static TrailState expect(Transaction tx, Trail trail) throws CatalogException {
        return TrailDocuments.state(expectDocument(tx, trail));
    }

    private static Document expectDocument(Transaction tx, Trail trail) throws CatalogException {
        return tx.get(STATE, key(trail))
                .orElseThrow(() ->
                        new Failure(
                                ErrorCode.TRAIL_NOT_FOUND,
                                "Unknown trail: %s for the user: %s"
                                        .formatted(trail.name(), trail.account())));
    }

    private static String key(Trail trail) {
        return key(trail.account(), trail.homeRegion(), trail.name());
    }

    private static String key(String account, String homeRegion, String name) {
        return within(account) + homeRegion + "/" + name;
    }

    /// The account's length comes first, so that no account's trails stand among another's,
    /// whatever characters an imported account has.
    private static String within(String account) {
        return account.length() + ":" + account + "/";
    }

    // Counters.

    /// @param trails how many were ever made
    private record Counters(long trails, long generation) {
        static Counters of(Document document) throws CatalogException {
            Fields fields = Fields.of(document);
            return new Counters(
                    Long.parseLong(fields.text("trails")),
                    Long.parseLong(fields.text("generation")));
        }
    }

    private static Counters counters(Transaction tx) throws CatalogException {
        Optional<Document> document = tx.get(COUNTERS, COUNTERS_KEY);
        return document.isEmpty() ? new Counters(0, 0) : Counters.of(document.get());
    }

    private static void countChange(Transaction tx) throws CatalogException {
        Counters counters = counters(tx);
        write(tx, new Counters(counters.trails(), counters.generation() + 1));
    }

    private static void write(Transaction tx, Counters counters) throws CatalogException {
        String json =
                Fields.none()
                        .with("trails", Long.toString(counters.trails()))
                        .with("generation", Long.toString(counters.generation()))
                        .json();
        Optional<Document> document = tx.get(COUNTERS, COUNTERS_KEY);
        if (document.isEmpty()) {
            tx.create(COUNTERS, COUNTERS_KEY, json);
        } else {
            tx.replace(document.get(), json);
        }
    }
}
