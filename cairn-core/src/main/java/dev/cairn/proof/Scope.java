package dev.cairn.proof;

import java.time.Instant;
import java.util.Optional;

/// What is to be judged.
///
/// @param bucket the bucket; for a copy in a folder, the name it is shown under
/// @param prefix what keys start with: a trail's prefix, or any folder down to a region's; empty
///   for all
/// @param since only what was delivered from then on
/// @param copy whether it is a copy, which does not know its bucket's name and may lack the
///   signatures beside the digests
public record Scope(String bucket, String prefix, Optional<Instant> since, boolean copy) {

    String bucketOr(String other) {
        return copy ? other : bucket;
    }
}
