package dev.cairn.lake.log;

import com.github.luben.zstd.ZstdInputStream;
import dev.cairn.intake.BoundedInputStream;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import java.util.zip.GZIPInputStream;

/// What a log file holds, unpacked: gzip, zstd or plain, told by its first bytes.
final class LogBody {
    /// AWS's files have up to 50 MB; what others gathered may be one file for a year.
    private static final long BYTES_MAX = 1L << 40;

    /// Log files unpack to some ten times their size, repetitive ones to a hundred.
    private static final long RATIO_MAX = 1000;

    private static final int BUFFER_BYTES = 1 << 16;
    private static final int HEAD_BYTES = 4;
    private static final int GZIP = 0x1f8b0000;
    private static final int ZSTD = 0x28b52ffd;

    private LogBody() {}

    /// @param read is told of each number of packed bytes read
    /// @throws IOException when it cannot be opened; what is broken further on, or unpacks without
    ///   end, throws when it is read
    static InputStream open(Path file, LongConsumer read) throws IOException {
        var counted = new Counted(Files.newInputStream(file), read);
        try {
            var packed = new BufferedInputStream(counted, BUFFER_BYTES);
            packed.mark(HEAD_BYTES);
            var head = 0;
            for (var b : packed.readNBytes(HEAD_BYTES)) {
                head = head << 8 | (b & 0xff);
            }
            packed.reset();
            InputStream body =
                    (head & 0xffff0000) == GZIP
                            ? new GZIPInputStream(packed, BUFFER_BYTES)
                            : head == ZSTD ? new ZstdInputStream(packed) : packed;
            return new BoundedInputStream(body, BYTES_MAX, RATIO_MAX, counted::bytes);
        } catch (IOException | RuntimeException failure) {
            counted.close();
            throw failure;
        }
    }

    private static final class Counted extends FilterInputStream {
        private final LongConsumer listener;
        private long bytes;

        Counted(InputStream in, LongConsumer listener) {
            super(in);
            this.listener = listener;
        }

        long bytes() {
            return bytes;
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            var read = super.read(buffer, offset, length);
            if (read > 0) {
                bytes += read;
                listener.accept(read);
            }
            return read;
        }
    }
}
