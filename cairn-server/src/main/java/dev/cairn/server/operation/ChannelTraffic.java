package dev.cairn.server.operation;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What was put into each channel last, since the start. Any thread may call any method.
final class ChannelTraffic {
    private final Map<String, Latest> latest = new ConcurrentHashMap<>();

    /// What was last.
    ///
    /// @param attemptId what its sender calls the event
    /// @param success when an event was recorded last; null when none was
    /// @param successId what its sender calls that one
    /// @param error why an event was refused last; empty when none was
    record Latest(
            Instant attempt,
            String attemptId,
            @Nullable Instant success,
            String successId,
            String error) {}

    Optional<Latest> of(String arn) {
        return Optional.ofNullable(latest.get(arn));
    }

    void recorded(String arn, String id, Instant now) {
        latest.compute(
                arn, (_, old) -> new Latest(now, id, now, id, old == null ? "" : old.error()));
    }

    void refused(String arn, String id, String error, Instant now) {
        latest.compute(
                arn,
                (_, old) ->
                        new Latest(
                                now,
                                id,
                                old == null ? null : old.success(),
                                old == null ? "" : old.successId(),
                                error));
    }
}
