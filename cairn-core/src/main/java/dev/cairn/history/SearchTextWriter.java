package dev.cairn.history;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Writes conditions in the language that [SearchText] reads.
final class SearchTextWriter {

    private static final String NOTHING = "NOT *:*";

    private SearchTextWriter() {}

    static String write(Condition condition) {
        return switch (condition) {
            case Condition.All() -> "*:*";
            case Condition.And(var parts) -> parts.isEmpty() ? "*:*" : joined(parts, " AND ");
            case Condition.Or(var parts) -> parts.isEmpty() ? NOTHING : joined(parts, " OR ");
            case Condition.Not(var part) -> "NOT " + part(part);
            case Condition.Is(var path, var value) -> field(path) + quoted(value);
            case Condition.Like(var path, var pattern) -> field(path) + pattern(pattern);
            case Condition.Matches(var path, var regex) -> field(path) + "/" + regex(regex) + "/";
            case Condition.Between(var path, var lower, var from, var upper, var to) ->
                    field(path)
                            + (from ? "[" : "{")
                            + bound(lower)
                            + " TO "
                            + bound(upper)
                            + (to ? "]" : "}");
            case Condition.Exists(var path) -> field(path) + "*";
            case Condition.Words(var text) -> quoted(text);
            case Condition.Touched(var resource) -> "touched:" + quoted(resource);
        };
    }

    private static String joined(List<Condition> parts, String operator) {
        return parts.stream().map(SearchTextWriter::part).collect(Collectors.joining(operator));
    }

    /// A condition where only one that needs no parentheses may stand.
    private static String part(Condition condition) {
        boolean compound =
                (condition instanceof Condition.And(var and) && and.size() > 1)
                        || (condition instanceof Condition.Or(var or) && or.size() > 1)
                        || (condition instanceof Condition.And(var one) && one.size() == 1)
                        || (condition instanceof Condition.Or(var only) && only.size() == 1);
        return compound ? "(" + write(condition) + ")" : write(condition);
    }

    private static String field(String path) {
        return (path.equals(Condition.ANY) ? path : escaped(path, "*?\\():\"-!", false)) + ":";
    }

    /// In a pattern, `*`, `?` and `\` mean what they mean in the text.
    private static String pattern(String pattern) {
        return escaped(pattern, "()\"[]{}<>/", true);
    }

    private static String escaped(String text, String special, boolean pattern) {
        StringBuilder escaped = new StringBuilder();
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (pattern && c == '\\' && at + 1 < text.length()) {
                escaped.append(c).append(text.charAt(++at));
            } else if (special.indexOf(c) >= 0 || Character.isWhitespace(c) || c == '\\') {
                escaped.append('\\').append(c);
            } else {
                escaped.append(c);
            }
        }
        return escaped.toString();
    }

    private static String regex(String regex) {
        StringBuilder escaped = new StringBuilder();
        for (int at = 0; at < regex.length(); at++) {
            char c = regex.charAt(at);
            if (c == '\\' && at + 1 < regex.length()) {
                escaped.append(c).append(regex.charAt(++at));
            } else {
                escaped.append(c == '/' ? "\\/" : String.valueOf(c));
            }
        }
        return escaped.toString();
    }

    private static String bound(@Nullable String bound) {
        return bound == null ? "*" : quoted(bound);
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
