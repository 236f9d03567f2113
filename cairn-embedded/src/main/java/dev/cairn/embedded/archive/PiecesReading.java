package dev.cairn.embedded.archive;

import dev.cairn.archive.ObjectStore.Reading;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.embedded.archive.Rows.Piece;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads an object that lies in several files, opened one after the other; deleted meanwhile, it
/// ends with an exception.
final class PiecesReading implements Reading {
    private static final Logger LOG = LoggerFactory.getLogger(PiecesReading.class);

    private final ObjectFiles files;
    private final Stored object;
    private final List<Piece> pieces;
    private final byte @Nullable [] dataKey;
    private @Nullable InputStream current;

    /// @param dataKey of all pieces; null for an object that has none
    PiecesReading(ObjectFiles files, Stored object, byte @Nullable [] dataKey, List<Piece> pieces) {
        this.files = files;
        this.object = object;
        this.dataKey = dataKey;
        this.pieces = pieces;
    }

    @Override
    public Stored object() {
        return object;
    }

    @Override
    public InputStream bytes(long from, long length) {
        return new InputStream() {
            private final Iterator<Piece> rest = pieces.iterator();
            private long skip = from;
            private long left = length;

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
                while (true) {
                    int read = current == null ? -1 : current.read(into, offset, count);
                    if (read >= 0) {
                        return read;
                    }
                    if (left == 0 || !rest.hasNext()) {
                        return -1;
                    }
                    next(rest.next());
                }
            }

            private void next(Piece piece) throws IOException {
                PiecesReading.this.close();
                if (skip >= piece.length()) {
                    skip -= piece.length();
                    current = null;
                    return;
                }
                long some = Math.min(left, piece.length() - skip);
                current =
                        files.content(
                                files.open(piece.file()),
                                piece.file(),
                                dataKey,
                                piece.length(),
                                skip,
                                some);
                left -= some;
                skip = 0;
            }

            @Override
            public void close() {
                PiecesReading.this.close();
            }
        };
    }

    @Override
    public void close() {
        try {
            if (current != null) {
                current.close();
            }
        } catch (IOException e) {
            LOG.debug("closing a piece", e);
        }
    }
}
