package dev.cairn.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.catalog.CatalogException;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.LedgerTimes;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.trail.Feed;
import dev.cairn.trail.Trails;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What trails put into log groups: a view on the ledger, which alone has the events.
///
/// A group has a message for each event at a position that one of its feeds covers and whose
/// selectors take it, with the time at which it was recorded; from when the group was made, for as
/// long as its retention says and the ledger has the event. One of more than [LogEvent#BYTES_MAX]
/// is in no group. Where a page begins and ends is a list of offsets, one for each partition, so
/// that what is recorded meanwhile comes behind it. Any thread may read.
public final class FedEvents {
    /// How much of the ledger is read for one page: one that has found little by then ends there.
    static final long READ_BYTES_MAX = 16L << 20;

    private static final int SLICE_ITEMS = 256;
    private static final long SLICE_BYTES = 4L << 20;

    private final Ledger ledger;
    private final LedgerTimes times;
    private final Trails trails;

    public FedEvents(Ledger ledger, Trails trails) {
        this.ledger = ledger;
        this.times = new LedgerTimes(ledger);
        this.trails = trails;
    }

    /// Which way a page goes from where it begins. What is in it is in order of time either way.
    public enum Direction {
        FORWARD,
        BACKWARD
    }

    /// What is wanted.
    ///
    /// @param at the end of a page before, by partition; empty to begin at the first or last one
    /// @param since no earlier ones; null for all
    /// @param before none from this time on; null for all
    /// @param countMax at most so many, from 1
    /// @param bytesMax at most so many bytes of messages, but always one
    /// @param wanted which ones
    public record Question(
            Direction direction,
            Optional<List<Long>> at,
            @Nullable Instant since,
            @Nullable Instant before,
            int countMax,
            long bytesMax,
            Predicate<byte[]> wanted) {}

    /// A page.
    ///
    /// @param events in order of time
    /// @param from where it begins, by partition: a page backward from here comes before it
    /// @param to where it ends: a page forward from here comes behind it
    /// @param end whether nothing more is there in its direction, as of now
    public record Page(List<LogEvent> events, List<Long> from, List<Long> to, boolean end) {}

    /// The stream that a trail writes into, as CloudTrail names it.
    public static String stream(LogGroupName group) {
        return group.account() + "_CloudTrail_" + group.region();
    }

    /// How many offsets say where a page begins or ends.
    public int partitions() {
        return ledger.partitions();
    }

    /// Whether a trail feeds a group, or has.
    public boolean isFed(LogGroupName group) throws CatalogException {
        return !feeds(group).isEmpty();
    }

    private List<Feed> feeds(LogGroupName group) throws CatalogException {
        String arn = group.arn() + ":*";
        return trails.current().feeds().stream().filter(feed -> feed.group().equals(arn)).toList();
    }

    /// Reads a page.
    public Page page(LogGroup group, Question question, Instant now)
            throws CatalogException, LedgerException {
        List<Ledger.Span> spans = new ArrayList<>();
        for (int partition = 0; partition < ledger.partitions(); partition++) {
            spans.add(ledger.span(partition));
        }
        // Behind the ends: a change that is not seen covers nothing before them.
        List<Feed> feeds = feeds(group.name());
        Instant since = since(group, question.since(), now);
        Work work = new Work(group.name(), feeds, question.wanted());
        List<Lane> lanes = new ArrayList<>();
        for (int partition = 0; partition < spans.size(); partition++) {
            Ledger.Span span = spans.get(partition);
            long low =
                    feeds.isEmpty()
                            ? span.end()
                            : times.firstSince(partition, span.first(), span.end(), since);
            long high =
                    question.before() == null
                            ? span.end()
                            : times.firstSince(partition, low, span.end(), question.before());
            lanes.add(
                    question.direction() == Direction.FORWARD
                            ? new Forward(work, partition, at(question, partition, low), high)
                            : new Backward(work, partition, low, at(question, partition, high)));
        }
        return merged(lanes, question);
    }

    private static Instant since(LogGroup group, @Nullable Instant asked, Instant now) {
        Instant since = group.created();
        if (group.retentionDays().isPresent()) {
            Instant kept = now.minus(Duration.ofDays(group.retentionDays().get()));
            since = kept.isAfter(since) ? kept : since;
        }
        return asked != null && asked.isAfter(since) ? asked : since;
    }

    private static long at(Question question, int partition, long bound) {
        if (question.at().isEmpty()) {
            return bound;
        }
        long at = question.at().get().get(partition);
        return question.direction() == Direction.FORWARD
                ? Math.max(at, bound)
                : Math.min(at, bound);
    }

    private static Page merged(List<Lane> lanes, Question question) throws LedgerException {
        boolean forward = question.direction() == Direction.FORWARD;
        List<Long> start = lanes.stream().map(Lane::at).toList();
        Deque<LogEvent> events = new ArrayDeque<>();
        long bytes = 0;
        boolean end = false;
        while (events.size() < question.countMax()) {
            boolean spent = false;
            Lane next = null;
            for (Lane lane : lanes) {
                spent |= !lane.look();
                if (lane.head != null && (next == null || lane.isBefore(next))) {
                    next = lane;
                }
            }
            if (spent || next == null) {
                end = !spent;
                break;
            }
            LogEvent event = next.event();
            bytes += next.bytes();
            if (bytes > question.bytesMax() && !events.isEmpty()) {
                break;
            }
            if (forward) {
                events.addLast(event);
            } else {
                events.addFirst(event);
            }
            next.pass();
        }
        List<Long> stop = lanes.stream().map(Lane::at).toList();
        return new Page(List.copyOf(events), forward ? start : stop, forward ? stop : start, end);
    }

