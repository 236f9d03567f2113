package dev.cairn.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.testkit.archive.Radosgw;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/// The buckets of a server move to an S3 that is not Cairn's, Ceph's gateway, with what is large
/// and what is cold, and the chain of digests goes on there.
final class ArchiveMoveTest {
    private static final Duration MAX = Duration.ofMinutes(2);

    /// More than goes to an S3 at once.
    private static final byte[] LARGE = "0123456789abcdef".repeat(2 << 20).getBytes(UTF_8);

    @Test
    @Tag("long")
    void a_chain_of_digests_goes_on_where_its_bucket_has_moved_to(@TempDir Path cold)
            throws Exception {
        try (var radosgw =
                        Radosgw.assume(
                                LiveServer.ROOT.accessKeyId(), LiveServer.ROOT.secretAccessKey());
                var server =
                        LiveServer.start(
                                "archive.cold=" + cold,
                                "archive.lifecycle-interval=1s",
                                "trail.delivery-interval=1s",
                                "trail.digest-interval=1s",
                                "trail.bucket-policy-check=own-account")) {
            var made = server.cairn("trail", "create", "main").exited(0);
            var bucket = made.out().replaceAll("(?s).*s3://([^/]+)/.*", "$1");
            Await.until(
                    Await.Bound.of("a chain of digests", MAX),
                    () -> digests(server.endpoint(), bucket) >= 2);
            try (var client = JavaSdkS3Test.client(server.endpoint()).build()) {
                ColdStorageTest.putAged(client);
                client.putObject(
                        ask -> ask.bucket("aged").key("large"), RequestBody.fromBytes(LARGE));
                ColdStorageTest.awaitMoved(client);
            }
            Files.writeString(
                    server.data().resolve("cairn.properties"),
                    """
                    # kept as it is
                    archive.cold=%s
                    archive.kind = built-in
                    archive.s3.endpoint=https://s3.invalid
                    archive.s3.access-key=%s
                    archive.s3.secret-key=%s
                    archive.s3.checksums=false
                    """
                            .formatted(
                                    cold,
                                    LiveServer.ROOT.accessKeyId(),
                                    LiveServer.ROOT.secretAccessKey()));
            var to = radosgw.endpoint().toString();
            assertThat(server.cairn("move", "archive", "--to", to).exited(1).err())
                    .contains("in use");
            server.stop();

            assertThat(server.cairn("move", "archive", "--to", "s3://logs").exited(1).err())
                    .contains("buckets keep their names");
            var missing = server.cairn("move", "archive", "--to", to).exited(1);
            assertThat(missing.err()).contains("NoSuchBucket");
            var settings = server.data().resolve("cairn.properties");
            assertThat(settings).content().contains("archive.kind = built-in");

            try (var client = JavaSdkS3Test.client(radosgw.endpoint()).build()) {
                client.createBucket(ask -> ask.bucket(bucket));
                client.createBucket(ask -> ask.bucket("aged"));
            }
            var first = moved(server, to);
            assertThat(first.path("copied").asInt())
                    .isPositive()
                    .isEqualTo(first.path("objects").asInt());
            var again = server.cairn("move", "archive", "--json", "--set", "archive.cold=" + cold);
            assertThat(Wire.JSON.readTree(again.exited(0).out()).path("copied").asInt()).isZero();
            try (var client = JavaSdkS3Test.client(radosgw.endpoint()).build()) {
                assertThat(object(client, "logs/a b"))
                        .asString(UTF_8)
                        .isEqualTo(ColdStorageTest.TEXT);
                assertThat(Arrays.equals(object(client, "large"), LARGE)).isTrue();
            }
            assertThat(settings)
                    .content()
                    .contains(
                            "# kept as it is",
                            "# archive.cold=" + cold,
                            "archive.s3.checksums=false",
                            "archive.kind=s3",
                            "archive.s3.endpoint=" + to)
                    .doesNotContain("built-in", "s3.invalid");

            var before = digests(radosgw.endpoint(), bucket);
            server.restart("archive.cold=");
            Await.until(
                    Await.Bound.of("another digest there", MAX),
                    () -> digests(radosgw.endpoint(), bucket) > before);
            var proof =
                    server.cairnAs(
                                    LiveServer.ROOT,
                                    "verify",
                                    "s3://" + bucket,
                                    "--s3-endpoint",
                                    radosgw.endpoint().toString(),
                                    "--since",
                                    "1d",
                                    "--json")
                            .exited(0);
            assertThat(Wire.JSON.readTree(proof.out()).path("digests").asLong())
                    .isGreaterThan(before);
        }
    }

    private static byte[] object(S3Client client, String key) {
        return client.getObjectAsBytes(ask -> ask.bucket("aged").key(key)).asByteArray();
    }

    private static JsonNode moved(LiveServer server, String to) throws Exception {
        return Wire.JSON.readTree(
                server.cairn("move", "archive", "--to", to, "--json").exited(0).out());
    }

    private static long digests(URI s3, String bucket) {
        try (var client = JavaSdkS3Test.client(s3).build()) {
            return client.listObjectsV2Paginator(ask -> ask.bucket(bucket)).contents().stream()
                    .filter(object -> object.key().contains("/CloudTrail-Digest/"))
                    .count();
        }
    }
}
