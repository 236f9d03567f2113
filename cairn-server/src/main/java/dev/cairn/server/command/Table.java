package dev.cairn.server.command;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/// Rows under headings, columns as wide as their widest cell.
final class Table {
    private static final int CELL_MAX = 80;

    private final List<String> headings;
    private final List<List<String>> rows = new ArrayList<>();

    Table(String... headings) {
        this.headings = List.of(headings);
    }

    void row(Object... cells) {
        var texts = new ArrayList<String>(cells.length);
        for (var cell : cells) {
            texts.add(printable(String.valueOf(cell)));
        }
        rows.add(texts);
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    void print(PrintWriter out) {
        var widths = new int[headings.size()];
        for (var column = 0; column < widths.length; column++) {
            widths[column] = headings.get(column).length();
            for (var row : rows) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        line(out, headings, widths);
        for (var row : rows) {
            line(out, row, widths);
        }
    }

    private static void line(PrintWriter out, List<String> cells, int[] widths) {
        var line = new StringBuilder();
        for (var column = 0; column < widths.length; column++) {
            line.append(cells.get(column));
            if (column < widths.length - 1) {
                line.append(" ".repeat(widths[column] - cells.get(column).length() + 2));
            }
        }
        out.println(line.toString().stripTrailing());
    }

    /// A cell: clean, and not too wide.
    static String printable(String text) {
        var clean = clean(text);
        return clean.codePointCount(0, clean.length()) <= CELL_MAX
                ? clean
                : clean.substring(0, clean.offsetByCodePoints(0, CELL_MAX - 1)) + "…";
    }

    /// Records are written by strangers: control characters must not reach the terminal.
    static String clean(String text) {
        var clean = new StringBuilder(text.length());
        text.codePoints()
                .map(c ->
                        Character.isISOControl(c) || Character.getType(c) == Character.FORMAT
                                ? '?'
                                : c)
                .forEach(clean::appendCodePoint);
        return clean.toString();
    }
}
