package dev.cairn.testkit.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.aggregation.Template;
import dev.cairn.archive.ArchiveException;
import dev.cairn.catalog.Catalog;
import dev.cairn.delivery.TrailDelivery;
import dev.cairn.delivery.TrailDelivery.Step;
import dev.cairn.event.Place;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.selector.Selectors;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.delivery.SimulatedArchive.Stored;
import dev.cairn.trail.Trail;
import dev.cairn.trail.Trails;
import java.io.ByteArrayInputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/// When the data events of a trail are summed up, and into which records.
class AggregationTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ACCOUNT = "123456789012";
    private static final Set<Template> EVERY = Set.of(Template.values());
    private static final int STEPS_MAX = 1_000;
    private static final Trail TRAIL =
            new Trail(ACCOUNT, "main", "us-east-1", "logs", "", null, true, false, true, true);

    private final MemoryCatalog catalog = new MemoryCatalog();
    private final ListLedger ledger = new ListLedger(1);
    private final Trails trails = new Trails(catalog, ledger, 5);
    private boolean refuses;
    private final SimulatedArchive archive =
            new SimulatedArchive(() ->
                    new Faults() {
                        @Override
                        public void beforePut(String bucket) throws ArchiveException {
                            if (refuses) {
                                throw new ArchiveException(
                                        ArchiveException.Kind.DENIED, "AccessDenied", "no");
                            }
                        }
                    });
    private final String id;
    private final TrailDelivery delivery;
    private int recorded;

    AggregationTest() throws Exception {
        change(tx -> {
            trails.create(tx, TRAIL, Map.of(), at("08:00:00"));
            trails.select(
                    tx,
                    TRAIL,
                    Selectors.read(
                            """
                            {"AdvancedEventSelectors":[
                             {"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},
                              {"Field":"resources.type","Equals":["AWS::S3::Object"]}]},
                             {"FieldSelectors":[
                              {"Field":"eventCategory","Equals":["Management"]}]}]}
                            """),
                    at("08:00:00"));
            trails.aggregate(tx, TRAIL, Set.of(Template.API_ACTIVITY), at("08:00:00"));
            trails.log(tx, TRAIL, true, at("08:00:00"));
        });
        id = trails.current().courses().getFirst().id();
        delivery = FirstTrail.delivery(ledger, catalog, archive, trails);
    }

    @Test
    void a_window_is_told_of_a_minute_after_its_end_beside_the_events_themselves()
            throws Exception {
        record("08:00:00", "GetObject");
        record("08:04:59", "GetObject");
        record("08:05:00", "GetObject");
        ledger.append(entry("management", management()), at("08:04:00"));

        steps("08:05:59");
        assertThat(told()).isEmpty();
        assertThat(files("/CloudTrail/")).hasSize(1);
        steps("08:06:00");
        assertThat(told()).containsExactly("08:00 GetObject 2");
        steps("08:10:59");
        assertThat(told()).hasSize(1);
        steps("08:11:00");
        assertThat(told()).containsExactly("08:00 GetObject 2", "08:05 GetObject 1");
        steps("09:00:00");
        assertThat(told()).hasSize(2);
        assertThat(TrailDelivery.state(catalog, id).orElseThrow().delivered()).isEqualTo(4);
    }

    @Test
    void what_comes_late_is_told_of_in_a_record_that_says_so() throws Exception {
        record("08:01:00", "GetObject");
        steps("08:06:00");
        record("08:02:00", "GetObject");
        record("08:07:00", "GetObject");

        steps("08:11:00");

        assertThat(told())
                .containsExactly(
                        "08:00 GetObject 1", "08:00 GetObject 1 late", "08:05 GetObject 1");
    }

    @Test
    void a_change_of_the_trail_ends_what_is_open() throws Exception {
        record("08:01:00", "GetObject");
        change(tx -> trails.aggregate(tx, TRAIL, Set.of(Template.RESOURCE_ACCESS), at("08:02:00")));
        record("08:02:30", "GetObject");

        steps("08:03:00");
        assertThat(told()).containsExactly("08:00 GetObject 1");
        change(tx -> trails.aggregate(tx, TRAIL, Set.of(), at("08:04:00")));
        record("08:04:30", "GetObject");
        steps("08:30:00");

        // Of a window that was told of before.
        assertThat(told()).containsExactly("08:00 GetObject 1", "08:00 arn:aws:s3:::bucket 1 late");
    }

    @Test
    void what_waits_for_its_window_to_end_is_kept_in_the_ledger() throws Exception {
        ledger.append(entry("management", management()), at("08:00:30"));
        record("08:01:00", "GetObject");
        record("08:05:00", "GetObject");

        steps("08:05:00");
        assertThat(lowest()).isEqualTo(1);
        steps("08:06:00");
        assertThat(lowest()).isEqualTo(2);
        record("08:07:00", "GetObject");
        refuses = true;
        steps("08:11:00");
        assertThat(lowest()).isEqualTo(2);
        refuses = false;
        steps("08:12:00");
        assertThat(lowest()).isEqualTo(4);
    }

    @Test
    void a_time_further_ahead_than_clocks_may_differ_is_not_waited_for() throws Exception {
        ledger.append(
                entry("ahead", data("2030-01-01T00:00:00Z", "GetObject", "x")), at("08:01:00"));

        steps("08:21:00");

        assertThat(told()).containsExactly("00:00 GetObject 1");
        assertThat(lowest()).isEqualTo(1);
    }

    @Test
    void more_than_a_round_can_hold_is_told_of_by_several() throws Exception {
        change(tx -> trails.aggregate(tx, TRAIL, EVERY, at("08:00:00")));
        int events = 18_000; // Each of an address of its own, in three templates.
        for (int i = 0; i < events; i++) {
            String time = "2026-11-21T08:0%d:00Z".formatted(i % 5);
            ledger.append(entry("event-" + i, data(time, "GetObject", "ip-" + i)), at("08:04:30"));
        }

        steps("08:06:00");

        assertThat(files("/CloudTrail-Aggregated/")).hasSizeGreaterThan(1);
        assertThat(events()).isEqualTo(3L * events);
    }

    @Test
    void more_than_a_round_can_hold_of_what_waited_is_told_of_under_another_name()
            throws Exception {
        change(tx -> trails.aggregate(tx, TRAIL, EVERY, at("08:00:00")));
        int events = 10_000; // Each of a name of its own, with its details, in three templates.
        for (int i = 0; i < events; i++) {
            ledger.append(
                    entry("event-" + i, data("2026-11-21T08:07:00Z", "Get" + i, "ip")),
                    at("08:07:00"));
        }
        record("08:01:00", "GetObject");
        steps("08:08:00");
        assertThat(events()).isEqualTo(3);

        steps("08:11:00");

        assertThat(events()).isEqualTo(3L * (events + 1));
        assertThat(told()).hasSizeLessThan(events).anyMatch(text -> text.contains("(other)"));
    }

    @Test
    void what_a_bucket_never_takes_is_set_aside_by_name() throws Exception {
        record("08:01:00", "GetObject");
        steps("08:02:00");
        refuses = true;
        steps("08:06:00");
        assertThat(delivery.step(at("08:06:01").plus(FirstTrail.PENDING_MAX), true))
                .isInstanceOf(Step.Refused.class);

        assertThat(TrailDelivery.setAside(catalog, id, 10))
                .singleElement()
                .satisfies(aside -> {
                    assertThat(aside.count()).isZero();
                    assertThat(aside.reason()).endsWith(": 1");
                });
        assertThat(TrailDelivery.state(catalog, id).orElseThrow().cut()).isNull();
    }

    private static Instant at(String time) {
        return Instant.parse("2026-11-21T%sZ".formatted(time));
    }

    private long lowest() throws Exception {
        return TrailDelivery.state(catalog, id).orElseThrow().lowest(0);
    }

    /// Such as `08:00 GetObject 2`, in order; what is late says so.
    private List<String> told() throws Exception {
        List<String> told = new ArrayList<>();
        for (JsonNode record : records()) {
            String window = record.path("timeWindow").path("windowStart").asText();
            JsonNode statistic =
                    record.path("summary").path("primaryDimension").path("statistics").path(0);
            String late = record.has("addendum") ? " late" : "";
            told.add(
                    window.substring(11, 16)
                            + ' '
                            + statistic.path("name").asText()
                            + ' '
                            + statistic.path("value").asLong()
                            + late);
        }
        return told.stream().sorted().toList();
    }

    private long events() throws Exception {
        long events = 0;
        for (JsonNode record : records()) {
            events +=
                    record.path("summary")
                            .path("primaryDimension")
                            .path("statistics")
                            .path(0)
                            .path("value")
                            .asLong();
        }
        return events;
    }

    private List<JsonNode> records() throws Exception {
        List<JsonNode> records = new ArrayList<>();
        for (JsonNode file : files("/CloudTrail-Aggregated/")) {
            file.path("Records").forEach(records::add);
        }
        return records;
    }

    private List<JsonNode> files(String folder) throws Exception {
        List<JsonNode> files = new ArrayList<>();
        for (Stored stored : archive.objects()) {
            if (stored.address().key().contains(folder)) {
                try (var in = new GZIPInputStream(new ByteArrayInputStream(stored.bytes()))) {
                    files.add(JSON.readTree(in));
                }
            }
        }
        return files;
    }

    private void steps(String time) throws Exception {
        for (int steps = 0; steps < STEPS_MAX; steps++) {
            if (!(delivery.step(at(time), true) instanceof Step.More)) {
                return;
            }
        }
        throw new AssertionError("expected it to come to rest");
    }

    private interface Change {
        void make(Catalog.Transaction tx) throws Exception;
    }

    private void change(Change change) throws Exception {
        catalog.<Boolean, Exception>write(tx -> {
            change.make(tx);
            return true;
        });
    }

    private void record(String time, String name) {
        ledger.append(
                entry("event-" + recorded++, data(at(time).toString(), name, "203.0.113.7")),
                at(time));
    }

    private static Entry entry(String eventId, String json) {
        return new Entry(
                new Place(ACCOUNT, "us-east-1"),
                eventId,
                Origin.INTAKE,
                json.replace("@", eventId).getBytes(UTF_8));
    }

    private static String data(String time, String name, String address) {
        return """
        {"eventVersion":"1.11","userIdentity":{"type":"IAMUser",\
        "accountId":"123456789012"},"eventTime":"%s",\
        "eventSource":"s3.amazonaws.com","eventName":"%s",\
        "awsRegion":"us-east-1","sourceIPAddress":"%s","eventID":"@",\
        "eventType":"AwsApiCall","managementEvent":false,"readOnly":true,\
        "resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::bucket/key"}],\
        "eventCategory":"Data","recipientAccountId":"123456789012"}\
        """
                .formatted(time, name, address);
    }

    private static String management() {
        return """
        {"eventVersion":"1.08","eventTime":"2026-11-21T08:00:30Z",\
        "eventSource":"ec2.amazonaws.com","eventName":"RunInstances",\
        "awsRegion":"us-east-1","eventID":"@","eventType":"AwsApiCall",\
        "managementEvent":true,"readOnly":false,"eventCategory":"Management",\
        "recipientAccountId":"123456789012"}\
        """;
    }
}
