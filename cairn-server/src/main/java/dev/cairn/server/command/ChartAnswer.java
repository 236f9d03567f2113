package dev.cairn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.server.chart.Chart;
import dev.cairn.server.lake.Csv;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// An answer that is drawn when it is whole. Its last columns are of numbers, a series each; those
/// before them, the first at least, say of what.
final class ChartAnswer extends QueryAnswer {
    /// Beyond these nothing can be made out.
    static final int BARS_MAX = 200;

    static final int POINTS_MAX = 10_000;

    private static final Pattern NUMBER =
            Pattern.compile("(U?(TINY|SMALL|BIG)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\\(.*\\))");

    private final Chart.Kind kind;
    private final Drawing drawing;
    private final List<String> labels = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private final List<List<Double>> values = new ArrayList<>();
    private int first;

    /// Draws a chart.
    @FunctionalInterface
    interface Drawing {
        void draw(Chart chart) throws IOException;
    }

    ChartAnswer(Chart.Kind kind, Drawing drawing) {
        super(Writer.nullWriter());
        this.kind = kind;
        this.drawing = drawing;
    }

    @Override
    void begin(List<String> columns, List<String> types) throws CommandException {
        first = columns.size();
        while (first > 1 && NUMBER.matcher(types.get(first - 1)).matches()) {
            first--;
        }
        if (first == columns.size()) {
            throw new CommandException(
                    "--chart: expected columns of numbers behind the first, such as SELECT eventName, count(*); got "
                            + String.join(
                                    ", ",
                                    IntStream.range(0, columns.size())
                                            .mapToObj(at -> columns.get(at) + " " + types.get(at))
                                            .toList()),
                    CommandException.USAGE);
        }
        for (var name : columns.subList(first, columns.size())) {
            names.add(Table.printable(name));
            values.add(new ArrayList<>());
        }
    }

    @Override
    void row(JsonNode cells) throws CommandException {
        var max = kind == Chart.Kind.BAR ? BARS_MAX : POINTS_MAX;
        if (labels.size() == max) {
            throw new CommandException(
                    "--chart: expected at most %,d rows, got more; a LIMIT makes them fewer"
                            .formatted(max));
        }
        var label = new ArrayList<String>();
        for (var at = 0; at < first; at++) {
            label.add(Csv.text(cells.get(at)));
        }
        labels.add(Table.printable(String.join(" ", label)));
        for (var at = 0; at < values.size(); at++) {
            var cell = cells.get(first + at);
            values.get(at).add(cell.isNumber() ? cell.doubleValue() : Double.NaN);
        }
    }

    @Override
    void end() throws IOException, CommandException {
        if (labels.isEmpty()) {
            throw new CommandException("--chart: the answer has no rows");
        }
        drawing.draw(
                new Chart(
                        kind,
                        labels,
                        IntStream.range(0, names.size())
                                .mapToObj(at -> new Chart.Series(names.get(at), values.get(at)))
                                .toList()));
    }
}
