package dev.cairn.embedded.backup;

/// A backup cannot be made, or not be restored; the message says what was expected and what came.
public final class BackupException extends Exception {
    private static final long serialVersionUID = 1L;

    /// What is the matter.
    public enum Kind {
        /// There is no backup there, or none of that name.
        NOT_FOUND,
        /// The folder is another's, or holds something already.
        FOREIGN,
        /// The key is not the one that the backups were made under.
        WRONG_KEY,
        /// Bytes of a backup are not those that were written.
        CORRUPT,
        /// The data folder changed under every attempt to copy it.
        CHANGING,
        /// A disk answers with an error.
        UNAVAILABLE
    }

    private final Kind kind;

    public BackupException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public BackupException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
