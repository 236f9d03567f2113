package dev.cairn.account;

import dev.cairn.catalog.CatalogException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The values used most lately, at most so many, in front of a slower look-up.
///
/// A value that was read before [#forget] and arrives after it is not kept: each forgetting starts
/// a new generation, and only what was asked for in the present one is remembered. That there is no
/// value for a key is remembered, too, if it is asked for, in a place of its own: guessed keys
/// cannot push out real ones. Who makes a value must forget its key then as well.
public final class Remembered<V> {
    private final int max;
    private final int absentMax;
    private final Map<String, V> values = new LinkedHashMap<>(16, 0.75f, true);
    private final Set<String> absent = new LinkedHashSet<>();
    private long generation;

    /// One that looks up anew each time what is not there.
    ///
    /// @param max how many values are kept at most
    public Remembered(int max) {
        this(max, 0);
    }

    /// @param max how many values are kept at most
    /// @param absentMax of how many keys it is kept that they have none; those noted first go first
    public Remembered(int max, int absentMax) {
        this.max = max;
        this.absentMax = absentMax;
    }

    /// The value of a key, looked up when it is not remembered.
    public Optional<V> get(String key, Lookup<V> lookup) throws CatalogException {
        long asked;
        synchronized (values) {
            V value = values.get(key);
            if (value != null) {
                return Optional.of(value);
            }
            if (absent.contains(key)) {
                return Optional.empty();
            }
            asked = generation;
        }
        Optional<V> found = lookup.find(key);
        synchronized (values) {
            if (asked == generation) {
                keep(key, found);
            }
        }
        return found;
    }

    private void keep(String key, Optional<V> found) {
        if (found.isPresent()) {
            values.put(key, found.get());
            if (values.size() > max) {
                values.remove(values.keySet().iterator().next());
            }
        } else if (absentMax > 0) {
            absent.add(key);
            if (absent.size() > absentMax) {
                absent.remove(absent.iterator().next());
            }
        }
    }

    /// What is known of a key no longer holds.
    public void forget(String key) {
        synchronized (values) {
            generation++;
            values.remove(key);
            absent.remove(key);
        }
    }

    int size() {
        synchronized (values) {
            return values.size();
        }
    }

    /// The slower look-up.
    @FunctionalInterface
    public interface Lookup<V> {
        Optional<V> find(String key) throws CatalogException;
    }
}
