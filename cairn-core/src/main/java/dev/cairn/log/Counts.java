package dev.cairn.log;

import dev.cairn.metric.Datum;
import dev.cairn.metric.StatisticSet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What filters counted of some messages: values, and how often each came. To be used by one
/// thread.
final class Counts {
    /// How many different ones one transaction adds to metrics: each is several documents, and a
    /// dimension can make one of every message.
    static final int MAX = 5_000;

    private final Map<Datum, Long> counts = new LinkedHashMap<>();
    private long left;

    void add(Datum one) {
        counts.merge(one, 1L, Long::sum);
    }

    /// Adds a value if there is room, and else counts it among those [#left] out.
    void addWithinBound(Datum one) {
        if (counts.size() < MAX || counts.containsKey(one)) {
            add(one);
        } else {
            left++;
        }
    }

    /// How many different ones there are.
    int size() {
        return counts.size();
    }

    /// How many values there was no room for.
    long left() {
        return left;
    }

    List<Datum> data() {
        List<Datum> data = new ArrayList<>();
        counts.forEach((one, times) ->
                data.add(
                        new Datum(
                                one.metric(),
                                one.time(),
                                one.unit(),
                                StatisticSet.of(one.values().sum(), times),
                                one.fine())));
        return data;
    }

    /// How many values these are.
    static long values(List<Datum> data) {
        return Math.round(data.stream().mapToDouble(datum -> datum.values().count()).sum());
    }
}
