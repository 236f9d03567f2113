package dev.cairn.history;

/// History's world is failing. Retry is decided by [#kind].
public final class HistoryException extends Exception {
    private static final long serialVersionUID = 1L;

    /// What is the matter.
    public enum Kind {
        /// The index does not answer; later calls may work.
        UNAVAILABLE,
        /// The question took longer than its bound.
        TIMEOUT,
        /// The index on disk is damaged; rebuild it from the ledger.
        CORRUPT
    }

    private final Kind kind;

    public HistoryException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public HistoryException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
