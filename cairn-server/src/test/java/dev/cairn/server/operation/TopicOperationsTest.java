package dev.cairn.server.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Access;
import dev.cairn.access.Context;
import dev.cairn.access.Decision;
import dev.cairn.account.Caller;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.server.http.SpooledBody;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicOperationsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ARN = "arn:aws:sns:us-east-1:123456789012:audit";
    private static final Caller ROOT = Caller.root(TestParts.ACCOUNT, "AKIA0");
    private static final Caller OTHER = Caller.root("222222222222", "AKIA1");

    private final TestParts parts;

    TopicOperationsTest(@TempDir Path folder) throws Exception {
        parts = new TestParts(folder);
    }

    @Test
    void a_topic_is_made_found_changed_and_deleted() throws Exception {
        var made = ask("CreateTopic", "{'Name':'audit','Tags':[{'Key':'a','Value':'b'}]}");
        assertThat(made.path("TopicArn").asText()).isEqualTo(ARN);
        assertThat(ask("ListTopics", "{}").path("Topics")).hasSize(1);
        ask(
                "SetTopicAttributes",
                "{'TopicArn':'%s','AttributeName':'DisplayName','AttributeValue':'Audit'}"
                        .formatted(ARN));
        var attributes =
                ask("GetTopicAttributes", "{'TopicArn':'%s'}".formatted(ARN)).path("Attributes");
        assertThat(attributes.path("DisplayName").asText()).isEqualTo("Audit");
        assertThat(attributes.path("Owner").asText()).isEqualTo(TestParts.ACCOUNT);
        assertThat(attributes.path("SubscriptionsConfirmed").asText()).isEqualTo("0");
        assertThat(attributes.path("Policy").asText()).contains("__default_statement_ID");
        ask("UntagResource", "{'ResourceArn':'%s','TagKeys':['a']}".formatted(ARN));
        assertThat(ask("ListTagsForResource", "{'ResourceArn':'%s'}".formatted(ARN)).path("Tags"))
                .isEmpty();
        ask("DeleteTopic", "{'TopicArn':'%s'}".formatted(ARN));
        ask("DeleteTopic", "{'TopicArn':'%s'}".formatted(ARN));
        fails(ErrorCode.NOT_FOUND, ROOT, "GetTopicAttributes", "{'TopicArn':'%s'}".formatted(ARN));
    }

    @Test
    void more_than_a_page_is_listed_page_by_page() throws Exception {
        for (var i = 0; i < 101; i++) {
            ask("CreateTopic", "{'Name':'topic-%03d'}".formatted(i));
        }
        var first = ask("ListTopics", "{}");
        assertThat(first.path("Topics")).hasSize(100);
        var second =
                ask("ListTopics", "{'NextToken':'%s'}".formatted(first.path("NextToken").asText()));
        assertThat(second.path("Topics")).hasSize(1);
        assertThat(second.has("NextToken")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "CreateTopic | {'Name':'a.fifo','Attributes':{'FifoTopic':'true'}}",
                "CreateTopic | {'Name':'a b'}",
                "CreateTopic | {'Name':'a','Attributes':{'KmsMasterKeyId':'alias/a'}}",
                "CreateTopic | {'Name':'a','Attributes':{'Policy':'{}'}}",
                "CreateTopic | {'Name':'a','Attributes':{'SignatureVersion':'3'}}",
                "Subscribe | {'TopicArn':'ARN','Protocol':'lambda','Endpoint':'arn:aws:lambda:us-east-1:123456789012:function:a'}",
                "Subscribe | {'TopicArn':'ARN','Protocol':'http','Endpoint':'https://example.org'}",
                "Subscribe | {'TopicArn':'ARN','Protocol':'http','Endpoint':'http://private.example.org'}",
                "Subscribe | {'TopicArn':'ARN','Protocol':'sqs','Endpoint':'http://example.org'}",
                "Subscribe | {'TopicArn':'ARN','Protocol':'email','Endpoint':'a@b.org,c@d.org'}",
                "Subscribe | {'TopicArn':'ARN','Protocol':'http','Endpoint':'http://example.org','Attributes':{'DeliveryPolicy':'{}'}}",
                "Subscribe | {'TopicArn':'ARN','Protocol':'http','Endpoint':'http://example.org','Attributes':{'FilterPolicy':'{'}}",
                "Subscribe | {'TopicArn':'ARN','Protocol':'http','Endpoint':'http://example.org','Attributes':{'FilterPolicyScope':'Subject'}}",
                "Subscribe | {'TopicArn':'ARN','Protocol':'email','Endpoint':'a@b.org','Attributes':{'RawMessageDelivery':'true'}}",
                "Publish | {'TopicArn':'ARN','Message':''}",
                "Publish | {'TopicArn':'arn:aws:sns:eu-central-1:123456789012:audit','Message':'a'}",
                "Publish | {'PhoneNumber':'+49','Message':'a'}",
                "Publish | {'TopicArn':'ARN','Message':'a','Subject':'ä'}",
                "Publish | {'TopicArn':'ARN','Message':'{}','MessageStructure':'json'}",
                "Publish | {'TopicArn':'ARN','Message':'a','MessageGroupId':'a'}",
                "Publish | {'TopicArn':'ARN','Message':'a','MessageAttributes':{'a':{'DataType':'String'}}}",
            })
    void what_cannot_be_done_is_refused(String operation, String input) throws Exception {
        ask("CreateTopic", "{'Name':'audit'}");
        fails(ErrorCode.INVALID_PARAMETER, ROOT, operation, input.replace("ARN", ARN));
    }

    @Test
    void a_message_over_256_kilobytes_is_refused_and_one_of_256_is_taken() throws Exception {
        ask("CreateTopic", "{'Name':'audit'}");
        var text = "a".repeat(256 << 10);
        assertThat(
                        ask("Publish", "{'TopicArn':'%s','Message':'%s'}".formatted(ARN, text))
                                .path("MessageId")
                                .asText())
                .hasSize(36);
        fails(
                ErrorCode.INVALID_PARAMETER,
                ROOT,
                "Publish",
                "{'TopicArn':'%s','Message':'%sa'}".formatted(ARN, text));
    }

    @Test
    void a_batch_tells_of_each_entry() throws Exception {
        ask("CreateTopic", "{'Name':'audit'}");
        var answer =
                ask(
                        "PublishBatch",
                        "{'TopicArn':'%s','PublishBatchRequestEntries':[{'Id':'a','Message':'m'},{'Id':'b','Message':''}]}"
                                .formatted(ARN));
        assertThat(answer.path("Successful")).hasSize(1);
        assertThat(answer.path("Failed").get(0).path("Id").asText()).isEqualTo("b");
        fails(
                ErrorCode.TOPIC_BATCH_IDS_NOT_DISTINCT,
                ROOT,
                "PublishBatch",
                "{'TopicArn':'%s','PublishBatchRequestEntries':[{'Id':'a','Message':'m'},{'Id':'a','Message':'m'}]}"
                        .formatted(ARN));
        fails(
                ErrorCode.TOPIC_EMPTY_BATCH,
                ROOT,
                "PublishBatch",
                "{'TopicArn':'%s','PublishBatchRequestEntries':[]}".formatted(ARN));
    }

    @Test
    void another_account_needs_the_topics_policy_however_it_names_the_topic() throws Exception {
        ask("CreateTopic", "{'Name':'audit'}");
        for (var member : new String[] {"TopicArn", "TargetArn"}) {
            var input = "{'%s':'%s','Message':'a'}".formatted(member, ARN);
            assertThat(decide(OTHER, "Publish", input)).isInstanceOf(Decision.Denied.class);
            assertThat(decide(ROOT, "Publish", input)).isInstanceOf(Decision.Allowed.class);
        }
        ask(
                "SetTopicAttributes",
                JSON.createObjectNode()
                        .put("TopicArn", ARN)
                        .put("AttributeName", "Policy")
                        .put(
                                "AttributeValue",
                                "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"222222222222\"},\"Action\":\"sns:Publish\",\"Resource\":\"%s\"}}"
                                        .formatted(ARN))
                        .toString());
        var input = "{'TargetArn':'%s','Message':'a'}".formatted(ARN);
        assertThat(decide(OTHER, "Publish", input)).isInstanceOf(Decision.Allowed.class);
        assertThat(decide(OTHER, "DeleteTopic", "{'TopicArn':'%s'}".formatted(ARN)))
                .isInstanceOf(Decision.Denied.class);
    }

    @Test
    void a_subscription_is_its_owners_and_the_topics_owners() throws Exception {
        ask("CreateTopic", "{'Name':'audit'}");
        var arn =
                ask(
                                "Subscribe",
                                "{'TopicArn':'%s','Protocol':'https','Endpoint':'https://example.org/a','ReturnSubscriptionArn':true}"
                                        .formatted(ARN))
                        .path("SubscriptionArn")
                        .asText();
        var attributes =
                ask("GetSubscriptionAttributes", "{'SubscriptionArn':'%s'}".formatted(arn))
                        .path("Attributes");
        assertThat(attributes.path("PendingConfirmation").asText()).isEqualTo("true");
        assertThat(
                        ask("ListSubscriptions", "{}")
                                .path("Subscriptions")
                                .get(0)
                                .path("SubscriptionArn")
                                .asText())
                .isEqualTo("PendingConfirmation");
        for (var operation : new String[] {"GetSubscriptionAttributes", "Unsubscribe"}) {
            fails(
                    ErrorCode.AUTHORIZATION_ERROR,
                    OTHER,
                    operation,
                    "{'SubscriptionArn':'%s'}".formatted(arn));
        }
        ask("Unsubscribe", "{'SubscriptionArn':'%s'}".formatted(arn));
        assertThat(
                        ask("ListSubscriptionsByTopic", "{'TopicArn':'%s'}".formatted(ARN))
                                .path("Subscriptions"))
                .isEmpty();
    }

    @Test
    void a_filter_policy_is_set_shown_refused_and_taken_away() throws Exception {
        ask("CreateTopic", "{'Name':'audit'}");
        var arn =
                ask(
                                "Subscribe",
                                "{'TopicArn':'%s','Protocol':'https','Endpoint':'https://example.org/a','ReturnSubscriptionArn':true,'Attributes':{'FilterPolicyScope':'MessageBody'}}"
                                        .formatted(ARN))
                        .path("SubscriptionArn")
                        .asText();
        assertThat(attributes(arn).has("FilterPolicy")).isFalse();
        var policy = "{\"detail\":{\"state\":[\"running\"]}}";
        set(arn, "FilterPolicy", policy);
        assertThat(attributes(arn).path("FilterPolicy").asText()).isEqualTo(policy);
        assertThat(attributes(arn).path("FilterPolicyScope").asText()).isEqualTo("MessageBody");

        assertThatThrownBy(() -> set(arn, "FilterPolicyScope", "MessageAttributes"))
                .hasMessage(
                        "Invalid parameter: Filter policy scope MessageAttributes does not support nested filter policy");
        assertThatThrownBy(() -> set(arn, "FilterPolicy", "{\"a\":[]}"))
                .hasMessage("Invalid parameter: FilterPolicy: Empty arrays are not allowed");
        assertThatThrownBy(() ->
                        ask(
                                "Subscribe",
                                "{'TopicArn':'%s','Protocol':'https','Endpoint':'https://example.org/b','Attributes':{'FilterPolicy':'{'}}"
                                        .formatted(ARN)))
                .hasMessage(
                        "Invalid parameter: Attributes Reason: FilterPolicy: failed to parse JSON.");
        assertThat(attributes(arn).path("FilterPolicy").asText()).isEqualTo(policy);

        set(arn, "FilterPolicy", "{}");
        assertThat(attributes(arn).has("FilterPolicy")).isFalse();
    }

    private ObjectNode attributes(String subscription) throws Exception {
        return (ObjectNode)
                ask("GetSubscriptionAttributes", "{'SubscriptionArn':'%s'}".formatted(subscription))
                        .path("Attributes");
    }

    private void set(String subscription, String attribute, String value) throws Exception {
        ask(
                "SetSubscriptionAttributes",
                JSON.createObjectNode()
                        .put("SubscriptionArn", subscription)
                        .put("AttributeName", attribute)
                        .put("AttributeValue", value)
                        .toString());
    }

    private ObjectNode ask(String operation, String input) throws Exception {
        return run(ROOT, operation, input);
    }

    private BuiltOperation built(String operation) {
        return parts.operations.signedAs("sns").orElseThrow().operation(operation).orElseThrow();
    }

    private static Invocation call(Caller caller, String input) throws Exception {
        return new Invocation(
                caller,
                "us-east-1",
                (ObjectNode)
                        JSON.readTree(input.startsWith("{'") ? input.replace('\'', '"') : input),
                SpooledBody.of(new byte[0]),
                TestParts.NOW);
    }

    private Decision decide(Caller caller, String operation, String input) throws Exception {
        var call = call(caller, input);
        var built = built(operation);
        return new Access("999999999999")
                .decide(
                        caller,
                        built.action(),
                        built.target().apply(call),
                        new Context(call.now(), "us-east-1", "192.0.2.1", false),
                        built.policy().find(call),
                        Map.of());
    }

    private ObjectNode run(Caller caller, String operation, String input) throws Exception {
        var call = call(caller, input);
        var output = parts.run(built(operation).operation(), call);
        return (ObjectNode) JSON.readTree(output.toString());
    }

    private void fails(ErrorCode code, Caller caller, String operation, String input) {
        assertThatThrownBy(() -> run(caller, operation, input))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.code()).isEqualTo(code));
    }
}
