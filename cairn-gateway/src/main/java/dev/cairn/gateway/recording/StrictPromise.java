package dev.cairn.gateway.recording;

import dev.cairn.disk.DiskException;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A client that has its answer has its event in the ledger
/// (`docs/decisions/0016-strict-gateway.md`).
///
/// @param journal where calls are begun
/// @param recordMax how long the ledger may push an event back whose call is passed on already
public record StrictPromise(Recorder recorder, CallJournal journal, Duration recordMax)
        implements Promise {
    private static final Logger LOG = LoggerFactory.getLogger(StrictPromise.class);

    @Override
    public Optional<Append.Pushback> pushback() throws InterruptedException {
        return recorder.pushback();
    }

    @Override
    public boolean mayRecord(String account) {
        return recorder.mayRecord(account);
    }

    @Override
    public CallJournal.Line begin(Entry entry) throws DiskException {
        return journal.begin(entry);
    }

    @Override
    public Optional<Append.Pushback> take(Entry entry, CallJournal.@Nullable Line begun)
            throws InterruptedException {
        var pushback = record(entry);
        if (pushback.isPresent()) {
            keep(entry, begun);
        } else if (begun != null) {
            journal.end(begun);
        }
        return pushback;
    }

    private Optional<Append.Pushback> record(Entry entry) throws InterruptedException {
        var end = System.nanoTime() + recordMax.toNanos();
        var pushback = recorder.record(entry);
        while (pushback.isPresent() && System.nanoTime() < end) {
            // The call is passed on: it is recorded later rather than not.
            TimeUnit.NANOSECONDS.sleep(
                    Math.min(
                            pushback.get().retryAfter().toNanos(),
                            Math.max(0, end - System.nanoTime())));
            pushback = recorder.record(entry);
        }
        return pushback;
    }

    /// Too late for the client, but not for the record.
    private void keep(Entry entry, CallJournal.@Nullable Line begun) {
        try {
            journal.keep(entry, begun);
        } catch (DiskException failure) {
            LOG.error("event {} could not be kept: {}", entry.id(), failure.getMessage());
            if (begun != null) {
                journal.leave(begun);
            }
        }
    }

    @Override
    public void leave(CallJournal.Line begun) {
        journal.leave(begun);
    }
}
