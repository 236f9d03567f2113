package dev.cairn.log;

import com.google.re2j.Pattern;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.LedgerTimes;
import dev.cairn.trail.Feed;
import dev.cairn.trail.Trails;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What is in log groups: what trails put there, which is a view on the ledger, and what callers
/// put there themselves ([StoredEvents]).
///
/// Of trails a group has a message for each event at a position that one of its feeds covers and
/// whose selectors take it, with the time at which it was recorded; from when the group was made,
/// for as long as its retention says and the ledger has the event. One of more than
/// [LogEvent#BYTES_MAX] is in no group. Where a page begins and ends is a list of offsets, one for
/// each partition, so that what is recorded meanwhile comes behind it. Any thread may read.
public final class GroupEvents {
    /// How much is read for one page: one that has found little by then ends there. Where regular
    /// expressions are asked it is less.
    static final long READ_BYTES_MAX = 16L << 20;

    private static final Pattern OF_TRAILS = Pattern.compile("\\d{12}_CloudTrail_[a-z0-9-]{1,40}");

    /// The time and the number of a stored message.
    private static final int STORED_NUMBERS = 2;

    private final Ledger ledger;
    private final LedgerTimes times;
    private final Trails trails;
    private final Catalog catalog;
    private final LogGroups groups;

    public GroupEvents(Ledger ledger, Trails trails, Catalog catalog, LogGroups groups) {
        this.ledger = ledger;
        this.times = new LedgerTimes(ledger);
        this.trails = trails;
        this.catalog = catalog;
        this.groups = groups;
    }

    /// Which way a page goes from where it begins. What is in it is in order of time either way.
    public enum Direction {
        FORWARD,
        BACKWARD
    }

    /// What is wanted.
    ///
    /// @param streams of which ones, by name
    /// @param at the end of a page before; empty to begin at the first or last one
    /// @param since no earlier ones; null for all
    /// @param before none from this time on; null for all
    /// @param countMax at most so many, from 1
    /// @param bytesMax at most so many bytes of messages, but always one
    /// @param wanted which ones
    /// @param steps that asking takes for each byte of a message at most, as
    ///   [dev.cairn.filter.FilterPattern#steps] says it
    public record Question(
            Direction direction,
            Predicate<String> streams,
            Optional<List<Long>> at,
            @Nullable Instant since,
            @Nullable Instant before,
            int countMax,
            long bytesMax,
            Predicate<byte[]> wanted,
            int steps) {}

    /// A page.
    ///
    /// @param events in order of time
    /// @param from where it begins: a page backward from here comes before it
    /// @param to where it ends: a page forward from here comes behind it
    /// @param end whether nothing more is there in its direction, as of now
    public record Page(List<LogEvent> events, List<Long> from, List<Long> to, boolean end) {}

    /// The stream that a trail writes into, as CloudTrail names it.
    public static String stream(LogGroupName group) {
        return group.account() + "_CloudTrail_" + group.region();
    }

    /// Whether a stream is called as CloudTrail calls one, of whatever account and region: nobody
    /// else may write into it, whether a trail does already or not.
    public static boolean isOfTrails(String stream) {
        return OF_TRAILS.matches(stream);
    }

    /// How many numbers say where a page begins or ends.
    public int numbers() {
        return ledger.partitions() + STORED_NUMBERS;
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
        List<Feed> feeds =
                question.streams().test(stream(group.name())) ? feeds(group.name()) : List.of();
        Instant since = since(group, question.since(), now);
        Budget budget = new Budget(READ_BYTES_MAX, question.steps());
        LedgerLane.Work work =
                new LedgerLane.Work(ledger, group.name(), feeds, question.wanted(), budget);
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
                            ? new LedgerLane.Forward(
                                    work, partition, at(question, partition, low), high)
                            : new LedgerLane.Backward(
                                    work, partition, low, at(question, partition, high)));
        }
        lanes.add(stored(group, question, now, budget));
        return merged(lanes, question);
    }

    private StoredLane stored(LogGroup group, Question question, Instant now, Budget budget) {
        Instant since = kept(group, question.since(), now);
        // None is so late: the way back begins here.
        Instant end = now.plus(Duration.ofDays(1));
        Instant before =
                question.before() == null || question.before().isAfter(end)
                        ? end
                        : question.before();
        int stored = ledger.partitions();
        return new StoredLane(
                new StoredLane.Work(
                        catalog,
                        groups.streams(),
                        group.name(),
                        question.streams(),
                        question.wanted(),
                        budget),
                question.direction(),
                Math.max(0, since.toEpochMilli()),
                Math.max(0, before.toEpochMilli()),
                question.at().map(at -> new StoredLane.Mark(at.get(stored), at.get(stored + 1))));
    }

    /// Of trails there is nothing from before the group was made.
    private static Instant since(LogGroup group, @Nullable Instant asked, Instant now) {
        Instant kept = kept(group, asked, now);
        return kept.isAfter(group.created()) ? kept : group.created();
    }

    private static Instant kept(LogGroup group, @Nullable Instant asked, Instant now) {
        Instant since = Instant.EPOCH;
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

    private static Page merged(List<Lane> lanes, Question question)
            throws CatalogException, LedgerException {
        boolean forward = question.direction() == Direction.FORWARD;
        List<Long> start = ends(lanes);
        Deque<LogEvent> events = new ArrayDeque<>();
        long bytes = 0;
        boolean end = false;
        while (events.size() < question.countMax()) {
            boolean spent = false;
            Lane next = null;
            for (Lane lane : lanes) {
                spent |= !lane.look();
                if (lane.has() && (next == null || isFirst(lane, next, forward))) {
                    next = lane;
                }
            }
            if (spent || next == null) {
                end = !spent;
                break;
            }
            bytes += next.bytes();
            if (bytes > question.bytesMax() && !events.isEmpty()) {
                break;
            }
            if (forward) {
                events.addLast(next.event());
            } else {
                events.addFirst(next.event());
            }
            next.pass();
        }
        List<Long> stop = ends(lanes);
        return new Page(List.copyOf(events), forward ? start : stop, forward ? stop : start, end);
    }

    /// Of messages of one time that of the first lane comes first, whichever way one goes.
    private static boolean isFirst(Lane lane, Lane than, boolean forward) {
        return forward ? lane.time().isBefore(than.time()) : !lane.time().isBefore(than.time());
    }

    private static List<Long> ends(List<Lane> lanes) {
        List<Long> ends = new ArrayList<>();
        lanes.forEach(lane -> lane.at(ends));
        return List.copyOf(ends);
    }
}
