package dev.cairn.intake;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongSupplier;

/// An unpacked body that ends in an error, not in a full memory or an endless wait, when it grows
/// beyond its bounds.
public final class BoundedInputStream extends FilterInputStream {
    /// Small bodies may unpack to much: a megabyte of blanks is no bomb.
    private static final long RATIO_FROM_BYTES = 16L * 1024 * 1024;

    private final long bytesMax;
    private final long ratioMax;
    private final LongSupplier packedBytes;
    private long bytes;

    /// @param unpacked what is read
    /// @param bytesMax the most bytes it may have
    /// @param ratioMax the most bytes it may have, beyond the first 16 MB, for each packed byte;
    ///   CloudTrail's log files have about ten
    /// @param packedBytes how many packed bytes were read so far
    public BoundedInputStream(
            InputStream unpacked, long bytesMax, long ratioMax, LongSupplier packedBytes) {
        super(unpacked);
        this.bytesMax = bytesMax;
        this.ratioMax = ratioMax;
        this.packedBytes = packedBytes;
    }

    /// How many bytes were read so far.
    public long bytes() {
        return bytes;
    }

    @Override
    public int read() throws IOException {
        int b = super.read();
        if (b >= 0) {
            count(1);
        }
        return b;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int read = super.read(into, offset, length);
        if (read > 0) {
            count(read);
        }
        return read;
    }

    @Override
    public long skip(long count) throws IOException {
        long skipped = super.skip(count);
        count(skipped);
        return skipped;
    }

    private void count(long more) throws BodyTooLargeException {
        bytes += more;
        if (bytes > bytesMax) {
            throw new BodyTooLargeException(
                    "expected an unpacked body of at most %d bytes, got more".formatted(bytesMax));
        }
        if (bytes > RATIO_FROM_BYTES && bytes / ratioMax > packedBytes.getAsLong()) {
            throw new BodyTooLargeException(
                    "expected a body that unpacks to at most %d bytes a packed byte, got %d bytes from %d"
                            .formatted(ratioMax, bytes, packedBytes.getAsLong()));
        }
    }
}
