package dev.cairn.server.wiring;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.embedded.thread.Threads;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.log.FilterReader;
import dev.cairn.log.FilterReader.Step;
import dev.cairn.log.FilterReader.Unreadable;
import dev.cairn.log.StoredEvents;
import dev.cairn.server.operation.OldestPending;
import dev.cairn.server.operation.ReaderView;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The thread that steps the asking of metric filters, and how it shows in status.
///
/// It looks for new events every [#LOOK], and every [#LOOK_PASSED] while no trail feeds a log
/// group: its position is kept then, which costs a transaction. What fails is tried again after a
/// pause that doubles up to [#PAUSE_MAX].
final class AlertingReader implements AutoCloseable, ReaderView {
    private static final Logger LOG = LoggerFactory.getLogger(AlertingReader.class);
    private static final Duration LOOK = Duration.ofMillis(100);
    private static final Duration LOOK_PASSED = Duration.ofMillis(500);
    private static final Duration PAUSE_MIN = Duration.ofMillis(500);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(30);

    /// A place that the disk does not give back is waited for so many tries, some two minutes.
    private static final int TRIES_MAX = 10;

    private final Ledger ledger;
    private final Catalog catalog;
    private final FilterReader reader;
    private final InstantSource clock;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    // Written by the thread.
    private volatile @Nullable Trouble trouble;
    private Duration pause = PAUSE_MIN;
    private int unreadable;

    /// What keeps filters from being asked, or last did.
    ///
    /// @param lasting whether it still does
    private record Trouble(String words, Instant time, boolean lasting) {}

    private AlertingReader(
            Ledger ledger, Catalog catalog, FilterReader reader, InstantSource clock) {
        this.ledger = ledger;
        this.catalog = catalog;
        this.reader = reader;
        this.clock = clock;
        this.thread = Thread.ofPlatform().name("alerting").unstarted(this::run);
    }

    static AlertingReader start(
            Ledger ledger, Catalog catalog, FilterReader reader, InstantSource clock) {
        var alerting = new AlertingReader(ledger, catalog, reader, clock);
        alerting.thread.start();
        return alerting;
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
                    reader.step(
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
            LOG.error("metric filters wait", unforeseen);
            return failed(unforeseen);
        }
    }

    private void well() {
        pause = PAUSE_MIN;
        var last = trouble;
        if (last != null && last.lasting()) {
            LOG.info("metric filters are asked again");
            trouble = new Trouble(last.words(), last.time(), false);
        }
    }

    private Duration failed(Throwable failure) {
        var words =
                failure instanceof Error
                        ? failure.toString()
                        : String.valueOf(failure.getMessage());
        LOG.warn("metric filters must wait {}: {}", pause, words);
        trouble = new Trouble(words, clock.instant(), true);
        var wait = pause;
        var twice = pause.multipliedBy(2);
        pause = twice.compareTo(PAUSE_MAX) < 0 ? twice : PAUSE_MAX;
        return wait;
    }

    // Status.

    @Override
    public String name() {
        return "alerting";
    }

    @Override
    public Snapshot snapshot() throws CatalogException {
        var state = FilterReader.state(catalog);
        var last = trouble;
        var uncounted =
                state.map(FilterReader.State::uncounted).orElse(0L)
                        + StoredEvents.uncounted(catalog);
        return new Snapshot(
                state.map(FilterReader.State::taken).orElse(0L),
                state.map(FilterReader.State::delivered).orElse(0L),
                state.map(FilterReader.State::filtered).orElse(0L),
                state.map(FilterReader.State::setAside).orElse(0L),
                state.isEmpty() ? null : OldestPending.of(ledger, state.get().cursors()),
                last != null
                        ? last.words()
                        : uncounted > 0
                                ? "%d values were not counted: there are too many metrics, too many different values in one batch, or they came too late"
                                        .formatted(uncounted)
                                : null,
                last == null ? null : last.time(),
                last != null && last.lasting());
    }

    @Override
    public List<SetAside> setAside(int limit) throws CatalogException {
        return FilterReader.setAside(catalog, limit).stream()
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
