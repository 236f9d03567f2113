package dev.cairn.embedded.ledger;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// The header of a group: what one write and one force made durable together. Big-endian.
///
/// ```
///  0  4  magic ff 43 52 4e; the first byte is in no UTF-8 text
///  4  2  version, 1
///  6  2  kind: 1 events, 2 closed (no events; all before it was acknowledged)
///  8  8  sequence within the file, from 0
/// 16  8  offset of its first event
/// 24  4  count of its events
/// 28  4  length of all its bodies
/// 32  8  recorded at, milliseconds since 1970
/// 40  4  CRC32C of the table
/// 44 16  reserved, 0
/// 60  4  CRC32C of bytes 0 to 59
/// 64     table: for each event its fingerprint (24), body length (4) and body CRC (4)
///        bodies
/// ```
record Frame(
        boolean closed,
        long sequence,
        long first,
        int count,
        int bodies,
        long recordedAt,
        int tableCrc) {
    static final int HEADER = 64;
    static final int ROW = 32;
    static final int MAGIC = 0xff43524e;

    private static final int VERSION = 1;
    private static final int EVENTS = 1;
    private static final int CLOSED = 2;
    private static final int CRC_AT = 60;

    /// The header at a place, or null if there is none that is whole.
    static @Nullable Frame parse(ByteBuffer bytes, int at) {
        if (bytes.limit() - at < HEADER
                || bytes.getInt(at) != MAGIC
                || crc(bytes, at, CRC_AT) != bytes.getInt(at + CRC_AT)
                || bytes.getShort(at + 4) != VERSION) {
            return null;
        }
        Frame frame =
                new Frame(
                        bytes.getShort(at + 6) == CLOSED,
                        bytes.getLong(at + 8),
                        bytes.getLong(at + 16),
                        bytes.getInt(at + 24),
                        bytes.getInt(at + 28),
                        bytes.getLong(at + 32),
                        bytes.getInt(at + 40));
        return frame.count < 0 || frame.bodies < 0 ? null : frame;
    }

    void put(ByteBuffer bytes, int at) {
        bytes.putInt(at, MAGIC)
                .putShort(at + 4, (short) VERSION)
                .putShort(at + 6, (short) (closed ? CLOSED : EVENTS))
                .putLong(at + 8, sequence)
                .putLong(at + 16, first)
                .putInt(at + 24, count)
                .putInt(at + 28, bodies)
                .putLong(at + 32, recordedAt)
                .putInt(at + 40, tableCrc)
                .putLong(at + 44, 0)
                .putLong(at + 52, 0)
                .putInt(at + CRC_AT, crc(bytes, at, CRC_AT));
    }

    static int crc(ByteBuffer bytes, int at, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(at, length));
        return (int) crc.getValue();
    }

    int table() {
        return count * ROW;
    }

    long size() {
        return HEADER + (long) count * ROW + bodies;
    }
}
