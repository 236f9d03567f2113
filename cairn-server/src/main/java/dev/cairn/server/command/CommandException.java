package dev.cairn.server.command;

/// A command cannot do what it was asked; the message is the one line that the user sees.
final class CommandException extends Exception {
    private static final long serialVersionUID = 1L;

    /// Exit code when the arguments or the surroundings are wrong.
    static final int USAGE = 2;

    /// Exit code when the work itself failed, or found something wrong.
    static final int FAILED = 1;

    private final int exitCode;

    CommandException(String message) {
        this(message, FAILED);
    }

    CommandException(String message, int exitCode) {
        super(message);
        this.exitCode = exitCode;
    }

    CommandException(String message, Throwable cause) {
        super(message, cause);
        this.exitCode = FAILED;
    }

    int exitCode() {
        return exitCode;
    }
}
