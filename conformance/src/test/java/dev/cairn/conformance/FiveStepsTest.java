package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.cloudtrail.CloudTrailClient;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.ComparisonOperator;
import software.amazon.awssdk.services.cloudwatch.model.Statistic;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/// The set-up that every guide begins with: a trail into a log group, a metric filter on the use of
/// root's key, an alarm, a topic. From the call to who is told.
final class FiveStepsTest {
    private static final String ROOT_USED =
            "{ $.userIdentity.type = \"Root\" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != \"AwsServiceEvent\" }";
    private static final String ROLE = "arn:aws:iam::123456789012:role/CloudTrail";
    private static final String OWN_BUCKETS = "trail.bucket-policy-check=own-account";

    @Test
    @Tag("long")
    void by_the_debian_cli_mail_post_and_queue_are_told_though_all_are_away_and_cairn_is_killed(
            @TempDir Path folder) throws Exception {
        try (var inboxes = new Inboxes(folder)) {
            var settings = new ArrayList<>(List.of(inboxes.settings()));
            settings.add(OWN_BUCKETS);
            try (var server = LiveServer.start(settings.toArray(String[]::new))) {
                var aws = new Cli(server);
                var topic =
                        aws.call("sns", "create-topic", "--name", "security")
                                .path("TopicArn")
                                .asText();
                subscribe(aws, topic, "email", "ops@example.org");
                subscribe(aws, topic, "https", inboxes.url());
                inboxes.confirm();
                var queue =
                        aws.call(
                                        "sqs",
                                        "create-queue",
                                        "--queue-name",
                                        "security",
                                        "--attributes",
                                        Wire.JSON
                                                .createObjectNode()
                                                .put("Policy", policy("security", topic))
                                                .toString())
                                .path("QueueUrl")
                                .asText();
                subscribe(aws, topic, "sqs", arn("sqs", "security"));
                aws.call("s3api", "create-bucket", "--bucket", "logs");
                aws.call(
                        "cloudtrail", "create-trail", "--name", "main", "--s3-bucket-name", "logs");
                aws.call("cloudtrail", "start-logging", "--name", "main");

                aws.call("logs", "create-log-group", "--log-group-name", "audit");
                aws.call(
                        "cloudtrail",
                        "update-trail",
                        "--name",
                        "main",
                        "--cloud-watch-logs-log-group-arn",
                        arn("logs", "log-group:audit:*"),
                        "--cloud-watch-logs-role-arn",
                        ROLE);
                aws.call(
                        "logs",
                        "put-metric-filter",
                        "--log-group-name",
                        "audit",
                        "--filter-name",
                        "root-login",
                        "--filter-pattern",
                        ROOT_USED,
                        "--metric-transformations",
                        "metricName=RootLogins,metricNamespace=Security,metricValue=1");
                inboxes.leave();
                aws.call(
                        "cloudwatch",
                        "put-metric-alarm",
                        "--alarm-name",
                        "root-login",
                        "--namespace",
                        "Security",
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
                Await.until(
                        Await.Bound.of("the alarm", LiveServer.READY_MAX),
                        () ->
                                aws.call(
                                                "cloudwatch",
                                                "describe-alarms",
                                                "--alarm-names",
                                                "root-login")
                                        .at("/MetricAlarms/0/StateValue")
                                        .asText()
                                        .equals("ALARM"));
                server.kill();
                inboxes.comeBack();
                server.restart();

                var mails = inboxes.mails("root-login");
                assertThat(mails.getFirst().getContent().toString())
                        .contains("\"NewStateValue\":\"ALARM\"")
                        .contains("\"MetricName\":\"RootLogins\"");
                var posts = inboxes.posts("Notification");
                var told = drain(new Cli(server), server, queue);
                assertThat(told).hasSize(1);
                assertThat(posts)
                        .allSatisfy(post ->
                                assertThat(post.path("MessageId"))
                                        .isEqualTo(told.getFirst().path("MessageId")));
                for (var mail : mails) {
                    assertThat(mail.getMessageID())
                            .contains(told.getFirst().path("MessageId").asText());
                }
                assertThat(message(told.getFirst()).path("AlarmName").asText())
                        .isEqualTo("root-login");
            }
        }
    }

    private static void subscribe(Cli aws, String topic, String protocol, String endpoint)
            throws Exception {
        aws.call(
                "sns",
                "subscribe",
                "--topic-arn",
                topic,
                "--protocol",
                protocol,
                "--notification-endpoint",
                endpoint);
    }

    /// All messages of a queue, which are deleted.
    private static List<JsonNode> drain(Cli aws, LiveServer server, String queue) throws Exception {
        // The queue's name stays, the server's address does not.
        var url = server.endpoint() + queue.substring(queue.indexOf('/', "http://".length()));
        var bodies = new ArrayList<JsonNode>();
        while (true) {
            var page =
                    aws.call(
                                    "sqs",
                                    "receive-message",
                                    "--queue-url",
                                    url,
                                    "--max-number-of-messages",
                                    "10",
                                    "--wait-time-seconds",
                                    "2")
                            .path("Messages");
            if (page.isEmpty()) {
                return bodies;
            }
            for (var message : page) {
                bodies.add(Wire.JSON.readTree(message.path("Body").asText()));
            }
        }
    }

    /// Debian's, by the words behind `aws`.
    private record Cli(LiveServer server) {
        JsonNode call(String... words) throws Exception {
            return new CliClient(server.home(), server.endpoint(), LiveServer.ROOT, "us-east-1")
                    .call(Arrays.asList(words));
        }
    }

    @Test
    @Tag("long")
    void by_sdks_a_queue_is_told_once() throws Exception {
        try (var server = LiveServer.start(OWN_BUCKETS)) {
            byJava(server);
            byJavaScript(server);
        }
    }

    /// CloudWatch in CBOR. The SDK's module for log groups is not to be had.
    private static void byJava(LiveServer server) throws Exception {
        try (var sns = JavaSdk.root(server.endpoint(), SnsClient.builder()).build();
                var sqs = JavaSdk.root(server.endpoint(), SqsClient.builder()).build();
                var s3 =
                        JavaSdk.root(server.endpoint(), S3Client.builder().forcePathStyle(true))
                                .build();
                var trails = JavaSdk.root(server.endpoint(), CloudTrailClient.builder()).build();
                var watch = JavaSdk.root(server.endpoint(), CloudWatchClient.builder()).build()) {
            var topic = sns.createTopic(make -> make.name("java")).topicArn();
            var queue =
                    sqs.createQueue(make ->
                                    make.queueName("java")
                                            .attributes(
                                                    Map.of(
                                                            QueueAttributeName.POLICY,
                                                            policy("java", topic))))
                            .queueUrl();
            sns.subscribe(ask -> ask.topicArn(topic).protocol("sqs").endpoint(arn("sqs", "java")));
            s3.createBucket(make -> make.bucket("logs-java"));
            trails.createTrail(make -> make.name("java").s3BucketName("logs-java"));
            trails.startLogging(start -> start.name("java"));
            var logs = new Cli(server);
            logs.call("logs", "create-log-group", "--log-group-name", "java");
            trails.updateTrail(change ->
                    change.name("java")
                            .cloudWatchLogsLogGroupArn(arn("logs", "log-group:java:*"))
                            .cloudWatchLogsRoleArn(ROLE));
            logs.call(
                    "logs",
                    "put-metric-filter",
                    "--log-group-name",
                    "java",
                    "--filter-name",
                    "root-login",
                    "--filter-pattern",
                    ROOT_USED,
                    "--metric-transformations",
                    "metricName=RootLogins,metricNamespace=Java,metricValue=1");
            watch.putMetricAlarm(put ->
                    put.alarmName("java")
                            .namespace("Java")
                            .metricName("RootLogins")
                            .statistic(Statistic.SUM)
                            .period(300)
                            .evaluationPeriods(1)
                            .threshold(1.0)
                            .comparisonOperator(
                                    ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD)
                            .treatMissingData("notBreaching")
                            .alarmActions(topic));
            var first =
                    sqs.receiveMessage(ask -> ask.queueUrl(queue).waitTimeSeconds(20)).messages();
            assertThat(first).hasSize(1);
            assertThat(
                            message(Wire.JSON.readTree(first.getFirst().body()))
                                    .path("AlarmName")
                                    .asText())
                    .isEqualTo("java");
            assertThat(sqs.receiveMessage(ask -> ask.queueUrl(queue).waitTimeSeconds(1)).messages())
                    .isEmpty();
        }
    }

    private static void byJavaScript(LiveServer server) throws Exception {
        try (var aws = new JavaScriptClient(server.endpoint(), LiveServer.ROOT, "us-east-1")) {
            var topic =
                    aws.call("sns", "CreateTopic", json().put("Name", "script"))
                            .path("TopicArn")
                            .asText();
            var make = json().put("QueueName", "script");
            make.putObject("Attributes").put("Policy", policy("script", topic));
            var queue = aws.call("sqs", "CreateQueue", make).path("QueueUrl").asText();
            aws.call(
                    "sns",
                    "Subscribe",
                    json().put("TopicArn", topic)
                            .put("Protocol", "sqs")
                            .put("Endpoint", arn("sqs", "script")));
            aws.call("s3", "CreateBucket", json().put("Bucket", "logs-script"));
            aws.call(
                    "cloudtrail",
                    "CreateTrail",
                    json().put("Name", "script").put("S3BucketName", "logs-script"));
            aws.call("cloudtrail", "StartLogging", json().put("Name", "script"));
            aws.call("cloudwatch-logs", "CreateLogGroup", json().put("logGroupName", "script"));
            aws.call(
                    "cloudtrail",
                    "UpdateTrail",
                    json().put("Name", "script")
                            .put("CloudWatchLogsLogGroupArn", arn("logs", "log-group:script:*"))
                            .put("CloudWatchLogsRoleArn", ROLE));
            var filter =
                    json().put("logGroupName", "script")
                            .put("filterName", "root-login")
                            .put("filterPattern", ROOT_USED);
            filter.putArray("metricTransformations")
                    .addObject()
                    .put("metricName", "RootLogins")
                    .put("metricNamespace", "Script")
                    .put("metricValue", "1");
            aws.call("cloudwatch-logs", "PutMetricFilter", filter);
            var alarm =
                    json().put("AlarmName", "script")
                            .put("Namespace", "Script")
                            .put("MetricName", "RootLogins")
                            .put("Statistic", "Sum")
                            .put("Period", 300)
                            .put("EvaluationPeriods", 1)
                            .put("Threshold", 1)
                            .put("ComparisonOperator", "GreaterThanOrEqualToThreshold")
                            .put("TreatMissingData", "notBreaching");
            alarm.putArray("AlarmActions").add(topic);
            aws.call("cloudwatch", "PutMetricAlarm", alarm);
            var receive = json().put("QueueUrl", queue).put("WaitTimeSeconds", 20);
            var told = aws.call("sqs", "ReceiveMessage", receive).path("Messages");
            assertThat(told).hasSize(1);
            assertThat(
                            message(Wire.JSON.readTree(told.get(0).path("Body").asText()))
                                    .path("AlarmName")
                                    .asText())
                    .isEqualTo("script");
        }
    }

    private static ObjectNode json() {
        return Wire.JSON.createObjectNode();
    }

    private static String arn(String service, String name) {
        return "arn:aws:%s:us-east-1:%s:%s".formatted(service, LiveServer.ACCOUNT, name);
    }

    /// Lets a topic into a queue.
    private static String policy(String queue, String topic) {
        return "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"sns.amazonaws.com\"},\"Action\":\"sqs:SendMessage\",\"Resource\":\"%s\",\"Condition\":{\"ArnEquals\":{\"aws:SourceArn\":\"%s\"}}}]}"
                .formatted(arn("sqs", queue), topic);
    }

    /// What an alarm said, in what a topic passed on.
    private static JsonNode message(JsonNode notification) throws Exception {
        return Wire.JSON.readTree(notification.path("Message").asText());
    }
}
