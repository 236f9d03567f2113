package dev.cairn.gateway;

import dev.cairn.access.AddressRange;
import dev.cairn.catalog.CatalogException;
import dev.cairn.gateway.decoding.Decoding;
import dev.cairn.gateway.principal.Principals;
import dev.cairn.gateway.recording.Promise;
import dev.cairn.gateway.upstream.Upstream;
import dev.cairn.ledger.Append;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Passes calls on to an upstream, and records each of them before its client has the answer.
///
/// What holds, for every call (`docs/decisions/0016-strict-gateway.md`): while its event could not
/// be taken, it is refused with 503 before the upstream sees it. The end of its answer goes out
/// when its event is durable, in the ledger or in the gateway's spool as the [Promise] has it; an
/// answer that comes whole and at once is held back until then. What the upstream did instead of
/// answering is recorded as what it was. Reads that succeed may be [sampled][Sampling]. Any thread
/// may call.
public final class Gateway {
    private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);

    private final Parts parts;
    private final Counts counts =
            new Counts(
                    new LongAdder(),
                    new LongAdder(),
                    new LongAdder(),
                    new LongAdder(),
                    new LongAdder());

    /// What is counted.
    record Counts(
            LongAdder passed,
            LongAdder unknownKeys,
            LongAdder turnedAway,
            LongAdder unrecorded,
            LongAdder leftOut) {}

    /// What it works with.
    ///
    /// @param newEventId gives fresh UUIDs
    public record Parts(
            Upstream upstream,
            Decoding decoding,
            Principals principals,
            Promise promise,
            Sampling sampling,
            InstantSource clock,
            Supplier<String> newEventId,
            Settings settings) {}

    /// How it is set up.
    ///
    /// @param account of calls whose key nobody knows
    /// @param region of calls that name none
    /// @param service the signing name of the upstream's only service; null when requests tell
    /// @param keptBytesMax of a request's body and of an answer's, what is kept to be read
    /// @param holdMax how long an answer that keeps coming is held back
    /// @param trustedProxies ranges of addresses whose `X-Forwarded-For` is believed
    public record Settings(
            String account,
            String region,
            @Nullable String service,
            int keptBytesMax,
            Duration holdMax,
            List<String> trustedProxies) {
        public Settings {
            trustedProxies = List.copyOf(trustedProxies);
        }
    }

    public Gateway(Parts parts) {
        this.parts = parts;
    }

    /// Passes a call on, and gives back what its client is to be told.
    ///
    /// @throws InterruptedException when interrupted; the call may have been passed on
    public Relay pass(Arrival arrival) throws InterruptedException {
        try {
            return passOrTurnAway(arrival);
        } catch (InterruptedException | RuntimeException failure) {
            counts.unrecorded().increment();
            throw failure;
        }
    }

    private Relay passOrTurnAway(Arrival arrival) throws InterruptedException {
        var eventId = parts.newEventId().get();
        var pushback = parts.promise().pushback();
        if (pushback.isPresent()) {
            return turnAway(arrival, pushback.get().reason(), eventId);
        }
        try {
            var time = parts.clock().instant();
            var who = parts.principals().identify(arrival.head(), parts.settings().account(), time);
            if (!parts.promise().mayRecord(who.account())) {
                return turnAway(
                        arrival,
                        "this gateway may not record events of account " + who.account(),
                        eventId);
            }
            counts.passed().increment();
            if (who.isUnknown()) {
                counts.unknownKeys().increment();
            }
            return new Passage(parts, arrival, who, sourceAddress(arrival), eventId, time, counts)
                    .pass();
        } catch (CatalogException failure) {
            LOG.error("the gateway cannot tell who calls", failure);
            return turnAway(arrival, "who calls cannot be looked up", eventId);
        }
    }

    private Relay turnAway(Arrival arrival, String reason, String eventId) {
        counts.turnedAway().increment();
        return GatewayError.cannotRecord(reason)
                .relay(arrival.head(), Passage.mayBeS3(arrival.head()), eventId);
    }

    /// The client's address: behind trusted proxies, what the last of them was told by someone who
    /// is none.
    private String sourceAddress(Arrival arrival) {
        var address = arrival.address();
        var forwarded = String.join(",", arrival.head().headers().all("x-forwarded-for"));
        var named = forwarded.isBlank() ? new String[0] : forwarded.split(",", -1);
        for (var i = named.length - 1; i >= 0 && isTrusted(address); i--) {
            var next = named[i].strip();
            if (!next.matches("[0-9a-fA-F.:]{2,45}")) {
                break;
            }
            address = next;
        }
        return address;
    }

    private boolean isTrusted(String address) {
        return parts.settings().trustedProxies().stream()
                .anyMatch(range -> AddressRange.contains(range, address));
    }

    /// Why no call is passed on right now; empty when they are.
    public Optional<Append.Pushback> pushback() throws InterruptedException {
        return parts.promise().pushback();
    }

    /// Calls taken on so far.
    public long passed() {
        return counts.passed().sum();
    }

    /// Calls among them by access keys that nobody knows.
    public long unknownKeys() {
        return counts.unknownKeys().sum();
    }

    /// Calls refused because nothing could be recorded.
    public long turnedAway() {
        return counts.turnedAway().sum();
    }

    /// Calls that were passed on and could not be recorded in time: their clients got no answer of
    /// the upstream's.
    public long unrecorded() {
        return counts.unrecorded().sum();
    }

    /// Reads that succeeded and are not recorded, because reads are sampled.
    public long leftOut() {
        return counts.leftOut().sum();
    }
}
