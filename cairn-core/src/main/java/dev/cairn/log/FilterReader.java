package dev.cairn.log;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Slice;
import dev.cairn.metric.Datum;
import dev.cairn.metric.Metrics;
import dev.cairn.reader.Asides;
import dev.cairn.reader.Asides.Aside;
import dev.cairn.reader.LedgerWalk;
import dev.cairn.reader.Standing;
import dev.cairn.reader.StandingDocument;
import dev.cairn.reader.Step;
import dev.cairn.reader.Taker;
import dev.cairn.reader.Unreadable;
import dev.cairn.trail.Trails;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The reader that asks the metric and subscription filters of log groups about what trails put
/// into them.
///
/// **Why nothing is counted twice, or not at all.** One transaction of the catalog moves the
/// positions and adds what was counted and passed on up to them. Before it nothing is written, and
/// the same events are read again; a change of a trail, or of a group that was met or its filters,
/// that came in between is seen by it, and what was counted is forgotten. The next step then is
/// half as long, so that one comes through however often somebody changes something.
///
/// An event is *delivered* when it is a message of some group that is there, whether a filter takes
/// it or not. One that is longer than messages may be is set aside. Filters are asked as they are
/// when the reader comes to an event, within a second of its recording unless it is behind. One
/// thread at a time may step.
///
/// Documents: `alerting` under `state`, and `alerting-aside` ([Asides]).
public final class FilterReader {
    private static final StandingDocument STANDING = new StandingDocument("alerting");
    private static final String UNCOUNTED = "uncounted";
    private static final Asides ASIDES = new Asides("alerting-aside");

    /// So many characters that are passed on are as much as a value that is counted.
    private static final long PASSED_CHARS = 1_024;

    /// The generation of a group that is not there.
    private static final long NOWHERE = -1;

    private final LedgerWalk walk;
    private final Catalog catalog;
    private final Trails trails;
    private final LogGroups groups;
    private final Metrics metrics;
    private final Subscribers subscribers;
    private final QuietMinutes quiet;

    /// The minute up to which default values were counted.
    private long settled;

    /// The groups met since some group was changed, by ARN.
    private final Map<String, Met> met = new HashMap<>();

    /// Those met before that.
    private final Map<String, Met> metBefore = new HashMap<>();

    /// That of all groups.
    private long generation = -1;

    /// A group as it was met.
    ///
    /// @param generation the group's
    /// @param filters empty when it is not there
    private record Met(long generation, Optional<Filters> filters) {}

    /// What a group's messages are asked.
    private record Filters(GroupFilters counting, GroupSubscriptions passing) {}

    public FilterReader(
            Ledger ledger,
            Catalog catalog,
            Trails trails,
            LogGroups groups,
            Metrics metrics,
            Subscribers subscribers,
            LedgerWalk.GiveUp giveUp) {
        this.walk = new LedgerWalk(ledger, giveUp);
        this.catalog = catalog;
        this.trails = trails;
        this.groups = groups;
        this.metrics = metrics;
        this.subscribers = subscribers;
        this.quiet = new QuietMinutes(catalog, groups, metrics);
    }

    /// Where the reader of a catalog stands; empty before its first step.
    public static Optional<Standing> standing(Catalog catalog) throws CatalogException {
        return STANDING.standing(catalog);
    }

    /// How many values filters found and no metric took, because there are as many metrics as an
    /// account may have, or they are too old.
    public static long uncounted(Catalog catalog) throws CatalogException {
        Optional<Document> document = STANDING.find(catalog);
        return document.isEmpty() ? 0 : Long.parseLong(Fields.of(document.get()).text(UNCOUNTED));
    }

    /// The first offset of a partition that it still needs; `Long.MAX_VALUE` before its first step,
    /// when there was no group yet to count for.
    public static long lowest(Catalog catalog, int partition) throws CatalogException {
        return STANDING.lowest(catalog, partition);
    }

    /// What it set aside, the newest last.
    ///
    /// @param limit at most this many, 1 to [Catalog#LIMIT_MAX]
    public static List<Aside> setAside(Catalog catalog, int limit) throws CatalogException {
        return ASIDES.list(catalog, limit);
    }

