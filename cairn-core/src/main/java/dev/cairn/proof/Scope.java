package dev.cairn.proof;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/// What is to be judged.
///
/// @param bucket the bucket; for a copy in a folder, the name it is shown under
/// @param prefix what keys start with: a trail's prefix, or any folder down to a region's; empty
///   for all
/// @param since only what was delivered from then on
/// @param until only what was sealed by then
/// @param copy whether it is a copy, which does not know its bucket's name and may lack the
///   signatures beside the digests
/// @param accounts only the files of these; empty for all
/// @param regions only the files of these; empty for all
public record Scope(
        String bucket,
        String prefix,
        Optional<Instant> since,
        Optional<Instant> until,
        boolean copy,
        Set<String> accounts,
        Set<String> regions) {

    public Scope {
        accounts = Set.copyOf(accounts);
        regions = Set.copyOf(regions);
    }

    /// All accounts and regions.
    public Scope(String bucket, String prefix, Optional<Instant> since, boolean copy) {
        this(bucket, prefix, since, Optional.empty(), copy, Set.of(), Set.of());
    }

    /// The same up to a time.
    public Scope until(Optional<Instant> time) {
        return new Scope(bucket, prefix, since, time, copy, accounts, regions);
    }

    /// Whether a head tells of a chain that is judged, and of a digest that must be met there or,
    /// when it is later than what is judged, that the chain must lead to.
    public boolean covers(Head head) {
        return head.bucket().equals(bucketOr(head.bucket()))
                && since.map(head.end()::isAfter).orElse(true)
                && DigestName.of(head.key()).map(DigestName::shelf).map(this::covers).orElse(false);
    }

    /// Whether the files of an account in a region are judged.
    boolean covers(Shelf shelf) {
        return (accounts.isEmpty() || accounts.contains(shelf.account()))
                && (regions.isEmpty() || regions.contains(shelf.region()))
                && shelf.isBelow(prefix.isEmpty() || prefix.endsWith("/") ? prefix : prefix + "/");
    }

    /// Whether a time is later than what is judged.
    public boolean isLater(Instant time) {
        return until.map(time::isAfter).orElse(false);
    }

    String bucketOr(String other) {
        return copy ? other : bucket;
    }
}
