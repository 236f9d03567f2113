package dev.cairn.connection;

import java.time.Instant;
import java.util.Optional;

/// A connection, without what it authorizes with.
///
/// @param reason why it is in its state; empty when nothing is to be said
/// @param authorized when it last was found good
public record Connection(
        ConnectionArn arn,
        String description,
        Authorization.Kind kind,
        State state,
        String reason,
        Instant created,
        Instant modified,
        Optional<Instant> authorized) {
    /// EventBridge's words for the states.
    public enum State {
        /// It can be used.
        AUTHORIZED,
        /// Its first token is yet to be had.
        AUTHORIZING,
        /// It has nothing to authorize with, or what it has was refused.
        DEAUTHORIZED
    }

    Connection in(State now, String why, Optional<Instant> found) {
        return new Connection(arn, description, kind, now, why, created, modified, found);
    }
}
