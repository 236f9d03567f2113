package dev.cairn.server.chart;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/// Numbers over time.
///
/// @param title above it; empty when it has none
/// @param zone in which times are shown
/// @param from where the axis of times begins
/// @param to where it ends, after `from`
/// @param lines in the order they are drawn; none is fine
/// @param levels that the lines are held against, such as the threshold of an alarm
/// @param axis of the values
/// @param stacked whether each line stands on the one before it
/// @param legend where the names of lines and levels stand
public record TimeChart(
        String title,
        ZoneOffset zone,
        Instant from,
        Instant to,
        List<Line> lines,
        List<Level> levels,
        Axis axis,
        boolean stacked,
        Legend legend) {

    /// Beyond these a line has more points than a picture has columns.
    public static final int POINTS_MAX = 1440;

    /// How finely a chart is shown in letters.
    private static final int SLOTS = 80;

    private static final List<Duration> PERIODS =
            List.of(
                    Duration.ofMinutes(1),
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(15),
                    Duration.ofHours(1),
                    Duration.ofHours(6),
                    Duration.ofDays(1));

    /// @param points what each period came to, by the second since 1970 it begins at
    /// @param period for so long a point stands; where the next is further away, the line breaks
    /// @param color as 0xRRGGBB; null for the next that is free
    public record Line(
            String name, SortedMap<Long, Double> points, Duration period, @Nullable Integer color) {
        public Line {
            points = Collections.unmodifiableSortedMap(new TreeMap<>(points));
        }

        /// The newest value before `end`, if it still stands at `begin`; NaN otherwise.
        private double held(double begin, double end) {
            var before = points.headMap((long) Math.ceil(end));
            return !before.isEmpty() && before.lastKey() + period.toSeconds() > begin
                    ? before.sequencedValues().getLast()
                    : Double.NaN;
        }
    }

    /// What is drawn.
    ///
    /// @param lines as high as they are drawn, in the order of the chart
    /// @param bottom where the axis of values begins
    /// @param top where it ends, above where it begins
    record Drawn(List<Line> lines, double bottom, double top) {}

    /// A value that is drawn across.
    ///
    /// @param name empty when it has none
    /// @param color as for lines
    public record Level(String name, double value, @Nullable Integer color) {}

    /// @param label beside it; empty when it has none
    /// @param min where it begins; null for zero, or the least value where that is less
    /// @param max where it ends; null for a little more than the greatest value
    public record Axis(String label, @Nullable Double min, @Nullable Double max) {}

    /// Where the names stand.
    public enum Legend {
        BOTTOM,
        RIGHT,
        HIDDEN
    }

    public TimeChart {
        if (!from.isBefore(to)) {
            throw new IllegalArgumentException(
                    "expected a chart that ends after it begins, got %s to %s".formatted(from, to));
        }
        lines = List.copyOf(lines);
        levels = List.copyOf(levels);
    }

    /// The shortest usual period with which a line has at most [#POINTS_MAX] points, and not less
    /// than `least`.
    public static Duration period(Duration range, Duration least) {
        for (var period : PERIODS) {
            if (period.compareTo(least) >= 0
                    && range.compareTo(period.multipliedBy(POINTS_MAX)) <= 0) {
                return period;
            }
        }
        return PERIODS.getLast();
    }

    /// Works out what is drawn, which takes memory where lines are stacked: to be asked once.
    Drawn drawn() {
        var heights = heights();
        var bottom = axis.min() != null ? axis.min() : values(heights).reduce(0, Math::min);
        return new Drawn(heights, bottom, top(heights, bottom));
    }

    private double top(List<Line> heights, double bottom) {
        if (axis.max() != null && axis.max() > bottom) {
            return axis.max();
        }
        var greatest = values(heights).reduce(Math::max).orElse(bottom);
        return greatest > bottom ? greatest + (greatest - bottom) / 20 : bottom + 1;
    }

    private DoubleStream values(List<Line> heights) {
        return DoubleStream.concat(
                        heights.stream()
                                .flatMap(line -> line.points().values().stream())
                                .mapToDouble(Double::doubleValue),
                        levels.stream().mapToDouble(Level::value))
                .filter(Double::isFinite);
    }

    /// The lines as they are drawn: where they are stacked, each is as high as those below it and
    /// itself, at every time that one of them has; one that lacks it counts with what still stands.
    private List<Line> heights() {
        if (!stacked) {
            return lines;
        }
        SortedMap<Long, Double> reached = new TreeMap<>();
        lines.forEach(line -> line.points().keySet().forEach(time -> reached.put(time, 0.0)));
        var heights = new ArrayList<Line>();
        for (var line : lines) {
            reached.replaceAll((time, below) -> {
                var held = line.held(time.doubleValue(), time.doubleValue() + 1);
                return Double.isNaN(held) ? below : below + held;
            });
            heights.add(new Line(line.name(), reached, line.period(), line.color()));
        }
        return heights;
    }

    /// How times are written along the axis: as finely as the range wants it.
    String timePattern() {
        var range = Duration.between(from, to);
        if (range.compareTo(Duration.ofHours(36)) <= 0) {
            return "HH:mm";
        }
        return range.compareTo(Duration.ofDays(8)) <= 0 ? "MM-dd HH:mm" : "yyyy-MM-dd";
    }

    /// The same for letters: so many slots of equal length, in each what holds at its end.
    Chart inSlots() {
        var form = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm xxx").withZone(zone);
        var labels = new ArrayList<String>();
        var seconds = Duration.between(from, to).toMillis() / 1000.0 / SLOTS;
        for (var slot = 0; slot < SLOTS; slot++) {
            labels.add(form.format(slot == SLOTS - 1 ? to : from));
        }
        var series = new ArrayList<Chart.Series>();
        for (var line : heights()) {
            var values = new ArrayList<Double>();
            for (var slot = 0; slot < SLOTS; slot++) {
                var begin = from.getEpochSecond() + seconds * slot;
                values.add(line.held(begin, begin + seconds));
            }
            series.add(new Chart.Series(line.name(), values));
        }
        for (var level : levels) {
            series.add(
                    new Chart.Series(
                            level.name().isEmpty() ? Double.toString(level.value()) : level.name(),
                            Collections.nCopies(SLOTS, level.value())));
        }
        return new Chart(Chart.Kind.LINE, labels, series);
    }
}
