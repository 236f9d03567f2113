package dev.cairn.trail;

import dev.cairn.event.Event;
import dev.cairn.event.Glance;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Position;
import dev.cairn.selector.Verdict;
import java.util.List;
import java.util.Objects;

/// The positions at which a trail's version feeds a log group. It stays when delivery has let go of
/// the version, for as long as the ledger has one of them: what is in the group is decided by it,
/// whenever somebody looks.
///
/// @param id of the trail
/// @param version one that logs, of a trail with a log group
/// @param to for each partition, the first offset that it does not hold for any more;
///   `Long.MAX_VALUE` while it is the trail's latest
public record Feed(String id, TrailVersion version, List<Long> to) {
    public Feed {
        to = List.copyOf(to);
    }

    /// The ARN of the group, as the trail names it.
    public String group() {
        return Objects.requireNonNull(version.trail().logs(), "a feed has a group").group();
    }

    /// Whether it decides about a position.
    public boolean covers(Position position) {
        return version.holdsFrom(position) && position.offset() < to.get(position.partition());
    }

    /// As [TrailVersion#judge], of an entry at a position that it covers.
    public Verdict judge(Entry entry, Glance glance) {
        return version.judge(entry.origin(), entry.place(), entry.json(), glance);
    }

    /// As [TrailVersion#takes], of an entry at a position that it covers.
    public boolean takes(Entry entry, Event event) {
        return version.takes(entry.origin(), event);
    }
}
