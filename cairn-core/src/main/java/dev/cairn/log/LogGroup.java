package dev.cairn.log;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// A log group.
///
/// @param retentionDays how long messages stay; empty for ever
public record LogGroup(
        LogGroupName name,
        Instant created,
        Optional<Integer> retentionDays,
        Map<String, String> tags) {

    LogGroup withRetention(Optional<Integer> days) {
        return new LogGroup(name, created, days, tags);
    }

    LogGroup withTags(Map<String, String> others) {
        return new LogGroup(name, created, retentionDays, others);
    }
}
