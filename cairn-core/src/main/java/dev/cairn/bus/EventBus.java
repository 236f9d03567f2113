package dev.cairn.bus;

import java.time.Instant;
import java.util.Map;

/// An event bus.
///
/// @param description empty for none
/// @param created the beginning of time for a default bus, which was always there
public record EventBus(
        BusName name,
        String description,
        Instant created,
        Instant modified,
        Map<String, String> tags) {

    public EventBus {
        tags = Map.copyOf(tags);
    }

    EventBus withTags(Map<String, String> others, Instant now) {
        return new EventBus(name, description, created, now, others);
    }
}
