package dev.cairn.account;

import dev.cairn.catalog.CatalogException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// The values used most lately, at most so many, in front of a slower look-up.
///
/// A value that was read before [#forget] and arrives after it is not kept: each forgetting starts
/// a new generation, and only what was asked for in the present one is remembered. Absent values
/// are never kept, so that guessed keys cannot push out real ones.
public final class Remembered<V> {
    private final int max;
    private final Map<String, V> values = new LinkedHashMap<>(16, 0.75f, true);
    private long generation;

    /// @param max how many values are kept at most
    public Remembered(int max) {
        this.max = max;
    }

    /// The value of a key, looked up when it is not remembered.
    public Optional<V> get(String key, Lookup<V> lookup) throws CatalogException {
        long asked;
        synchronized (values) {
            V value = values.get(key);
            if (value != null) {
                return Optional.of(value);
            }
            asked = generation;
        }
        Optional<V> found = lookup.find(key);
        synchronized (values) {
            if (found.isPresent() && asked == generation) {
                values.put(key, found.get());
                if (values.size() > max) {
                    values.remove(values.keySet().iterator().next());
                }
            }
        }
        return found;
    }

    /// What is known of a key no longer holds.
    public void forget(String key) {
        synchronized (values) {
            generation++;
            values.remove(key);
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
