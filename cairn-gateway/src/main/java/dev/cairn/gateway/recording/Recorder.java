package dev.cairn.gateway.recording;

import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The port through which the gateway records. Any thread may call any method.
public interface Recorder {

    /// Why nothing can be recorded right now. Empty when events are taken.
    ///
    /// @throws InterruptedException when interrupted while asking
    Optional<Append.Pushback> pushback() throws InterruptedException;

    /// Whether events of an account may be recorded at all. Beside the ledger all may.
    default boolean mayRecord(String account) {
        return true;
    }

    /// Records an event, and returns when it is durable.
    ///
    /// @param entry under a fresh eventID
    /// @return the pushback when it was not recorded: then it may be handed in again
    /// @throws InterruptedException when interrupted while waiting; the event may have been
    ///   recorded all the same
    Optional<Append.Pushback> record(Entry entry) throws InterruptedException;

    /// Records events that may be recorded already, perhaps saying something else of their calls:
    /// then what is recorded stays. Returns when all are durable.
    ///
    /// @param entries at least one
    /// @return empty when all are recorded
    /// @throws InterruptedException when interrupted while waiting; any of them may have been
    ///   recorded all the same
    Optional<NotRecorded> recordAgain(List<Entry> entries) throws InterruptedException;

    /// Why some events were not recorded.
    ///
    /// @param refused by their places among those handed in, what is not taken as things are; all
    ///   others are recorded. None when it is not about single events: then any may be recorded,
    ///   and all may be handed in again
    record NotRecorded(Append.Pushback pushback, Set<Integer> refused) {
        public NotRecorded {
            refused = Set.copyOf(refused);
        }
    }
}
