package dev.cairn.archive;

import java.time.Instant;

/// Until when a version of an object must stay, and who may say otherwise
/// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html).
///
/// @param until it is free at that instant
public record Retention(Mode mode, Instant until) {

    /// Who may end it early.
    public enum Mode {
        /// Whoever has the right to bypass governance, and says that they mean to.
        GOVERNANCE,
        /// Nobody, the root of the account included.
        COMPLIANCE
    }

    /// Whether it still binds.
    public boolean binds(Instant now) {
        return until.isAfter(now);
    }
}
