package dev.cairn.delivery;

import dev.cairn.aggregation.Tally;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.event.EventReader;
import dev.cairn.trail.TrailVersion;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How far the aggregation of a trail's data events has come, within one version of the trail.
///
/// Events come in order of position, and windows are of `eventTime`, so at any moment some events
/// that were read wait for their window to end. Which they are is told by three things alone: an
/// event is counted already when its position is before `seen` and its window had ended by
/// `closed`. What waits lies from `low` on, and is read again when its time has come; nothing is
/// kept of it in the meantime.
///
/// @param low by partition: everything before is counted
/// @param seen by partition: where the last round ended
/// @param closed windows that end here or before were told of by the last round
/// @param full whether the last round ended early, because there was more than it could hold
record Aggregated(List<Long> low, List<Long> seen, Instant closed, boolean full) {
    /// How long after its end a window is counted: most of its events are recorded by then.
    static final Duration LATENESS = Duration.ofMinutes(1);

    /// Every window, however far ahead.
    static final Instant ALL = Instant.parse("+1000000-01-01T00:00:00Z");

    Aggregated {
        low = List.copyOf(low);
        seen = List.copyOf(seen);
    }

    /// Nothing of a version is counted yet.
    ///
    /// @param before of the version before; null when it did not aggregate
    /// @param clock the delivery clock
    static Aggregated start(TrailVersion version, @Nullable Aggregated before, Instant clock) {
        Instant closed = due(version.since());
        if (before != null) {
            // The version before told of what there was of the window that is open now.
            Instant told = before.closed().equals(ALL) ? Tally.end(clock) : before.closed();
            closed = told.isAfter(closed) ? told : closed;
        }
        return new Aggregated(version.from(), version.from(), closed, false);
    }

    /// The end of the last window that may be counted.
    static Instant due(Instant clock) {
        return Tally.end(clock.minus(LATENESS)).minus(Tally.WINDOW);
    }

    /// Up to which end windows may be counted now; never less than before.
    Instant closes(Instant clock) {
        Instant due = due(clock);
        return due.isAfter(closed) ? due : closed;
    }

    /// When an event's window counts as ended. A time further ahead than events are taken with is a
    /// mistake, and not waited for.
    static Instant ends(Instant time, Instant recordedAt) {
        Instant end = Tally.end(time);
        Instant latest = Tally.end(recordedAt.plus(EventReader.AHEAD_MAX));
        return end.isBefore(latest) ? end : latest;
    }

    /// Whether an event was counted by an earlier round.
    ///
    /// @param ends as of [#ends]
    boolean counted(int partition, long offset, Instant ends) {
        return offset < seen.get(partition) && !ends.isAfter(closed);
    }

    Fields write(Fields fields, String prefix) {
        return fields.with(prefix + "low", DeliveryState.text(low))
                .with(prefix + "seen", DeliveryState.text(seen))
                .with(prefix + "closed", closed.toString())
                .with(prefix + "full", Boolean.toString(full));
    }

    static @Nullable Aggregated read(Fields fields, String prefix) throws CatalogException {
        Optional<String> low = fields.find(prefix + "low");
        return low.isEmpty()
                ? null
                : new Aggregated(
                        DeliveryState.offsets(low.get()),
                        DeliveryState.offsets(fields.text(prefix + "seen")),
                        Instant.parse(fields.text(prefix + "closed")),
                        Boolean.parseBoolean(fields.text(prefix + "full")));
    }
}
