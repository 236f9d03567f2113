package dev.cairn.server.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cairn.event.Place;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.metric.MetricQuery;
import dev.cairn.metric.Metrics;
import dev.cairn.metric.Operand;
import dev.cairn.server.chart.TimeChart;
import dev.cairn.testkit.catalog.MemoryCatalog;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Widgets as clients send them.
final class MetricWidgetTest {
    private static final Place PLACE = new Place("123456789012", "us-east-1");
    private static final Instant NOW = Instant.parse("2026-11-21T08:00:30Z");

    private static MetricWidget read(String widget) {
        return MetricWidget.read(widget.replace('\'', '"'), PLACE, NOW);
    }

    private static MetricQuery.Values values(MetricWidget widget, int at) {
        return (MetricQuery.Values) widget.queries().all().get(at).source();
    }

    @Test
    void what_is_not_said_is_as_cloudwatch_has_it() {
        var widget = read("{'metrics': [['Shop', 'orders', 'store', '4']]}");

        assertThat(widget.width()).isEqualTo(600);
        assertThat(widget.height()).isEqualTo(400);
        assertThat(widget.from()).isEqualTo("2026-11-21T05:00:00Z");
        assertThat(widget.to()).isEqualTo(NOW);
        assertThat(widget.zone()).isEqualTo(ZoneOffset.UTC);
        assertThat(widget.legend()).isEqualTo(TimeChart.Legend.BOTTOM);
        assertThat(values(widget, 0).period()).isEqualTo(Duration.ofMinutes(5));
        assertThat(values(widget, 0).statistic().name()).isEqualTo("Average");
        assertThat(values(widget, 0).metric().dimensions()).containsEntry("store", "4");
    }

    @Test
    void points_stand_for_what_the_metric_before_has() {
        var widget =
                read(
                        """
                        {'stat': 'Sum', 'region': 'eu-west-1', 'metrics': [
                            ['Shop', 'orders', 'store', '4', 'till', '1'],
                            ['...', '2', {'stat': 'p99', 'period': 60, 'region': 'us-west-2'}],
                            ['.', 'errors', '.', '5', '.', '.']]}
                        """);

        assertThat(values(widget, 1).metric().dimensions())
                .isEqualTo(Map.of("store", "4", "till", "2"));
        assertThat(values(widget, 1).statistic().name()).isEqualTo("p99");
        assertThat(values(widget, 1).period()).hasMinutes(1);
        assertThat(values(widget, 1).metric().place().region()).isEqualTo("us-west-2");
        assertThat(values(widget, 2).metric().name()).isEqualTo("errors");
        assertThat(values(widget, 2).metric().place().region()).isEqualTo("eu-west-1");
        assertThat(values(widget, 2).metric().dimensions())
                .isEqualTo(Map.of("store", "5", "till", "2"));
        assertThat(values(widget, 2).statistic().name()).isEqualTo("Sum");
    }

    @Test
    void a_point_behind_the_dots_stands_for_its_own_place() {
        var widget =
                read(
                        "{'metrics': [['Shop', 'orders', 'store', '4', 'till', '1'], ['...', '5', '.', '.']]}");

        assertThat(values(widget, 1).metric().dimensions())
                .isEqualTo(Map.of("store", "5", "till", "1"));
    }

    /// Nothing bounds the numbers that an expression is worked out with but what is counted here.
    @Test
    void expressions_count_by_the_period_that_they_have() {
        var alone = read("{'start': '-P20000D', 'metrics': [[{'expression': '1'}]]}");
        assertThat(alone.queries().period()).hasDays(1);
        assertThat(alone.points()).isBetween(20_000L, 20_001L);

        var named =
                read(
                        "{'start': '-P1D', 'period': 3600, 'metrics': [[{'expression': '1', 'period': 60}]]}");
        assertThat(named.queries().period()).hasMinutes(1);
        assertThat(named.points()).isEqualTo(1441);

        var beside =
                read(
                        "{'start': '-P1D', 'metrics': [['a', 'b', {'id': 'm', 'period': 60}], [{'expression': 'm'}]]}");
        assertThat(beside.queries().period()).hasMinutes(1);
        assertThat(beside.points()).isEqualTo(2 * 1441);
        assertThat(
                        beside.chart(
                                        Map.of(
                                                "line2",
                                                new Operand.Series(new TreeMap<>(Map.of(1L, 1.0)))))
                                .lines())
                .singleElement()
                .satisfies(line -> assertThat(line.period()).hasMinutes(1));
    }

