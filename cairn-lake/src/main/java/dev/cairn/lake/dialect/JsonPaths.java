package dev.cairn.lake.dialect;

import java.util.Optional;

/// Paths into JSON: `$.a["b c"][0]`, as Trino's `json_extract` takes them.
final class JsonPaths {
    private JsonPaths() {}

    /// The same path for DuckDB, every name in quotes: `$."a"."b c"[0]`. Empty when it is of
    /// another form, with wildcards or filters.
    static Optional<String> toDuck(String path) {
        if (!path.startsWith("$")) {
            return Optional.empty();
        }
        var duck = new StringBuilder("$");
        var at = 1;
        while (at < path.length()) {
            var next =
                    switch (path.charAt(at)) {
                        case '.' -> name(path, at + 1, duck);
                        case '[' -> bracket(path, at + 1, duck);
                        default -> -1;
                    };
            if (next < 0) {
                return Optional.empty();
            }
            at = next;
        }
        return Optional.of(duck.toString());
    }

    /// @return where it goes on; -1 when there is no name
    private static int name(String path, int from, StringBuilder duck) {
        var at = from;
        while (at < path.length() && path.charAt(at) != '.' && path.charAt(at) != '[') {
            at++;
        }
        return append(path.substring(from, at), duck) ? at : -1;
    }

    private static int bracket(String path, int from, StringBuilder duck) {
        var quote = from < path.length() ? path.charAt(from) : ' ';
        if (quote == '"' || quote == '\'') {
            var end = path.indexOf(quote + "]", from + 1);
            return end >= 0 && append(path.substring(from + 1, end), duck) ? end + 2 : -1;
        }
        var end = path.indexOf(']', from);
        if (end < 0) {
            return -1;
        }
        var index = path.substring(from, end);
        if (index.matches("[0-9]{1,9}")) {
            duck.append('[').append(index).append(']');
            return end + 1;
        }
        return index.matches("[\\w:-]+") && append(index, duck) ? end + 1 : -1;
    }

    private static boolean append(String name, StringBuilder duck) {
        if (name.isEmpty() || name.equals("*") || name.indexOf('"') >= 0) {
            return false;
        }
        duck.append(".\"").append(name).append('"');
        return true;
    }
}