    /// What all partitions of a page share.
    private final class Work {
        private final LogGroupName group;
        private final List<Feed> feeds;
        private final Predicate<byte[]> wanted;
        private long left = READ_BYTES_MAX;

        Work(LogGroupName group, List<Feed> feeds, Predicate<byte[]> wanted) {
            this.group = group;
            this.feeds = feeds;
            this.wanted = wanted;
        }

        boolean takes(Slice.Held held) {
            byte[] json = held.entry().json();
            left -= json.length;
            return json.length <= LogEvent.BYTES_MAX
                    && !FeedDecision.of(feeds, held).groups().isEmpty()
                    && wanted.test(json);
        }

        /// Reads from an offset on; what the disk does not give back now is no message now.
        Slice read(Position from, long items) throws LedgerException {
            try {
                return ledger.read(from, (int) Math.min(SLICE_ITEMS, items), SLICE_BYTES);
            } catch (LedgerException failure) {
                Slice.Lost lost = failure.unreadable();
                if (lost == null) {
                    throw failure;
                }
                return new Slice(from.partition(), List.of(lost), from.offset() + lost.count());
            }
        }
    }

    /// One partition, gone through one way.
    private abstract static sealed class Lane {
        final Work work;
        final int partition;
        final Deque<Slice.Held> read = new ArrayDeque<>();

        /// The next message; null when it is not looked for, or there is none.
        Slice.@Nullable Held head;

        Lane(Work work, int partition) {
            this.work = work;
            this.partition = partition;
        }

        /// Where it stands: what lies behind it was dealt with.
        abstract long at();

        /// Looks for the next message.
        ///
        /// @return false when so much was read that it cannot be told
        abstract boolean look() throws LedgerException;

        abstract void pass();

        abstract boolean isBefore(Lane other);

        private Slice.Held expectHead() {
            return Objects.requireNonNull(head, "a lane with a message");
        }

        Instant time() {
            return expectHead().recordedAt();
        }

        int bytes() {
            return expectHead().entry().json().length;
        }

        LogEvent event() {
            Slice.Held held = expectHead();
            return new LogEvent(
                    stream(work.group),
                    id(held),
                    held.recordedAt(),
                    held.recordedAt(),
                    new String(held.entry().json(), UTF_8));
        }

        /// As long as AWS's, and in order of time.
        private static String id(Slice.Held held) {
            return "%016d%020d%020d"
                    .formatted(
                            held.recordedAt().toEpochMilli(),
                            held.position().partition(),
                            held.position().offset());
        }
    }

    private static final class Forward extends Lane {
        private long next;
        private final long end;

        Forward(Work work, int partition, long from, long end) {
            super(work, partition);
            this.next = from;
            this.end = Math.max(from, end);
        }

        @Override
        long at() {
            return next;
        }

        @Override
        boolean look() throws LedgerException {
            while (head == null && (!read.isEmpty() || next < end)) {
                if (read.isEmpty()) {
                    if (work.left <= 0) {
                        return false;
                    }
                    Slice slice = work.read(new Position(partition, next), end - next);
                    next =
                            slice.items().stream().anyMatch(Slice.Held.class::isInstance)
                                    ? next
                                    : slice.next();
                    slice.items()
                            .forEach(item -> {
                                if (item instanceof Slice.Held held) {
                                    read.add(held);
                                }
                            });
                    continue;
                }
                Slice.Held held = read.removeFirst();
                next = held.position().offset();
                if (next >= end) {
                    read.clear();
                    next = end;
                } else if (work.takes(held)) {
                    head = held;
                } else {
                    next++;
                }
            }
            return true;
        }

        @Override
        void pass() {
            next++;
            head = null;
        }

        @Override
        boolean isBefore(Lane other) {
            return time().isBefore(other.time());
        }
    }

    private static final class Backward extends Lane {
        private final long first;
        private long next;

        Backward(Work work, int partition, long first, long end) {
            super(work, partition);
            this.first = Math.min(first, end);
            this.next = end;
        }

        @Override
        long at() {
            return next;
        }

        @Override
        boolean look() throws LedgerException {
            while (head == null && (!read.isEmpty() || next > first)) {
                if (read.isEmpty()) {
                    if (work.left <= 0) {
                        return false;
                    }
                    readBelow();
                } else {
                    Slice.Held held = read.removeLast();
                    next = held.position().offset() + 1;
                    if (work.takes(held)) {
                        head = held;
                    } else {
                        next--;
                    }
                }
            }
            return true;
        }

        /// Reads the offsets just below, of which those that are lost are passed.
        private void readBelow() throws LedgerException {
            long from = Math.max(first, next - SLICE_ITEMS);
            for (long at = from; at < next; ) {
                Slice slice = work.read(new Position(partition, at), next - at);
                for (Slice.Item item : slice.items()) {
                    if (item instanceof Slice.Held held && held.position().offset() < next) {
                        read.addLast(held);
                    }
                }
                at = slice.next();
            }
            if (read.isEmpty()) {
                next = from;
            }
        }

        @Override
        void pass() {
            next--;
            head = null;
        }

        @Override
        boolean isBefore(Lane other) {
            return time().isAfter(other.time());
        }
    }
}
