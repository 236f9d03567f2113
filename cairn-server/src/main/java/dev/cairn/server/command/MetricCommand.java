package dev.cairn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.server.chart.ChartPicture;
import dev.cairn.server.chart.ChartText;
import dev.cairn.server.chart.TimeChart;
import dev.cairn.server.configuration.Settings;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "metric",
        description = "Draws metrics.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn metric graph Security RootLogins --stat Sum",
            "  cairn metric graph --alarm root-login --out alarm.png",
            "",
            "Everything else: aws cloudwatch list-metrics, put-metric-data, get-metric-data, ..."
        })
final class MetricCommand {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SIDE_MAX = 4000;
    private static final Duration USUAL_RANGE = Duration.ofHours(3);

    /// GetMetricData gives so many points in all.
    private static final int PAGES_MAX = 20;

    @Command(
            name = "graph",
            description =
                    "Draws metrics over time, in the terminal or as a picture; the metric of an alarm with its threshold.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  cairn metric graph Security RootLogins --stat Sum",
                "  cairn metric graph Shop orders errors --dimension store=4 --since 7d --out shop.svg",
                "  cairn metric graph Shop latency --stat p99 --period 1m --threshold 250 --out latency.png",
                "  cairn metric graph --alarm root-login --since 1d",
                "  cairn metric graph Cairn EventsPending --dimension Reader=history"
            })
    int graph(
            @Mixin ServerChoice target,
            @Parameters(
                            paramLabel = "NAMESPACE NAME...",
                            arity = "0..*",
                            description = "A namespace, and metrics in it.")
                    @Nullable List<String> metrics,
            @Option(
                            names = "--dimension",
                            paramLabel = "NAME=VALUE",
                            description = "A dimension of the metrics; may be given several times.")
                    @Nullable Map<String, String> dimensions,
            @Option(
                            names = "--stat",
                            paramLabel = "STATISTIC",
                            defaultValue = "Average",
                            description =
                                    "SampleCount, Average, Sum, Minimum, Maximum or p99 (default: ${DEFAULT-VALUE}).")
                    String stat,
            @Option(
                            names = "--period",
                            paramLabel = "TIME",
                            description =
                                    "What each point sums up, such as 1m or 1h (default: as the time wants it).")
                    @Nullable String period,
            @Option(
                            names = "--since",
                            paramLabel = "AGO",
                            description = "The last 15m, 3h, 7d, ... (default: 3h)")
                    @Nullable String since,
            @Option(
                            names = "--alarm",
                            paramLabel = "NAME",
                            description = "What this alarm watches, and its threshold.")
                    @Nullable String alarm,
            @Option(
                            names = "--threshold",
                            paramLabel = "VALUE",
                            description = "A line across; may be given several times.")
                    double @Nullable [] thresholds,
            @Option(names = "--stacked", description = "Each line stands on the one before it.")
                    boolean stacked,
            @Option(
                            names = "--title",
                            paramLabel = "TEXT",
                            defaultValue = "",
                            description = "Above it.")
                    String title,
            @Option(
                            names = "--zone",
                            paramLabel = "ZONE",
                            description =
                                    "In which times are shown, such as Europe/Berlin (default: the machine's).")
                    @Nullable ZoneId zone,
            @Option(
                            names = "--size",
                            paramLabel = "WIDTHxHEIGHT",
                            defaultValue = "1200x600",
                            description = "Of the picture (default: ${DEFAULT-VALUE}).")
                    String size,
            @Option(
                            names = "--out",
                            paramLabel = "FILE",
                            description =
                                    "A picture: FILE.svg or FILE.png (default: the terminal).")
                    @Nullable Path out)
            throws Exception {
        var to = InstantSource.system().instant();
        var range = since == null ? USUAL_RANGE : duration("--since", since);
        var from = to.minus(range);
        var levels = new ArrayList<TimeChart.Level>();
        if (thresholds != null) {
            for (var threshold : thresholds) {
                levels.add(new TimeChart.Level("", threshold, null));
            }
        }
        List<TimeChart.Line> lines;
        var heading = title;
        try (var connection = target.connect()) {
            var calls = new Calls(connection, target.region());
            var queries = JSON.createArrayNode();
            var points =
                    period == null
                            ? TimeChart.period(range, Duration.ofMinutes(1))
                            : duration("--period", period);
            if (alarm != null) {
                var watched = calls.alarm(alarm);
                watched(watched, queries);
                levels.add(level(watched));
                heading = title.isEmpty() ? alarm : title;
            }
            named(
                    metrics == null ? List.of() : metrics,
                    dimensions == null ? Map.of() : dimensions,
                    stat,
                    points,
                    queries);
            if (queries.isEmpty()) {
                throw new CommandException(
                        "expected NAMESPACE NAME, or --alarm NAME", CommandException.USAGE);
            }
            lines = calls.lines(queries, from, to);
        }
        var chart =
                new TimeChart(
                        heading,
                        (zone == null ? ZoneId.systemDefault() : zone).getRules().getOffset(to),
                        from,
                        to,
                        lines,
                        levels,
                        new TimeChart.Axis("", null, null),
                        stacked,
                        TimeChart.Legend.BOTTOM);
        if (out == null) {
            letters(chart);
        } else {
            picture(chart, size, out);
        }
        if (lines.stream().allMatch(line -> line.points().isEmpty())) {
            Console.err()
                    .println(
                            "there are no values in that time; 'aws cloudwatch list-metrics' shows metrics");
        }
        return 0;
    }

    private static Duration duration(String option, String text) throws CommandException {
        var duration = Settings.parseDuration(text);
        if (duration == null || duration.toSeconds() < 1) {
            throw new CommandException(
                    option + ": expected a time such as 5m, 3h or 7d, got '" + text + "'",
                    CommandException.USAGE);
        }
        return duration;
    }

    // ---- what is asked ------------------------------------------------------------------------

    private static void named(
            List<String> metrics,
            Map<String, String> dimensions,
            String stat,
            Duration period,
            ArrayNode queries)
            throws CommandException {
        if (metrics.size() == 1) {
            throw new CommandException(
                    "expected a namespace and the names of metrics, got '"
                            + metrics.getFirst()
                            + "'",
                    CommandException.USAGE);
        }
        for (var name : metrics.isEmpty() ? metrics : metrics.subList(1, metrics.size())) {
            var values =
                    queries.addObject()
                            .put("Id", "line" + queries.size())
                            .put("Label", name)
                            .putObject("MetricStat")
                            .put("Period", period.toSeconds())
                            .put("Stat", stat);
            var metric =
                    values.putObject("Metric")
                            .put("Namespace", metrics.getFirst())
                            .put("MetricName", name);
            var listed = metric.putArray("Dimensions");
            dimensions.forEach(
                    (key, value) -> listed.addObject().put("Name", key).put("Value", value));
        }
    }

    /// What an alarm watches: one metric, or queries of which one is held against its threshold.
    private static void watched(JsonNode alarm, ArrayNode queries) {
        if (alarm.has("Metrics") && !alarm.path("Metrics").isEmpty()) {
            alarm.path("Metrics").forEach(queries::add);
            return;
        }
        var values =
                queries.addObject()
                        .put("Id", "alarm")
                        .put("Label", alarm.path("MetricName").asText())
                        .putObject("MetricStat")
                        .put("Period", alarm.path("Period").asInt())
                        .put(
                                "Stat",
                                alarm.path("Statistic")
                                        .asText(alarm.path("ExtendedStatistic").asText()));
        if (alarm.has("Unit")) {
            values.set("Unit", alarm.path("Unit"));
        }
        ObjectNode metric =
                values.putObject("Metric")
                        .put("Namespace", alarm.path("Namespace").asText())
                        .put("MetricName", alarm.path("MetricName").asText());
        metric.set("Dimensions", alarm.path("Dimensions"));
    }

    private static TimeChart.Level level(JsonNode alarm) {
        var sign =
                switch (alarm.path("ComparisonOperator").asText()) {
                    case "GreaterThanOrEqualToThreshold" -> ">=";
                    case "GreaterThanThreshold" -> ">";
                    case "LessThanThreshold" -> "<";
                    case "LessThanOrEqualToThreshold" -> "<=";
                    case String other -> other;
                };
        var threshold = alarm.path("Threshold").asDouble();
        return new TimeChart.Level("alarm " + sign + " " + threshold, threshold, 0xd62728);
    }

    /// CloudWatch's operations that it takes.
    private record Calls(Connection connection, String region) {
        private JsonNode call(String operation, ObjectNode input)
                throws CommandException, InterruptedException {
            try {
                return JSON.readTree(
                        connection.aws(
                                "monitoring",
                                region,
                                "POST",
                                "/",
                                Map.of(),
                                Map.of(
                                        "Content-Type",
                                        "application/x-amz-json-1.0",
                                        "X-Amz-Target",
                                        "GraniteServiceVersion20100801." + operation),
                                JSON.writeValueAsBytes(input)));
            } catch (IOException failure) {
                throw new CommandException("the answer to " + operation + " broke off", failure);
            }
        }

        JsonNode alarm(String name) throws CommandException, InterruptedException {
            var input = JSON.createObjectNode();
            input.putArray("AlarmNames").add(name);
            input.putArray("AlarmTypes").add("MetricAlarm");
            var found = call("DescribeAlarms", input).path("MetricAlarms");
            if (found.isEmpty()) {
                throw new CommandException(
                        "there is no alarm '%s' on a metric in %s".formatted(name, region));
            }
            return found.get(0);
        }

        List<TimeChart.Line> lines(ArrayNode queries, Instant from, Instant to)
                throws CommandException, InterruptedException {
            var input =
                    JSON.createObjectNode()
                            .put("StartTime", from.getEpochSecond())
                            .put("EndTime", to.getEpochSecond())
                            .put("ScanBy", "TimestampAscending");
            input.set("MetricDataQueries", queries);
            var points = new LinkedHashMap<List<String>, TreeMap<Long, Double>>();
            for (var page = 0; page < PAGES_MAX; page++) {
                var answer = call("GetMetricData", input);
                for (var result : answer.path("MetricDataResults")) {
                    var line =
                            points.computeIfAbsent(
                                    List.of(
                                            result.path("Id").asText(),
                                            Table.printable(result.path("Label").asText())),
                                    _ -> new TreeMap<>());
                    for (var at = 0; at < result.path("Timestamps").size(); at++) {
                        line.put(
                                result.path("Timestamps").get(at).asLong(),
                                result.path("Values").get(at).asDouble());
                    }
                }
                if (!answer.has("NextToken")) {
                    var period = period(queries);
                    return points.entrySet().stream()
                            .map(line ->
                                    new TimeChart.Line(
                                            line.getKey().get(1), line.getValue(), period, null))
                            .toList();
                }
                input.set("NextToken", answer.path("NextToken"));
            }
            throw new CommandException("expected fewer values; a longer --period has fewer");
        }

        /// The longest: a shorter line then has smaller gaps closed, and none is torn.
        private static Duration period(ArrayNode queries) {
            var longest = 60L;
            for (var query : queries) {
                longest =
                        Math.max(
                                longest,
                                query.path("MetricStat")
                                        .path("Period")
                                        .asLong(query.path("Period").asLong()));
            }
            return Duration.ofSeconds(longest);
        }
    }

    // ---- what is drawn ------------------------------------------------------------------------

    private static void letters(TimeChart chart) throws IOException {
        var writer = new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8));
        new ChartText(writer).draw(chart);
        writer.flush();
    }

    private static void picture(TimeChart chart, String size, Path out)
            throws CommandException, IOException {
        var name = out.toString().toUpperCase(Locale.ROOT);
        var format =
                name.endsWith(".SVG")
                        ? ChartPicture.Format.SVG
                        : name.endsWith(".PNG") ? ChartPicture.Format.PNG : null;
        if (format == null) {
            throw new CommandException(
                    "--out: expected FILE.svg or FILE.png, got " + out, CommandException.USAGE);
        }
        if (!size.matches("\\d{1,4}x\\d{1,4}")) {
            throw badSize(size);
        }
        var width = Integer.parseInt(size.substring(0, size.indexOf('x')));
        var height = Integer.parseInt(size.substring(size.indexOf('x') + 1));
        if (width < 1 || width > SIDE_MAX || height < 1 || height > SIDE_MAX) {
            throw badSize(size);
        }
        try (var stream = Files.newOutputStream(out)) {
            ChartPicture.draw(chart, width, height, format, stream);
        }
    }

    private static CommandException badSize(String size) {
        return new CommandException(
                "--size: expected such as 1200x600, at most %1$dx%1$d, got '%2$s'"
                        .formatted(SIDE_MAX, size),
                CommandException.USAGE);
    }
}
