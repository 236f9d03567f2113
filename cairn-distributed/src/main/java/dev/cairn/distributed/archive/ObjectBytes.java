package dev.cairn.distributed.archive;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import software.amazon.awssdk.core.ResponseInputStream;

/// An object's bytes: all of them, or an exception; whoever stops early does not wait for the rest.
final class ObjectBytes extends FilterInputStream {
    private final ResponseInputStream<?> response;
    private long left;

    ObjectBytes(ResponseInputStream<?> response, long length) {
        super(response);
        this.response = response;
        this.left = length;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int read = super.read(into, offset, length);
        if (read > 0) {
            left -= read;
        } else if (read < 0 && left > 0) {
            throw new EOFException("the object breaks off %d bytes before its end".formatted(left));
        }
        return read;
    }

    @Override
    public long skip(long count) throws IOException {
        long skipped = super.skip(count);
        left -= skipped;
        return skipped;
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    @Override
    public void close() throws IOException {
        if (left > 0) {
            // Or closing would read on to the end, to use the connection again.
            response.abort();
        }
        super.close();
    }
}
