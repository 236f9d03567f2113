package dev.cairn.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.ExpirationStatus;
import software.amazon.awssdk.services.s3.model.InvalidObjectStateException;
import software.amazon.awssdk.services.s3.model.LifecycleRule;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.StorageClass;
import software.amazon.awssdk.services.s3.model.Transition;
import software.amazon.awssdk.services.s3.model.TransitionStorageClass;

/// An object moves to the colder place by a rule, and comes back by the command, as seen by a stock
/// SDK.
final class ColdStorageTest {
    private static final Await.Bound MOVED =
            Await.Bound.of("an object in the colder place", Duration.ofSeconds(60));
    private static final String TEXT = "what a trail delivered ".repeat(10_000);

    @Test
    void what_moved_to_the_colder_place_is_read_after_cairn_restore(@TempDir Path folder)
            throws Exception {
        try (var server =
                        LiveServer.start(
                                "archive.cold=" + folder, "archive.lifecycle-interval=1s");
                var client = JavaSdkS3Test.client(server.endpoint()).build()) {
            client.createBucket(ask -> ask.bucket("aged"));
            client.putObject(
                    ask -> ask.bucket("aged").key("logs/a b"), RequestBody.fromString(TEXT));
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
            Await.until(
                    MOVED,
                    () ->
                            client.headObject(ask -> ask.bucket("aged").key("logs/a b"))
                                            .storageClass()
                                    == StorageClass.DEEP_ARCHIVE);
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
}
