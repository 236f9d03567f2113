package dev.cairn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.server.chart.Chart;
import dev.cairn.server.lake.Csv;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;

/// A query's answer, written as its rows come.
abstract class QueryAnswer {
    private static final ObjectMapper JSON = new ObjectMapper();

    final Writer out;

    QueryAnswer(Writer out) {
        this.out = out;
    }

    /// @param format csv, json, ndjson, parquet (which the worker writes), else a table
    static QueryAnswer of(String format, Writer out) {
        return switch (format) {
            case "csv" -> new Separated(out);
            case "json" -> new Objects(out, "[\n", ",\n", "\n]\n");
            case "ndjson" -> new Objects(out, "", "\n", "\n");
            case "parquet" -> new Elsewhere(out);
            default -> new Plain(out);
        };
    }

    /// @param columns names, of which one may come twice
    /// @param types what DuckDB calls their types
    abstract void begin(List<String> columns, List<String> types)
            throws IOException, CommandException;

    /// @param cells as many as there are columns; rows, arrays and maps as JSON
    abstract void row(JsonNode cells) throws IOException, CommandException;

    abstract void end() throws IOException, CommandException;

    static List<String> texts(JsonNode array) {
        var texts = new ArrayList<String>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    /// As `dev.cairn.server.lake.Csv` writes it.
    private static final class Separated extends QueryAnswer {
        Separated(Writer out) {
            super(out);
        }

        @Override
        void begin(List<String> columns, List<String> types) throws IOException {
            Csv.header(out, columns);
        }

        @Override
        void row(JsonNode cells) throws IOException {
            Csv.row(out, cells);
        }

        @Override
        void end() {
            // Nothing closes a CSV file.
        }
    }

    /// An object for each row; a name that comes twice gets a number.
    private static final class Objects extends QueryAnswer {
        private final String before;
        private final String between;
        private final String after;
        private List<String> names = List.of();
        private boolean begun;

        Objects(Writer out, String before, String between, String after) {
            super(out);
            this.before = before;
            this.between = between;
            this.after = after;
        }

        @Override
        void begin(List<String> columns, List<String> types) throws IOException {
            names = Chart.unlike(columns);
            out.write(before);
        }

        @Override
        void row(JsonNode cells) throws IOException {
            if (begun) {
                out.write(between);
            }
            begun = true;
            var object = new ObjectNode(JsonNodeFactory.instance);
            for (var at = 0; at < names.size(); at++) {
                object.set(names.get(at), cells.get(at));
            }
            out.write(JSON.writeValueAsString(object));
        }

        @Override
        void end() throws IOException {
            if (begun || !before.isEmpty()) {
                out.write(after);
            }
        }
    }

    /// Rows as they come, a line each, for a worker to make something of.
    static final class Rows extends QueryAnswer {
        private List<String> columns = List.of();
        private List<String> types = List.of();

        Rows(Writer out) {
            super(out);
        }

        List<String> columns() {
            return columns;
        }

        List<String> types() {
            return types;
        }

        @Override
        void begin(List<String> names, List<String> given) {
            columns = names;
            types = given;
        }

        @Override
        void row(JsonNode cells) throws IOException {
            out.write(JSON.writeValueAsString(cells));
            out.write('\n');
        }

        @Override
        void end() {
            // The last row was the last line.
        }
    }

    /// Somebody else writes it.
    private static final class Elsewhere extends QueryAnswer {
        Elsewhere(Writer out) {
            super(out);
        }

        @Override
        void begin(List<String> columns, List<String> types) {
            throw new IllegalStateException("expected no rows here");
        }

        @Override
        void row(JsonNode cells) {
            throw new IllegalStateException("expected no rows here");
        }

        @Override
        void end() {
            // It is whole.
        }
    }

    /// Columns as wide as what the first rows need; cells that are too wide are cut.
    private static final class Plain extends QueryAnswer {
        private static final int FIRST = 1000;

        private final List<List<String>> waiting = new ArrayList<>();
        private int[] widths = {};

        Plain(Writer out) {
            super(out);
        }

        @Override
        void begin(List<String> columns, List<String> types) {
            waiting.add(columns.stream().map(Table::printable).toList());
        }

        @Override
        void row(JsonNode cells) throws IOException {
            var line = new ArrayList<String>(cells.size());
            for (var cell : cells) {
                line.add(Table.printable(Csv.text(cell)));
            }
            if (widths.length > 0) {
                line(line);
            } else {
                waiting.add(line);
                if (waiting.size() > FIRST) {
                    flush();
                }
            }
        }

        @Override
        void end() throws IOException {
            if (widths.length == 0) {
                flush();
            }
        }

        private void flush() throws IOException {
            widths = new int[waiting.getFirst().size()];
            for (var line : waiting) {
                for (var at = 0; at < widths.length; at++) {
                    widths[at] = Math.max(widths[at], length(line.get(at)));
                }
            }
            for (var line : waiting) {
                line(line);
            }
            waiting.clear();
        }

        private void line(List<String> cells) throws IOException {
            var line = new StringBuilder();
            for (var at = 0; at < cells.size(); at++) {
                line.append(cells.get(at));
                line.append(" ".repeat(Math.max(0, widths[at] - length(cells.get(at))) + 2));
            }
            out.write(line.toString().stripTrailing());
            out.write('\n');
        }

        private static int length(String text) {
            return text.codePointCount(0, text.length());
        }
    }
}
