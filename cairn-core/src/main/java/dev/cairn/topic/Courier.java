package dev.cairn.topic;

/// The port to receivers outside: takes one message to one of them. From any thread; ends within a
/// time of its own (a bound in seconds).
@FunctionalInterface
public interface Courier {

    /// Tries once.
    Outcome carry(Outbound.Parcel parcel) throws InterruptedException;

    /// What became of it.
    sealed interface Outcome {
        /// The receiver has it.
        record Taken() implements Outcome {}

        /// Not now: try again later.
        record Failed(String reason) implements Outcome {}

        /// The receiver does not want it; the same again would be refused again.
        record Refused(String reason) implements Outcome {}
    }
}
