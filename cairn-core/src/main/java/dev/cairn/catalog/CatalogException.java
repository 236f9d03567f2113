package dev.cairn.catalog;

/// The catalog's world is failing. Retry is decided by [#kind].
public final class CatalogException extends Exception {
    private static final long serialVersionUID = 1L;

    /// What is the matter.
    public enum Kind {
        /// A document is not at the version it was expected at, or exists already.
        CONFLICT,
        /// The catalog does not answer; later calls may work.
        UNAVAILABLE,
        /// The catalog's file is damaged or from another version.
        CORRUPT
    }

    private final Kind kind;

    public CatalogException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public CatalogException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
