package dev.cairn.server.http;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The open connections, and since when those wait that have no request in hand.
///
/// Whoever opens connections and says little or nothing on them holds them at everybody's cost. An
/// honest client says what it wants as soon as it is connected. So when there are too many, the one
/// that has waited longest goes: the newcomer gets its turn, whoever holds the others.
///
/// @param <C> a connection
final class WaitingPeers<C> {
    private final int max;
    private final long waitNanosMax;

    /// Since when, those that have waited longest first.
    private final Map<C, Long> waiting = new LinkedHashMap<>();

    /// How many requests each has in hand.
    private final Map<C, Integer> open = new HashMap<>();

    /// @param max connections that may be open
    /// @param waitMax how long one may be open without a request in hand
    WaitingPeers(int max, Duration waitMax) {
        this.max = max;
        this.waitNanosMax = waitMax.toNanos();
    }

    /// A connection was opened.
    ///
    /// @return those to close for it: none, or one, which may be itself
    synchronized List<C> opened(C connection, long nowNanos) {
        open.put(connection, 0);
        waiting.put(connection, nowNanos);
        if (open.size() <= max) {
            return List.of();
        }
        var longest = waiting.keySet().iterator().next();
        closed(longest);
        return List.of(longest);
    }

    /// A request is in hand, perhaps beside others.
    synchronized void busy(C connection) {
        open.computeIfPresent(connection, (_, requests) -> requests + 1);
        waiting.remove(connection);
    }

    /// A request is answered: when it was the last, the connection waits.
    synchronized void waiting(C connection, long nowNanos) {
        var left = open.computeIfPresent(connection, (_, requests) -> requests - 1);
        if (left != null && left == 0) {
            waiting.put(connection, nowNanos);
        }
    }

    synchronized void closed(C connection) {
        open.remove(connection);
        waiting.remove(connection);
    }

    /// Those that have waited too long, to be closed.
    synchronized List<C> overdue(long nowNanos) {
        var overdue = new ArrayList<C>();
        for (var entry : waiting.entrySet()) {
            if (nowNanos - entry.getValue() <= waitNanosMax) {
                break;
            }
            overdue.add(entry.getKey());
        }
        overdue.forEach(this::closed);
        return overdue;
    }
}
