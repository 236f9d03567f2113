package dev.cairn.ledger;

import java.time.Duration;

/// What became of one entry handed to [Ledger#append].
public sealed interface Append {

    /// On disk, at this position.
    record Recorded(Position position) implements Append {}

    /// An event with this id and equal JSON is recorded already, at `first`; its first bytes stay.
    /// Nothing was written.
    record Duplicate(Position first) implements Append {}

    /// An event with this id and *different* JSON is recorded at `first`. Nothing was written.
    record Conflict(Position first) implements Append {}

    /// The ledger is full, behind or closing. Nothing was written; the same entry may be handed in
    /// again.
    ///
    /// @param retryAfter how long to wait before trying again
    /// @param reason a sentence for the caller and the operator
    record Pushback(Duration retryAfter, String reason) implements Append {}
}
