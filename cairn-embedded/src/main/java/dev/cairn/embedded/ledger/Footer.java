package dev.cairn.embedded.ledger;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// The last bytes of a sealed segment: where everything is. Big-endian.
///
/// ```
///  0  8  CAIRNEND
///  8  2  version, 1
/// 10  2  reserved, 0
/// 12  4  partition
/// 16  8  first offset
/// 24  8  count of events
/// 32  8  last event recorded at, milliseconds since 1970
/// 40  8  where the id pages begin
/// 48  4  count of ids
/// 52  4  longs of the id filter
/// 56  8  where the index begins: filter, fences, block table
/// 64  4  bytes of the index
/// 68  4  CRC32C of the index
/// 72  4  count of blocks
/// 76 48  reserved, 0
/// 124 4  CRC32C of bytes 0 to 123
/// ```
record Footer(
        int partition,
        long first,
        long count,
        long lastAt,
        long idsAt,
        int ids,
        int filterWords,
        long indexAt,
        int indexBytes,
        int indexCrc,
        int blocks) {
    static final int BYTES = 128;

    private static final long MAGIC = 0x434149524e454e44L;
    private static final int VERSION = 1;
    private static final int CRC_AT = 124;

    static @Nullable Footer parse(ByteBuffer bytes) {
        if (bytes.limit() < BYTES
                || bytes.getLong(0) != MAGIC
                || Frame.crc(bytes, 0, CRC_AT) != bytes.getInt(CRC_AT)
                || bytes.getShort(8) != VERSION) {
            return null;
        }
        return new Footer(
                bytes.getInt(12),
                bytes.getLong(16),
                bytes.getLong(24),
                bytes.getLong(32),
                bytes.getLong(40),
                bytes.getInt(48),
                bytes.getInt(52),
                bytes.getLong(56),
                bytes.getInt(64),
                bytes.getInt(68),
                bytes.getInt(72));
    }

    ByteBuffer bytes() {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        bytes.putLong(0, MAGIC)
                .putShort(8, (short) VERSION)
                .putInt(12, partition)
                .putLong(16, first)
                .putLong(24, count)
                .putLong(32, lastAt)
                .putLong(40, idsAt)
                .putInt(48, ids)
                .putInt(52, filterWords)
                .putLong(56, indexAt)
                .putInt(64, indexBytes)
                .putInt(68, indexCrc)
                .putInt(72, blocks)
                .putInt(CRC_AT, Frame.crc(bytes, 0, CRC_AT));
        return bytes;
    }
}
