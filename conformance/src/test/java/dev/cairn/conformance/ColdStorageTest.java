package dev.cairn.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.testkit.archive.Radosgw;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ExpirationStatus;
import software.amazon.awssdk.services.s3.model.InvalidObjectStateException;
import software.amazon.awssdk.services.s3.model.LifecycleRule;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.StorageClass;
import software.amazon.awssdk.services.s3.model.Transition;
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
        var cold =
                Transition.builder()
                        .date(Instant.parse("2020-01-01T00:00:00Z"))
                        .storageClass(TransitionStorageClass.DEEP_ARCHIVE)
                        .build();
        var rule =
                LifecycleRule.builder()
                        .status(ExpirationStatus.ENABLED)
                        .filter(all -> all.prefix("logs/"))
                        .transitions(cold)
                        .build();
        client.putBucketLifecycleConfiguration(
                ask -> ask.bucket("aged").lifecycleConfiguration(it -> it.rules(rule)));
    }
}
