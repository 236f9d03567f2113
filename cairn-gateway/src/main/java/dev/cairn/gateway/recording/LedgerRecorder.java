package dev.cairn.gateway.recording;

import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Ledger;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Records into the ledger of the same process.
///
/// @param ledger where events go
public record LedgerRecorder(Ledger ledger) implements Recorder {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

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

    @Override
    public Optional<NotRecorded> recordAgain(List<Entry> entries) throws InterruptedException {
        for (var outcome : ledger.append(entries)) {
            if (outcome instanceof Append.Pushback pushback) {
                return Optional.of(new NotRecorded(pushback, Set.of()));
            }
        }
        return Optional.empty();
    }
}
