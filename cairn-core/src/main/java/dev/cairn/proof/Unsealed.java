package dev.cairn.proof;

import java.time.Duration;
import java.time.Instant;

/// A span in which files were delivered that no digest beside them names, because validation was
/// off, or their trail moved to another place: they are not at fault, and nothing here proves them.
///
/// @param base what keys of such files start with, up to and with the account's folder
/// @param from the first delivery
/// @param to the last one
/// @param sealedBy the digest elsewhere that names them, as `s3://bucket/key`; empty when none does
public record Unsealed(String bucket, String base, Instant from, Instant to, String sealedBy) {
    /// Names of log files say the minute.
    private static final Duration NAME_PRECISION = Duration.ofMinutes(1);

    /// Why no digest names a file of the span.
    String sentence() {
        return sealedBy.isEmpty()
                ? "is of a time in which validation was off, %s to %s: no digest names it"
                        .formatted(from, to)
                : "was delivered just before its trail moved: the digest that may name it is "
                        + sealedBy;
    }

    /// @param minute of the delivery, as the key says
    boolean covers(String key, Instant minute) {
        return key.startsWith(base)
                && !minute.isAfter(to)
                && minute.plus(NAME_PRECISION).isAfter(from);
    }
}
