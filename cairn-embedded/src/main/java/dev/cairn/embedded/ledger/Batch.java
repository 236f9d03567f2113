package dev.cairn.embedded.ledger;

import dev.cairn.ledger.Append;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// What one append brings to one partition: taken all together or not at all.
final class Batch {
    private final List<Item> items;
    private final long bytes;
    private final CountDownLatch done = new CountDownLatch(1);

    /// @param items none for a probe, which only makes the writer try whether it can write again
    Batch(List<Item> items) {
        this.items = items;
        this.bytes = items.stream().mapToLong(item -> Frame.ROW + item.length()).sum();
    }

    List<Item> items() {
        return items;
    }

    /// Bytes it takes in a frame.
    long bytes() {
        return bytes;
    }

    /// Tells the caller that each item has its outcome.
    void complete() {
        done.countDown();
    }

    void refuse(Append.Pushback pushback) {
        items.forEach(item -> item.outcome(pushback));
        complete();
    }

    void await() throws InterruptedException {
        done.await();
    }
}
