package dev.cairn.server.courier;

import dev.cairn.catalog.CatalogException;
import dev.cairn.embedded.thread.Lookout;
import dev.cairn.topic.Courier;
import dev.cairn.topic.Outbound;
import dev.cairn.topic.Outbound.Parcel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
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
    private final ExecutorService carrying = Executors.newVirtualThreadPerTaskExecutor();
    private final Lookout lookout;

    private Rounds(
            Outbound outbound,
            Function<Parcel, Courier> couriers,
            Semaphore wake,
            InstantSource clock) {
        this.outbound = outbound;
        this.couriers = couriers;
        this.wake = wake;
        this.clock = clock;
        this.lookout = new Lookout("couriers", "messages of topics wait", LOOK, wake, this::look);
    }

    /// @param couriers who carries what
    /// @param wake released when there is something new
    public static Rounds start(
            Outbound outbound,
            Function<Parcel, Courier> couriers,
            Semaphore wake,
            InstantSource clock) {
        var rounds = new Rounds(outbound, couriers, wake, clock);
        rounds.lookout.start();
        return rounds;
    }

    /// Interrupts what is being carried: it is carried again after the next start.
    @Override
    public void close() {
        carrying.shutdownNow();
        lookout.close();
        carrying.close();
    }

    private void look() throws CatalogException {
        for (var parcel : outbound.due(clock.instant(), busy::contains, free.availablePermits())) {
            if (lookout.closing() || !free.tryAcquire()) {
                return;
            }
            busy.add(parcel.to().arn());
            try {
                carrying.execute(() -> carry(parcel));
            } catch (RejectedExecutionException _) {
                LOG.debug("closing");
                return;
            }
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
