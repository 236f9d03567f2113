package dev.cairn.server.chart;

import java.io.IOException;
import java.io.Writer;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Draws charts with letters, for a terminal that knows Unicode.
public final class ChartText {
    private static final int LABEL_MAX = 40;
    private static final int BAR_WIDTH = 50;
    private static final int LINE_WIDTH = 80;
    private static final int LINE_HEIGHT = 16;

    /// Parts of a letter, from an eighth on.
    private static final String EIGHTHS = "▏▎▍▌▋▊▉█";

    /// One for each series, and then from the first again.
    private static final String MARKS = "•×+o*#";

    private final DecimalFormat numbers =
            new DecimalFormat("#,##0.###", DecimalFormatSymbols.getInstance(Locale.ROOT));
    private final Writer out;

    public ChartText(Writer out) {
        this.out = out;
    }

    public void draw(TimeChart chart) throws IOException {
        if (!chart.title().isEmpty()) {
            out.write(chart.title() + "\n");
        }
        var slots = chart.inSlots();
        if (slots.series().isEmpty()) {
            out.write("nothing to draw\n");
        } else {
            draw(slots);
        }
    }

    public void draw(Chart chart) throws IOException {
        switch (chart.kind()) {
            case BAR -> bars(chart);
            case LINE -> lines(chart);
        }
    }

    // ---- bars ---------------------------------------------------------------------------------

    private void bars(Chart chart) throws IOException {
        var several = chart.series().size() > 1;
        var left = new ArrayList<String>();
        var values = new ArrayList<Double>();
        for (var at = 0; at < chart.labels().size(); at++) {
            for (var series : chart.series()) {
                var label = cut(chart.labels().get(at));
                left.add(several ? label + "  " + cut(series.name()) : label);
                values.add(series.values().get(at));
            }
        }
        var width = left.stream().mapToInt(ChartText::length).max().orElse(0);
        var max = chart.max();
        for (var at = 0; at < left.size(); at++) {
            var value = values.get(at);
            var bar = bar(value, max);
            out.write(
                    "%s  %s  %s"
                            .formatted(
                                    padded(left.get(at), width),
                                    padded(bar, BAR_WIDTH),
                                    value.isNaN() ? "" : numbers.format(value))
                            .stripTrailing());
            out.write('\n');
        }
    }

    /// Of what is above zero; however little that is, something is seen of it.
    private static String bar(double value, double max) {
        if (!(value > 0) || max <= 0) {
            return "";
        }
        var eighths = (int) Math.max(1, Math.round(value / max * BAR_WIDTH * 8));
        var rest = eighths % 8;
        return "█".repeat(eighths / 8) + (rest == 0 ? "" : EIGHTHS.charAt(rest - 1));
    }

    // ---- lines --------------------------------------------------------------------------------

    private void lines(Chart chart) throws IOException {
        var min = chart.min();
        var max = chart.max() > min ? chart.max() : min + 1;
        var canvas = new char[LINE_HEIGHT][LINE_WIDTH];
        for (var row : canvas) {
            Arrays.fill(row, ' ');
        }
        for (var at = 0; at < chart.series().size(); at++) {
            line(
                    chart.series().get(at).values(),
                    MARKS.charAt(at % MARKS.length()),
                    min,
                    max,
                    canvas);
        }
        var scale = List.of(numbers.format(max), numbers.format(min));
        var width = scale.stream().mapToInt(String::length).max().orElse(0);
        for (var row = 0; row < LINE_HEIGHT; row++) {
            var value = row == 0 ? scale.getFirst() : row == LINE_HEIGHT - 1 ? scale.get(1) : "";
            out.write(
                    " ".repeat(width - value.length())
                            + value
                            + " ┤"
                            + new String(canvas[row]).stripTrailing()
                            + "\n");
        }
        var from = cut(chart.labels().getFirst());
        var to = chart.labels().size() > 1 ? cut(chart.labels().getLast()) : "";
        var between = LINE_WIDTH - length(from) - length(to);
        out.write(
                (" ".repeat(width + 2) + from + " ".repeat(Math.max(1, between)) + to)
                                .stripTrailing()
                        + "\n");
        if (chart.series().size() > 1) {
            var legend = new ArrayList<String>();
            for (var at = 0; at < chart.series().size(); at++) {
                legend.add(MARKS.charAt(at % MARKS.length()) + " " + chart.series().get(at).name());
            }
            out.write(" ".repeat(width + 2) + String.join("   ", legend) + "\n");
        }
    }

    /// Points stand evenly. Between few of them the line is straight; where many share a letter it
    /// goes from the smallest to the largest.
    private static void line(
            List<Double> values, char mark, double min, double max, char[][] canvas) {
        for (var x = 0; x < LINE_WIDTH; x++) {
            double low;
            double high;
            if (values.size() <= LINE_WIDTH) {
                low = between(values, x * (values.size() - 1) / (LINE_WIDTH - 1.0));
                high = low;
            } else {
                var shared =
                        values.subList(
                                x * values.size() / LINE_WIDTH,
                                (x + 1) * values.size() / LINE_WIDTH);
                low = shared.stream().filter(Double::isFinite).reduce(Double.NaN, ChartText::less);
                high = shared.stream().filter(Double::isFinite).reduce(Double.NaN, ChartText::more);
            }
            if (Double.isFinite(low)) {
                for (var y = y(high, min, max); y <= y(low, min, max); y++) {
                    canvas[y][x] = mark;
                }
            }
        }
    }

    private static double between(List<Double> values, double at) {
        var left = (int) at;
        var right = Math.min(left + 1, values.size() - 1);
        var part = at - left;
        // Not 0 times what is not there.
        return part == 0
                ? values.get(left)
                : values.get(left) * (1 - part) + values.get(right) * part;
    }

    private static Double less(Double one, Double other) {
        return one.isNaN() || other < one ? other : one;
    }

    private static Double more(Double one, Double other) {
        return one.isNaN() || other > one ? other : one;
    }

    private static int y(double value, double min, double max) {
        return (int) Math.round((max - value) / (max - min) * (LINE_HEIGHT - 1));
    }

    // ---- letters ------------------------------------------------------------------------------

    private static String cut(String text) {
        return length(text) <= LABEL_MAX
                ? text
                : text.substring(0, text.offsetByCodePoints(0, LABEL_MAX - 1)) + "…";
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(width - length(text));
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }
}
