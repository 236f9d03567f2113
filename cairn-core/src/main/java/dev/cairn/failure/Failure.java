package dev.cairn.failure;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The answer to a caller who erred, was refused, or must come back later. One place per wire
/// protocol turns it into bytes.
///
/// The message goes to the caller as it is: what was expected, then what came, never a secret. Only
/// failures that are bugs carry a stack trace; the others are ordinary answers, and frequent ones
/// when a caller insists.
public final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final @Nullable Duration retryAfter;

    /// With the code's default message.
    public Failure(ErrorCode code) {
        this(code, code.defaultMessage());
    }

    public Failure(ErrorCode code, String message) {
        this(code, message, null, null);
    }

    /// @param cause for the log; the caller never sees it
    public Failure(ErrorCode code, String message, Throwable cause) {
        this(code, message, null, cause);
    }

    /// @param retryAfter how long the caller should wait; sent as `Retry-After` in whole seconds
    public Failure(ErrorCode code, String message, Duration retryAfter) {
        this(code, message, retryAfter, null);
    }

    private Failure(
            ErrorCode code,
            String message,
            @Nullable Duration retryAfter,
            @Nullable Throwable cause) {
        super(message, cause, false, code.category() == ErrorCode.Category.BUG);
        this.code = code;
        this.retryAfter = retryAfter;
    }

    public ErrorCode code() {
        return code;
    }

    /// The sentence for the caller.
    public String message() {
        return getMessage() == null ? code.defaultMessage() : getMessage();
    }

    /// How long the caller should wait before trying again, if we can tell.
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
