package dev.cairn.server.wiring;

import dev.cairn.catalog.CatalogException;
import dev.cairn.embedded.history.HistoryReader;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.LedgerTimes;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `ledger.retention`: lets go of events that no reader needs, and not before their time.
final class LedgerRetention implements HistoryReader.Release {
    private static final Logger LOG = LoggerFactory.getLogger(LedgerRetention.class);

    private final Ledger ledger;
    private final LedgerTimes times;
    private final InstantSource clock;
    private final @Nullable Duration retention;
    private final Needed others;

    /// What readers other than history still need.
    @FunctionalInterface
    interface Needed {
        /// The first offset that is; `Long.MAX_VALUE` when none is.
        long from(int partition) throws CatalogException;
    }

    /// @param retention null keeps events just as long as readers need them
    LedgerRetention(
            Ledger ledger, InstantSource clock, @Nullable Duration retention, Needed others) {
        this.ledger = ledger;
        this.times = new LedgerTimes(ledger);
        this.clock = clock;
        this.retention = retention;
        this.others = others;
    }

    @Override
    public void release(int partition, long notByHistory) throws LedgerException {
        long below;
        try {
            below = Math.min(notByHistory, others.from(partition));
        } catch (CatalogException e) {
            LOG.warn("nothing of the ledger is released: {}", e.getMessage());
            return;
        }
        var first = ledger.span(partition).first();
        if (below <= first) {
            return;
        }
        ledger.release(
                partition,
                retention == null
                        ? below
                        : times.firstSince(
                                partition, first, below, clock.instant().minus(retention)));
    }
}
