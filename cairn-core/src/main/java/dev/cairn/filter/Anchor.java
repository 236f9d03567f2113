package dev.cairn.filter;

import dev.cairn.filter.Comparison.Exact;
import dev.cairn.filter.Comparison.Like;
import dev.cairn.filter.Comparison.Numeric;
import dev.cairn.filter.Comparison.Ordered;
import dev.cairn.filter.Comparison.Regex;
import dev.cairn.filter.Condition.Absent;
import dev.cairn.filter.Condition.All;
import dev.cairn.filter.Condition.Any;
import dev.cairn.filter.Condition.Compare;
import dev.cairn.filter.Condition.Is;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/// Something that can be looked up about one field, and without which a condition cannot hold.
///
/// @param key a [String], for [Kind#NUMBER] a [java.math.BigDecimal] without trailing zeros
record Anchor(int field, Kind kind, Object key) {
    enum Kind {
        /// The field is this text.
        TEXT(1),
        /// The field is this number.
        NUMBER(1),
        /// The field's text begins so.
        PREFIX(2),
        /// The field's text ends so.
        SUFFIX(2),
        /// The field is there: of most fields that says little.
        THERE(1_000);

        private final long weight;

        Kind(long weight) {
            this.weight = weight;
        }

        /// What it costs to be looked up by this for nothing, against others.
        long weight() {
            return weight;
        }
    }

    /// Anchors of which each message that satisfies the condition has at least one; empty when
    /// there are none, since the condition can hold without anything being there.
    ///
    /// @param cost of an anchor; of several sets that would do, the one that costs least is taken
    static Optional<Set<Anchor>> of(Condition condition, ToLongFunction<Anchor> cost) {
        return switch (condition) {
            case Absent _ -> Optional.empty();
            case Is(int field, Value.Kind kind) -> Optional.of(constant(field, kind));
            case Compare(int field, boolean equal, Comparison comparison) ->
                    Optional.of(equal ? equal(field, comparison) : there(field));
            case Any(List<Condition> parts) -> {
                Set<Anchor> all = new HashSet<>();
                for (Condition part : parts) {
                    Optional<Set<Anchor>> anchors = of(part, cost);
                    if (anchors.isEmpty()) {
                        yield Optional.empty();
                    }
                    all.addAll(anchors.get());
                }
                yield Optional.of(all);
            }
            case All(List<Condition> parts) -> {
                Optional<Set<Anchor>> best = Optional.empty();
                long least = Long.MAX_VALUE;
                for (Condition part : parts) {
                    Optional<Set<Anchor>> anchors = of(part, cost);
                    if (anchors.isPresent()) {
                        long sum = anchors.get().stream().mapToLong(cost).sum();
                        if (sum < least) {
                            least = sum;
                            best = anchors;
                        }
                    }
                }
                yield best;
            }
        };
    }

    /// Names every anchor that a condition could be looked up by.
    static void each(Condition condition, Consumer<Anchor> consumer) {
        switch (condition) {
            case Absent _ -> {}
            case Is(int field, Value.Kind kind) -> constant(field, kind).forEach(consumer);
            case Compare(int field, boolean equal, Comparison comparison) ->
                    (equal ? equal(field, comparison) : there(field)).forEach(consumer);
            case Any(List<Condition> parts) -> parts.forEach(part -> each(part, consumer));
            case All(List<Condition> parts) -> parts.forEach(part -> each(part, consumer));
        }
    }

    private static Set<Anchor> constant(int field, Value.Kind kind) {
        return switch (kind) {
            case TRUE -> Set.of(new Anchor(field, Kind.TEXT, "true"));
            case FALSE -> Set.of(new Anchor(field, Kind.TEXT, "false"));
            default -> there(field);
        };
    }

    private static Set<Anchor> equal(int field, Comparison comparison) {
        return switch (comparison) {
            case Exact(String text) -> Set.of(new Anchor(field, Kind.TEXT, text));
            case Numeric number ->
                    Set.of(
                            new Anchor(field, Kind.TEXT, number.text()),
                            new Anchor(field, Kind.NUMBER, number.number().stripTrailingZeros()));
            case Like(List<String> parts) when !parts.getFirst().isEmpty() ->
                    Set.of(new Anchor(field, Kind.PREFIX, parts.getFirst()));
            case Like(List<String> parts) when !parts.getLast().isEmpty() ->
                    Set.of(new Anchor(field, Kind.SUFFIX, parts.getLast()));
            case Like _, Regex _, Ordered _ -> there(field);
        };
    }

    private static Set<Anchor> there(int field) {
        return Set.of(new Anchor(field, Kind.THERE, ""));
    }
}
