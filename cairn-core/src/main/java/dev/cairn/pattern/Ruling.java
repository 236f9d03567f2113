package dev.cairn.pattern;

import java.util.List;
import software.amazon.event.ruler.Machine;

/// What Event Ruler says.
final class Ruling {
    private Ruling() {}

    /// The names of the patterns that want a document.
    ///
    /// @param document that has been read as JSON before
    static List<String> of(Machine machine, String document) {
        try {
            return machine.rulesForJSONEvent(document);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("a document was read once and not again", e);
        }
    }
}
