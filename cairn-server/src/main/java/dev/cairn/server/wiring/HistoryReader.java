package dev.cairn.server.wiring;

import dev.cairn.history.History;
import dev.cairn.history.HistoryException;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Position;
import java.time.Duration;

final class HistoryReader implements AutoCloseable {
    private final Ledger ledger;
    private final History history;
    private final Thread thread;
    private volatile boolean closed;

    HistoryReader(Ledger ledger, History history) {
        this.ledger = ledger;
        this.history = history;
        this.thread = Thread.ofPlatform().name("history").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            var at = history.position(0);
            while (!closed) {
                if (ledger.await(new Position(0, at), Duration.ofMillis(200))) {
                    var slice = ledger.read(new Position(0, at), 1000, 4 << 20);
                    history.take(slice);
                    history.refresh();
                    at = slice.next();
                }
            }
            history.commit();
        } catch (HistoryException | LedgerException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
