package dev.cairn.log;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.metric.Datum;
import dev.cairn.metric.Metrics;
import dev.cairn.trail.Trails;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// The reader that asks the metric filters of log groups about what trails put into them.
///
/// **Why nothing is counted twice, or not at all.** One transaction of the catalog moves the
/// positions and adds what was counted up to them. Before it nothing is written, and the same
/// events are read again; a change of a trail, or of a group that was met or its filters, that came
/// in between is seen by it, and what was counted is forgotten. The next step then is half as long,
/// so that one comes through however often somebody changes something.
///
/// An event is *delivered* when it is a message of some group that is there, whether a filter takes
/// it or not. One that is longer than messages may be is set aside. Filters are asked as they are
/// when the reader comes to an event, within a second of its recording unless it is behind. One
/// thread at a time may step.
///
/// Documents: `alerting` under `state`, and `alerting-aside` in the order in which events were set
/// aside, of which the newest [#ASIDES_MAX] stay.
public final class FilterReader {
    /// How many of what was set aside are named.
    static final int ASIDES_MAX = 1_000;

    private static final String KIND = "alerting";
    private static final String KEY = "state";
    private static final String ASIDE = "alerting-aside";
    private static final int SLICE_ITEMS = 2_000;
    private static final long SLICE_BYTES = 1L << 20;
    private static final long STEP_BYTES = 8L << 20;
    private static final long STEP_BYTES_MIN = 64L << 10;

    /// The generation of a group that is not there.
    private static final long NOWHERE = -1;

    private final Ledger ledger;
    private final Catalog catalog;
    private final Trails trails;
    private final LogGroups groups;
    private final Metrics metrics;
    private final GiveUp giveUp;

    /// The groups met since some group was changed, by ARN.
    private final Map<String, Met> met = new HashMap<>();

    /// Those met before that.
    private final Map<String, Met> metBefore = new HashMap<>();

    /// That of all groups.
    private long generation = -1;

    private long stepBytes = STEP_BYTES;

    /// A group as it was met.
    ///
    /// @param generation the group's
    /// @param filters empty when it is not there
    private record Met(long generation, Optional<GroupFilters> filters) {}

    /// Decides what a reader that is too far behind gives up (`reader.pending-max`).
    @FunctionalInterface
    public interface GiveUp {
        /// @param cursor the next offset to take
        /// @return the offset to go on from; what lies between is set aside as given up
        long from(int partition, long cursor, Ledger.Span span);
    }

    /// What to do about events that the disk does not give back at the moment.
    public enum Unreadable {
        /// Fail: they may come back.
        WAIT,
        /// Set them aside.
        SET_ASIDE
    }

    /// What a step came to.
    public enum Step {
        /// Everything is counted.
        IDLE,
        /// Something was recorded that no trail puts into a group, and was passed.
        PASSED,
        /// There may be more.
        MORE
    }

    /// Where it stands.
    ///
    /// @param cursors by partition, the first offset not dealt with
    /// @param delivered events that are messages of a group
    /// @param filtered events that are not
    /// @param setAside events that it could not take
    /// @param asides how often something was set aside
    /// @param uncounted values that filters found and no metric took, because there are as many
    ///   metrics as an account may have, or they are too old
    public record State(
            List<Long> cursors,
            long delivered,
            long filtered,
            long setAside,
            long asides,
            long uncounted) {
        public State {
            cursors = List.copyOf(cursors);
        }

        /// How many positions it has dealt with.
        public long taken() {
            return cursors.stream().mapToLong(Long::longValue).sum();
        }

        String json() {
            return Fields.none()
                    .with(
                            "cursors",
                            cursors.stream().map(String::valueOf).collect(Collectors.joining(",")))
                    .with("delivered", Long.toString(delivered))
                    .with("filtered", Long.toString(filtered))
                    .with("setAside", Long.toString(setAside))
                    .with("asides", Long.toString(asides))
                    .with("uncounted", Long.toString(uncounted))
                    .json();
        }

        static State of(Document document) throws CatalogException {
            Fields fields = Fields.of(document);
            return new State(
                    Arrays.stream(fields.text("cursors").split(",", -1))
                            .map(Long::valueOf)
                            .toList(),
                    Long.parseLong(fields.text("delivered")),
                    Long.parseLong(fields.text("filtered")),
                    Long.parseLong(fields.text("setAside")),
                    Long.parseLong(fields.text("asides")),
                    Long.parseLong(fields.text("uncounted")));
        }
    }

    /// Events that could not be taken (invariant I9).
    ///
    /// @param position of the first of them
    public record Aside(String position, long count, String reason) {}

