package dev.cairn.intake;

import java.io.IOException;

/// A body unpacks to more than is taken.
public final class BodyTooLargeException extends IOException {
    private static final long serialVersionUID = 1L;

    public BodyTooLargeException(String message) {
        super(message);
    }
}
