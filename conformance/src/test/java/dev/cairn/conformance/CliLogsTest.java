package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.conformance.LookupClient.RefusedException;
import dev.cairn.testkit.RealData;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Log groups and metric filters by the AWS CLI, as the guide has it.
final class CliLogsTest {
    private static final String ROOT_USED =
            "{ $.userIdentity.type = \"Root\" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != \"AwsServiceEvent\" }";

    private static final String LETS_GROUP_IN =
            "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"logs.amazonaws.com\"},\"Action\":\"sqs:SendMessage\",\"Resource\":\"*\",\"Condition\":{\"ArnLike\":{\"aws:SourceArn\":\"arn:aws:logs:us-east-1:%s:log-group:audit:*\"}}}}"
                    .formatted(LiveServer.ACCOUNT);

    /// Below what one request may have.
    private static final int BATCH_CHARS = 500_000;

    @Test
    void a_filter_is_tried_and_kept_over_a_restart() throws Exception {
        try (var server = LiveServer.start()) {
            var cli = new CliClient(server.home(), server.endpoint(), LiveServer.ROOT, "us-east-1");
            call(cli, "create-log-group", "--log-group-name", "audit", "--tags", "team=red");
            call(
                    cli,
                    "put-retention-policy",
                    "--log-group-name",
                    "audit",
                    "--retention-in-days",
                    "365");
            call(
                    cli,
                    "put-metric-filter",
                    "--log-group-name",
                    "audit",
                    "--filter-name",
                    "root",
                    "--filter-pattern",
                    ROOT_USED,
                    "--metric-transformations",
                    "metricName=RootLogins,metricNamespace=Security,metricValue=1");
            refused(
                    cli,
                    "InvalidParameterException",
                    "put-metric-filter",
                    "--log-group-name",
                    "audit",
                    "--filter-name",
                    "broken",
                    "--filter-pattern",
                    "{ $.a = 'Root' }",
                    "--metric-transformations",
                    "metricName=RootLogins,metricNamespace=Security,metricValue=1");
            refused(
                    cli,
                    "ResourceAlreadyExistsException",
                    "create-log-group",
                    "--log-group-name",
                    "audit");
            call(cli, "create-log-stream", "--log-group-name", "audit", "--log-stream-name", "own");
            call(
                    cli,
                    "put-log-events",
                    "--log-group-name",
                    "audit",
                    "--log-stream-name",
                    "own",
                    "--log-events",
                    "timestamp=%d,message=ü happened".formatted(System.currentTimeMillis()));
            assertThat(lines(cli, "own").at("/events/0/message").asText()).contains("ü");
            refused(
                    cli,
                    "MalformedQueryException",
                    "start-query",
                    "--log-group-name",
                    "audit",
                    "--start-time",
                    "0",
                    "--end-time",
                    "1",
                    "--query-string",
                    "select *");
            assertThat(
                            answer(
                                            cli,
                                            "parse @message '* happened' as what | stats count(*) as n by what")
                                    .at("/results/0"))
                    .hasToString(
                            "[{\"field\":\"what\",\"value\":\"ü\"},{\"field\":\"n\",\"value\":\"1\"}]");
            assertThat(
                            call(
                                            cli,
                                            "test-metric-filter",
                                            "--filter-pattern",
                                            ROOT_USED,
                                            "--log-event-messages",
                                            "{\"eventType\":\"AwsApiCall\",\"userIdentity\":{\"type\":\"Root\"}}",
                                            "{\"userIdentity\":{\"type\":\"Root\"}}")
                                    .path("matches"))
                    .singleElement()
                    .satisfies(match -> {
                        assertThat(match.path("eventNumber").asInt()).isEqualTo(1);
                        assertThat(
                                        match.path("extractedValues")
                                                .path("$.userIdentity.type")
                                                .asText())
                                .isEqualTo("Root");
                    });
        }
    }

