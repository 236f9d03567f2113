package dev.cairn.embedded.history;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How history behaves.
///
/// @param retention how long an event is found, counted from its eventTime; null means for ever
///   (`history.retention`)
/// @param expireImported whether imported events expire too (`history.expire-imported`)
/// @param refreshInterval how soon an event taken is found, at the latest
/// @param commitInterval how much work a crash may repeat
/// @param openWritersMax how many indexes are written to at a time; more days than this in one
///   stream cost a commit at each change
/// @param openReadersMax how many indexes are kept open for searches
/// @param termsMax how many values the wildcards, regular expressions and ranges of one search look
///   at in all
/// @param searchMax how long one search may take
/// @param bufferBytesMax memory of the writers, together
public record HistorySettings(
        @Nullable Duration retention,
        boolean expireImported,
        Duration refreshInterval,
        Duration commitInterval,
        int openWritersMax,
        int openReadersMax,
        int termsMax,
        Duration searchMax,
        long bufferBytesMax) {

    /// What AWS does, and what a machine with two cores does well.
    public static final HistorySettings DEFAULT =
            new HistorySettings(
                    Duration.ofDays(90),
                    false,
                    Duration.ofMillis(200),
                    Duration.ofSeconds(5),
                    8,
                    256,
                    2_000_000,
                    Duration.ofSeconds(10),
                    128L << 20);

    public HistorySettings {
        if (retention != null && retention.compareTo(Duration.ofDays(1)) < 0) {
            throw new IllegalArgumentException(
                    "expected a retention of a day at least, got " + retention);
        }
        if (openWritersMax < 1 || openReadersMax < 1 || termsMax < 1 || bufferBytesMax < 1 << 20) {
            throw new IllegalArgumentException(
                    "expected bounds of at least 1, and 1 MB of buffers; got openWritersMax=%d openReadersMax=%d termsMax=%d bufferBytesMax=%d"
                            .formatted(openWritersMax, openReadersMax, termsMax, bufferBytesMax));
        }
    }

    /// The same with another retention; null for ever.
    public HistorySettings withRetention(@Nullable Duration other) {
        return new HistorySettings(
                other,
                expireImported,
                refreshInterval,
                commitInterval,
                openWritersMax,
                openReadersMax,
                termsMax,
                searchMax,
                bufferBytesMax);
    }

    /// The same, with imported events expiring or not.
    public HistorySettings withExpireImported(boolean other) {
        return new HistorySettings(
                retention,
                other,
                refreshInterval,
                commitInterval,
                openWritersMax,
                openReadersMax,
                termsMax,
                searchMax,
                bufferBytesMax);
    }

    /// The same with other intervals.
    public HistorySettings withIntervals(Duration refresh, Duration commit) {
        return new HistorySettings(
                retention,
                expireImported,
                refresh,
                commit,
                openWritersMax,
                openReadersMax,
                termsMax,
                searchMax,
                bufferBytesMax);
    }

    /// The same with another bound on the time of a search.
    public HistorySettings withSearchMax(Duration other) {
        return new HistorySettings(
                retention,
                expireImported,
                refreshInterval,
                commitInterval,
                openWritersMax,
                openReadersMax,
                termsMax,
                other,
                bufferBytesMax);
    }
}