    public FilterReader(
            Ledger ledger,
            Catalog catalog,
            Trails trails,
            LogGroups groups,
            Metrics metrics,
            GiveUp giveUp) {
        this.ledger = ledger;
        this.catalog = catalog;
        this.trails = trails;
        this.groups = groups;
        this.metrics = metrics;
        this.giveUp = giveUp;
    }

    /// Where the reader of a catalog stands; empty before its first step.
    public static Optional<State> state(Catalog catalog) throws CatalogException {
        Optional<Document> document = catalog.get(KIND, KEY);
        return document.isEmpty() ? Optional.empty() : Optional.of(State.of(document.get()));
    }

    /// The first offset of a partition that it still needs; `Long.MAX_VALUE` before its first step,
    /// when there was no group yet to count for.
    public static long lowest(Catalog catalog, int partition) throws CatalogException {
        return state(catalog).map(state -> state.cursors().get(partition)).orElse(Long.MAX_VALUE);
    }

    /// What it set aside, the newest last.
    ///
    /// @param limit at most this many, 1 to [Catalog#LIMIT_MAX]
    public static List<Aside> setAside(Catalog catalog, int limit) throws CatalogException {
        List<Aside> list = new ArrayList<>();
        for (Document document : catalog.list(ASIDE, "", "", limit)) {
            Fields fields = Fields.of(document);
            list.add(
                    new Aside(
                            fields.text("position"),
                            Long.parseLong(fields.text("count")),
                            fields.text("reason")));
        }
        return list;
    }

    /// Goes one step on.
    ///
    /// @throws LedgerException when events cannot be read now
    /// @throws CatalogException when the catalog does not answer; what it says then holds
    public Step step(Instant now, Unreadable unreadable) throws LedgerException, CatalogException {
        // Before the trails: a change that is not seen holds from these ends or later.
        List<Ledger.Span> spans = spans();
        Trails.Snapshot snapshot = trails.current();
        long groupsNow = groups.generation();
        Optional<Document> document = catalog.get(KIND, KEY);
        if (document.isEmpty()) {
            begin(spans);
            return Step.MORE;
        }
        State state = State.of(document.get());
        if (state.cursors().equals(spans.stream().map(Ledger.Span::end).toList())) {
            return Step.IDLE;
        }
        if (groupsNow != generation) {
            metBefore.clear();
            metBefore.putAll(met);
            met.clear();
            generation = groupsNow;
        }
        Count count = new Count(snapshot);
        boolean asked =
                snapshot.feeds().stream().anyMatch(feed -> isAhead(feed.to(), state.cursors()));
        for (int partition = 0; partition < spans.size(); partition++) {
            long cursor = state.cursors().get(partition);
            if (asked) {
                read(count, partition, cursor, spans.get(partition), unreadable);
            } else {
                count.pass(cursor, spans.get(partition).end());
            }
        }
        boolean kept = catalog.write(tx -> keep(tx, document.get(), state, count, now));
        stepBytes =
                kept
                        ? Math.min(STEP_BYTES, stepBytes * 2)
                        : Math.max(STEP_BYTES_MIN, stepBytes / 2);
        return !kept || count.more ? Step.MORE : asked ? Step.IDLE : Step.PASSED;
    }

    private List<Ledger.Span> spans() {
        List<Ledger.Span> spans = new ArrayList<>();
        for (int partition = 0; partition < ledger.partitions(); partition++) {
            spans.add(ledger.span(partition));
        }
        return spans;
    }

    /// What was recorded before there was a reader was recorded before there was a group to count
    /// for.
    private void begin(List<Ledger.Span> spans) throws CatalogException {
        List<Long> ends = spans.stream().map(Ledger.Span::end).toList();
        long all = ends.stream().mapToLong(Long::longValue).sum();
        catalog.<Boolean, RuntimeException>write(tx -> {
            tx.create(KIND, KEY, new State(ends, 0, all, 0, 0, 0).json());
            return true;
        });
    }

    private static boolean isAhead(List<Long> to, List<Long> cursors) {
        for (int partition = 0; partition < to.size(); partition++) {
            if (to.get(partition) > cursors.get(partition)) {
                return true;
            }
        }
        return false;
    }

