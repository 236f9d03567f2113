package dev.cairn.archive;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A bucket of the built-in archive.
///
/// @param owner the account that it belongs to
/// @param policy its policy, as written; null for none
/// @param tagging its tags in the form of a query, as `x-amz-tagging` has them; empty for none
public record Bucket(
        String name,
        String owner,
        String region,
        Instant created,
        @Nullable String policy,
        String tagging) {

    /// Its ARN.
    public String arn() {
        return "arn:aws:s3:::" + name;
    }

    /// The ARN of an object in it.
    public String arn(String key) {
        return arn() + "/" + key;
    }
}
