package dev.cairn.history;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/// A wildcard or regular expression made ready to be asked of many values. Takes time linear in a
/// value's length (times the pattern's), whatever the pattern. Any thread may use one.
public final class ValuePattern {

    private final Pattern pattern;
    private final String prefix;
    private final boolean prefixOnly;

    private ValuePattern(Pattern pattern, String prefix, boolean prefixOnly) {
        this.pattern = pattern;
        this.prefix = prefix;
        this.prefixOnly = prefixOnly;
    }

    /// @param wildcard as [Condition.Like] has it
    public static ValuePattern ofWildcard(String wildcard) {
        StringBuilder regex = new StringBuilder();
        StringBuilder prefix = new StringBuilder();
        int firstWild = -1;
        for (int at = 0; at < wildcard.length(); ) {
            int point = wildcard.codePointAt(at);
            int next = at + Character.charCount(point);
            if (point == '*' || point == '?') {
                regex.append(point == '*' ? ".*" : ".");
                firstWild = firstWild < 0 ? at : firstWild;
            } else {
                if (point == '\\' && next < wildcard.length()) {
                    point = wildcard.codePointAt(next);
                    next += Character.charCount(point);
                }
                regex.append(Pattern.quote(Character.toString(point)));
                if (firstWild < 0) {
                    prefix.appendCodePoint(point);
                }
            }
            at = next;
        }
        boolean prefixOnly =
                firstWild == wildcard.length() - 1 && wildcard.charAt(firstWild) == '*';
        return new ValuePattern(
                Pattern.compile(regex.toString(), Pattern.DOTALL), prefix.toString(), prefixOnly);
    }

    /// @param regex as [Condition.Matches] has it
    /// @throws IllegalArgumentException when it is not one; the message says what is wrong
    public static ValuePattern ofRegex(String regex) {
        try {
            return new ValuePattern(Pattern.compile(regex), literalPrefix(regex), false);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(e.getDescription() + ": " + e.getPattern(), e);
        }
    }

    /// Text that every match begins with; empty when none can be told.
    public String prefix() {
        return prefix;
    }

    /// How many steps a match takes for each character of a value at most: counted repetitions
    /// multiply.
    public int steps() {
        return prefixOnly ? 0 : pattern.programSize();
    }

    public boolean matches(String value) {
        return value.startsWith(prefix) && (prefixOnly || pattern.matches(value));
    }

    /// The plain characters a regular expression begins with. Gives up at the first that could mean
    /// anything else; a quantifier makes the one before it optional.
    private static String literalPrefix(String regex) {
        if (regex.indexOf('|') >= 0) {
            return "";
        }
        int end = 0;
        while (end < regex.length() && isPlain(regex.charAt(end))) {
            end++;
        }
        boolean quantified = end < regex.length() && "*?{".indexOf(regex.charAt(end)) >= 0;
        return regex.substring(0, quantified && end > 0 ? end - 1 : end);
    }

    private static boolean isPlain(char c) {
        return c < 0x80 && (Character.isLetterOrDigit(c) || "-_:/@ =,".indexOf(c) >= 0);
    }
}
