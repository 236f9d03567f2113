package dev.cairn.server.operation;

import java.util.List;
import java.util.stream.Collectors;

/// A line of CSV (RFC 4180) of what strangers wrote: a cell that a spreadsheet would run as a
/// formula starts with an apostrophe.
public final class CsvLine {
    private CsvLine() {}

    /// With its end.
    public static String of(List<String> cells) {
        return cells.stream().map(CsvLine::cell).collect(Collectors.joining(",", "", "\r\n"));
    }

    private static String cell(String text) {
        var safe = !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0 ? "'" + text : text;
        return safe.chars().anyMatch(c -> c == '"' || c == ',' || c == '\n' || c == '\r')
                ? "\"" + safe.replace("\"", "\"\"") + "\""
                : safe;
    }
}
