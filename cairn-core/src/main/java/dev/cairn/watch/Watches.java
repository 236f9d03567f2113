package dev.cairn.watch;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.filter.FilterPatternException;
import dev.cairn.history.SearchCost;
import dev.cairn.history.SearchTextException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The watches of all accounts. Any thread may call any method; those with a transaction change
/// things, or see what the transaction sees.
public final class Watches {
    /// How many watches an account may have.
    public static final int WATCHES_MAX = 1_000;

    /// How many clauses of an account's searches may look at all that a record has: words,
    /// `touched:` and `*:`. No index helps with those.
    public static final int WHOLE_LOOKS_MAX = 20;

    /// How many steps the wildcards and regular expressions of an account's searches may take for
    /// each character of what they look at, and the regular expressions of its filter patterns.
    public static final int STEPS_MAX = 2_000;

    private static final String CHANGES = "watches";
    private static final String CHANGES_KEY = "counters";
    private static final String GENERATION = "generation";

    private final Catalog catalog;

    public Watches(Catalog catalog) {
        this.catalog = catalog;
    }

    /// Rises with each change of a watch.
    public long generation() throws CatalogException {
        return generation(catalog.get(CHANGES, CHANGES_KEY));
    }

    /// As [#generation()], as a transaction sees it.
    public long generation(Transaction tx) throws CatalogException {
        return generation(tx.get(CHANGES, CHANGES_KEY));
    }

    private static long generation(Optional<Document> document) throws CatalogException {
        return document.isEmpty() ? 0 : Long.parseLong(Fields.of(document.get()).text(GENERATION));
    }

    private static void countChange(Transaction tx) throws CatalogException {
        Optional<Document> document = tx.get(CHANGES, CHANGES_KEY);
        String json =
                Fields.none().with(GENERATION, Long.toString(generation(document) + 1)).json();
        if (document.isEmpty()) {
            tx.create(CHANGES, CHANGES_KEY, json);
        } else {
            tx.replace(document.get(), json);
        }
    }

    boolean isEmpty() throws CatalogException {
        return catalog.list(WatchDocuments.WATCH, "", "", 1).isEmpty();
    }

    /// @throws Failure RESOURCE_NOT_FOUND
    public Watch expect(WatchName name) throws CatalogException {
        return WatchDocuments.watch(
                catalog.get(WatchDocuments.WATCH, name.key()).orElseThrow(() -> missing(name)));
    }

    /// The watch of that name, as the transaction sees it.
    public Optional<Watch> find(Transaction tx, WatchName name) throws CatalogException {
        Optional<Document> document = tx.get(WatchDocuments.WATCH, name.key());
        return document.isEmpty()
                ? Optional.empty()
                : Optional.of(WatchDocuments.watch(document.get()));
    }

    private static Failure missing(WatchName name) {
        return new Failure(
                ErrorCode.RESOURCE_NOT_FOUND, "There is no watch '%s'".formatted(name.name()));
    }

    /// An account's watches in order of name.
    ///
    /// @param after the name before the first one; empty for all
    /// @param limit at most this many, 1 to [Catalog#LIMIT_MAX]
    public List<Watch> list(String account, String after, int limit) throws CatalogException {
        String prefix = WatchName.prefix(account);
        List<Watch> watches = new ArrayList<>();
        for (Document document :
                catalog.list(
                        WatchDocuments.WATCH,
                        prefix,
                        after.isEmpty() ? "" : prefix + after,
                        limit)) {
            watches.add(WatchDocuments.watch(document));
        }
        return watches;
    }

    /// What came of a watch so far.
    public WatchState state(WatchName name) throws CatalogException {
        return state(catalog.get(WatchDocuments.STATE, name.key()));
    }

    /// As [#state(WatchName)], as a transaction sees it.
    public WatchState state(Transaction tx, WatchName name) throws CatalogException {
        return state(tx.get(WatchDocuments.STATE, name.key()));
    }

    private static WatchState state(Optional<Document> document) throws CatalogException {
        return document.isEmpty() ? WatchState.NONE : WatchState.of(document.get());
    }

    /// Writes what came of a watch, and when it is due next.
    void put(Transaction tx, WatchName name, WatchState before, WatchState after)
            throws CatalogException {
        write(tx, WatchDocuments.STATE, name.key(), after.json());
        Optional<Instant> was = before.held().map(WatchState.Held::due);
        Optional<Instant> is = after.held().map(WatchState.Held::due);
        if (!was.equals(is)) {
            if (was.isPresent()) {
                delete(tx, WatchDocuments.DUE, WatchDocuments.dueKey(was.get(), name));
            }
            if (is.isPresent()) {
                write(tx, WatchDocuments.DUE, WatchDocuments.dueKey(is.get(), name), "{}");
            }
        }
    }

