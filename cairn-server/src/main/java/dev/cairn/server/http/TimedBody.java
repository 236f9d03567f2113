package dev.cairn.server.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// A body that must arrive within its time, however slowly the peer sends.
final class TimedBody extends FilterInputStream {
    private final long deadlineNanos;

    TimedBody(InputStream in, long deadlineNanos) {
        super(in);
        this.deadlineNanos = deadlineNanos;
    }

    @Override
    public int read() throws IOException {
        check();
        return super.read();
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        check();
        return super.read(buffer, offset, length);
    }

    private void check() throws BodyException {
        if (System.nanoTime() - deadlineNanos > 0) {
            throw new BodyException(
                    BodyException.Kind.TOO_SLOW, "the request body did not arrive in time");
        }
    }
}
