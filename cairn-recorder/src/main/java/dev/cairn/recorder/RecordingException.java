package dev.cairn.recorder;

import org.jspecify.annotations.Nullable;

/// An event was not recorded. It is not on disk, and will not be sent.
public final class RecordingException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Kind kind;

    /// Why not.
    public enum Kind {
        /// Push-back: the spool has no room, because Cairn has not taken what is in it. Later there
        /// will be.
        FULL,
        /// The disk did not take it, or the spool is in use by another recorder.
        DISK,
        /// The event is over 256 KB even without what CloudTrail lets go.
        TOO_LARGE,
        /// The calling thread was interrupted while it waited for room; it still is.
        INTERRUPTED,
        /// The recorder is closed.
        CLOSED
    }

    RecordingException(Kind kind, String message) {
        this(kind, message, null);
    }

    RecordingException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /// Why it was not recorded.
    public Kind kind() {
        return kind;
    }
}
