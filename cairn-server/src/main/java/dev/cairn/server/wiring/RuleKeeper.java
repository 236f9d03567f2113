package dev.cairn.server.wiring;

import dev.cairn.bus.Dispatches;
import dev.cairn.bus.EventBuses;
import dev.cairn.bus.Reactions;
import dev.cairn.bus.RuleBook;
import dev.cairn.bus.RuleName;
import dev.cairn.bus.RuleReader;
import dev.cairn.bus.Schedules;
import dev.cairn.bus.TargetName;
import dev.cairn.bus.Telling;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Outbox;
import dev.cairn.embedded.thread.Lookout;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.queue.Messages;
import dev.cairn.reader.Asides.Aside;
import dev.cairn.reader.LedgerWalk;
import dev.cairn.reader.Standing;
import dev.cairn.reader.Step;
import dev.cairn.reader.Unreadable;
import dev.cairn.secret.Secrets;
import dev.cairn.server.operation.Operations;
import dev.cairn.server.own.ReactionEvents;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Event buses: who has rules asked, who has them fire when they are due, and who tells their
/// targets. A target that refuses holds up no other.
final class RuleKeeper
        implements AutoCloseable, StepReader.Steps, Dispatches.Refusals, Schedules.Mishaps {
    private static final Logger LOG = LoggerFactory.getLogger(RuleKeeper.class);
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final Catalog catalog;
    private final EventBuses buses;
    private final RuleBook book = new RuleBook();
    private final Semaphore wake = new Semaphore(0);
    private final Dispatches dispatches;
    private final RuleReader reader;
    private final StepReader asking;
    private final InstantSource clock;
    private final Schedules schedules;
    private final Lookout fires;
    private final Lookout tells;
    private final TargetsOutside outside;
    private final NotedEvents noted;
    private final ReactionEvents reactions;
    private volatile @Nullable String refused;

    private RuleKeeper(Parts parts) {
        this.catalog = parts.catalog();
        this.clock = parts.clock();
        this.outside = parts.outside();
        this.noted = new NotedEvents(parts.outbox());
        this.reactions = parts.reactions();
        this.buses = new EventBuses(catalog);
        this.dispatches =
                new Dispatches(
                        catalog,
                        buses,
                        book,
                        parts.telling(),
                        parts.queues(),
                        this::note,
                        () -> {
                            wake.release();
                            parts.outside().wake();
                        });
        this.reader =
                new RuleReader(parts.ledger(), catalog, buses, book, dispatches, parts.giveUp());
        this.schedules = new Schedules(catalog, dispatches);
        this.fires =
                new Lookout(
                        "schedules", "schedules of rules wait", LOOK, new Semaphore(0), this::fire);
        this.tells = new Lookout("targets", "targets of rules wait", LOOK, wake, this::tell);
        this.asking = StepReader.start("rules", parts.ledger(), this, clock);
    }

    /// What it works on.
    record Parts(
            Ledger ledger,
            Catalog catalog,
            Telling telling,
            Messages queues,
            TargetsOutside outside,
            Outbox outbox,
            ReactionEvents reactions,
            LedgerWalk.GiveUp giveUp,
            InstantSource clock) {}

    static RuleKeeper start(Parts parts) {
        var keeper = new RuleKeeper(parts);
        keeper.fires.start();
        keeper.tells.start();
        keeper.outside.start(keeper.dispatches, keeper);
        return keeper;
    }

    /// What EventBridge's operations work on.
    Operations.BusParts parts(Secrets secrets) {
        return new Operations.BusParts(
                catalog,
                buses,
                book,
                dispatches,
                outside.connections(),
                outside.destinations(),
                outside.reach(),
                secrets);
    }

    /// How it shows in status.
    StepReader view() {
        return asking;
    }

    private void fire() throws CatalogException {
        schedules.fire(clock.instant(), this, fires::closing);
    }

    /// What came of a reaction is recorded when it is durable.
    private void note(Transaction tx, Reactions.Came came, Instant now) throws CatalogException {
        noted.put(tx, reactions.came(came, now), wake::release);
    }

    /// What calls for reactions.
    Reactions reactions() {
        return new Reactions(dispatches);
    }

    private void tell() throws CatalogException {
        noted.recordAfterEach(() -> dispatches.round(clock.instant(), this), tells::closing);
    }

    @Override
    public void refused(TargetName target, String words) {
        LOG.warn("the target {} of {} refused: {}", target.id(), target.rule().arn(), words);
        refused =
                "the target %s of %s last refused: %s"
                        .formatted(target.id(), target.rule().arn(), words);
    }

    @Override
    public void failed(TargetName target, RuntimeException failure) {
        LOG.error("the target {} cannot be told", target, failure);
        refused(target, failure.toString());
    }

    @Override
    public void missed(RuleName rule, Instant from, Instant told) {
        LOG.warn(
                "the schedule of {} was missed since {}: it fires once, for {}",
                rule.arn(),
                from,
                told);
    }

    @Override
    public void failed(RuleName rule, Exception failure) {
        LOG.error("the rule {} cannot fire", rule.arn(), failure);
    }

    // What is stepped.

    @Override
    public Step step(Instant now, Unreadable unreadable) throws LedgerException, CatalogException {
        return reader.step(now, unreadable);
    }

    @Override
    public Optional<Standing> standing() throws CatalogException {
        return RuleReader.standing(catalog);
    }

    @Override
    public Optional<String> loss() throws CatalogException {
        var words = new ArrayList<String>();
        var givenUp = dispatches.givenUp();
        if (givenUp > 0) {
            words.add("%d events were given up: their target did not take them".formatted(givenUp));
        }
        dispatches
                .unasked()
                .ifPresent(unasked ->
                        words.add(
                                "some rules were not asked about %d events that were put: %s"
                                        .formatted(unasked.count(), unasked.reason())));
        var last = refused;
        if (last != null) {
            words.add(last);
        }
        return words.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", words));
    }

    @Override
    public List<Aside> setAside(int limit) throws CatalogException {
        return RuleReader.setAside(catalog, limit);
    }

    /// Lets the steps under way end; what is left goes on after the next start.
    @Override
    public void close() {
        asking.close();
        fires.close();
        tells.close();
        outside.close();
    }
}
