package dev.cairn.server.wiring;

import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Outbox;
import dev.cairn.ledger.Entry;
import java.util.function.BooleanSupplier;

/// Events of what a keeper does by itself: they are put into the outbox within the transactions
/// that do it, and recorded soon afterwards. So they do not pile up there until calls are refused.
///
/// [#put] may be called by any thread, what records by one at a time.
final class NotedEvents {
    private final Outbox outbox;
    private volatile boolean waiting;

    NotedEvents(Outbox outbox) {
        this.outbox = outbox;
    }

    /// Has an event recorded when it is durable.
    ///
    /// @param wake run when it is; has what records look
    void put(Transaction tx, Entry event, Runnable wake) throws CatalogException {
        Outbox.put(tx, event);
        tx.atEnd(() -> {
            waiting = true;
            wake.run();
        });
    }

    /// What puts events.
    @FunctionalInterface
    interface Round {
        /// @return whether there may be more to do now
        boolean run() throws CatalogException;
    }

    /// Does rounds until there is no more to do, and records after each one what it put. It ends
    /// early when the ledger does not take that: the rest comes with the next look.
    void recordAfterEach(Round round, BooleanSupplier closing) throws CatalogException {
        var more = true;
        while (more && !closing.getAsBoolean()) {
            more = round.run();
            more &= record();
        }
    }

    /// @return whether all that waited is recorded
    private boolean record() throws CatalogException {
        if (!waiting) {
            return true;
        }
        waiting = false;
        var all = false;
        try {
            all = outbox.drain().waiting() == 0;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            if (!all) {
                waiting = true;
            }
        }
        return all;
    }
}
