package dev.cairn.pattern;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import software.amazon.event.ruler.Machine;

/// Many patterns that are asked of a document at once, in a time that hardly depends on how many
/// they are. Any thread may judge.
///
/// All patterns are in one machine of Event Ruler's. How long that may take of a document is known
/// before: where it could be too long, because the document has long arrays, each pattern is asked
/// alone, within its own bound and one for all of them.
public final class PatternSet {
    /// How many steps the one machine may take for a document, at less than a microsecond each.
    static final long STEPS_MAX = 10 * EventPattern.STEPS_MAX;

    /// What all patterns may take that are asked alone.
    static final long ALONE_STEPS_MAX = 40 * EventPattern.STEPS_MAX;

    private final Machine machine = Machine.builder().build();
    private final Map<String, String> texts;
    private final Map<String, PatternShape> shapes = new LinkedHashMap<>();
    private final Set<String> fields = new HashSet<>();
    private final EventPatterns alone = new EventPatterns();
    private final long ways;
    private final long states;

    /// @param texts patterns that were taken from strangers ([EventPattern#ofStranger]), by name
    /// @throws EventPatternException when one of them is none
    public PatternSet(Map<String, String> texts) throws EventPatternException {
        this.texts = Map.copyOf(texts);
        long allWays = 0;
        long allStates = 0;
        for (Map.Entry<String, String> one : texts.entrySet()) {
            PatternShape shape = PatternShape.of(one.getValue());
            shape.addTo(machine, one.getKey());
            shapes.put(one.getKey(), shape);
            fields.addAll(shape.fields());
            allWays = Math.min(STEPS_MAX, allWays + shape.ways(STEPS_MAX));
            allStates += shape.states();
        }
        ways = allWays;
        states = allStates;
    }

    /// What is to be said of a document.
    ///
    /// @param taken the names of the patterns that want it
    /// @param tooComplex the names of those that were not asked: it has so many values, or such
    ///   long ones, that asking them would take too long
    public record Verdict(Set<String> taken, Set<String> tooComplex) {
        static final Verdict NONE = new Verdict(Set.of(), Set.of());

        public Verdict {
            taken = Set.copyOf(taken);
            tooComplex = Set.copyOf(tooComplex);
        }
    }

    /// Judges a document. Nobody can be asked about what is no JSON object, or has numbers or names
    /// that are too long to read.
    public Verdict judge(String document) {
        if (texts.isEmpty()) {
            return Verdict.NONE;
        }
        Optional<Map<String, Integer>> values = PatternShape.values(document, fields);
        if (values.isEmpty()) {
            return new Verdict(Set.of(), texts.keySet());
        }
        if (steps(values.get(), document.length()) > STEPS_MAX) {
            return each(document, values.get());
        }
        return new Verdict(new HashSet<>(Ruling.of(machine, document)), Set.of());
    }

    /// An upper bound of the machine's steps, as [PatternShape#steps], on the guess that what one
    /// pattern meets several times all of them do.
    private long steps(Map<String, Integer> values, int documentChars) {
        long all = 0;
        long times = ways;
        for (int count : values.values()) {
            all += count;
            times = Math.min(STEPS_MAX, times * count);
        }
        return PatternShape.wildcardSteps(states, documentChars) + times * all;
    }

    private Verdict each(String document, Map<String, Integer> values) {
        Set<String> taken = new HashSet<>();
        Set<String> tooComplex = new HashSet<>();
        long left = ALONE_STEPS_MAX;
        for (Map.Entry<String, PatternShape> one : shapes.entrySet()) {
            long steps = one.getValue().steps(values, document.length(), EventPattern.STEPS_MAX);
            if (steps > EventPattern.STEPS_MAX || steps > left) {
                tooComplex.add(one.getKey());
                continue;
            }
            left -= steps;
            String text = texts.getOrDefault(one.getKey(), "");
            EventPattern pattern = read(text);
            if (pattern.judge(document) == EventPattern.Verdict.TAKEN) {
                taken.add(one.getKey());
            }
        }
        return new Verdict(taken, tooComplex);
    }

    private EventPattern read(String text) {
        try {
            return alone.pattern(text);
        } catch (EventPatternException e) {
            throw new IllegalStateException("a pattern was read once and not again", e);
        }
    }
}
