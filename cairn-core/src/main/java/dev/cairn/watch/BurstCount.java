package dev.cairn.watch;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// When there were how many events of one value, and which of them were over a watch's threshold.
///
/// Events may come in any order: one that comes late counts where its time is. The spans of time
/// that were counted in last are kept, [#SPANS_MAX] of them, which is two periods: so what comes
/// later than the rest (from a spool, say) is counted beside it, and those within a period of the
/// newest are kept whatever comes late. What is over the threshold is one *burst* with all that is
/// over it no more than a period away.
///
/// Not for more than one thread.
public final class BurstCount {
    static final int SPANS_MAX = 128;

    private final Threshold threshold;
    private final LinkedHashMap<Long, Span> spans = new LinkedHashMap<>(16, 0.75f, true);

    public BurstCount(Threshold threshold) {
        this.threshold = threshold;
    }

    private static final class Span {
        private long events;
        private boolean over;
    }

    /// What an event is to the threshold.
    public enum Seen {
        /// There are not more than it takes.
        BELOW,
        /// The first one over it.
        BEGINS,
        /// One more of a burst that was seen before.
        GOES_ON
    }

    /// Counts an event.
    public Seen count(Instant time) {
        long number = Math.floorDiv(time.toEpochMilli(), threshold.spanMillis());
        Span span = spans.computeIfAbsent(number, _ -> new Span());
        span.events++;
        if (spans.size() > SPANS_MAX) {
            forgetOne();
        }
        if (most(number) <= threshold.more()) {
            return Seen.BELOW;
        }
        boolean before = false;
        for (Map.Entry<Long, Span> one : spans.entrySet()) {
            before |= one.getValue().over && Math.abs(one.getKey() - number) <= threshold.spans();
        }
        span.over = true;
        return before ? Seen.GOES_ON : Seen.BEGINS;
    }

    /// Forgets what was counted in longest ago, but for the newest period.
    private void forgetOne() {
        long live = Collections.max(spans.keySet()) - threshold.spans();
        Iterator<Long> oldest = spans.keySet().iterator();
        while (oldest.hasNext()) {
            if (oldest.next() < live) {
                oldest.remove();
                return;
            }
        }
    }

    /// The most events that any period has in which a span lies.
    private long most(long number) {
        int length = threshold.spans();
        long[] near = new long[2 * length - 1];
        for (Map.Entry<Long, Span> one : spans.entrySet()) {
            long place = one.getKey() - number + length - 1;
            if (place >= 0 && place < near.length) {
                near[(int) place] = one.getValue().events;
            }
        }
        long within = 0;
        for (int i = 0; i < length; i++) {
            within += near[i];
        }
        long most = within;
        for (int i = length; i < near.length; i++) {
            within += near[i] - near[i - length];
            most = Math.max(most, within);
        }
        return most;
    }

    /// How many events it knows of.
    long events() {
        return spans.values().stream().mapToLong(span -> span.events).sum();
    }

    /// As documents have it, in the order in which spans were counted in.
    String text() {
        List<String> parts = new ArrayList<>();
        spans.forEach(
                (number, span) -> parts.add(number + ":" + span.events + (span.over ? "!" : "")));
        return String.join(",", parts);
    }

    static BurstCount of(Threshold threshold, String text) {
        BurstCount count = new BurstCount(threshold);
        for (String part : text.split(",", -1)) {
            int colon = part.indexOf(':');
            Span span = new Span();
            span.over = part.endsWith("!");
            span.events =
                    Long.parseLong(part.substring(colon + 1, part.length() - (span.over ? 1 : 0)));
            count.spans.put(Long.valueOf(part.substring(0, colon)), span);
        }
        return count;
    }
}
