package dev.cairn.store;

import dev.cairn.event.Event;
import dev.cairn.event.Glance;
import dev.cairn.event.Place;
import dev.cairn.ledger.Origin;
import dev.cairn.ledger.Position;
import dev.cairn.selector.Verdict;
import java.util.List;

/// What an event data store is from a position on, until its next version.
///
/// @param number rises with each change, from 1; some are left out
/// @param taking whether it takes anything
/// @param from for each partition, the first offset it holds for
public record StoreVersion(int number, EventDataStore store, boolean taking, List<Long> from) {
    public StoreVersion {
        from = List.copyOf(from);
    }

    /// Whether it holds at a position, its successor left out of account.
    public boolean holdsFrom(Position position) {
        return from.get(position.partition()) <= position.offset();
    }

    /// Whether it takes an event at a position that it holds for.
    public boolean takes(Origin origin, Event event) {
        return taking && store.takes(origin, event);
    }

    /// Whether it takes a record at a position that it holds for, judged at a glance.
    ///
    /// @param place where it was recorded
    public Verdict judge(Origin origin, Place place, byte[] json, Glance glance) {
        return taking ? store.judge(origin, place, json, glance) : Verdict.REFUSED;
    }
}
