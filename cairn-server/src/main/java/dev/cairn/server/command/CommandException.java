package dev.cairn.server.command;

/// A command cannot do what it was asked; the message is the one line that the user sees.
final class CommandException extends Exception {
    private static final long serialVersionUID = 1L;

    /// Exit code when the arguments or the surroundings are wrong.
    static final int USAGE = 2;

    /// Exit code when the work itself failed, or found something wrong.
    static final int FAILED = 1;

    private final int exitCode;
    private final int status;

    CommandException(String message) {
        this(message, FAILED);
    }

    CommandException(String message, int exitCode) {
        super(message);
        this.exitCode = exitCode;
        this.status = 0;
    }

    private CommandException(int status, String message) {
        super(message);
        this.exitCode = FAILED;
        this.status = status;
    }

    /// A server's refusal.
    ///
    /// @param status of its answer
    static CommandException refused(int status, String message) {
        return new CommandException(status, message);
    }

    CommandException(String message, Throwable cause) {
        super(message, cause);
        this.exitCode = FAILED;
        this.status = 0;
    }

    int exitCode() {
        return exitCode;
    }

    /// The HTTP status of the server that refused; 0 when none did.
    int status() {
        return status;
    }
}
