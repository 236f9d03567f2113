package dev.cairn.server.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Numbers over time as pictures and in letters.
final class ChartPictureTest {
    private static final Instant FROM = Instant.parse("2026-11-21T08:00:00Z");
    private static final Instant TO = FROM.plus(Duration.ofHours(3));
    private static final Duration PERIOD = Duration.ofMinutes(5);

    private static TimeChart chart(boolean stacked, TimeChart.Line... lines) {
        return new TimeChart(
                "Orders & <errors>",
                ZoneOffset.ofHours(1),
                FROM,
                TO,
                List.of(lines),
                List.of(new TimeChart.Level("too many <", 30, 0xd62728)),
                new TimeChart.Axis("", null, null),
                stacked,
                TimeChart.Legend.BOTTOM);
    }

    private static TimeChart.Line line(String name, double... values) {
        var points = new TreeMap<Long, Double>();
        for (var at = 0; at < values.length; at++) {
            points.put(FROM.plus(PERIOD.multipliedBy(at)).getEpochSecond(), values[at]);
        }
        return new TimeChart.Line(name, points, PERIOD, null);
    }

    private static byte[] drawn(TimeChart chart, int width, int height, ChartPicture.Format format)
            throws IOException {
        var out = new ByteArrayOutputStream();
        ChartPicture.draw(chart, width, height, format, out);
        return out.toByteArray();
    }

