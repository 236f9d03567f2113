package dev.cairn.embedded.ledger;

import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// An entry on its way to the disk: all that can be worked out on its caller's thread is.
final class Item {
    private final Entry entry;
    private final byte[] head;
    private final Fingerprint fingerprint;

    /// Segments that begin below this were looked through for its name.
    private long lookedBackTo;

    /// What that look said; null when its name was not found.
    private @Nullable Append earlier;

    /// What became of it; null until that is known.
    private @Nullable Append outcome;

    Item(Entry entry, Fingerprint.Maker maker) {
        this.entry = entry;
        this.head = Body.head(entry);
        this.fingerprint = maker.of(head, entry.json());
    }

    Entry entry() {
        return entry;
    }

    Fingerprint fingerprint() {
        return fingerprint;
    }

    /// What became of it, once its batch is complete.
    Append settled() {
        return Objects.requireNonNull(outcome, "a complete batch has an outcome for each item");
    }

    void lookedBack(long to) {
        lookedBackTo = to;
    }

    long lookedBackTo() {
        return lookedBackTo;
    }

    void earlier(@Nullable Append to) {
        earlier = to;
    }

    @Nullable Append earlier() {
        return earlier;
    }

    void outcome(Append to) {
        outcome = to;
    }

    /// Bytes of its body.
    int length() {
        return head.length + entry.json().length;
    }

    void putRow(ByteBuffer buffer, int at) {
        buffer.putLong(at, fingerprint.high())
                .putLong(at + 8, fingerprint.low())
                .putLong(at + 16, fingerprint.content())
                .putInt(at + Fingerprint.BYTES, length())
                .putInt(at + Fingerprint.BYTES + 4, ByteBuffer.wrap(head).getInt(4));
    }

    void putBody(ByteBuffer buffer) {
        buffer.put(head).put(entry.json());
    }
}
