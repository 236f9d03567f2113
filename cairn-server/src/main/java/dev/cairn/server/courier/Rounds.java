package dev.cairn.server.courier;

import dev.cairn.catalog.CatalogException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The threads that carry outside what is due there, a bounded number of things at a time.
///
/// @param <P> what is carried
public final class Rounds<P> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Rounds.class);

    private final Bag<P> bag;
    private final InstantSource clock;
    private final Semaphore wake;
    private final Semaphore free;
    private final ExecutorService carrying = Executors.newVirtualThreadPerTaskExecutor();

    /// Where what is to be carried comes from, and who carries it.
    ///
    /// @param <P> what is carried
    public interface Bag<P> {
        /// What is due, and is not being carried. Asked by one thread.
        ///
        /// @param limit at most this many
        List<P> due(Instant now, int limit) throws CatalogException;

        /// Carries it, and writes down what became of it; what this throws is told in the log, and
        /// it is carried again. From any thread.
        void carry(P one) throws CatalogException, InterruptedException;

        /// It is not being carried any more, whatever became of it. From any thread.
        default void ended(P one) {}

        /// What it is, for the log.
        String name(P one);
    }

    /// @param atOnce so many at a time
    /// @param wake released when it is worth another look
    public Rounds(Bag<P> bag, int atOnce, Semaphore wake, InstantSource clock) {
        this.bag = bag;
        this.free = new Semaphore(atOnce);
        this.wake = wake;
        this.clock = clock;
    }

    /// Has what is due carried, as far as there are hands free. One thread looks.
    public void look() throws CatalogException {
        int hands = free.availablePermits();
        if (hands == 0) {
            return; // Whose hands are free again looks again.
        }
        var due = bag.due(clock.instant(), hands);
        free.acquireUninterruptibly(due.size()); // They are there: nobody else takes any.
        int begun = 0;
        try {
            for (var one : due) {
                carrying.execute(() -> carry(one));
                begun++;
            }
        } finally {
            for (var left : due.subList(begun, due.size())) {
                ended(left);
            }
        }
    }

    /// Interrupts what is being carried: it is carried again after the next start. Nobody looks any
    /// more.
    @Override
    public void close() {
        carrying.shutdownNow();
        carrying.close();
    }

    private void carry(P one) {
        try {
            bag.carry(one);
        } catch (CatalogException failure) {
            LOG.warn("{} will be sent again: {}", bag.name(one), failure.getMessage());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException unforeseen) {
            LOG.error("{} will be sent again", bag.name(one), unforeseen);
        } finally {
            ended(one);
            wake.release();
        }
    }

    private void ended(P one) {
        try {
            bag.ended(one);
        } finally {
            free.release();
        }
    }
}
