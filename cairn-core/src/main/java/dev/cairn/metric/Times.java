package dev.cairn.metric;

import java.time.Instant;

/// From when to when values are, the last moment included.
public record Times(Instant first, Instant last) {

    /// From the earlier first to the later last moment.
    public Times and(Times other) {
        return new Times(
                first.isBefore(other.first) ? first : other.first,
                last.isAfter(other.last) ? last : other.last);
    }
}
