package dev.cairn.server.command;

import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// A statement over the table `logs` as an event data store takes it: `logs` becomes a name for the
/// store, in front of the statement's own.
///
/// @param text what the server is asked
/// @param line from 1, of the place where `logs` was put in front
/// @param column characters before that place in its line
/// @param longer whether anything was put in front
record StoreStatement(String text, int line, int column, boolean longer) {
    private static final Pattern TABLE = Pattern.compile("(?i)\\blogs\\b");
    private static final Pattern WITH =
            Pattern.compile("(?is)\\A(?:\\s|--[^\\n]*\\n|/\\*.*?\\*/)*+with\\s+(?:recursive\\s+)?");
    private static final Pattern PLACE = Pattern.compile("\\Aline (\\d+):(\\d+)");

    /// @param store its id
    static StoreStatement of(String sql, String store) {
        if (!TABLE.matcher(sql).find()) {
            return new StoreStatement(sql, 1, 0, false);
        }
        var table = "logs AS (SELECT * FROM " + store + ")";
        var with = WITH.matcher(sql);
        var end = with.find() ? with.end() : 0;
        var before = sql.substring(0, end);
        return new StoreStatement(
                before + (end == 0 ? "WITH " + table : table + ",") + "\n" + sql.substring(end),
                1 + (int) before.chars().filter(c -> c == '\n').count(),
                before.length() - 1 - before.lastIndexOf('\n'),
                true);
    }

    /// What the server says of a place in [#text], said of the statement as it was written.
    String asWritten(String message) {
        return longer ? PLACE.matcher(message).replaceFirst(this::place) : message;
    }

    private String place(MatchResult told) {
        var at = Integer.parseInt(told.group(1));
        var in = Integer.parseInt(told.group(2));
        if (at <= line) {
            return told.group();
        }
        return "line %d:%d".formatted(at - 1, at == line + 1 ? in + column : in);
    }
}
