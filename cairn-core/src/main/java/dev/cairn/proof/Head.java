package dev.cairn.proof;

import java.time.Instant;

/// The last digest of an unbroken run of digests, noted where the bucket's owner cannot reach: with
/// it, a chain that was cut off is found out.
///
/// @param bucket where the digest is
/// @param key of the digest
/// @param end of the digest's window: everything up to then is in the run
/// @param signature of the digest, lower-case hex
public record Head(String bucket, String key, Instant end, String signature) {}
