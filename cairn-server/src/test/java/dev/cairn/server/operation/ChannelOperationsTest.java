package dev.cairn.server.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Access;
import dev.cairn.access.Context;
import dev.cairn.access.Decision;
import dev.cairn.account.Caller;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.server.http.SpooledBody;
import dev.cairn.store.StoreFilling;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Channels as CloudTrail's API has them, and what is put into them.
class ChannelOperationsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String HOME = "us-east-1";
    private static final Caller ROOT = Caller.root(TestParts.ACCOUNT, "AKIA0");
    private static final Caller STRANGER = Caller.root("210987654321", "AKIA1");

    @TempDir private Path folder;
    private TestParts parts;

    @BeforeEach
    void open() throws Exception {
        parts = new TestParts(folder);
    }

    @AfterEach
    void close() {
        parts.ledger.close();
    }

    // Channels.

    @Test
    void a_channel_is_made_shown_and_listed() throws Exception {
        var store = store("activity");
        var made =
                ask(
                        "CreateChannel",
                        "{'Name':'ours','Source':'Custom','Destinations':[{'Type':'EVENT_DATA_STORE','Location':'%s'}],'Tags':[{'Key':'a','Value':'b'}]}"
                                .formatted(store));
        var arn = made.path("ChannelArn").asText();

        assertThat(arn).matches("arn:aws:cloudtrail:us-east-1:123456789012:channel/[0-9a-f-]{36}");
        assertThat(made.without("ChannelArn").toString())
                .isEqualTo(
                        "{'Name':'ours','Source':'Custom','Destinations':[{'Type':'EVENT_DATA_STORE','Location':'%s'}],'Tags':[{'Key':'a','Value':'b'}]}"
                                .formatted(store)
                                .replace('\'', '"'));
        assertThat(on("GetChannel", arn.substring(arn.indexOf('/') + 1)).path("Name").asText())
                .isEqualTo("ours");
        assertThat(ask("ListChannels", "{}").path("Channels").toString())
                .isEqualTo("[{\"ChannelArn\":\"" + arn + "\",\"Name\":\"ours\"}]");
        ask("AddTags", "{'ResourceId':'" + arn + "','TagsList':[{'Key':'c','Value':'d'}]}");
        ask("RemoveTags", "{'ResourceId':'" + arn + "','TagsList':[{'Key':'a'}]}");
        assertThat(ask("ListTags", "{'ResourceIdList':['" + arn + "']}").findPath("TagsList"))
                .hasToString("[{\"Key\":\"c\",\"Value\":\"d\"}]");
        assertThat(on("UpdateChannel", arn, "'Name':'else'").path("Name").asText())
                .isEqualTo("else");
        on("DeleteChannel", arn);
        fails(ErrorCode.CHANNEL_NOT_FOUND, "GetChannel", "{'Channel':'" + arn + "'}");
    }

    @Test
    void channels_are_listed_page_by_page() throws Exception {
        var store = store("activity");
        for (var source : List.of("Custom", "GitHub", "Snyk")) {
            channel(source, store);
        }

        var first = ask("ListChannels", "{'MaxResults':2}");
        var rest =
                ask(
                        "ListChannels",
                        "{'MaxResults':2,'NextToken':'" + first.path("NextToken").asText() + "'}");
        assertThat(first.path("Channels")).hasSize(2);
        assertThat(rest.path("Channels")).hasSize(1);
        assertThat(rest.has("NextToken")).isFalse();
        fails(ErrorCode.INVALID_NEXT_TOKEN, "ListChannels", "{'NextToken':'%%%%'}");
    }

    @Test
    void what_a_channel_cannot_be_is_refused() throws Exception {
        var store = store("activity");
        channel("Custom", store);
        var events =
                ask("CreateEventDataStore", "{'Name':'all'}").path("EventDataStoreArn").asText();

        refused(ErrorCode.CHANNEL_ALREADY_EXISTS, "other", "Custom", store);
        refused(ErrorCode.CHANNEL_ALREADY_EXISTS, "of-Custom", "GitHub", store);
        refused(ErrorCode.INVALID_SOURCE, "other", "Somebody", store);
        refused(ErrorCode.INVALID_EVENT_DATA_STORE_CATEGORY, "other", "GitHub", events);
        refused(ErrorCode.EVENT_DATA_STORE_ARN_INVALID, "other", "GitHub", "nothing");
        refused(
                ErrorCode.EVENT_DATA_STORE_NOT_FOUND,
                "other",
                "GitHub",
                store.replaceAll(".{12}$", "000000000000"));
        fails(
                ErrorCode.INVALID_PARAMETER,
                "CreateChannel",
                "{'Name':'other','Source':'GitHub','Destinations':[{'Type':'AWS_SERVICE','Location':'ec2'}]}");
        fails(
                ErrorCode.INVALID_PARAMETER,
                "CreateChannel",
                "{'Name':'other','Source':'GitHub','Destinations':[{'Type':'EVENT_DATA_STORE','Location':'%s'},{'Type':'EVENT_DATA_STORE','Location':'%s'}]}"
                        .formatted(store, store));
        assertThat(ask("ListChannels", "{}").path("Channels")).hasSize(1);
        fails(ErrorCode.CHANNEL_ARN_INVALID, "GetChannel", "{'Channel':'ours'}");
        fails(ErrorCode.CHANNEL_ARN_INVALID, "DeleteChannel", "{'Channel':'" + store + "'}");
    }

    private void refused(ErrorCode code, String name, String source, String store) {
        fails(
                code,
                "CreateChannel",
                "{'Name':'%s','Source':'%s','Destinations':[{'Type':'EVENT_DATA_STORE','Location':'%s'}]}"
                        .formatted(name, source, store));
    }

    @Test
    void a_store_that_a_channel_feeds_stays() throws Exception {
        var store = store("activity");
        var channel = channel("Custom", store);
        fails(
                ErrorCode.CHANNEL_EXISTS_FOR_EDS,
                "DeleteEventDataStore",
                "{'EventDataStore':'" + store + "'}");
        on("DeleteChannel", channel);
        ask("DeleteEventDataStore", "{'EventDataStore':'" + store + "'}");
        refused(ErrorCode.INACTIVE_EVENT_DATA_STORE, "other", "GitHub", store);
    }

    @Test
    void a_store_stays_with_its_kind_of_events() throws Exception {
        var store = store("activity");
        fails(
                ErrorCode.INVALID_EVENT_SELECTORS,
                "UpdateEventDataStore",
                "{'EventDataStore':'"
                        + store
                        + "','AdvancedEventSelectors':[{'FieldSelectors':[{'Field':'eventCategory','Equals':['Management']}]}]}");
        for (var operation :
                List.of("StopEventDataStoreIngestion", "StartEventDataStoreIngestion")) {
            fails(
                    ErrorCode.INVALID_EVENT_DATA_STORE_CATEGORY,
                    operation,
                    "{'EventDataStore':'" + store + "'}");
        }
        fails(
                ErrorCode.INVALID_EVENT_SELECTORS,
                "CreateEventDataStore",
                "{'Name':'two','AdvancedEventSelectors':[%s,%s]}"
                        .formatted(selector("ActivityAuditLog"), selector("Management")));
        fails(
                ErrorCode.INVALID_PARAMETER,
                "CreateEventDataStore",
                "{'Name':'two','StartIngestion':false,'AdvancedEventSelectors':[%s]}"
                        .formatted(selector("ActivityAuditLog")));
    }

    // What is put into them.

    @Test
    void an_event_is_in_the_stores_that_its_channel_fed_when_it_came() throws Exception {
        var first = store("first");
        var second = store("second");
        var all = ask("CreateEventDataStore", "{'Name':'all'}").path("EventDataStoreArn").asText();
        var channel = channel("Custom", first);
        var other = channel("GitHub", second);

        var a = put(channel, "a");
        var b = put(other, "b");
        on(
                "UpdateChannel",
                channel,
                "'Destinations':[{'Type':'EVENT_DATA_STORE','Location':'" + second + "'}]");
        ask("UpdateEventDataStore", "{'EventDataStore':'" + second + "','RetentionPeriod':7}");
        var c = put(channel, "c");
        on("DeleteChannel", other);

        assertThat(ids(first)).containsExactly(a);
        assertThat(ids(second)).containsExactlyInAnyOrder(b, c);
        assertThat(ids(all)).isEmpty();
        var status = on("GetChannel", channel).path("IngestionStatus");
        assertThat(status.path("LatestIngestionSuccessEventID").asText()).isEqualTo("c");
        assertThat(status.path("LatestIngestionSuccessTime").asLong())
                .isEqualTo(TestParts.NOW.getEpochSecond());
    }

    @Test
    void good_events_of_a_batch_are_recorded_and_bad_ones_named() throws Exception {
        var store = store("activity");
        var channel = channel("Custom", store);
        var bad = data("bad").replace("\"UID\"", "\"else\"");

        var answer = run(ROOT, "PutAuditEvents", batch(channel, data("good"), bad));

        assertThat(answer.path("successful")).hasSize(1);
        assertThat(answer.path("successful").path(0).path("id").asText()).isEqualTo("e0");
        assertThat(answer.path("failed").toString())
                .isEqualTo(
                        "[{\"id\":\"e1\",\"errorCode\":\"FieldNotFound\",\"errorMessage\":\"eventData does not have the field UID\"}]");
        assertThat(ids(store))
                .containsExactly(answer.path("successful").path(0).path("eventID").asText());
        var status = on("GetChannel", channel).path("IngestionStatus");
        assertThat(status.path("LatestIngestionErrorCode").asText()).isEqualTo("FieldNotFound");
    }

    @Test
    void the_same_event_again_is_recorded_once() throws Exception {
        var store = store("activity");
        var channel = channel("Custom", store);

        assertThat(put(channel, "a")).isEqualTo(put(channel, "a"));
        assertThat(ids(store)).hasSize(1);
    }

    @Test
    void a_batch_that_cannot_be_taken_at_all_is_refused() throws Exception {
        var channel = channel("Custom", store("activity"));
        var twice = batch(channel, data("a"), data("b"));
        ((ObjectNode) twice.path("auditEvents").path(1)).put("id", "e0");

        failsToPut(ErrorCode.DUPLICATED_AUDIT_EVENT_ID, twice);
        failsToPut(ErrorCode.INVALID_CHANNEL_ARN, batch("arn:aws:s3:::b", data("a")));
        failsToPut(
                ErrorCode.INVALID_CHANNEL_ARN,
                batch(channel.replace("us-east-1", "eu-west-1"), data("a")));
        failsToPut(
                ErrorCode.DATA_CHANNEL_NOT_FOUND,
                batch(channel.replaceAll(".{12}$", "000000000000"), data("a")));
        var large =
                data("a")
                        .replace(
                                "}}",
                                "},\"requestParameters\":{\"a\":\"" + "x".repeat(90_000) + "\"}}");
        failsToPut(
                ErrorCode.VALIDATION,
                batch(channel, Collections.nCopies(12, large).toArray(String[]::new)));
    }

    @Test
    void another_account_may_put_what_the_channels_policy_lets_it() throws Exception {
        var channel = channel("Custom", store("activity"));
        var asked = batch(channel, data("a"));
        var secret = batch(channel, data("a")).put("externalId", "ours");
        assertThat(may(ROOT, asked)).isTrue();
        assertThat(may(STRANGER, asked)).isFalse();
        fails(
                ErrorCode.RESOURCE_POLICY_NOT_FOUND,
                "GetResourcePolicy",
                "{'ResourceArn':'" + channel + "'}");
        var policy =
                "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"210987654321\"},\"Action\":\"cloudtrail-data:PutAuditEvents\",\"Resource\":\"%s\",\"Condition\":{\"StringEquals\":{\"cloudtrail:ExternalId\":\"ours\"}}}]}"
                        .formatted(channel);
        guard(channel, policy);

        assertThat(may(STRANGER, asked)).isFalse();
        assertThat(may(STRANGER, secret)).isTrue();
        assertThat(run(STRANGER, "PutAuditEvents", secret).path("successful")).hasSize(1);
        assertThat(
                        ask("GetResourcePolicy", "{'ResourceArn':'" + channel + "'}")
                                .path("ResourcePolicy")
                                .asText())
                .isEqualTo(policy);
        ask("DeleteResourcePolicy", "{'ResourceArn':'" + channel + "'}");
        assertThat(may(STRANGER, secret)).isFalse();
    }

    @Test
    void what_is_no_policy_of_a_channel_is_refused() throws Exception {
        var store = store("activity");
        var channel = channel("Custom", store);
        for (var policy :
                List.of(
                        "nothing",
                        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\"}]}")) {
            assertThatThrownBy(() -> guard(channel, policy))
                    .isInstanceOfSatisfying(
                            Failure.class,
                            failure ->
                                    assertThat(failure.code())
                                            .isEqualTo(ErrorCode.RESOURCE_POLICY_NOT_VALID));
        }
        fails(
                ErrorCode.RESOURCE_TYPE_NOT_SUPPORTED,
                "GetResourcePolicy",
                "{'ResourceArn':'arn:aws:cloudtrail:us-east-1:123456789012:trail/main'}");
        fails(
                ErrorCode.RESOURCE_ARN_NOT_VALID,
                "DeleteResourcePolicy",
                "{'ResourceArn':'arn:aws:s3:::b'}");
        fails(
                ErrorCode.RESOURCE_NOT_FOUND,
                "GetResourcePolicy",
                "{'ResourceArn':'" + channel.replaceAll(".{12}$", "000000000000") + "'}");
    }

    private void guard(String channel, String policy) throws Exception {
        run(
                ROOT,
                "PutResourcePolicy",
                JsonNodeFactory.instance
                        .objectNode()
                        .put("ResourceArn", channel)
                        .put("ResourcePolicy", policy));
    }

    // Asking.

    private static String selector(String category) {
        return "{'FieldSelectors':[{'Field':'eventCategory','Equals':['" + category + "']}]}";
    }

    private String store(String name) throws Exception {
        return ask(
                        "CreateEventDataStore",
                        "{'Name':'%s','TerminationProtectionEnabled':false,'AdvancedEventSelectors':[%s]}"
                                .formatted(name, selector("ActivityAuditLog")))
                .path("EventDataStoreArn")
                .asText();
    }

    private String channel(String source, String store) throws Exception {
        return ask(
                        "CreateChannel",
                        "{'Name':'of-%s','Source':'%s','Destinations':[{'Type':'EVENT_DATA_STORE','Location':'%s'}]}"
                                .formatted(source, source, store))
                .path("ChannelArn")
                .asText();
    }

    private static String data(String name) {
        return "{\"version\":\"1\",\"eventSource\":\"shop.example\",\"eventName\":\"%s\",\"eventTime\":\"2026-11-20T10:00:00\",\"UID\":\"u\",\"recipientAccountId\":\"123456789012\",\"userIdentity\":{\"type\":\"T\",\"principalId\":\"p\"}}"
                .formatted(name);
    }

    private static ObjectNode batch(String channel, String... data) {
        var input = JsonNodeFactory.instance.objectNode().put("channelArn", channel);
        var events = input.putArray("auditEvents");
        for (var one : data) {
            events.addObject().put("id", "e" + events.size()).put("eventData", one);
        }
        for (var at = 0; at < events.size(); at++) {
            ((ObjectNode) events.get(at)).put("id", "e" + at);
        }
        return input;
    }

    /// Puts one event whose id is its name.
    private String put(String channel, String name) throws Exception {
        var input = batch(channel, data(name));
        ((ObjectNode) input.path("auditEvents").path(0)).put("id", name);
        var answer = run(ROOT, "PutAuditEvents", input);
        assertThat(answer.path("failed")).isEmpty();
        return answer.path("successful").path(0).path("eventID").asText();
    }

    private void failsToPut(ErrorCode code, ObjectNode input) {
        assertThatThrownBy(() -> run(ROOT, "PutAuditEvents", input))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.code()).isEqualTo(code));
    }

    private boolean may(Caller caller, ObjectNode input) throws Exception {
        var access = new Access("000000000000");
        for (var right : built("PutAuditEvents").rights(call(caller, input))) {
            var decision =
                    access.decide(
                            caller,
                            right.action(),
                            right.target(),
                            new Context(TestParts.NOW, HOME, null, false),
                            right.policy(),
                            right.keys());
            if (decision instanceof Decision.Denied) {
                return false;
            }
        }
        return true;
    }

    /// The ids of what a store takes of all that was recorded.
    private List<String> ids(String arn) throws Exception {
        var state =
                parts.stores.all().stream()
                        .filter(one -> one.store().arn().equals(arn))
                        .findFirst()
                        .orElseThrow();
        var filling =
                StoreFilling.of(
                                parts.ledger,
                                parts.stores,
                                state.store(),
                                Collections.nCopies(parts.ledger.partitions(), 0L),
                                1 << 20,
                                StoreFilling.Unreadable.WAIT)
                        .orElseThrow();
        var ids = new ArrayList<String>();
        for (var record : filling.taken()) {
            ids.add(JSON.readTree(record).path("eventID").asText());
        }
        return ids;
    }

    private ObjectNode on(String operation, String channel, String... members) throws Exception {
        var more = members.length == 0 ? "" : "," + String.join(",", members);
        return ask(operation, "{'Channel':'" + channel + "'" + more + "}");
    }

    private ObjectNode ask(String operation, String input) throws Exception {
        return run(ROOT, operation, (ObjectNode) JSON.readTree(input.replace('\'', '"')));
    }

    private BuiltOperation built(String operation) {
        return parts.operations
                .signedAs(operation.equals("PutAuditEvents") ? "cloudtrail-data" : "cloudtrail")
                .orElseThrow()
                .operation(operation)
                .orElseThrow();
    }

    private static Invocation call(Caller caller, ObjectNode input) {
        return new Invocation(caller, HOME, input, SpooledBody.of(new byte[0]), TestParts.NOW);
    }

    private ObjectNode run(Caller caller, String operation, ObjectNode input) throws Exception {
        var call = call(caller, input);
        return parts.run(built(operation).operation(), call);
    }

    private void fails(ErrorCode code, String operation, String input) {
        assertThatThrownBy(() -> ask(operation, input))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.code()).isEqualTo(code));
    }
}
