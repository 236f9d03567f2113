package dev.cairn.gateway.recording;

import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import java.util.List;
import java.util.Optional;

/// The port through which the gateway records. Any thread may call any method.
public interface Recorder {

    /// Why nothing can be recorded right now. Empty when events are taken.
    Optional<Append.Pushback> pushback();

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
    /// @return the pushback when some were not recorded: then all may be handed in again
    /// @throws InterruptedException when interrupted while waiting; any of them may have been
    ///   recorded all the same
    Optional<Append.Pushback> recordAgain(List<Entry> entries) throws InterruptedException;
}
