package dev.cairn.server.courier;

import dev.cairn.catalog.CatalogException;
import dev.cairn.topic.Courier;
import dev.cairn.topic.Outbound;
import dev.cairn.topic.Outbound.Parcel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The threads that see to it that what is due outside is carried there: at most [#AT_ONCE]
/// messages at a time, one for each receiver.
///
/// Looks when it is woken, and once a second for what is to be tried again.
public final class Rounds implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Rounds.class);
    private static final int AT_ONCE = 32;
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final Outbound outbound;
    private final Function<Parcel, Courier> couriers;
    private final InstantSource clock;
    private final Semaphore wake;
    private final Semaphore free = new Semaphore(AT_ONCE);
    private final Set<String> busy = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final ExecutorService carrying = Executors.newVirtualThreadPerTaskExecutor();
    private final Thread thread;

    private Rounds(
            Outbound outbound,
            Function<Parcel, Courier> couriers,
            Semaphore wake,
            InstantSource clock) {
        this.outbound = outbound;
        this.couriers = couriers;
        this.wake = wake;
        this.clock = clock;
        this.thread = Thread.ofPlatform().name("couriers").unstarted(this::run);
    }

    /// @param couriers who carries what
    /// @param wake released when there is something new
    public static Rounds start(
            Outbound outbound,
            Function<Parcel, Courier> couriers,
            Semaphore wake,
            InstantSource clock) {
        var rounds = new Rounds(outbound, couriers, wake, clock);
        rounds.thread.start();
        return rounds;
    }

    /// Interrupts what is being carried: it is carried again after the next start.
    @Override
    public void close() {
        closing.countDown();
        wake.release();
        carrying.shutdownNow();
        var interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        carrying.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (closing.getCount() > 0) {
                look();
                if (wake.tryAcquire(LOOK.toNanos(), TimeUnit.NANOSECONDS)) {
                    wake.drainPermits();
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        try {
            for (var parcel :
                    outbound.due(clock.instant(), busy::contains, free.availablePermits())) {
                if (!free.tryAcquire()) {
                    return;
                }
                busy.add(parcel.to().arn());
                carrying.execute(() -> carry(parcel));
            }
        } catch (CatalogException failure) {
            LOG.warn("messages of topics wait: {}", failure.getMessage());
        } catch (java.util.concurrent.RejectedExecutionException _) {
            LOG.debug("closing");
        } catch (RuntimeException unforeseen) {
            // The outermost frame: a mistake of ours must not end what others rely on.
            LOG.error("messages of topics wait", unforeseen);
        }
    }

    private void carry(Parcel parcel) {
        try {
            var outcome = couriers.apply(parcel).carry(parcel);
            switch (outcome) {
                case Courier.Outcome.Taken() ->
                        LOG.debug("{} has {}", parcel.to().arn(), parcel.messageId());
                case Courier.Outcome.Failed(String reason) ->
                        LOG.warn(
                                "message {} for {} must wait: {}",
                                parcel.messageId(),
                                parcel.to().arn(),
                                reason);
                case Courier.Outcome.Refused(String reason) ->
                        LOG.warn(
                                "message {} for {} is a dead letter: {}",
                                parcel.messageId(),
                                parcel.to().arn(),
                                reason);
            }
            outbound.done(parcel, outcome, clock.instant());
        } catch (CatalogException failure) {
            LOG.warn(
                    "message {} for {} will be sent again: {}",
                    parcel.messageId(),
                    parcel.to().arn(),
                    failure.getMessage());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException unforeseen) {
            LOG.error(
                    "message {} for {} will be sent again",
                    parcel.messageId(),
                    parcel.to().arn(),
                    unforeseen);
        } finally {
            busy.remove(parcel.to().arn());
            free.release();
            wake.release();
        }
    }
}
