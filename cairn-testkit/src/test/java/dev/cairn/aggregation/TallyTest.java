package dev.cairn.aggregation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.event.Place;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TallyTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Place PLACE = new Place("123456789012", "us-east-1");
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static final int MANY = 1_000_000;

    @Test
    void a_record_has_aws_s_members_in_aws_s_order() throws Exception {
        Tally tally = new Tally(Set.of(Template.RESOURCE_ACCESS), MANY);

        tally.count(PLACE, NOON.plusSeconds(1), get("customers", "203.0.113.7", ""));
        tally.count(PLACE, NOON.plusSeconds(299), get("customers", "203.0.113.7", "AccessDenied"));
        tally.count(PLACE, NOON.plusSeconds(2), get("customers", "203.0.113.8", ""));

        List<Tally.Aggregate> aggregates = tally.aggregates(NOON, "seed");
        assertThat(aggregates).hasSize(1);
        assertThat(aggregates.getFirst().windowStart()).isEqualTo(NOON);
        String json = new String(aggregates.getFirst().json(), UTF_8);
        String id = JSON.readTree(json).path("eventId").asText();
        assertThat(id).matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
        assertThat(json.replace(id, "ID"))
                .isEqualTo(
                        """
                        {"eventVersion":"1.0","accountId":"123456789012","eventId":"ID",\
                        "eventCategory":"Aggregated","eventType":"AwsAggregatedEvent",\
                        "awsRegion":"us-east-1","eventSource":"s3.amazonaws.com",\
                        "timeWindow":{"windowStart":"2026-11-21T12:00:00Z",\
                        "windowEnd":"2026-11-21T12:05:00Z","windowSize":"PT5M"},\
                        "summary":{"primaryDimension":{"dimension":"resourceARN",\
                        "statistics":[{"name":"arn:aws:s3:::customers","value":3}],\
                        "aggregationType":"Count"},"details":[\
                        {"dimension":"eventName",\
                        "statistics":[{"name":"GetObject","value":3}],"aggregationType":"Count"},\
                        {"dimension":"userIdentity",\
                        "statistics":[{"name":"IAMUser:123456789012","value":3}],\
                        "aggregationType":"Count"},\
                        {"dimension":"sourceIpAddress",\
                        "statistics":[{"name":"203.0.113.7","value":2},\
                        {"name":"203.0.113.8","value":1}],"aggregationType":"Count"},\
                        {"dimension":"errorCodes",\
                        "statistics":[{"name":"AccessDenied","value":1}],\
                        "aggregationType":"Count"}]}}\
                        """);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-21T12:00:00Z, 2026-11-21T12:05:00Z",
        "2026-11-21T12:04:59.999Z, 2026-11-21T12:05:00Z",
        "2026-11-21T12:05:00Z, 2026-11-21T12:10:00Z",
        "1969-12-31T23:59:59Z, 1970-01-01T00:00:00Z",
    })
    void a_window_has_its_start_and_not_its_end(Instant time, Instant end) {
        assertThat(Tally.end(time)).isEqualTo(end);
    }

    @Test
    void what_was_told_of_already_says_that_it_comes_late() throws Exception {
        Tally tally = new Tally(Set.of(Template.API_ACTIVITY), MANY);
        tally.count(PLACE, NOON.plusSeconds(299), get("a", "x", ""));
        tally.count(PLACE, NOON.plusSeconds(300), get("a", "x", ""));

        List<JsonNode> records = records(tally, NOON.plusSeconds(300));

        assertThat(records.get(0).path("addendum").path("reason").asText())
                .isEqualTo("DELAYED_DATA");
        assertThat(records.get(1).has("addendum")).isFalse();
    }

    @Test
    void the_same_events_give_the_same_records_and_another_seed_other_ids() throws Exception {
        List<List<JsonNode>> made = new ArrayList<>();
        for (String seed : List.of("one", "one", "two")) {
            Tally tally = new Tally(EnumSet.allOf(Template.class), 20);
            for (int i = 0; i < 50; i++) {
                tally.count(PLACE, NOON.plusSeconds(i * 20L), get("b" + i % 7, "ip" + i, ""));
            }
            List<JsonNode> records = new ArrayList<>();
            for (Tally.Aggregate aggregate : tally.aggregates(NOON, seed)) {
                records.add(JSON.readTree(aggregate.json()));
            }
            made.add(records);
        }

        assertThat(made.get(0)).isEqualTo(made.get(1));
        assertThat(made.get(0).stream().map(record -> record.path("eventId")))
                .doesNotHaveDuplicates()
                .doesNotContainAnyElementsOf(
                        made.get(2).stream().map(record -> record.path("eventId")).toList());
    }

    @Test
    void details_name_the_most_frequent_and_sum_up_the_others() throws Exception {
        Tally tally = new Tally(Set.of(Template.API_ACTIVITY), MANY);
        for (int i = 0; i < 150; i++) {
            tally.count(PLACE, NOON, get("a", "ip-%03d".formatted(i), ""));
        }
        tally.count(PLACE, NOON, get("a", "ip-149", ""));

        JsonNode addresses = detail(records(tally, NOON).getFirst(), "sourceIpAddress");

        assertThat(addresses).hasSize(Tally.STATISTICS_MAX);
        assertThat(addresses.path(0).path("name").asText()).isEqualTo("ip-149");
        assertThat(addresses.path(99).path("name").asText()).isEqualTo(Tally.OTHER);
        assertThat(addresses.path(99).path("value").asLong()).isEqualTo(51);
        assertThat(sum(addresses)).isEqualTo(151);
    }

    @Test
    void what_it_holds_is_bounded_and_sums_stay_right() throws Exception {
        int max = 60;
        Tally tally = new Tally(EnumSet.allOf(Template.class), max);
        for (int i = 0; i < 2_000; i++) {
            String json =
                    new String(get("bucket-" + i, "ip-" + i, ""), UTF_8)
                            .replace("s3.amazonaws.com", "source-" + i + ".amazonaws.com")
                            .replace("GetObject", "Get" + i);
            tally.count(PLACE, NOON, json.getBytes(UTF_8));
        }

        assertThat(tally.full()).isTrue();
        List<JsonNode> records = records(tally, NOON);
        assertThat(records).hasSizeLessThan(3 * max);
        for (Template template : Template.values()) {
            String dimension = template.primary().wireName();
            long events = 0;
            for (JsonNode record : records) {
                JsonNode primary = record.path("summary").path("primaryDimension");
                if (primary.path("dimension").asText().equals(dimension)) {
                    events += sum(primary.path("statistics"));
                }
            }
            assertThat(events).as(dimension).isEqualTo(2_000);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {'resources':[{'type':'AWS::S3::Object','ARN':'arn:aws:s3:::b/k'},{'ARN':'arn:aws:s3:::b'}]} | arn:aws:s3:::b
                    {'resources':[{'ARNPrefix':'arn:aws:s3:::b/'},{'ARN':'arn:aws:s3:::c'}]} | arn:aws:s3:::c
                    {'resources':[{'ARNPrefix':'arn:aws:s3:::b/'}]} | arn:aws:s3:::b
                    {'resources':[{'ARN':'arn:aws:s3:us-east-1:1:accesspoint/a'}]} | arn:aws:s3:us-east-1:1:accesspoint/a
                    {'resources':[{'ARN':'arn:aws:dynamodb:us-east-1:1:table/t'}]} | arn:aws:dynamodb:us-east-1:1:table/t
                    {'eventName':'GetObject'} | unknown
                    """)
    void a_resource_is_a_bucket_or_what_the_record_names_first(String json, String arn) {
        assertThat(traits(json).names()).containsEntry(Dimension.RESOURCE_ARN, arn);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {'userIdentity':{'type':'AWSAccount','accountId':'111111111111'}} | AWSAccount:111111111111
                    {'userIdentity':{'type':'AWSService','invokedBy':'s3.amazonaws.com'}} | AWSService:s3.amazonaws.com
                    {'userIdentity':{'type':'Unknown'}} | Unknown
                    {} | unknown
                    """)
    void a_caller_is_its_kind_and_its_account(String json, String caller) {
        assertThat(traits(json).names()).containsEntry(Dimension.USER_IDENTITY, caller);
    }

    @Test
    void long_values_are_cut() {
        assertThat(traits("{'userAgent':'%s'}".formatted("x".repeat(10_000))).names())
                .containsEntry(Dimension.USER_AGENT, "x".repeat(Traits.NAME_CHARS_MAX));
    }

    private static Traits traits(String json) {
        return Traits.of(json.replace('\'', '"').getBytes(UTF_8));
    }

    private static byte[] get(String bucket, String address, String error) {
        return """
        {"eventVersion":"1.11","userIdentity":{"type":"IAMUser",\
        "accountId":"123456789012"},"eventSource":"s3.amazonaws.com",\
        "eventName":"GetObject","sourceIPAddress":"%s","errorCode":"%s",\
        "resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::%s/key"}]}\
        """
                .formatted(address, error, bucket)
                .getBytes(UTF_8);
    }

    private static List<JsonNode> records(Tally tally, Instant lateUntil) throws Exception {
        List<JsonNode> records = new ArrayList<>();
        for (Tally.Aggregate aggregate : tally.aggregates(lateUntil, "")) {
            records.add(JSON.readTree(aggregate.json()));
        }
        return records;
    }

    private static JsonNode detail(JsonNode record, String dimension) {
        for (JsonNode detail : record.path("summary").path("details")) {
            if (detail.path("dimension").asText().equals(dimension)) {
                return detail.path("statistics");
            }
        }
        throw new AssertionError("expected " + dimension + " in " + record);
    }

    private static long sum(JsonNode statistics) {
        long sum = 0;
        for (JsonNode statistic : statistics) {
            sum += statistic.path("value").asLong();
        }
        return sum;
    }
}
