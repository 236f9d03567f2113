package dev.cairn.server.lake;

import dev.cairn.catalog.CatalogException;
import dev.cairn.server.operation.ReaderView;
import dev.cairn.store.EventDataStore;
import java.util.List;
import java.util.Optional;

/// The filling of one event data store as status shows it. Events are counted from its table.
public final class StoreView implements ReaderView {
    private final StoreTables tables;
    private final EventDataStore store;

    public StoreView(StoreTables tables, EventDataStore store) {
        this.tables = tables;
        this.store = store;
    }

    @Override
    public String name() {
        return store.arn();
    }

    @Override
    public Optional<String> account() {
        return Optional.of(store.account());
    }

    @Override
    public Snapshot snapshot() throws CatalogException {
        var trouble = tables.trouble(store);
        var standing = tables.standing(store);
        return new Snapshot(
                standing.map(known -> known.positions().stream().mapToLong(Long::longValue).sum())
                        .orElse(0L),
                standing.map(TableStanding::recorded).orElse(0L),
                standing.map(TableStanding::gone).orElse(0L),
                standing.map(TableStanding::setAside).orElse(0L),
                tables.oldestPending(store),
                trouble.map(StoreTables.Trouble::words).orElse(null),
                trouble.map(StoreTables.Trouble::time).orElse(null),
                trouble.map(StoreTables.Trouble::lasting).orElse(false));
    }

    @Override
    public List<SetAside> setAside(int limit) {
        return tables.standing(store).map(TableStanding::reasons).orElse(List.of()).stream()
                .limit(limit)
                .toList();
    }
}
