package dev.cairn.distributed.archive;

import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;

/// An object on its way to an S3 in parts, by one thread. It is there when the S3 has acknowledged
/// [#complete], and not before; parts stay until then, or until it is given up.
///
/// Each call fails as the SDK does, which has tried again what could be.
final class PartUpload {
    /// All parts but the last have this many bytes or more.
    static final int PART_BYTES = 16 << 20;

    /// S3 takes no more.
    static final int PARTS_MAX = 10_000;

    private final S3Client s3;
    private final String bucket;
    private final String key;
    private final boolean checksums;
    private final String id;
    private final List<CompletedPart> parts = new ArrayList<>();

    private PartUpload(S3Client s3, String bucket, String key, boolean checksums, String id) {
        this.s3 = s3;
        this.bucket = bucket;
        this.key = key;
        this.checksums = checksums;
        this.id = id;
    }

    /// @param checksums whether parts go with a checksum of the SDK's; without one they go with
    ///   their MD5
    static PartUpload begin(S3Client s3, CreateMultipartUploadRequest request, boolean checksums) {
        String id = s3.createMultipartUpload(request).uploadId();
        return new PartUpload(s3, request.bucket(), request.key(), checksums, id);
    }

    /// How many parts were put.
    int parts() {
        return parts.size();
    }

    void put(byte[] content) {
        int number = parts.size() + 1;
        UploadPartRequest.Builder request =
                UploadPartRequest.builder().bucket(bucket).key(key).uploadId(id).partNumber(number);
        if (!checksums) {
            request.contentMD5(S3Archive.md5(content));
        }
        var told = s3.uploadPart(request.build(), RequestBody.fromBytes(content));
        parts.add(
                CompletedPart.builder()
                        .partNumber(number)
                        .eTag(told.eTag())
                        .checksumCRC32(told.checksumCRC32())
                        .build());
    }

    /// Makes an object of the parts.
    ///
    /// @param ifAbsent whether the S3 is to refuse it, with 412, where the key is taken
    void complete(boolean ifAbsent) {
        CompleteMultipartUploadRequest.Builder request =
                CompleteMultipartUploadRequest.builder()
                        .bucket(bucket)
                        .key(key)
                        .uploadId(id)
                        .multipartUpload(whole -> whole.parts(parts));
        if (ifAbsent) {
            request.ifNoneMatch("*");
        }
        s3.completeMultipartUpload(request.build());
    }

    /// Lets the S3 forget the parts, if it can be asked.
    void giveUp() {
        try {
            s3.abortMultipartUpload(it -> it.bucket(bucket).key(key).uploadId(id));
        } catch (SdkException _) {
            // What counts is known: there is no object. The bucket's rules remove its parts.
        }
    }
}
