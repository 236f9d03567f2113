package dev.cairn.server.http;

import com.github.luben.zstd.ZstdInputStream;
import dev.cairn.intake.BoundedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.zip.GZIPInputStream;

/// The bytes behind gzip, zstd or nothing, told by their first bytes, and never more of them than
/// allowed: an archive that unpacks without end is stopped at the limit.
public final class Unpacked {
    private static final int HEAD_BYTES = 4;
    private static final int BUFFER_BYTES = 1 << 16;

    /// Log files unpack to some ten times their size, repetitive ones to a hundred.
    private static final long RATIO_MAX = 1000;

    private Unpacked() {}

    /// @param bytesMax the most bytes when unpacked
    /// @throws IOException when what looks like an archive is none
    public static InputStream of(InputStream packed, long bytesMax) throws IOException {
        var counted = new Counted(packed);
        var whole = new PushbackInputStream(counted, HEAD_BYTES);
        var head = whole.readNBytes(HEAD_BYTES);
        whole.unread(head);
        return new BoundedInputStream(unpack(whole, head), bytesMax, RATIO_MAX, counted::bytes);
    }

    private static InputStream unpack(InputStream in, byte[] head) throws IOException {
        if (starts(head, 0x1f, 0x8b)) {
            return new GZIPInputStream(in, BUFFER_BYTES);
        }
        if (starts(head, 0x28, 0xb5, 0x2f, 0xfd)) {
            return new ZstdInputStream(in);
        }
        return in;
    }

    private static boolean starts(byte[] head, int... magic) {
        if (head.length < magic.length) {
            return false;
        }
        for (var i = 0; i < magic.length; i++) {
            if ((head[i] & 0xff) != magic[i]) {
                return false;
            }
        }
        return true;
    }

    private static final class Counted extends FilterInputStream {
        private long bytes;

        Counted(InputStream in) {
            super(in);
        }

        long bytes() {
            return bytes;
        }

        @Override
        public int read() throws IOException {
            var one = super.read();
            bytes += one < 0 ? 0 : 1;
            return one;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            var read = super.read(buffer, offset, length);
            bytes += Math.max(0, read);
            return read;
        }
    }
}
