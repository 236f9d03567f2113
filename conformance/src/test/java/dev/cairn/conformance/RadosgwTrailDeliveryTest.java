package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.testkit.archive.Radosgw;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.cloudtrail.model.InsufficientS3BucketPolicyException;
import software.amazon.awssdk.services.cloudtrail.model.S3BucketDoesNotExistException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// Into buckets of a real S3 that is not Cairn's: Ceph's gateway.
final class RadosgwTrailDeliveryTest extends TrailDeliveryTest {
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
}
