package dev.cairn.archive;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A bucket of the built-in archive.
///
/// @param owner the account that it belongs to
/// @param policy its policy, as written; null for none
/// @param tagging its tags in the form of a query, as `x-amz-tagging` has them; empty for none
/// @param keeping how it keeps versions, and for how long
/// @param block what keeps it from being opened to everyone; empty for nothing
/// @param kmsKey the KMS key that an object is encrypted under of which nothing else is said; empty
///   for the archive's own
public record Bucket(
        String name,
        String owner,
        String region,
        Instant created,
        @Nullable String policy,
        String tagging,
        Keeping keeping,
        Optional<PublicAccessBlock> block,
        Optional<String> kmsKey) {

    /// A bucket that a policy may open to everyone.
    public Bucket(
            String name,
            String owner,
            String region,
            Instant created,
            @Nullable String policy,
            String tagging,
            Keeping keeping) {
        this(
                name,
                owner,
                region,
                created,
                policy,
                tagging,
                keeping,
                Optional.empty(),
                Optional.empty());
    }

    /// As above, and it keeps nothing but what was put last.
    public Bucket(
            String name,
            String owner,
            String region,
            Instant created,
            @Nullable String policy,
            String tagging) {
        this(name, owner, region, created, policy, tagging, Keeping.NONE);
    }

    /// Its ARN.
    public String arn() {
        return "arn:aws:s3:::" + name;
    }

    /// The ARN of an object in it.
    public String arn(String key) {
        return arn() + "/" + key;
    }

    public Bucket withPolicy(@Nullable String other) {
        return new Bucket(name, owner, region, created, other, tagging, keeping, block, kmsKey);
    }

    public Bucket withTagging(String other) {
        return new Bucket(name, owner, region, created, policy, other, keeping, block, kmsKey);
    }

    public Bucket with(Keeping other) {
        return new Bucket(name, owner, region, created, policy, tagging, other, block, kmsKey);
    }

    public Bucket withBlock(Optional<PublicAccessBlock> other) {
        return new Bucket(name, owner, region, created, policy, tagging, keeping, other, kmsKey);
    }

    public Bucket withKmsKey(Optional<String> other) {
        return new Bucket(name, owner, region, created, policy, tagging, keeping, block, other);
    }
}
