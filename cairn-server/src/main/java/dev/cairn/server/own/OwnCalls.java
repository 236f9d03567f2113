package dev.cairn.server.own;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.account.Accounts;
import dev.cairn.account.Caller;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Outbox;
import dev.cairn.event.Place;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.Position;
import dev.cairn.secret.Secrets;
import dev.cairn.server.http.Exchange;
import dev.cairn.server.operation.Invocation;
import dev.cairn.server.operation.Operation;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Records every call to Cairn, before it is answered.
///
/// A call that changes something writes its event to the outbox in the transaction of the change;
/// it is refused before it changes anything when the ledger pushes back. A call that only reads is
/// answered even then, for that is when an operator has to look: its event is counted, and the
/// count is recorded once the ledger takes events again. Calls that read many things at once are
/// refused instead: they can be made one by one. Requests of strangers (no known key, or not its
/// signature) are recorded up to [Strangers#PER_SECOND] a second and source, the rest is summed:
/// nobody can flood the history without being somebody. A call that fails inside Cairn is recorded
/// as its caller was answered.
public final class OwnCalls {
    private static final Logger LOG = LoggerFactory.getLogger(OwnCalls.class);

    private final Ledger ledger;
    private final Outbox outbox;
    private final Accounts accounts;
    private final Secrets secrets;
    private final InstantSource clock;
    private final String defaultRegion;
    private final Strangers strangers = new Strangers();
    private final Strangers crowdedOut = new Strangers();
    private final AtomicLong unrecorded = new AtomicLong();

    public OwnCalls(
            Ledger ledger,
            Outbox outbox,
            Accounts accounts,
            Secrets secrets,
            InstantSource clock,
            String defaultRegion) {
        this.ledger = ledger;
        this.outbox = outbox;
        this.accounts = accounts;
        this.secrets = secrets;
        this.clock = clock;
        this.defaultRegion = defaultRegion;
    }

    /// A fresh eventID.
    public String newEventId() {
        return secrets.uuid();
    }

    /// Runs a change, with its event in the same transaction, and records the event.
    ///
    /// @throws Failure SERVICE_UNAVAILABLE, with nothing changed, when the ledger pushes back
    public ObjectNode change(
            Operation.Change change, Invocation call, Function<ObjectNode, OwnRecord> recordOf)
            throws CatalogException {
        return outbox.<ObjectNode, RuntimeException>perform(transaction -> {
            var output = change.run(call, transaction);
            return new Outbox.Changed<>(output, recordOf.apply(output).entry());
        });
    }

    /// Records a call that changed nothing in the catalog, or failed.
    public void record(OwnEvent event) throws InterruptedException {
        append(event.entry());
    }

    /// Records calls together that are then answered together.
    ///
    /// @throws Failure SERVICE_UNAVAILABLE, with none recorded, when the ledger pushes back
    public void recordAll(List<? extends OwnEvent> events) throws InterruptedException {
        if (events.isEmpty()) {
            return;
        }
        var entries = new ArrayList<Entry>();
        events.forEach(event -> entries.add(event.entry()));
        for (var outcome : ledger.append(entries)) {
            switch (outcome) {
                case Append.Recorded _, Append.Duplicate _ -> {}
                case Append.Conflict(var first) -> throw taken(first);
                case Append.Pushback(var retryAfter, var reason) ->
                        throw new Failure(ErrorCode.SERVICE_UNAVAILABLE, reason, retryAfter);
            }
        }
    }

    /// Records a request whose sender is not known, within the bounds for strangers.
    ///
    /// @param accessKeyId the key that was claimed; empty for none
    public void stranger(
            Exchange exchange,
            String requestId,
            String accessKeyId,
            OwnRecord.Asked asked,
            OwnRecord.Outcome outcome)
            throws InterruptedException {
        var now = clock.instant();
        if (strangers.mayRecord(exchange.remoteAddress(), now)) {
            var caller =
                    new Caller(
                            Caller.Type.ANONYMOUS,
                            accountOf(accessKeyId),
                            "",
                            "",
                            null,
                            accessKeyId.isEmpty() ? null : accessKeyId,
                            null,
                            null);
            append(now, caller, defaultRegion, asked, exchange, requestId, outcome);
        }
    }

    /// Records a request to the gateway that never became a call, such as one that says two things
    /// of its length, within the bounds for strangers.
    public void refusedByGateway(String remoteAddress, String reason) throws InterruptedException {
        stranger(
                GatewayEvents.refusedExchange(remoteAddress),
                newEventId(),
                "",
                GatewayEvents.passCall(),
                GatewayEvents.malformed(reason));
    }

    /// Counts a request to the gateway for which there was no place.
    public void crowdedOutOfGateway(String remoteAddress) {
        crowdedOut.sum(remoteAddress);
    }

