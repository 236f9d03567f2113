package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Access;
import dev.cairn.access.Action;
import dev.cairn.access.Context;
import dev.cairn.access.Decision;
import dev.cairn.access.Target;
import dev.cairn.catalog.CatalogException;
import dev.cairn.gateway.recording.Forwarder;
import dev.cairn.history.HistoryException;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// The completeness ledger, told: for every reader, recorded = delivered + filtered + set aside +
/// pending.
///
/// *Recorded* counts every event since the data folder was made, so that sums stay comparable when
/// retention has removed segments; what a reader's output let expire is in its *filtered*. Sums are
/// for every caller who may read, those of trails for their own account; names of what was set
/// aside, and the recount, are for the root of the default account. [Recounts] counts what trails
/// delivered.
public final class StatusSource {
    private static final int SHOWN_MAX = 100;
    private static final int READ_MAX = 10_000;
    private static final long READ_BYTES_MAX = 16 << 20;

    /// What tells of other accounts, or costs much.
    static final Action INSPECT = Action.across("cairn", "InspectInstance");

    private final Access access;
    private final Ledger ledger;
    private final Readers readers;
    private final LongSupplier ownEventsUnrecorded;
    private final Supplier<Optional<Forwarder.Status>> spool;
    private final String version;
    private final String dataFolder;
    private final Instant started;

    public StatusSource(
            Access access,
            Ledger ledger,
            Readers readers,
            LongSupplier ownEventsUnrecorded,
            Supplier<Optional<Forwarder.Status>> spool,
            String version,
            String dataFolder,
            Instant started) {
        this.access = access;
        this.ledger = ledger;
        this.readers = readers;
        this.ownEventsUnrecorded = ownEventsUnrecorded;
        this.spool = spool;
        this.version = version;
        this.dataFolder = dataFolder;
        this.started = started;
    }

    ObjectNode status(Invocation call) throws CatalogException, HistoryException, LedgerException {
        var verify = call.input().path("verify").asBoolean();
        var inside =
                access.decide(
                        call.caller(),
                        INSPECT,
                        Target.account(call.caller().account()),
                        new Context(call.now(), call.region(), null, false));
        if (verify) {
            // Reads the whole ledger.
            inside.orFail();
        }
        var output = JsonNodeFactory.instance.objectNode();
        output.put("version", version);
        output.put("startTime", started.getEpochSecond());
        if (inside instanceof Decision.Allowed) {
            output.put("dataFolder", dataFolder);
        }
        var healthy = ledger(output);
        if (verify) {
            healthy &= recount();
            output.put("verified", true);
        }
        healthy &= readers(output, call, inside instanceof Decision.Allowed);
        output.put("ownEventsUnrecorded", ownEventsUnrecorded.getAsLong());
        healthy &= spool(output);
        output.put("healthy", healthy);
        return output;
    }

    /// What is wrong: events are not taken, some are damaged, or a reader's sum is not even; empty
    /// when all is well. For `/health`.
    public List<String> trouble() {
        var trouble = new ArrayList<String>();
        var state = ledger.state();
        if (!state.pushback().isEmpty()) {
            trouble.add("events are pushed back: " + state.pushback());
        }
        if (!state.damaged().isEmpty()) {
            trouble.add("%d runs of events are damaged".formatted(state.damaged().size()));
        }
        spool.get()
                .filter(Forwarder.Status::failing)
                .ifPresent(status ->
                        trouble.add(
                                "%d events wait in the gateway's spool"
                                        .formatted(status.pending().events())));
        try {
            for (var reader : readers.now()) {
                unbalanced(reader).ifPresent(trouble::add);
            }
        } catch (CatalogException failure) {
            trouble.add("readers cannot be told: " + failure.getMessage());
        }
        return trouble;
    }

    private static Optional<String> unbalanced(ReaderView reader) {
        try {
            return reader.snapshot().balanced()
                    ? Optional.empty()
                    : Optional.of(reader.name() + ": the sum is not even");
        } catch (HistoryException | CatalogException failure) {
            return Optional.of(reader.name() + ": " + failure.getMessage());
        }
    }

