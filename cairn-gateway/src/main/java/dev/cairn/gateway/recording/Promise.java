package dev.cairn.gateway.recording;

import dev.cairn.disk.DiskException;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a client that has its whole answer may count on, and what is done for it. Any thread may
/// call any method.
public sealed interface Promise permits StrictPromise, SpoolPromise {

    /// Why no event can be taken right now: then no call is to be passed on. Empty when they are
    /// taken.
    ///
    /// @throws InterruptedException when interrupted while asking
    Optional<Append.Pushback> pushback() throws InterruptedException;

    /// Whether events of an account may be recorded at all: if not, no call of it is to be passed
    /// on.
    boolean mayRecord(String account);

    /// Writes down a call before it is passed on, or before its answer is let out: should nobody
    /// live to say more, its event is recorded all the same.
    ///
    /// @param entry its event, should nobody say what became of it
    /// @throws DiskException when it is not written: the call must not be passed on
    CallJournal.Line begin(Entry entry) throws DiskException;

    /// Takes a call's event. When it returns empty, the client may have its answer.
    ///
    /// @param begun the call as it was begun; null when it was not
    /// @return the pushback when the event was not taken in time: the client must not have its
    ///   answer. What is known of the call is recorded later, if the journal has it or takes it
    /// @throws InterruptedException when interrupted while waiting; the event may have been taken
    ///   all the same
    Optional<Append.Pushback> take(Entry entry, CallJournal.@Nullable Line begun)
            throws InterruptedException;

    /// Nobody will say what became of a call: it is recorded as it was begun, unless its event was
    /// taken.
    void leave(CallJournal.Line begun);
}
