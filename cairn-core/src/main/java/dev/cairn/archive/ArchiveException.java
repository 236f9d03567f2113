package dev.cairn.archive;

/// The archive refuses or fails. Retry is decided by [#kind].
public final class ArchiveException extends Exception {
    private static final long serialVersionUID = 1L;

    /// What is the matter.
    public enum Kind {
        /// No such bucket.
        NO_SUCH_BUCKET,
        /// The bucket's policy, or its owner's rights, do not allow it.
        DENIED,
        /// It did not answer in time: the work may have been done all the same.
        TIMEOUT,
        /// It does not answer, is full or throttles; later calls may work.
        UNAVAILABLE,
        /// What it gave back is not what was stored.
        CORRUPT
    }

    private final Kind kind;
    private final String code;

    /// @param code the store's own error code, as GetTrailStatus shows it: `NoSuchBucket`,
    ///   `AccessDenied`, `SlowDown`
    public ArchiveException(Kind kind, String code, String message) {
        super(message);
        this.kind = kind;
        this.code = code;
    }

    /// @param code as above
    /// @param cause the driver's exception, its words untouched
    public ArchiveException(Kind kind, String code, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.code = code;
    }

    public Kind kind() {
        return kind;
    }

    public String code() {
        return code;
    }
}
