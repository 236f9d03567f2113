package dev.cairn.ledger;

import org.jspecify.annotations.Nullable;

/// The ledger's world is failing. Retry is decided by [#kind].
public final class LedgerException extends Exception {
    private static final long serialVersionUID = 1L;

    /// What is the matter.
    public enum Kind {
        /// A position that retention has removed, or that is not yet recorded, was read.
        NOT_FOUND,
        /// The disk answers with errors; later calls may work.
        UNAVAILABLE,
        /// Bytes on disk are not what was written, where that cannot be told as a [Slice.Lost].
        CORRUPT,
        /// The ledger stopped itself after a write it could not undo, or was closed.
        STOPPED
    }

    private final Kind kind;
    private final transient Slice.@Nullable Lost unreadable;

    public LedgerException(Kind kind, String message) {
        super(message);
        this.kind = kind;
        this.unreadable = null;
    }

    public LedgerException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.unreadable = null;
    }

    /// The disk does not give these positions back: UNAVAILABLE, for it may do so later.
    public LedgerException(Slice.Lost unreadable, Throwable cause) {
        super(unreadable.reason(), cause);
        this.kind = Kind.UNAVAILABLE;
        this.unreadable = unreadable;
    }

    public Kind kind() {
        return kind;
    }

    /// The positions, from the first wanted on, that could not be read and share the trouble; what
    /// follows them may be well. Null when the trouble has no such bounds.
    public Slice.@Nullable Lost unreadable() {
        return unreadable;
    }
}