    private boolean ledger(ObjectNode output) {
        var state = ledger.state();
        var json = output.putObject("ledger");
        var partitions = json.putArray("partitions");
        for (var partition = 0; partition < ledger.partitions(); partition++) {
            var span = ledger.span(partition);
            partitions
                    .addObject()
                    .put("partition", partition)
                    .put("first", span.first())
                    .put("end", span.end());
        }
        json.put("bytes", state.bytes());
        json.put("pushback", state.pushback());
        json.put("duplicatesSince", state.duplicatesSince().getEpochSecond());
        var damaged = json.putArray("damaged");
        for (var lost : state.damaged().subList(0, Math.min(SHOWN_MAX, state.damaged().size()))) {
            damaged.addObject()
                    .put("position", lost.first().toString())
                    .put("count", lost.count())
                    .put("reason", lost.reason());
        }
        return state.pushback().isEmpty() && state.damaged().isEmpty();
    }

    /// @return false while what the gateway keeps cannot be brought to the ledger
    private boolean spool(ObjectNode output) {
        var known = spool.get();
        if (known.isEmpty()) {
            return true;
        }
        var status = known.get();
        var json = output.putObject("spool");
        json.put("pending", status.pending().events());
        json.put("pendingBytes", status.pending().bytes());
        var oldest = status.pending().oldest();
        if (oldest != null) {
            json.put("oldestPendingTime", oldest.getEpochSecond());
        }
        json.put("failing", status.failing());
        var trouble = status.lastTrouble();
        if (trouble != null) {
            json.put("lastFailure", trouble.reason());
            json.put("lastFailureTime", trouble.time().getEpochSecond());
        }
        return !status.failing();
    }

    private boolean readers(ObjectNode output, Invocation call, boolean inside)
            throws HistoryException, CatalogException {
        var well = true;
        var array = output.putArray("readers");
        var aside = output.putArray("setAside");
        for (var reader : readers.now()) {
            var account = reader.account();
            if (!inside && account.isPresent() && !account.get().equals(call.caller().account())) {
                continue;
            }
            // The reader first: what is recorded meanwhile counts as pending.
            var snapshot = reader.snapshot();
            var recorded = recorded();
            var json = array.addObject();
            json.put("name", reader.name());
            json.put("recorded", recorded);
            json.put("delivered", snapshot.delivered());
            json.put("filtered", snapshot.filtered());
            json.put("setAside", snapshot.setAside());
            json.put("pending", recorded - snapshot.taken());
            json.put("balanced", snapshot.balanced());
            json.put("failing", snapshot.failing());
            well &= snapshot.balanced() && !snapshot.failing();
            var lag = Duration.ZERO;
            if (snapshot.oldestPending() != null) {
                json.put("oldestPendingTime", snapshot.oldestPending().getEpochSecond());
                lag = Duration.between(snapshot.oldestPending(), call.now());
            }
            json.put("lagSeconds", Math.max(0, lag.toSeconds()));
            if (snapshot.lastFailure() != null) {
                json.put("lastFailure", snapshot.lastFailure());
            }
            if (snapshot.lastFailureTime() != null) {
                json.put("lastFailureTime", snapshot.lastFailureTime().getEpochSecond());
            }
            for (var item : inside ? reader.setAside(SHOWN_MAX) : List.<ReaderView.SetAside>of()) {
                aside.addObject()
                        .put("reader", reader.name())
                        .put("position", item.position())
                        .put("count", item.count())
                        .put("reason", item.reason());
            }
        }
        return well;
    }

    private long recorded() {
        long recorded = 0;
        for (var partition = 0; partition < ledger.partitions(); partition++) {
            recorded += ledger.span(partition).end();
        }
        return recorded;
    }

    /// Reads every event that is held, and tells whether there are as many as the positions say.
    /// What the disk does not give is not there.
    private boolean recount() throws LedgerException {
        var whole = true;
        for (var partition = 0; partition < ledger.partitions(); partition++) {
            var span = ledger.span(partition);
            var next = span.first();
            long held = 0;
            while (next < span.end()) {
                Slice slice;
                try {
                    slice = ledger.read(new Position(partition, next), READ_MAX, READ_BYTES_MAX);
                } catch (LedgerException failure) {
                    var unreadable = failure.unreadable();
                    if (unreadable == null) {
                        throw failure;
                    }
                    next += unreadable.count();
                    continue;
                }
                for (var item : slice.items()) {
                    if (item instanceof Slice.Held(Position position, _, _)
                            && position.offset() < span.end()) {
                        held++;
                    }
                }
                next = slice.next();
            }
            whole &= held == span.count();
        }
        return whole;
    }
}
