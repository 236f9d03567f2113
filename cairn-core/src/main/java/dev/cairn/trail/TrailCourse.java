package dev.cairn.trail;

import dev.cairn.ledger.Position;
import java.util.List;
import java.util.Optional;

/// A trail from its creation on: its versions, of which each holds from its positions to those of
/// the next. Versions that delivery has let go of are missing at the front.
///
/// @param id names this trail for ever, even when another one of the same ARN is made later: 1 to
///   40 letters, digits and hyphens
/// @param versions in order, at least one
public record TrailCourse(String id, List<TrailVersion> versions) {
    public TrailCourse {
        versions = List.copyOf(versions);
        if (versions.isEmpty()) {
            throw new IllegalArgumentException("a trail has at least one version");
        }
    }

    /// What the trail is now.
    public TrailVersion latest() {
        return versions.getLast();
    }

    /// The version that holds at a position; empty when the trail was not there yet, or delivery
    /// has let go of it.
    public Optional<TrailVersion> at(Position position) {
        for (int i = versions.size() - 1; i >= 0; i--) {
            if (versions.get(i).holdsFrom(position)) {
                return Optional.of(versions.get(i));
            }
        }
        return Optional.empty();
    }

    /// Where a version ends in a partition: the first offset of the next one; `Long.MAX_VALUE` for
    /// the latest.
    ///
    /// @param version one of this course
    public long end(TrailVersion version, int partition) {
        int index = versions.indexOf(version);
        return index == versions.size() - 1
                ? Long.MAX_VALUE
                : versions.get(index + 1).from().get(partition);
    }
}
