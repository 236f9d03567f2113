package dev.cairn.conformance;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.RSAPublicKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudtrail.CloudTrailClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/// A trail of the running program, judged from outside: by AWS's SDK, by a verifier of ours that
/// shares no code with Cairn, and by the stock CLI where it is there. Buckets are Cairn's own here,
/// and elsewhere in the tests that extend this one.
class TrailDeliveryTest {
    private static final String BUCKET = "audit-logs";
    private static final List<String> REGIONS = List.of("us-east-1", "eu-central-1");
    private static final int EVENTS = 300;
    static final Duration DELIVERED_MAX = Duration.ofSeconds(90);

    private LiveServer server;
    private CloudTrailClient trails;
    private S3Client buckets;

    /// The settings that say where buckets are.
    List<String> archive() {
        return List.of();
    }

    /// Where buckets are asked for, with the server's root keys.
    URI s3() {
        return server.endpoint();
    }

    LiveServer server() {
        return server;
    }

    CloudTrailClient trails() {
        return trails;
    }

    S3Client buckets() {
        return buckets;
    }

    @BeforeEach
    void start() throws Exception {
        var settings = new ArrayList<>(archive());
        settings.addAll(List.of("trail.delivery-interval=1s", "trail.digest-interval=2s"));
        server = LiveServer.start(settings.toArray(String[]::new));
        connect();
    }

    private void connect() {
        URI endpoint = server.endpoint();
        trails = JavaSdk.root(endpoint, CloudTrailClient.builder()).build();
        buckets =
                JavaSdk.root(s3(), S3Client.builder())
                        .forcePathStyle(true)
                        // The least that every S3 understands.
                        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                        .build();
    }

    private void disconnect() {
        trails.close();
        buckets.close();
    }

    @AfterEach
    void stop() {
        disconnect();
        server.close();
    }

    /// Lets CloudTrail write the account's files to a bucket.
    void letIn(String bucket) {
        buckets.putBucketPolicy(policy ->
                policy.bucket(bucket)
                        .policy(
                                """
                                {"Version":"2012-10-17","Statement":[
                                {"Sid":"AWSCloudTrailAclCheck20150319","Effect":"Allow",
                                "Principal":{"Service":"cloudtrail.amazonaws.com"},
                                "Action":"s3:GetBucketAcl","Resource":"arn:aws:s3:::%1$s"},
                                {"Sid":"AWSCloudTrailWrite20150319","Effect":"Allow",
                                "Principal":{"Service":"cloudtrail.amazonaws.com"},
                                "Action":"s3:PutObject",
                                "Resource":"arn:aws:s3:::%1$s/AWSLogs/%2$s/*",
                                "Condition":{"StringEquals":
                                {"s3:x-amz-acl":"bucket-owner-full-control"}}}]}\
                                """
                                        .formatted(bucket, LiveServer.ACCOUNT)));
    }

    private String startTrail() {
        buckets.createBucket(bucket -> bucket.bucket(BUCKET));
        letIn(BUCKET);
        var arn =
                trails.createTrail(trail ->
                                trail.name("main")
                                        .s3BucketName(BUCKET)
                                        .isMultiRegionTrail(true)
                                        .enableLogFileValidation(true))
                        .trailARN();
        trails.startLogging(trail -> trail.name("main"));
        return arn;
    }

    /// Records events in every region.
    ///
    /// @param first the number of the first
    /// @return their ids
    private List<String> record(int first) throws Exception {
        var ids = new ArrayList<String>();
        try (var wire = new Wire(server.endpoint())) {
            for (var region : REGIONS) {
                var batch = new ArrayList<Sample>();
                for (var number = first; number < first + EVENTS; number++) {
                    var sample =
                            new Sample(
                                    LiveServer.ACCOUNT,
                                    region,
                                    Instant.now(),
                                    "sample.amazonaws.com",
                                    "SampleEvent",
                                    number);
                    batch.add(sample);
                    ids.add(sample.id());
                }
                assertThat(wire.intake(LiveServer.ROOT, Sample.batch(batch)).status())
                        .isEqualTo(200);
            }
        }
        return ids;
    }

