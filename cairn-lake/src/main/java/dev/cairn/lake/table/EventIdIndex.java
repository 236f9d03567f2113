package dev.cairn.lake.table;

import dev.cairn.lake.engine.Engine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;

/// Says of a Parquet file of a table whether an event may be in it, by its eventID: a file beside
/// it, `….ids`, of eight bytes of the MD5 of each, sorted. See decision 33.
///
/// It says no more than the file itself: where it is missing or damaged every event may be there.
final class EventIdIndex {
    private static final String SUFFIX = ".ids";
    private static final String PARQUET = ".parquet";
    private static final byte[] HEAD = "cairnid1".getBytes(StandardCharsets.US_ASCII);

    private EventIdIndex() {}

    /// Where the index of a Parquet file is.
    static Path of(Path parquet) {
        var name = parquet.getFileName().toString();
        return parquet.resolveSibling(
                (name.endsWith(PARQUET)
                                ? name.substring(0, name.length() - PARQUET.length())
                                : name)
                        + SUFFIX);
    }

    /// The Parquet file that a file of a table's data belongs to: itself, or the one it is the
    /// index of.
    static Path parquet(Path file) {
        var name = file.getFileName().toString();
        return name.endsWith(SUFFIX)
                ? file.resolveSibling(name.substring(0, name.length() - SUFFIX.length()) + PARQUET)
                : file;
    }

    /// Writes the index of a Parquet file, durably.
    ///
    /// @param events what can stand after FROM: those in the file
    static void write(Engine engine, String events, Path parquet) throws SQLException, IOException {
        var hashes = new long[1 << 10];
        var count = 0;
        try (var statement = engine.connection().createStatement();
                var rows =
                        statement.executeQuery(
                                "SELECT left(md5(eventid), 16) FROM %s WHERE eventid IS NOT NULL"
                                        .formatted(events))) {
            while (rows.next()) {
                if (count == hashes.length) {
                    hashes = Arrays.copyOf(hashes, 2 * count);
                }
                hashes[count++] = Long.parseUnsignedLong(rows.getString(1), 16);
            }
        }
        Arrays.sort(hashes, 0, count);
        var bytes = ByteBuffer.allocate(HEAD.length + count * Long.BYTES).put(HEAD);
        bytes.asLongBuffer().put(hashes, 0, count);
        bytes.rewind();
        try (var out =
                FileChannel.open(
                        of(parquet), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
    }

    /// Whether one of some events may be in a Parquet file.
    static boolean mayHave(Path parquet, Collection<String> ids) throws IOException {
        try (var in = FileChannel.open(of(parquet), StandardOpenOption.READ)) {
            var size = in.size() - HEAD.length;
            if (size < 0 || size % Long.BYTES != 0) {
                return true;
            }
            var bytes = in.map(FileChannel.MapMode.READ_ONLY, 0, in.size());
            var head = new byte[HEAD.length];
            bytes.get(head);
            if (!Arrays.equals(head, HEAD)) {
                return true;
            }
            var hashes = bytes.asLongBuffer();
            for (var id : ids) {
                if (has(hashes, hash(id))) {
                    return true;
                }
            }
            return false;
        } catch (NoSuchFileException _) {
            return true;
        }
    }

    private static boolean has(java.nio.LongBuffer sorted, long hash) {
        var low = 0;
        var high = sorted.limit() - 1;
        while (low <= high) {
            var middle = (low + high) >>> 1;
            var there = sorted.get(middle);
            if (there == hash) {
                return true;
            }
            if (there < hash) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return false;
    }

    /// The first half of the MD5.
    private static long hash(String id) {
        try {
            var digest =
                    MessageDigest.getInstance("MD5").digest(id.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).order(ByteOrder.BIG_ENDIAN).getLong();
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has MD5", impossible);
        }
    }
}
