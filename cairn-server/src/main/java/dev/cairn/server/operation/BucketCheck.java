package dev.cairn.server.operation;

import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;

/// Whether CloudTrail may put objects into a bucket, as it is checked before it is to.
record BucketCheck(TrailBuckets buckets) {
    /// @param folder what the keys start with, such as `logs/AWSLogs/123456789012/`
    /// @throws Failure INSUFFICIENT_S3_BUCKET_POLICY, S3_BUCKET_DOES_NOT_EXIST, SERVICE_UNAVAILABLE
    void expect(Archive.Writer as, String bucket, String folder) {
        try {
            var missing = buckets.missingRight(as, bucket, folder);
            if (missing.isPresent()) {
                throw new Failure(
                        ErrorCode.INSUFFICIENT_S3_BUCKET_POLICY,
                        "Incorrect S3 bucket policy is detected for bucket: %s. %s"
                                .formatted(bucket, missing.get()));
            }
        } catch (ArchiveException failure) {
            throw switch (failure.kind()) {
                case NO_SUCH_BUCKET ->
                        new Failure(
                                ErrorCode.S3_BUCKET_DOES_NOT_EXIST,
                                "S3 bucket %s does not exist!".formatted(bucket),
                                failure);
                case DENIED ->
                        new Failure(
                                ErrorCode.INSUFFICIENT_S3_BUCKET_POLICY,
                                "Incorrect S3 bucket policy is detected for bucket: %s"
                                        .formatted(bucket),
                                failure);
                case TIMEOUT, UNAVAILABLE, CORRUPT ->
                        new Failure(
                                ErrorCode.SERVICE_UNAVAILABLE,
                                "the bucket %s does not answer at the moment".formatted(bucket),
                                failure);
            };
        }
    }
}
