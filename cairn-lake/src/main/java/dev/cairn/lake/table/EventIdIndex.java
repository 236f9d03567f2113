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
import java.util.BitSet;
import java.util.Collection;
import java.util.zip.CRC32C;

/// Says of a Parquet file of a table whether an event may be in it, by its eventID: a file beside
/// it, `….ids`, of eight bytes of the MD5 of each, sorted. See decision 33.
///
/// It says no more than the file itself: where it is missing or damaged every event may be there.
///
/// ```
/// head  "cairnid1"  count (8 bytes)  sum
/// block hash (8 bytes) … 511 of them, fewer in the last  sum
/// ```
///
/// A sum is eight bytes: the CRC-32C of what it stands behind, and, in the upper half, the number
/// of the block's first hash.
final class EventIdIndex {
    private static final String SUFFIX = ".ids";
    private static final String PARQUET = ".parquet";
    private static final byte[] HEAD = "cairnid1".getBytes(StandardCharsets.US_ASCII);
    private static final int FIRST_BLOCK = HEAD.length + 2 * Long.BYTES;

    /// How many hashes are in a block: 4 KiB with its sum.
    private static final int BLOCK = 511;

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
        var bytes = ByteBuffer.allocate(size(count));
        bytes.put(HEAD).putLong(count).putLong(sum(bytes.slice(0, bytes.position()), 0));
        for (var first = 0; first < count; first += BLOCK) {
            var begin = bytes.position();
            for (var at = first; at < Math.min(first + BLOCK, count); at++) {
                bytes.putLong(hashes[at]);
            }
            bytes.putLong(sum(bytes.slice(begin, bytes.position() - begin), first));
        }
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

    private static int size(int count) {
        return FIRST_BLOCK + (count + (count + BLOCK - 1) / BLOCK) * Long.BYTES;
    }

    /// @param first the number of the first hash, so that no block stands for another
    private static long sum(ByteBuffer bytes, long first) {
        var sum = new CRC32C();
        sum.update(bytes);
        return sum.getValue() ^ first << Integer.SIZE;
    }

    /// Whether one of some events may be in a Parquet file.
    static boolean mayHave(Path parquet, Collection<String> ids) throws IOException {
        try (var in = FileChannel.open(of(parquet), StandardOpenOption.READ)) {
            var bytes = in.map(FileChannel.MapMode.READ_ONLY, 0, in.size());
            if (bytes.capacity() < FIRST_BLOCK
                    || !bytes.slice(0, HEAD.length).equals(ByteBuffer.wrap(HEAD))
                    || bytes.getLong(FIRST_BLOCK - Long.BYTES)
                            != sum(bytes.slice(0, FIRST_BLOCK - Long.BYTES), 0)) {
                return true;
            }
            var hashes = new Sorted(bytes, (int) bytes.getLong(HEAD.length), new BitSet());
            for (var id : ids) {
                if (hashes.mayHave(hash(id))) {
                    return true;
                }
            }
            return false;
        } catch (NoSuchFileException _) {
            return true;
        }
    }

    /// The hashes of a file.
    ///
    /// @param checked the blocks that are as they were written
    private record Sorted(ByteBuffer bytes, int count, BitSet checked) {
        boolean mayHave(long hash) {
            if (bytes.capacity() != size(count)) {
                return true;
            }
            var low = 0;
            var high = count - 1;
            while (low <= high) {
                var middle = (low + high) >>> 1;
                var block = middle / BLOCK;
                if (!isSound(block)) {
                    return true;
                }
                var there = bytes.getLong(FIRST_BLOCK + (middle + block) * Long.BYTES);
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

        private boolean isSound(int block) {
            if (!checked.get(block)) {
                var first = block * BLOCK;
                var length = (Math.min(first + BLOCK, count) - first) * Long.BYTES;
                var begin = FIRST_BLOCK + block * (BLOCK + 1) * Long.BYTES;
                if (bytes.getLong(begin + length) != sum(bytes.slice(begin, length), first)) {
                    return false;
                }
                checked.set(block);
            }
            return true;
        }
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
