package dev.cairn.ledger;

import dev.cairn.event.Place;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// The port where events become *recorded*.
///
/// Any thread may call any method. Appends of one thread to one partition keep their order; a
/// reader sees a position only once it is durable, and never out of order.
public interface Ledger extends AutoCloseable {

    /// Records entries, and returns when every outcome that says so is durable: for the embedded
    /// ledger on disk (fsync), for a distributed one on a quorum.
    ///
    /// Entries for one partition are taken all together or not at all. Entries whose id the place
    /// already has within the duplicate window are answered as [Append.Duplicate] or
    /// [Append.Conflict]; with [Origin#IMPORT] there is no window. Two equal ids within `entries`
    /// count as one after the other.
    ///
    /// @param entries at least one
    /// @return one outcome per entry, in the same order
    /// @throws IllegalArgumentException when there are no entries, or more bytes for one partition
    ///   than its queue may ever hold (`queueBytesMax`, 64 MB by default, of the embedded ledger):
    ///   nothing was written
    /// @throws InterruptedException when interrupted while waiting; the entries may have been
    ///   recorded all the same
    List<Append> append(List<Entry> entries) throws InterruptedException;

    /// How many partitions there are, from 1; fixed for the life of a data folder.
    int partitions();

    /// The partition that takes a place's events; the same for ever (invariant I7).
    int partitionOf(Place place);

    /// The lowest offset still held, and the end: the offset that the next event will get.
    Span span(int partition);

    /// Reads events in order, from an offset within the span.
    ///
    /// @param itemsMax at most this many items, at least 1
    /// @param bytesMax stop after the item that reaches this many bytes of JSON
    /// @return an empty slice when `from` is the end
    /// @throws LedgerException with NOT_FOUND when `from` lies outside the span; with
    ///   [LedgerException#unreadable] when the disk fails at `from` itself: what comes before such
    ///   a place is given
    Slice read(Position from, int itemsMax, long bytesMax) throws LedgerException;

    /// Waits until the end of a partition is past an offset.
    ///
    /// @return false when the time ran out first
    boolean await(Position past, Duration atMost) throws InterruptedException;

    /// Lets go of events below an offset: retention has ended for every reader. Whole sealed
    /// segments are removed, so that some events below it may stay.
    void release(int partition, long below) throws LedgerException;

    /// Where the ledger stands, for status and health.
    State state();

    @Override
    void close();

    /// The offsets a partition holds: `first` inclusive, `end` exclusive.
    record Span(long first, long end) {
        public long count() {
            return end - first;
        }
    }

    /// A snapshot for status, health and metrics.
    ///
    /// @param bytes what the ledger occupies on disk
    /// @param pushback why appends are pushed back right now; empty when they are taken
    /// @param damaged the runs of lost positions found so far
    /// @param duplicatesSince events recorded before this are outside the duplicate window for the
    ///   intake
    record State(long bytes, String pushback, List<Slice.Lost> damaged, Instant duplicatesSince) {}
}
