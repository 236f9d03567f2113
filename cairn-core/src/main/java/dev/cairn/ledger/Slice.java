package dev.cairn.ledger;

import java.time.Instant;
import java.util.List;

/// A run of consecutive positions of one partition, as read back.
///
/// @param items in order of offset, dense: each offset from the first to `next` is named by exactly
///   one item's range
/// @param next the offset to read from next
public record Slice(int partition, List<Item> items, long next) {

    /// What a position, or a run of them, holds.
    public sealed interface Item {}

    /// An event.
    ///
    /// @param recordedAt when the ledger took it, milliseconds exact; never goes back within a
    ///   partition
    public record Held(Position position, Instant recordedAt, Entry entry) implements Item {}

    /// Positions whose bytes the disk no longer gives back whole. They are never skipped silently:
    /// a reader sets them aside with the reason (invariant I9).
    ///
    /// @param first the first position lost
    /// @param count how many consecutive offsets are lost, at least 1
    /// @param reason a sentence naming file, byte and what was found
    public record Lost(Position first, long count, String reason) implements Item {}
}
