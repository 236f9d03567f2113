package dev.cairn.proof;

import java.io.IOException;

/// Bytes that are not what they should be; the message says how. Unlike any other `IOException`,
/// reading them again would not help.
public final class Malformed extends IOException {
    private static final long serialVersionUID = 1L;

    Malformed(String message) {
        super(message);
    }

    Malformed(String message, Throwable cause) {
        super(message, cause);
    }
}
