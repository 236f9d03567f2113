package dev.cairn.server.courier;

import dev.cairn.catalog.CatalogException;
import dev.cairn.topic.Courier;
import dev.cairn.topic.Outbound;
import dev.cairn.topic.Outbound.Parcel;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The threads that carry outside what is due there: at most [#AT_ONCE] messages at a time, one for
/// each receiver.
public final class Rounds implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Rounds.class);
    private static final int AT_ONCE = 32;

    private final Outbound outbound;
    private final Function<Parcel, Courier> couriers;
    private final InstantSource clock;
    private final Semaphore wake;
    private final Semaphore free = new Semaphore(AT_ONCE);
    private final Set<String> busy = ConcurrentHashMap.newKeySet();
    private final ExecutorService carrying = Executors.newVirtualThreadPerTaskExecutor();

    /// @param couriers who carries what
    /// @param wake released when it is worth another look
    public Rounds(
            Outbound outbound,
            Function<Parcel, Courier> couriers,
            Semaphore wake,
            InstantSource clock) {
        this.outbound = outbound;
        this.couriers = couriers;
        this.wake = wake;
        this.clock = clock;
    }

    /// Has what is due carried, as far as there are hands free.
    public void look() throws CatalogException {
        for (var parcel : outbound.due(clock.instant(), busy::contains, free.availablePermits())) {
            if (!free.tryAcquire()) {
                return;
            }
            busy.add(parcel.to().arn());
            carrying.execute(() -> carry(parcel));
        }
    }

    /// Interrupts what is being carried: it is carried again after the next start. Nobody looks any
    /// more.
    @Override
    public void close() {
        carrying.shutdownNow();
        carrying.close();
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
