package dev.cairn.gateway.recording;

import dev.cairn.disk.DiskException;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A client that has its answer has its event on the gateway's disk; a [Forwarder] brings it to the
/// ledger, whenever that takes events (`docs/decisions/0019-spool.md`).
///
/// @param strict what is done while the journal's disk fails
/// @param journal the spool
/// @param bytesMax while so many bytes of events are pending, no call is passed on; the events of
///   calls that were are taken
public record SpoolPromise(StrictPromise strict, CallJournal journal, long bytesMax)
        implements Promise {
    private static final Logger LOG = LoggerFactory.getLogger(SpoolPromise.class);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    @Override
    public Optional<Append.Pushback> pushback() {
        var bytes = journal.pendingBytes();
        return bytes < bytesMax
                ? Optional.empty()
                : Optional.of(
                        new Append.Pushback(
                                RETRY_AFTER,
                                "%d bytes of events wait in the gateway's spool, which holds gateway.spool-bytes = %d"
                                        .formatted(bytes, bytesMax)));
    }

    @Override
    public boolean mayRecord(String account) {
        return strict.mayRecord(account);
    }

    @Override
    public CallJournal.Line begin(Entry entry) throws DiskException {
        return journal.write(entry);
    }

    @Override
    public Optional<Append.Pushback> take(Entry entry, CallJournal.@Nullable Line begun)
            throws InterruptedException {
        try {
            journal.keep(entry, begun);
            return Optional.empty();
        } catch (DiskException failure) {
            LOG.error(
                    "event {} goes to the ledger at once, for it could not be kept: {}",
                    entry.id(),
                    failure.getMessage());
            return strict.take(entry, begun);
        }
    }

    @Override
    public void leave(CallJournal.Line begun) {
        journal.leave(begun);
    }
}
