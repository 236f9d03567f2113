package dev.cairn.server.wiring;

import dev.cairn.embedded.history.HistoryReader;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// `ledger.retention`: lets go of events that no reader needs, and not before their time.
final class LedgerRetention implements HistoryReader.Release {
    private final Ledger ledger;
    private final LedgerTimes times;
    private final InstantSource clock;
    private final @Nullable Duration retention;

    /// @param retention null keeps events just as long as readers need them
    LedgerRetention(Ledger ledger, InstantSource clock, @Nullable Duration retention) {
        this.ledger = ledger;
        this.times = new LedgerTimes(ledger);
        this.clock = clock;
        this.retention = retention;
    }

    @Override
    public void release(int partition, long below) throws LedgerException {
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
