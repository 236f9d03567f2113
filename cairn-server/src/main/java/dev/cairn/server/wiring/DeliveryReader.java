package dev.cairn.server.wiring;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.delivery.DeliveryState;
import dev.cairn.delivery.TrailDelivery;
import dev.cairn.delivery.TrailDelivery.Step;
import dev.cairn.embedded.thread.Threads;
import dev.cairn.ledger.LedgerException;
import dev.cairn.server.operation.ReaderView;
import dev.cairn.trail.Deliveries;
import dev.cairn.trail.TrailCourse;
import dev.cairn.trail.Trails;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The threads that step the delivery of trails: each trail by itself, so that a bucket that is
/// away or slow holds up nobody else.
///
/// Files are made every `trail.delivery-interval`, or when as much is recorded as one file may
/// hold. A trail that the archive refuses is tried again after a pause that doubles up to
/// [#PAUSE_MAX]. Pace is the machine's monotonic time; what time means comes from the clock. At
/// most [#GATHERING_MAX] trails gather at once, each at most one cut, which bounds the memory.
final class DeliveryReader implements AutoCloseable, Deliveries {
    private static final Logger LOG = LoggerFactory.getLogger(DeliveryReader.class);
    private static final int GATHERING_MAX = 2;
    private static final Duration PAUSE_MIN = Duration.ofSeconds(1);
    static final Duration PAUSE_MAX = Duration.ofMinutes(5);
    private static final Duration LOOK_MIN = Duration.ofMillis(100);
    private static final Duration LOOK_MAX = Duration.ofSeconds(1);

    private final TrailDelivery.Parts parts;
    private final Duration interval;
    private final Duration look;
    private final InstantSource clock;
    private final Map<String, Runner> runners = new ConcurrentHashMap<>();
    private final Semaphore gathering = new Semaphore(GATHERING_MAX);
    private final CountDownLatch closing = new CountDownLatch(1);
    private final ExecutorService steps = Executors.newVirtualThreadPerTaskExecutor();
    private final Thread thread;

    private DeliveryReader(TrailDelivery.Parts parts, Duration interval, InstantSource clock) {
        this.parts = parts;
        this.interval = interval;
        this.clock = clock;
        Duration quarter = interval.dividedBy(4);
        this.look =
                quarter.compareTo(LOOK_MIN) < 0
                        ? LOOK_MIN
                        : quarter.compareTo(LOOK_MAX) > 0 ? LOOK_MAX : quarter;
        this.thread = Thread.ofPlatform().name("delivery").unstarted(this::run);
    }

    /// @param interval how often files are made (`trail.delivery-interval`)
    static DeliveryReader start(TrailDelivery.Parts parts, Duration interval, InstantSource clock) {
        DeliveryReader reader = new DeliveryReader(parts, interval, clock);
        reader.thread.start();
        return reader;
    }

    /// The first offset of a partition that some trail still needs; `Long.MAX_VALUE` when none
    /// does.
    static long lowest(Catalog catalog, Trails trails, int partition) throws CatalogException {
        long lowest = Long.MAX_VALUE;
        for (TrailCourse course : trails.current().courses()) {
            Optional<DeliveryState> state = TrailDelivery.state(catalog, course.id());
            long needed =
                    state.isPresent()
                            ? state.get().lowest(partition)
                            : course.versions().getFirst().from().get(partition);
            lowest = Math.min(lowest, needed);
        }
        return lowest;
    }

    /// Every trail whose events are still delivered, those that are deleted included.
    List<ReaderView> views() throws CatalogException {
        return parts.trails().current().courses().stream()
                .<ReaderView>map(course -> new TrailView(parts, this, course))
                .toList();
    }

    /// What keeps a trail from delivering, or last did.
    ///
    /// @param lasting whether it still does
    record Trouble(String words, Instant time, boolean lasting) {}

    /// Empty when a trail delivered whatever it had to since the start.
    Optional<Trouble> trouble(String id) {
        Runner runner = runners.get(id);
        return runner == null ? Optional.empty() : Optional.ofNullable(runner.trouble);
    }

    @Override
    public Figures figures(String id, String region) throws CatalogException {
        Optional<DeliveryState> state = TrailDelivery.state(parts.catalog(), id);
        Runner runner = runners.get(id);
        Instant delivered = state.map(DeliveryState::lastDelivery).orElse(null);
        return new Figures(
                delivered,
                runner == null || runner.attempted == null ? delivered : runner.attempted,
                runner == null ? "" : runner.error,
                state.map(DeliveryState::lastDigest).orElse(null),
                runner == null ? "" : runner.digestError);
    }