    private NavigableMap<String, JsonNode> files(String folder) throws Exception {
        var files = new TreeMap<String, JsonNode>();
        for (var object : objects()) {
            if (object.key().contains("/" + folder + "/")) {
                files.put(object.key(), Wire.JSON.readTree(unpacked(object.key())));
            }
        }
        return files;
    }

    private List<S3Object> objects() {
        return buckets.listObjectsV2Paginator(list -> list.bucket(BUCKET)).contents().stream()
                .toList();
    }

    private byte[] unpacked(String key) throws Exception {
        var packed = buckets.getObjectAsBytes(get -> get.bucket(BUCKET).key(key)).asByteArray();
        try (var unpacked = new GZIPInputStream(new ByteArrayInputStream(packed))) {
            return unpacked.readAllBytes();
        }
    }

    /// Where each sample is, by its id; fails on one that is there twice.
    private Map<String, String> samples() throws Exception {
        var found = new HashMap<String, String>();
        for (var file : files("CloudTrail").entrySet()) {
            assertThat(file.getKey())
                    .matches(
                            "AWSLogs/%1$s/CloudTrail/([a-z0-9-]+)/\\d{4}/\\d\\d/\\d\\d/%1$s_CloudTrail_\\1_\\d{8}T\\d{4}Z_\\w{16}\\.json\\.gz"
                                    .formatted(LiveServer.ACCOUNT));
            assertThat(file.getValue().path("Records")).isNotEmpty();
            for (var event : file.getValue().path("Records")) {
                if (event.path("eventName").asText().equals("SampleEvent")) {
                    var id = event.path("eventID").asText();
                    assertThat(found.put(id, file.getKey())).as(id + " twice").isNull();
                }
            }
        }
        return found;
    }

    @Test
    void everyEventIsInOneFileAndEveryFileInOneSignedDigest() throws Exception {
        var arn = startTrail();
        var ids = new ArrayList<>(record(0));
        Await.until(
                Await.Bound.of("a first log file", DELIVERED_MAX),
                () -> !files("CloudTrail").isEmpty());
        ids.addAll(record(EVENTS));
        server.kill();
        disconnect();
        server.restart();
        connect();
        ids.addAll(record(2 * EVENTS));
        ids.addAll(record(3 * EVENTS));
        var found =
                Await.value(
                        Await.Bound.of("every event delivered", DELIVERED_MAX),
                        this::samples,
                        samples -> samples.size() >= ids.size());
        assertThat(found.keySet()).containsExactlyInAnyOrderElementsOf(ids);

        trails.stopLogging(trail -> trail.name("main"));
        Await.until(
                Await.Bound.of("every file in a digest", DELIVERED_MAX),
                () -> named().keySet().containsAll(files("CloudTrail").keySet()));
        var named = named();
        assertThat(named.keySet()).isEqualTo(files("CloudTrail").keySet());
        for (var file : named.entrySet()) {
            assertThat(Wire.sha256(unpacked(file.getKey()))).isEqualTo(file.getValue());
        }
        for (var region : REGIONS) {
            verify(region);
        }
        var status = trails.getTrailStatus(ask -> ask.name("main"));
        assertThat(status.isLogging()).isFalse();
        assertThat(status.latestDeliveryError()).isNullOrEmpty();
        assertThat(status.latestDeliveryTime()).isNotNull();
        assertThat(status.latestDigestDeliveryTime()).isNotNull();
        stockCli(arn);
    }

    /// The hash of each file by the digests that name it; fails on one that is named twice.
    private Map<String, String> named() throws Exception {
        var named = new HashMap<String, String>();
        for (var digest : files("CloudTrail-Digest").values()) {
            for (var file : digest.path("logFiles")) {
                var key = file.path("s3Object").asText();
                assertThat(named.put(key, file.path("hashValue").asText()))
                        .as(key + " in two digests")
                        .isNull();
            }
        }
        return named;
    }

