package dev.cairn.rule;

import org.jspecify.annotations.Nullable;

/// A text is not a rule that can be judged by. The message is for whoever wrote it.
public final class RuleException extends Exception {
    private static final long serialVersionUID = 1L;

    public RuleException(String message) {
        super(message);
    }

    RuleException(@Nullable String message, Throwable cause) {
        super(message, cause);
    }

    /// The sentence for the caller.
    public String message() {
        return String.valueOf(getMessage());
    }
}
