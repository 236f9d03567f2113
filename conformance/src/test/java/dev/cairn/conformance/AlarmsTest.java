package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.AlarmHistoryItem;
import software.amazon.awssdk.services.cloudwatch.model.AlarmType;
import software.amazon.awssdk.services.cloudwatch.model.CloudWatchException;
import software.amazon.awssdk.services.cloudwatch.model.ComparisonOperator;
import software.amazon.awssdk.services.cloudwatch.model.HistoryItemType;
import software.amazon.awssdk.services.cloudwatch.model.InvalidParameterValueException;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataQuery;
import software.amazon.awssdk.services.cloudwatch.model.MetricDatum;
import software.amazon.awssdk.services.cloudwatch.model.StateValue;
import software.amazon.awssdk.services.cloudwatch.model.Statistic;
import software.amazon.awssdk.services.cloudwatch.model.Tag;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/// Alarms by three clients, each in its own protocol, from values to a message in a queue.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AlarmsTest {
    private LiveServer server;
    private CloudWatchClient sdk;
    private SqsClient sqs;
    private String topic;
    private String queue;

    @BeforeAll
    void start() throws Exception {
        server = LiveServer.start();
        sdk = JavaSdk.root(server.endpoint(), CloudWatchClient.builder()).build();
        sqs = JavaSdk.root(server.endpoint(), SqsClient.builder()).build();
        queue = sqs.createQueue(make -> make.queueName("work")).queueUrl();
        try (var sns = JavaSdk.root(server.endpoint(), SnsClient.builder()).build()) {
            topic = sns.createTopic(make -> make.name("security")).topicArn();
            var arn = "arn:aws:sqs:us-east-1:123456789012:work";
            sqs.setQueueAttributes(set ->
                    set.queueUrl(queue)
                            .attributes(
                                    Map.of(
                                            QueueAttributeName.POLICY,
                                            "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"sns.amazonaws.com\"},\"Action\":\"sqs:SendMessage\",\"Resource\":\"%s\",\"Condition\":{\"ArnEquals\":{\"aws:SourceArn\":\"%s\"}}}]}"
                                                    .formatted(arn, topic))));
            sns.subscribe(ask ->
                    ask.topicArn(topic)
                            .protocol("sqs")
                            .endpoint(arn)
                            .attributes(Map.of("RawMessageDelivery", "true")));
        }
    }

    @AfterAll
    void stop() {
        sdk.close();
        sqs.close();
        server.close();
    }

    @Test
    void the_sdk_is_told_of_a_value_and_reads_why() throws Exception {
        sdk.putMetricAlarm(put ->
                put.alarmName("sdk")
                        .alarmDescription("somebody is root")
                        .namespace("Sdk")
                        .metricName("logins")
                        .statistic(Statistic.SUM)
                        .period(60)
                        .evaluationPeriods(1)
                        .threshold(1.0)
                        .comparisonOperator(ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD)
                        .treatMissingData("notBreaching")
                        .alarmActions(topic)
                        .tags(Tag.builder().key("team").value("red").build()));
        sdk.putMetricData(put ->
                put.namespace("Sdk")
                        .metricData(MetricDatum.builder().metricName("logins").value(1.0).build()));

        var told = told("sdk");
        assertThat(told.path("NewStateValue").asText()).isEqualTo("ALARM");
        assertThat(told.path("AlarmDescription").asText()).isEqualTo("somebody is root");
        assertThat(told.at("/Trigger/MetricName").asText()).isEqualTo("logins");
        assertThat(told.path("AWSAccountId").asText()).isEqualTo("123456789012");

        var alarm = sdk.describeAlarms(ask -> ask.alarmNames("sdk")).metricAlarms().getFirst();
        assertThat(alarm.stateValue()).isEqualTo(StateValue.ALARM);
        assertThat(alarm.stateReason()).startsWith("Threshold Crossed: 1 out of the last 1");
        assertThat(alarm.threshold()).isEqualTo(1.0);
        assertThat(alarm.treatMissingData()).isEqualTo("notBreaching");
        assertThat(
                        sdk.describeAlarmsForMetric(
                                        ask -> ask.namespace("Sdk").metricName("logins"))
                                .metricAlarms())
                .containsExactly(alarm);
        assertThat(sdk.listTagsForResource(ask -> ask.resourceARN(alarm.alarmArn())).tags())
                .singleElement()
                .satisfies(tag -> assertThat(tag.value()).isEqualTo("red"));
        var history =
                sdk
                        .describeAlarmHistoryPaginator(ask -> ask.alarmName("sdk").maxRecords(1))
                        .alarmHistoryItems()
                        .stream()
                        .toList();
        assertThat(history)
                .extracting(AlarmHistoryItem::historyItemType)
                .startsWith(HistoryItemType.ACTION, HistoryItemType.STATE_UPDATE)
                .endsWith(HistoryItemType.CONFIGURATION_UPDATE);
        assertThat(history.getFirst().historySummary())
                .isEqualTo("Successfully executed action " + topic);
    }

    @Test
    void maths_and_composites_alarm() throws Exception {
        sdk.putMetricAlarm(put ->
                put.alarmName("share")
                        .metrics(
                                stat("errors"),
                                stat("orders"),
                                MetricDataQuery.builder()
                                        .id("share")
                                        .expression("100 * errors / orders")
                                        .returnData(true)
                                        .build())
                        .evaluationPeriods(1)
                        .threshold(5.0)
                        .comparisonOperator(ComparisonOperator.GREATER_THAN_THRESHOLD));
        sdk.putCompositeAlarm(put ->
                put.alarmName("shop").alarmRule("ALARM(share) OR FALSE").alarmActions(topic));
        var minute = Instant.now().minusSeconds(60);
        sdk.putMetricData(put ->
                put.namespace("Shop")
                        .metricData(
                                MetricDatum.builder()
                                        .metricName("orders")
                                        .timestamp(minute)
                                        .value(10.0)
                                        .build(),
                                MetricDatum.builder()
                                        .metricName("errors")
                                        .timestamp(minute)
                                        .value(1.0)
                                        .build()));
        JsonNode told = told("shop");
        while (told.path("NewStateValue").asText().equals("OK")) {
            told = told("shop");
        }
        assertThat(told.path("NewStateValue").asText()).isEqualTo("ALARM");
        assertThat(
                        sdk.describeAlarms(ask ->
                                        ask.alarmTypes(AlarmType.COMPOSITE_ALARM)
                                                .stateValue(StateValue.ALARM))
                                .compositeAlarms())
                .singleElement()
                .satisfies(one -> assertThat(one.stateReason()).contains("share is ALARM"));
    }

    @Test
    void what_is_not_built_or_wrong_is_refused_by_name() {
        assertThatExceptionOfType(InvalidParameterValueException.class)
                .isThrownBy(() ->
                        sdk.putMetricAlarm(put ->
                                put.alarmName("x")
                                        .namespace("N")
                                        .metricName("m")
                                        .statistic(Statistic.SUM)
                                        .period(61)
                                        .evaluationPeriods(1)
                                        .threshold(1.0)
                                        .comparisonOperator(
                                                ComparisonOperator.GREATER_THAN_THRESHOLD)));
        assertThatExceptionOfType(CloudWatchException.class)
                .isThrownBy(() ->
                        sdk.putMetricAlarm(put ->
                                put.alarmName("x")
                                        .metrics(
                                                stat("m"),
                                                MetricDataQuery.builder()
                                                        .id("band")
                                                        .expression("ANOMALY_DETECTION_BAND(m, 2)")
                                                        .build())
                                        .evaluationPeriods(1)
                                        .thresholdMetricId("band")
                                        .comparisonOperator(
                                                ComparisonOperator.GREATER_THAN_UPPER_THRESHOLD)))
                .withMessageContaining("band");
        assertThatExceptionOfType(CloudWatchException.class)
                .isThrownBy(() -> sdk.deleteAlarms(ask -> ask.alarmNames("nobody")))
                .matches(refused ->
                        refused.awsErrorDetails().errorCode().equals("ResourceNotFound"));
    }

    @Test
    void debians_cli_does_what_the_guide_says() throws Exception {
        var cli = new CliClient(server.home(), server.endpoint(), LiveServer.ROOT, "us-east-1");
        tries(CloudWatchCli.of(cli), "debian");
    }

    @Test
    void a_current_cli_does_what_the_guide_says(@TempDir Path folder) throws Exception {
        var cli =
                CurrentCli.find(folder)
                        .orElseThrow(() -> Clients.skipped("no current AWS CLI on the path"));
        tries(CloudWatchCli.of(cli, server), "current");
    }

    private void tries(CloudWatchCli cli, String name) throws Exception {
        cli.run(
                "put-metric-alarm",
                "--alarm-name",
                name,
                "--namespace",
                name,
                "--metric-name",
                "RootLogins",
                "--statistic",
                "Sum",
                "--period",
                "300",
                "--evaluation-periods",
                "1",
                "--threshold",
                "1",
                "--comparison-operator",
                "GreaterThanOrEqualToThreshold",
                "--treat-missing-data",
                "notBreaching",
                "--alarm-actions",
                topic);
        cli.run(
                "put-metric-data",
                "--namespace",
                name,
                "--metric-name",
                "RootLogins",
                "--value",
                "1");
        assertThat(told(name).path("NewStateValue").asText()).isEqualTo("ALARM");
        assertThat(
                        cli.run("describe-alarms", "--alarm-names", name)
                                .at("/MetricAlarms/0/StateValue")
                                .asText())
                .isEqualTo("ALARM");
        cli.run("disable-alarm-actions", "--alarm-names", name);
        cli.run(
                "set-alarm-state",
                "--alarm-name",
                name,
                "--state-value",
                "OK",
                "--state-reason",
                "a drill");
        assertThat(
                        cli.run("describe-alarm-history", "--alarm-name", name)
                                .path("AlarmHistoryItems")
                                .findValuesAsText("HistorySummary"))
                .contains("Alarm updated from ALARM to OK");
        cli.run("delete-alarms", "--alarm-names", name);
        assertThat(cli.run("describe-alarms", "--alarm-names", name).path("MetricAlarms"))
                .isEmpty();
    }

    private static MetricDataQuery stat(String name) {
        return MetricDataQuery.builder()
                .id(name)
                .metricStat(stat ->
                        stat.metric(metric -> metric.namespace("Shop").metricName(name))
                                .period(60)
                                .stat("Sum"))
                .returnData(false)
                .build();
    }

    /// The next message of an alarm; those of others are left to their tests.
    private JsonNode told(String alarm) throws Exception {
        for (int tries = 0; tries < 30; tries++) {
            var messages =
                    sqs.receiveMessage(ask ->
                                    ask.queueUrl(queue)
                                            .waitTimeSeconds(2)
                                            .visibilityTimeout(1)
                                            .maxNumberOfMessages(10))
                            .messages();
            for (var message : messages) {
                var body = Wire.JSON.readTree(message.body());
                if (body.path("AlarmName").asText().equals(alarm)) {
                    sqs.deleteMessage(
                            done -> done.queueUrl(queue).receiptHandle(message.receiptHandle()));
                    return body;
                }
            }
        }
        throw new AssertionError("expected a message of the alarm " + alarm);
    }
}
