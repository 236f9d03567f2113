package dev.cairn.embedded.thread;

import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.Failure;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A thread that looks for work when it is woken, and every so often. A look that fails is told in
/// the log, and the next one comes all the same.
public final class Lookout implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Lookout.class);

    private final String waiting;
    private final Duration every;
    private final Semaphore wake;
    private final Look look;
    private final Thread thread;
    private volatile boolean closing;

    /// One look: does what there is to do, and ends soon once [#closing] is true.
    @FunctionalInterface
    public interface Look {
        void look() throws CatalogException;
    }

    /// One that does not look yet.
    ///
    /// @param name of the thread
    /// @param waiting what a look that failed leaves undone, for the log: `notices wait`
    /// @param every at least so often it looks
    /// @param wake released when there is something new
    public Lookout(String name, String waiting, Duration every, Semaphore wake, Look look) {
        this.waiting = waiting;
        this.every = every;
        this.wake = wake;
        this.look = look;
        this.thread = Thread.ofPlatform().name(name).unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    /// Whether the look under way should end.
    public boolean closing() {
        return closing;
    }

    /// Lets the look under way end.
    @Override
    public void close() {
        closing = true;
        wake.release();
        Threads.join(thread);
    }

    private void run() {
        try {
            while (!closing) {
                once();
                if (wake.tryAcquire(every.toNanos(), TimeUnit.NANOSECONDS)) {
                    wake.drainPermits();
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void once() {
        try {
            look.look();
        } catch (CatalogException | Failure later) {
            LOG.warn("{}: {}", waiting, later.getMessage());
        } catch (RuntimeException | Error unforeseen) {
            // The outermost frame: neither a mistake of ours nor a heap that was full for a moment
            // may end what others rely on.
            LOG.error(waiting, unforeseen);
        }
    }
}
