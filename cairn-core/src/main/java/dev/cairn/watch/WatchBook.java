package dev.cairn.watch;

import dev.cairn.catalog.CatalogException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/// The watches of the accounts that were asked last, ready to judge by. One thread at a time may
/// ask.
final class WatchBook {
    /// So many watches are kept in all: a large one takes some ten KB of memory.
    static final int WATCHES_KEPT = 20_000;

    private final Watches watches;
    private final Map<String, WatchSet> sets = new LinkedHashMap<>(16, 0.75f, true);
    private long generation = -1;
    private int kept;

    WatchBook(Watches watches) {
        this.watches = watches;
    }

    /// The watches of an account that are not paused.
    ///
    /// @param now the generation of [Watches#generation()]; what is read may be newer
    WatchSet of(String account, long now) throws CatalogException {
        if (now != generation) {
            sets.clear();
            kept = 0;
            generation = now;
        }
        WatchSet there = sets.get(account);
        if (there != null) {
            return there;
        }
        WatchSet made =
                WatchSet.of(
                        watches.list(account, "", Watches.WATCHES_MAX).stream()
                                .filter(watch -> !watch.paused())
                                .toList());
        sets.put(account, made);
        kept += 1 + made.size();
        Iterator<WatchSet> oldest = sets.values().iterator();
        while (kept > WATCHES_KEPT) {
            kept -= 1 + oldest.next().size();
            oldest.remove();
        }
        return made;
    }
}
