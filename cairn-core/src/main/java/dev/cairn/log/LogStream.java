package dev.cairn.log;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A stream of a log group: messages from one sender.
///
/// @param created when it was made
/// @param first the time of its first message; null when there was none
/// @param last the time of its last one; null when there was none
/// @param ingested when the newest one came; null when there was none
/// @param bytes of all messages that ever came
/// @param since the number that its messages begin at, where they are stored: earlier ones were of
///   another stream of its name
public record LogStream(
        LogGroupName group,
        String name,
        Instant created,
        @Nullable Instant first,
        @Nullable Instant last,
        @Nullable Instant ingested,
        long bytes,
        long since) {

    /// Such as `arn:aws:logs:us-east-1:123456789012:log-group:audit:log-stream:main`.
    public String arn() {
        return group.arn() + ":log-stream:" + name;
    }

    /// This stream with more messages.
    LogStream with(Span span) {
        return new LogStream(
                group,
                name,
                created,
                first == null || span.first().isBefore(first) ? span.first() : first,
                last == null || span.last().isAfter(last) ? span.last() : last,
                ingested == null || span.ingested().isAfter(ingested) ? span.ingested() : ingested,
                bytes + span.bytes(),
                since);
    }

    /// Messages that came together.
    ///
    /// @param first the time of the first
    /// @param last the time of the last
    /// @param ingested when the newest came
    /// @param bytes of all
    record Span(Instant first, Instant last, Instant ingested, long bytes) {
        Span and(Span other) {
            return new Span(
                    first.isBefore(other.first) ? first : other.first,
                    last.isAfter(other.last) ? last : other.last,
                    ingested.isAfter(other.ingested) ? ingested : other.ingested,
                    bytes + other.bytes);
        }
    }
}