    @Test
    void a_number_holds_all_the_time() {
        var widget =
                read(
                        "{'start': '-P1D', 'metrics': [[{'expression': '4', 'id': 'four'}], [{'expression': '1/0', 'id': 'none'}]]}");
        var lines =
                widget.chart(
                                Map.of(
                                        "four", new Operand.Scalar(4),
                                        "none", new Operand.Scalar(Double.POSITIVE_INFINITY)))
                        .lines();

        assertThat(lines.getFirst().points()).containsOnlyKeys(seconds(widget));
        assertThat(lines.getFirst().period())
                .isEqualTo(Duration.between(widget.from(), widget.to()));
        assertThat(lines.get(1).points()).isEmpty();
    }

    private static Long[] seconds(MetricWidget widget) {
        return new Long[] {widget.from().getEpochSecond(), widget.to().getEpochSecond()};
    }

    @Test
    void what_is_found_is_bounded_as_it_is_drawn() {
        var points = new TreeMap<Long, Double>();
        for (var time = 0L; time < 10; time++) {
            points.put(time, 1.0);
        }
        var one = new Operand.Series(points);
        var other = new Operand.Series(new TreeMap<>(Map.of(99L, 1.0)));
        var found =
                Map.<String, Operand>of(
                        "line1", new Operand.Several(List.of(one, one, other)), "line2", one);
        var lines = read("{'metrics': [[{'expression': '1'}], ['a', 'b', {'visible': false}]]}");
        var stacked =
                read(
                        "{'stacked': true, 'metrics': [[{'expression': '1'}], ['a', 'b', {'visible': false}]]}");

        lines.bound(found, 3, 21);
        stacked.bound(found, 3, 33);
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> lines.bound(found, 2, 21))
                .withMessageContaining("has 3 lines, which exceeds the limit of 2");
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> lines.bound(found, 3, 20))
                .withMessageContaining("has 21 datapoints, which exceeds the limit of 20");
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> stacked.bound(found, 3, 32))
                .withMessageContaining("has 33 datapoints, which exceeds the limit of 32");
    }

    @Test
    void a_long_expression_is_worked_out_and_a_longer_one_refused() throws Exception {
        var longest = "{'metrics': [[{'expression': '%s', 'id': 'e'}]]}";
        var metrics = new Metrics(new MemoryCatalog(), 1, _ -> {});
        for (var text : List.of("1" + "+1".repeat(1023), "1" + "-1".repeat(1023) + " ")) {
            var widget = read(longest.formatted(text));
            assertThat(widget.queries().evaluate(metrics, widget.from(), widget.to()))
                    .containsOnlyKeys("e");
        }
        for (var text : List.of("", "1" + "+1".repeat(1024), "(".repeat(50_000))) {
            assertThatExceptionOfType(Failure.class)
                    .isThrownBy(() -> read(longest.formatted(text)))
                    .withMessageContaining(
                            "at metrics[0]: expected an expression of 1 to 2,048 characters");
        }
    }

    @Test
    void dimensions_are_bounded() {
        var dimensions = new StringBuilder();
        for (var at = 0; at < 30; at++) {
            dimensions.append(", 'd%d', 'v'".formatted(at));
        }
        assertThat(
                        values(read("{'metrics': [['a', 'b'%s]]}".formatted(dimensions)), 0)
                                .metric()
                                .dimensions())
                .hasSize(30);
        read("{'metrics': [['a', 'b', '%s', '%s']]}".formatted("d".repeat(255), "v".repeat(1024)));
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() ->
                        read("{'metrics': [['a', 'b'%s, 'more', 'v']]}".formatted(dimensions)))
                .withMessageContaining("at metrics[0]: expected at most 30 dimensions, got 31");
        for (var wrong :
                List.of(
                        "'%s', 'v'".formatted("d".repeat(256)),
                        "'d', '%s'".formatted("v".repeat(1025)),
                        "'', 'v'",
                        "'d', ''",
                        "'d\\u0000', 'v'",
                        "'d', '\\u0007'")) {
            assertThatExceptionOfType(Failure.class)
                    .isThrownBy(() -> read("{'metrics': [['a', 'b', %s]]}".formatted(wrong)))
                    .withMessageContaining(
                            "at metrics[0]: expected 1 to 255 printable characters as the name of a dimension");
        }
    }

    @Test
    void a_whole_widget_becomes_a_chart() {
        var widget =
                read(
                        """
                        {'width': 800, 'height': 300, 'title': 'Orders', 'view': 'timeSeries', 'stacked': true,
                         'start': '-P1D', 'end': '2026-11-21T07:00:00+01:00', 'timezone': '-0330', 'period': 3600,
                         'legend': {'position': 'right'}, 'liveData': false,
                         'yAxis': {'left': {'min': -5, 'max': 10.5, 'label': 'a day'}},
                         'annotations': {'horizontal': [
                            {'value': 7, 'label': 'too many', 'color': '#D62728', 'fill': 'none'},
                            {'value': 8, 'visible': false}]},
                         'metrics': [
                            ['Shop', 'orders', {'id': 'm1', 'color': '#000001'}],
                            ['.', '.', 'store', '4', {'visible': false}],
                            [{'expression': 'm1 * 2', 'label': 'twice', 'id': 'e1'}]]}
                        """);
        var points = new TreeMap<>(Map.of(1_795_000_000L, 2.0));
        var chart =
                widget.chart(
                        Map.of(
                                "m1", new Operand.Series(points),
                                "line2", new Operand.Series(points),
                                "e1", new Operand.Scalar(4)));

        assertThat(chart.title()).isEqualTo("Orders");
        assertThat(chart.stacked()).isTrue();
        assertThat(chart.zone()).isEqualTo(ZoneOffset.ofHoursMinutes(-3, -30));
        assertThat(chart.from()).isEqualTo("2026-11-20T08:00:00Z");
        assertThat(chart.to()).isEqualTo("2026-11-21T06:00:00Z");
        assertThat(chart.axis()).isEqualTo(new TimeChart.Axis("a day", -5.0, 10.5));
        assertThat(chart.levels()).containsExactly(new TimeChart.Level("too many", 7, 0xd62728));
        assertThat(chart.lines())
                .extracting(TimeChart.Line::name)
                .containsExactly("orders", "twice");
        assertThat(chart.lines().getFirst().color()).isEqualTo(1);
        assertThat(chart.lines().getFirst().period()).hasHours(1);
        assertThat(chart.lines().get(1).points().values()).containsExactly(4.0, 4.0);
    }

    @Test
    void metrics_of_one_name_are_told_apart_by_their_dimensions() {
        var widget = read("{'metrics': [['Shop', 'orders', 'store', '4'], ['...', '5']]}");
        var nothing = new Operand.Series(new TreeMap<>());

        assertThat(widget.chart(Map.of("line1", nothing, "line2", nothing)).lines())
                .extracting(TimeChart.Line::name)
                .containsExactly("orders 4", "orders 5");
    }

    @Test
    void long_ranges_take_long_periods_unless_one_is_named() {
        assertThat(values(read("{'start': '-P1M', 'metrics': [['Shop', 'orders']]}"), 0).period())
                .hasHours(1);
        assertThat(
                        read("{'start': '-P10D', 'period': 1, 'metrics': [['Shop', 'orders']]}")
                                .points())
                .isGreaterThan(864_000);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {'view': 'pie', 'metrics': [['a', 'b']]}                                   | The view 'pie' is not built
                    {'theme': 'dark', 'metrics': [['a', 'b']]}                                 | The theme 'dark' is not built
                    {'sparkline': true, 'metrics': [['a', 'b']]}                               | The member sparkline of a widget is not built
                    {'yAxis': {'right': {}}, 'metrics': [['a', 'b']]}                          | A right yAxis is not built
                    {'metrics': [['a', 'b', {'yAxis': 'right'}]]}                              | A metric on the yAxis 'right' is not built
                    {'metrics': [['a', 'b', {'accountId': '222222222222'}]]}                   | The accountId of another account is not built
                    {'annotations': {'vertical': []}, 'metrics': [['a', 'b']]}                 | The annotations 'vertical' is not built
                    {'annotations': {'horizontal': [[{}, {}]]}, 'metrics': [['a', 'b']]}       | A band between two annotations is not built
                    {'annotations': {'horizontal': [{'value': 1, 'fill': 'above'}]}, 'metrics': [['a', 'b']]} | The fill 'above' is not built
                    {'metrics': [[{'expression': 'SELECT AVG(b) FROM a'}]]}                    | Metrics Insights (SELECT) is not built
                    """)
    void what_is_not_drawn_is_refused_by_name(String widget, String words) {
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> read(widget))
                .satisfies(failure ->
                        assertThat(failure.code()).isEqualTo(ErrorCode.UNSUPPORTED_OPERATION))
                .withMessageContaining(words);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {'metrics': [['a', 'b']]} x                                  | expected JSON
                    []                                                           | expected a JSON object
                    {}                                                           | at metrics: expected 1 to 100 metrics
                    {'metrics': [['a']]}                                         | at metrics[0]: expected a namespace, a name
                    {'metrics': [['a', 'b', 'c']]}                               | at metrics[0]: expected a namespace, a name
                    {'metrics': [['.', 'b']]}                                    | at metrics[0]: expected a metric before it
                    {'metrics': [['a', 'b'], ['...', 'x', 'y', 'z', 'w']]}       | at metrics[1]: expected '...' first
                    {'metrics': [['a', 'b', {}, 'c']]}                           | at metrics[0]: expected texts
                    {'metrics': [['a', 'b', {'colour': 'red'}]]}                 | at metrics[0]: expected one of
                    {'metrics': [['a', 'b', {'color': 'red'}]]}                  | expected a color such as #d62728
                    {'metrics': [['a', 'b', {'id': 'm'}], ['a', 'c', {'id': 'm'}]]} | two queries have the id m
                    {'metrics': [['a', 'b']], 'width': 2001}                     | at width: expected 1 to 2000 pixels
                    {'metrics': [['a', 'b']], 'height': 0}                       | at height: expected 1 to 2000 pixels
                    {'metrics': [['a', 'b']], 'width': '5'}                      | at width: expected 1 to 2000 pixels
                    {'metrics': [['a', 'b']], 'start': 'yesterday'}              | at start: expected a time
                    {'metrics': [['a', 'b']], 'start': '-P999999999999D'}        | at start: expected a time
                    {'metrics': [['a', 'b']], 'start': 'PT0H'}                   | at start: expected a time before the end
                    {'metrics': [['a', 'b']], 'start': '-P100000D'}              | at start: expected a time in the years 1970 to 9999
                    {'metrics': [['a', 'b']], 'start': '1969-12-31T23:59:59Z'}   | at start: expected a time in the years 1970 to 9999
                    {'metrics': [['a', 'b']], 'end': 'P9000Y'}                   | at end: expected a time in the years 1970 to 9999
                    {'metrics': [['a', 'b']], 'end': '+10000-01-01T00:00:00Z'}   | at end: expected a time in the years 1970 to 9999
                    {'metrics': [['a', 'b']], 'region': 'x\\u0000'}               | at region: expected a region
                    {'metrics': [['a', 'b', {'region': 'a/b'}]]}                 | at metrics[0]: expected a region
                    {'metrics': [['a', '']]}                                     | at metrics[0]: expected 1 to 255 printable
                    {'metrics': [['a', 'b']], 'timezone': 'CET'}                 | at timezone: expected a form such as +0130
                    {'metrics': [['a', 'b']], 'timezone': '+9900'}               | at timezone: expected at most 18 hours
                    {'metrics': [['a', 'b']], 'title': 'a\\u0007b'}              | at title: expected at most 255 printable
                    {'metrics': [['a', 'b']], 'stacked': 'yes'}                  | at stacked: expected true or false
                    {'metrics': [['a', 'b']], 'yAxis': {'left': {'min': 2, 'max': 1}}} | expected a min below its max
                    {'metrics': [['a', 'b']], 'annotations': {'horizontal': [{}]}} | at annotations.horizontal[0]: expected a value
                    {'metrics': [['a', 'b']], 'period': 7}                       | The parameter Period must be
                    {'metrics': [['a', 'b']], 'stat': 'Most'}                    | The value Most for parameter Stat
                    """)
    void what_is_wrong_is_told_with_its_place(String widget, String words) {
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> read(widget))
                .satisfies(failure ->
                        assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_PARAMETER_VALUE))
                .withMessageContaining(words);
    }

    @Test
    void size_and_number_are_bounded() {
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() ->
                        read("{'metrics': [%s['a', 'b']]}".formatted("['a', 'b'],".repeat(100))))
                .withMessageContaining("expected at most 100, got 101");
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> read("[".repeat(1 << 17)))
                .withMessageContaining("expected at most 102400 characters");
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> read("[".repeat(1000)))
                .withMessageContaining("expected JSON");
    }
}
