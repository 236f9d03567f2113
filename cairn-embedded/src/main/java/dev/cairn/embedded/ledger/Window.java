package dev.cairn.embedded.ledger;

import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import java.nio.ByteBuffer;

/// Reads a file through a buffer that moves, so that many small reads become few.
final class Window {
    private static final int BYTES = 256 << 10;

    private final DiskFile file;
    private final long size;
    private ByteBuffer buffer = ByteBuffer.allocate(BYTES).limit(0);
    private long start;

    Window(DiskFile file) throws DiskException {
        this(file, file.size());
    }

    /// Reads nothing from `end` on.
    Window(DiskFile file, long end) {
        this.file = file;
        this.size = end;
    }

    long size() {
        return size;
    }

    /// What was read last; its limit is the end of what is known.
    ByteBuffer buffer() {
        return buffer;
    }

    /// The index in [#buffer] of a position of the file, with `length` bytes from there on if the
    /// file has as many, and as many as it has otherwise.
    int locate(long at, int length) throws DiskException {
        long wanted = Math.min(at + length, size);
        if (at < start || wanted > start + buffer.limit()) {
            if (length > buffer.capacity()) {
                buffer = ByteBuffer.allocate(length);
            }
            buffer.clear().limit(Math.clamp(size - at, 0, buffer.capacity()));
            buffer.limit(file.read(buffer, at));
            start = at;
        }
        return (int) (at - start);
    }

    /// Whether the file has `length` bytes from a position on, and they could be read.
    boolean has(long at, int length) throws DiskException {
        return at + length <= size && buffer.limit() - locate(at, length) >= length;
    }
}
