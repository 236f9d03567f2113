package dev.cairn.pattern;

import org.jspecify.annotations.Nullable;

/// A text is not a pattern that can be judged by. The message is for whoever wrote it.
public final class EventPatternException extends Exception {
    private static final long serialVersionUID = 1L;

    public EventPatternException(String message) {
        super(message);
    }

    EventPatternException(@Nullable String message, Throwable cause) {
        super(message, cause);
    }

    /// The sentence for the caller.
    public String message() {
        return String.valueOf(getMessage());
    }
}
