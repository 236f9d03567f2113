package dev.cairn.server.wiring;

import dev.cairn.embedded.history.HistoryReader;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.LedgerTimes;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `reader.pending-max`: a reader holds segments of the ledger for so long, or for half the disk;
/// beyond that its oldest pending events are given up for that reader: set aside, with the reason.
///
/// Only time in which the reader could have read counts: that since the server was started. What
/// was recorded before has its whole time again, for nothing tells how much of the past the server
/// was down; the disk bounds what that can add up to.
final class PendingMax implements HistoryReader.GiveUp {
    private static final Logger LOG = LoggerFactory.getLogger(PendingMax.class);

    private final Ledger ledger;
    private final LedgerTimes times;
    private final InstantSource clock;
    private final Duration pendingMax;
    private final FileStore disk;
    private final Instant started;

    /// @param clock asked here and now for when the server was started
    PendingMax(Ledger ledger, InstantSource clock, Duration pendingMax, Path data)
            throws IOException {
        this.ledger = ledger;
        this.times = new LedgerTimes(ledger);
        this.clock = clock;
        this.pendingMax = pendingMax;
        this.disk = Files.getFileStore(data);
        this.started = clock.instant();
    }

    @Override
    public long from(int partition, long reader, Ledger.Span span) {
        if (reader >= span.end()) {
            return reader;
        }
        // What was released already is no reader's any more.
        var cursor = Math.max(reader, span.first());
        try {
            var oldest = clock.instant().minus(pendingMax);
            var from =
                    oldest.isBefore(started)
                            ? cursor
                            : times.firstSince(partition, cursor, span.end(), oldest);
            // Half the disk: give up a tenth of what is pending at a time until there is room.
            if (ledger.state().bytes() > disk.getTotalSpace() / 2) {
                from = Math.max(from, cursor + (span.end() - cursor + 9) / 10);
            }
            return from;
        } catch (LedgerException | IOException failure) {
            LOG.warn("cannot tell how far a reader is behind: {}", failure.getMessage());
            return cursor;
        }
    }
}
