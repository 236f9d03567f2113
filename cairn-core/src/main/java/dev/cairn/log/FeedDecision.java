package dev.cairn.log;

import dev.cairn.event.EventReader;
import dev.cairn.event.Glance;
import dev.cairn.event.Parsed;
import dev.cairn.event.Parsed.Read;
import dev.cairn.event.Parsed.Refused;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Slice;
import dev.cairn.trail.Feed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Which log groups have an event as a message: the same for a position whenever it is asked.
///
/// @param groups whose feeds take it, by their ARNs; an event is in a group once, however many
///   trails feed that
/// @param reason why it could not be told of some; empty when it could
record FeedDecision(Set<String> groups, String reason) {
    private static final EventReader READER = EventReader.lenient();
    private static final FeedDecision NONE = new FeedDecision(Set.of(), "");

    /// Decides about what is held at a position.
    static FeedDecision of(List<Feed> feeds, Slice.Held held) {
        Entry entry = held.entry();
        Set<String> groups = null;
        List<Feed> unsure = null;
        Glance glance = null;
        for (Feed feed : feeds) {
            if (!feed.covers(held.position())) {
                continue;
            }
            glance = glance == null ? Glance.of(entry.json()) : glance;
            switch (feed.judge(entry, glance)) {
                case REFUSED -> {}
                case TAKEN -> {
                    groups = groups == null ? new LinkedHashSet<>() : groups;
                    groups.add(feed.group());
                }
                case UNSURE -> {
                    unsure = unsure == null ? new ArrayList<>() : unsure;
                    unsure.add(feed);
                }
            }
        }
        if (unsure != null) {
            return read(entry, unsure, groups == null ? new LinkedHashSet<>() : groups);
        }
        return groups == null ? NONE : new FeedDecision(groups, "");
    }

    /// Lets the whole record decide.
    private static FeedDecision read(Entry entry, List<Feed> unsure, Set<String> groups) {
        Parsed parsed =
                READER.read(
                        entry.json(),
                        Instant.EPOCH,
                        EventReader.Known.recorded(entry.place(), entry.id()));
        return switch (parsed) {
            case Read(var event) -> {
                for (Feed feed : unsure) {
                    if (feed.takes(entry, event)) {
                        groups.add(feed.group());
                    }
                }
                yield new FeedDecision(groups, "");
            }
            case Refused refused -> new FeedDecision(groups, refused.message());
        };
    }
}
