package dev.cairn.server.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.account.Allow;
import dev.cairn.account.Caller;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.queue.QueueName;
import dev.cairn.server.http.SpooledBody;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueueMessagesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String URL = "http://127.0.0.1:4580/123456789012/work";
    private static final QueueName NAME = new QueueName("123456789012", "us-east-1", "work");

    @TempDir private Path folder;
    private TestParts parts;

    @BeforeEach
    void makeQueue() throws Exception {
        parts = new TestParts(folder);
        assertThat(call("CreateQueue", "{'QueueName':'work'}").path("QueueUrl").asText())
                .isEqualTo(URL);
    }

    /// The clock stands still: only a message ends the waiting.
    @Test
    void who_waits_for_a_message_gets_it_when_it_comes() throws Exception {
        var received =
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return on("ReceiveMessage", "'WaitTimeSeconds':20");
                            } catch (Exception failure) {
                                throw new IllegalStateException(failure);
                            }
                        },
                        task -> Thread.ofVirtual().start(task));
        while (parts.arrivals.waiting(NAME) == 0 && !received.isDone()) {
            Thread.onSpinWait();
        }
        assertThat(received).isNotDone();

        on("SendMessage", "'MessageBody':'at last'");

        assertThat(received.get(10, TimeUnit.SECONDS).at("/Messages/0/Body").asText())
                .isEqualTo("at last");
        assertThat(parts.arrivals.waiting(NAME)).isZero();
    }

    @Test
    void a_server_that_stops_keeps_nobody_waiting() throws Exception {
        parts.arrivals.stop();

        assertThat(on("ReceiveMessage", "'WaitTimeSeconds':20").path("Messages")).isEmpty();
    }

    @Test
    void who_finds_no_place_to_wait_is_answered_at_once() throws Exception {
        var arrivals = new QueueArrivals(1);
        try (var first = arrivals.open(NAME);
                var second = arrivals.open(NAME)) {
            arrivals.ring(NAME);
            assertThat(first.await(Duration.ofDays(1))).isTrue();
            assertThat(second.await(Duration.ofDays(1))).isFalse();
        }
        assertThat(arrivals.waiting(NAME)).isZero();
    }

    @Test
    void a_batch_does_what_it_can_and_says_what_it_could_not() throws Exception {
        call(
                "SetQueueAttributes",
                "{'QueueUrl':'%s','Attributes':{'MaximumMessageSize':'1024'}}".formatted(URL));

        var sent =
                on(
                        "SendMessageBatch",
                        "'Entries':[{'Id':'a','MessageBody':'one'},{'Id':'b','MessageBody':'%s'},{'Id':'c','MessageBody':'three'}]"
                                .formatted("x".repeat(1025)));

        assertThat(sent.path("Successful")).hasSize(2);
        assertThat(sent.at("/Successful/0/MD5OfMessageBody").asText())
                .isEqualTo("f97c5d29941bfb1b2fdab0874906ab82");
        assertThat(sent.path("Failed")).hasSize(1);
        assertThat(sent.at("/Failed/0/Id").asText()).isEqualTo("b");
        assertThat(sent.at("/Failed/0/Code").asText()).isEqualTo("InvalidParameterValue");
        var received = on("ReceiveMessage", "'MaxNumberOfMessages':10").path("Messages");
        assertThat(received).hasSize(2);

        var deleted =
                on(
                        "DeleteMessageBatch",
                        "'Entries':[{'Id':'a','ReceiptHandle':'%s'},{'Id':'b','ReceiptHandle':'none'}]"
                                .formatted(received.path(0).path("ReceiptHandle").asText()));

        assertThat(deleted.at("/Successful/0/Id").asText()).isEqualTo("a");
        assertThat(deleted.at("/Failed/0/Code").asText()).isEqualTo("ReceiptHandleIsInvalid");
        var counts = on("GetQueueAttributes", "'AttributeNames':['All']").path("Attributes");
        assertThat(counts.path("ApproximateNumberOfMessages").asText()).isEqualTo("0");
        assertThat(counts.path("ApproximateNumberOfMessagesNotVisible").asText()).isEqualTo("1");
    }

    @Test
    void a_receiver_sees_the_attributes_that_it_asked_for() throws Exception {
        on(
                "SendMessage",
                "'MessageBody':'x','MessageAttributes':{'app.one':{'DataType':'String','StringValue':'1'},'app.two':{'DataType':'Number','StringValue':'2'},'other':{'DataType':'String','StringValue':'3'}}");

        var message =
                on(
                                "ReceiveMessage",
                                "'MessageAttributeNames':['app.*'],'AttributeNames':['SenderId','ApproximateReceiveCount']")
                        .at("/Messages/0");

        assertThat(message.path("MessageAttributes").properties())
                .extracting(entry -> entry.getKey())
                .containsExactly("app.one", "app.two");
        assertThat(message.path("Attributes").properties()).hasSize(2);
        assertThat(message.at("/Attributes/SenderId").asText()).isEqualTo("AIDATEST");
        assertThat(message.at("/Attributes/ApproximateReceiveCount").asText()).isEqualTo("1");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            delimiter = '|',
            value = {
                "ReceiveMessage | 'MaxNumberOfMessages':11 | INVALID_PARAMETER_VALUE",
                "ReceiveMessage | 'WaitTimeSeconds':21 | INVALID_PARAMETER_VALUE",
                "ReceiveMessage | 'VisibilityTimeout':43201 | INVALID_PARAMETER_VALUE",
                "ReceiveMessage | 'AttributeNames':['Nonsense'] | INVALID_ATTRIBUTE_NAME",
                "SendMessage | 'MessageBody':'' | MISSING_REQUIRED_PARAMETER",
                "SendMessage | 'MessageBody':'x','DelaySeconds':901 | INVALID_PARAMETER_VALUE",
                "SendMessage | 'MessageBody':'x','MessageDeduplicationId':'1' | INVALID_PARAMETER_VALUE",
                "SendMessage | 'MessageBody':'x','MessageAttributes':{'a':{'DataType':'Text','StringValue':'1'}} | INVALID_PARAMETER_VALUE",
                "SendMessage | 'MessageBody':'x','MessageAttributes':{'aws.a':{'DataType':'String','StringValue':'1'}} | INVALID_PARAMETER_VALUE",
                "SendMessage | 'MessageBody':'x','MessageAttributes':{'a':{'DataType':'Number','StringValue':'one'}} | INVALID_PARAMETER_VALUE",
                "SendMessageBatch | 'Entries':[] | EMPTY_BATCH_REQUEST",
                "SendMessageBatch | 'Entries':[{'Id':'a','MessageBody':'x'},{'Id':'a','MessageBody':'y'}] | BATCH_ENTRY_IDS_NOT_DISTINCT",
                "SendMessageBatch | 'Entries':[{'Id':'a b','MessageBody':'x'}] | INVALID_BATCH_ENTRY_ID",
                "DeleteMessage | 'ReceiptHandle':'x' | RECEIPT_HANDLE_IS_INVALID",
                "GetQueueAttributes | 'AttributeNames':['SenderId'] | INVALID_ATTRIBUTE_NAME",
                "SetQueueAttributes | 'Attributes':{'VisibilityTimeout':'43201'} | INVALID_ATTRIBUTE_VALUE",
                "SetQueueAttributes | 'Attributes':{'FifoQueue':'true'} | QUEUE_UNSUPPORTED_OPERATION",
                "SetQueueAttributes | 'Attributes':{'Nonsense':'1'} | INVALID_ATTRIBUTE_NAME",
                "SetQueueAttributes | 'Attributes':{'Policy':'{}'} | INVALID_ATTRIBUTE_VALUE",
                "SetQueueAttributes | 'Attributes':{'RedrivePolicy':'{}'} | INVALID_ATTRIBUTE_VALUE",
                "SetQueueAttributes | 'Attributes':{'KmsMasterKeyId':'alias/x'} | QUEUE_UNSUPPORTED_OPERATION",
                "AddPermission | 'Label':'l','AWSAccountIds':['1'],'Actions':['SendMessage'] | INVALID_PARAMETER_VALUE",
                "AddPermission | 'Label':'l','AWSAccountIds':['111111111111'],'Actions':['DeleteQueue'] | INVALID_PARAMETER_VALUE",
                "RemovePermission | 'Label':'never' | INVALID_PARAMETER_VALUE"
            })
    void what_cannot_be_is_refused_with_awss_word(String operation, String members, ErrorCode code)
            throws Exception {
        assertThatThrownBy(() -> on(operation, members))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.code()).isEqualTo(code));
        assertThat(
                        on("GetQueueAttributes", "'AttributeNames':['All']")
                                .at("/Attributes/ApproximateNumberOfMessages")
                                .asText())
                .isEqualTo("0");
    }

    @Test
    void permissions_become_statements_of_the_policy_and_go_again() throws Exception {
        on(
                "AddPermission",
                "'Label':'one','AWSAccountIds':['111111111111'],'Actions':['SendMessage']");
        on("AddPermission", "'Label':'two','AWSAccountIds':['222222222222'],'Actions':['*']");
        var policy = JSON.readTree(policy());
        assertThat(policy.path("Statement")).hasSize(2);
        assertThat(policy.at("/Statement/0/Principal/AWS/0").asText())
                .isEqualTo("arn:aws:iam::111111111111:root");
        assertThatThrownBy(() ->
                        on(
                                "AddPermission",
                                "'Label':'two','AWSAccountIds':['222222222222'],'Actions':['*']"))
                .isInstanceOf(Failure.class);

        on("RemovePermission", "'Label':'one'");
        assertThat(JSON.readTree(policy()).at("/Statement/0/Sid").asText()).isEqualTo("two");
        on("RemovePermission", "'Label':'two'");
        assertThat(policy()).isEmpty();
    }

    @Test
    void queues_are_listed_by_page_and_by_prefix() throws Exception {
        for (var name : new String[] {"a-1", "a-2", "a-3"}) {
            call("CreateQueue", "{'QueueName':'%s'}".formatted(name));
        }
        var first = call("ListQueues", "{'QueueNamePrefix':'a-','MaxResults':2}");
        assertThat(first.path("QueueUrls")).hasSize(2);
        var second =
                call(
                        "ListQueues",
                        "{'QueueNamePrefix':'a-','MaxResults':2,'NextToken':'%s'}"
                                .formatted(first.path("NextToken").asText()));
        assertThat(second.path("QueueUrls")).hasSize(1);
        assertThat(second.at("/QueueUrls/0").asText()).endsWith("/123456789012/a-3");
        assertThat(second.has("NextToken")).isFalse();
        assertThat(call("ListQueues", "{}").path("QueueUrls")).hasSize(4);
    }

    @Test
    void a_queue_is_made_once_and_not_with_other_attributes() throws Exception {
        call("CreateQueue", "{'QueueName':'work','Attributes':{'VisibilityTimeout':'30'}}");
        refused(
                ErrorCode.QUEUE_NAME_EXISTS,
                "{'QueueName':'work','Attributes':{'VisibilityTimeout':'31'}}");
        refused(ErrorCode.QUEUE_UNSUPPORTED_OPERATION, "{'QueueName':'work.fifo'}");
        refused(ErrorCode.INVALID_PARAMETER_VALUE, "{'QueueName':'no space'}");
        for (var i = 1; i < TestParts.QUEUES_MAX; i++) {
            call("CreateQueue", "{'QueueName':'q%d'}".formatted(i));
        }
        refused(ErrorCode.OVER_LIMIT, "{'QueueName':'one-more'}");
    }

    private void refused(ErrorCode code, String input) {
        assertThatThrownBy(() -> call("CreateQueue", input))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.code()).isEqualTo(code));
    }

    private String policy() throws Exception {
        return on("GetQueueAttributes", "'AttributeNames':['Policy']")
                .at("/Attributes/Policy")
                .asText();
    }

    private JsonNode on(String operation, String members) throws Exception {
        return call(operation, "{'QueueUrl':'%s',%s}".formatted(URL, members));
    }

    private JsonNode call(String operation, String input) throws Exception {
        var call =
                new Invocation(
                        Caller.user("123456789012", "mary", "AIDATEST", "AKIATEST", Allow.ALL),
                        "us-east-1",
                        (ObjectNode) JSON.readTree(input.replace('\'', '"')),
                        SpooledBody.of(new byte[0]),
                        TestParts.NOW,
                        "http://127.0.0.1:4580");
        return parts.run(
                parts.operations
                        .signedAs("sqs")
                        .orElseThrow()
                        .operation(operation)
                        .orElseThrow()
                        .operation(),
                call);
    }
}
