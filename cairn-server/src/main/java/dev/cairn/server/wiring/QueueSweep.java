package dev.cairn.server.wiring;

import dev.cairn.catalog.CatalogException;
import dev.cairn.queue.Messages;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Removes, from time to time, messages that nobody asked for until they expired, and those of
/// queues that were deleted or purged.
final class QueueSweep implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(QueueSweep.class);
    private static final Duration EVERY = Duration.ofSeconds(10);

    private final Messages messages;
    private final InstantSource clock;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("queue-sweep").factory());
    private volatile boolean closing;

    private QueueSweep(Messages messages, InstantSource clock) {
        this.messages = messages;
        this.clock = clock;
    }

    static QueueSweep start(Messages messages, InstantSource clock) {
        var sweep = new QueueSweep(messages, clock);
        var _ =
                sweep.timer.scheduleWithFixedDelay(
                        sweep::sweep, EVERY.toSeconds(), EVERY.toSeconds(), TimeUnit.SECONDS);
        return sweep;
    }

    private void sweep() {
        try {
            var more = true;
            while (more && !closing) {
                more = messages.sweep(clock.instant());
            }
        } catch (CatalogException failure) {
            LOG.warn("expired messages could not be removed; trying again", failure);
        } catch (RuntimeException unforeseen) {
            // The timer would never run again.
            LOG.error("expired messages could not be removed", unforeseen);
        }
    }

    /// Waits for the step that is under way: the catalog closes next.
    @Override
    public void close() {
        closing = true;
        timer.shutdown();
        try {
            if (!timer.awaitTermination(EVERY.toSeconds(), TimeUnit.SECONDS)) {
                LOG.warn("a sweep of the queues does not end");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
