package dev.cairn.gateway.recording;

import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import java.util.Optional;

/// The port through which the gateway records. Any thread may call any method.
public interface Recorder {

    /// Why nothing can be recorded right now; asked before a call is passed on. Empty when events
    /// are taken.
    Optional<Append.Pushback> pushback();

    /// Records an event, and returns when it is durable.
    ///
    /// @param entry under a fresh eventID
    /// @return the pushback when it was not recorded: then it may be handed in again
    /// @throws InterruptedException when interrupted while waiting; the event may have been
    ///   recorded all the same
    Optional<Append.Pushback> record(Entry entry) throws InterruptedException;
}
