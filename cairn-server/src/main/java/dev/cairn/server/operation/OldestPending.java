package dev.cairn.server.operation;

import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// When the oldest event was recorded that a reader has not dealt with.
public final class OldestPending {
    private OldestPending() {}

    /// @param next by partition, the first offset not dealt with
    /// @return null when nothing is pending, or it cannot be told
    public static @Nullable Instant of(Ledger ledger, List<Long> next) {
        Instant oldest = null;
        for (var partition = 0; partition < next.size(); partition++) {
            var recorded = recordedAt(ledger, partition, next.get(partition));
            if (recorded != null && (oldest == null || recorded.isBefore(oldest))) {
                oldest = recorded;
            }
        }
        return oldest;
    }

    private static @Nullable Instant recordedAt(Ledger ledger, int partition, long offset) {
        var span = ledger.span(partition);
        var from = Math.max(offset, span.first());
        if (from >= span.end()) {
            return null;
        }
        try {
            var items = ledger.read(new Position(partition, from), 1, 1).items();
            return !items.isEmpty() && items.getFirst() instanceof Slice.Held(_, Instant time, _)
                    ? time
                    : null;
        } catch (LedgerException _) {
            return null; // The reader itself will say so.
        }
    }
}
