package dev.cairn.delivery;

import dev.cairn.event.Category;
import dev.cairn.event.Event;
import dev.cairn.event.EventReader;
import dev.cairn.event.Glance;
import dev.cairn.event.Parsed;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.trail.TrailVersion;
import java.time.Instant;

/// Goes through positions, and hands on what one version of a trail takes of them. The same
/// positions give the same, however often they are gone through.
final class Walk {
    private static final int SLICE_ITEMS = 2_000;
    private static final long SLICE_BYTES = 4L << 20;

    private final Ledger ledger;
    private final TrailVersion version;
    private final Hands hands;
    private final EventReader reader = EventReader.lenient();

    /// What is done with what is met.
    interface Hands {
        /// An event that the version takes.
        void take(Slice.Held held, Instant time, Category category);

        /// So many events that it does not take.
        void filter(long count);

        /// Positions that hold nothing that can be told.
        void setAside(Position position, long count, String reason);

        /// Whether to stop before the next event.
        ///
        /// @param offset of the next event
        boolean full(int partition, long offset);
    }

    Walk(Ledger ledger, TrailVersion version, Hands hands) {
        this.ledger = ledger;
        this.version = version;
        this.hands = hands;
    }

    /// Goes through a part of a partition.
    ///
    /// @param limit the first offset not to be read
    /// @return the offset behind the last item that was handed on
    long through(int partition, long from, long limit) throws LedgerException {
        // What lies before the version is covered by one that did not log.
        long start = Math.min(Math.max(from, version.from().get(partition)), limit);
        start = version.logging() ? start : limit;
        hands.filter(Math.max(0, start - from));
        long first = ledger.span(partition).first();
        long next = Math.max(from, start);
        if (next < Math.min(first, limit)) {
            long end = Math.min(first, limit);
            hands.setAside(
                    new Position(partition, next),
                    end - next,
                    "released by the ledger before delivery took it");
            next = end;
        }
        while (next < limit && !hands.full(partition, next)) {
            Slice slice = ledger.read(new Position(partition, next), SLICE_ITEMS, SLICE_BYTES);
            next = through(slice, next, limit);
        }
        return next;
    }

    private long through(Slice slice, long from, long limit) {
        long next = from;
        for (Slice.Item item : slice.items()) {
            if (next >= limit || hands.full(slice.partition(), next)) {
                return next;
            }
            switch (item) {
                case Slice.Held held -> {
                    judge(held);
                    next++;
                }
                case Slice.Lost lost -> {
                    long end = Math.min(lost.first().offset() + lost.count(), limit);
                    hands.setAside(
                            new Position(slice.partition(), next), end - next, lost.reason());
                    next = end;
                }
            }
        }
        return next;
    }

    private void judge(Slice.Held held) {
        Entry entry = held.entry();
        Glance glance = Glance.of(entry.json());
        switch (version.judge(entry.origin(), entry.place(), entry.json(), glance)) {
            case REFUSED -> hands.filter(1);
            case UNSURE -> read(held);
            case TAKEN -> {
                if (glance.time() == null || glance.category() == null) {
                    read(held);
                } else {
                    hands.take(held, glance.time(), glance.category());
                }
            }
        }
    }

    /// Takes what the whole record decides.
    private void read(Slice.Held held) {
        Entry entry = held.entry();
        Parsed parsed =
                reader.read(
                        entry.json(),
                        Instant.EPOCH,
                        EventReader.Known.recorded(entry.place(), entry.id()));
        switch (parsed) {
            case Parsed.Read(Event event) -> {
                if (version.takes(entry.origin(), event)) {
                    hands.take(held, event.time(), event.category());
                } else {
                    hands.filter(1);
                }
            }
            case Parsed.Refused refused -> hands.setAside(held.position(), 1, refused.message());
        }
    }
}
