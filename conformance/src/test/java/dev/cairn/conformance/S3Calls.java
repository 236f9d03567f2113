package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Map;
import java.util.Random;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// What a client asks of an S3, good and bad: about twenty calls on the bucket `finance`, which
/// they make. Each is answered as it should be.
final class S3Calls {
    private S3Calls() {}

    /// @param versions whether the server keeps versions
    static void make(S3Client s3, boolean versions) {
        var large = new byte[6 << 20];
        new Random(7).nextBytes(large);
        s3.createBucket(it -> it.bucket("finance"));
        s3.headBucket(it -> it.bucket("finance"));
        if (versions) {
            s3.putBucketVersioning(
                    it -> it.bucket("finance").versioningConfiguration(v -> v.status("Enabled")));
            s3.getBucketVersioning(it -> it.bucket("finance"));
        }
        s3.putObject(
                it -> it.bucket("finance").key("q3/report é+&.txt").metadata(Map.of("by", "mary")),
                RequestBody.fromString("hello"));
        assertThat(
                        s3.getObjectAsBytes(it -> it.bucket("finance").key("q3/report é+&.txt"))
                                .asUtf8String())
                .isEqualTo("hello");
        s3.putObject(it -> it.bucket("finance").key("large"), RequestBody.fromBytes(large));
        assertThat(s3.getObjectAsBytes(it -> it.bucket("finance").key("large")).asByteArray())
                .isEqualTo(large);
        s3.headObject(it -> it.bucket("finance").key("large"));
        s3.getObjectAsBytes(it -> it.bucket("finance").key("large").range("bytes=5-9"));
        s3.copyObject(it ->
                it.sourceBucket("finance")
                        .sourceKey("large")
                        .destinationBucket("finance")
                        .destinationKey("copy"));
        assertThatExceptionOfType(NoSuchKeyException.class)
                .isThrownBy(() -> s3.getObject(it -> it.bucket("finance").key("none")));
        assertThatExceptionOfType(S3Exception.class)
                .isThrownBy(() -> s3.headObject(it -> it.bucket("finance").key("none")));
        assertThatExceptionOfType(S3Exception.class)
                .isThrownBy(() -> s3.listObjectsV2(it -> it.bucket("nowhere")));
        var upload = s3.createMultipartUpload(it -> it.bucket("finance").key("parts"));
        var part =
                s3.uploadPart(
                        it ->
                                it.bucket("finance")
                                        .key("parts")
                                        .uploadId(upload.uploadId())
                                        .partNumber(1),
                        RequestBody.fromBytes(large));
        var whole = CompletedPart.builder().partNumber(1).eTag(part.eTag()).build();
        s3.completeMultipartUpload(it ->
                it.bucket("finance")
                        .key("parts")
                        .uploadId(upload.uploadId())
                        .multipartUpload(all -> all.parts(whole)));
        s3.listObjectsV2(it -> it.bucket("finance").prefix("q3/"));
        s3.deleteObject(it -> it.bucket("finance").key("copy"));
        var parts = ObjectIdentifier.builder().key("parts").build();
        s3.deleteObjects(it -> it.bucket("finance").delete(all -> all.objects(parts)));
        s3.listBuckets();
    }
}
