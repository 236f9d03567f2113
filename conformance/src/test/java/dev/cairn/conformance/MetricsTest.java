package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.conformance.LookupClient.RefusedException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.IntPredicate;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.CloudWatchException;
import software.amazon.awssdk.services.cloudwatch.model.ComparisonOperator;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.DimensionFilter;
import software.amazon.awssdk.services.cloudwatch.model.InvalidParameterCombinationException;
import software.amazon.awssdk.services.cloudwatch.model.InvalidParameterValueException;
import software.amazon.awssdk.services.cloudwatch.model.Metric;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataQuery;
import software.amazon.awssdk.services.cloudwatch.model.MetricDatum;
import software.amazon.awssdk.services.cloudwatch.model.MetricStat;
import software.amazon.awssdk.services.cloudwatch.model.ScanBy;
import software.amazon.awssdk.services.cloudwatch.model.StandardUnit;
import software.amazon.awssdk.services.cloudwatch.model.Statistic;

/// Metrics by three clients, each in its own protocol: Debian's AWS CLI (query), a current one
/// (json 1.0) and AWS SDK for Java 2 (rpc-v2-cbor).
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MetricsTest {
    private final Instant hour =
            Instant.now().minus(Duration.ofHours(3)).truncatedTo(ChronoUnit.HOURS);

    private LiveServer server;
    private CloudWatchClient sdk;

    @BeforeAll
    void start() throws Exception {
        server = LiveServer.start();
        sdk = JavaSdk.root(server.endpoint(), CloudWatchClient.builder()).build();
    }

    @AfterAll
    void stop() {
        sdk.close();
        server.close();
    }

    @Test
    void the_sdk_puts_values_and_works_with_them() {
        var host = Dimension.builder().name("host").value("a b|c").build();
        sdk.putMetricData(put ->
                put.namespace("Shop/a")
                        .metricData(
                                datum("orders", 0, host).value(3.0).build(),
                                datum("orders", 10, host).value(1.5).build(),
                                datum("orders", 60, host)
                                        .values(1.0, 2.0, 100.0)
                                        .counts(98.0, 1.0, 1.0)
                                        .build(),
                                datum("errors", 60, host)
                                        .statisticValues(set ->
                                                set.sampleCount(2.0)
                                                        .sum(5.0)
                                                        .minimum(1.0)
                                                        .maximum(4.0))
                                        .build()));

        assertThat(sdk.listMetricsPaginator(ask -> ask.namespace("Shop/a")).metrics())
                .extracting(Metric::metricName)
                .containsExactlyInAnyOrder("orders", "errors");
        assertThat(
                        sdk.listMetrics(ask ->
                                        ask.namespace("Shop/a")
                                                .metricName("orders")
                                                .dimensions(
                                                        DimensionFilter.builder()
                                                                .name("host")
                                                                .value("x")
                                                                .build()))
                                .metrics())
                .isEmpty();

        var points =
                sdk.getMetricStatistics(ask ->
                                ask.namespace("Shop/a")
                                        .metricName("orders")
                                        .dimensions(host)
                                        .startTime(hour)
                                        .endTime(hour.plusSeconds(120))
                                        .period(60)
                                        .statistics(
                                                Statistic.SUM,
                                                Statistic.AVERAGE,
                                                Statistic.MINIMUM,
                                                Statistic.MAXIMUM,
                                                Statistic.SAMPLE_COUNT))
                        .datapoints();
        assertThat(points).hasSize(2);
        var first = points.getFirst();
        assertThat(first.timestamp()).isEqualTo(hour);
        assertThat(first.unit()).isEqualTo(StandardUnit.COUNT);
        assertThat(first.sum()).isEqualTo(4.5);
        assertThat(first.average()).isEqualTo(2.25);
        assertThat(points.getLast().sampleCount()).isEqualTo(100);
        assertThat(
                        sdk.getMetricStatistics(ask ->
                                        ask.namespace("Shop/a")
                                                .metricName("orders")
                                                .dimensions(host)
                                                .startTime(hour.plusSeconds(60))
                                                .endTime(hour.plusSeconds(120))
                                                .period(60)
                                                .extendedStatistics("p50", "p100"))
                                .datapoints())
                .singleElement()
                .satisfies(point -> {
                    assertThat(point.extendedStatistics().get("p50")).isBetween(0.99, 1.01);
                    assertThat(point.extendedStatistics()).containsEntry("p100", 100.0);
                });

        var results =
                sdk.getMetricData(ask ->
                                ask.startTime(hour)
                                        .endTime(hour.plusSeconds(180))
                                        .scanBy(ScanBy.TIMESTAMP_ASCENDING)
                                        .metricDataQueries(
                                                stat("orders", "Sum", host),
                                                stat("errors", "Sum", host),
                                                maths("rate", "100 * FILL(errors, 0) / orders"),
                                                maths("all", "SUM(METRICS())")))
                        .metricDataResults();
        assertThat(results).hasSize(4);
        assertThat(results.get(2).values()).containsExactly(0.0, 500.0 / 200);
        assertThat(results.get(2).timestamps()).containsExactly(hour, hour.plusSeconds(60));
        assertThat(results.get(3).values()).containsExactly(4.5, 205.0);
    }

    @Test
    void the_sdk_has_a_class_for_each_refusal() {
        assertThatExceptionOfType(InvalidParameterValueException.class)
                .isThrownBy(() ->
                        sdk.putMetricData(put ->
                                put.namespace("AWS/EC2")
                                        .metricData(datum("x", 0).value(1.0).build())))
                .withMessageContaining("The value AWS/EC2 for parameter Namespace is invalid.");
        assertThatExceptionOfType(InvalidParameterValueException.class)
                .isThrownBy(() ->
                        sdk.putMetricData(put ->
                                put.namespace("Shop")
                                        .metricData(datum("x", 0).value(Double.NaN).build())));
        assertThatExceptionOfType(InvalidParameterCombinationException.class)
                .isThrownBy(() ->
                        sdk.putMetricData(put ->
                                put.namespace("Shop")
                                        .metricData(datum("x", 0).value(1.0).values(2.0).build())));
        assertThatExceptionOfType(InvalidParameterValueException.class)
                .isThrownBy(() ->
                        sdk.getMetricData(ask ->
                                ask.startTime(hour)
                                        .endTime(hour.plusSeconds(60))
                                        .metricDataQueries(maths("e", "SUM(nobody)"))))
                .withMessageContaining("no query has the id nobody");
    }

    /// The Cairn behind the gateway speaks CBOR with the SDK, as AWS does.
    @Test
    void what_the_sdk_says_through_a_gateway_is_recorded() throws Exception {
        try (var gateway =
                        LiveServer.start(
                                "gateway.listen=127.0.0.1:0",
                                "gateway.upstream=" + server.endpoint());
                var through =
                        JavaSdk.root(gateway.gateway(0), CloudWatchClient.builder()).build()) {
            through.putMetricAlarm(alarm ->
                    alarm.alarmName("too-many")
                            .namespace("Shop/gateway")
                            .metricName("orders")
                            .statistic(Statistic.SUM)
                            .comparisonOperator(ComparisonOperator.GREATER_THAN_THRESHOLD)
                            .threshold(7.5)
                            .period(60)
                            .evaluationPeriods(1));
            assertThat(through.describeAlarms(ask -> ask.alarmNames("too-many")).metricAlarms())
                    .hasSize(1);
            assertThatExceptionOfType(CloudWatchException.class)
                    .isThrownBy(() -> through.deleteAlarms(ask -> ask.alarmNames("nobodys")));

            var recorded =
                    Await.value(
                            Await.Bound.of("three calls in history", Duration.ofSeconds(60)),
                            () -> gateway.events("eventSource:monitoring.amazonaws.com"),
                            found -> found.size() >= 3);
            assertThat(recorded)
                    .extracting(event ->
                            "%s %s %s"
                                    .formatted(
                                            event.path("eventName").asText(),
                                            event.path("requestParameters"),
                                            event.path("errorCode").asText("-")))
                    .containsExactlyInAnyOrder(
                            "PutMetricAlarm {\"alarmName\":\"too-many\",\"metricName\":\"orders\",\"namespace\":\"Shop/gateway\",\"statistic\":\"Sum\",\"period\":60,\"evaluationPeriods\":1,\"threshold\":7.5,\"comparisonOperator\":\"GreaterThanThreshold\"} -",
                            "DescribeAlarms {\"alarmNames\":[\"too-many\"]} -",
                            "DeleteAlarms {\"alarmNames\":[\"nobodys\"]} ResourceNotFound");
        }
    }

    @Test
    void debians_cli_puts_and_reads() throws Exception {
        var cli =
                CloudWatchCli.of(
                        new CliClient(
                                server.home(), server.endpoint(), LiveServer.ROOT, "us-east-1"));
        tries(cli, "Debian");
        var refused =
                catchThrowableOfType(
                        RefusedException.class,
                        () ->
                                cli.run(
                                        "put-metric-data",
                                        "--namespace",
                                        "AWS/X",
                                        "--metric-name",
                                        "m",
                                        "--value",
                                        "1"));
        assertThat(refused.name()).isEqualTo("InvalidParameterValue");
    }

    @Test
    void a_current_cli_puts_and_reads(@TempDir Path folder) throws Exception {
        var cli =
                CurrentCli.find(folder)
                        .orElseThrow(() -> Clients.skipped("no current AWS CLI on the path"));
        tries(CloudWatchCli.of(cli, server), "Current");
    }

    private void tries(CloudWatchCli cli, String namespace) throws Exception {
        for (var value : List.of("1", "4")) {
            cli.run(
                    "put-metric-data",
                    "--namespace",
                    namespace,
                    "--metric-name",
                    "logins",
                    "--dimensions",
                    "user=alice",
                    "--timestamp",
                    hour.toString(),
                    "--unit",
                    "Count",
                    "--value",
                    value);
        }
        assertThat(cli.run("list-metrics", "--namespace", namespace).path("Metrics"))
                .singleElement()
                .satisfies(metric ->
                        assertThat(metric.at("/Dimensions/0/Value").asText()).isEqualTo("alice"));
        var points =
                cli.run(
                                "get-metric-statistics",
                                "--namespace",
                                namespace,
                                "--metric-name",
                                "logins",
                                "--dimensions",
                                "Name=user,Value=alice",
                                "--start-time",
                                hour.toString(),
                                "--end-time",
                                hour.plusSeconds(60).toString(),
                                "--period",
                                "60",
                                "--statistics",
                                "Sum",
                                "Maximum")
                        .path("Datapoints");
        assertThat(points)
                .singleElement()
                .satisfies(point -> {
                    assertThat(point.path("Sum").asDouble()).isEqualTo(5);
                    assertThat(point.path("Maximum").asDouble()).isEqualTo(4);
                    assertThat(point.path("Unit").asText()).isEqualTo("Count");
                });
        var data =
                cli.run(
                        "get-metric-data",
                        "--start-time",
                        hour.toString(),
                        "--end-time",
                        hour.plusSeconds(300).toString(),
                        "--metric-data-queries",
                        "[{\"Id\":\"m\",\"MetricStat\":{\"Metric\":{\"Namespace\":\"%s\",\"MetricName\":\"logins\",\"Dimensions\":[{\"Name\":\"user\",\"Value\":\"alice\"}]},\"Period\":60,\"Stat\":\"Sum\"},\"ReturnData\":false},{\"Id\":\"twice\",\"Expression\":\"m * 2\"}]"
                                .formatted(namespace));
        assertThat(data.path("MetricDataResults"))
                .singleElement()
                .satisfies(result -> {
                    assertThat(result.path("Id").asText()).isEqualTo("twice");
                    assertThat(result.at("/Values/0").asDouble()).isEqualTo(10);
                });
        var picture =
                cli.run(
                        "get-metric-widget-image",
                        "--metric-widget",
                        "{\"metrics\":[[\"%s\",\"logins\",\"user\",\"alice\",{\"color\":\"#123456\"}]],\"start\":\"-PT6H\",\"width\":320,\"height\":200,\"legend\":{\"position\":\"hidden\"}}"
                                .formatted(namespace));
        var png = Base64.getDecoder().decode(picture.path("MetricWidgetImage").asText());
        assertPicture(png, 320, 200);
        assertThat(pixels(png, MetricsTest::isOurs)).isPositive();
    }

    @Test
    void the_sdk_gets_a_picture_and_the_command_draws_the_same() throws Exception {
        sdk.putMetricData(put ->
                put.namespace("Shop/picture")
                        .metricData(
                                datum("orders", 0).value(3.0).build(),
                                datum("orders", 60).value(5.0).build()));

        var picture =
                sdk.getMetricWidgetImage(ask ->
                        ask.metricWidget(
                                """
                                {"metrics": [["Shop/picture", "orders", {"stat": "Sum", "color": "#123456"}]], "width": 500, "height": 250,
                                 "start": "%s", "end": "%s", "title": "orders", "stacked": true, "period": 60,
                                 "annotations": {"horizontal": [{"label": "many", "value": 4}]}}
                                """
                                        .formatted(hour.minusSeconds(60), hour.plusSeconds(180))));
        assertPicture(picture.metricWidgetImage().asByteArray(), 500, 250);
        assertThat(pixels(picture.metricWidgetImage().asByteArray(), MetricsTest::isOurs))
                .isGreaterThan(1000);
        assertThatExceptionOfType(CloudWatchException.class)
                .isThrownBy(() ->
                        sdk.getMetricWidgetImage(ask ->
                                ask.metricWidget(
                                        "{\"metrics\": [[\"Shop\", \"orders\"]], \"view\": \"pie\"}")))
                .withMessageContaining("The view 'pie' is not built");
        assertThatExceptionOfType(InvalidParameterValueException.class)
                .isThrownBy(() -> sdk.getMetricWidgetImage(ask -> ask.metricWidget("{}")));

        sdk.putMetricAlarm(alarm ->
                alarm.alarmName("orders")
                        .namespace("Shop/picture")
                        .metricName("orders")
                        .statistic(Statistic.SUM)
                        .comparisonOperator(ComparisonOperator.GREATER_THAN_THRESHOLD)
                        .threshold(4.0)
                        .period(60)
                        .evaluationPeriods(1));
        var file = server.home().resolve("orders.png");
        server.cairn(
                        "metric",
                        "graph",
                        "--alarm",
                        "orders",
                        "--since",
                        "6h",
                        "--out",
                        file.toString())
                .exited(0);
        assertPicture(Files.readAllBytes(file), 1200, 600);
        assertThat(pixels(Files.readAllBytes(file), MetricsTest::isBlue)).isPositive();
        sdk.putMetricAlarm(alarm ->
                alarm.alarmName("strange")
                        .comparisonOperator(ComparisonOperator.GREATER_THAN_THRESHOLD)
                        .threshold(4.0)
                        .evaluationPeriods(1)
                        .metrics(
                                MetricDataQuery.builder()
                                        .id("m")
                                        .label("\u001b[31mstrange")
                                        .metricStat(stat ->
                                                stat.metric(metric ->
                                                                metric.namespace("Shop/picture")
                                                                        .metricName("orders"))
                                                        .period(60)
                                                        .stat("Sum"))
                                        .build()));
        assertThat(
                        server.cairn(
                                        "metric",
                                        "graph",
                                        "Shop/picture",
                                        "orders",
                                        "--stat",
                                        "Sum",
                                        "--alarm",
                                        "strange",
                                        "--since",
                                        "6h",
                                        "--threshold",
                                        "4",
                                        "--zone",
                                        "UTC")
                                .exited(0)
                                .out())
                .contains("5 ┤", "• ?[31mstrange   × orders   + 4.0", "+00:00");
    }

    private static void assertPicture(byte[] png, int width, int height) throws IOException {
        var image = ImageIO.read(new ByteArrayInputStream(png));
        assertThat(image.getWidth()).isEqualTo(width);
        assertThat(image.getHeight()).isEqualTo(height);
    }

    /// How much of a picture has a colour; its lowest third, where the names stand, aside.
    private static long pixels(byte[] png, IntPredicate colour) throws IOException {
        var image = ImageIO.read(new ByteArrayInputStream(png));
        var rows = image.getHeight() * 2 / 3;
        return Arrays.stream(image.getRGB(0, 0, image.getWidth(), rows, null, 0, image.getWidth()))
                .filter(colour)
                .count();
    }

    /// Whether it is #123456, or nearly so.
    private static boolean isOurs(int rgb) {
        return (rgb & 0xf8f8f8) == 0x103050;
    }

    /// As the first line is when it was given no colour.
    private static boolean isBlue(int rgb) {
        return (rgb & 0xff) - (rgb >> 16 & 0xff) > 60;
    }

    private MetricDatum.Builder datum(String name, int second, Dimension... dimensions) {
        return MetricDatum.builder()
                .metricName(name)
                .dimensions(dimensions)
                .unit(StandardUnit.COUNT)
                .timestamp(hour.plusSeconds(second));
    }

    private static MetricDataQuery stat(String name, String stat, Dimension host) {
        return MetricDataQuery.builder()
                .id(name)
                .metricStat(
                        MetricStat.builder()
                                .metric(metric ->
                                        metric.namespace("Shop/a")
                                                .metricName(name)
                                                .dimensions(host))
                                .period(60)
                                .stat(stat)
                                .build())
                .build();
    }

    private static MetricDataQuery maths(String id, String expression) {
        return MetricDataQuery.builder().id(id).expression(expression).build();
    }
}