    /// Follows one region's chain from its newest digest to its first, by the facts alone.
    private void verify(String region) throws Exception {
        var keys = publicKeys(region);
        var digests = new TreeMap<String, JsonNode>();
        files("CloudTrail-Digest")
                .forEach((key, digest) -> {
                    if (key.contains("/CloudTrail-Digest/" + region + "/")) {
                        digests.put(key, digest);
                    }
                });
        assertThat(digests).isNotEmpty();
        var left = new ArrayList<>(digests.keySet());
        @Nullable String key = digests.lastKey();
        while (key != null) {
            left.remove(key);
            var at = key;
            var digest = requireNonNull(digests.get(key), key);
            assertThat(digest.path("digestS3Object").asText()).isEqualTo(key);
            var head = buckets.headObject(ask -> ask.bucket(BUCKET).key(at)).metadata();
            var previous = digest.path("previousDigestSignature");
            var text =
                    String.join(
                            "\n",
                            digest.path("digestEndTime").asText(),
                            BUCKET + "/" + key,
                            Wire.sha256(unpacked(key)),
                            previous.isNull() ? "null" : previous.asText());
            var signature = Signature.getInstance("SHA256withRSA");
            var fingerprint = digest.path("digestPublicKeyFingerprint").asText();
            assertThat(keys).as("the keys of " + region).containsKey(fingerprint);
            signature.initVerify(keys.get(fingerprint));
            signature.update(text.getBytes(StandardCharsets.UTF_8));
            assertThat(signature.verify(HexFormat.of().parseHex(head.get("signature"))))
                    .as("the signature of " + key)
                    .isTrue();
            if (previous.isNull()) {
                key = null;
            } else {
                key = digest.path("previousDigestS3Object").asText();
                assertThat(digests).containsKey(key);
                assertThat(digest.path("digestStartTime"))
                        .isEqualTo(requireNonNull(digests.get(key), key).path("digestEndTime"));
                assertThat(digest.path("previousDigestHashValue").asText())
                        .isEqualTo(Wire.sha256(unpacked(key)));
                var before = key;
                assertThat(previous.asText())
                        .isEqualTo(
                                buckets.headObject(ask -> ask.bucket(BUCKET).key(before))
                                        .metadata()
                                        .get("signature"));
            }
        }
        assertThat(left).as("digests outside the chain of " + region).isEmpty();
    }

    private Map<String, PublicKey> publicKeys(String region) throws Exception {
        var keys = new HashMap<String, PublicKey>();
        try (var client =
                CloudTrailClient.builder()
                        .endpointOverride(server.endpoint())
                        .credentialsProvider(
                                trails.serviceClientConfiguration().credentialsProvider())
                        .region(Region.of(region))
                        .build()) {
            for (var key : client.listPublicKeys().publicKeyList()) {
                keys.put(key.fingerprint(), pkcs1(key.value().asByteArray()));
            }
        }
        return keys;
    }

    /// RFC 8017, A.1.1: a sequence of two integers; of 2048 bits, with lengths of two bytes.
    private static PublicKey pkcs1(byte[] der) throws Exception {
        assertThat(der).startsWith(0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01);
        var modulus = new BigInteger(1, java.util.Arrays.copyOfRange(der, 8, 8 + 257));
        var exponent = new BigInteger(1, java.util.Arrays.copyOfRange(der, 267, der.length));
        return KeyFactory.getInstance("RSA")
                .generatePublic(new RSAPublicKeySpec(modulus, exponent));
    }

    /// An absent client does not judge.
    private void stockCli(String arn) throws Exception {
        var client = CurrentCli.find(server.home());
        if (client.isEmpty()) {
            System.out.println(
                    "the stock aws cloudtrail validate-logs did not judge: no current"
                            + " AWS CLI on the path");
            return;
        }
        for (var region : REGIONS) {
            var said = client.get().validateLogs(server, s3(), arn, region).exited(0);
            assertThat(said.out()).containsPattern("(\\d+)/\\1 digest files valid");
            assertThat(said.out()).containsPattern("(\\d+)/\\1 log files valid");
        }
    }
}
