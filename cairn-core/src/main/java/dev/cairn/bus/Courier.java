package dev.cairn.bus;

import java.time.Instant;

/// The port to targets outside: takes one event to one of them. From any thread; ends within a time
/// of its own (a bound in seconds).
@FunctionalInterface
public interface Courier {

    /// Tries once.
    Outcome carry(Dispatches.Parcel parcel) throws InterruptedException;

    /// What became of it.
    sealed interface Outcome {
        /// The target has it.
        record Taken() implements Outcome {}

        /// Not now: try again later.
        ///
        /// @param notBefore when the target wants it again at the earliest; a time that has passed
        ///   when it did not say
        record Failed(Refusal refusal, Instant notBefore) implements Outcome {}

        /// The target does not want it: it is not tried again.
        record Refused(Refusal refusal) implements Outcome {}
    }
}
