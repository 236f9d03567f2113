package dev.cairn.rule;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/// The rules that were used last, ready to judge by: to read one takes longer than to ask it. Any
/// thread may ask.
public final class Rules {
    /// Rules of so many characters in all are kept. Each may take some hundred bytes of memory.
    static final int CHARS_MAX = 128 << 10;

    private final Map<String, Rule> kept = new LinkedHashMap<>(16, 0.75f, true);
    private int chars;

    /// The rule that a text is.
    ///
    /// @throws RuleException as [Rule#of]
    public synchronized Rule rule(String json) throws RuleException {
        Rule there = kept.get(json);
        if (there != null) {
            return there;
        }
        Rule made = Rule.of(json);
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
