package dev.cairn.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.trail.Feed;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What trails put into a group of one partition of the ledger. It stands at an offset.
abstract sealed class LedgerLane extends Lane {
    private static final int SLICE_ITEMS = 256;
    private static final long SLICE_BYTES_MIN = 64L << 10;
    private static final long SLICE_BYTES = 4L << 20;

    final Work work;
    final int partition;
    final Deque<Slice.Held> read = new ArrayDeque<>();
    Slice.@Nullable Held head;
    private boolean looked;

    LedgerLane(Work work, int partition) {
        this.work = work;
        this.partition = partition;
    }

    /// What all partitions of a page share.
    record Work(
            Ledger ledger,
            LogGroupName group,
            List<Feed> feeds,
            Predicate<byte[]> wanted,
            Budget budget) {

        private boolean takes(Slice.Held held) {
            byte[] json = held.entry().json();
            budget.read(json.length);
            if (json.length > LogEvent.BYTES_MAX
                    || FeedDecision.of(feeds, held).groups().isEmpty()) {
                return false;
            }
            budget.ask(json.length);
            return wanted.test(json);
        }

        /// Reads from an offset on; what the disk does not give back now is no message now.
        Slice read(Position from, long items) throws LedgerException {
            try {
                return ledger.read(
                        from,
                        (int) Math.min(SLICE_ITEMS, items),
                        budget.bytes(SLICE_BYTES_MIN, SLICE_BYTES));
            } catch (LedgerException failure) {
                Slice.Lost lost = failure.unreadable();
                if (lost == null) {
                    throw failure;
                }
                return new Slice(from.partition(), List.of(lost), from.offset() + lost.count());
            }
        }
    }

    final boolean takes(Slice.Held held) {
        looked = true;
        return work.takes(held);
    }

    /// Whether this page may not look at more.
    final boolean isOver() {
        return looked && work.budget.isSpent();
    }

    private Slice.Held expectHead() {
        return Objects.requireNonNull(head, "a lane with a message");
    }

    @Override
    boolean has() {
        return head != null;
    }

    @Override
    Instant time() {
        return expectHead().recordedAt();
    }

    @Override
    int bytes() {
        return expectHead().entry().json().length;
    }

    @Override
    LogEvent event() {
        Slice.Held held = expectHead();
        return event(work.group, held, text(held));
    }

    static String text(Slice.Held held) {
        return new String(held.entry().json(), UTF_8);
    }

    /// What is recorded, as a message of a group.
    ///
    /// @param text its [#text]
    static LogEvent event(LogGroupName group, Slice.Held held, String text) {
        return new LogEvent(
                GroupEvents.stream(group), id(held), held.recordedAt(), held.recordedAt(), text);
    }

    /// As long as AWS's, and in order of time.
    private static String id(Slice.Held held) {
        return "%016d%020d%020d"
                .formatted(
                        held.recordedAt().toEpochMilli(),
                        held.position().partition(),
                        held.position().offset());
    }

    static final class Forward extends LedgerLane {
        private long next;
        private final long end;

        Forward(Work work, int partition, long from, long end) {
            super(work, partition);
            this.next = from;
            this.end = Math.max(from, end);
        }

        @Override
        void at(List<Long> into) {
            into.add(next);
        }

        @Override
        boolean look() throws LedgerException {
            while (head == null && (!read.isEmpty() || next < end)) {
                if (isOver()) {
                    return false;
                }
                if (read.isEmpty()) {
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
                } else if (takes(held)) {
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
    }

    static final class Backward extends LedgerLane {
        private final long first;
        private long next;

        Backward(Work work, int partition, long first, long end) {
            super(work, partition);
            this.first = Math.min(first, end);
            this.next = end;
        }

        @Override
        void at(List<Long> into) {
            into.add(next);
        }

        @Override
        boolean look() throws LedgerException {
            while (head == null && (!read.isEmpty() || next > first)) {
                if (isOver()) {
                    return false;
                }
                if (read.isEmpty()) {
                    readBelow();
                } else {
                    Slice.Held held = read.removeLast();
                    next = held.position().offset() + 1;
                    if (takes(held)) {
                        head = held;
                    } else {
                        next--;
                    }
                }
            }
            return true;
        }

        /// Reads the offsets just below, of which those that are lost are passed. Of many bytes the
        /// last are kept, and the others read again.
        private void readBelow() throws LedgerException {
            long from = Math.max(first, next - SLICE_ITEMS);
            long bytes = 0;
            for (long at = from; at < next; ) {
                Slice slice = work.read(new Position(partition, at), next - at);
                for (Slice.Item item : slice.items()) {
                    if (item instanceof Slice.Held held && held.position().offset() < next) {
                        read.addLast(held);
                        bytes += held.entry().json().length;
                    }
                }
                while (bytes > SLICE_BYTES && read.size() > 1) {
                    bytes -= read.removeFirst().entry().json().length;
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
    }
}
