package dev.cairn.ledger;

import java.time.Instant;

/// Finds positions by the time they were recorded at, which never goes back within a partition.
///
/// Where that time cannot be told, because events are lost or the disk does not give them, they
/// count as recorded late: nobody lets go of too much by it.
public final class LedgerTimes {
    private final Ledger ledger;

    public LedgerTimes(Ledger ledger) {
        this.ledger = ledger;
    }

    /// The first offset of `from` to `end` that was recorded at or after a time; `end` when none
    /// was.
    public long firstSince(int partition, long from, long end, Instant since)
            throws LedgerException {
        long low = from;
        long high = end;
        if (low < high && !isBefore(partition, low, since)) {
            return low;
        }
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (isBefore(partition, middle, since)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private boolean isBefore(int partition, long offset, Instant time) throws LedgerException {
        Slice slice;
        try {
            slice = ledger.read(new Position(partition, offset), 1, 1);
        } catch (LedgerException failure) {
            if (failure.unreadable() == null) {
                throw failure;
            }
            return false;
        }
        return !slice.items().isEmpty()
                && slice.items().getFirst() instanceof Slice.Held(_, Instant recordedAt, _)
                && recordedAt.isBefore(time);
    }
}
