package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/// `cairn trail`, `cairn usage` and `cairn doctor trail` as people type them, in the order in which
/// they come to need them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class TrailCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Await.Bound DELIVERED =
            Await.Bound.of("events delivered", Duration.ofSeconds(60));
    private static final Await.Bound REFUSED =
            Await.Bound.of("a delivery that was refused", Duration.ofSeconds(60));

    private LiveServer server;
    private S3Client buckets;
    private String bucket = "";

    @BeforeAll
    void start() throws Exception {
        server = LiveServer.start("trail.delivery-interval=1s", "trail.digest-interval=5s");
        buckets = JavaSdk.root(server.endpoint(), S3Client.builder()).forcePathStyle(true).build();
    }

    @AfterAll
    void stop() {
        buckets.close();
        server.close();
    }

    private JsonNode json(int exit, String... arguments) throws Exception {
        var words = new java.util.ArrayList<>(List.of(arguments));
        words.add("--json");
        return JSON.readTree(server.cairn(words.toArray(String[]::new)).exited(exit).out());
    }

    private JsonNode reader() throws Exception {
        for (var reader : json(0, "status").path("readers")) {
            if (reader.path("name").asText().endsWith("trail/main")) {
                return reader;
            }
        }
        throw new AssertionError("expected the trail among the readers");
    }

    private long usage(String kind) throws Exception {
        long events = 0;
        for (var trail : json(0, "usage")) {
            for (var each : trail.path("kinds")) {
                events +=
                        each.path("kind").asText().equals(kind) ? each.path("events").asLong() : 0;
            }
        }
        return events;
    }

    private void record(int from) throws Exception {
        var batch = new java.util.ArrayList<Sample>();
        for (var number = from; number < from + 10; number++) {
            batch.add(Sample.now(LiveServer.ACCOUNT, number));
        }
        try (var wire = new Wire(server.endpoint())) {
            assertThat(wire.intake(LiveServer.ROOT, Sample.batch(batch)).status()).isEqualTo(200);
        }
    }

    @Test
    @Order(1)
    void create_makes_a_bucket_and_a_trail_that_logs_and_says_what_to_type_next() throws Exception {
        var made = server.cairn("trail", "create", "main").exited(0);
        assertThat(made.out())
                .contains("trail main takes management events of all regions", "s3://");
        bucket = made.out().replaceAll("(?s).*s3://([^/]+)/.*", "$1");
        assertThat(bucket).startsWith("aws-cloudtrail-logs-" + LiveServer.ACCOUNT + "-");
        assertThat(made.err()).contains("next: cairn trail status main").doesNotContain("note:");
        var shown = json(0, "trail", "show", "main");
        assertThat(shown.path("IsMultiRegionTrail").asBoolean()).isTrue();
        assertThat(shown.path("LogFileValidationEnabled").asBoolean()).isTrue();
        assertThat(shown.path("Status").path("IsLogging").asBoolean()).isTrue();
        assertThat(shown.path("S3BucketName").asText()).isEqualTo(bucket);
    }

    @Test
    @Order(2)
    void a_name_that_is_taken_leaves_no_bucket_behind() throws Exception {
        var before = buckets.listBuckets().buckets().size();
        assertThat(server.cairn("trail", "create", "main").exited(1).err()).contains("already");
        assertThat(server.cairn("trail", "create", "x").exited(1).err())
                .contains("InvalidTrailNameException");
        assertThat(buckets.listBuckets().buckets()).hasSize(before);
    }

    @Test
    @Order(3)
    void what_is_delivered_is_counted_by_trail_and_kind_and_the_sum_is_even() throws Exception {
        record(0);
        Await.until(DELIVERED, () -> usage("management") >= 10);
        Await.until(DELIVERED, () -> reader().path("delivered").asLong() >= 10);
        var reader = reader();
        assertThat(reader.path("balanced").asBoolean()).isTrue();
        assertThat(reader.path("recorded").asLong())
                .isEqualTo(
                        reader.path("delivered").asLong()
                                + reader.path("filtered").asLong()
                                + reader.path("setAside").asLong()
                                + reader.path("pending").asLong());
        assertThat(server.cairn("usage", "--by-day").exited(0).lines().getFirst())
                .containsSubsequence("DAY", "TRAIL", "KIND", "EVENTS", "BYTES", "FILES");
        assertThat(server.cairn("usage", "--trail", "other").exited(0).err())
                .contains("nothing was delivered");
        assertThat(server.cairn("status").exited(0).out())
                .contains("main (us-east-1, 123456789012)");
    }

    @Test
    @Order(4)
    void list_and_status_show_it() throws Exception {
        var lines = server.cairn("trail", "list").exited(0).lines();
        assertThat(lines.getFirst()).containsSubsequence("TRAIL", "HOME", "BUCKET", "LOGGING");
        assertThat(lines.get(1)).containsSubsequence("main", "us-east-1", bucket, "on");
        assertThat(server.cairn("trail", "status", "main").exited(0).out())
                .contains("on since", "recorded =", "even");
        assertThat(server.cairn("trail", "status", "other").exited(1).err())
                .contains("there is no trail other");
    }

    @Test
    @Order(5)
    void a_second_trail_into_the_same_bucket_is_pointed_out() throws Exception {
        assertThat(server.cairn("trail", "create", "second", "--bucket", bucket).exited(1).err())
                .contains("InsufficientS3BucketPolicyException", "AWSCloudTrailAclCheck");
        var policy = JSON.readTree(buckets.getBucketPolicy(b -> b.bucket(bucket)).policy());
        buckets.putBucketPolicy(b ->
                b.bucket(bucket)
                        .policy(
                                policy.toString()
                                        .replace(":trail/main\"", ":trail/*\"")
                                        .replace("StringEquals", "StringLike")));
        var made = server.cairn("trail", "create", "second", "--bucket", bucket).exited(0);
        assertThat(made.err()).contains("note: The trails", "same events");
        assertThat(server.log()).contains("same events");
        assertThat(server.cairn("doctor", "trail", "main").exited(0).out())
                .contains("warn  duplicates");
        server.cairn("trail", "delete", "second").exited(0);
        assertThat(server.cairn("doctor", "trail", "main").exited(0).out())
                .doesNotContain("duplicates");
    }

    @Test
    @Order(6)
    void doctor_prints_the_policy_that_mends_a_bucket_that_refuses() throws Exception {
        buckets.deleteBucketPolicy(b -> b.bucket(bucket));
        record(100);
        Await.until(
                REFUSED,
                () ->
                        server.cairn("trail", "status", "main")
                                .out()
                                .contains("the last try failed: AccessDenied"));
        server.cairn("trail", "status", "main").exited(1);
        server.cairn("status").exited(1);
        assertThat(server.cairn("doctor", "trail", "main").exited(1).out())
                .contains("fail  bucket", "cairn doctor trail main --policy > policy.json");
        var policy = server.cairn("doctor", "trail", "main", "--policy").exited(0).out();
        buckets.putBucketPolicy(b -> b.bucket(bucket).policy(policy));
        Await.until(DELIVERED, () -> usage("management") >= 20);
        Await.until(
                DELIVERED,
                () ->
                        server.cairn("trail", "status", "main").out().contains("even")
                                && server.cairn("status").exit() == 0);
        assertThat(server.cairn("doctor", "trail", "main", "--policy").exited(1).err())
                .contains("no policy to put");
    }

    @Test
    @Order(7)
    void doctor_says_whether_everyone_is_let_into_the_bucket() throws Exception {
        assertThat(server.cairn("doctor", "bucket", bucket).exited(0).out())
                .contains("public access blocked");
        var policy = buckets.getBucketPolicy(b -> b.bucket(bucket)).policy();
        var open =
                policy.replaceFirst(
                        "\\[",
                        "[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:ListBucket\",\"Resource\":\"arn:aws:s3:::%s\"},"
                                .formatted(bucket));
        buckets.deletePublicAccessBlock(b -> b.bucket(bucket));
        buckets.putBucketPolicy(b -> b.bucket(bucket).policy(open));

        assertThat(server.cairn("doctor", "bucket", bucket).exited(1).out())
                .contains("public access NOT BLOCKED: aws s3api", "LETS EVERYONE IN: aws s3api");
        assertThat(json(1, "doctor", "bucket", bucket).path("public").asBoolean()).isTrue();
        assertThat(server.cairn("doctor", "bucket", bucket, "--policy").exited(0).out())
                .doesNotContain("public");

        buckets.putBucketPolicy(b -> b.bucket(bucket).policy(policy));
        buckets.putPublicAccessBlock(b ->
                b.bucket(bucket).publicAccessBlockConfiguration(c -> c.blockPublicPolicy(true)));
        assertThat(server.cairn("doctor", "bucket", bucket).exited(0).out())
                .contains("public access blocked");
    }

    @Test
    @Order(8)
    void what_is_taken_from_the_bucket_or_changed_by_hand_makes_the_recount_uneven()
            throws Exception {
        var before = recount(0);
        assertThat(before.path("records").asLong())
                .isEqualTo(before.path("expected").asLong())
                .isGreaterThanOrEqualTo(20);
        assertThat(server.cairn("status", "--verify").exited(0).out())
                .containsSubsequence("COUNTED AGAIN", "main (us-east-1, 123456789012)", "even");
        var key =
                buckets.listObjectsV2Paginator(list -> list.bucket(bucket)).contents().stream()
                        .map(S3Object::key)
                        .filter(name -> name.contains("/CloudTrail/"))
                        .findFirst()
                        .orElseThrow();
        var file = buckets.getObjectAsBytes(get -> get.bucket(bucket).key(key)).asByteArray();

        buckets.deleteObject(delete -> delete.bucket(bucket).key(key));
        assertThat(server.cairn("status", "--verify").exited(1).out())
                .contains("NOT EVEN", "MISSING    s3://" + bucket + "/" + key);
        server.cairn("status").exited(0); // Which believes the books.

        put(key, withOneRecordMore(file));
        var changed = recount(1);
        assertThat(changed.path("findings").path(0).path("kind").asText()).isEqualTo("CHANGED");
        assertThat(changed.path("records").asLong()).isLessThan(changed.path("expected").asLong());

        put(key, file);
        assertThat(recount(0).path("even").asBoolean()).isTrue();
    }

    private static byte[] withOneRecordMore(byte[] file) throws Exception {
        try (var unpacked = new GZIPInputStream(new ByteArrayInputStream(file))) {
            var text = new String(unpacked.readAllBytes(), StandardCharsets.UTF_8);
            var packed = new ByteArrayOutputStream();
            try (var out = new GZIPOutputStream(packed)) {
                out.write(
                        text.replace("{\"Records\":[", "{\"Records\":[{},")
                                .getBytes(StandardCharsets.UTF_8));
            }
            return packed.toByteArray();
        }
    }

    private void put(String key, byte[] content) {
        buckets.putObject(put -> put.bucket(bucket).key(key), RequestBody.fromBytes(content));
    }

    private JsonNode recount(int exit) throws Exception {
        for (var one : json(exit, "status", "--verify").path("recounts")) {
            if (one.path("name").asText().endsWith("trail/main")) {
                return one;
            }
        }
        throw new AssertionError("expected the trail among the recounts");
    }

    @Test
    @Order(9)
    void stop_and_start_turn_logging_off_and_on_and_delete_ends_it() throws Exception {
        server.cairn("trail", "stop", "main").exited(0);
        assertThat(server.cairn("trail", "list").exited(0).lines().get(1)).contains("off");
        assertThat(server.cairn("doctor", "trail", "main").exited(0).out())
                .contains("warn  logging", "cairn trail start main");
        server.cairn("trail", "start", "main").exited(0);
        server.cairn("trail", "delete", "main").exited(0);
        assertThat(json(0, "trail", "list")).isEmpty();
        assertThat(usage("management")).isGreaterThanOrEqualTo(20);
    }
}
