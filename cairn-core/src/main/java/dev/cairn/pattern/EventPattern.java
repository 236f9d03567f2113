package dev.cairn.pattern;

import java.util.Map;
import java.util.Optional;
import software.amazon.event.ruler.Machine;

/// Which JSON documents someone wants: fields, each with values of which it must have one.
///
/// A field is named by its path; it may have several values, since arrays are looked into. What is
/// asked of fields that lie in one array of objects must hold for one and the same object. Any
/// thread may judge.
///
/// Source: Amazon EventBridge User Guide, "Event patterns"; Event Ruler's README.
public final class EventPattern {
    /// How many steps a verdict may take, at less than a microsecond each: whoever waits for it
    /// must not be held up.
    static final long STEPS_MAX = 250_000;

    private static final String NAME = "pattern";

    private final Machine machine = Machine.builder().build();
    private final PatternShape shape;

    private EventPattern(PatternShape shape) {
        this.shape = shape;
        shape.addTo(machine, NAME);
    }

    /// What is to be said of a document.
    public enum Verdict {
        /// The pattern wants it.
        TAKEN,
        /// The pattern does not want it, or it is no JSON object.
        LEFT,
        /// It has so many values that judging it would take too long.
        TOO_COMPLEX
    }

    /// Reads a pattern. The branches of several `$or` multiply: what strangers write is to be
    /// bounded before.
    ///
    /// @throws EventPatternException in Event Ruler's words, which are SNS's and EventBridge's own
    public static EventPattern of(String json) throws EventPatternException {
        return new EventPattern(PatternShape.of(json));
    }

    /// Reads a pattern that a stranger wrote, within the bounds of EventBridge's rules.
    ///
    /// @throws EventPatternException as [#of], and for what would take too long to ask
    public static EventPattern ofStranger(String json) throws EventPatternException {
        PatternBounds.check(json);
        EventPattern pattern = of(json);
        if (pattern.shape.states() > PatternBounds.STATES_MAX) {
            throw new EventPatternException(
                    "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character");
        }
        return pattern;
    }

    /// Judges a document.
    public Verdict judge(String document) {
        Optional<Map<String, Integer>> values = PatternShape.values(document, shape.fields());
        if (values.isEmpty()) {
            return Verdict.LEFT;
        }
        if (shape.steps(values.get(), document.length(), STEPS_MAX) > STEPS_MAX) {
            return Verdict.TOO_COMPLEX;
        }
        return Ruling.of(machine, document).isEmpty() ? Verdict.LEFT : Verdict.TAKEN;
    }
}
