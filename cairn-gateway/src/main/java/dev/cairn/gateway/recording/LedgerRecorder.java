package dev.cairn.gateway.recording;

import dev.cairn.disk.DiskException;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Ledger;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Records into the ledger of the same process.
///
/// @param ledger where events go
public record LedgerRecorder(Ledger ledger) implements Recorder {
    private static final int BATCH = 100;
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    /// Records what an earlier process left in its journal: calls of which nobody knows what became
    /// of them. The ledger tells those that were recorded after all.
    ///
    /// @return false when the ledger pushed back: then the journal keeps them for the next start
    public boolean recordLeft(CallJournal journal) throws DiskException, InterruptedException {
        var left = journal.left();
        for (var from = 0; from < left.size(); from += BATCH) {
            var batch = left.subList(from, Math.min(left.size(), from + BATCH));
            for (var outcome : ledger.append(batch)) {
                if (outcome instanceof Append.Pushback) {
                    return false;
                }
            }
        }
        journal.settled();
        return true;
    }

    @Override
    public Optional<Append.Pushback> pushback() {
        var reason = ledger.state().pushback();
        return reason.isEmpty()
                ? Optional.empty()
                : Optional.of(new Append.Pushback(RETRY_AFTER, reason));
    }

    @Override
    public Optional<Append.Pushback> record(Entry entry) throws InterruptedException {
        return switch (ledger.append(List.of(entry)).getFirst()) {
            case Append.Recorded _, Append.Duplicate _ -> Optional.empty();
            case Append.Pushback pushback -> Optional.of(pushback);
            case Append.Conflict(var first) ->
                    throw new IllegalStateException(
                            "expected a fresh eventID, got one recorded at " + first);
        };
    }
}
