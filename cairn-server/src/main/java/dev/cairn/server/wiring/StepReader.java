package dev.cairn.server.wiring;

import dev.cairn.catalog.CatalogException;
import dev.cairn.embedded.thread.Threads;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.reader.Asides.Aside;
import dev.cairn.reader.Standing;
import dev.cairn.reader.Step;
import dev.cairn.reader.Unreadable;
import dev.cairn.server.operation.OldestPending;
import dev.cairn.server.operation.ReaderView;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The thread that steps a reader whose position is in the catalog, and how it shows in status.
///
/// It looks for new events every [#LOOK], and every [#LOOK_PASSED] while nobody asks for any: its
/// position is kept then, which costs a transaction. What fails is tried again after a pause that
/// doubles up to [#PAUSE_MAX].
final class StepReader implements AutoCloseable, ReaderView {
    private static final Logger LOG = LoggerFactory.getLogger(StepReader.class);
    private static final Duration LOOK = Duration.ofMillis(100);
    private static final Duration LOOK_PASSED = Duration.ofMillis(500);
    private static final Duration PAUSE_MIN = Duration.ofMillis(500);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(30);

    /// A place that the disk does not give back is waited for so many tries, some two minutes.
    private static final int TRIES_MAX = 10;

    private final String name;
    private final Ledger ledger;
    private final Steps steps;
    private final InstantSource clock;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    // Written by the thread.
    private volatile @Nullable Trouble trouble;
    private Duration pause = PAUSE_MIN;
    private int unreadable;

    /// What is stepped.
    interface Steps {
        Step step(Instant now, Unreadable unreadable) throws LedgerException, CatalogException;

        /// Where it stands; empty before the first step.
        Optional<Standing> standing() throws CatalogException;

        /// What of its output was lost, in words; empty for nothing.
        Optional<String> loss() throws CatalogException;

        /// What it set aside, the newest last.
        List<Aside> setAside(int limit) throws CatalogException;
    }

    /// What keeps it from going on, or last did.
    ///
    /// @param lasting whether it still does
    private record Trouble(String words, Instant time, boolean lasting) {}

    private StepReader(String name, Ledger ledger, Steps steps, InstantSource clock) {
        this.name = name;
        this.ledger = ledger;
        this.steps = steps;
        this.clock = clock;
        this.thread = Thread.ofPlatform().name(name).unstarted(this::run);
    }

    /// @param name of the reader and of its thread
    static StepReader start(String name, Ledger ledger, Steps steps, InstantSource clock) {
        var reader = new StepReader(name, ledger, steps, clock);
        reader.thread.start();
        return reader;
    }

    private void run() {
        var wait = Duration.ZERO;
        try {
            while (!closing.await(wait.toNanos(), TimeUnit.NANOSECONDS)) {
                wait = step();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// @return how long to wait before the next step
    private Duration step() {
        try {
            var step =
                    steps.step(
                            clock.instant(),
                            unreadable >= TRIES_MAX ? Unreadable.SET_ASIDE : Unreadable.WAIT);
            unreadable = 0;
            well();
            return switch (step) {
                case Step.MORE -> Duration.ZERO;
                case Step.IDLE -> LOOK;
                case Step.PASSED -> LOOK_PASSED;
            };
        } catch (LedgerException failure) {
            unreadable = failure.unreadable() == null ? 0 : unreadable + 1;
            return failed(failure);
        } catch (CatalogException failure) {
            return failed(failure);
        } catch (RuntimeException | Error unforeseen) {
            // The outermost frame: neither a mistake of ours nor a heap that was full for a moment
            // may end what others rely on, and what lasts is told.
            LOG.error("the reader {} waits", name, unforeseen);
            return failed(unforeseen);
        }
    }

    private void well() {
        pause = PAUSE_MIN;
        var last = trouble;
        if (last != null && last.lasting()) {
            LOG.info("the reader {} goes on again", name);
            trouble = new Trouble(last.words(), last.time(), false);
        }
    }

    private Duration failed(Throwable failure) {
        var words =
                failure instanceof Error
                        ? failure.toString()
                        : String.valueOf(failure.getMessage());
        LOG.warn("the reader {} must wait {}: {}", name, pause, words);
        trouble = new Trouble(words, clock.instant(), true);
        var wait = pause;
        var twice = pause.multipliedBy(2);
        pause = twice.compareTo(PAUSE_MAX) < 0 ? twice : PAUSE_MAX;
        return wait;
    }

    // Status.

    @Override
    public String name() {
        return name;
    }

    @Override
    public Snapshot snapshot() throws CatalogException {
        var standing = steps.standing();
        var last = trouble;
        return new Snapshot(
                standing.map(Standing::taken).orElse(0L),
                standing.map(Standing::delivered).orElse(0L),
                standing.map(Standing::filtered).orElse(0L),
                standing.map(Standing::setAside).orElse(0L),
                standing.isEmpty() ? null : OldestPending.of(ledger, standing.get().cursors()),
                last != null ? last.words() : steps.loss().orElse(null),
                last == null ? null : last.time(),
                last != null && last.lasting());
    }

    @Override
    public List<SetAside> setAside(int limit) throws CatalogException {
        return steps.setAside(limit).stream()
                .map(aside -> new SetAside(aside.position(), aside.count(), aside.reason()))
                .toList();
    }

    /// Lets the step under way end; the next start goes on from there.
    @Override
    public void close() {
        closing.countDown();
        Threads.join(thread);
    }
}
