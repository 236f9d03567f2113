package dev.cairn.distributed.archive;

import dev.cairn.secret.Secret;
import java.net.URI;
import java.util.Optional;

/// Where an S3 is and how it wants to be spoken to. Stores that speak like AWS's differ, so each
/// part can be switched.
///
/// @param endpoint empty for AWS's own
/// @param region that requests are signed for
/// @param pathStyle whether buckets stand in the path instead of the host name
/// @param keys empty for what the environment gives: variables, profile, web identity, container or
///   instance, in the order of AWS's SDKs
/// @param checksums whether CRC checksums are sent and asked for, as AWS's SDKs do since 2025;
///   without them bodies go with their MD5, which every S3 checks
/// @param put how objects are put
public record S3Destination(
        Optional<URI> endpoint,
        String region,
        boolean pathStyle,
        Optional<Keys> keys,
        boolean checksums,
        PutForm put) {

    /// An S3 as most are: AWS's own by host names, all others by paths, with the keys of the
    /// environment.
    public static S3Destination of(Optional<URI> endpoint, String region) {
        return new S3Destination(
                endpoint, region, endpoint.isPresent(), Optional.empty(), true, PutForm.AWS);
    }

    /// A fixed access key.
    public record Keys(String accessKeyId, Secret secretAccessKey) {}

    /// How objects are put.
    ///
    /// @param conditional whether the store knows `If-None-Match: *`; one that does not is asked
    ///   for the key before each put, which holds as long as nobody else puts below the same prefix
    /// @param encryption `x-amz-server-side-encryption`, such as `AES256` or `aws:kms`; empty: the
    ///   bucket's own default
    /// @param kmsKey the key for `aws:kms`; empty: the store's default
    /// @param acl the canned ACL to put under; empty for none
    public record PutForm(boolean conditional, String encryption, String kmsKey, String acl) {
        /// As CloudTrail puts.
        public static final PutForm AWS = new PutForm(true, "", "", "bucket-owner-full-control");
    }
}
