package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Buckets, queues, topics and channels by a current AWS CLI, as a person uses them after `cairn
/// env`.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CurrentCliTest {
    private static final Duration ANSWER_MAX = Duration.ofSeconds(60);

    private CurrentCli cli;
    private LiveServer server;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        cli =
                CurrentCli.find(folder)
                        .orElseThrow(() -> Clients.skipped("no current AWS CLI on the path"));
        server = LiveServer.start();
    }

    @AfterAll
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void a_bucket_is_made_filled_read_listed_and_removed() throws Exception {
        var content = new byte[9_000_000]; // more than one part
        new Random(1).nextBytes(content);
        Files.write(server.home().resolve("big"), content);
        cli.run(server, "s3", "mb", "s3://box").exited(0);
        cli.run(server, "s3", "cp", "--quiet", "big", "s3://box/in/a b+ü").exited(0);

        cli.run(server, "s3", "cp", "--quiet", "s3://box/in/a b+ü", "back").exited(0);

        assertThat(Arrays.equals(Files.readAllBytes(server.home().resolve("back")), content))
                .isTrue();
        assertThat(cli.run(server, "s3", "ls", "--recursive", "s3://box/").exited(0).out().strip())
                .endsWith("9000000 in/a b+ü");
        cli.run(server, "s3", "rb", "--force", "s3://box").exited(0);
    }

    @Test
    void a_key_is_rotated_on_demand() throws Exception {
        var id = json("kms", "create-key").at("/KeyMetadata/KeyId").asText();

        json("kms", "rotate-key-on-demand", "--key-id", id);

        var rotations =
                Await.value(
                        Await.Bound.of("a rotation", ANSWER_MAX),
                        () -> json("kms", "list-key-rotations", "--key-id", id).path("Rotations"),
                        done -> !done.isEmpty());
        assertThat(rotations.at("/0/RotationType").asText()).isEqualTo("ON_DEMAND");
    }

    @Test
    void what_a_topic_is_told_is_in_the_queue_that_is_subscribed() throws Exception {
        var topic = json("sns", "create-topic", "--name", "audit").path("TopicArn").asText();
        var queue = "arn:aws:sqs:us-east-1:" + LiveServer.ACCOUNT + ":told";
        var policy =
                Wire.JSON
                        .createObjectNode()
                        .put(
                                "Policy",
                                """
                                {"Statement":[{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},
                                "Action":"sqs:SendMessage","Resource":"%s",
                                "Condition":{"ArnEquals":{"aws:SourceArn":"%s"}}}]}\
                                """
                                        .formatted(queue, topic));
        var url =
                sqs("create-queue", "--queue-name", "told", "--attributes", policy.toString())
                        .path("QueueUrl")
                        .asText();
        json(
                "sns",
                "subscribe",
                "--topic-arn",
                topic,
                "--protocol",
                "sqs",
                "--notification-endpoint",
                queue,
                "--attributes",
                "RawMessageDelivery=true");
        json("sns", "publish", "--topic-arn", topic, "--message", "ü happened");

        var message =
                sqs("receive-message", "--queue-url", url, "--wait-time-seconds", "20")
                        .at("/Messages/0");

        assertThat(message.path("Body").asText()).isEqualTo("ü happened");
        sqs(
                "delete-message",
                "--queue-url",
                url,
                "--receipt-handle",
                message.path("ReceiptHandle").asText());
    }

    @Test
    void what_is_put_into_a_channel_is_in_the_store_that_it_feeds() throws Exception {
        var store =
                json(
                                "cloudtrail",
                                "create-event-data-store",
                                "--name",
                                "activity",
                                "--advanced-event-selectors",
                                """
                                [{"FieldSelectors":[{"Field":"eventCategory","Equals":["ActivityAuditLog"]}]}]\
                                """)
                        .path("EventDataStoreArn")
                        .asText();
        var channel =
                json(
                                "cloudtrail",
                                "create-channel",
                                "--name",
                                "ours",
                                "--source",
                                "Custom",
                                "--destinations",
                                "Type=EVENT_DATA_STORE,Location=" + store)
                        .path("ChannelArn")
                        .asText();
        var events = Wire.JSON.createArrayNode();
        events.addObject().put("id", "a").put("eventData", audit("a"));
        events.addObject()
                .put("id", "b")
                .put("eventData", audit("b"))
                .put("eventDataChecksum", "AAAA");

        var answer =
                json(
                        "cloudtrail-data",
                        "put-audit-events",
                        "--channel-arn",
                        channel,
                        "--audit-events",
                        events.toString());

        assertThat(answer.at("/failed/0/errorCode").asText()).isEqualTo("InvalidChecksum");
        assertThat(answer.at("/failed/0/id").asText()).isEqualTo("b");
        assertThat(answer.path("successful")).hasSize(1);
        var rows =
                rows(
                        "SELECT eventID, eventData.userIdentity.principalId, metadata.channelARN FROM "
                                + store);
        assertThat(rows).hasSize(1);
        assertThat(rows.get(0).findValuesAsText("eventID"))
                .containsExactly(answer.at("/successful/0/eventID").asText());
        assertThat(rows.toString()).contains("\"e7\"", channel);
    }

    private static String audit(String id) {
        return """
        {"version":"1","userIdentity":{"type":"Employee","principalId":"e7"},"eventSource":"shop.example",\
        "eventName":"Refund","eventTime":"%s","UID":"%s","recipientAccountId":"%s"}\
        """
                .formatted(Instant.now().truncatedTo(ChronoUnit.SECONDS), id, LiveServer.ACCOUNT);
    }

    private JsonNode rows(String sql) throws Exception {
        var id =
                json("cloudtrail", "start-query", "--query-statement", sql)
                        .path("QueryId")
                        .asText();
        var answer =
                Await.value(
                        Await.Bound.of("the answer of " + sql, ANSWER_MAX),
                        () -> json("cloudtrail", "get-query-results", "--query-id", id),
                        result ->
                                !List.of("QUEUED", "RUNNING")
                                        .contains(result.path("QueryStatus").asText()));
        assertThat(answer.path("QueryStatus").asText()).isEqualTo("FINISHED");
        return answer.path("QueryResultRows");
    }

    /// Every CLI 1 takes the address of SQS from a list of its own, whatever the environment says.
    private JsonNode sqs(String... words) throws Exception {
        var all = new ArrayList<>(List.of("sqs", "--endpoint-url", server.endpoint().toString()));
        all.addAll(List.of(words));
        return json(all.toArray(String[]::new));
    }

    private JsonNode json(String... words) throws Exception {
        return Wire.JSON.readTree(cli.run(server, words).exited(0).out());
    }
}