    private static String svg(TimeChart chart) throws IOException {
        return new String(drawn(chart, 600, 400, ChartPicture.Format.SVG), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({"1,1", "2,2000", "2000,1", "30,20", "600,400"})
    void a_picture_has_the_size_that_was_asked_for(int width, int height) throws Exception {
        for (var stacked : List.of(true, false)) {
            var picture =
                    drawn(
                            chart(stacked, line("orders", 1, 5, 3)),
                            width,
                            height,
                            ChartPicture.Format.PNG);
            var image = ImageIO.read(new ByteArrayInputStream(picture));
            assertThat(image.getWidth()).isEqualTo(width);
            assertThat(image.getHeight()).isEqualTo(height);
        }
    }

    @Test
    void a_line_is_seen_stacked_or_not() throws Exception {
        var line = new TimeChart.Line("x", line("x", 1, 5, 3).points(), PERIOD, 0x123456);

        assertThat(coloured(chart(false, line))).isGreaterThan(20);
        assertThat(coloured(chart(true, line))).isGreaterThan(20);
    }

    @Test
    void times_are_as_fine_as_the_range_wants() {
        assertThat(chart(false).timePattern()).isEqualTo("HH:mm");
        assertThat(lasting(Duration.ofDays(7)).timePattern()).isEqualTo("MM-dd HH:mm");
        assertThat(lasting(Duration.ofDays(30)).timePattern()).isEqualTo("yyyy-MM-dd");
    }

    private static TimeChart lasting(Duration range) {
        return new TimeChart(
                "",
                ZoneOffset.UTC,
                FROM,
                FROM.plus(range),
                List.of(),
                List.of(),
                new TimeChart.Axis("", null, null),
                false,
                TimeChart.Legend.HIDDEN);
    }

    @Test
    void a_threshold_is_dashed_in_its_colour_and_words_are_outlines() throws Exception {
        assertThat(svg(chart(false, line("a&b", 1), line("a&b", 2))))
                .containsPattern("stroke:rgb\\(214,39,40\\); stroke-dasharray:6,4")
                .doesNotContain("<errors", "<text");
    }

    @Test
    void nothing_at_all_is_drawn_as_axes() throws Exception {
        for (var stacked : List.of(true, false)) {
            var empty =
                    new TimeChart(
                            "",
                            ZoneOffset.UTC,
                            FROM,
                            TO,
                            List.of(line(" "), line("", 0, 0)),
                            List.of(),
                            new TimeChart.Axis("", null, null),
                            stacked,
                            TimeChart.Legend.RIGHT);
            assertThat(svg(empty)).contains("<line");
        }
    }

    @Test
    void a_line_breaks_where_a_period_has_no_value() throws Exception {
        var torn = new TreeMap<Long, Double>();
        for (var at = 0; at <= 36; at += 18) {
            torn.put(FROM.plus(PERIOD.multipliedBy(at)).getEpochSecond(), 5.0);
        }

        var apart = coloured(new TimeChart.Line("x", torn, PERIOD, 0x123456));
        var together = coloured(new TimeChart.Line("x", torn, PERIOD.multipliedBy(18), 0x123456));

        assertThat(apart).isPositive();
        assertThat(together).isGreaterThan(4 * apart);
    }

    /// How much of a picture has the colour of the line, or nearly so.
    private static long coloured(TimeChart.Line line) throws IOException {
        return coloured(chart(false, line));
    }

    private static long coloured(TimeChart chart) throws IOException {
        var png = drawn(chart, 600, 400, ChartPicture.Format.PNG);
        var image = ImageIO.read(new ByteArrayInputStream(png));
        var found = 0L;
        for (var x = 0; x < image.getWidth(); x++) {
            for (var y = 0; y < image.getHeight(); y++) {
                found += (image.getRGB(x, y) & 0xf8f8f8) == 0x103050 ? 1 : 0;
            }
        }
        return found;
    }

    @ParameterizedTest
    @CsvSource({"false,BOTTOM", "true,BOTTOM", "false,RIGHT", "true,RIGHT"})
    void names_leave_the_lines_their_room(boolean stacked, TimeChart.Legend legend)
            throws Exception {
        var lines = new ArrayList<TimeChart.Line>();
        for (var at = 0; at < 100; at++) {
            lines.add(line("W".repeat(255) + at, 1, 2, 3, 4));
        }
        var last = line("last", 100, 200, 300, 400);
        lines.add(new TimeChart.Line(last.name(), last.points(), last.period(), 0x123456));
        var crowded = titled("", stacked, legend, lines);
        var hidden = titled("", stacked, TimeChart.Legend.HIDDEN, lines);

        // Of the picture's third at most that the names may take, and what is drawn beside them.
        assertThat(coloured(crowded)).isGreaterThan(coloured(hidden) / 4).isPositive();
    }

    private static TimeChart titled(
            String title, boolean stacked, TimeChart.Legend legend, List<TimeChart.Line> lines) {
        return new TimeChart(
                title,
                ZoneOffset.UTC,
                FROM,
                TO,
                lines,
                List.of(),
                new TimeChart.Axis("", null, null),
                stacked,
                legend);
    }

    @Test
    void few_names_are_all_shown() throws Exception {
        var named = line("orders", 1, 2);
        var coloured = List.of(new TimeChart.Line(named.name(), named.points(), PERIOD, 0x123456));

        assertThat(coloured(titled("", false, TimeChart.Legend.BOTTOM, coloured)))
                .isGreaterThan(coloured(titled("", false, TimeChart.Legend.HIDDEN, coloured)));
    }

    @Test
    void what_is_stacked_stands_on_what_is_below() {
        var stacked = chart(true, line("a", 1, 2), line("b", 10, 20, 30)).drawn();

        assertThat(stacked.lines().get(1).points().values()).containsExactly(11.0, 22.0, 30.0);
        assertThat(stacked.top()).isGreaterThan(30);
        assertThat(stacked.bottom()).isZero();
    }

    @Test
    void what_is_stacked_holds_between_its_points() {
        var hours =
                new TimeChart.Line(
                        "hours",
                        new TreeMap<>(Map.of(FROM.getEpochSecond(), 7.0)),
                        PERIOD.multipliedBy(2),
                        null);
        var stacked = chart(true, hours, line("minutes", 1, 2, 3)).drawn();

        assertThat(stacked.lines().getFirst().points().values()).containsExactly(7.0, 7.0, 0.0);
        assertThat(stacked.lines().get(1).points().values()).containsExactly(8.0, 9.0, 3.0);
    }

    @Test
    void the_terminal_shows_the_same() throws Exception {
        var out = new StringWriter();
        new ChartText(out).draw(chart(false, line("orders", 1, 5, 3)));

        assertThat(out.toString().lines().toList())
                .hasSize(19)
                .first()
                .isEqualTo("Orders & <errors>");
        assertThat(out.toString())
                .contains("2026-11-21 09:00 +01:00", "2026-11-21 12:00 +01:00")
                .contains("• orders   × too many <");
    }

    @Test
    void a_value_stands_for_its_period_and_no_longer() {
        var points = Map.of(FROM.plus(Duration.ofHours(1)).getEpochSecond(), 7.0);
        var slots =
                chart(false, new TimeChart.Line("x", new TreeMap<>(points), PERIOD, null))
                        .inSlots()
                        .series()
                        .getFirst()
                        .values();

        // An hour is 26 2/3 slots of two and a quarter minutes.
        assertThat(slots.get(25)).isNaN();
        assertThat(slots.subList(26, 29)).containsOnly(7.0);
        assertThat(slots.get(29)).isNaN();
    }

    @Test
    void long_ranges_have_long_periods() {
        assertThat(TimeChart.period(Duration.ofHours(3), Duration.ofMinutes(1))).hasMinutes(1);
        assertThat(TimeChart.period(Duration.ofHours(3), PERIOD)).isEqualTo(PERIOD);
        assertThat(TimeChart.period(Duration.ofDays(30), PERIOD)).hasHours(1);
        assertThat(TimeChart.period(Duration.ofDays(9000), PERIOD)).hasDays(1);
    }
}
