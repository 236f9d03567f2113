package dev.cairn.embedded.ledger;

import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The lost positions of one partition found so far. Any thread may call.
final class Damage {
    private final int partition;
    private final TreeMap<Long, Slice.Lost> runs = new TreeMap<>();

    Damage(int partition) {
        this.partition = partition;
    }

    /// Adds what is not known yet; runs side by side become one, with the first one's reason.
    synchronized void add(long first, long end, String reason) {
        long from = first;
        while (from < end) {
            Map.Entry<Long, Slice.Lost> before = runs.floorEntry(from);
            if (before != null && end(before.getValue()) > from) {
                from = end(before.getValue());
                continue;
            }
            Long after = runs.higherKey(from);
            long to = after == null ? end : Math.min(end, after);
            if (before != null && end(before.getValue()) == from) {
                Slice.Lost lost = before.getValue();
                long count = lost.count() + to - from;
                runs.put(before.getKey(), new Slice.Lost(lost.first(), count, lost.reason()));
            } else {
                runs.put(from, new Slice.Lost(new Position(partition, from), to - from, reason));
            }
            from = to;
        }
    }

    synchronized boolean holds(long offset) {
        Map.Entry<Long, Slice.Lost> before = runs.floorEntry(offset);
        return before != null && end(before.getValue()) > offset;
    }

    /// Forgets runs that end at or below an offset.
    synchronized void release(long below) {
        runs.values().removeIf(lost -> end(lost) <= below);
    }

    synchronized List<Slice.Lost> all() {
        return List.copyOf(runs.values());
    }

    private static long end(Slice.Lost lost) {
        return lost.first().offset() + lost.count();
    }
}