    /// Records a refused request of a known caller on a path that takes many, within the same
    /// bounds: one that is sent again and again must not fill the history, nor be an event that is
    /// sent again in its turn.
    ///
    /// @param region as signed for; empty for the default region
    public void refused(
            Exchange exchange,
            String requestId,
            Caller caller,
            String region,
            OwnRecord.Asked asked,
            OwnRecord.Outcome outcome)
            throws InterruptedException {
        var now = clock.instant();
        if (strangers.mayRecord(exchange.remoteAddress(), now)) {
            var place = region.isEmpty() ? defaultRegion : region;
            append(now, caller, place, asked, exchange, requestId, outcome);
        }
    }

    private void append(
            Instant now,
            Caller caller,
            String region,
            OwnRecord.Asked asked,
            Exchange exchange,
            String requestId,
            OwnRecord.Outcome outcome)
            throws InterruptedException {
        record(
                new OwnRecord(
                        newEventId(), now, caller, region, asked, exchange, requestId, outcome));
    }

    /// What records a call.
    @FunctionalInterface
    public interface Recording {
        void run() throws InterruptedException;
    }

    /// Records a call that failed inside Cairn. Its answer goes out whatever becomes of its event:
    /// one that cannot be recorded either is counted with those that the ledger pushed back.
    public void orCounted(Recording recording) throws InterruptedException {
        try {
            recording.run();
        } catch (RuntimeException unforeseen) {
            LOG.error("the event of a failed call could not be recorded", unforeseen);
            unrecorded.incrementAndGet();
        }
    }

    /// A call ends, because Cairn stops, before its event is known to be recorded.
    public void cutShort() {
        unrecorded.incrementAndGet();
    }

    /// Records the sums of what was not recorded one by one; called about once a minute.
    public void recordSums() throws InterruptedException {
        var place = new Place(accounts.defaultAccount(), defaultRegion);
        for (var sum : strangers.takeSums()) {
            if (!append(
                    SummaryRecord.refusedRequests(
                            newEventId(), clock.instant(), place, sum.source(), sum.count()))) {
                strangers.putBack(sum);
                unrecorded.decrementAndGet();
            }
        }
        for (var sum : crowdedOut.takeSums()) {
            if (!append(
                    SummaryRecord.crowdedOut(
                            newEventId(), clock.instant(), place, sum.source(), sum.count()))) {
                crowdedOut.putBack(sum);
                unrecorded.decrementAndGet();
            }
        }
        var count = unrecorded.getAndSet(0);
        if (count > 0
                && !append(
                        SummaryRecord.unrecordedCalls(
                                newEventId(), clock.instant(), place, count))) {
            // The summary counts itself as one when it is not taken.
            unrecorded.addAndGet(count - 1);
        }
    }

    /// Records that the gateway samples reads.
    ///
    /// @param share of them that are recorded
    /// @param leftOut how many were left out since this was last recorded; 0 when it begins
    /// @return false when the ledger pushed back
    public boolean sampledReads(double share, long leftOut) throws InterruptedException {
        var place = new Place(accounts.defaultAccount(), defaultRegion);
        var entry =
                SummaryRecord.sampledReads(newEventId(), clock.instant(), place, share, leftOut);
        if (append(entry)) {
            return true;
        }
        unrecorded.decrementAndGet();
        return false;
    }

    /// Records that the time that retention counts on went on at once, because Cairn was off or the
    /// machine's clock was set forward.
    ///
    /// @return false when the ledger pushed back
    public boolean retentionTimeJumped(Duration by, Instant to) throws InterruptedException {
        var place = new Place(accounts.defaultAccount(), defaultRegion);
        var entry =
                SummaryRecord.retentionTimeJumped(
                        newEventId(), clock.instant(), place, by.toSeconds(), to);
        if (append(entry)) {
            return true;
        }
        unrecorded.decrementAndGet();
        return false;
    }

    /// Calls that were answered and are not recorded yet, because the ledger pushed back or did not
    /// answer.
    public long unrecorded() {
        return unrecorded.get();
    }

    private String accountOf(String accessKeyId) {
        try {
            return accessKeyId.isEmpty()
                    ? accounts.defaultAccount()
                    : accounts.signer(accessKeyId)
                            .map(signer -> signer.caller().account())
                            .orElse(accounts.defaultAccount());
        } catch (CatalogException failure) {
            LOG.warn("cannot tell whose key was claimed: {}", failure.getMessage());
            return accounts.defaultAccount();
        }
    }

    private boolean append(Entry entry) throws InterruptedException {
        return switch (ledger.append(List.of(entry)).getFirst()) {
            case Append.Recorded _, Append.Duplicate _ -> true;
            case Append.Conflict(var first) -> throw taken(first);
            case Append.Pushback _ -> {
                unrecorded.incrementAndGet();
                yield false;
            }
        };
    }

    private static IllegalStateException taken(Position first) {
        return new IllegalStateException("expected a fresh eventID, got one recorded at " + first);
    }
}
