package dev.cairn.watch;

import dev.cairn.catalog.CatalogException;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// The watches of the accounts that were asked last, ready to judge by. One thread at a time may
/// ask.
final class WatchBook {
    /// So many watches are kept in all: a large one takes some ten KB of memory.
    static final int WATCHES_KEPT = 20_000;

    private final Watches watches;
    private final Map<String, Kept> sets = new LinkedHashMap<>(16, 0.75f, true);
    private final Set<String> asked = new HashSet<>();
    private int kept;

    WatchBook(Watches watches) {
        this.watches = watches;
    }

    /// An account's watches, and its generation, than which they may be newer.
    private record Kept(long generation, WatchSet set) {
        int size() {
            return 1 + set.size();
        }
    }

    /// Has each account's generation asked anew. What is asked for afterwards is at least as new as
    /// what the ledger held before.
    void begin() {
        asked.clear();
    }

    /// The watches of an account that are not paused.
    WatchSet of(String account) throws CatalogException {
        Kept there = sets.get(account);
        if (there != null && !asked.add(account)) {
            return there.set();
        }
        long generation = watches.generation(account);
        if (there != null && there.generation() == generation) {
            return there.set();
        }
        asked.add(account);
        WatchSet made =
                WatchSet.of(
                        watches.list(account, "", Watches.WATCHES_MAX).stream()
                                .filter(watch -> !watch.paused())
                                .toList());
        Kept now = new Kept(generation, made);
        sets.put(account, now);
        kept += now.size() - (there == null ? 0 : there.size());
        Iterator<Kept> oldest = sets.values().iterator();
        while (kept > WATCHES_KEPT) {
            kept -= oldest.next().size();
            oldest.remove();
        }
        return made;
    }
}
