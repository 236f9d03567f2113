package dev.cairn.gateway.upstream;

import java.io.IOException;

/// The upstream gave no answer, or not a whole one. The kind tells which.
public final class UpstreamException extends IOException {
    private static final long serialVersionUID = 1L;

    /// What became of the call.
    public enum Kind {
        /// Its head could be read as another one: it was not sent.
        UNSENDABLE,
        /// Nobody listens there, or the name has no address: the call did not reach it.
        REFUSED,
        /// It said nothing for too long. Whether the call took effect is not known.
        TIMEOUT,
        /// It ended the connection without an answer. Whether the call took effect is not known.
        RESET,
        /// What it answered is not HTTP, or says two things of its length.
        MALFORMED,
        /// The answer's head came, and its body ended early.
        CUT
    }

    private final Kind kind;

    public UpstreamException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public UpstreamException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    /// The sentence for the caller and the record.
    public String message() {
        return String.valueOf(getMessage());
    }
}
