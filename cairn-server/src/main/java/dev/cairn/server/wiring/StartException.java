package dev.cairn.server.wiring;

/// Cairn cannot start. The message says why, and what to do where that is known.
public final class StartException extends Exception {
    private static final long serialVersionUID = 1L;

    StartException(String message) {
        super(message);
    }

    StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
