package dev.cairn.filter;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// Many patterns, asked at once: a message is read once for all of them, and only those are asked
/// that it can satisfy.
///
/// Each JSON pattern is looked up by *anchors*: values of fields of which a message must have one.
/// Of several that would do, those are taken that fewest patterns name, on the guess that what many
/// name is in many messages. So what a message costs grows with the patterns that it nearly
/// satisfies, not with all that there are. Patterns without an anchor (`NOT EXISTS` alone), and
/// those for columns and terms, are asked of every message.
///
/// Any thread may ask. A set does not change: make a new one.
public final class FilterSet {
    private final List<FilterPattern> patterns;
    private final Fields fields = new Fields();

    /// By the patterns' numbers, with this set's own numbers of fields; null for other forms.
    private final @Nullable Condition[] conditions;

    /// By the fields' numbers; null where no pattern is looked up by the field.
    private final @Nullable AnchorIndex[] indexes;

    /// JSON patterns without an anchor.
    private final List<Integer> unanchored = new ArrayList<>();

    /// Patterns for columns and terms.
    private final List<Integer> others = new ArrayList<>();

    private FilterSet(List<FilterPattern> patterns) {
        this.patterns = patterns;
        conditions = new Condition[patterns.size()];
        for (int id = 0; id < patterns.size(); id++) {
            if (patterns.get(id).form() instanceof JsonForm(Fields own, Condition condition)) {
                List<Selector> selectors = own.selectors();
                conditions[id] = condition.renumbered(field -> fields.number(selectors.get(field)));
            } else {
                others.add(id);
            }
        }
        indexes = new AnchorIndex[fields.count()];
        index();
    }

    /// @param patterns which are known by their places in the list
    public static FilterSet of(List<FilterPattern> patterns) {
        return new FilterSet(List.copyOf(patterns));
    }

    private void index() {
        Map<Anchor, Long> named = new HashMap<>();
        for (Condition condition : conditions) {
            if (condition != null) {
                Anchor.each(condition, anchor -> named.merge(anchor, 1L, Long::sum));
            }
        }
        ToLongFunction<Anchor> cost =
                anchor -> anchor.kind().weight() * named.getOrDefault(anchor, 1L);
        Map<Anchor, List<Integer>> anchored = new HashMap<>();
        for (int id = 0; id < patterns.size(); id++) {
            Condition condition = conditions[id];
            if (condition == null) {
                continue;
            }
            Optional<Set<Anchor>> anchors = Anchor.of(condition, cost);
            if (anchors.isEmpty()) {
                unanchored.add(id);
            } else {
                for (Anchor anchor : anchors.get()) {
                    anchored.computeIfAbsent(anchor, _ -> new ArrayList<>()).add(id);
                }
            }
        }
        anchored.forEach((anchor, ids) -> {
            AnchorIndex index = indexes[anchor.field()];
            if (index == null) {
                index = new AnchorIndex();
                indexes[anchor.field()] = index;
            }
            index.add(anchor, ids);
        });
    }

    /// The places of the patterns that take a message, in ascending order.
    public int[] taking(LogMessage message) {
        BitSet taking = new BitSet();
        if (fields.count() > 0) {
            fields.read(message).ifPresent(values -> ask(values, taking));
        }
        for (int id : others) {
            if (patterns.get(id).takes(message)) {
                taking.set(id);
            }
        }
        return taking.stream().toArray();
    }

    private void ask(Values values, BitSet taking) {
        BitSet asked = new BitSet();
        for (int field = 0; field < indexes.length; field++) {
            AnchorIndex index = indexes[field];
            if (index == null) {
                continue;
            }
            for (Value value : values.of(field)) {
                index.find(value, asked::set);
            }
        }
        for (int id : unanchored) {
            asked.set(id);
        }
        for (int id = asked.nextSetBit(0); id >= 0; id = asked.nextSetBit(id + 1)) {
            Condition condition = conditions[id];
            if (condition != null && condition.holds(values)) {
                taking.set(id);
            }
        }
    }
}
