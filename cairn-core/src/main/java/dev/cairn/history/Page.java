package dev.cairn.history;

import dev.cairn.event.Event;
import dev.cairn.ledger.Origin;
import dev.cairn.ledger.Position;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One page of an answer.
///
/// @param hits newest first
/// @param next where the next page starts; null when this was the last
/// @param cut why a wildcard or regular expression was not followed to its end, so that events may
///   be missing from the answer; null when the answer is whole
public record Page(List<Hit> hits, Query.@Nullable Cursor next, @Nullable String cut) {

    /// An event found.
    public record Hit(Position position, Origin origin, Event event) {}
}
