package dev.cairn.bus;

import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.event.Place;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What watches have called when they fire: targets like those of rules, which are told by the same
/// [Dispatches], once or at least once, with the same retries.
///
/// They stand under a bus that no bus can be called, as rules of a watch's name, so that nobody
/// changes them by EventBridge's operations. Each has the time its watch was made in its id: what
/// waits for a removed watch's reaction is not told to that of another watch of the same name. Any
/// thread may call any method.
public final class Reactions {
    /// What the event is called that says what came of a reaction.
    public static final String EVENT = "InvokeReaction";

    private static final String BUS = "~watches";
    private static final String ID = "reaction-";

    private final Dispatches dispatches;

    public Reactions(Dispatches dispatches) {
        this.dispatches = dispatches;
    }

    private static RuleName rule(Place place, String watch) {
        return new RuleName(new BusName(place, BUS), watch);
    }

    /// What a watch has called: one at most.
    private static Optional<Document> find(Transaction tx, Place place, String watch)
            throws CatalogException {
        return tx.list(BusDocuments.TARGET, TargetName.prefix(rule(place, watch)), "", 1).stream()
                .findFirst();
    }

    /// The watch whose reaction a target is; empty when it is a rule's.
    public static Optional<String> watch(TargetName target) {
        return target.rule().bus().name().equals(BUS)
                ? Optional.of(target.rule().name())
                : Optional.empty();
    }

    /// Gives a watch its reaction.
    ///
    /// @param made when the watch was
    /// @param arn of a [Destination]
    public static void put(Transaction tx, Place place, String watch, Instant made, String arn)
            throws CatalogException {
        Target target =
                new Target(
                        new TargetName(rule(place, watch), ID + made.toEpochMilli()),
                        arn,
                        "",
                        new TargetInput.Whole(),
                        new Target.Retry(Optional.empty(), Optional.empty()),
                        Optional.empty());
        tx.create(BusDocuments.TARGET, target.name().key(), BusDocuments.json(target));
    }

    /// Takes it from a watch that is removed. What was on its way is not told any more.
    public static void remove(Transaction tx, Place place, String watch) throws CatalogException {
        Optional<Document> there = find(tx, place, watch);
        if (there.isPresent()) {
            tx.delete(there.get());
        }
    }

    /// Has a watch's reaction told of an event.
    public void react(Transaction tx, Place place, String watch, BusEvent event, Instant now)
            throws CatalogException {
        Optional<Document> there = find(tx, place, watch);
        if (there.isPresent()) {
            dispatches.put(tx, List.of(BusDocuments.target(there.get())), event, now);
        }
    }

    /// What came of a reaction.
    ///
    /// @param event the id of the event that a watch took
    /// @param attempts how often it was tried
    /// @param refusal why it was given up; empty when the target has it
    public record Came(
            Place place,
            String watch,
            String arn,
            String event,
            int attempts,
            Optional<Refusal> refusal) {}

    /// Writes down what came of reactions, within the transaction that ends them.
    @FunctionalInterface
    public interface Book {
        void note(Transaction tx, Came came, Instant now) throws CatalogException;
    }
}
