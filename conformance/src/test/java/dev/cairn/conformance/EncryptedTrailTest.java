package dev.cairn.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.cloudtrail.CloudTrailClient;
import software.amazon.awssdk.services.cloudtrail.model.InsufficientEncryptionPolicyException;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;

/// A trail with a KMS key, by AWS's SDK, `cairn doctor bucket` and `cairn verify`: rotated, revoked
/// and given back while it delivers.
final class EncryptedTrailTest {
    private static final int EVENTS = 50;
    private static final String LOGS = "/CloudTrail/";
    private static final String DIGESTS = "/CloudTrail-Digest/";
    private static final Duration MAX = Duration.ofSeconds(90);

    private LiveServer server;
    private CloudTrailClient trails;
    private S3Client buckets;
    private KmsClient keys;
    private String bucket = "";

    @BeforeEach
    void start() throws Exception {
        server = LiveServer.start("trail.delivery-interval=1s", "trail.digest-interval=2s");
        trails = JavaSdk.root(server.endpoint(), CloudTrailClient.builder()).build();
        buckets = JavaSdk.root(server.endpoint(), S3Client.builder()).forcePathStyle(true).build();
        keys = JavaSdk.root(server.endpoint(), KmsClient.builder()).build();
    }

    @AfterEach
    void stop() {
        trails.close();
        buckets.close();
        keys.close();
        server.close();
    }

    private String doctor(String part) throws Exception {
        return server.cairn("doctor", "bucket", bucket, part).exited(0).out();
    }

    private List<String> record(int first) throws Exception {
        var batch = new ArrayList<Sample>();
        for (var number = first; number < first + EVENTS; number++) {
            batch.add(
                    new Sample(
                            LiveServer.ACCOUNT,
                            "us-east-1",
                            Instant.now(),
                            "sample.amazonaws.com",
                            "SampleEvent",
                            number));
        }
        try (var wire = new Wire(server.endpoint())) {
            assertThat(wire.intake(LiveServer.ROOT, Sample.batch(batch)).status()).isEqualTo(200);
        }
        return batch.stream().map(Sample::id).toList();
    }

    private List<S3Object> objects() {
        return buckets.listObjectsV2Paginator(list -> list.bucket(bucket)).contents().stream()
                .toList();
    }

    /// The ids of all samples that were delivered, in order of key.
    private List<String> samples() throws Exception {
        var ids = new ArrayList<String>();
        for (var object : objects()) {
            if (!object.key().contains(LOGS)) {
                continue;
            }
            for (var event : Wire.JSON.readTree(text(object.key())).path("Records")) {
                if (event.path("eventName").asText().equals("SampleEvent")) {
                    ids.add(event.path("eventID").asText());
                }
            }
        }
        return ids;
    }

    private String text(String key) throws Exception {
        var packed = buckets.getObjectAsBytes(get -> get.bucket(bucket).key(key)).asByteArray();
        try (var unpacked = new GZIPInputStream(new ByteArrayInputStream(packed))) {
            return new String(unpacked.readAllBytes(), UTF_8);
        }
    }

    /// The key of the log file that was put last.
    private String newest() {
        return objects().stream()
                .filter(object -> object.key().contains(LOGS))
                .max(Comparator.comparing(S3Object::lastModified))
                .orElseThrow()
                .key();
    }

    /// The key of the digest that names a log file; empty while none does.
    private Optional<String> digestOf(String file) throws Exception {
        for (var object : objects()) {
            if (object.key().contains(DIGESTS) && text(object.key()).contains(file)) {
                return Optional.of(object.key());
            }
        }
        return Optional.empty();
    }

    private void underTheKey(String object, String key) {
        var head = buckets.headObject(ask -> ask.bucket(bucket).key(object));
        assertThat(head.serverSideEncryption()).isEqualTo(ServerSideEncryption.AWS_KMS);
        assertThat(head.ssekmsKeyId()).isEqualTo(key);
    }

    @Tag("long")
    @Test
    void a_trail_follows_its_key() throws Exception {
        var made = server.cairn("trail", "create", "main").exited(0);
        bucket = made.out().replaceAll("(?s).*s3://([^/]+)/.*", "$1");
        var policy = doctor("--key-policy");
        var bucketPolicy = doctor("--policy");
        buckets.putBucketPolicy(put -> put.bucket(bucket).policy(bucketPolicy));
        var closed = keys.createKey(_ -> {}).keyMetadata().arn();
        var refused =
                catchThrowableOfType(
                        InsufficientEncryptionPolicyException.class,
                        () -> trails.updateTrail(trail -> trail.name("main").kmsKeyId(closed)));
        assertThat(refused).hasMessageContaining("Allow CloudTrail to encrypt logs");
        var key = keys.createKey(make -> make.policy(policy)).keyMetadata().arn();
        keys.createAlias(alias -> alias.aliasName("alias/logs").targetKeyId(key));
        assertThat(
                        trails.updateTrail(trail -> trail.name("main").kmsKeyId("alias/logs"))
                                .kmsKeyId())
                .isEqualTo(key);
        var from = objects().size();

        var ids = new ArrayList<>(record(0));
        Await.until(Await.Bound.of("events delivered", MAX), () -> samples().containsAll(ids));
        var last = newest();
        underTheKey(last, key);
        assertThat(objects()).hasSizeGreaterThan(from);
        var digest =
                Await.value(
                        Await.Bound.of("a digest that names it", MAX),
                        () -> digestOf(last),
                        Optional::isPresent);
        underTheKey(digest.orElseThrow(), key);

        keys.rotateKeyOnDemand(rotate -> rotate.keyId(key));
        Await.until(
                Await.Bound.of("the key rotated", MAX),
                () -> keys.listKeyRotations(ask -> ask.keyId(key)).rotations().size() == 1);
        keys.disableKey(disable -> disable.keyId(key));
        ids.addAll(record(EVENTS));
        Await.until(
                Await.Bound.of("the trail says why it waits", MAX),
                () ->
                        "KMS.DisabledException"
                                .equals(
                                        trails.getTrailStatus(ask -> ask.name("main"))
                                                .latestDeliveryError()));
        assertThat(
                        catchThrowableOfType(
                                        S3Exception.class,
                                        () ->
                                                buckets.getObjectAsBytes(
                                                        get -> get.bucket(bucket).key(last)))
                                .awsErrorDetails()
                                .errorCode())
                .isEqualTo("KMS.DisabledException");
        assertThat(server.cairn("doctor", "trail", "main").exited(1).out())
                .contains("aws kms enable-key");

        keys.enableKey(enable -> enable.keyId(key));
        var delivered =
                Await.value(
                        Await.Bound.of("what waited is delivered", MAX),
                        this::samples,
                        samples -> samples.size() >= ids.size());
        assertThat(delivered).containsExactlyInAnyOrderElementsOf(ids);
        trails.stopLogging(stop -> stop.name("main"));
        var said =
                Await.value(
                        Await.Bound.of("every file in a digest", MAX),
                        () -> server.cairn("verify", "s3://" + bucket),
                        verified -> verified.exit() == 0);
        assertThat(said.out()).isNotBlank();
    }
}
