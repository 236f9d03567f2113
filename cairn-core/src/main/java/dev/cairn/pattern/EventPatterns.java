package dev.cairn.pattern;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/// The patterns that were used last, ready to judge by: to read one takes longer than to ask it.
/// Any thread may ask.
public final class EventPatterns {
    /// EventPatterns of so many characters in all are kept. Each may take some hundred bytes of
    /// memory.
    static final int CHARS_MAX = 128 << 10;

    private final Map<String, EventPattern> kept = new LinkedHashMap<>(16, 0.75f, true);
    private int chars;

    /// The pattern that a text is.
    ///
    /// @throws EventPatternException as [EventPattern#of]
    public synchronized EventPattern pattern(String json) throws EventPatternException {
        EventPattern there = kept.get(json);
        if (there != null) {
            return there;
        }
        EventPattern made = EventPattern.of(json);
        kept.put(json, made);
        chars += json.length();
        Iterator<String> oldest = kept.keySet().iterator();
        while (chars > CHARS_MAX) {
            chars -= oldest.next().length();
            oldest.remove();
        }
        return made;
    }

    synchronized int chars() {
        return chars;
    }
}
