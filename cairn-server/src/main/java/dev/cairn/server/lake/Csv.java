package dev.cairn.server.lake;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;

/// Answers as CSV (RFC 4180), with plain line ends: a header, then a line a row. NULL is empty, an
/// empty text is `""`; rows, arrays and maps are JSON.
public final class Csv {
    private Csv() {}

    /// @param columns names, of which one may come twice
    public static void header(Writer out, List<String> columns) throws IOException {
        line(out, columns.stream().map(Csv::quoted).toList());
    }

    /// @param cells an array
    public static void row(Writer out, JsonNode cells) throws IOException {
        var line = new ArrayList<String>(cells.size());
        for (var cell : cells) {
            line.add(cell.isNull() ? "" : quoted(text(cell)));
        }
        line(out, line);
    }

    /// A value as a text; NULL is empty.
    public static String text(JsonNode cell) {
        return cell.isNull() ? "" : cell.isValueNode() ? cell.asText() : cell.toString();
    }

    private static void line(Writer out, List<String> cells) throws IOException {
        out.write(String.join(",", cells));
        out.write('\n');
    }

    private static String quoted(String text) {
        return text.isEmpty() || text.chars().anyMatch(c -> ",\"\r\n".indexOf(c) >= 0)
                ? "\"" + text.replace("\"", "\"\"") + "\""
                : text;
    }
}
