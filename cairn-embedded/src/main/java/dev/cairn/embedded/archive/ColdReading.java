package dev.cairn.embedded.archive;

import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.ObjectStore.Reading;
import dev.cairn.archive.ObjectStore.Stored;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// Reads a cold object where it is, without bringing it back: from its start, whatever is wanted of
/// it, as compressed bytes have no middle.
final class ColdReading implements Reading {
    private final Stored object;
    private final Opening opening;

    /// Opens all of its bytes.
    interface Opening {
        InputStream open() throws ArchiveException;
    }

    /// @param opening used when bytes are asked for: who is told only that it is cold needs none
    ColdReading(Stored object, Opening opening) {
        this.object = object;
        this.opening = opening;
    }

    @Override
    public Stored object() {
        return object;
    }

    @Override
    public InputStream bytes(long from, long length) {
        return new Content(opening, from, length);
    }

    /// Whoever asked for bytes closes them.
    @Override
    public void close() {}

    private static final class Content extends InputStream {
        private final Opening opening;
        private @Nullable InputStream all;
        private final long from;
        private long left;

        Content(Opening opening, long from, long length) {
            this.opening = opening;
            this.from = from;
            this.left = length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] into, int offset, int count) throws IOException {
            if (count == 0) {
                return 0;
            }
            if (left == 0) {
                return -1;
            }
            int read = all().read(into, offset, (int) Math.min(count, left));
            if (read < 0) {
                throw new IOException("a cold object is shorter than it was");
            }
            left -= read;
            return read;
        }

        private InputStream all() throws IOException {
            InputStream open = all;
            if (open == null) {
                try {
                    open = opening.open();
                } catch (ArchiveException e) {
                    throw new IOException(e.getMessage(), e);
                }
                all = open;
                open.skipNBytes(from);
            }
            return open;
        }

        @Override
        public void close() throws IOException {
            if (all != null) {
                all.close();
            }
        }
    }
}
