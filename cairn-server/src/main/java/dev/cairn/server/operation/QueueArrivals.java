package dev.cairn.server.operation;

import dev.cairn.queue.QueueName;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Wakes receivers that wait for a message, when one may have come into their queue.
///
/// Whoever waits first opens a [Waiter], then looks, then waits: so no message slips in between.
/// Any thread may call any method.
public final class QueueArrivals {
    private final Map<QueueName, Set<Waiter>> waiters = new ConcurrentHashMap<>();
    private final Semaphore places;
    private volatile boolean stopping;

    /// @param waitingMax how many may wait at once; one more is answered as if it did not want to
    ///   wait, so that those who wait never take all the server's attention
    public QueueArrivals(int waitingMax) {
        this.places = new Semaphore(waitingMax);
    }

    /// A message may have come into a queue.
    public void ring(QueueName queue) {
        waiters.getOrDefault(queue, Set.of()).forEach(Waiter::ring);
    }

    /// Lets all who wait answer at once, because the server stops.
    public void stop() {
        stopping = true;
        waiters.values().forEach(all -> all.forEach(Waiter::ring));
    }

    /// How many wait for a message of a queue right now.
    long waiting(QueueName queue) {
        return waiters.getOrDefault(queue, Set.of()).stream().filter(one -> one.waiting).count();
    }

    Waiter open(QueueName queue) {
        var waiter = new Waiter(queue, places.tryAcquire());
        waiters.compute(
                queue,
                (_, known) -> {
                    Set<Waiter> all = known == null ? ConcurrentHashMap.newKeySet() : known;
                    all.add(waiter);
                    return all;
                });
        return waiter;
    }

    /// One who waits.
    final class Waiter implements AutoCloseable {
        private final QueueName queue;
        private final boolean placed;
        private final Semaphore rung = new Semaphore(0);
        private volatile boolean waiting;

        private Waiter(QueueName queue, boolean placed) {
            this.queue = queue;
            this.placed = placed;
        }

        private void ring() {
            rung.release();
        }

        /// Waits until a message may have come since this was opened or last waited, or the time is
        /// over.
        ///
        /// @return false when there is no use in looking again and waiting on
        boolean await(Duration atMost) throws InterruptedException {
            if (!placed || stopping) {
                return false;
            }
            waiting = true;
            try {
                // A time that is over in less than a millisecond must pass all the same.
                if (rung.tryAcquire(Math.max(1, atMost.toMillis()), TimeUnit.MILLISECONDS)) {
                    rung.drainPermits();
                }
            } finally {
                waiting = false;
            }
            return !stopping;
        }

        @Override
        public void close() {
            waiters.computeIfPresent(
                    queue,
                    (_, all) -> {
                        all.remove(this);
                        return all.isEmpty() ? null : all;
                    });
            if (placed) {
                places.release();
            }
        }
    }
}