    @Test
    @Tag("long")
    void what_a_trail_takes_is_in_its_group_and_stays_there() throws Exception {
        try (var server = LiveServer.start("trail.bucket-policy-check=own-account")) {
            var cli = new CliClient(server.home(), server.endpoint(), LiveServer.ROOT, "us-east-1");
            trailIntoGroup(cli);
            cli.call(List.of("cloudtrail", "start-logging", "--name", "main"));
            cli.call(List.of("sns", "create-topic", "--name", "first"));
            cli.call(List.of("sns", "create-topic", "--name", "second"));

            var created = "{ $.eventName = CreateTopic }";
            var found =
                    call(
                                    cli,
                                    "filter-log-events",
                                    "--log-group-name",
                                    "audit",
                                    "--filter-pattern",
                                    created)
                            .path("events");
            assertThat(found).hasSize(2);
            var stream = found.get(0).path("logStreamName").asText();
            assertThat(stream).isEqualTo("123456789012_CloudTrail_us-east-1");
            var last = lines(cli, stream, "--limit", "1");
            assertThat(last.path("events")).hasSize(1);
            var before =
                    lines(
                                    cli,
                                    stream,
                                    "--limit",
                                    "1",
                                    "--next-token",
                                    last.path("nextBackwardToken").asText())
                            .path("events");
            assertThat(Wire.JSON.readTree(before.get(0).path("message").asText()).path("eventName"))
                    .hasToString("\"CreateTopic\"");
            assertThat(
                            lines(
                                            cli,
                                            stream,
                                            "--next-token",
                                            last.path("nextForwardToken").asText())
                                    .path("nextForwardToken"))
                    .isEqualTo(last.path("nextForwardToken"));
            Await.until(
                    Await.Bound.of("the stream among those of the group", LiveServer.READY_MAX),
                    () ->
                            call(cli, "describe-log-streams", "--log-group-name", "audit")
                                            .at("/logStreams/0/lastEventTimestamp")
                                            .asLong()
                                    >= found.get(1).path("timestamp").asLong());
            var answered =
                    answer(
                            cli,
                            "filter eventName = 'CreateTopic' | stats count(*) as n by userIdentity.type");
            assertThat(answered.at("/results/0/0/value").asText()).isEqualTo("Root");
            assertThat(answered.at("/results/0/1/value").asText()).isEqualTo("2");
            assertThat(answered.at("/statistics/recordsMatched").asInt()).isEqualTo(2);
            server.stop();
            server.restart();
            var again =
                    new CliClient(server.home(), server.endpoint(), LiveServer.ROOT, "us-east-1");
            assertThat(
                            call(
                                            again,
                                            "filter-log-events",
                                            "--log-group-name",
                                            "audit",
                                            "--filter-pattern",
                                            created)
                                    .path("events"))
                    .isEqualTo(found);
            var status = again.call(List.of("cloudtrail", "get-trail-status", "--name", "main"));
            assertThat(status.has("LatestCloudWatchLogsDeliveryTime")).isTrue();
            assertThat(server.cairn("status").exited(0).out()).contains("alerting");
        }
    }

