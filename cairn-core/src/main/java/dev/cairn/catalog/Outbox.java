package dev.cairn.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.event.Place;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.Origin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Makes a change and its own event one: both happen, or neither.
///
/// A call that changes the catalog writes its event to an outbox row in the same transaction. Then
/// the event is appended to the ledger, the row removed, and the call answered. Whatever the
/// process dies on, the row is still there or the event is recorded; [#drain] at the next start
/// appends what is left under the same eventID, and the ledger tells what it has already. That
/// holds as long as the ledger remembers ids (its duplicate window): a server that died between
/// append and removal, and starts again only after the window has passed, records that one event
/// twice.
///
/// An event that meets another one under its id is set aside in the catalog (kind
/// `outbox-set-aside`) and counted, never dropped and never in the way (invariant I9). Any thread
/// may call any method.
public final class Outbox {
    /// How many events may wait for the ledger before further changes are refused.
    public static final int WAITING_MAX = 1000;

    private static final String WAITING = "outbox";
    private static final String SET_ASIDE = "outbox-set-aside";
    private static final int BATCH = 100;
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final Catalog catalog;
    private final Ledger ledger;

    public Outbox(Catalog catalog, Ledger ledger) {
        this.catalog = catalog;
        this.ledger = ledger;
    }

    /// A call that changes something.
    @FunctionalInterface
    public interface Change<T, X extends Exception> {
        /// Makes the change within the transaction.
        Changed<T> make(Transaction transaction) throws CatalogException, X;
    }

    /// What a change gives back.
    ///
    /// @param answer for the caller
    /// @param event the call's own event; its id must be new
    public record Changed<T>(T answer, Entry event) {}

    /// What a drain did.
    ///
    /// @param recorded events now in the ledger, those it had already included
    /// @param setAside events that met another one under their id
    /// @param waiting events that the ledger pushed back; drain again later
    public record Drained(int recorded, int setAside, int waiting) {}

    /// Makes a change, records its event, and returns the answer: then both are durable.
    ///
    /// When the ledger pushes back after the change is made, the catalog fails then, or the thread
    /// is interrupted (which it then still is), the event waits in the outbox, as durable as the
    /// change, and the answer is given all the same.
    ///
    /// @throws Failure SERVICE_UNAVAILABLE when the ledger pushes back or too many events wait:
    ///   before anything is changed
    /// @throws X what the change throws; then nothing is changed and no event recorded
    public <T, X extends Exception> T perform(Change<T, X> change) throws CatalogException, X {
        String pushback = ledger.state().pushback();
        if (!pushback.isEmpty()) {
            throw new Failure(ErrorCode.SERVICE_UNAVAILABLE, pushback, RETRY_AFTER);
        }
        Changed<T> changed =
                catalog.<Changed<T>, X>write(tx -> {
                    if (tx.list(WAITING, "", "", WAITING_MAX).size() >= WAITING_MAX) {
                        throw new Failure(
                                ErrorCode.SERVICE_UNAVAILABLE,
                                "Events of %d earlier calls still wait to be recorded."
                                        .formatted(WAITING_MAX),
                                RETRY_AFTER);
                    }
                    Changed<T> made = change.make(tx);
                    tx.create(WAITING, made.event().id(), row(made.event()).json());
                    return made;
                });
        try {
            finish(List.of(changed.event()));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (CatalogException _) {
            // The change is made, and an error would say that it is not. The row is still there.
        }
        return changed.answer();
    }

    /// Has an event recorded that tells of what a transaction does by itself, by the [#drain] that
    /// comes next.
    public static void put(Transaction tx, Entry event) throws CatalogException {
        tx.create(WAITING, event.id(), row(event).json());
    }

    /// Records what waits. At each start before the first call is taken, and from time to time
    /// while [#waiting] is not 0.
    ///
    /// @throws InterruptedException when interrupted; what is left waits on
    public Drained drain() throws CatalogException, InterruptedException {
        Drained sum = new Drained(0, 0, 0);
        List<Document> rows = catalog.list(WAITING, "", "", BATCH);
        while (!rows.isEmpty()) {
            List<Entry> entries = new ArrayList<>();
            for (Document row : rows) {
                entries.add(entry(row));
            }
            Drained some = finish(entries);
            sum =
                    new Drained(
                            sum.recorded() + some.recorded(),
                            sum.setAside() + some.setAside(),
                            sum.waiting() + some.waiting());
            rows = catalog.list(WAITING, "", rows.getLast().key(), BATCH);
        }
        return sum;
    }

    /// How many events wait for the ledger, up to [#WAITING_MAX].
    public int waiting() throws CatalogException {
        return catalog.list(WAITING, "", "", WAITING_MAX).size();
    }

    private Drained finish(List<Entry> entries) throws CatalogException, InterruptedException {
        List<Append> outcomes = ledger.append(entries);
        List<Entry> recorded = new ArrayList<>();
        List<Entry> conflicting = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            switch (outcomes.get(i)) {
                case Append.Recorded _, Append.Duplicate _ -> recorded.add(entries.get(i));
                case Append.Conflict _ -> conflicting.add(entries.get(i));
                case Append.Pushback _ -> {}
            }
        }
        if (!recorded.isEmpty() || !conflicting.isEmpty()) {
            catalog.<Integer, RuntimeException>write(tx -> {
                for (Entry entry : recorded) {
                    remove(tx, entry);
                }
                for (Entry entry : conflicting) {
                    if (remove(tx, entry)) {
                        tx.create(SET_ASIDE, entry.id(), row(entry).json());
                    }
                }
                return recorded.size();
            });
        }
        return new Drained(
                recorded.size(),
                conflicting.size(),
                entries.size() - recorded.size() - conflicting.size());
    }

    /// @return false when someone else has finished it meanwhile
    private static boolean remove(Transaction tx, Entry entry) throws CatalogException {
        Optional<Document> row = tx.get(WAITING, entry.id());
        if (row.isPresent()) {
            tx.delete(row.get());
        }
        return row.isPresent();
    }

    private static Fields row(Entry entry) {
        return Fields.none()
                .with("account", entry.place().account())
                .with("region", entry.place().region())
                .with("event", new String(entry.json(), UTF_8));
    }

    private static Entry entry(Document row) throws CatalogException {
        Fields fields = Fields.of(row);
        return new Entry(
                new Place(fields.text("account"), fields.text("region")),
                row.key(),
                Origin.OWN,
                fields.text("event").getBytes(UTF_8));
    }
}
