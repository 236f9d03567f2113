package dev.cairn.ledger;

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

    public LedgerException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public LedgerException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
