package dev.cairn.access;

import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;

/// What [Access#decide] says.
public sealed interface Decision {

    /// Go on.
    record Allowed() implements Decision {}

    /// Do not.
    ///
    /// @param message for the caller, in AWS's words
    record Denied(String message) implements Decision {}

    /// Goes on when allowed.
    ///
    /// @throws Failure ACCESS_DENIED with the message when denied
    default void orFail() {
        switch (this) {
            case Allowed() -> {}
            case Denied(String message) -> throw new Failure(ErrorCode.ACCESS_DENIED, message);
        }
    }
}
