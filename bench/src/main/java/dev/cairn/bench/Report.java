package dev.cairn.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// What was measured: one line for each figure, with the peer's beside it.
final class Report {
    private static final List<String> HEADINGS =
            List.of("BENCH", "FIGURE", "CAIRN", "UNIT", "PEER", "ITS FIGURE", "RATIO", "NOTE");

    private final List<Line> lines = new ArrayList<>();
    private final PrintStream progress;

    /// @param progress told of each figure as soon as it is known
    Report(PrintStream progress) {
        this.progress = progress;
    }

    /// Whether more or less of a unit is better, so that a ratio over 1 always speaks for Cairn.
    enum Better {
        MORE,
        LESS
    }

    /// @param peer who was measured beside it; empty for none
    /// @param peerValue NaN for none
    private record Line(
            String bench,
            String figure,
            double value,
            String unit,
            Better better,
            String peer,
            double peerValue,
            String note) {

        double ratio() {
            return Report.ratio(better, value, peerValue);
        }

        List<String> cells() {
            return List.of(
                    bench,
                    figure,
                    number(value),
                    unit,
                    peer,
                    Double.isNaN(peerValue) ? "" : number(peerValue),
                    Double.isNaN(ratio()) ? "" : number(ratio()) + "x",
                    note);
        }
    }

    /// How many times better the value is than the peer's; NaN when either is not known.
    static double ratio(Better better, double value, double peerValue) {
        return better == Better.MORE ? value / peerValue : peerValue / value;
    }

    void add(String bench, String figure, double value, String unit, String note) {
        add(bench, figure, value, unit, Better.MORE, "", Double.NaN, note);
    }

    void add(
            String bench,
            String figure,
            double value,
            String unit,
            Better better,
            String peer,
            double peerValue,
            String note) {
        Line line = new Line(bench, figure, value, unit, better, peer, peerValue, note);
        lines.add(line);
        // What was measured before an interruption is not lost.
        progress.println(
                line.cells().stream()
                        .filter(cell -> !cell.isEmpty())
                        .collect(Collectors.joining("  ")));
    }

    /// Three digits that count, in plain notation.
    static String number(double value) {
        double size = Math.abs(value);
        String form = size >= 100 || size == 0 ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, form, value);
    }

    void print(PrintWriter out) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEADINGS);
        lines.forEach(line -> rows.add(line.cells()));
        int[] widths = new int[HEADINGS.size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                text.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
            }
            out.println(text.toString().stripTrailing());
        }
        out.println("A ratio over 1 speaks for Cairn.");
        out.flush();
    }

    ObjectNode json(Machine machine) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("machine", machine.line());
        var figures = json.putArray("figures");
        for (Line line : lines) {
            ObjectNode one = figures.addObject();
            one.put("bench", line.bench());
            one.put("figure", line.figure());
            one.put("value", line.value());
            one.put("unit", line.unit());
            if (!line.peer().isEmpty()) {
                one.put("peer", line.peer());
            }
            if (!Double.isNaN(line.peerValue())) {
                one.put("peerValue", line.peerValue());
                one.put("ratio", line.ratio());
            }
            if (!line.note().isEmpty()) {
                one.put("note", line.note());
            }
        }
        return json;
    }
}
