package dev.cairn.server.wiring;

import dev.cairn.catalog.CatalogException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Has what happened without an event of its own summed up, once a minute.
final class EachMinute {
    private static final Logger LOG = LoggerFactory.getLogger(EachMinute.class);
    private static final Duration EVERY = Duration.ofMinutes(1);

    /// What is done each minute.
    @FunctionalInterface
    interface Sum {
        void run() throws CatalogException, InterruptedException;
    }

    private EachMinute() {}

    /// @return ends it, and interrupts a sum under way: it may wait for a server that does not
    ///   answer
    static AutoCloseable start(Sum sum) {
        var timer =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("sums").factory());
        var _ =
                timer.scheduleWithFixedDelay(
                        () -> once(sum), EVERY.toSeconds(), EVERY.toSeconds(), TimeUnit.SECONDS);
        return timer::shutdownNow;
    }

    private static void once(Sum sum) {
        try {
            sum.run();
        } catch (CatalogException failure) {
            LOG.warn("own events wait in the outbox", failure);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException unforeseen) {
            // The timer would never run again.
            LOG.error("own events could not be summed up", unforeseen);
        }
    }
}
