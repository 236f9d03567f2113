package dev.cairn.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/// Counts by name, for a bounded number of names. When they become too many, those with the least
/// are let go: what is counted often stays, and is short of what was let go before at most.
///
/// @param <K> the names
/// @param <C> what is counted of each
final class Tally<K, C> {
    private final int max;
    private final Supplier<C> fresh;
    private final ToLongFunction<C> weight;
    private final Map<K, C> counts = new HashMap<>();
    private boolean full;

    /// @param max so many names are kept when some are let go; twice as many may be there
    /// @param weight which are let go first
    Tally(int max, Supplier<C> fresh, ToLongFunction<C> weight) {
        this.max = max;
        this.fresh = fresh;
        this.weight = weight;
    }

    C of(K name) {
        C known = counts.get(name);
        if (known != null) {
            return known;
        }
        if (counts.size() >= 2 * max) {
            full = true;
            counts.keySet().retainAll(new HashSet<>(first(max)));
        }
        C count = fresh.get();
        counts.put(name, count);
        return count;
    }

    /// The names with the most, the greatest first; of equal ones in order of their texts.
    List<K> first(int limit) {
        List<Map.Entry<K, C>> entries = new ArrayList<>(counts.entrySet());
        entries.sort(
                Comparator.<Map.Entry<K, C>>comparingLong(
                                entry -> -weight.applyAsLong(entry.getValue()))
                        .thenComparing(entry -> entry.getKey().toString()));
        return entries.stream().limit(limit).map(Map.Entry::getKey).toList();
    }

    Map<K, C> all() {
        return counts;
    }

    /// Whether names were let go, so that there were more than are known, and some of the counts
    /// are too low.
    boolean isFull() {
        return full;
    }
}
