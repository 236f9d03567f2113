package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.conformance.LookupClient.RefusedException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Queues by the AWS CLI. Debian's speaks the query protocol, and sends requests on a queue to the
/// queue's own address.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CliQueueTest {
    private LiveServer server;
    private CliClient cli;

    @BeforeAll
    void start() throws Exception {
        server = LiveServer.start();
        cli = new CliClient(server.home(), server.endpoint(), LiveServer.ROOT, "us-east-1");
    }

    @AfterAll
    void stop() throws Exception {
        server.close();
    }

    @Test
    void a_message_goes_through() throws Exception {
        var url =
                call(
                                "create-queue",
                                "--queue-name",
                                "through",
                                "--attributes",
                                "DelaySeconds=0,VisibilityTimeout=60",
                                "--tags",
                                "team=audit")
                        .path("QueueUrl")
                        .asText();
        assertThat(call("get-queue-url", "--queue-name", "through").path("QueueUrl").asText())
                .isEqualTo(url);
        assertThat(call("list-queues", "--queue-name-prefix", "thr").path("QueueUrls")).hasSize(1);
        assertThat(call("list-queue-tags", "--queue-url", url).at("/Tags/team").asText())
                .isEqualTo("audit");
        var sent =
                call(
                        "send-message",
                        "--queue-url",
                        url,
                        "--message-body",
                        "a <b> & ü",
                        "--message-attributes",
                        "{\"n\":{\"DataType\":\"Number\",\"StringValue\":\"7\"},\"b\":{\"DataType\":\"Binary\",\"BinaryValue\":\"AAEC\"}}");

        var message =
                call(
                                "receive-message",
                                "--queue-url",
                                url,
                                "--wait-time-seconds",
                                "20",
                                "--attribute-names",
                                "All",
                                "--message-attribute-names",
                                "All")
                        .at("/Messages/0");

        assertThat(message.path("Body").asText()).isEqualTo("a <b> & ü");
        assertThat(message.path("MessageId").asText()).isEqualTo(sent.path("MessageId").asText());
        assertThat(message.path("MD5OfBody").asText())
                .isEqualTo(sent.path("MD5OfMessageBody").asText());
        assertThat(message.path("MD5OfMessageAttributes").asText())
                .isEqualTo(sent.path("MD5OfMessageAttributes").asText())
                .hasSize(32);
        assertThat(message.at("/MessageAttributes/n/StringValue").asText()).isEqualTo("7");
        assertThat(message.at("/MessageAttributes/b/BinaryValue").asText()).isEqualTo("AAEC");
        assertThat(message.at("/Attributes/ApproximateReceiveCount").asText()).isEqualTo("1");
        var attributes =
                call("get-queue-attributes", "--queue-url", url, "--attribute-names", "All")
                        .path("Attributes");
        assertThat(attributes.path("VisibilityTimeout").asText()).isEqualTo("60");
        assertThat(attributes.path("ApproximateNumberOfMessagesNotVisible").asText())
                .isEqualTo("1");
        var deleted =
                call(
                        "delete-message-batch",
                        "--queue-url",
                        url,
                        "--entries",
                        "[{\"Id\":\"a\",\"ReceiptHandle\":\"%s\"},{\"Id\":\"b\",\"ReceiptHandle\":\"no\"}]"
                                .formatted(message.path("ReceiptHandle").asText()));
        assertThat(deleted.at("/Successful/0/Id").asText()).isEqualTo("a");
        assertThat(deleted.at("/Failed/0/Code").asText()).isEqualTo("ReceiptHandleIsInvalid");
        refused(
                "ReceiptHandleIsInvalid",
                "delete-message",
                "--queue-url",
                url,
                "--receipt-handle",
                "no");
    }

    @Test
    void a_refusal_has_awss_name() {
        refused(
                "AWS.SimpleQueueService.NonExistentQueue",
                "get-queue-url",
                "--queue-name",
                "nobody-made-this");
        refused(
                "AWS.SimpleQueueService.UnsupportedOperation",
                "create-queue",
                "--queue-name",
                "x.fifo",
                "--attributes",
                "FifoQueue=true");
        refused(
                "InvalidAttributeValue",
                "create-queue",
                "--queue-name",
                "x",
                "--attributes",
                "VisibilityTimeout=43201");
        refused(
                "InvalidAttributeName",
                "create-queue",
                "--queue-name",
                "x",
                "--attributes",
                "Nonsense=1");
        refused("InvalidParameterValue", "create-queue", "--queue-name", "no space");
    }

    private void refused(String error, String... words) {
        var refused = catchThrowableOfType(RefusedException.class, () -> call(words));

        assertThat(refused).as(String.join(" ", words)).isNotNull();
        assertThat(refused.name()).as(refused.getMessage()).isEqualTo(error);
    }

    private JsonNode call(String... words) throws Exception {
        var all = new java.util.ArrayList<>(List.of("sqs"));
        all.addAll(List.of(words));
        return cli.call(all);
    }
}
