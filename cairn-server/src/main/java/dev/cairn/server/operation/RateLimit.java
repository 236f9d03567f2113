package dev.cairn.server.operation;

import dev.cairn.event.Place;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// At most so many calls a second for each account and region: a token bucket that holds one
/// second's worth.
final class RateLimit {
    private static final int PLACES_MAX = 10_000;

    private final int perSecond;
    private final Map<Place, Bucket> buckets =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Place, Bucket> eldest) {
                    return size() > PLACES_MAX;
                }
            };

    private record Bucket(double tokens, Instant at) {}

    /// @param perSecond 0 for no limit
    RateLimit(int perSecond) {
        this.perSecond = perSecond;
    }

    /// Whether a call may go on now.
    synchronized boolean take(Place place, Instant now) {
        if (perSecond == 0) {
            return true;
        }
        var bucket = buckets.getOrDefault(place, new Bucket(perSecond, now));
        var elapsed = Math.max(0, Duration.between(bucket.at(), now).toMillis());
        var tokens = Math.min(perSecond, bucket.tokens() + elapsed * perSecond / 1000.0);
        var taken = tokens >= 1;
        buckets.put(place, new Bucket(taken ? tokens - 1 : tokens, now));
        return taken;
    }
}
