package dev.cairn.reader;

import dev.cairn.catalog.CatalogException;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import java.util.ArrayList;
import java.util.List;

/// How a reader goes through the ledger, one step of bounded size after the other. One thread at a
/// time may walk.
public final class LedgerWalk {
    private static final int SLICE_ITEMS = 2_000;
    private static final long SLICE_BYTES = 1L << 20;
    private static final long STEP_BYTES_MAX = 8L << 20;
    private static final long STEP_BYTES_MIN = 64L << 10;

    private final Ledger ledger;
    private final GiveUp giveUp;
    private long stepBytes = STEP_BYTES_MAX;
    private boolean begun;

    /// Decides what a reader that is too far behind gives up (`reader.pending-max`).
    @FunctionalInterface
    public interface GiveUp {
        /// @param cursor the next offset to take
        /// @return the offset to go on from; what lies between is set aside as given up
        long from(int partition, long cursor, Ledger.Span span);
    }

    public LedgerWalk(Ledger ledger, GiveUp giveUp) {
        this.ledger = ledger;
        this.giveUp = giveUp;
    }

    /// What the ledger holds now, by partition.
    public List<Ledger.Span> spans() {
        List<Ledger.Span> spans = new ArrayList<>();
        for (int partition = 0; partition < ledger.partitions(); partition++) {
            spans.add(ledger.span(partition));
        }
        return spans;
    }

    /// Goes a part of the way through each partition.
    ///
    /// @param spans what the partitions held before the walk
    /// @throws LedgerException when events cannot be read now
    public void walk(Standing standing, List<Ledger.Span> spans, Unreadable unreadable, Taker taker)
            throws LedgerException, CatalogException {
        if (begun) {
            // It was never ended: too much for something.
            stepBytes = Math.max(STEP_BYTES_MIN, stepBytes / 2);
        }
        begun = true;
        for (int partition = 0; partition < spans.size(); partition++) {
            Ledger.Span span = spans.get(partition);
            long cursor = standing.cursors().get(partition);
            taker.walked(walk(partition, cursor, span, unreadable, taker), span);
        }
    }

    /// Goes to the end, as nobody asks for any event.
    public void pass(Standing standing, List<Ledger.Span> spans, Taker taker) {
        for (int partition = 0; partition < spans.size(); partition++) {
            taker.passed(standing.cursors().get(partition), spans.get(partition).end());
        }
    }

    /// Goes no further than the span, though the ledger may hold more by now: what is read was
    /// recorded before the walk began.
    ///
    /// @return the first offset not dealt with now
    private long walk(
            int partition, long cursor, Ledger.Span span, Unreadable unreadable, Taker taker)
            throws LedgerException, CatalogException {
        long next = Math.max(cursor, span.first());
        if (next > cursor) {
            taker.setAside(
                    new Position(partition, cursor),
                    next - cursor,
                    "released by the ledger before they were read");
        }
        long from = giveUp.from(partition, next, span);
        if (from > next) {
            taker.setAside(
                    new Position(partition, next),
                    from - next,
                    "given up: pending for longer than reader.pending-max allows");
            next = from;
        }
        long bytes = 0;
        long full = taker.made() + taker.madeMax() / ledger.partitions();
        while (next < span.end()
                && bytes < stepBytes / ledger.partitions()
                && taker.made() < full) {
            Slice slice = slice(new Position(partition, next), unreadable);
            next = slice.next();
            for (Slice.Item item : slice.items()) {
                switch (item) {
                    case Slice.Held held -> {
                        if (held.position().offset() >= span.end()) {
                            return span.end();
                        }
                        bytes += held.entry().json().length;
                        taker.take(held);
                        if (taker.made() >= full) {
                            return held.position().offset() + 1;
                        }
                    }
                    case Slice.Lost lost -> {
                        if (lost.first().offset() >= span.end()) {
                            return span.end();
                        }
                        taker.setAside(lost.first(), lost.count(), lost.reason());
                    }
                }
            }
        }
        return next;
    }

    /// Makes the next step longer when this one was kept, and else half as long, so that one comes
    /// through however often somebody changes what it was judged by. So does one that is not ended.
    public Step ended(Taker taker, boolean kept) {
        begun = false;
        stepBytes =
                kept
                        ? Math.min(STEP_BYTES_MAX, stepBytes * 2)
                        : Math.max(STEP_BYTES_MIN, stepBytes / 2);
        return taker.step(kept);
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
}
