package dev.cairn.disk;

import java.io.IOException;

/// A disk did not do what it was asked. Retry is decided by [#kind].
public final class DiskException extends IOException {
    private static final long serialVersionUID = 1L;

    /// What is the matter.
    public enum Kind {
        /// There is no file or folder of that name.
        NOT_FOUND,
        /// A file of that name is there already.
        EXISTS,
        /// No space is left, or a quota is used up. How much of a write was done is not known.
        FULL,
        /// The disk answers with an error; how much of the operation was done is not known.
        FAILED
    }

    private final Kind kind;

    public DiskException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public DiskException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