    /// The filters of the CIS benchmark count, and find, what is known to match of the real
    /// records.
    @Test
    @Tag("long")
    void the_benchmarks_filters_count_and_find_the_real_records() throws Exception {
        var data = RealData.assume();
        var filters =
                Wire.JSON.readTree(
                        data.folder()
                                .resolve(
                                        "metric-filters/cis-expected-on-developers-permissive.json")
                                .toFile());
        assertThat(filters).hasSize(14);
        try (var server = LiveServer.start("trail.bucket-policy-check=own-account");
                var wire = new Wire(server.endpoint())) {
            var cli = new CliClient(server.home(), server.endpoint(), LiveServer.ROOT, "us-east-1");
            trailIntoGroup(cli);
            for (var filter : filters) {
                var name = filter.path("name").asText();
                call(
                        cli,
                        "put-metric-filter",
                        "--log-group-name",
                        "audit",
                        "--filter-name",
                        name,
                        "--filter-pattern",
                        filter.path("pattern").asText(),
                        "--metric-transformations",
                        "metricName=%s,metricNamespace=CIS,metricValue=1".formatted(name));
            }
            cli.call(List.of("cloudtrail", "start-logging", "--name", "main"));
            var ids = new HashSet<String>();
            var batch = new StringBuilder();
            for (var record : data.developersPermissive()) {
                var event = (ObjectNode) Wire.JSON.readTree(record);
                event.put("recipientAccountId", LiveServer.ACCOUNT);
                ids.add(event.path("eventID").asText());
                batch.append(event).append('\n');
                if (batch.length() > BATCH_CHARS) {
                    send(wire, batch);
                }
            }
            send(wire, batch);
            assertThat(ids).hasSize(4_144);
            for (var filter : filters) {
                var name = filter.path("name").asText();
                var own = new ArrayList<String>();
                var real = new ArrayList<String>();
                for (var event :
                        call(
                                        cli,
                                        "filter-log-events",
                                        "--log-group-name",
                                        "audit",
                                        "--filter-pattern",
                                        filter.path("pattern").asText())
                                .path("events")) {
                    var id =
                            Wire.JSON
                                    .readTree(event.path("message").asText())
                                    .path("eventID")
                                    .asText();
                    (ids.contains(id) ? real : own).add(id);
                }
                assertThat(real)
                        .as(name)
                        .hasSize(filter.path("matches_missing_is_false").asInt())
                        .doesNotHaveDuplicates();
                for (var sample : filter.path("sample_eventIDs")) {
                    assertThat(real).as(name).contains(sample.asText());
                }
                // What this test itself calls counts, too: each question is a use of root's key.
                var least = filter.path("matches_missing_is_false").asInt() + own.size();
                Await.until(
                        Await.Bound.of("the sum of " + name, LiveServer.READY_MAX),
                        () ->
                                name.equals("use-of-root-account-count")
                                        ? sum(cli, name) >= least
                                        : sum(cli, name) == least);
            }
        }
    }

    private static void send(Wire wire, StringBuilder batch) throws Exception {
        wire.intake(LiveServer.ROOT, batch.toString().getBytes(StandardCharsets.UTF_8)).expect(200);
        batch.setLength(0);
    }

    /// Of a metric of the benchmark's, all in all.
    private static int sum(CliClient cli, String name) throws Exception {
        var now = Instant.now();
        var sum = 0.0;
        for (var point :
                cli.call(
                                List.of(
                                        "cloudwatch",
                                        "get-metric-statistics",
                                        "--namespace",
                                        "CIS",
                                        "--metric-name",
                                        name,
                                        "--statistics",
                                        "Sum",
                                        "--period",
                                        "60",
                                        "--start-time",
                                        now.minusSeconds(3_600).toString(),
                                        "--end-time",
                                        now.plusSeconds(60).toString()))
                        .path("Datapoints")) {
            sum += point.path("Sum").asDouble();
        }
        return (int) sum;
    }

    /// Makes the group `audit`, and the trail `main` of all regions that feeds it.
    private static void trailIntoGroup(CliClient cli) throws Exception {
        cli.call(List.of("s3api", "create-bucket", "--bucket", "logs"));
        call(cli, "create-log-group", "--log-group-name", "audit");
        cli.call(
                List.of(
                        "cloudtrail",
                        "create-trail",
                        "--name",
                        "main",
                        "--s3-bucket-name",
                        "logs",
                        "--is-multi-region-trail",
                        "--cloud-watch-logs-log-group-arn",
                        "arn:aws:logs:us-east-1:123456789012:log-group:audit:*",
                        "--cloud-watch-logs-role-arn",
                        "arn:aws:iam::123456789012:role/CloudTrail"));
    }

