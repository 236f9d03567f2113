package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.testkit.archive.Radosgw;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.cloudtrail.model.InsufficientS3BucketPolicyException;
import software.amazon.awssdk.services.cloudtrail.model.S3BucketDoesNotExistException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ObjectLockEnabled;
import software.amazon.awssdk.services.s3.model.ObjectLockMode;
import software.amazon.awssdk.services.s3.model.ObjectLockRetentionMode;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/// Into buckets of a real S3 that is not Cairn's: Ceph's gateway.
final class RadosgwTrailDeliveryTest extends TrailDeliveryTest {
    private static final String VAULT = "audit-vault";

    private static @Nullable Radosgw radosgw;

    @BeforeAll
    static void startRadosgw() throws Exception {
        radosgw = Radosgw.assume(LiveServer.ROOT.accessKeyId(), LiveServer.ROOT.secretAccessKey());
    }

    @AfterAll
    static void stopRadosgw() {
        if (radosgw != null) {
            radosgw.close();
        }
    }

    @Override
    List<String> archive() {
        return List.of(
                "archive.kind=s3",
                "archive.s3.endpoint=" + s3(),
                "archive.s3.access-key=" + LiveServer.ROOT.accessKeyId(),
                "archive.s3.secret-key=" + LiveServer.ROOT.secretAccessKey(),
                "archive.s3.checksums=false",
                "log.level=debug");
    }

    @Override
    URI s3() {
        return Objects.requireNonNull(radosgw).endpoint();
    }

    @Test
    void bucketsThatDoNotLetCloudTrailInAreRefusedAndCairnsOwnDoorSaysWhereBucketsAre() {
        assertThatThrownBy(() ->
                        trails().createTrail(it -> it.name("refused").s3BucketName("nowhere")))
                .isInstanceOf(S3BucketDoesNotExistException.class);
        buckets().createBucket(it -> it.bucket("closed"));
        assertThatThrownBy(
                        () -> trails().createTrail(it -> it.name("refused").s3BucketName("closed")))
                .isInstanceOf(InsufficientS3BucketPolicyException.class)
                .hasMessageContaining("AWSCloudTrailAclCheck20150319");
        try (var door =
                JavaSdk.root(server().endpoint(), S3Client.builder())
                        .forcePathStyle(true)
                        .build()) {
            assertThatThrownBy(() -> door.createBucket(it -> it.bucket("mine")))
                    .isInstanceOfSatisfying(
                            S3Exception.class,
                            refused ->
                                    assertThat(refused.awsErrorDetails().errorCode())
                                            .isEqualTo("NotImplemented"))
                    .hasMessageContaining("those of its trails are at " + s3());
        }
        assertThat(server().log())
                .contains("DEBUG")
                .doesNotContain(LiveServer.ROOT.secretAccessKey())
                .doesNotContain("AWS4-HMAC-SHA256");
    }

    @Test
    @Tag("long")
    void whatIsDeliveredIntoALockedBucketIsLockedByTheStoreAndProved() throws Exception {
        buckets().createBucket(it -> it.bucket(VAULT).objectLockEnabledForBucket(true));
        buckets()
                .putObjectLockConfiguration(lock ->
                        lock.bucket(VAULT)
                                .objectLockConfiguration(it ->
                                        it.objectLockEnabled(ObjectLockEnabled.ENABLED)
                                                .rule(rule ->
                                                        rule.defaultRetention(kept ->
                                                                kept.mode(
                                                                                ObjectLockRetentionMode
                                                                                        .COMPLIANCE)
                                                                        .days(1)))));
        letIn(VAULT);
        trails().createTrail(trail ->
                trail.name("locked").s3BucketName(VAULT).enableLogFileValidation(true));
        trails().startLogging(trail -> trail.name("locked"));
        try (var wire = new Wire(server().endpoint())) {
            var sample = Sample.now(LiveServer.ACCOUNT, 1);
            assertThat(wire.intake(LiveServer.ROOT, Sample.batch(List.of(sample))).status())
                    .isEqualTo(200);
        }
        var log =
                Await.value(
                                Await.Bound.of("a log file", DELIVERED_MAX),
                                this::logs,
                                logs -> !logs.isEmpty())
                        .getFirst();
        trails().stopLogging(trail -> trail.name("locked"));

        var head = buckets().headObject(ask -> ask.bucket(VAULT).key(log));
        assertThat(head.objectLockMode()).isEqualTo(ObjectLockMode.COMPLIANCE);
        assertThat(head.objectLockRetainUntilDate()).isAfter(Instant.now());
        for (var bypassing : List.of(false, true)) {
            assertThatThrownBy(() ->
                            buckets()
                                    .deleteObject(gone ->
                                            gone.bucket(VAULT)
                                                    .key(log)
                                                    .versionId(head.versionId())
                                                    .bypassGovernanceRetention(bypassing)))
                    .isInstanceOfSatisfying(
                            S3Exception.class,
                            refused ->
                                    assertThat(refused.awsErrorDetails().errorCode())
                                            .isEqualTo("AccessDenied"));
        }
        Await.value(
                Await.Bound.of("every file in a digest", DELIVERED_MAX),
                this::verify,
                said -> said.exit() == 0 && said.out().contains(" 0 pending"));

        // Somebody puts over it what they may: a newer version, which the verdict is about.
        buckets().putObject(put -> put.bucket(VAULT).key(log), RequestBody.fromString("nothing"));
        assertThat(verify().exited(1).out()).containsPattern("changed +" + Pattern.quote(log));
        assertThat(
                        buckets()
                                .getObjectAsBytes(get ->
                                        get.bucket(VAULT).key(log).versionId(head.versionId()))
                                .response()
                                .eTag())
                .isEqualTo(head.eTag());
    }

    private List<String> logs() {
        return buckets().listObjectsV2(list -> list.bucket(VAULT)).contents().stream()
                .map(S3Object::key)
                .filter(key -> key.contains("/CloudTrail/"))
                .toList();
    }

    private Command verify() throws Exception {
        return server().cairnAs(
                        LiveServer.ROOT,
                        "verify",
                        "s3://" + VAULT,
                        "--s3-endpoint",
                        s3().toString());
    }
}
