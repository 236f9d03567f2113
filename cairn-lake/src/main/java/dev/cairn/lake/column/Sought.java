package dev.cairn.lake.column;

import java.time.LocalDateTime;
import java.util.Optional;
import java.util.Set;

/// Which events of a table a query can be about at all: others need not be looked at.
///
/// @param eventIds only these; empty for any
/// @param from not before this eventTime (UTC); empty for any
/// @param to not after this one
public record Sought(
        Optional<Set<String>> eventIds, Optional<LocalDateTime> from, Optional<LocalDateTime> to) {
    /// All of them.
    public static final Sought ALL =
            new Sought(Optional.empty(), Optional.empty(), Optional.empty());

    /// Those that both mean.
    public Sought and(Sought other) {
        return new Sought(
                // One of them is enough to look for.
                eventIds.or(other::eventIds),
                from.isEmpty() || other.from.filter(from.get()::isBefore).isPresent()
                        ? other.from.or(this::from)
                        : from,
                to.isEmpty() || other.to.filter(to.get()::isAfter).isPresent()
                        ? other.to.or(this::to)
                        : to);
    }
}
