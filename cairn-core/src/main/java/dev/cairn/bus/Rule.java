package dev.cairn.bus;

import java.util.Map;
import java.util.Optional;

/// A rule of an event bus: which events it wants, or when it fires by itself.
///
/// @param pattern which events it wants, as it was put; empty for none
/// @param schedule when it fires by itself, as it was put; empty for never
/// @param description empty for none
/// @param role kept for who asks; empty for none
public record Rule(
        RuleName name,
        Optional<String> pattern,
        Optional<String> schedule,
        State state,
        String description,
        String role,
        Map<String, String> tags) {

    public Rule {
        tags = Map.copyOf(tags);
    }

    /// Whether a rule acts, spelt as on the wire.
    public enum State {
        ENABLED,
        DISABLED,
        /// It also gets management calls that change nothing.
        ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS
    }

    Rule with(State other) {
        return new Rule(name, pattern, schedule, other, description, role, tags);
    }

    Rule withTags(Map<String, String> others) {
        return new Rule(name, pattern, schedule, state, description, role, others);
    }
}
