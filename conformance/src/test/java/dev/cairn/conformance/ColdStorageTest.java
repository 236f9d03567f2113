package dev.cairn.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.testkit.archive.Radosgw;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ExpirationStatus;
import software.amazon.awssdk.services.s3.model.InvalidObjectStateException;
import software.amazon.awssdk.services.s3.model.LifecycleRule;
import software.amazon.awssdk.services.s3.model.ObjectStorageClass;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.StorageClass;
import software.amazon.awssdk.services.s3.model.Transition;
import software.amazon.awssdk.services.s3.model.TransitionDefaultMinimumObjectSize;
import software.amazon.awssdk.services.s3.model.TransitionStorageClass;

/// An object moves to the colder place by a rule, and comes back by the command, as seen by a stock
/// SDK.
final class ColdStorageTest {
    private static final Await.Bound MOVED =
            Await.Bound.of("an object in the colder place", Duration.ofSeconds(60));
    private static final Await.Bound AWAY =
            Await.Bound.of("a word on a place that is away", Duration.ofSeconds(60));
    static final String TEXT = "what a trail delivered ".repeat(10_000);

    @Test
    void what_moved_to_the_colder_place_is_read_after_cairn_restore(@TempDir Path folder)
            throws Exception {
        try (var server =
                        LiveServer.start(
                                "archive.cold=" + folder, "archive.lifecycle-interval=1s");
                var client = JavaSdkS3Test.client(server.endpoint()).build()) {
            putAged(client);
            awaitMoved(client);
            assertThat(Files.exists(folder.resolve("place"))).isTrue();
            assertThatThrownBy(() ->
                            client.getObjectAsBytes(ask -> ask.bucket("aged").key("logs/a b")))
                    .isInstanceOf(InvalidObjectStateException.class);

            var answer =
                    new ObjectMapper()
                            .readTree(
                                    server.cairn(
                                                    "restore",
                                                    "s3://aged",
                                                    "--since",
                                                    "1h",
                                                    "--days",
                                                    "2",
                                                    "--json")
                                            .exited(0)
                                            .out());

            assertThat(answer.path("asked").asInt()).isEqualTo(1);
            assertThat(answer.path("restored").asInt()).isEqualTo(1);
            assertThat(client.headObject(ask -> ask.bucket("aged").key("logs/a b")).restore())
                    .contains("ongoing-request=\"false\"", "expiry-date=");
            assertThat(
                            client.getObjectAsBytes(ask -> ask.bucket("aged").key("logs/a b"))
                                    .asString(UTF_8))
                    .isEqualTo(TEXT);
            assertThatThrownBy(() ->
                            client.restoreObject(ask ->
                                    ask.bucket("aged")
                                            .key("logs/none")
                                            .restoreRequest(it -> it.days(1))))
                    .isInstanceOfSatisfying(
                            S3Exception.class, e -> assertThat(e.statusCode()).isEqualTo(404));
            assertThat(server.cairn("restore", "s3://aged", "--until", "1h").exited(0).out())
                    .contains("0 objects");
        }
    }

    @Test
    @Tag("long")
    void a_bucket_of_another_s3_is_a_colder_place_and_its_copy_in_a_folder_as_well(
            @TempDir Path folder) throws Exception {
        try (var radosgw =
                        Radosgw.assume(
                                LiveServer.ROOT.accessKeyId(), LiveServer.ROOT.secretAccessKey());
                var there = JavaSdkS3Test.client(radosgw.endpoint()).build();
                var server = LiveServer.start("archive.lifecycle-interval=1s")) {
            server.stop();
            Files.writeString(
                    server.data().resolve("cairn.properties"),
                    """
                    archive.cold=s3://cold-logs/of/this
                    archive.s3.endpoint=%s
                    archive.s3.access-key=%s
                    archive.s3.secret-key=%s
                    archive.s3.checksums=false
                    """
                            .formatted(
                                    radosgw.endpoint(),
                                    LiveServer.ROOT.accessKeyId(),
                                    LiveServer.ROOT.secretAccessKey()));
            server.restart();
            try (var client = JavaSdkS3Test.client(server.endpoint()).build()) {
                putAged(client);
                Await.until(AWAY, () -> server.log().contains("the colder place is away"));
                assertThat(server.log()).contains("NoSuchBucket");
                there.createBucket(ask -> ask.bucket("cold-logs"));
                awaitMoved(client);
            }
            assertThat(keys(there)).hasSize(2).allMatch(key -> key.startsWith("of/this/"));

            // What is there is known after a kill, and stays there when it is backed up.
            server.kill();
            server.restart();
            restored(server);
            var key = Files.writeString(server.home().resolve("backup.key"), "5a".repeat(32));
            var place = server.home().resolve("backups").toString();
            var backup = server.cairn("backup", "--to", place, "--key", "file:" + key).exited(0);
            assertThat(backup.out()).contains("1 files of the colder place stay");
            server.stop();
            Files.move(server.data(), server.home().resolve("lost"));
            server.cairn("restore-backup", place, "--key", "file:" + key).exited(0);

            for (var name : keys(there)) {
                var file = folder.resolve(name.substring("of/this/".length()));
                Files.createDirectories(file.getParent());
                there.getObject(ask -> ask.bucket("cold-logs").key(name), file);
            }
            server.restart("archive.cold=" + folder);
            restored(server);
        }
    }

