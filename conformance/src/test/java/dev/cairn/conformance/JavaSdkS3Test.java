package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.ExpirationStatus;
import software.amazon.awssdk.services.s3.model.LifecycleRule;
import software.amazon.awssdk.services.s3.model.MetadataDirective;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.ObjectLockEnabled;
import software.amazon.awssdk.services.s3.model.ObjectLockLegalHoldStatus;
import software.amazon.awssdk.services.s3.model.ObjectLockMode;
import software.amazon.awssdk.services.s3.model.ObjectLockRetentionMode;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.Tag;
import software.amazon.awssdk.services.s3.model.Transition;

/// S3 by AWS SDK for Java 2, which signs what it puts chunk by chunk, sends its checksum in a
/// trailer, and checks that of what it gets.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class JavaSdkS3Test {
    private static final byte[] CONTENT = random(300_000);
    private static final int PART_BYTES = 5 << 20;

    private LiveServer server;
    private S3Client client;

    @BeforeAll
    void start() throws Exception {
        server = LiveServer.start();
        client = client(server.endpoint()).build();
        client.createBucket(ask -> ask.bucket("box"));
    }

    @AfterAll
    void stop() {
        client.close();
        server.close();
    }

    static S3ClientBuilder client(URI endpoint) {
        return JavaSdk.root(endpoint, S3Client.builder());
    }

    private static byte[] random(int count) {
        var bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @EnumSource(
            value = ChecksumAlgorithm.class,
            names = {"CRC32", "CRC32_C", "SHA1", "SHA256"})
    void what_was_put_is_got_with_its_checksum_and_what_was_said_of_it(
            ChecksumAlgorithm algorithm) {
        var key = "sums/" + algorithm;
        var said = Map.of("colour", "blue");

        var put =
                client.putObject(
                        ask ->
                                ask.bucket("box")
                                        .key(key)
                                        .checksumAlgorithm(algorithm)
                                        .contentType("text/x-try")
                                        .metadata(said),
                        RequestBody.fromBytes(CONTENT));

        var got =
                client.getObjectAsBytes(
                        ask -> ask.bucket("box").key(key).checksumMode(ChecksumMode.ENABLED));
        assertThat(got.asByteArray()).isEqualTo(CONTENT);
        var head = got.response();
        assertThat(head.eTag()).isEqualTo(put.eTag());
        assertThat(head.contentType()).isEqualTo("text/x-try");
        assertThat(head.contentEncoding()).isNull();
        assertThat(head.metadata()).isEqualTo(said);
        assertThat(
                        List.of(
                                String.valueOf(head.checksumCRC32()),
                                String.valueOf(head.checksumCRC32C()),
                                String.valueOf(head.checksumSHA1()),
                                String.valueOf(head.checksumSHA256())))
                .isEqualTo(
                        List.of(
                                String.valueOf(put.checksumCRC32()),
                                String.valueOf(put.checksumCRC32C()),
                                String.valueOf(put.checksumSHA1()),
                                String.valueOf(put.checksumSHA256())))
                .filteredOn(sum -> !sum.equals("null"))
                .hasSize(1);
    }

    @Test
    void a_body_that_can_be_read_only_once_is_taken() {
        client.putObject(
                ask -> ask.bucket("box").key("stream"),
                RequestBody.fromInputStream(new ByteArrayInputStream(CONTENT), CONTENT.length));

        assertThat(content("stream")).isEqualTo(CONTENT);
        var some =
                client.getObjectAsBytes(
                        ask -> ask.bucket("box").key("stream").range("bytes=100-199"));
        assertThat(some.asByteArray()).isEqualTo(Arrays.copyOfRange(CONTENT, 100, 200));
        assertThat(some.response().contentRange()).isEqualTo("bytes 100-199/300000");
    }

    @Test
    void a_body_that_is_not_what_its_checksum_says_is_not_stored() {
        refused("BadDigest", () -> put("wrong", ask -> ask.checksumCRC32("AAAAAA==")));

        assertThatExceptionOfType(NoSuchKeyException.class).isThrownBy(() -> content("wrong"));
    }

    @Test
    void a_put_that_must_not_replace_does_not() {
        put("once", ask -> ask.ifNoneMatch("*"));

        refused("PreconditionFailed", () -> put("once", ask -> ask.ifNoneMatch("*")));
    }

    @Test
    void a_list_has_keys_and_folders_page_by_page() {
        for (var key : new String[] {"list/a b+ü&<.txt", "list/b/1", "list/b/2", "list/c"}) {
            put(key, _ -> {});
        }

        var pages =
                client.listObjectsV2Paginator(
                        ask -> ask.bucket("box").prefix("list/").delimiter("/").maxKeys(1));

        assertThat(pages.contents().stream().map(S3Object::key))
                .containsExactly("list/a b+ü&<.txt", "list/c");
        assertThat(pages.commonPrefixes().stream().map(one -> one.prefix()))
                .containsExactly("list/b/");
        assertThat(pages.stream()).hasSize(3);
    }

    @Test
    void parts_and_copies_of_parts_become_one_object() {
        var content = random(PART_BYTES + 1000);
        put("source", _ -> {});
        var id = client.createMultipartUpload(ask -> ask.bucket("box").key("parts")).uploadId();
        var parts = new ArrayList<CompletedPart>();
        for (var number = 1; number <= 2; number++) {
            var part = number;
            var from = number == 1 ? 0 : PART_BYTES;
            var to = number == 1 ? PART_BYTES : content.length;
            var answer =
                    client.uploadPart(
                            ask -> ask.bucket("box").key("parts").uploadId(id).partNumber(part),
                            RequestBody.fromBytes(Arrays.copyOfRange(content, from, to)));
            parts.add(
                    CompletedPart.builder()
                            .partNumber(part)
                            .eTag(answer.eTag())
                            .checksumCRC32(answer.checksumCRC32())
                            .build());
        }
        // The last part may be small, and there is one that is not asked for in the end.
        client.uploadPartCopy(ask ->
                ask.sourceBucket("box")
                        .sourceKey("source")
                        .copySourceRange("bytes=0-9")
                        .destinationBucket("box")
                        .destinationKey("parts")
                        .uploadId(id)
                        .partNumber(3));
        assertThat(
                        client
                                .listParts(ask -> ask.bucket("box").key("parts").uploadId(id))
                                .parts()
                                .stream()
                                .map(one -> one.size()))
                .containsExactly((long) PART_BYTES, 1000L, 10L);

        var done =
                client.completeMultipartUpload(ask ->
                        ask.bucket("box")
                                .key("parts")
                                .uploadId(id)
                                .multipartUpload(all -> all.parts(parts)));

        assertThat(done.eTag()).endsWith("-2\"");
        assertThat(content("parts")).isEqualTo(content);
    }

    @Test
    void a_copy_has_its_sources_bytes_and_what_is_said_of_it() {
        put("from ü", ask -> ask.metadata(Map.of("colour", "blue")));

        client.copyObject(ask ->
                ask.sourceBucket("box")
                        .sourceKey("from ü")
                        .destinationBucket("box")
                        .destinationKey("to"));
        client.copyObject(ask ->
                ask.sourceBucket("box")
                        .sourceKey("from ü")
                        .destinationBucket("box")
                        .destinationKey("to-red")
                        .metadataDirective(MetadataDirective.REPLACE)
                        .metadata(Map.of("colour", "red")));

        assertThat(content("to")).isEqualTo(CONTENT);
        assertThat(colour("to")).isEqualTo("blue");
        assertThat(content("to-red")).isEqualTo(CONTENT);
        assertThat(colour("to-red")).isEqualTo("red");
        refused(
                "NoSuchKey",
                () ->
                        client.copyObject(ask ->
                                ask.sourceBucket("box")
                                        .sourceKey("nothing")
                                        .destinationBucket("box")
                                        .destinationKey("to")));
    }

    private String colour(String key) {
        return String.valueOf(
                client.headObject(ask -> ask.bucket("box").key(key)).metadata().get("colour"));
    }

    /// `archive.host-names` has `localhost`.
    @Test
    void a_bucket_may_stand_before_the_host_name() throws Exception {
        var asked = new ArrayList<String>();
        var port = server.endpoint().getPort();
        // Not every machine finds names below localhost.
        var here =
                new SystemDefaultDnsResolver() {
                    @Override
                    public InetAddress[] resolve(String host) {
                        asked.add(host);
                        return new InetAddress[] {InetAddress.getLoopbackAddress()};
                    }
                };
        try (var http = Apache5HttpClient.builder().dnsResolver(here).build();
                var before =
                        client(URI.create("http://localhost:" + port)).httpClient(http).build()) {
            before.createBucket(ask -> ask.bucket("front-door"));
            before.putObject(
                    ask -> ask.bucket("front-door").key("a/b ü"), RequestBody.fromBytes(CONTENT));

            assertThat(before.getObjectAsBytes(ask -> ask.bucket("front-door").key("a/b ü")))
                    .satisfies(got -> assertThat(got.asByteArray()).isEqualTo(CONTENT));
        }
        assertThat(asked).contains("front-door.localhost");
        assertThat(
                        client.listObjectsV2(ask -> ask.bucket("front-door")).contents().stream()
                                .map(S3Object::key))
                .containsExactly("a/b ü");
    }

    @Test
    void what_was_deleted_is_gone() {
        put("gone/1", _ -> {});
        put("gone/2", _ -> {});
        put("gone/3", _ -> {});
        client.deleteObject(ask -> ask.bucket("box").key("gone/1"));

        var deleted =
                client.deleteObjects(ask ->
                        ask.bucket("box")
                                .delete(all ->
                                        all.objects(
                                                ObjectIdentifier.builder().key("gone/2").build(),
                                                ObjectIdentifier.builder().key("gone/x").build())));

        assertThat(deleted.deleted()).hasSize(2);
        assertThat(
                        client
                                .listObjectsV2(ask -> ask.bucket("box").prefix("gone/"))
                                .contents()
                                .stream()
                                .map(S3Object::key))
                .containsExactly("gone/3");
        assertThatExceptionOfType(S3Exception.class)
                .isThrownBy(() -> client.deleteBucket(ask -> ask.bucket("box")))
                .satisfies(refused ->
                        assertThat(refused.awsErrorDetails().errorCode())
                                .isEqualTo("BucketNotEmpty"));
    }

    @Test
    void a_bucket_with_versions_gives_back_what_was_replaced_and_deleted() {
        client.createBucket(ask -> ask.bucket("kept"));
        client.putBucketVersioning(ask ->
                ask.bucket("kept")
                        .versioningConfiguration(it -> it.status(BucketVersioningStatus.ENABLED)));
        assertThat(client.getBucketVersioning(ask -> ask.bucket("kept")).status())
                .isEqualTo(BucketVersioningStatus.ENABLED);
        var ids = new ArrayList<String>();
        for (var text : List.of("one", "two", "three")) {
            ids.addFirst(
                    client.putObject(
                                    ask -> ask.bucket("kept").key("a b/ü"),
                                    RequestBody.fromString(text))
                            .versionId());
        }
        var marker = client.deleteObject(ask -> ask.bucket("kept").key("a b/ü"));
        assertThat(marker.deleteMarker()).isTrue();
        assertThatExceptionOfType(NoSuchKeyException.class)
                .isThrownBy(() -> client.headObject(ask -> ask.bucket("kept").key("a b/ü")))
                .satisfies(gone ->
                        assertThat(
                                        gone.awsErrorDetails()
                                                .sdkHttpResponse()
                                                .firstMatchingHeader("x-amz-delete-marker"))
                                .contains("true"));

        var pages =
                client.listObjectVersionsPaginator(
                        ask -> ask.bucket("kept").prefix("a b/").maxKeys(2).encodingType("url"));
        assertThat(pages.stream()).hasSize(2);
        assertThat(pages.versions().stream().map(one -> one.versionId())).isEqualTo(ids);
        assertThat(pages.deleteMarkers().stream().map(one -> one.versionId()))
                .containsExactly(marker.versionId());
        var old =
                client.getObjectAsBytes(
                        ask -> ask.bucket("kept").key("a b/ü").versionId(ids.getLast()));
        assertThat(old.asUtf8String()).isEqualTo("one");
        var restored =
                client.copyObject(ask ->
                        ask.sourceBucket("kept")
                                .sourceKey("a b/ü")
                                .sourceVersionId(ids.get(1))
                                .destinationBucket("kept")
                                .destinationKey("a b/ü"));
        assertThat(restored.copySourceVersionId()).isEqualTo(ids.get(1));
        assertThat(client.getObjectAsBytes(ask -> ask.bucket("kept").key("a b/ü")).asUtf8String())
                .isEqualTo("two");
        var gone =
                client.deleteObjects(ask ->
                        ask.bucket("kept")
                                .delete(all ->
                                        all.objects(
                                                ObjectIdentifier.builder()
                                                        .key("a b/ü")
                                                        .versionId(restored.versionId())
                                                        .build())));
        assertThat(gone.deleted().getFirst().versionId()).isEqualTo(restored.versionId());
        refused("NoSuchKey", () -> client.getObject(ask -> ask.bucket("kept").key("a b/ü")));
    }

    @Test
    void a_locked_bucket_keeps_what_is_put_into_it_from_the_root_too() {
        client.createBucket(ask -> ask.bucket("vault").objectLockEnabledForBucket(true));
        client.putObjectLockConfiguration(ask ->
                ask.bucket("vault")
                        .objectLockConfiguration(it ->
                                it.objectLockEnabled(ObjectLockEnabled.ENABLED)
                                        .rule(rule ->
                                                rule.defaultRetention(kept ->
                                                        kept.mode(
                                                                        ObjectLockRetentionMode
                                                                                .COMPLIANCE)
                                                                .days(1)))));
        assertThat(
                        client.getObjectLockConfiguration(ask -> ask.bucket("vault"))
                                .objectLockConfiguration()
                                .rule()
                                .defaultRetention()
                                .days())
                .isEqualTo(1);
        var version =
                client.putObject(
                                ask -> ask.bucket("vault").key("k"), RequestBody.fromBytes(CONTENT))
                        .versionId();
        var head = client.headObject(ask -> ask.bucket("vault").key("k"));
        assertThat(head.objectLockMode()).isEqualTo(ObjectLockMode.COMPLIANCE);
        var until = head.objectLockRetainUntilDate();
        assertThat(until).isBetween(Instant.now(), Instant.now().plus(Duration.ofDays(1)));

        refused(
                "AccessDenied",
                () ->
                        client.deleteObject(ask ->
                                ask.bucket("vault")
                                        .key("k")
                                        .versionId(version)
                                        .bypassGovernanceRetention(true)));
        refused(
                "AccessDenied",
                () ->
                        client.putObjectRetention(ask ->
                                ask.bucket("vault")
                                        .key("k")
                                        .bypassGovernanceRetention(true)
                                        .retention(it ->
                                                it.mode(ObjectLockRetentionMode.COMPLIANCE)
                                                        .retainUntilDate(until.minusSeconds(60)))));
        client.putObjectRetention(ask ->
                ask.bucket("vault")
                        .key("k")
                        .retention(it ->
                                it.mode(ObjectLockRetentionMode.COMPLIANCE)
                                        .retainUntilDate(until.plusSeconds(60))));
        assertThat(
                        client.getObjectRetention(ask -> ask.bucket("vault").key("k"))
                                .retention()
                                .retainUntilDate())
                .isEqualTo(until.plusSeconds(60));
        client.putObjectLegalHold(ask ->
                ask.bucket("vault")
                        .key("k")
                        .legalHold(it -> it.status(ObjectLockLegalHoldStatus.ON)));
        assertThat(
                        client.getObjectLegalHold(ask -> ask.bucket("vault").key("k"))
                                .legalHold()
                                .status())
                .isEqualTo(ObjectLockLegalHoldStatus.ON);
        refused("BucketNotEmpty", () -> client.deleteBucket(ask -> ask.bucket("vault")));
        refused(
                "InvalidBucketState",
                () ->
                        client.putBucketVersioning(ask ->
                                ask.bucket("vault")
                                        .versioningConfiguration(it ->
                                                it.status(BucketVersioningStatus.SUSPENDED))));
        assertThat(
                        client.getObjectAsBytes(
                                        ask -> ask.bucket("vault").key("k").versionId(version))
                                .asByteArray())
                .isEqualTo(CONTENT);
    }

    @Test
    void lifecycle_rules_are_told_as_they_were_put() {
        client.createBucket(ask -> ask.bucket("aged"));
        refused(
                "NoSuchLifecycleConfiguration",
                () -> client.getBucketLifecycleConfiguration(ask -> ask.bucket("aged")));
        var rule =
                LifecycleRule.builder()
                        .id("seven years")
                        .status(ExpirationStatus.ENABLED)
                        .filter(it ->
                                it.and(all ->
                                        all.prefix("AWSLogs/")
                                                .tags(Tag.builder().key("a").value("b").build())
                                                .objectSizeGreaterThan(10L)))
                        .expiration(it -> it.days(2557))
                        .noncurrentVersionExpiration(it -> it.noncurrentDays(3))
                        .build();
        client.putBucketLifecycleConfiguration(
                ask -> ask.bucket("aged").lifecycleConfiguration(it -> it.rules(rule)));
        assertThat(client.getBucketLifecycleConfiguration(ask -> ask.bucket("aged")).rules())
                .containsExactly(rule);
        refused(
                "NotImplemented",
                () ->
                        client.putBucketLifecycleConfiguration(ask ->
                                ask.bucket("aged")
                                        .lifecycleConfiguration(it ->
                                                it.rules(
                                                        rule.toBuilder()
                                                                .transitions(
                                                                        Transition.builder()
                                                                                .days(30)
                                                                                .storageClass(
                                                                                        "GLACIER")
                                                                                .build())
                                                                .build()))));
        client.deleteBucketLifecycle(ask -> ask.bucket("aged"));
        refused(
                "NoSuchLifecycleConfiguration",
                () -> client.getBucketLifecycleConfiguration(ask -> ask.bucket("aged")));
    }

    private void put(String key, java.util.function.Consumer<PutObjectRequest.Builder> more) {
        var ask = PutObjectRequest.builder().bucket("box").key(key);
        more.accept(ask);
        client.putObject(ask.build(), RequestBody.fromBytes(CONTENT));
    }

    private byte[] content(String key) {
        return client.getObjectAsBytes(ask -> ask.bucket("box").key(key)).asByteArray();
    }

    private static void refused(
            String error, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatExceptionOfType(S3Exception.class)
                .isThrownBy(call)
                .satisfies(refused ->
                        assertThat(refused.awsErrorDetails().errorCode()).isEqualTo(error));
    }
}
