package dev.cairn.embedded.disk;

/// A data folder cannot be opened.
public final class DataFolderException extends Exception {
    private static final long serialVersionUID = 1L;

    /// What is the matter.
    public enum Kind {
        /// There is no data folder.
        NOT_FOUND,
        /// Another process, or another part of this one, has it open.
        IN_USE,
        /// Another version of Cairn wrote it, or it is the folder of something else.
        FOREIGN,
        /// The disk answers with an error.
        UNAVAILABLE
    }

    private final Kind kind;

    public DataFolderException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public DataFolderException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