    /// Goes one step on.
    ///
    /// @throws LedgerException when events cannot be read now
    /// @throws CatalogException when the catalog does not answer; what it says then holds
    public Step step(Instant now, Unreadable unreadable) throws LedgerException, CatalogException {
        // Before the trails: a change that is not seen holds from these ends or later.
        List<Ledger.Span> spans = walk.spans();
        Trails.Snapshot snapshot = trails.current();
        long groupsNow = groups.generation();
        Optional<Document> document = STANDING.find(catalog);
        if (document.isEmpty()) {
            // What was recorded before there was a reader was recorded before there was a group to
            // count for.
            STANDING.begin(catalog, Standing.beginning(spans).fields().with(UNCOUNTED, "0"));
            return Step.MORE;
        }
        Standing standing = Standing.of(Fields.of(document.get()));
        if (standing.isAt(spans)) {
            settle(now);
            return Step.IDLE;
        }
        if (groupsNow != generation) {
            metBefore.clear();
            metBefore.putAll(met);
            met.clear();
            generation = groupsNow;
        }
        Count count = new Count(snapshot);
        if (snapshot.feeds().stream().anyMatch(feed -> isAhead(feed.to(), standing.cursors()))) {
            walk.walk(standing, spans, unreadable, count);
        } else {
            walk.pass(standing, spans, count);
        }
        count.pack();
        if (!count.parcels.isEmpty()) {
            subscribers.prepare(now);
        }
        boolean kept = catalog.write(tx -> keep(tx, document.get(), standing, count, now));
        Step step = walk.ended(count, kept);
        if (step != Step.MORE) {
            settle(now);
        }
        return step;
    }

    /// Counts default values once a minute, when what was recorded until then is counted.
    private void settle(Instant now) throws CatalogException {
        long until = QuietMinutes.until(now);
        if (until > settled) {
            quiet.settle(now);
            settled = until;
        }
    }

    private static boolean isAhead(List<Long> to, List<Long> cursors) {
        for (int partition = 0; partition < to.size(); partition++) {
            if (to.get(partition) > cursors.get(partition)) {
                return true;
            }
        }
        return false;
    }

    /// A group, with its filters ready to ask; they are read again when they were changed.
    private Met met(String arn) throws CatalogException {
        Met known = met.get(arn);
        if (known == null) {
            Optional<LogGroupName> name = LogGroupName.ofArn(arn);
            Optional<LogGroup> group =
                    name.isPresent() ? groups.find(name.get()) : Optional.empty();
            Met before = metBefore.get(arn);
            if (group.isEmpty()) {
                known = new Met(NOWHERE, Optional.empty());
            } else if (before != null && before.generation() == group.get().generation()) {
                known = before;
            } else {
                LogGroupName there = group.get().name();
                known =
                        new Met(
                                group.get().generation(),
                                Optional.of(
                                        new Filters(
                                                new GroupFilters(groups.filters().of(there)),
                                                new GroupSubscriptions(
                                                        groups.subscriptions().of(there)))));
            }
            met.put(arn, known);
        }
        return known;
    }

    /// Whether groups still are as they were met.
    private boolean areUnchanged(Transaction tx, Map<LogGroupName, Long> generations)
            throws CatalogException {
        for (Map.Entry<LogGroupName, Long> one : generations.entrySet()) {
            long now = groups.find(tx, one.getKey()).map(LogGroup::generation).orElse(NOWHERE);
            if (now != one.getValue()) {
                return false;
            }
        }
        return true;
    }

    private boolean keep(
            Transaction tx, Document document, Standing standing, Count count, Instant now)
            throws CatalogException {
        if (!trails.unchanged(tx, count.snapshot) || !areUnchanged(tx, count.generations)) {
            return false;
        }
        long asides = ASIDES.add(tx, standing.asides(), count.asides());
        List<Datum> left =
                count.counts.size() == 0 ? List.of() : metrics.add(tx, count.counts.data(), now);
        long uncounted = Long.parseLong(Fields.of(document).text(UNCOUNTED)) + Counts.values(left);
        tx.replace(
                document,
                standing.after(count, asides)
                        .fields()
                        .with(UNCOUNTED, Long.toString(uncounted))
                        .json());
        for (Map.Entry<LogGroupName, LogStream.Span> one : count.spans.entrySet()) {
            groups.streams()
                    .wrote(tx, one.getKey(), GroupEvents.stream(one.getKey()), one.getValue());
        }
        for (Map.Entry<LogGroupName, Map<Long, Set<String>>> one : count.came.entrySet()) {
            quiet.came(tx, one.getKey(), one.getValue(), now);
        }
        for (Subscribers.Parcel parcel : count.parcels) {
            subscribers.pass(tx, parcel, now);
        }
        return true;
    }

