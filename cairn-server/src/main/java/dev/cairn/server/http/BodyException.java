package dev.cairn.server.http;

import java.io.IOException;

/// A request's body did not arrive as it should. The kind tells the status to answer with.
public final class BodyException extends IOException {
    private static final long serialVersionUID = 1L;

    /// What is wrong with the body.
    public enum Kind {
        /// More bytes than the limit: 413.
        TOO_LARGE,
        /// Not complete within its time: 408.
        TOO_SLOW,
        /// The peer stopped before the announced end: the connection is gone.
        INCOMPLETE,
        /// Too large for a body of which the head does not tell the hash: 400.
        NO_HASH,
        /// Nothing is wrong with it, but there is no room for it here: 503.
        NO_ROOM
    }

    private final Kind kind;

    public BodyException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    /// The sentence for the caller.
    public String message() {
        return String.valueOf(getMessage());
    }
}
