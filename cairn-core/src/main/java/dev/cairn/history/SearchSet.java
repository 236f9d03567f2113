package dev.cairn.history;

import dev.cairn.event.Event;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Many conditions, asked of an event at once: it is read once for all of them, and of those that
/// need a member to have a certain value only the ones are asked whose value it has.
///
/// What each takes is what [Filter] takes. How long asking may take of an event is known before:
/// wildcards, regular expressions and words cost by what they look at, and a condition that is
/// beyond its bound is not asked, nor is any that comes after the bound of all.
///
/// Any thread may ask. A set does not change: make a new one.
public final class SearchSet {
    /// How many steps one condition may take of an event; a step is a few nanoseconds.
    static final long STEPS_MAX = 10_000_000;

    /// How many steps all of them may take of an event.
    static final long ALL_STEPS_MAX = 40_000_000;

    private final List<Filter> filters = new ArrayList<>();
    private final List<SearchCost> costs = new ArrayList<>();
    private final Map<Anchor, List<Integer>> anchored = new HashMap<>();
    private final List<Integer> unanchored = new ArrayList<>();

    /// A value that a member must have.
    private record Anchor(String path, String value) {}

    private SearchSet(List<Condition> conditions) {
        for (int id = 0; id < conditions.size(); id++) {
            Condition condition = conditions.get(id);
            filters.add(Filter.of(condition));
            costs.add(SearchCost.of(condition));
            Optional<Set<Anchor>> anchors = anchors(condition);
            if (anchors.isEmpty()) {
                unanchored.add(id);
            } else {
                for (Anchor anchor : anchors.get()) {
                    anchored.computeIfAbsent(anchor, _ -> new ArrayList<>()).add(id);
                }
            }
        }
    }

    /// @param conditions which are known by their places in the list
    /// @throws IllegalArgumentException when a regular expression in them is none
    public static SearchSet of(List<Condition> conditions) {
        return new SearchSet(conditions);
    }

    /// Whether no value of a member leads to a condition: it is asked of each event.
    public static boolean isAskedAlways(Condition condition) {
        return anchors(condition).isEmpty();
    }

    /// What is to be said of an event, by the conditions' places, in ascending order.
    ///
    /// @param taking those that hold
    /// @param tooComplex those that were not asked, or in vain: it has so much to look at that it
    ///   would take too long, or that not all of it was looked at
    public record Verdict(List<Integer> taking, List<Integer> tooComplex) {
        public Verdict {
            taking = List.copyOf(taking);
            tooComplex = List.copyOf(tooComplex);
        }
    }

    public Verdict judge(Event event) {
        EventValues values = EventValues.of(event);
        BitSet asked = new BitSet();
        unanchored.forEach(asked::set);
        if (!values.isComplete()) {
            // The value that leads to a condition may be among those that were passed over.
            asked.set(0, filters.size());
        } else if (!anchored.isEmpty()) {
            values.each((path, value) ->
                    anchored.getOrDefault(new Anchor(path, value), List.of()).forEach(asked::set));
        }
        List<Integer> taking = new ArrayList<>();
        List<Integer> tooComplex = new ArrayList<>();
        long left = ALL_STEPS_MAX;
        for (int id = asked.nextSetBit(0); id >= 0; id = asked.nextSetBit(id + 1)) {
            long steps = costs.get(id).steps(values);
            if (steps > Math.min(STEPS_MAX, left)) {
                tooComplex.add(id);
                continue;
            }
            left -= steps;
            if (filters.get(id).test(values)) {
                taking.add(id);
            } else if (!values.isComplete()) {
                tooComplex.add(id);
            }
        }
        return new Verdict(taking, tooComplex);
    }

    /// Values of which an event must have one for the condition to hold; empty when no such are
    /// known. Of the parts of an AND the one with the fewest will do.
    private static Optional<Set<Anchor>> anchors(Condition condition) {
        return switch (condition) {
            case Condition.Is(var path, var value) ->
                    path.equals(Condition.ANY)
                            ? Optional.empty()
                            : Optional.of(Set.of(new Anchor(path, value)));
            case Condition.And(var parts) ->
                    parts.stream()
                            .map(SearchSet::anchors)
                            .flatMap(Optional::stream)
                            .min(Comparator.comparingInt(Set::size));
            case Condition.Or(var parts) -> {
                Set<Anchor> all = new HashSet<>();
                for (Condition part : parts) {
                    Optional<Set<Anchor>> some = anchors(part);
                    if (some.isEmpty()) {
                        yield Optional.empty();
                    }
                    all.addAll(some.get());
                }
                yield Optional.of(all);
            }
            case Condition.All _,
                    Condition.Not _,
                    Condition.Like _,
                    Condition.Matches _,
                    Condition.Between _,
                    Condition.Exists _,
                    Condition.Words _,
                    Condition.Touched _ ->
                    Optional.empty();
        };
    }
}
