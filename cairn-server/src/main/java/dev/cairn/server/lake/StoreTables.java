package dev.cairn.server.lake;

import dev.cairn.catalog.CatalogException;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.server.operation.OldestPending;
import dev.cairn.server.operation.ReaderView;
import dev.cairn.server.operation.StoreImports;
import dev.cairn.server.operation.TableVersions;
import dev.cairn.store.EventDataStore;
import dev.cairn.store.EventDataStores;
import dev.cairn.store.StoreFilling;
import dev.cairn.store.StoreState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The reader that moves what is recorded into the tables of event data stores.
///
/// One thread takes the stores in turn. Each is committed every `lake.commit-interval` while there
/// is something new; the position moves with the commit, in the table itself. A store that fails is
/// tried again after a pause that doubles up to [#PAUSE_MAX], and holds up no other for longer than
/// its try. At most [#BATCH_BYTES] are in memory at once.
public final class StoreTables implements TableVersions, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StoreTables.class);
    private static final long BATCH_BYTES = 32L << 20;

    /// What a query holds in memory of what is not committed.
    private static final long TAIL_BYTES = 4L << 20;

    private static final Duration PAUSE_MIN = Duration.ofSeconds(1);
    private static final Duration PAUSE_MAX = Duration.ofMinutes(1);
    private static final Duration LOOK_MAX = Duration.ofSeconds(1);

    /// After an import's last commit: merging would hold up the next.
    private static final Duration TIDY_AFTER = Duration.ofMinutes(1);

    /// Of each look, so that no store waits long for another one's days.
    private static final Duration TIDY_TIME = Duration.ofSeconds(5);

    /// A day may be over, and its events with it, though nothing comes.
    private static final Duration TIDY_EVERY = Duration.ofHours(1);

    /// A place that the disk does not give back is waited for so many tries, about five minutes.
    private static final int TRIES_MAX = 10;

    private final Ledger ledger;
    private final EventDataStores stores;
    private final Path folder;
    private final TableKeeper keeper;
    private final Duration interval;
    private final InstantSource clock;
    private final Map<String, Progress> progress = new ConcurrentHashMap<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    /// What keeps a store from being filled, or last did.
    ///
    /// @param lasting whether it still does
    record Trouble(String words, Instant time, boolean lasting) {}

    private static final class Progress {
        private volatile @Nullable TableStanding standing;
        private volatile @Nullable Trouble trouble;
        private long notBefore = System.nanoTime();
        private Duration pause = PAUSE_MIN;
        private int unreadable;
        private final GroupedLoads loads = new GroupedLoads();

        /// When something was imported last.
        private long loaded = System.nanoTime();

        /// When there is something to be tidied, at the soonest.
        private long tidyAt = System.nanoTime();
    }

    private StoreTables(
            Ledger ledger,
            EventDataStores stores,
            Path folder,
            Duration interval,
            InstantSource clock) {
        this.ledger = ledger;
        this.stores = stores;
        this.folder = folder;
        this.keeper = new TableKeeper(folder);
        this.interval = interval;
        this.clock = clock;
        this.thread = Thread.ofPlatform().name("lake").unstarted(this::run);
    }

    /// @param folder of the lake; tables are in `tables` there
    /// @param interval how often tables are committed (`lake.commit-interval`)
    public static StoreTables start(
            Ledger ledger,
            EventDataStores stores,
            Path folder,
            Duration interval,
            InstantSource clock) {
        var tables = new StoreTables(ledger, stores, folder.toAbsolutePath(), interval, clock);
        tables.thread.start();
        return tables;
    }

    /// Every store there is, as status shows it.
    public List<ReaderView> views() throws CatalogException {
        return stores.all().stream()
                .<ReaderView>map(state -> new StoreView(this, state.store()))
                .toList();
    }

    Path table(EventDataStore store) {
        return folder.resolve("tables").resolve(store.id());
    }

    /// Where the table of a store is; empty when it was not opened yet.
    Optional<TableStanding> standing(EventDataStore store) {
        var known = progress.get(store.id());
        return known == null ? Optional.empty() : Optional.ofNullable(known.standing);
    }

    /// Empty when a store was filled without a fault since the start.
    Optional<Trouble> trouble(EventDataStore store) {
        var known = progress.get(store.id());
        return known == null ? Optional.empty() : Optional.ofNullable(known.trouble);
    }

    /// The first offset of a partition that some store still needs; `Long.MAX_VALUE` when none
    /// does.
    public long lowest(int partition) throws CatalogException {
        var lowest = Long.MAX_VALUE;
        for (var state : stores.all()) {
            lowest = Math.min(lowest, positions(state.store()).get(partition));
        }
        return lowest;
    }

    /// By partition: what lies before is in a store's table or was left out of it.
    private List<Long> positions(EventDataStore store) throws CatalogException {
        var standing = standing(store);
        if (standing.isPresent()) {
            return standing.get().positions();
        }
        var course = stores.course(store);
        return course.isPresent()
                ? course.get().versions().getFirst().from()
                : java.util.Collections.nCopies(ledger.partitions(), Long.MAX_VALUE);
    }

    /// When the oldest event was recorded that a store has not dealt with; null when there is none.
    @Nullable Instant oldestPending(EventDataStore store) throws CatalogException {
        return OldestPending.of(ledger, positions(store));
    }

    private TableStanding open(EventDataStore store) throws IOException, CatalogException {
        return keeper.open(table(store), positions(store), LakeProcess.columns(store));
    }

    @Override
    public Path newest(EventDataStore store) throws IOException, CatalogException {
        var known = standing(store);
        return (known.isPresent() ? known.get() : open(store)).metadata();
    }

    /// Where the table of a store is that a query reads, and what was recorded since.
    ///
    /// @param tail takes what is not in the table yet, up to now
    TableStanding reading(EventDataStore store, StoreFilling.Taker tail)
            throws CatalogException, LedgerException, IOException {
        var known = standing(store);
        // Not opened yet, or its last commit is in doubt: the table says what is in it.
        var standing = known.isPresent() ? known.get() : open(store);
        StoreFilling.each(ledger, stores, store, standing.positions(), TAIL_BYTES, tail);
        return standing;
    }

    // ---- the thread -----------------------------------------------------------------------------

    private void run() {
        var look = interval.compareTo(LOOK_MAX) < 0 ? interval : LOOK_MAX;
        try {
            do {
                lookAround();
            } while (!closing.await(look.toNanos(), TimeUnit.NANOSECONDS));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void lookAround() {
        try {
            for (var state : stores.all()) {
                var store = state.store();
                var known = progress.computeIfAbsent(store.id(), _ -> new Progress());
                if (closing.getCount() > 0 && System.nanoTime() - known.notBefore >= 0) {
                    step(state, known);
                }
            }
        } catch (CatalogException failure) {
            LOG.warn("event data stores wait: {}", failure.getMessage());
        } catch (RuntimeException unforeseen) {
            // The outermost frame: a mistake of ours must not end what others rely on.
            LOG.error("event data stores wait", unforeseen);
        }
    }

    private void step(StoreState state, Progress known) throws CatalogException {
        var store = state.store();
        try {
            if (stores.removeDue(store, clock.instant())) {
                keeper.forget(table(store));
                LakeProcess.remove(table(store));
                progress.remove(store.id());
                return;
            }
            fill(store, known);
            known.notBefore = System.nanoTime() + interval.toNanos();
            var end = System.nanoTime() + TIDY_TIME.toNanos();
            while (closing.getCount() > 0 && System.nanoTime() - end < 0 && tidy(store, known)) {
                // The next day.
            }
            well(store, known);
        } catch (LedgerException failure) {
            known.unreadable = failure.unreadable() == null ? 0 : known.unreadable + 1;
            failed(store, known, failure);
        } catch (IOException | RuntimeException failure) {
            // What became of the batch, the table itself says when it is opened again.
            known.standing = null;
            failed(store, known, failure);
        }
    }

    private void fill(EventDataStore store, Progress known)
            throws IOException, CatalogException, LedgerException {
        var standing = known.standing;
        if (standing == null) {
            standing = open(store);
            known.standing = standing;
        }
        Optional<StoreFilling> filling;
        do {
            filling =
                    StoreFilling.of(
                            ledger,
                            stores,
                            store,
                            standing.positions(),
                            BATCH_BYTES,
                            known.unreadable >= TRIES_MAX
                                    ? StoreFilling.Unreadable.SET_ASIDE
                                    : StoreFilling.Unreadable.WAIT);
            if (filling.isEmpty() || filling.get().to().equals(standing.positions())) {
                return;
            }
            standing = append(store, known, standing, filling.get());
            known.unreadable = 0;
            stores.release(store, standing.positions());
        } while (filling.get().more() && closing.getCount() > 0);
    }

    private TableStanding append(
            EventDataStore store, Progress known, TableStanding standing, StoreFilling filling)
            throws IOException {
        synchronized (known) {
            var next = keeper.append(table(store), standing.positions(), filling);
            known.standing = next;
            known.tidyAt = System.nanoTime();
            return next;
        }
    }

    /// Puts events of log files into a store's table, those that it does not have yet. They are
    /// there when this returns.
    ///
    /// @param id of their import; empty when it has none
    /// @param added how many events that import has added before
    /// @throws IOException when it cannot be told whether they are there: they may be loaded again
    public StoreImports.Loaded load(
            EventDataStore store, String id, long added, List<byte[]> events)
            throws IOException, CatalogException {
        var known = progress.computeIfAbsent(store.id(), _ -> new Progress());
        return id.isEmpty()
                ? known.loads.load(events, loads -> load(store, known, id, added, loads))
                : load(store, known, id, added, List.of(events)).getFirst();
    }

    private List<StoreImports.Loaded> load(
            EventDataStore store, Progress known, String id, long added, List<List<byte[]>> loads)
            throws IOException, CatalogException {
        synchronized (known) {
            var loading = keeper.load(store, table(store), positions(store), id, added, loads);
            known.loaded = System.nanoTime();
            known.tidyAt = known.loaded;
            if (known.standing != null) {
                known.standing = loading.standing();
            }
            return loading.loaded();
        }
    }

    /// Has done what is due though nothing comes, while nothing is imported.
    ///
    /// @return whether there may be more at once
    private boolean tidy(EventDataStore store, Progress known) throws IOException {
        synchronized (known) {
            var standing = known.standing;
            var now = System.nanoTime();
            if (standing == null
                    || now - known.tidyAt < 0
                    || now - known.loaded < TIDY_AFTER.toNanos()) {
                return false;
            }
            var tidying = keeper.tidy(store, table(store), standing.positions());
            known.standing = tidying.standing();
            return switch (tidying.tidied()) {
                case MERGED -> true;
                case LATER -> {
                    known.tidyAt = now + TIDY_AFTER.toNanos();
                    yield false;
                }
                case NOTHING -> {
                    known.tidyAt = now + TIDY_EVERY.toNanos();
                    yield false;
                }
            };
        }
    }

    private void well(EventDataStore store, Progress known) {
        if (known.pause.compareTo(PAUSE_MIN) > 0) {
            LOG.info("the event data store {} goes on", store.arn());
        }
        known.pause = PAUSE_MIN;
        var last = known.trouble;
        if (last != null && last.lasting()) {
            known.trouble = new Trouble(last.words(), last.time(), false);
        }
    }

    private void failed(EventDataStore store, Progress known, Exception failure) {
        if (closing.getCount() == 0) {
            return;
        }
        LOG.warn(
                "the event data store {} must wait {}: {}",
                store.arn(),
                known.pause,
                failure.toString());
        known.trouble = new Trouble(String.valueOf(failure.getMessage()), clock.instant(), true);
        known.notBefore = System.nanoTime() + known.pause.toNanos();
        var twice = known.pause.multipliedBy(2);
        known.pause = twice.compareTo(PAUSE_MAX) < 0 ? twice : PAUSE_MAX;
    }

    /// Lets the commit under way end; what is not committed is after the next start.
    @Override
    public void close() throws IOException {
        closing.countDown();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        keeper.close();
    }
}
