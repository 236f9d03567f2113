package dev.cairn.server.wiring;

import dev.cairn.bus.Reactions;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.reader.Asides.Aside;
import dev.cairn.reader.LedgerWalk;
import dev.cairn.reader.Standing;
import dev.cairn.reader.Step;
import dev.cairn.reader.Unreadable;
import dev.cairn.server.operation.Operations;
import dev.cairn.topic.Topics;
import dev.cairn.watch.WatchReactions;
import dev.cairn.watch.WatchReader;
import dev.cairn.watch.WatchTelling;
import dev.cairn.watch.Watches;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/// Watches: who has them asked about what is recorded.
final class WatchKeeper implements AutoCloseable, StepReader.Steps {
    private final Catalog catalog;
    private final Watches watches;
    private final WatchTelling telling;
    private final WatchReader reader;
    private final StepReader asking;

    private WatchKeeper(
            Ledger ledger,
            Catalog catalog,
            Topics topics,
            Reactions reactions,
            LedgerWalk.GiveUp giveUp,
            InstantSource clock) {
        this.catalog = catalog;
        this.watches = new Watches(catalog);
        this.telling = new WatchTelling(catalog, watches, topics);
        this.reader =
                new WatchReader(
                        ledger, catalog, watches, telling, new WatchReactions(reactions), giveUp);
        this.asking = StepReader.start("watches", ledger, this, clock);
    }

    static WatchKeeper start(
            Ledger ledger,
            Catalog catalog,
            Topics topics,
            Reactions reactions,
            LedgerWalk.GiveUp giveUp,
            InstantSource clock) {
        return new WatchKeeper(ledger, catalog, topics, reactions, giveUp, clock);
    }

    /// What Cairn's own operations on watches work on.
    Operations.WatchParts parts() {
        return new Operations.WatchParts(watches, telling);
    }

    /// How it shows in status.
    StepReader view() {
        return asking;
    }

    @Override
    public Step step(Instant now, Unreadable unreadable) throws LedgerException, CatalogException {
        return reader.step(now, unreadable);
    }

    @Override
    public Optional<Standing> standing() throws CatalogException {
        return WatchReader.standing(catalog);
    }

    @Override
    public Optional<String> loss() {
        return reader.refused();
    }

    @Override
    public List<Aside> setAside(int limit) throws CatalogException {
        return WatchReader.setAside(catalog, limit);
    }

    /// Lets the step under way end; what is left goes on after the next start.
    @Override
    public void close() {
        asking.close();
    }
}
