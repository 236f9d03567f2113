package dev.cairn.kms;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.catalog.Outbox;
import dev.cairn.failure.Failure;
import dev.cairn.kms.KmsKey.Rotation;
import dev.cairn.kms.KmsKey.State;
import dev.cairn.ledger.Entry;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/// Does with keys what is due: rotates them and deletes them, each in one transaction with its
/// event. Whatever the process dies on, a key is rotated or deleted once and its event recorded.
///
/// Time is that of a clock that never goes back, whatever the machine's does: the later of now and
/// when something was last done. To be called by one thread.
public final class KeyCare {
    private static final String CLOCK = "kms-clock";
    private static final String ALL = "all";
    private static final String TIME = "time";

    private final Catalog catalog;
    private final Outbox outbox;
    private final KmsKeys keys;
    private final Aliases aliases;
    private final Events events;

    /// Makes the service's events of what nobody called for.
    public interface Events {
        /// @param how never CREATED
        Entry rotated(KeyArn key, Material.How how, Instant at);

        Entry deleted(KeyArn key, Instant at);
    }

    public KeyCare(Catalog catalog, Outbox outbox, KmsKeys keys, Aliases aliases, Events events) {
        this.catalog = catalog;
        this.outbox = outbox;
        this.keys = keys;
        this.aliases = aliases;
        this.events = events;
    }

    /// Does what has been due longest.
    ///
    /// @param now may go back, as clocks do
    /// @return whether something was done, and there may be more
    /// @throws Failure SERVICE_UNAVAILABLE, with nothing done, when the ledger pushes back
    public boolean step(Instant now) throws CatalogException {
        Optional<KmsKeys.Due> due = keys.firstDue();
        if (due.isEmpty()) {
            return false;
        }
        Instant at = later(catalog.get(CLOCK, ALL), now.truncatedTo(ChronoUnit.MILLIS));
        if (due.get().at().isAfter(at)) {
            return false;
        }
        try {
            return outbox.<Boolean, SupersededException>perform(
                    tx -> new Outbox.Changed<>(true, act(tx, due.get().arn(), at)));
        } catch (SupersededException _) {
            return false;
        }
    }

    /// The key was changed meanwhile, and nothing is due with it any more.
    private static final class SupersededException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    private Entry act(Transaction tx, KeyArn arn, Instant at)
            throws CatalogException, SupersededException {
        Optional<KmsKey> found = keys.find(tx, arn);
        if (found.isEmpty() || found.get().due().filter(due -> !due.isAfter(at)).isEmpty()) {
            throw new SupersededException();
        }
        KmsKey key = found.get();
        wind(tx, at);
        if (key.state() == State.PENDING_DELETION) {
            aliases.deleteOf(tx, arn);
            keys.delete(tx, key);
            return events.deleted(arn, at);
        }
        if (key.rotationAsked().isPresent()) {
            keys.rotate(tx, key.withoutRotationAsked(), Material.How.ON_DEMAND, at);
            return events.rotated(arn, Material.How.ON_DEMAND, at);
        }
        keys.rotate(
                tx,
                key.withRotation(next(key.rotation().orElseThrow(), at)),
                Material.How.AUTOMATIC,
                at);
        return events.rotated(arn, Material.How.AUTOMATIC, at);
    }

    /// The first time of the schedule after now; those that were missed are made up for by one.
    private static Rotation next(Rotation rotation, Instant at) {
        Duration period = Duration.ofDays(rotation.days());
        long missed = Duration.between(rotation.next(), at).dividedBy(period);
        return new Rotation(rotation.days(), rotation.next().plus(period.multipliedBy(missed + 1)));
    }

    private static void wind(Transaction tx, Instant at) throws CatalogException {
        Optional<Document> old = tx.get(CLOCK, ALL);
        String json = Fields.none().with(TIME, later(old, at).toString()).json();
        if (old.isEmpty()) {
            tx.create(CLOCK, ALL, json);
        } else {
            tx.replace(old.get(), json);
        }
    }

    private static Instant later(Optional<Document> clock, Instant now) throws CatalogException {
        if (clock.isEmpty()) {
            return now;
        }
        Instant time = Instant.parse(Fields.of(clock.get()).text(TIME));
        return time.isAfter(now) ? time : now;
    }
}
