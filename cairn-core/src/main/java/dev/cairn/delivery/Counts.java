package dev.cairn.delivery;

import dev.cairn.event.Category;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/// What log files hold, by kind of event.
///
/// @param kinds those that occur, in order
public record Counts(Map<Category, Count> kinds) {
    /// Nothing.
    public static final Counts NONE = new Counts(Map.of());

    /// Events of one kind.
    ///
    /// @param bytes of their records as they were recorded, without what a file puts around them
    public record Count(long events, long bytes) {
        Count plus(Count other) {
            return new Count(events + other.events, bytes + other.bytes);
        }
    }

    public Counts {
        EnumMap<Category, Count> ordered = new EnumMap<>(Category.class);
        ordered.putAll(kinds);
        kinds = java.util.Collections.unmodifiableMap(ordered);
    }

    static Counts of(Collection<LogFile.Taken> events) {
        EnumMap<Category, Count> kinds = new EnumMap<>(Category.class);
        for (LogFile.Taken taken : events) {
            kinds.merge(taken.category(), new Count(1, taken.json().length), Count::plus);
        }
        return new Counts(kinds);
    }

    /// Of a file of which only the number of its events was written down.
    static Counts ofUnknownKind(long events) {
        return new Counts(Map.of(Category.OTHER, new Count(events, 0)));
    }

    Counts plus(Counts other) {
        EnumMap<Category, Count> sum = new EnumMap<>(Category.class);
        sum.putAll(kinds);
        other.kinds.forEach((category, count) -> sum.merge(category, count, Count::plus));
        return new Counts(sum);
    }

    /// All events, of every kind.
    public long events() {
        return kinds.values().stream().mapToLong(Count::events).sum();
    }

    /// Those that Cairn made of others.
    long aggregated() {
        Count aggregated = kinds.get(Category.AGGREGATED);
        return aggregated == null ? 0 : aggregated.events();
    }

    /// Such as `MANAGEMENT:3:4711 DATA:1:1200`.
    String text() {
        return kinds.entrySet().stream()
                .map(kind ->
                        kind.getKey().name()
                                + ':'
                                + kind.getValue().events()
                                + ':'
                                + kind.getValue().bytes())
                .collect(Collectors.joining(" "));
    }

    /// Reads [#text].
    static Counts read(String text) {
        EnumMap<Category, Count> kinds = new EnumMap<>(Category.class);
        if (!text.isEmpty()) {
            for (String kind : text.split(" ", -1)) {
                String[] parts = kind.split(":", -1);
                kinds.put(
                        Category.valueOf(parts[0]),
                        new Count(Long.parseLong(parts[1]), Long.parseLong(parts[2])));
            }
        }
        return new Counts(kinds);
    }
}
