package dev.cairn.watch;

import dev.cairn.bus.Reactions;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
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

    /// How many watches of an account may have a threshold: each keeps counts.
    public static final int THRESHOLDS_MAX = 100;

    /// How many clauses an account's searches may have that no value of a member leads to: they are
    /// asked of each event.
    public static final int CLAUSES_MAX = 2_000;

    /// How many watches of an account may have a reaction: each is told of the whole event.
    public static final int REACTIONS_MAX = 20;

    private static final String CHANGES = "watches";
    private static final String GENERATION = "generation";

    private final Catalog catalog;

    public Watches(Catalog catalog) {
        this.catalog = catalog;
    }

    /// Rises with each change of an account's watches.
    long generation(String account) throws CatalogException {
        return generation(catalog.get(CHANGES, account));
    }

    private static long generation(Optional<Document> document) throws CatalogException {
        return document.isEmpty() ? 0 : Long.parseLong(Fields.of(document.get()).text(GENERATION));
    }

    private static void countChange(Transaction tx, WatchName name) throws CatalogException {
        Optional<Document> document = tx.get(CHANGES, name.account());
        String json =
                Fields.none().with(GENERATION, Long.toString(generation(document) + 1)).json();
        if (document.isEmpty()) {
            tx.create(CHANGES, name.account(), json);
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

    /// Whether a watch is as it was, and takes events.
    boolean isStill(Transaction tx, Watch watch) throws CatalogException {
        return !watch.paused() && find(tx, watch.name()).filter(watch::equals).isPresent();
    }

    /// How many values that a watch counted by were given up, as there were too many at a time.
    public long givenUp(WatchName name) throws CatalogException {
        return WatchCounts.givenUp(WatchCounts.values(catalog, name));
    }

    /// How often a watch's reaction was asked for, and how often it was left out.
    public WatchReactions.Sum reactions(WatchName name) throws CatalogException {
        return WatchReactions.sum(catalog, name);
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

    /// Makes watches.
    ///
    /// @param made of one account; their conditions were checked
    /// @throws Failure RESOURCE_ALREADY_EXISTS; SERVICE_QUOTA_EXCEEDED when the account has too
    ///   many, or they would look at too much
    public void create(Transaction tx, List<Watch> made) throws CatalogException {
        if (made.isEmpty()) {
            return;
        }
        WatchName any = made.getFirst().name();
        WatchLoad all = WatchLoad.NONE;
        for (Document document :
                tx.list(WatchDocuments.WATCH, WatchName.prefix(any.account()), "", WATCHES_MAX)) {
            all = all.and(WatchDocuments.load(document));
        }
        for (Watch watch : made) {
            if (tx.get(WatchDocuments.WATCH, watch.name().key()).isPresent()) {
                throw new Failure(
                        ErrorCode.RESOURCE_ALREADY_EXISTS,
                        "There is a watch '%s' already".formatted(watch.name().name()));
            }
            WatchLoad load = WatchLoad.of(watch);
            all = all.and(load);
            tx.create(WatchDocuments.WATCH, watch.name().key(), WatchDocuments.json(watch, load));
            if (watch.reaction().isPresent()) {
                Reactions.put(
                        tx,
                        watch.place(),
                        watch.name().name(),
                        watch.created(),
                        watch.reaction().get());
            }
        }
        all.check();
        countChange(tx, any);
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
        WatchCounts.forget(tx, name);
        WatchReactions.forget(tx, name);
        Watch gone = WatchDocuments.watch(document);
        Reactions.remove(tx, gone.place(), name.name());
        tx.delete(document);
        countChange(tx, name);
        return new Removed(gone, state);
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
        tx.replace(document, WatchDocuments.json(changed, WatchDocuments.load(document)));
        countChange(tx, name);
        return new Paused(changed, true);
    }

    /// A watch after it was paused or resumed.
    public record Paused(Watch watch, boolean changed) {}
}
