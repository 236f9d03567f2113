package dev.cairn.server.own;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Counts the requests of unknown senders: which are recorded one by one, and which only as a sum.
final class Strangers {
    /// Requests recorded one by one, for each source address and second.
    static final int PER_SECOND = 10;

    /// Requests recorded one by one in a second from everywhere: whoever has many addresses cannot
    /// flood the history either.
    static final int PER_SECOND_IN_ALL = 100;

    /// Source addresses kept apart; beyond these, requests are summed as one source.
    private static final int SOURCES_MAX = 1000;

    private static final String OTHERS = "other addresses";

    private final Map<String, Source> sources = new LinkedHashMap<>();
    private final Source everywhere = new Source();

    private static final class Source {
        private long second = Long.MIN_VALUE;
        private int recorded;
        private long summed;

        boolean take(Instant now, int perSecond) {
            // Requests come here in any order: one of the second before must not start the count
            // anew.
            if (now.getEpochSecond() > second) {
                second = now.getEpochSecond();
                recorded = 0;
            }
            if (recorded >= perSecond) {
                return false;
            }
            recorded++;
            return true;
        }
    }

    /// Requests of a source that were not recorded one by one.
    record Sum(String source, long count) {}

    /// Whether one more request may be recorded by itself; when not, it is counted.
    synchronized boolean mayRecord(String address, Instant now) {
        var key = sources.containsKey(address) || sources.size() < SOURCES_MAX ? address : OTHERS;
        var source = sources.computeIfAbsent(key, _ -> new Source());
        if (source.take(now, PER_SECOND) && everywhere.take(now, PER_SECOND_IN_ALL)) {
            return true;
        }
        source.summed++;
        return false;
    }

    /// Counts a request that is not to be recorded by itself.
    synchronized void sum(String address) {
        var key = sources.containsKey(address) || sources.size() < SOURCES_MAX ? address : OTHERS;
        sources.computeIfAbsent(key, _ -> new Source()).summed++;
    }

    /// The sums since the last call.
    synchronized List<Sum> takeSums() {
        var sums = new ArrayList<Sum>();
        sources.forEach((address, source) -> {
            if (source.summed > 0) {
                sums.add(new Sum(address, source.summed));
            }
        });
        sources.clear();
        return sums;
    }

    /// Keeps a sum that could not be recorded for the next time.
    synchronized void putBack(Sum sum) {
        sources.computeIfAbsent(sum.source(), _ -> new Source()).summed += sum.count();
    }
}
