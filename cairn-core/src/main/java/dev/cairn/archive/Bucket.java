package dev.cairn.archive;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A bucket of the built-in archive.
///
/// @param owner the account that it belongs to
/// @param policy its policy, as written; null for none
/// @param tagging its tags in the form of a query, as `x-amz-tagging` has them; empty for none
/// @param keeping how it keeps versions, and for how long
public record Bucket(
        String name,
        String owner,
        String region,
        Instant created,
        @Nullable String policy,
        String tagging,
        Keeping keeping) {

    /// A bucket that keeps nothing but what was put last.
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
        return new Bucket(name, owner, region, created, other, tagging, keeping);
    }

    public Bucket withTagging(String other) {
        return new Bucket(name, owner, region, created, policy, other, keeping);
    }

    public Bucket with(Keeping other) {
        return new Bucket(name, owner, region, created, policy, tagging, other);
    }
}
