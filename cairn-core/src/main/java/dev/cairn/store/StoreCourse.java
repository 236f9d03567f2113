package dev.cairn.store;

import dev.cairn.ledger.Position;
import java.util.List;
import java.util.Optional;

/// An event data store and its versions, in order. Those that its reader needs no more are missing
/// at the front.
///
/// @param versions at least one
public record StoreCourse(StoreState state, List<StoreVersion> versions) {
    public StoreCourse {
        versions = List.copyOf(versions);
        if (versions.isEmpty()) {
            throw new IllegalArgumentException("an event data store has at least one version");
        }
    }

    /// The version that holds at a position; empty when the store was not there yet.
    public Optional<StoreVersion> at(Position position) {
        for (int i = versions.size() - 1; i >= 0; i--) {
            if (versions.get(i).holdsFrom(position)) {
                return Optional.of(versions.get(i));
            }
        }
        return Optional.empty();
    }

    /// What it is now.
    public StoreVersion latest() {
        return versions.getLast();
    }
}
