package dev.cairn.server.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// A stream whose bytes are kept by whoever reads it: reserves the memory for them as they come.
public final class PaidInputStream extends FilterInputStream {
    private static final int STEP_BYTES = 64 << 10;

    private final Memory memory;
    private long unpaid = STEP_BYTES;

    /// Where the memory comes from.
    @FunctionalInterface
    public interface Memory {
        void reserve(long bytes) throws BodyException;
    }

    public PaidInputStream(InputStream in, Memory memory) {
        super(in);
        this.memory = memory;
    }

    @Override
    public int read() throws IOException {
        var one = super.read();
        pay(one < 0 ? 0 : 1);
        return one;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        var read = super.read(into, offset, length);
        pay(read);
        return read;
    }

    private void pay(int read) throws BodyException {
        unpaid += Math.max(0, read);
        if (read > 0 && unpaid >= STEP_BYTES) {
            memory.reserve(unpaid);
            unpaid = 0;
        }
    }
}
