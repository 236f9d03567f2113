package dev.cairn.server.operation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.account.Caller;
import dev.cairn.event.Place;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.server.http.SpooledBody;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LookupEventsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Place HOME = new Place(TestParts.ACCOUNT, "us-east-1");

    @TempDir private Path folder;
    private TestParts parts;
    private LookupEvents lookup;
    private long recorded;

    @BeforeEach
    void open() throws Exception {
        parts = new TestParts(folder);
        lookup = new LookupEvents(parts.history, new RateLimit(0));
    }

    private String record(Place place, int second, String more) throws Exception {
        return record(place, second, more, "Management");
    }

    private String record(Place place, int second, String more, String category) throws Exception {
        var id = "00000000-0000-4000-8000-%012d".formatted(recorded);
        var json =
                """
                {"eventVersion":"1.08","userIdentity":{"type":"IAMUser","userName":"alice","accessKeyId":"AKIA1"},\
                "eventTime":"2026-11-21T07:00:%02dZ","eventSource":"ec2.amazonaws.com","eventName":"StopInstances",\
                "awsRegion":"%s","requestParameters":{"instancesSet":{"items":[{"instanceId":"i-0abc1234def567890"}]}},\
                "eventID":"%s","readOnly":false,"recipientAccountId":"%s","eventCategory":"%s"%s}\
                """
                        .formatted(second, place.region(), id, place.account(), category, more);
        var entry = new Entry(place, id, Origin.INTAKE, json.getBytes(UTF_8));
        parts.history.take(
                new Slice(
                        0,
                        List.of(new Slice.Held(new Position(0, recorded), TestParts.NOW, entry)),
                        ++recorded));
        parts.history.refresh();
        return id;
    }

    private ObjectNode ask(String input) throws Exception {
        return lookup.run(call(input));
    }

    private static Invocation call(String input) throws Exception {
        var body = SpooledBody.of(new byte[0]);
        return new Invocation(
                Caller.root(TestParts.ACCOUNT, "AKIA0"),
                "us-east-1",
                (ObjectNode) JSON.readTree(input.replace('\'', '"')),
                body,
                TestParts.NOW);
    }

    @Test
    void an_event_is_given_as_aws_gives_it() throws Exception {
        var id = record(HOME, 7, "");

        var event = ask("{}").path("Events").path(0);

        assertThat(event.path("EventId").asText()).isEqualTo(id);
        assertThat(event.path("ReadOnly").isTextual()).isTrue();
        assertThat(event.path("ReadOnly").asText()).isEqualTo("false");
        assertThat(event.path("EventTime").isNumber()).isTrue();
        assertThat(event.path("EventTime").asLong())
                .isEqualTo(Instant.parse("2026-11-21T07:00:07Z").getEpochSecond());
        assertThat(event.path("Username").asText()).isEqualTo("alice");
        assertThat(event.path("AccessKeyId").asText()).isEqualTo("AKIA1");
        assertThat(event.path("Resources").path(0).path("ResourceType").asText())
                .isEqualTo("AWS::EC2::Instance");
        assertThat(event.path("Resources").path(0).path("ResourceName").asText())
                .isEqualTo("i-0abc1234def567890");
        assertThat(JSON.readTree(event.path("CloudTrailEvent").asText()).path("eventID").asText())
                .isEqualTo(id);
    }

    @ParameterizedTest
    @CsvSource({
        "EventName, StopInstances, StartInstances",
        "EventSource, ec2.amazonaws.com, s3.amazonaws.com",
        "Username, alice, Alice",
        "AccessKeyId, AKIA1, AKIA2",
        "ResourceType, AWS::EC2::Instance, AWS::EC2::Volume",
        "ResourceName, i-0abc1234def567890, i-0abc",
        "ReadOnly, false, true",
        "EventId, 00000000-0000-4000-8000-000000000000, 00000000-0000-4000-8000-000000000001"
    })
    void an_attribute_is_matched_exactly(String key, String found, String notFound)
            throws Exception {
        record(HOME, 1, "");

        assertThat(ask(attribute(key, found)).path("Events")).hasSize(1);
        assertThat(ask(attribute(key, notFound)).path("Events")).isEmpty();
    }

    private static String attribute(String key, String value) {
        return "{'LookupAttributes':[{'AttributeKey':'%s','AttributeValue':'%s'}]}"
                .formatted(key, value);
    }

    @Test
    void pages_give_each_event_once_newest_first_though_new_ones_come_in_between()
            throws Exception {
        for (var second = 0; second < 30; second++) {
            record(HOME, second, "");
        }
        var seen = new ArrayList<String>();
        var token = "";
        do {
            var page =
                    ask(
                            token.isEmpty()
                                    ? "{'MaxResults':7}"
                                    : "{'MaxResults':9,'NextToken':'%s'}".formatted(token));
            page.path("Events").forEach(event -> seen.add(event.path("EventId").asText()));
            token = page.path("NextToken").asText("");
            record(HOME, 59, "");
        } while (!token.isEmpty());

        assertThat(seen).hasSize(30).doesNotHaveDuplicates();
        assertThat(seen.getFirst()).isGreaterThan(seen.getLast());
        assertThat(new HashSet<>(seen)).hasSize(30);
    }

    @Test
    void a_token_is_good_for_its_own_question_only() throws Exception {
        record(HOME, 1, "");
        record(HOME, 2, "");
        var token = ask("{'MaxResults':1}").path("NextToken").asText();

        fails(ErrorCode.INVALID_NEXT_TOKEN, "{'NextToken':'%s','StartTime':5}".formatted(token));
        fails(ErrorCode.INVALID_NEXT_TOKEN, "{'NextToken':'rubbish'}");
        fails(ErrorCode.INVALID_NEXT_TOKEN, "{'NextToken':'%sA'}".formatted(token));
    }

    @Test
    void times_are_inclusive_on_both_sides() throws Exception {
        record(HOME, 10, "");
        record(HOME, 20, "");
        record(HOME, 30, "");
        var start = Instant.parse("2026-11-21T07:00:10Z").getEpochSecond();

        assertThat(ask("{'StartTime':%d,'EndTime':%d}".formatted(start, start + 10)).path("Events"))
                .hasSize(2);
    }

    @Test
    void other_accounts_and_regions_are_not_seen() throws Exception {
        record(new Place("222222222222", "us-east-1"), 1, "");
        record(new Place(TestParts.ACCOUNT, "eu-west-1"), 2, "");

        assertThat(ask("{}").path("Events")).isEmpty();
    }

    @Test
    void data_events_are_not_given_and_insight_events_only_when_asked_for() throws Exception {
        record(HOME, 1, "", "Data");
        record(HOME, 2, "", "Management");

        JsonNode insight = ask("{'EventCategory':'insight'}");
        assertThat(insight.path("Events")).isEmpty();
        assertThat(ask("{}").path("Events")).hasSize(1);
    }

    @Test
    void what_aws_refuses_is_refused() throws Exception {
        fails(ErrorCode.INVALID_TIME_RANGE, "{'StartTime':20,'EndTime':10}");
        fails(
                ErrorCode.INVALID_LOOKUP_ATTRIBUTES,
                "{'LookupAttributes':[{'AttributeKey':'EventName','AttributeValue':'a'},"
                        + "{'AttributeKey':'EventName','AttributeValue':'b'}]}");
        fails(ErrorCode.INVALID_LOOKUP_ATTRIBUTES, attribute("ReadOnly", "yes"));
        fails(
                ErrorCode.INVALID_LOOKUP_ATTRIBUTES,
                "{'EventCategory':'insight','LookupAttributes':[{'AttributeKey':'Username','AttributeValue':'a'}]}");
    }

    private void fails(ErrorCode code, String input) {
        assertThatThrownBy(() -> ask(input))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.code()).isEqualTo(code));
    }

    @Test
    void a_rate_limit_counts_each_place_by_itself() {
        var limit = new RateLimit(2);
        var elsewhere = new Place("222222222222", "us-east-1");

        assertThat(limit.take(HOME, TestParts.NOW)).isTrue();
        assertThat(limit.take(HOME, TestParts.NOW)).isTrue();
        assertThat(limit.take(HOME, TestParts.NOW)).isFalse();
        assertThat(limit.take(elsewhere, TestParts.NOW)).isTrue();
        assertThat(limit.take(HOME, TestParts.NOW.plusMillis(500))).isTrue();
    }
}