    /// As the guide says.
    @Test
    void messages_are_passed_on_to_a_queue_that_lets_the_group_in() throws Exception {
        try (var server = LiveServer.start();
                var cli =
                        new CliClient(
                                server.home(), server.endpoint(), LiveServer.ROOT, "us-east-1")) {
            call(cli, "create-log-group", "--log-group-name", "audit");
            call(cli, "create-log-stream", "--log-group-name", "audit", "--log-stream-name", "own");
            var queue =
                    cli.call(List.of("sqs", "create-queue", "--queue-name", "stops"))
                            .path("QueueUrl")
                            .asText();
            var put =
                    new String[] {
                        "put-subscription-filter",
                        "--log-group-name",
                        "audit",
                        "--filter-name",
                        "stops",
                        "--filter-pattern",
                        "{ $.eventName = Stop* }",
                        "--destination-arn",
                        "arn:aws:sqs:us-east-1:%s:stops".formatted(LiveServer.ACCOUNT)
                    };
            refused(cli, "InvalidParameterException", put);
            cli.call(
                    List.of(
                            "sqs",
                            "set-queue-attributes",
                            "--queue-url",
                            queue,
                            "--attributes",
                            Wire.JSON.createObjectNode().put("Policy", LETS_GROUP_IN).toString()));
            call(cli, put);
            assertThat(
                            call(cli, "describe-subscription-filters", "--log-group-name", "audit")
                                    .at("/subscriptionFilters/0/filterName")
                                    .asText())
                    .isEqualTo("stops");
            assertThat(received(cli, queue).path("messageType").asText())
                    .isEqualTo("CONTROL_MESSAGE");
            call(
                    cli,
                    "put-log-events",
                    "--log-group-name",
                    "audit",
                    "--log-stream-name",
                    "own",
                    "--log-events",
                    "[{\"timestamp\":%1$d,\"message\":\"{\\\"eventName\\\":\\\"Other\\\"}\"},{\"timestamp\":%1$d,\"message\":\"{\\\"eventName\\\":\\\"StopLogging\\\"}\"}]"
                            .formatted(System.currentTimeMillis()));
            var told = received(cli, queue);
            assertThat(told.path("messageType").asText()).isEqualTo("DATA_MESSAGE");
            assertThat(told.path("logEvents")).hasSize(1);
            assertThat(told.at("/logEvents/0/message").asText())
                    .isEqualTo("{\"eventName\":\"StopLogging\"}");
        }
    }

    /// What the first message of a queue has in it; it is deleted.
    private static JsonNode received(CliClient cli, String queue) throws Exception {
        var message =
                cli.call(
                                List.of(
                                        "sqs",
                                        "receive-message",
                                        "--queue-url",
                                        queue,
                                        "--wait-time-seconds",
                                        "10"))
                        .at("/Messages/0");
        cli.run(
                List.of(
                        "sqs",
                        "delete-message",
                        "--queue-url",
                        queue,
                        "--receipt-handle",
                        message.path("ReceiptHandle").asText()));
        var packed = Base64.getDecoder().decode(message.path("Body").asText());
        try (var unpacked = new GZIPInputStream(new ByteArrayInputStream(packed))) {
            return Wire.JSON.readTree(unpacked.readAllBytes());
        }
    }

    /// What is said to a question about the group of today.
    private static JsonNode answer(CliClient cli, String question) throws Exception {
        var now = System.currentTimeMillis() / 1000;
        var id =
                call(
                                cli,
                                "start-query",
                                "--log-group-name",
                                "audit",
                                "--start-time",
                                Long.toString(now - 86_400),
                                "--end-time",
                                Long.toString(now + 60),
                                "--query-string",
                                question)
                        .path("queryId")
                        .asText();
        return Await.value(
                Await.Bound.of("an answer to " + question, LiveServer.READY_MAX),
                () -> call(cli, "get-query-results", "--query-id", id),
                answer -> answer.path("status").asText().equals("Complete"));
    }

    private static JsonNode lines(CliClient cli, String stream, String... more) throws Exception {
        var words =
                new ArrayList<>(
                        List.of(
                                "get-log-events",
                                "--log-group-name",
                                "audit",
                                "--log-stream-name",
                                stream));
        words.addAll(List.of(more));
        return call(cli, words.toArray(String[]::new));
    }

    private static void refused(CliClient cli, String error, String... words) {
        var refused = catchThrowableOfType(RefusedException.class, () -> call(cli, words));
        assertThat(refused).as(String.join(" ", words)).isNotNull();
        assertThat(refused.name()).as(refused.getMessage()).isEqualTo(error);
    }

    private static JsonNode call(CliClient cli, String... words) throws Exception {
        var all = new ArrayList<>(List.of("logs"));
        all.addAll(List.of(words));
        return cli.call(all);
    }
}
