package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.conformance.LookupClient.RefusedException;
import java.util.ArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// SQS and SNS by AWS SDK for JavaScript 3, which checks the MD5 sums of the messages that it sends
/// and receives.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class JavaScriptSdkQueueTest {
    private static final String ARN = "arn:aws:sqs:us-east-1:" + LiveServer.ACCOUNT + ":";

    private LiveServer server;
    private JavaScriptClient client;

    @BeforeAll
    void start() throws Exception {
        server = LiveServer.start();
        client = new JavaScriptClient(server.endpoint(), LiveServer.ROOT, "us-east-1");
    }

    @AfterAll
    void stop() {
        client.close();
        server.close();
    }

    @Test
    void a_message_that_comes_later_is_waited_for_and_gone_once_deleted() throws Exception {
        var url = queue("through");
        var send = on(url).put("MessageBody", "hello <&> ü 😀").put("DelaySeconds", 1);
        send.putObject("MessageAttributes")
                .putObject("n")
                .put("DataType", "Number")
                .put("StringValue", "7");
        var sent = client.call("sqs", "SendMessage", send);
        var receive = on(url).put("WaitTimeSeconds", 20).put("VisibilityTimeout", 60);
        receive.putArray("MessageAttributeNames").add("All");
        receive.putArray("MessageSystemAttributeNames").add("All");

        var message = client.call("sqs", "ReceiveMessage", receive).at("/Messages/0");

        assertThat(message.path("MessageId").asText())
                .isNotEmpty()
                .isEqualTo(sent.path("MessageId").asText());
        assertThat(message.path("Body").asText()).isEqualTo("hello <&> ü 😀");
        assertThat(message.at("/MessageAttributes/n/StringValue").asText()).isEqualTo("7");
        assertThat(message.at("/Attributes/ApproximateReceiveCount").asText()).isEqualTo("1");
        assertThat(left(url)).isEqualTo("0 1");
        client.call(
                "sqs",
                "DeleteMessage",
                on(url).put("ReceiptHandle", message.path("ReceiptHandle").asText()));
        assertThat(left(url)).isEqualTo("0 0");
    }

    @Test
    void a_batch_says_of_each_message_what_became_of_it() throws Exception {
        var url = queue("batches");
        var send = on(url);
        var entries = send.putArray("Entries");
        for (var id : new String[] {"a", "b", "c"}) {
            entries.addObject().put("Id", id).put("MessageBody", "message " + id);
        }
        entries.addObject().put("Id", "d").put("MessageBody", "\u0001");

        var sent = client.call("sqs", "SendMessageBatch", send);

        assertThat(sent.path("Successful")).hasSize(3);
        assertThat(sent.at("/Failed/0/Id").asText()).isEqualTo("d");
        var bodies = new ArrayList<String>();
        var delete = on(url);
        var handles = delete.putArray("Entries");
        var received = client.call("sqs", "ReceiveMessage", on(url).put("MaxNumberOfMessages", 10));
        for (var message : received.path("Messages")) {
            bodies.add(message.path("Body").asText());
            handles.addObject()
                    .put("Id", "m" + handles.size())
                    .put("ReceiptHandle", message.path("ReceiptHandle").asText());
        }
        assertThat(bodies).containsExactlyInAnyOrder("message a", "message b", "message c");
        assertThat(client.call("sqs", "DeleteMessageBatch", delete).path("Successful")).hasSize(3);
        assertThat(left(url)).isEqualTo("0 0");
    }

    @Test
    void what_a_topic_is_told_is_in_the_queue_that_is_subscribed() throws Exception {
        var url = queue("told");
        var topic =
                client.call("sns", "CreateTopic", object().put("Name", "audit"))
                        .path("TopicArn")
                        .asText();
        var policy = on(url);
        policy.putObject("Attributes")
                .put(
                        "Policy",
                        """
                        {"Statement":[{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},
                        "Action":"sqs:SendMessage","Resource":"%s",
                        "Condition":{"ArnEquals":{"aws:SourceArn":"%s"}}}]}\
                        """
                                .formatted(ARN + "told", topic));
        client.call("sqs", "SetQueueAttributes", policy);
        client.call(
                "sns",
                "Subscribe",
                object().put("TopicArn", topic)
                        .put("Protocol", "sqs")
                        .put("Endpoint", ARN + "told"));

        var published =
                client.call(
                        "sns",
                        "Publish",
                        object().put("TopicArn", topic)
                                .put("Subject", "news")
                                .put("Message", "ü happened"));

        var received = client.call("sqs", "ReceiveMessage", on(url).put("WaitTimeSeconds", 20));
        var told = Wire.JSON.readTree(received.at("/Messages/0/Body").asText());
        assertThat(told.path("Type").asText()).isEqualTo("Notification");
        assertThat(told.path("Message").asText()).isEqualTo("ü happened");
        assertThat(told.path("Subject").asText()).isEqualTo("news");
        assertThat(told.path("TopicArn").asText()).isEqualTo(topic);
        assertThat(told.path("MessageId").asText())
                .isNotEmpty()
                .isEqualTo(published.path("MessageId").asText());
    }

    @Test
    void a_refusal_is_an_error_of_its_own() throws Exception {
        refused("QueueDoesNotExist", "sqs", "GetQueueUrl", object().put("QueueName", "nobodys"));
        refused(
                "ReceiptHandleIsInvalid",
                "sqs",
                "DeleteMessage",
                on(queue("refusing")).put("ReceiptHandle", "made-up"));
        refused(
                "NotFoundException",
                "sns",
                "Publish",
                object().put("TopicArn", "arn:aws:sns:us-east-1:123456789012:nobodys")
                        .put("Message", "m"));
    }

    private void refused(String error, String service, String operation, JsonNode input) {
        var refused =
                catchThrowableOfType(
                        RefusedException.class, () -> client.call(service, operation, input));

        assertThat(refused).as(operation).isNotNull();
        assertThat(refused.name()).as(refused.getMessage()).isEqualTo(error);
    }

    private String queue(String name) throws Exception {
        return client.call("sqs", "CreateQueue", object().put("QueueName", name))
                .path("QueueUrl")
                .asText();
    }

    /// How many messages are to be had, and how many are in flight.
    private String left(String url) throws Exception {
        var ask = on(url);
        ask.putArray("AttributeNames").add("All");
        var all = client.call("sqs", "GetQueueAttributes", ask).path("Attributes");
        return all.path("ApproximateNumberOfMessages").asText()
                + " "
                + all.path("ApproximateNumberOfMessagesNotVisible").asText();
    }

    private static ObjectNode on(String url) {
        return object().put("QueueUrl", url);
    }

    private static ObjectNode object() {
        return Wire.JSON.createObjectNode();
    }
}
