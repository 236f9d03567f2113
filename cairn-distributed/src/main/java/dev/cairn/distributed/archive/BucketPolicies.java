package dev.cairn.distributed.archive;

import dev.cairn.archive.Archive.Writer;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.ArchiveException.Kind;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.WriteCheck;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;

/// Asks a bucket's policy whether a trail may write, as S3 does when CloudTrail itself comes.
///
/// The store knows only Cairn's own credentials, which may do more than any one trail should; so
/// the policy's word on `cloudtrail.amazonaws.com` and the trail's ARN is kept here. A policy is
/// remembered for [#AGE_MAX].
final class BucketPolicies {
    /// How late a changed policy may count.
    static final Duration AGE_MAX = Duration.ofMinutes(1);

    private static final int REMEMBERED_MAX = 1000;

    /// A policy that stands for itself alone: the owner's account is not known here.
    private static final WriteCheck CHECK = new WriteCheck(false);

    private final S3Client s3;
    private final InstantSource clock;
    private final Map<String, Known> remembered = new ConcurrentHashMap<>();

    BucketPolicies(S3Client s3, InstantSource clock) {
        this.s3 = s3;
        this.clock = clock;
    }

    private record Known(@Nullable String policy, Instant asked) {}

    /// What is missing to put a key, or keys below a prefix, by the policy as it is now.
    ///
    /// @param pattern what the missing statement should say in place of the key
    /// @throws ArchiveException DENIED when the policy may not be read
    Optional<String> missingNow(String bucket, Writer as, String key, String pattern)
            throws ArchiveException {
        remembered.remove(bucket);
        return missing(bucket, as, key, pattern);
    }

    /// The same, by a policy that may be [#AGE_MAX] old.
    Optional<String> missing(String bucket, Writer as, String key, String pattern)
            throws ArchiveException {
        var known = remembered.get(bucket);
        if (known == null || !clock.instant().isBefore(known.asked().plus(AGE_MAX))) {
            var asked = clock.instant();
            known = new Known(read(bucket), asked);
            if (remembered.size() >= REMEMBERED_MAX) {
                remembered.clear();
            }
            remembered.put(bucket, known);
        }
        var asWritten = new Bucket(bucket, "", "", Instant.EPOCH, known.policy(), "");
        return CHECK.missing(asWritten, as, key, pattern);
    }

    /// As it is written; null when there is none.
    ///
    /// @throws ArchiveException DENIED when it may not be read
    @Nullable String read(String bucket) throws ArchiveException {
        try {
            return s3.getBucketPolicy(request -> request.bucket(bucket)).policy();
        } catch (AwsServiceException refused) {
            if (S3Failures.isCode(refused, "NoSuchBucketPolicy")) {
                return null;
            }
            var failure = S3Failures.of(refused);
            throw switch (refused.statusCode()) {
                // Refused, or not known there.
                case 401, 403, 405, 501 ->
                        new ArchiveException(
                                Kind.DENIED,
                                failure.code(),
                                "The policy of the bucket %s cannot be read, so that it cannot be told whether it lets CloudTrail in. Let Cairn's credentials do s3:GetBucketPolicy on it, or set trail.bucket-policy-check=own-account (%s)"
                                        .formatted(bucket, failure.getMessage()),
                                refused);
                default -> failure;
            };
        } catch (SdkException e) {
            throw S3Failures.of(e);
        } catch (S3Clients.NoCredentialsException e) {
            throw S3Failures.of(e);
        }
    }
}
