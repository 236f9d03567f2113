package dev.cairn.server.wiring;

import dev.cairn.catalog.CatalogException;
import dev.cairn.embedded.thread.Lookout;
import dev.cairn.log.StoredSweep;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;

/// Has messages of log groups removed, from time to time, that nobody sees any more.
final class LogSweep implements AutoCloseable {
    private static final Duration EVERY = Duration.ofSeconds(10);

    private final StoredSweep sweep;
    private final InstantSource clock;
    private final Lookout lookout =
            new Lookout(
                    "log-sweep",
                    "old messages of log groups wait to be removed",
                    EVERY,
                    new Semaphore(0),
                    this::sweep);

    private LogSweep(StoredSweep sweep, InstantSource clock) {
        this.sweep = sweep;
        this.clock = clock;
    }

    static LogSweep start(StoredSweep sweep, InstantSource clock) {
        var started = new LogSweep(sweep, clock);
        started.lookout.start();
        return started;
    }

    private void sweep() throws CatalogException {
        while (!lookout.closing() && sweep.step(clock.instant())) {
            // A page each.
        }
    }

    /// Lets the page under way end; what is left goes on after the next start.
    @Override
    public void close() {
        lookout.close();
    }
}
