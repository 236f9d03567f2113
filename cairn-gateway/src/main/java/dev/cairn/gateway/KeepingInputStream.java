package dev.cairn.gateway;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// A body of which the beginning is kept while it is read.
final class KeepingInputStream extends FilterInputStream {
    private final KeptBytes kept;

    KeepingInputStream(InputStream in, KeptBytes kept) {
        super(in);
        this.kept = kept;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        var read = super.read(into, offset, length);
        if (read > 0) {
            kept.add(into, offset, read);
        }
        return read;
    }
}