    /// Lets the steps under way end; what they leave goes on after the next start.
    @Override
    public void close() {
        closing.countDown();
        Threads.join(thread);
        Threads.join(steps);
    }

    // ---- the thread that looks ----------------------------------------------------------------

    private void run() {
        try {
            while (!closing.await(look.toNanos(), TimeUnit.NANOSECONDS)) {
                lookAround();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void lookAround() {
        try {
            for (TrailCourse course : parts.trails().current().courses()) {
                Runner runner =
                        runners.computeIfAbsent(
                                course.id(), id -> new Runner(id, new TrailDelivery(parts, id)));
                if (System.nanoTime() - runner.notBefore >= 0
                        && runner.busy.compareAndSet(false, true)) {
                    steps.execute(runner);
                }
            }
        } catch (CatalogException failure) {
            LOG.warn("deliveries wait: {}", failure.getMessage());
        } catch (RuntimeException unforeseen) {
            // The outermost frame: a mistake of ours must not end what others rely on.
            LOG.error("deliveries wait", unforeseen);
        }
    }

    // ---- one trail ----------------------------------------------------------------------------

    private final class Runner implements Runnable {
        private final String id;
        private final TrailDelivery delivery;
        private final AtomicBoolean busy = new AtomicBoolean();

        // Written by whoever is busy with the trail.
        private volatile long notBefore = System.nanoTime();
        private volatile @Nullable Instant attempted;
        private volatile String error = "";
        private volatile String digestError = "";
        private volatile @Nullable Trouble trouble;
        private long cutAt = System.nanoTime();
        private Duration pause = PAUSE_MIN;

        Runner(String id, TrailDelivery delivery) {
            this.id = id;
            this.delivery = delivery;
        }

        @Override
        public void run() {
            try {
                boolean due = System.nanoTime() - cutAt >= 0 || delivery.isPlenty();
                Step step = stepOn(due);
                if (due && step instanceof Step.Idle) {
                    cutAt = System.nanoTime() + interval.toNanos();
                }
                switch (step) {
                    case Step.Idle _, Step.More _ -> well();
                    case Step.Gone _ -> runners.remove(id);
                    case Step.Refused(var cause, var digest) -> {
                        attempted = clock.instant();
                        error = digest ? "" : cause.code();
                        digestError = digest ? cause.code() : "";
                        failed(digest ? "a digest" : "a log file", cause);
                    }
                }
            } catch (CatalogException | LedgerException failure) {
                failed("events", failure);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException unforeseen) {
                // The outermost frame: a mistake of ours must not end what others rely on.
                error = "InternalError";
                LOG.error("the delivery of {} fails", id, unforeseen);
                failed("events", unforeseen);
            } finally {
                busy.set(false);
            }
        }

        /// Steps until nothing is left to do now.
        private Step stepOn(boolean due)
                throws CatalogException, LedgerException, InterruptedException {
            Step step;
            do {
                if (delivery.holdsFiles()) {
                    attempted = clock.instant();
                    step = delivery.step(clock.instant(), due);
                } else {
                    gathering.acquire();
                    try {
                        step = delivery.step(clock.instant(), due);
                    } finally {
                        gathering.release();
                    }
                }
            } while (step instanceof Step.More && closing.getCount() > 0);
            return step;
        }

        private void well() {
            if (pause.compareTo(PAUSE_MIN) > 0) {
                LOG.info("the delivery of {} goes on", id);
            }
            error = "";
            digestError = "";
            pause = PAUSE_MIN;
            Trouble last = trouble;
            if (last != null && last.lasting()) {
                trouble = new Trouble(last.words(), last.time(), false);
            }
        }

        private void failed(String what, Exception failure) {
            LOG.warn("{} of {} must wait {}: {}", what, id, pause, failure.getMessage());
            trouble = new Trouble(what + ": " + failure.getMessage(), clock.instant(), true);
            notBefore = System.nanoTime() + pause.toNanos();
            Duration twice = pause.multipliedBy(2);
            pause = twice.compareTo(PAUSE_MAX) < 0 ? twice : PAUSE_MAX;
        }
    }
}