    /// What was read in one step, and what it came to.
    private final class Count extends Taker {
        private final Trails.Snapshot snapshot;
        private final Map<LogGroupName, LogStream.Span> spans = new LinkedHashMap<>();

        /// Of the groups met, those not there too.
        private final Map<LogGroupName, Long> generations = new HashMap<>();

        private final Counts counts = new Counts();

        /// Of groups with default values, by minute the filters with one that took something.
        private final Map<LogGroupName, Map<Long, Set<String>>> came = new LinkedHashMap<>();

        /// What subscription filters took.
        private final Map<SubscriptionFilter, List<LogEvent>> passed = new LinkedHashMap<>();

        /// Of these, in characters; what a topic passes on to many counts for more.
        private long passing;

        private final List<Subscribers.Parcel> parcels = new ArrayList<>();

        Count(Trails.Snapshot snapshot) {
            this.snapshot = snapshot;
        }

        @Override
        protected long made() {
            return counts.size() + passing / PASSED_CHARS;
        }

        @Override
        protected long madeMax() {
            return Counts.MAX;
        }

        @Override
        protected void take(Slice.Held held) throws CatalogException {
            FeedDecision decision = FeedDecision.of(snapshot.feeds(), held);
            byte[] json = held.entry().json();
            if (!decision.reason().isEmpty()) {
                setAside(held.position(), 1, decision.reason());
            } else if (decision.groups().isEmpty()) {
                filter();
            } else if (json.length > LogEvent.BYTES_MAX) {
                setAside(
                        held.position(),
                        1,
                        "%d bytes, where a message of a log group has at most %d"
                                .formatted(json.length, LogEvent.BYTES_MAX));
            } else if (put(held, decision)) {
                deliver();
            } else {
                filter();
            }
        }

        /// @return false when none of the groups is there
        private boolean put(Slice.Held held, FeedDecision decision) throws CatalogException {
            boolean put = false;
            String message = "";
            for (String arn : decision.groups()) {
                Met met = met(arn);
                Optional<LogGroupName> name = LogGroupName.ofArn(arn);
                name.ifPresent(group -> generations.put(group, met.generation()));
                if (met.filters().isPresent() && name.isPresent()) {
                    put = true;
                    Instant time = held.recordedAt();
                    byte[] json = held.entry().json();
                    spans.merge(
                            name.get(),
                            new LogStream.Span(time, time, time, json.length),
                            LogStream.Span::and);
                    count(met.filters().get().counting(), name.get(), json, time);
                    List<SubscriptionFilter> takes = met.filters().get().passing().taking(json);
                    if (!takes.isEmpty() && message.isEmpty()) {
                        message = LedgerLane.text(held);
                    }
                    for (SubscriptionFilter filter : takes) {
                        passing += (long) message.length() * filter.weight();
                        passed.computeIfAbsent(filter, _ -> new ArrayList<>())
                                .add(LedgerLane.event(filter.group(), held, message));
                    }
                }
            }
            return put;
        }

        private void count(GroupFilters filters, LogGroupName group, byte[] json, Instant time) {
            if (filters.haveDefaults()) {
                Set<String> took =
                        came.computeIfAbsent(group, _ -> new HashMap<>())
                                .computeIfAbsent(QuietMinutes.of(time), _ -> new HashSet<>());
                filters.count(json, time, counts::add, took::add);
            } else {
                filters.count(json, time, counts::add, _ -> {});
            }
        }

        void pack() {
            passed.forEach((filter, events) -> parcels.addAll(Subscribers.pack(filter, events)));
        }
    }
}
