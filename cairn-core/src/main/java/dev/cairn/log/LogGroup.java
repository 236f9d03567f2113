package dev.cairn.log;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// A log group.
///
/// @param retentionDays how long messages stay; empty for ever
/// @param generation rises when its filters change; no other group of its name has or had it
public record LogGroup(
        LogGroupName name,
        Instant created,
        Optional<Integer> retentionDays,
        Map<String, String> tags,
        long generation) {

    LogGroup withRetention(Optional<Integer> days) {
        return new LogGroup(name, created, days, tags, generation);
    }

    LogGroup withTags(Map<String, String> others) {
        return new LogGroup(name, created, retentionDays, others, generation);
    }

    LogGroup withGeneration(long other) {
        return new LogGroup(name, created, retentionDays, tags, other);
    }
}
