package dev.cairn.lake.dialect;

import java.util.Map;
import java.util.Optional;

/// Patterns for times and texts, from the languages that Trino takes to the ones that DuckDB does.
final class Formats {
    /// MySQL's, of `date_format` and `date_parse`, where they differ from `strftime`'s.
    private static final Map<Character, String> MYSQL =
            Map.ofEntries(
                    Map.entry('a', "%a"),
                    Map.entry('b', "%b"),
                    Map.entry('c', "%-m"),
                    Map.entry('d', "%d"),
                    Map.entry('e', "%-d"),
                    Map.entry('f', "%f"),
                    Map.entry('H', "%H"),
                    Map.entry('h', "%I"),
                    Map.entry('I', "%I"),
                    Map.entry('i', "%M"),
                    Map.entry('j', "%j"),
                    Map.entry('k', "%-H"),
                    Map.entry('l', "%-I"),
                    Map.entry('M', "%B"),
                    Map.entry('m', "%m"),
                    Map.entry('p', "%p"),
                    Map.entry('r', "%I:%M:%S %p"),
                    Map.entry('S', "%S"),
                    Map.entry('s', "%S"),
                    Map.entry('T', "%H:%M:%S"),
                    Map.entry('v', "%V"),
                    Map.entry('W', "%A"),
                    Map.entry('x', "%G"),
                    Map.entry('Y', "%Y"),
                    Map.entry('y', "%y"),
                    Map.entry('%', "%%"));

    /// Joda's, of `format_datetime` and `parse_datetime`.
    private static final Map<String, String> JODA =
            Map.ofEntries(
                    Map.entry("yyyy", "%Y"),
                    Map.entry("YYYY", "%Y"),
                    Map.entry("y", "%Y"),
                    Map.entry("yy", "%y"),
                    Map.entry("MMMM", "%B"),
                    Map.entry("MMM", "%b"),
                    Map.entry("MM", "%m"),
                    Map.entry("M", "%-m"),
                    Map.entry("dd", "%d"),
                    Map.entry("d", "%-d"),
                    Map.entry("DDD", "%j"),
                    Map.entry("EEEE", "%A"),
                    Map.entry("EEE", "%a"),
                    Map.entry("E", "%a"),
                    Map.entry("e", "%u"),
                    Map.entry("HH", "%H"),
                    Map.entry("H", "%-H"),
                    Map.entry("hh", "%I"),
                    Map.entry("h", "%-I"),
                    Map.entry("mm", "%M"),
                    Map.entry("m", "%-M"),
                    Map.entry("ss", "%S"),
                    Map.entry("s", "%-S"),
                    Map.entry("SSS", "%g"),
                    Map.entry("SSSSSS", "%f"),
                    Map.entry("a", "%p"),
                    Map.entry("xxxx", "%G"),
                    Map.entry("ww", "%V"));

    private Formats() {}

    /// Empty when it has a sign that `strftime` knows nothing like.
    static Optional<String> mysql(String pattern) {
        var duck = new StringBuilder();
        var at = 0;
        while (at < pattern.length()) {
            var c = pattern.charAt(at);
            at++;
            if (c != '%') {
                duck.append(c);
                continue;
            }
            var sign = at < pattern.length() ? MYSQL.get(pattern.charAt(at)) : null;
            if (sign == null) {
                return Optional.empty();
            }
            duck.append(sign);
            at++;
        }
        return Optional.of(duck.toString());
    }

    /// Empty when it has a sign that `strftime` knows nothing like.
    static Optional<String> joda(String pattern) {
        var duck = new StringBuilder();
        var at = 0;
        while (at < pattern.length()) {
            var c = pattern.charAt(at);
            if (c == '\'') {
                var end = pattern.indexOf('\'', at + 1);
                if (end < 0) {
                    return Optional.empty();
                }
                duck.append(end == at + 1 ? "'" : escaped(pattern.substring(at + 1, end)));
                at = end + 1;
            } else if (Character.isLetter(c)) {
                var from = at;
                while (at < pattern.length() && pattern.charAt(at) == c) {
                    at++;
                }
                var sign = JODA.get(pattern.substring(from, at));
                if (sign == null) {
                    return Optional.empty();
                }
                duck.append(sign);
            } else {
                duck.append(escaped(String.valueOf(c)));
                at++;
            }
        }
        return Optional.of(duck.toString());
    }

    private static String escaped(String text) {
        return text.replace("%", "%%");
    }

    /// What a match is replaced by: `$1` is Trino's, `\1` DuckDB's. Empty for named groups and
    /// groups beyond the ninth.
    static Optional<String> replacement(String text) {
        var duck = new StringBuilder();
        var at = 0;
        while (at < text.length()) {
            var c = text.charAt(at);
            at++;
            if (c != '$' && c != '\\') {
                duck.append(c);
                continue;
            }
            if (at == text.length() || (c == '$' && !Character.isDigit(text.charAt(at)))) {
                return Optional.empty();
            }
            var sign = text.charAt(at);
            duck.append(c == '$' || sign == '\\' ? "\\" : "").append(sign);
            at++;
        }
        return Optional.of(duck.toString());
    }
}
