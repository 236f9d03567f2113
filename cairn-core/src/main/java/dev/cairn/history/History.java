package dev.cairn.history;

import dev.cairn.ledger.Slice;
import java.time.Instant;
import java.util.List;

/// The port that answers questions about recorded events.
///
/// One thread takes slices ([#take], [#refresh], [#commit], [#expire], [#tidy]); any thread may
/// search. What was taken and refreshed is found; what was committed survives a crash, and
/// [#position] then tells where to take up again.
public interface History extends AutoCloseable {

    /// Where to read on from in a partition: everything before it is in the index, filtered out or
    /// set aside, durably.
    long position(int partition);

    /// Begins a partition at an offset, because the ledger has released what lies before it: that
    /// counts as filtered, for it was let go by rule. Durable with the next [#commit].
    ///
    /// @throws IllegalStateException when something of the partition was taken before
    void begin(int partition, long first) throws HistoryException;

    /// Takes the next slice of a partition. Slices overlapping what was taken before are taken
    /// once: after a crash, events already in the index are not added again.
    void take(Slice slice) throws HistoryException;

    /// Makes what was taken visible to searches.
    void refresh() throws HistoryException;

    /// Makes what was taken durable, position included.
    void commit() throws HistoryException;

    /// Removes what is older than retention at that time; commits first.
    void expire(Instant now) throws HistoryException;

    /// Does a step of what makes later searches faster and changes none of their answers. Returns
    /// soon; what takes long goes on beside. For the thread that takes, while it has time.
    ///
    /// @return whether there is more to do, so that another step is worth while
    default boolean tidy(Instant now) throws HistoryException {
        return false;
    }

    /// Answers a question. Bounded in time and in the terms a wildcard may expand to.
    Page search(Query query) throws HistoryException;

    /// The values that events have at a path of the record itself, whoever's they are: each once,
    /// in order of their UTF-8 bytes. Costs what is listed, not what was recorded. Of values over a
    /// kilobyte one that begins alike may stand for all; those of events past retention may still
    /// be among them.
    ///
    /// @param after the last value of the page before; empty for the first page
    /// @param limit at most this many, 1 to [Query#LIMIT_MAX]; fewer are all that are left
    List<String> values(String path, String after, int limit) throws HistoryException;

    /// The lowest offset of a partition whose event is still in the index; the end of what was
    /// taken when none is. The ledger may release what lies below.
    long lowestHeld(int partition) throws HistoryException;

    /// What became of a partition's events, counted from the output itself.
    Account account(int partition) throws HistoryException;

    /// Events set aside, newest last; at most `limit`.
    List<SetAside> setAside(int limit) throws HistoryException;

    @Override
    void close();

    /// This reader's side of the completeness ledger, from offset 0 to `position`.
    ///
    /// @param position offset up to which events were taken and committed or are in memory
    /// @param delivered documents in the index
    /// @param filtered events too old on arrival, expired since, or released by the ledger before
    ///   this history began
    /// @param setAside events the index could not take, or the ledger lost
    record Account(long position, long delivered, long filtered, long setAside) {}

    /// Events that the index could not take (invariant I9).
    record SetAside(int partition, long offset, long count, String reason) {}
}
