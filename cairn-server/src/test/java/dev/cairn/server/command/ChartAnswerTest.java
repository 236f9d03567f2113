package dev.cairn.server.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.server.chart.Chart;
import dev.cairn.server.chart.ChartPicture;
import dev.cairn.server.chart.ChartText;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/// Answers that are drawn.
final class ChartAnswerTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static String drawn(Chart.Kind kind, List<String> types, String... rows)
            throws Exception {
        var out = new StringWriter();
        answer(kind, chart -> new ChartText(out).draw(chart), types, rows);
        return out.toString();
    }

    private static void answer(
            Chart.Kind kind, ChartAnswer.Drawing drawing, List<String> types, String... rows)
            throws Exception {
        var answer = new ChartAnswer(kind, drawing);
        answer.begin(List.of("name", "n", "m").subList(0, types.size()), types);
        for (var row : rows) {
            answer.row(JSON.readTree(row));
        }
        answer.end();
    }

    @Test
    void bars_are_as_long_as_their_values_are_large() throws Exception {
        assertThat(
                        drawn(
                                Chart.Kind.BAR,
                                List.of("VARCHAR", "BIGINT"),
                                "[\"GetObject\",1000]",
                                "[\"\\u001b[31mred\",130]",
                                "[null,1]",
                                "[\"none\",null]",
                                "[\"less\",-5]"))
                .isEqualTo(
                        ("GetObject  " + "█".repeat(50) + "  1,000\n")
                                + ("?[31mred   " + "█".repeat(6) + "▌" + " ".repeat(43) + "  130\n")
                                + ("           ▏" + " ".repeat(49) + "  1\n")
                                + "none\n"
                                + ("less       " + " ".repeat(50) + "  -5\n"));
    }

    @Test
    void several_numbers_are_several_bars_and_several_names_one_label() throws Exception {
        assertThat(drawn(Chart.Kind.BAR, List.of("BIGINT", "BIGINT", "DOUBLE"), "[9,2,1.5]"))
                .isEqualTo(
                        ("9  n  " + "█".repeat(50) + "  2\n")
                                + ("9  m  " + "█".repeat(37) + "▌" + " ".repeat(12) + "  1.5\n"));
        assertThat(
                        drawn(
                                Chart.Kind.BAR,
                                List.of("VARCHAR", "VARCHAR", "BIGINT"),
                                "[\"s3\",\"GetObject\",2]"))
                .isEqualTo("s3 GetObject  " + "█".repeat(50) + "  2\n");
    }

    @Test
    void a_line_goes_from_the_smallest_to_the_largest() throws Exception {
        var lines =
                drawn(
                                Chart.Kind.LINE,
                                List.of("TIMESTAMP", "BIGINT"),
                                "[\"2026-01-01 00:00:00.000\",0]",
                                "[\"2026-01-02 00:00:00.000\",30]",
                                "[\"2026-01-03 00:00:00.000\",15]")
                        .lines()
                        .toList();

        assertThat(lines).hasSize(17);
        assertThat(lines.getFirst()).startsWith("30 ┤").endsWith("•");
        assertThat(lines.get(15)).startsWith(" 0 ┤•");
        assertThat(lines.get(16))
                .contains("2026-01-01 00:00:00.000")
                .endsWith("2026-01-03 00:00:00.000");
        assertThat(lines.stream().mapToInt(String::length).max()).hasValue(84);
    }

    @Test
    void of_many_points_the_extremes_are_seen_and_two_lines_have_two_marks() throws Exception {
        var rows = new String[1000];
        for (var at = 0; at < rows.length; at++) {
            rows[at] = "[%d,%d,%d]".formatted(at, at == 500 ? 100 : 0, -at);
        }

        var text = drawn(Chart.Kind.LINE, List.of("INTEGER", "BIGINT", "BIGINT"), rows);

        assertThat(text.lines().findFirst().orElseThrow()).startsWith(" 100 ┤").contains("•");
        assertThat(text.lines().toList().get(15)).startsWith("-999 ┤").endsWith("×");
        assertThat(text).endsWith("• n   × m\n");
    }

    @Test
    void pictures_are_pictures() throws Exception {
        var rows = new String[] {"[\"a & b\",3,1]", "[\"a & b\",null,2]", "[\"c\",1,2]"};
        for (var kind : Chart.Kind.values()) {
            var svg = new ByteArrayOutputStream();
            answer(
                    kind,
                    chart -> ChartPicture.draw(chart, ChartPicture.Format.SVG, svg),
                    List.of("VARCHAR", "BIGINT", "BIGINT"),
                    rows);
            assertThat(svg.toString(StandardCharsets.UTF_8)).contains("<svg", "<path", "</svg");
            var png = new ByteArrayOutputStream();
            answer(
                    kind,
                    chart -> ChartPicture.draw(chart, ChartPicture.Format.PNG, png),
                    List.of("VARCHAR", "BIGINT", "BIGINT"),
                    rows);
            var image = ImageIO.read(new ByteArrayInputStream(png.toByteArray()));
            assertThat(image.getWidth()).isEqualTo(1200);
        }
    }

    @Test
    void what_cannot_be_drawn_is_refused() {
        assertThatThrownBy(() -> drawn(Chart.Kind.BAR, List.of("VARCHAR"), "[\"a\"]"))
                .hasMessageContaining("got name VARCHAR");
        assertThatThrownBy(
                        () -> drawn(Chart.Kind.BAR, List.of("VARCHAR", "VARCHAR"), "[\"a\",\"b\"]"))
                .hasMessageContaining("expected columns of numbers");
        assertThatThrownBy(() -> drawn(Chart.Kind.BAR, List.of("VARCHAR", "BIGINT")))
                .hasMessageContaining("no rows");
        var rows = new String[201];
        java.util.Arrays.fill(rows, "[\"a\",1]");
        assertThatThrownBy(() -> drawn(Chart.Kind.BAR, List.of("VARCHAR", "BIGINT"), rows))
                .hasMessageContaining("at most 200 rows");
    }
}
