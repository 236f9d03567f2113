package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.InvalidAttributeNameException;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageNotInflightException;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sqs.model.QueueNameExistsException;
import software.amazon.awssdk.services.sqs.model.ReceiptHandleIsInvalidException;
import software.amazon.awssdk.services.sqs.model.SqsException;
import software.amazon.awssdk.services.sqs.model.TooManyEntriesInBatchRequestException;

/// Queues by AWS SDK for Java 2, which checks the MD5 sums of all that it sends and receives.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class JavaSdkQueueTest {
    private LiveServer server;
    private SqsClient client;

    @BeforeAll
    void start() throws Exception {
        server = LiveServer.start();
        client = client(server, LiveServer.ROOT);
    }

    @AfterAll
    void stop() throws Exception {
        client.close();
        server.close();
    }

    static SqsClient client(LiveServer server, LiveServer.Credentials credentials) {
        return JavaSdk.as(credentials, server.endpoint(), SqsClient.builder()).build();
    }

    @Test
    void a_message_goes_through_with_its_attributes() {
        var url = client.createQueue(ask -> ask.queueName("through")).queueUrl();
        assertThat(url).isEqualTo(server.endpoint() + "/123456789012/through");
        assertThat(client.getQueueUrl(ask -> ask.queueName("through")).queueUrl()).isEqualTo(url);
        var attributes =
                Map.of(
                        "text",
                        MessageAttributeValue.builder()
                                .dataType("String")
                                .stringValue("ü €")
                                .build(),
                        "number",
                        MessageAttributeValue.builder()
                                .dataType("Number.x")
                                .stringValue("1.5")
                                .build(),
                        "bytes",
                        MessageAttributeValue.builder()
                                .dataType("Binary")
                                .binaryValue(SdkBytes.fromByteArray(new byte[] {0, -1, 7}))
                                .build());
        var id =
                client.sendMessage(ask ->
                                ask.queueUrl(url)
                                        .messageBody("hello <&> \"ü\" 😀\r\n\t.")
                                        .messageAttributes(attributes))
                        .messageId();

        var message =
                client.receiveMessage(ask ->
                                ask.queueUrl(url)
                                        .waitTimeSeconds(20)
                                        .messageAttributeNames("All")
                                        .messageSystemAttributeNames(
                                                MessageSystemAttributeName.ALL))
                        .messages()
                        .getFirst();

        assertThat(message.messageId()).isEqualTo(id);
        assertThat(message.body()).isEqualTo("hello <&> \"ü\" 😀\r\n\t.");
        assertThat(message.messageAttributes()).isEqualTo(attributes);
        assertThat(message.attributes())
                .containsEntry(MessageSystemAttributeName.SENDER_ID, LiveServer.ACCOUNT)
                .containsEntry(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT, "1");
        assertThat(counts(url)).containsExactly("0", "1", "0");
        client.changeMessageVisibility(ask ->
                ask.queueUrl(url).receiptHandle(message.receiptHandle()).visibilityTimeout(0));
        assertThat(counts(url)).containsExactly("1", "0", "0");
        assertThatExceptionOfType(MessageNotInflightException.class)
                .isThrownBy(() ->
                        client.changeMessageVisibility(ask ->
                                ask.queueUrl(url)
                                        .receiptHandle(message.receiptHandle())
                                        .visibilityTimeout(1)));
        client.deleteMessage(ask -> ask.queueUrl(url).receiptHandle(message.receiptHandle()));
        assertThat(counts(url)).containsExactly("0", "0", "0");
    }

    private List<String> counts(String url) {
        var all =
                client.getQueueAttributes(
                                ask -> ask.queueUrl(url).attributeNames(QueueAttributeName.ALL))
                        .attributes();
        return List.of(
                String.valueOf(all.get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES)),
                String.valueOf(
                        all.get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE)),
                String.valueOf(all.get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED)));
    }

    @Test
    void a_message_of_a_megabyte_goes_through() {
        var url = client.createQueue(ask -> ask.queueName("large")).queueUrl();
        var body = "é".repeat(1 << 19);
        client.sendMessage(ask -> ask.queueUrl(url).messageBody(body));
        assertThatExceptionOfType(SqsException.class)
                .isThrownBy(
                        () -> client.sendMessage(ask -> ask.queueUrl(url).messageBody(body + "x")))
                .satisfies(refused ->
                        assertThat(refused.awsErrorDetails().errorCode())
                                .isEqualTo("InvalidParameterValue"));
        assertThat(
                        client.receiveMessage(ask -> ask.queueUrl(url).waitTimeSeconds(20))
                                .messages()
                                .getFirst()
                                .body())
                .isEqualTo(body);
    }

    @Test
    void a_refusal_is_an_exception_of_its_own() {
        assertThatExceptionOfType(QueueDoesNotExistException.class)
                .isThrownBy(() -> client.getQueueUrl(ask -> ask.queueName("nobody-made-this")))
                .satisfies(refused ->
                        assertThat(refused.awsErrorDetails().errorCode())
                                .isEqualTo("AWS.SimpleQueueService.NonExistentQueue"));
        var url = client.createQueue(ask -> ask.queueName("refusing")).queueUrl();
        assertThatExceptionOfType(QueueNameExistsException.class)
                .isThrownBy(() ->
                        client.createQueue(ask ->
                                ask.queueName("refusing")
                                        .attributes(
                                                Map.of(QueueAttributeName.DELAY_SECONDS, "1"))));
        assertThatExceptionOfType(ReceiptHandleIsInvalidException.class)
                .isThrownBy(() ->
                        client.deleteMessage(ask -> ask.queueUrl(url).receiptHandle("made-up")));
        assertThatExceptionOfType(InvalidAttributeNameException.class)
                .isThrownBy(() ->
                        client.getQueueAttributes(
                                ask -> ask.queueUrl(url).attributeNamesWithStrings("Nonsense")));
        assertThatExceptionOfType(TooManyEntriesInBatchRequestException.class)
                .isThrownBy(() ->
                        client.deleteMessageBatch(ask -> {
                            ask.queueUrl(url);
                            var entries =
                                    new java.util.ArrayList<
                                            software.amazon.awssdk.services.sqs.model
                                                    .DeleteMessageBatchRequestEntry>();
                            for (var i = 0; i < 11; i++) {
                                entries.add(
                                        software.amazon.awssdk.services.sqs.model
                                                .DeleteMessageBatchRequestEntry.builder()
                                                .id("e" + i)
                                                .receiptHandle("x")
                                                .build());
                            }
                            ask.entries(entries);
                        }));
        assertThatExceptionOfType(
                        software.amazon.awssdk.services.sqs.model.UnsupportedOperationException
                                .class)
                .isThrownBy(() ->
                        client.createQueue(ask ->
                                ask.queueName("x.fifo")
                                        .attributes(Map.of(QueueAttributeName.FIFO_QUEUE, "true"))))
                .withMessageContaining("standard queues only");
    }

    @Test
    void messages_that_fail_go_to_the_dead_letter_queue() {
        var dead = client.createQueue(ask -> ask.queueName("dead")).queueUrl();
        var url =
                client.createQueue(ask ->
                                ask.queueName("failing")
                                        .attributes(
                                                Map.of(
                                                        QueueAttributeName.VISIBILITY_TIMEOUT,
                                                        "0",
                                                        QueueAttributeName.REDRIVE_POLICY,
                                                        "{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:123456789012:dead\",\"maxReceiveCount\":1}")))
                        .queueUrl();
        assertThat(client.listDeadLetterSourceQueues(ask -> ask.queueUrl(dead)).queueUrls())
                .containsExactly(url);
        client.sendMessage(ask -> ask.queueUrl(url).messageBody("poison"));

        assertThat(client.receiveMessage(ask -> ask.queueUrl(url)).messages()).hasSize(1);
        assertThat(client.receiveMessage(ask -> ask.queueUrl(url)).messages()).isEmpty();
        var message =
                client.receiveMessage(ask ->
                                ask.queueUrl(dead)
                                        .messageSystemAttributeNames(
                                                MessageSystemAttributeName.ALL))
                        .messages()
                        .getFirst();
        assertThat(message.body()).isEqualTo("poison");
        assertThat(message.attributes())
                .containsEntry(
                        MessageSystemAttributeName.DEAD_LETTER_QUEUE_SOURCE_ARN,
                        "arn:aws:sqs:us-east-1:123456789012:failing");
    }

    @Test
    void a_stranger_to_the_account_may_what_the_policy_says_and_no_more() throws Exception {
        JsonNode key;
        try (var wire = new Wire(server.endpoint())) {
            post(wire, "/cairn/v1/accounts", "{\"accountId\":\"999999999999\"}");
            key = post(wire, "/cairn/v1/accounts/999999999999/root-credentials", "");
        }
        var url = client.createQueue(ask -> ask.queueName("shared")).queueUrl();
        try (var stranger =
                client(
                        server,
                        new LiveServer.Credentials(
                                key.path("accessKeyId").asText(),
                                key.path("secretAccessKey").asText()))) {
            assertThatExceptionOfType(SqsException.class)
                    .isThrownBy(
                            () -> stranger.sendMessage(ask -> ask.queueUrl(url).messageBody("no")))
                    .satisfies(refused ->
                            assertThat(refused.awsErrorDetails().errorCode())
                                    .isEqualTo("AccessDenied"));

            client.addPermission(ask ->
                    ask.queueUrl(url)
                            .label("partner")
                            .awsAccountIds("999999999999")
                            .actions("SendMessage"));

            stranger.sendMessage(ask -> ask.queueUrl(url).messageBody("yes"));
            assertThatExceptionOfType(SqsException.class)
                    .isThrownBy(() -> stranger.receiveMessage(ask -> ask.queueUrl(url)));
            assertThatExceptionOfType(SqsException.class)
                    .isThrownBy(() -> stranger.deleteQueue(ask -> ask.queueUrl(url)));
        }
        var message = client.receiveMessage(ask -> ask.queueUrl(url)).messages().getFirst();
        assertThat(message.body()).isEqualTo("yes");
    }

    private static JsonNode post(Wire wire, String path, String body) throws Exception {
        return wire.signed(
                        LiveServer.ROOT, "cairn", wire.request("POST", path, ""), Wire.bytes(body))
                .expect(200)
                .json();
    }
}
