package dev.cairn.server.courier;

import dev.cairn.bus.Courier;
import dev.cairn.bus.Dispatches;
import dev.cairn.bus.Dispatches.Parcel;
import dev.cairn.bus.Pace;
import dev.cairn.bus.Refusal;
import dev.cairn.catalog.CatalogException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Events on their way to targets of rules outside, at a pace.
public final class TargetCalls implements Rounds.Bag<Parcel> {
    public static final int AT_ONCE = 256;

    private static final Logger LOG = LoggerFactory.getLogger(TargetCalls.class);

    private final Dispatches dispatches;
    private final Pace pace;
    private final Courier courier;
    private final Dispatches.Refusals refusals;
    private final InstantSource clock;

    public TargetCalls(
            Dispatches dispatches,
            Pace pace,
            Courier courier,
            Dispatches.Refusals refusals,
            InstantSource clock) {
        this.dispatches = dispatches;
        this.pace = pace;
        this.courier = courier;
        this.refusals = refusals;
        this.clock = clock;
    }

    @Override
    public List<Parcel> due(Instant now, int limit) throws CatalogException {
        return dispatches.due(now, pace, limit, refusals);
    }

    @Override
    public void carry(Parcel parcel) throws CatalogException, InterruptedException {
        var outcome = tried(parcel);
        if (!(outcome instanceof Courier.Outcome.Taken) && Thread.interrupted()) {
            // The stop is what failed, not the target: it is no try that counts.
            throw new InterruptedException("stopped while telling " + name(parcel));
        }
        switch (outcome) {
            case Courier.Outcome.Taken() -> LOG.debug("{} is there", name(parcel));
            case Courier.Outcome.Failed(Refusal refusal, var _) ->
                    refusals.refused(parcel.target().name(), refusal.words());
            case Courier.Outcome.Refused(Refusal refusal) ->
                    refusals.refused(parcel.target().name(), refusal.words());
        }
        dispatches.done(parcel, outcome, pace, clock.instant());
    }

    private Courier.Outcome tried(Parcel parcel) throws InterruptedException {
        try {
            return courier.carry(parcel);
        } catch (RuntimeException mistake) {
            refusals.failed(parcel.target().name(), mistake);
            return new Courier.Outcome.Failed(
                    new Refusal("INTERNAL_ERROR", "Cairn made a mistake", false), clock.instant());
        }
    }

    @Override
    public void ended(Parcel parcel) {
        pace.end(parcel);
    }

    @Override
    public String name(Parcel parcel) {
        return "event %s for %s".formatted(parcel.id(), parcel.target().name());
    }
}
