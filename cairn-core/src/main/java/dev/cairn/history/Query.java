package dev.cairn.history;

import dev.cairn.event.Place;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One question to history, answered newest first.
///
/// @param where what is asked
/// @param places the accounts and regions to look in; null means all of them
/// @param accounts like `places`, for whole accounts; null means all of them
/// @param from earliest eventTime, inclusive
/// @param to latest eventTime, inclusive
/// @param after continue behind this event; null for the first page
/// @param limit page size, 1 to [#LIMIT_MAX]; a page of large events may hold fewer
public record Query(
        Condition where,
        @Nullable Set<Place> places,
        @Nullable Set<String> accounts,
        Instant from,
        Instant to,
        @Nullable Cursor after,
        int limit) {

    /// Before any event that can be recorded.
    public static final Instant EARLIEST = Instant.parse("0000-01-01T00:00:00Z");

    /// After any event that can be recorded.
    public static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999Z");

    /// The largest page.
    public static final int LIMIT_MAX = 1000;

    public Query {
        if (limit < 1 || limit > LIMIT_MAX) {
            throw new IllegalArgumentException("expected a limit from 1 to 1000, got " + limit);
        }
    }

    /// The last event of a page. Pages are ordered by time, newest first, then by eventID, then by
    /// place, so that a cursor means the same after a restart, a rebuild and new events.
    public record Cursor(Instant time, String id, Place place) {}
}