    @Test
    @Tag("long")
    void cold_log_files_are_proved_where_they_are(@TempDir Path folder) throws Exception {
        try (var server =
                        LiveServer.start(
                                "archive.cold=" + folder,
                                "archive.lifecycle-interval=1s",
                                "trail.delivery-interval=1s",
                                "trail.digest-interval=1s");
                var client = JavaSdkS3Test.client(server.endpoint()).build()) {
            var bucket =
                    server.cairn("trail", "create", "main")
                            .exited(0)
                            .out()
                            .replaceAll("(?s).*s3://([^/]+)/.*", "$1");
            try (var wire = new Wire(server.endpoint())) {
                var sample = Sample.now(LiveServer.ACCOUNT, 1);
                assertThat(wire.intake(LiveServer.ROOT, Sample.batch(List.of(sample))).status())
                        .isEqualTo(200);
            }
            Await.until(
                    Await.Bound.of("a log file", Duration.ofSeconds(60)),
                    () -> !logs(client, bucket).isEmpty());
            server.cairn("trail", "stop", "main").exited(0);
            var rule = cold("AWSLogs/%s/CloudTrail/".formatted(LiveServer.ACCOUNT));
            client.putBucketLifecycleConfiguration(ask ->
                    ask.bucket(bucket)
                            .transitionDefaultMinimumObjectSize(
                                    TransitionDefaultMinimumObjectSize.VARIES_BY_STORAGE_CLASS)
                            .lifecycleConfiguration(it -> it.rules(rule)));
            Await.until(MOVED, () -> allCold(client, bucket));
            var proved =
                    Await.value(
                            Await.Bound.of("every file in a digest", Duration.ofSeconds(60)),
                            () -> server.cairn("verify", "s3://" + bucket),
                            said -> said.exit() == 0 && said.out().contains(" 0 pending"));

            assertThat(proved.out()).doesNotContain(" 0 log files");
            Await.until(MOVED, () -> allCold(client, bucket)); // What came last, too.
            for (var log : logs(client, bucket)) {
                assertThat(client.headObject(ask -> ask.bucket(bucket).key(log.key())).restore())
                        .as("nothing was brought back")
                        .isNull();
            }

            var there = files(folder.resolve("objects"));
            assertThat(there).hasSameSizeAs(logs(client, bucket));
            for (var file : there) {
                var bytes = Files.readAllBytes(file);
                bytes[bytes.length / 2] ^= 0x10;
                Files.write(file, bytes);
            }
            // What is not as it was sealed there is not given out, so that nobody can judge it.
            var damaged = server.cairn("verify", "s3://" + bucket).exited(2).out();
            for (var log : logs(client, bucket)) {
                assertThat(damaged).containsPattern("unreadable +" + Pattern.quote(log.key()));
            }
        }
    }

    private static List<S3Object> logs(S3Client client, String bucket) {
        return client.listObjectsV2Paginator(list -> list.bucket(bucket)).contents().stream()
                .filter(object -> object.key().contains("/CloudTrail/"))
                .toList();
    }

    private static boolean allCold(S3Client client, String bucket) {
        return logs(client, bucket).stream()
                .allMatch(log -> log.storageClass() == ObjectStorageClass.DEEP_ARCHIVE);
    }

    private static List<Path> files(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private static List<String> keys(S3Client s3) {
        return s3.listObjectsV2(ask -> ask.bucket("cold-logs")).contents().stream()
                .map(S3Object::key)
                .toList();
    }

    /// Brings the object back, and reads it.
    private static void restored(LiveServer server) throws Exception {
        try (var client = JavaSdkS3Test.client(server.endpoint()).build()) {
            server.cairn("restore", "s3://aged", "--since", "1h").exited(0);
            assertThat(
                            client.getObjectAsBytes(ask -> ask.bucket("aged").key("logs/a b"))
                                    .asString(UTF_8))
                    .isEqualTo(TEXT);
        }
    }

    /// Waits until what [#putAged] put has moved.
    static void awaitMoved(S3Client client) throws Exception {
        Await.until(
                MOVED,
                () ->
                        client.headObject(ask -> ask.bucket("aged").key("logs/a b")).storageClass()
                                == StorageClass.DEEP_ARCHIVE);
    }

    /// Puts an object that a rule wants in the colder place.
    static void putAged(S3Client client) {
        client.createBucket(ask -> ask.bucket("aged"));
        client.putObject(ask -> ask.bucket("aged").key("logs/a b"), RequestBody.fromString(TEXT));
        var rule = cold("logs/");
        client.putBucketLifecycleConfiguration(
                ask -> ask.bucket("aged").lifecycleConfiguration(it -> it.rules(rule)));
    }

    /// A rule that wants everything below a prefix in the colder place.
    private static LifecycleRule cold(String prefix) {
        return LifecycleRule.builder()
                .status(ExpirationStatus.ENABLED)
                .filter(all -> all.prefix(prefix))
                .transitions(
                        Transition.builder()
                                .date(Instant.parse("2020-01-01T00:00:00Z"))
                                .storageClass(TransitionStorageClass.DEEP_ARCHIVE)
                                .build())
                .build();
    }
}