    private static void write(Transaction tx, String kind, String key, String json)
            throws CatalogException {
        Optional<Document> document = tx.get(kind, key);
        if (document.isEmpty()) {
            tx.create(kind, key, json);
        } else {
            tx.replace(document.get(), json);
        }
    }

    private static void delete(Transaction tx, String kind, String key) throws CatalogException {
        Optional<Document> document = tx.get(kind, key);
        if (document.isPresent()) {
            tx.delete(document.get());
        }
    }

    /// Makes a watch.
    ///
    /// @param watch whose condition was checked
    /// @throws Failure RESOURCE_ALREADY_EXISTS; SERVICE_QUOTA_EXCEEDED when the account has too
    ///   many, or they would look at too much
    public void create(Transaction tx, Watch watch) throws CatalogException {
        if (tx.get(WatchDocuments.WATCH, watch.name().key()).isPresent()) {
            throw new Failure(
                    ErrorCode.RESOURCE_ALREADY_EXISTS,
                    "There is a watch '%s' already".formatted(watch.name().name()));
        }
        Load load = load(watch.condition());
        int count = 1;
        for (Document document :
                tx.list(
                        WatchDocuments.WATCH,
                        WatchName.prefix(watch.name().account()),
                        "",
                        WATCHES_MAX)) {
            count++;
            load = load.and(load(WatchDocuments.watch(document).condition()));
        }
        if (count > WATCHES_MAX) {
            throw quota("An account has at most %d watches".formatted(WATCHES_MAX));
        }
        if (load.wholeLooks() > WHOLE_LOOKS_MAX) {
            throw quota(
                    "The watches of an account look at whole records at most %d times: name a field, as in eventName:X, instead of a word"
                            .formatted(WHOLE_LOOKS_MAX));
        }
        if (load.steps() > STEPS_MAX) {
            throw quota(
                    "The wildcards and regular expressions of an account's watches take at most %d steps for each character"
                            .formatted(STEPS_MAX));
        }
        tx.create(WatchDocuments.WATCH, watch.name().key(), WatchDocuments.json(watch));
        countChange(tx);
    }

    private static Failure quota(String words) {
        return new Failure(ErrorCode.SERVICE_QUOTA_EXCEEDED, words);
    }

    /// What asking a watch costs beyond looking it up.
    private record Load(int wholeLooks, int steps) {
        Load and(Load other) {
            return new Load(wholeLooks + other.wholeLooks, steps + other.steps);
        }
    }

    private static Load load(WatchCondition condition) {
        try {
            return switch (condition) {
                case WatchCondition.Search search -> {
                    SearchCost cost = SearchCost.of(search.condition());
                    // A step is a look at a member, which costs nothing by itself.
                    yield new Load(
                            cost.wholeLooks(),
                            cost.looks().stream().mapToInt(look -> look.steps() - 1).sum());
                }
                case WatchCondition.Filter filter -> new Load(0, filter.pattern().steps());
                // Their machine knows its own bounds.
                case WatchCondition.Pattern _ -> new Load(0, 0);
            };
        } catch (SearchTextException | FilterPatternException e) {
            throw new IllegalStateException("a condition was read once and not again", e);
        }
    }

    /// Removes a watch with what it held: nobody but the caller can tell of that any more.
    ///
    /// @throws Failure RESOURCE_NOT_FOUND
    public Removed remove(Transaction tx, WatchName name) throws CatalogException {
        Document document =
                tx.get(WatchDocuments.WATCH, name.key()).orElseThrow(() -> missing(name));
        WatchState state = state(tx, name);
        if (state.held().isPresent()) {
            delete(tx, WatchDocuments.DUE, WatchDocuments.dueKey(state.held().get().due(), name));
        }
        delete(tx, WatchDocuments.STATE, name.key());
        tx.delete(document);
        countChange(tx);
        return new Removed(WatchDocuments.watch(document), state);
    }

    /// A watch that is gone, and what had come of it.
    public record Removed(Watch watch, WatchState state) {}

    /// Has a watch take nothing, or take events again from now on.
    ///
    /// @return the watch, and whether that changed anything
    /// @throws Failure RESOURCE_NOT_FOUND
    public Paused pause(Transaction tx, WatchName name, boolean paused) throws CatalogException {
        Document document =
                tx.get(WatchDocuments.WATCH, name.key()).orElseThrow(() -> missing(name));
        Watch watch = WatchDocuments.watch(document);
        if (watch.paused() == paused) {
            return new Paused(watch, false);
        }
        Watch changed = watch.paused(paused);
        tx.replace(document, WatchDocuments.json(changed));
        countChange(tx);
        return new Paused(changed, true);
    }

    /// A watch after it was paused or resumed.
    public record Paused(Watch watch, boolean changed) {}
}
