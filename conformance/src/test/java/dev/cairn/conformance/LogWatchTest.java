package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.StateValue;
import software.amazon.awssdk.services.cloudwatch.model.Statistic;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/// Who reads a trail's logs, or tries to change them, is known by `cairn who-read`, and told by the
/// watch that the guide has ready, as the AWS CLI set it up.
@Tag("long")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class LogWatchTest {
    private static final Path PROGRAM = Path.of("/usr/bin/aws");
    private static final Path GUIDE = Path.of("..", "docs", "guide", "alerting.md");
    private static final String BUCKET = "audit-logs";
    private static final Duration MAX = Duration.ofSeconds(60);
    private static final List<String> ACTS =
            List.of("GetObject", "ListObjects", "CopyObject", "PutBucketPolicy", "DeleteObject");

    /// What mallory may not do, whatever the key allows.
    private static final String POLICY =
            """
            {"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:Delete*",
            "Principal":{"AWS":"arn:aws:iam::123456789012:user/mallory"},"Resource":"arn:aws:s3:::audit-logs/*"}]}\
            """;

    private LiveServer server;
    private Instant start;

    @BeforeAll
    void mallory_does_everything_that_is_watched() throws Exception {
        if (!Files.isExecutable(PROGRAM)) {
            throw Clients.absent("expected the AWS CLI at " + PROGRAM + ": apt-get install awscli");
        }
        server =
                LiveServer.start(
                        "trail.bucket-policy-check=own-account", "trail.delivery-interval=1s");
        start = Instant.now();
        try (var root =
                JavaSdk.root(server.endpoint(), S3Client.builder()).forcePathStyle(true).build()) {
            root.createBucket(make -> make.bucket(BUCKET));
            root.putBucketPolicy(put -> put.bucket(BUCKET).policy(POLICY));
            root.createBucket(make -> make.bucket("of-mallory"));
            server.cairn("trail", "create", "main", "--bucket", BUCKET).exited(0);
            var file =
                    Await.value(
                                    Await.Bound.of("a log file", MAX),
                                    () ->
                                            root.listObjectsV2(list -> list.bucket(BUCKET))
                                                    .contents(),
                                    files -> !files.isEmpty())
                            .getFirst();
            asTheGuideHasIt();
            try (var auditor = user("auditor", "read")) {
                auditor.getObjectAsBytes(get -> get.bucket(BUCKET).key(file.key()));
            }
            try (var mallory = user("mallory", "operate")) {
                act(mallory, file);
            }
        }
    }

    private static void act(S3Client mallory, S3Object file) {
        mallory.getObjectAsBytes(get -> get.bucket(BUCKET).key(file.key()));
        mallory.listObjects(list -> list.bucket(BUCKET).prefix("AWSLogs/"));
        mallory.copyObject(copy ->
                copy.sourceBucket(BUCKET)
                        .sourceKey(file.key())
                        .destinationBucket("of-mallory")
                        .destinationKey("taken"));
        mallory.putBucketPolicy(put -> put.bucket(BUCKET).policy(POLICY));
        assertThatThrownBy(() -> mallory.deleteObject(it -> it.bucket(BUCKET).key(file.key())))
                .isInstanceOfSatisfying(
                        S3Exception.class,
                        refused -> assertThat(refused.statusCode()).isEqualTo(403));
    }

    @AfterAll
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    private S3Client user(String name, String allow) throws Exception {
        var made =
                Wire.JSON.readTree(
                        server.cairn("key", "create", "--user", name, "--allow", allow, "--json")
                                .exited(0)
                                .out());
        return JavaSdk.as(
                        new LiveServer.Credentials(
                                made.at("/key/accessKeyId").asText(),
                                made.path("secretAccessKey").asText()),
                        server.endpoint(),
                        S3Client.builder())
                .forcePathStyle(true)
                .build();
    }

    /// Runs what stands in the guide, word for word. Debian's CLI has to be told of the server by
    /// an option.
    private void asTheGuideHasIt() throws Exception {
        var guide = Files.readString(GUIDE);
        var chapter = guide.substring(guide.indexOf("\n### A watch over the logs\n"));
        var commands = chapter.split("\n```\n", 3)[1];
        var environment = new HashMap<>(server.environment(LiveServer.ROOT));
        environment.put("AWS_EC2_METADATA_DISABLED", "true");
        environment.put("AWS_MAX_ATTEMPTS", "1");
        environment.put("AWS_PAGER", "");
        Command.run(
                        server.home(),
                        environment,
                        List.of(
                                "bash",
                                "-euc",
                                "aws() { %s --endpoint-url %s \"$@\"; }\n%s"
                                        .formatted(PROGRAM, server.endpoint(), commands)))
                .exited(0);
    }

    private List<String> whoRead(String place, String... more) throws Exception {
        var words = new ArrayList<>(List.of("who-read", place, "--json"));
        words.addAll(List.of(more));
        var found = server.cairn(words.toArray(String[]::new)).exited(0).out();
        var calls = new ArrayList<String>();
        for (var event : Wire.JSON.readTree(found).path("events")) {
            var record = Wire.JSON.readTree(event.path("record").asText());
            calls.add(
                    "%s %s %s"
                            .formatted(
                                    record.at("/userIdentity/userName").asText("root"),
                                    record.path("eventName").asText(),
                                    record.path("errorCode").asText("-")));
        }
        return calls;
    }

    @Test
    void who_read_tells_of_everyone_but_those_who_are_expected() throws Exception {
        var mallorys =
                Await.value(
                        Await.Bound.of("mallory's calls in history", MAX),
                        () ->
                                whoRead("s3://" + BUCKET).stream()
                                        .filter(call -> call.startsWith("mallory "))
                                        .toList(),
                        calls -> calls.size() >= ACTS.size());
        assertThat(mallorys)
                .containsExactlyInAnyOrder(
                        "mallory DeleteObject AccessDenied",
                        "mallory PutBucketPolicy -",
                        "mallory CopyObject -",
                        "mallory ListObjects -",
                        "mallory GetObject -");
        assertThat(whoRead("s3://" + BUCKET)).contains("auditor GetObject -");
        assertThat(whoRead("s3://" + BUCKET, "--except", "arn:aws:iam::*:user/auditor"))
                .containsAll(mallorys)
                .noneMatch(call -> call.startsWith("auditor "));
        assertThat(whoRead("s3://" + BUCKET, "--except", "*:user/mallory", "--except", "*:root"))
                .containsExactly("auditor GetObject -");
        assertThat(whoRead("s3://" + BUCKET + "/elsewhere/"))
                .filteredOn(call -> call.startsWith("mallory "))
                .as("calls on the bucket as a whole")
                .containsExactlyInAnyOrder("mallory PutBucketPolicy -", "mallory ListObjects -");
    }

    @Test
    void the_guide_s_watch_tells_of_each_act_of_who_is_not_expected() throws Exception {
        try (var metrics = JavaSdk.root(server.endpoint(), CloudWatchClient.builder()).build()) {
            Await.until(
                    Await.Bound.of("the alarm", MAX),
                    () ->
                            metrics
                                    .describeAlarms(ask -> ask.alarmNames("log-readers"))
                                    .metricAlarms()
                                    .stream()
                                    .anyMatch(it -> it.stateValue() == StateValue.ALARM));
            Await.until(
                    Await.Bound.of("mallory's acts, and no others", MAX),
                    () ->
                            metrics
                                            .getMetricStatistics(ask ->
                                                    ask.namespace("Security")
                                                            .metricName("LogReaders")
                                                            .statistics(Statistic.SUM)
                                                            .period(3600)
                                                            .startTime(start.minusSeconds(3600))
                                                            .endTime(start.plusSeconds(3600)))
                                            .datapoints()
                                            .stream()
                                            .mapToDouble(point -> point.sum())
                                            .sum()
                                    == ACTS.size());
        }
    }
}
