package dev.cairn.embedded.ledger;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// A compressed block of a sealed segment: whole bodies, in runs that were recorded together. Its
/// header stands before it in the file, and again in the segment's block table. Big-endian.
///
/// ```
///  0  4  magic ff 43 42 4b
///  4  2  version, 1
///  6  2  reserved, 0
///  8  8  offset of its first event
/// 16  4  count of its events
/// 20  4  packed bytes, which follow the header
/// 24  4  unpacked bytes
/// 28  4  CRC32C of the packed bytes
/// 32  8  its first event recorded at, milliseconds since 1970
/// 40  8  its last event recorded at
/// 48 12  reserved, 0
/// 60  4  CRC32C of bytes 0 to 59
/// 64     zstd; unpacked, for each run: count (4), bytes (4), recorded at (8), bodies
/// ```
///
/// @param at where the header begins in the file
record Block(
        long at,
        long first,
        int count,
        int packed,
        int unpacked,
        int packedCrc,
        long firstAt,
        long lastAt) {
    static final int HEADER = 64;
    static final int MAGIC = 0xff43424b;
    static final int RUN = 16;

    private static final int VERSION = 1;
    private static final int CRC_AT = 60;

    /// The header at a place, or null if there is none that is whole.
    static @Nullable Block parse(ByteBuffer bytes, int index, long at) {
        if (bytes.limit() - index < HEADER
                || bytes.getInt(index) != MAGIC
                || Frame.crc(bytes, index, CRC_AT) != bytes.getInt(index + CRC_AT)
                || bytes.getShort(index + 4) != VERSION) {
            return null;
        }
        return new Block(
                at,
                bytes.getLong(index + 8),
                bytes.getInt(index + 16),
                bytes.getInt(index + 20),
                bytes.getInt(index + 24),
                bytes.getInt(index + 28),
                bytes.getLong(index + 32),
                bytes.getLong(index + 40));
    }

    void put(ByteBuffer bytes, int index) {
        bytes.putInt(index, MAGIC)
                .putShort(index + 4, (short) VERSION)
                .putShort(index + 6, (short) 0)
                .putLong(index + 8, first)
                .putInt(index + 16, count)
                .putInt(index + 20, packed)
                .putInt(index + 24, unpacked)
                .putInt(index + 28, packedCrc)
                .putLong(index + 32, firstAt)
                .putLong(index + 40, lastAt)
                .putLong(index + 48, 0)
                .putInt(index + 56, 0)
                .putInt(index + CRC_AT, Frame.crc(bytes, index, CRC_AT));
    }

    long end() {
        return first + count;
    }

    /// Where the packed bytes begin in the file.
    long bytesAt() {
        return at + HEADER;
    }
}
