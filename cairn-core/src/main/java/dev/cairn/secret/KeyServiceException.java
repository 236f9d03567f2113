package dev.cairn.secret;

/// A key service refuses or fails. Nothing was changed there or here.
public final class KeyServiceException extends Exception {
    private static final long serialVersionUID = 1L;

    /// What is the matter.
    public enum Kind {
        /// Nobody told who asks, or they may not use the key.
        DENIED,
        /// No such key, or not one that can be used: disabled, about to be deleted, of another
        /// kind.
        UNUSABLE,
        /// What is to be unwrapped is damaged, or was wrapped under another key.
        WRONG_KEY,
        /// It does not answer, or throttles; a later call may work.
        UNAVAILABLE
    }

    private final Kind kind;

    /// @param message with the service's own words
    public KeyServiceException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /// @param cause the driver's exception, its words untouched
    public KeyServiceException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
