package dev.cairn.server.operation;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.event.Place;
import dev.cairn.failure.Failure;
import dev.cairn.metric.Metric;
import dev.cairn.metric.MetricQueries;
import dev.cairn.metric.MetricQuery;
import dev.cairn.metric.Operand;
import dev.cairn.server.chart.TimeChart;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What GetMetricWidgetImage is to draw. What CloudWatch can draw and Cairn cannot is refused by
/// name.
///
/// Source: "GetMetricWidgetImage: Metric Widget Structure and Syntax", CloudWatch API Reference.
///
/// @param width in pixels
/// @param height in pixels
/// @param queries all that the lines need
/// @param colors of those queries that were given one, by id, as 0xRRGGBB
record MetricWidget(
        int width,
        int height,
        Instant from,
        Instant to,
        ZoneOffset zone,
        String title,
        boolean stacked,
        TimeChart.Axis axis,
        TimeChart.Legend legend,
        List<TimeChart.Level> levels,
        MetricQueries queries,
        Map<String, Integer> colors) {

    static final int METRICS_MAX = 100;
    static final int CHARS_MAX = 100 << 10;
    private static final int SIDE_MAX = 2000;
    private static final int LEVELS_MAX = 50;
    private static final int TEXT_MAX = 255;
    private static final int EXPRESSION_MAX = 2048;
    private static final int DIMENSION_NAME_MAX = 255;
    private static final int DIMENSION_VALUE_MAX = 1024;

    /// What is drawn lies in the years 1970 to 9999.
    private static final Instant END = Instant.parse("+10000-01-01T00:00:00Z");

    private static final Duration USUAL_PERIOD = Duration.ofMinutes(5);

    private static final JsonMapper JSON =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(20)
                                                    .build())
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    /// Members that change nothing that is drawn.
    private static final Set<String> WITHOUT_EFFECT = Set.of("liveData", "region", "accountId");

    private static final Set<String> MEMBERS =
            Set.of(
                    "metrics",
                    "annotations",
                    "end",
                    "height",
                    "legend",
                    "period",
                    "start",
                    "stat",
                    "stacked",
                    "theme",
                    "timezone",
                    "title",
                    "view",
                    "width",
                    "yAxis");

    /// @param text the widget, JSON
    /// @param place whose metrics it is about, where it does not name another region
    static MetricWidget read(String text, Place place, Instant now) {
        if (text.length() > CHARS_MAX) {
            throw invalid("", "expected at most %d characters".formatted(CHARS_MAX));
        }
        JsonNode json;
        try {
            json = JSON.readTree(text);
        } catch (JsonProcessingException malformed) {
            throw invalid("", "expected JSON: " + malformed.getOriginalMessage());
        }
        if (!(json instanceof ObjectNode widget)) {
            throw invalid("", "expected a JSON object");
        }
        return new Reader(widget, place, now).read();
    }

    private static Failure invalid(String path, String words) {
        return MetricCall.invalid(
                "The parameter MetricWidget is invalid%s: %s"
                        .formatted(path.isEmpty() ? "" : " at " + path, words));
    }

    private static final class Reader {
        private final ObjectNode widget;
        private final Place place;
        private final Instant now;

        Reader(ObjectNode widget, Place place, Instant now) {
            this.widget = widget;
            this.place = place;
            this.now = now;
        }

        MetricWidget read() {
            widget.fieldNames()
                    .forEachRemaining(name -> {
                        if (!MEMBERS.contains(name) && !WITHOUT_EFFECT.contains(name)) {
                            throw MetricCall.notBuilt("The member %s of a widget".formatted(name));
                        }
                    });
            only(widget, "view", "timeSeries", "The view ");
            only(widget, "theme", "light", "The theme ");
            var from = time("start", "-PT3H");
            var to = time("end", "PT0H");
            if (!from.isBefore(to)) {
                throw invalid("start", "expected a time before the end");
            }
            var period = period(widget, "period", from, to);
            var colors = new HashMap<String, Integer>();
            var queries = queries(period, colors);
            return new MetricWidget(
                    side("width", 600),
                    side("height", 400),
                    MetricCall.rounded(from, shortest(queries), now),
                    MetricCall.wholeSeconds(to),
                    zone(),
                    words(widget.path("title"), "title"),
                    flag(widget, "stacked", false),
                    axis(),
                    legend(),
                    levels(),
                    queries,
                    colors);
        }

        // ---- the whole ------------------------------------------------------------------------

        private static Duration shortest(MetricQueries queries) {
            return queries.all().stream()
                    .map(query -> MetricWidget.period(query, queries))
                    .min(Duration::compareTo)
                    .orElse(USUAL_PERIOD);
        }

        private int side(String name, int usual) {
            var given = widget.path(name);
            if (given.isMissingNode()) {
                return usual;
            }
            if (!given.isInt() || given.asInt() < 1 || given.asInt() > SIDE_MAX) {
                throw invalid(name, "expected 1 to %d pixels".formatted(SIDE_MAX));
            }
            return given.asInt();
        }

        /// A time, or how far it is from now, such as `-PT3H`, `-P7D` or `-P1M`.
        private Instant time(String name, String usual) {
            var text = widget.path(name).asText(usual);
            Instant time;
            try {
                time = time(text);
            } catch (DateTimeException | ArithmeticException _) {
                throw invalid(
                        name,
                        "expected a time such as 2026-11-21T08:00:00Z or -PT3H, got "
                                + quoted(text));
            }
            if (time.isBefore(Instant.EPOCH) || !time.isBefore(END)) {
                throw invalid(
                        name, "expected a time in the years 1970 to 9999, got " + quoted(text));
            }
            return time;
        }

        private Instant time(String text) {
            if (!text.startsWith("P") && !text.startsWith("-P")) {
                return OffsetDateTime.parse(text).toInstant();
            }
            return text.matches("-?P\\d+[WMY]")
                    ? now.atOffset(ZoneOffset.UTC).plus(Period.parse(text)).toInstant()
                    : now.plus(Duration.parse(text));
        }

        private ZoneOffset zone() {
            var text = widget.path("timezone").asText("+0000");
            if (!text.matches("[+-]\\d{4}")) {
                throw invalid("timezone", "expected a form such as +0130, got " + quoted(text));
            }
            try {
                return ZoneOffset.of(text);
            } catch (DateTimeException _) {
                throw invalid("timezone", "expected at most 18 hours, got " + text);
            }
        }

        private TimeChart.Legend legend() {
            var position = widget.path("legend").path("position").asText("bottom");
            return switch (position) {
                case "bottom" -> TimeChart.Legend.BOTTOM;
                case "right" -> TimeChart.Legend.RIGHT;
                case "hidden" -> TimeChart.Legend.HIDDEN;
                default ->
                        throw invalid(
                                "legend.position",
                                "expected bottom, right or hidden, got " + quoted(position));
            };
        }

        private TimeChart.Axis axis() {
            if (widget.path("yAxis").has("right")) {
                throw MetricCall.notBuilt("A right yAxis");
            }
            var left = widget.path("yAxis").path("left");
            var min = number(left, "min", "yAxis.left.min");
            var max = number(left, "max", "yAxis.left.max");
            if (min != null && max != null && min >= max) {
                throw invalid("yAxis.left", "expected a min below its max");
            }
            return new TimeChart.Axis(words(left.path("label"), "yAxis.left.label"), min, max);
        }

        private List<TimeChart.Level> levels() {
            var annotations = widget.path("annotations");
            annotations
                    .fieldNames()
                    .forEachRemaining(kind -> {
                        if (!kind.equals("horizontal")) {
                            throw MetricCall.notBuilt("The annotations " + quoted(kind));
                        }
                    });
            var levels = new ArrayList<TimeChart.Level>();
            for (var one : annotations.path("horizontal")) {
                var path = "annotations.horizontal[%d]".formatted(levels.size());
                if (one.isArray()) {
                    throw MetricCall.notBuilt("A band between two annotations");
                }
                only(one, "fill", "none", "The fill ");
                only(one, "yAxis", "left", "An annotation on the yAxis ");
                var value = number(one, "value", path + ".value");
                if (value == null) {
                    throw invalid(path, "expected a value");
                }
                if (flag(one, "visible", true)) {
                    levels.add(
                            new TimeChart.Level(
                                    words(one.path("label"), path + ".label"),
                                    value,
                                    color(one, path)));
                }
                if (levels.size() > LEVELS_MAX) {
                    throw invalid("annotations", "expected at most %d".formatted(LEVELS_MAX));
                }
            }
            return levels;
        }

        // ---- metrics --------------------------------------------------------------------------

        private MetricQueries queries(Duration period, Map<String, Integer> colors) {
            if (!(widget.path("metrics") instanceof ArrayNode metrics) || metrics.isEmpty()) {
                throw invalid("metrics", "expected 1 to %d metrics".formatted(METRICS_MAX));
            }
            if (metrics.size() > METRICS_MAX) {
                throw invalid(
                        "metrics",
                        "expected at most %d, got %d".formatted(METRICS_MAX, metrics.size()));
            }
            // Expressions have the period of the metrics, or the widget's where there are none.
            var alone = metrics.valueStream().allMatch(one -> properties(one).has("expression"));
            var asked = JSON.createArrayNode();
            List<String> before = List.of();
            for (var at = 0; at < metrics.size(); at++) {
                var path = "metrics[%d]".formatted(at);
                if (!(metrics.get(at) instanceof ArrayNode given) || given.isEmpty()) {
                    throw invalid(path, "expected an array");
                }
                var properties = properties(given);
                check(properties, path);
                var id = properties.path("id").asText("line" + (at + 1));
                var query = asked.addObject().put("Id", id);
                query.put("ReturnData", flag(properties, "visible", true));
                if (properties.has("label")) {
                    query.put("Label", words(properties.path("label"), path + ".label"));
                }
                var own = properties.has("period") ? seconds(properties, path) : period;
                var color = color(properties, path);
                if (color != null) {
                    colors.put(id, color);
                }
                if (properties.has("expression")) {
                    query.put("Expression", expression(properties, path));
                    if (alone || properties.has("period")) {
                        query.put("Period", (int) own.toSeconds());
                    }
                } else {
                    before = unabridged(given, before, path);
                    statistic(query.putObject("MetricStat"), before, properties, own, path);
                }
            }
            var queries = new ArrayList<MetricQuery>();
            for (var at = 0; at < asked.size(); at++) {
                var region =
                        region(
                                properties(metrics.get(at)),
                                region(widget, place.region(), "region"),
                                "metrics[%d]".formatted(at));
                queries.add(MetricCall.query(new Place(place.account(), region), asked.get(at)));
            }
            return MetricCall.queries(queries);
        }

        /// What stands at the end of a metric, if anything.
        private static ObjectNode properties(JsonNode metric) {
            return metric.path(metric.size() - 1) instanceof ObjectNode last
                    ? last
                    : JSON.createObjectNode();
        }

        private static String region(JsonNode in, String usual, String path) {
            var region = in.path("region").asText(usual);
            if (!region.matches("[a-z0-9-]{1,40}")) {
                throw invalid(path, "expected a region such as us-east-1, got " + quoted(region));
            }
            return region;
        }

        private static String expression(ObjectNode properties, String path) {
            var text = properties.path("expression").asText();
            if (text.isEmpty() || text.length() > EXPRESSION_MAX) {
                throw invalid(
                        path,
                        "expected an expression of 1 to %,d characters, got %,d"
                                .formatted(EXPRESSION_MAX, text.length()));
            }
            return text;
        }

        private void check(ObjectNode properties, String path) {
            only(properties, "yAxis", "left", "A metric on the yAxis ");
            var known =
                    Set.of(
                            "accountId",
                            "color",
                            "expression",
                            "id",
                            "label",
                            "period",
                            "region",
                            "stat",
                            "visible",
                            "yAxis");
            var names = new HashSet<String>();
            properties.fieldNames().forEachRemaining(names::add);
            names.removeAll(known);
            if (!names.isEmpty()) {
                throw invalid(
                        path,
                        "expected one of %s, got %s"
                                .formatted(
                                        known.stream().sorted().toList(),
                                        quoted(names.iterator().next())));
            }
            if (!properties.path("accountId").asText(place.account()).equals(place.account())) {
                throw MetricCall.notBuilt("The accountId of another account");
            }
        }

        /// A metric in full: `.` is what the metric before has there, `...` all that it has before
        /// what follows.
        private static List<String> unabridged(ArrayNode given, List<String> before, String path) {
            var whole = new ArrayList<String>();
            for (var at = 0; at < given.size(); at++) {
                var part = given.get(at);
                if (part.isObject() && at == given.size() - 1) {
                    break;
                }
                if (!part.isTextual()) {
                    throw invalid(path, "expected texts, and an object at the end at most");
                }
                switch (part.textValue()) {
                    case "." -> {
                        if (before.size() <= whole.size()) {
                            throw invalid(path, "expected a metric before it with as many parts");
                        }
                        whole.add(before.get(whole.size()));
                    }
                    case "..." -> {
                        var rest = given.size() - 1 - at;
                        rest -= given.get(given.size() - 1).isObject() ? 1 : 0;
                        if (at != 0 || before.size() < rest) {
                            throw invalid(path, "expected '...' first, and a metric before it");
                        }
                        whole.addAll(before.subList(0, before.size() - rest));
                    }
                    default -> whole.add(part.textValue());
                }
            }
            if (whole.size() < 2 || whole.size() % 2 != 0) {
                throw invalid(
                        path,
                        "expected a namespace, a name, and a name and value for each dimension");
            }
            bound(whole, path);
            return whole;
        }

        private static void bound(List<String> whole, String path) {
            if (!Metric.isName(whole.getFirst()) || !Metric.isName(whole.get(1))) {
                throw invalid(
                        path,
                        "expected 1 to 255 printable characters of ASCII as namespace and name");
            }
            var dimensions = whole.size() / 2 - 1;
            if (dimensions > Metric.DIMENSIONS_MAX) {
                throw invalid(
                        path,
                        "expected at most %d dimensions, got %d"
                                .formatted(Metric.DIMENSIONS_MAX, dimensions));
            }
            for (var at = 2; at < whole.size(); at += 2) {
                if (!printable(whole.get(at), DIMENSION_NAME_MAX)
                        || !printable(whole.get(at + 1), DIMENSION_VALUE_MAX)) {
                    throw invalid(
                            path,
                            "expected 1 to %d printable characters as the name of a dimension, and 1 to %d as its value"
                                    .formatted(DIMENSION_NAME_MAX, DIMENSION_VALUE_MAX));
                }
            }
        }

        private static boolean printable(String text, int max) {
            return !text.isEmpty()
                    && text.length() <= max
                    && text.codePoints().noneMatch(Character::isISOControl);
        }

        private void statistic(
                ObjectNode stat,
                List<String> parts,
                ObjectNode properties,
                Duration period,
                String path) {
            var metric = stat.putObject("Metric");
            metric.put("Namespace", parts.getFirst()).put("MetricName", parts.get(1));
            var dimensions = metric.putArray("Dimensions");
            for (var at = 2; at < parts.size(); at += 2) {
                dimensions.addObject().put("Name", parts.get(at)).put("Value", parts.get(at + 1));
            }
            var name = properties.path("stat").asText(widget.path("stat").asText("Average"));
            if (name.isEmpty()) {
                throw invalid(path, "expected a stat");
            }
            stat.put("Period", (int) period.toSeconds()).put("Stat", name);
        }

        // ---- values ---------------------------------------------------------------------------

        private static Duration period(ObjectNode in, String path, Instant from, Instant to) {
            return in.has("period")
                    ? seconds(in, path)
                    : TimeChart.period(Duration.between(from, to), USUAL_PERIOD);
        }

        private static Duration seconds(ObjectNode in, String path) {
            if (!in.path("period").isInt() || in.path("period").asInt() < 1) {
                throw invalid(path, "expected a period in seconds");
            }
            return MetricCall.period(in.path("period").asInt());
        }

        private static void only(JsonNode in, String name, String built, String what) {
            var given = in.path(name).asText(built);
            if (!given.equals(built)) {
                throw MetricCall.notBuilt(what + quoted(given));
            }
        }

        private static boolean flag(JsonNode in, String name, boolean usual) {
            var given = in.path(name);
            if (!given.isMissingNode() && !given.isBoolean()) {
                throw invalid(name, "expected true or false");
            }
            return given.asBoolean(usual);
        }

        private static @Nullable Double number(JsonNode in, String name, String path) {
            var given = in.path(name);
            if (given.isMissingNode()) {
                return null;
            }
            if (!given.isNumber()
                    || !(Math.abs(given.doubleValue()) <= dev.cairn.metric.Datum.VALUE_MAX)) {
                throw invalid(path, "expected a number");
            }
            return given.doubleValue();
        }

        private static @Nullable Integer color(JsonNode in, String path) {
            var given = in.path("color");
            if (given.isMissingNode()) {
                return null;
            }
            if (!given.asText().matches("#[0-9a-fA-F]{6}")) {
                throw invalid(
                        path, "expected a color such as #d62728, got " + quoted(given.asText()));
            }
            return Integer.parseInt(given.asText().substring(1), 16);
        }

        /// What is written into the picture: one line of it.
        private static String words(JsonNode given, String path) {
            var text = given.asText("");
            if (!text.isEmpty() && !printable(text, TEXT_MAX)) {
                throw invalid(path, "expected at most %d printable characters".formatted(TEXT_MAX));
            }
            return text;
        }

        private static String quoted(String text) {
            return "'" + (text.length() > 40 ? text.substring(0, 40) + "…" : text) + "'";
        }
    }

    /// How many points it takes to work it out.
    long points() {
        var seconds = Duration.between(from, to).toSeconds();
        return queries.all().stream()
                .mapToLong(query -> seconds / period(query, queries).toSeconds() + 1)
                .sum();
    }

    private static Duration period(MetricQuery query, MetricQueries queries) {
        return switch (query.source()) {
            case MetricQuery.Values values -> values.period();
            case MetricQuery.Maths maths -> maths.period().orElseGet(queries::period);
        };
    }

    /// What is shown of what was found, by the query that asked for it.
    private Map<MetricQuery, List<SortedMap<Long, Double>>> shown(Map<String, Operand> found) {
        var shown = new LinkedHashMap<MetricQuery, List<SortedMap<Long, Double>>>();
        for (var query : queries.all()) {
            var result = found.get(query.id());
            if (query.shown() && result != null) {
                shown.put(query, series(result));
            }
        }
        return shown;
    }

    /// Refuses what would take too much to draw: lists have many lines, and where they are stacked,
    /// each line has the points of all.
    ///
    /// @throws Failure when there are more lines, or more points in all, than these
    void bound(Map<String, Operand> found, int linesMax, int pointsMax) {
        var lines = shown(found).values().stream().flatMap(List::stream).toList();
        if (lines.size() > linesMax) {
            throw MetricCall.mismatch(
                    "The widget has %,d lines, which exceeds the limit of %,d."
                            .formatted(lines.size(), linesMax));
        }
        var points = lines.stream().mapToLong(Map::size).sum();
        if (stacked && points <= pointsMax) {
            var times = new HashSet<Long>();
            lines.forEach(line -> times.addAll(line.keySet()));
            points = (long) times.size() * lines.size();
        }
        if (points > pointsMax) {
            throw tooMany("%,d".formatted(points), pointsMax);
        }
    }

    static Failure tooMany(String points, int pointsMax) {
        return MetricCall.mismatch(
                "The widget has %s datapoints, which exceeds the limit of %,d. You may reduce the datapoints requested by increasing period, or decreasing the time range."
                        .formatted(points, pointsMax));
    }

    /// The lines to what was found.
    TimeChart chart(Map<String, Operand> found) {
        var lines = new ArrayList<TimeChart.Line>();
        shown(found)
                .forEach((query, all) -> {
                    var period =
                            found.get(query.id()) instanceof Operand.Scalar
                                    ? Duration.between(from, to)
                                    : period(query, queries);
                    for (var at = 0; at < all.size(); at++) {
                        lines.add(
                                new TimeChart.Line(
                                        all.size() > 1
                                                ? title(query) + ' ' + (at + 1)
                                                : title(query),
                                        all.get(at),
                                        period,
                                        all.size() > 1 ? null : colors.get(query.id())));
                    }
                });
        return new TimeChart(title, zone, from, to, lines, levels, axis, stacked, legend);
    }

    /// One number holds from the beginning to the end; a division by zero is none.
    private List<SortedMap<Long, Double>> series(Operand result) {
        return switch (result) {
            case Operand.Scalar(double value) when !Double.isFinite(value) ->
                    List.of(new TreeMap<>());
            case Operand.Scalar(double value) ->
                    List.of(
                            new TreeMap<>(
                                    Map.of(
                                            from.getEpochSecond(),
                                            value,
                                            to.getEpochSecond(),
                                            value)));
            case Operand.Series one -> List.of(one.points());
            case Operand.Several several ->
                    several.all().stream().map(Operand.Series::points).toList();
        };
    }

    /// What a line is called: a metric by its name, and where another has the same by its
    /// dimensions as well.
    private String title(MetricQuery query) {
        var alone =
                queries.all().stream().filter(other -> other.title().equals(query.title())).count()
                        == 1;
        return alone
                        || query.label().isPresent()
                        || !(query.source() instanceof MetricQuery.Values values)
                ? query.title()
                : (query.title() + ' ' + String.join(" ", values.metric().dimensions().values()))
                        .strip();
    }
}
