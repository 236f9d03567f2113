package dev.cairn.server.courier;

import dev.cairn.catalog.CatalogException;
import dev.cairn.topic.Courier;
import dev.cairn.topic.Outbound;
import dev.cairn.topic.Outbound.Parcel;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Messages of topics to receivers outside, one at a time for each receiver.
public final class Letters implements Rounds.Bag<Parcel> {
    public static final int AT_ONCE = 32;

    private static final Logger LOG = LoggerFactory.getLogger(Letters.class);

    private final Outbound outbound;
    private final Function<Parcel, Courier> couriers;
    private final InstantSource clock;
    private final Set<String> busy = ConcurrentHashMap.newKeySet();

    /// @param couriers who carries what
    public Letters(Outbound outbound, Function<Parcel, Courier> couriers, InstantSource clock) {
        this.outbound = outbound;
        this.couriers = couriers;
        this.clock = clock;
    }

    @Override
    public List<Parcel> due(Instant now, int limit) throws CatalogException {
        var due = outbound.due(now, busy::contains, limit);
        due.forEach(parcel -> busy.add(parcel.to().arn()));
        return due;
    }

    @Override
    public void carry(Parcel parcel) throws CatalogException, InterruptedException {
        var outcome = couriers.apply(parcel).carry(parcel);
        switch (outcome) {
            case Courier.Outcome.Taken() ->
                    LOG.debug("{} has {}", parcel.to().arn(), parcel.messageId());
            case Courier.Outcome.Failed(String reason) ->
                    LOG.warn("{} must wait: {}", name(parcel), reason);
            case Courier.Outcome.Refused(String reason) ->
                    LOG.warn("{} is a dead letter: {}", name(parcel), reason);
        }
        outbound.done(parcel, outcome, clock.instant());
    }

    @Override
    public void ended(Parcel parcel) {
        busy.remove(parcel.to().arn());
    }

    @Override
    public String name(Parcel parcel) {
        return "message %s for %s".formatted(parcel.messageId(), parcel.to().arn());
    }
}