    private void read(
            Count count, int partition, long cursor, Ledger.Span span, Unreadable unreadable)
            throws LedgerException, CatalogException {
        long next = Math.max(cursor, span.first());
        if (next > cursor) {
            count.setAside(
                    new Position(partition, cursor),
                    next - cursor,
                    "released by the ledger before filters were asked");
        }
        long from = giveUp.from(partition, next, span);
        if (from > next) {
            count.setAside(
                    new Position(partition, next),
                    from - next,
                    "given up: pending for longer than reader.pending-max allows");
            next = from;
        }
        long bytes = 0;
        int full = count.counts.size() + Counts.MAX / ledger.partitions();
        while (next < span.end()
                && bytes < stepBytes / ledger.partitions()
                && count.counts.size() < full) {
            Slice slice = slice(new Position(partition, next), unreadable);
            next = slice.next();
            for (Slice.Item item : slice.items()) {
                switch (item) {
                    case Slice.Held held -> {
                        bytes += held.entry().json().length;
                        count.take(held);
                        if (count.counts.size() >= full) {
                            next = held.position().offset() + 1;
                        }
                    }
                    case Slice.Lost lost ->
                            count.setAside(lost.first(), lost.count(), lost.reason());
                }
                if (count.counts.size() >= full) {
                    break;
                }
            }
        }
        count.to.add(next);
        count.more |= next < span.end();
    }

    private Slice slice(Position from, Unreadable unreadable) throws LedgerException {
        try {
            return ledger.read(from, SLICE_ITEMS, Math.min(SLICE_BYTES, stepBytes));
        } catch (LedgerException failure) {
            Slice.Lost lost = failure.unreadable();
            if (lost == null || unreadable == Unreadable.WAIT) {
                throw failure;
            }
            return new Slice(from.partition(), List.of(lost), from.offset() + lost.count());
        }
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
                known =
                        new Met(
                                group.get().generation(),
                                Optional.of(
                                        new GroupFilters(groups.filters().of(group.get().name()))));
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

    private boolean keep(Transaction tx, Document document, State state, Count count, Instant now)
            throws CatalogException {
        if (!trails.unchanged(tx, count.snapshot) || !areUnchanged(tx, count.generations)) {
            return false;
        }
        long asides = state.asides();
        for (Aside aside : count.asides) {
            asides++;
            tx.create(
                    ASIDE,
                    number(asides),
                    Fields.none()
                            .with("position", aside.position())
                            .with("count", Long.toString(aside.count()))
                            .with("reason", aside.reason())
                            .json());
            Optional<Document> oldest =
                    asides <= ASIDES_MAX
                            ? Optional.empty()
                            : tx.get(ASIDE, number(asides - ASIDES_MAX));
            if (oldest.isPresent()) {
                tx.delete(oldest.get());
            }
        }
        List<Datum> left =
                count.counts.size() == 0 ? List.of() : metrics.add(tx, count.counts.data(), now);
        tx.replace(
                document,
                new State(
                                count.to,
                                state.delivered() + count.delivered,
                                state.filtered() + count.filtered,
                                state.setAside() + count.setAside,
                                asides,
                                state.uncounted() + Counts.values(left))
                        .json());
        for (Map.Entry<LogGroupName, LogStream.Span> one : count.spans.entrySet()) {
            groups.streams()
                    .wrote(tx, one.getKey(), GroupEvents.stream(one.getKey()), one.getValue());
        }
        return true;
    }

    private static String number(long aside) {
        return "%019d".formatted(aside);
    }

    /// What was read in one step, and what it came to.
    private final class Count {
        private final Trails.Snapshot snapshot;
        private final List<Long> to = new ArrayList<>();
        private final List<Aside> asides = new ArrayList<>();
        private final Map<LogGroupName, LogStream.Span> spans = new LinkedHashMap<>();

        /// Of the groups met, those not there too.
        private final Map<LogGroupName, Long> generations = new HashMap<>();

        private final Counts counts = new Counts();

        private boolean more;
        private long delivered;
        private long filtered;
        private long setAside;

        Count(Trails.Snapshot snapshot) {
            this.snapshot = snapshot;
        }

        void pass(long from, long end) {
            filtered += end - from;
            to.add(end);
        }

        void setAside(Position position, long count, String reason) {
            setAside += count;
            asides.add(new Aside(position.toString(), count, reason));
        }

        void take(Slice.Held held) throws CatalogException {
            FeedDecision decision = FeedDecision.of(snapshot.feeds(), held);
            byte[] json = held.entry().json();
            if (!decision.reason().isEmpty()) {
                setAside(held.position(), 1, decision.reason());
            } else if (decision.groups().isEmpty()) {
                filtered++;
            } else if (json.length > LogEvent.BYTES_MAX) {
                setAside(
                        held.position(),
                        1,
                        "%d bytes, where a message of a log group has at most %d"
                                .formatted(json.length, LogEvent.BYTES_MAX));
            } else if (put(held, decision)) {
                delivered++;
            } else {
                filtered++;
            }
        }

        /// @return false when none of the groups is there
        private boolean put(Slice.Held held, FeedDecision decision) throws CatalogException {
            boolean put = false;
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
                    met.filters().get().count(json, time, counts::add);
                }
            }
            return put;
        }
    }
}
