package dev.cairn.embedded.ledger;

import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// A slice while it is read.
final class Gathering {
    private final int partition;
    private final int itemsMax;
    private final long bytesMax;
    private final List<Slice.Item> items = new ArrayList<>();
    private long next;
    private long bytes;
    private long trying;

    Gathering(int partition, long from, int itemsMax, long bytesMax) {
        this.partition = partition;
        this.next = from;
        this.itemsMax = itemsMax;
        this.bytesMax = bytesMax;
    }

    /// The offset wanted next.
    long next() {
        return next;
    }

    boolean full() {
        return items.size() >= itemsMax || bytes >= bytesMax;
    }

    /// Tells that what holds the events from [#next] up to `end` is about to be read: should the
    /// disk fail, it fails for all of them.
    void trying(long end) {
        trying = end;
    }

    /// The events from [#next] on that the disk failed to give.
    Slice.Lost unreadable(String reason) {
        long end = Math.max(trying, next + 1);
        return new Slice.Lost(new Position(partition, next), end - next, reason);
    }

    /// Takes the event at [#next] from a body that has no fault.
    void held(ByteBuffer body, int at, long recordedAt) {
        Slice.Held held = Body.held(body, at, new Position(partition, next), recordedAt);
        items.add(held);
        bytes += held.entry().json().length;
        next++;
    }

    /// Takes the offsets from [#next] up to `end` as lost.
    void lost(long end, String reason) {
        items.add(new Slice.Lost(new Position(partition, next), end - next, reason));
        next = end;
    }

    Slice slice() {
        return new Slice(partition, List.copyOf(items), next);
    }
}
