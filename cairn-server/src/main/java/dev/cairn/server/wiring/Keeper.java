package dev.cairn.server.wiring;

import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.ObjectStore;
import dev.cairn.catalog.CatalogException;
import dev.cairn.server.bucket.LifecycleRound;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks after the buckets of the built-in archive: does what their lifecycle rules say, a page a
/// second, brings back from the colder place what was asked for, and tells when the time that
/// retention counts on went further than a clock that nobody sets.
final class Keeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);
    private static final Duration TICK = Duration.ofSeconds(1);

    /// Clocks that are put right, and stops of Cairn, add up to this before they are told of.
    private static final Duration JUMP_MIN = Duration.ofHours(1);

    /// What is brought back from the colder place in one go.
    private static final long COLD_BYTES_MAX = 64 << 20;

    /// How often it is noted that time passed: what is not when Cairn ends adds up as if it had
    /// been off.
    private static final Duration NOTE = Duration.ofMinutes(1);

    private final BucketRegister buckets;
    private final ObjectStore store;
    private final Duration every;
    private final InstantSource clock;
    private final LongSupplier steady;
    private final Jumps jumps;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("keeper").factory());

    private @Nullable LifecycleRound round;

    /// Whether there are locks, so that time counts.
    private boolean locks;

    private Instant next = Instant.MIN;

    /// By the steady clock, up to when it is noted how far the time went.
    private long seen;

    /// Who is told of a jump of the clock.
    @FunctionalInterface
    interface Jumps {
        /// @param by how far it went beyond the time that was seen to pass
        /// @param to the time it is now
        /// @return false when it must be told again
        boolean told(Duration by, Instant to) throws InterruptedException;
    }

    /// @param steady nanoseconds of a clock that nobody sets
    Keeper(
            BucketRegister buckets,
            ObjectStore store,
            Duration every,
            InstantSource clock,
            LongSupplier steady,
            Jumps jumps) {
        this.buckets = buckets;
        this.store = store;
        this.every = every;
        this.clock = clock;
        this.steady = steady;
        this.jumps = jumps;
        this.seen = steady.getAsLong();
    }

    Keeper start() {
        var _ =
                timer.scheduleWithFixedDelay(
                        this::tick, TICK.toSeconds(), TICK.toSeconds(), TimeUnit.SECONDS);
        return this;
    }

    private void tick() {
        try {
            step();
            if (locks && steady.getAsLong() - seen >= NOTE.toNanos()) {
                look();
            }
            store.tendCold(COLD_BYTES_MAX);
        } catch (CatalogException | ArchiveException failure) {
            round = null;
            LOG.warn("what buckets' rules say could not be done; trying again later", failure);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException unforeseen) {
            // The timer would never run again.
            round = null;
            LOG.error("what buckets' rules say could not be done", unforeseen);
        }
    }

    /// Does one page of a round, or begins one when it is time.
    ///
    /// @return whether a round is under way
    boolean step() throws CatalogException, ArchiveException, InterruptedException {
        var current = round;
        if (current == null) {
            var now = clock.instant();
            // A machine's clock that went back must not stop the rounds.
            boolean waits = now.isBefore(next) && next.isBefore(now.plus(every).plus(TICK));
            if (waits) {
                return false;
            }
            next = now.plus(every);
            current = new LifecycleRound(buckets, store);
            round = current;
        }
        if (current.step()) {
            return true;
        }
        round = null;
        locks = current.sawLocks();
        if (locks) {
            look();
        }
        return false;
    }

    private void look() throws ArchiveException, InterruptedException {
        var now = steady.getAsLong();
        var passed = Duration.ofNanos(now - seen);
        var unseen = store.unseenTime();
        var jumped = unseen.minus(passed);
        if (jumped.compareTo(JUMP_MIN) > 0) {
            var to = store.keepingTime();
            LOG.warn(
                    "the time that retention counts on is now {}, {} beyond what Cairn saw of it: Cairn was off for so long, or the machine's clock was set forward",
                    to,
                    jumped);
            if (!jumps.told(jumped, to)) {
                return;
            }
            store.seeTime(unseen);
        } else {
            // Nothing is seen that has not passed: the time may have been noted first just now.
            store.seeTime(passed.compareTo(unseen) < 0 ? passed : unseen);
        }
        seen = now;
    }

    /// Waits for the page that is under way: the archive closes next.
    @Override
    public void close() {
        timer.shutdown();
        try {
            if (!timer.awaitTermination(10, TimeUnit.SECONDS)) {
                LOG.warn("a page of the buckets' rules does not end");
            } else if (locks) {
                look();
            }
        } catch (ArchiveException failure) {
            LOG.warn("how far the time went could not be noted", failure);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
