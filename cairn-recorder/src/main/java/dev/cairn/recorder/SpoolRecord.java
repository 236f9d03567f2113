package dev.cairn.recorder;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// An event in a spool file: magic (4 bytes), length (4), CRC32C of length and bytes (4), the
/// bytes. All numbers are big-endian.
final class SpoolRecord {
    static final int HEADER = 12;

    /// Larger ones were never written.
    static final int BYTES_MAX = HEADER + EventForm.EVENT_BYTES_MAX;

    private static final int MAGIC = 0xff435350;

    /// What is found at a place of a file.
    enum Found {
        WHOLE,
        /// More bytes could make it whole.
        CUT,
        DAMAGED
    }

    private SpoolRecord() {}

    static byte[] of(byte[] event) {
        var record = ByteBuffer.allocate(HEADER + event.length);
        record.putInt(MAGIC).putInt(event.length).putInt(0).put(event);
        record.putInt(8, crc(record.array(), 0, event.length));
        return record.array();
    }

    /// How many bytes an event takes.
    static int size(byte[] event) {
        return HEADER + event.length;
    }

    static Found find(byte[] bytes, int at) {
        if (bytes.length - at < HEADER) {
            return Found.CUT;
        }
        var file = ByteBuffer.wrap(bytes);
        var length = file.getInt(at + 4);
        if (file.getInt(at) != MAGIC || length < 0 || length > EventForm.EVENT_BYTES_MAX) {
            return Found.DAMAGED;
        }
        if (bytes.length - at - HEADER < length) {
            return Found.CUT;
        }
        return file.getInt(at + 8) == crc(bytes, at, length) ? Found.WHOLE : Found.DAMAGED;
    }

    /// The event of a whole record.
    static byte[] event(byte[] bytes, int at) {
        var event = new byte[ByteBuffer.wrap(bytes).getInt(at + 4)];
        System.arraycopy(bytes, at + HEADER, event, 0, event.length);
        return event;
    }

    /// Where the next whole record begins, or the end of the bytes.
    static int next(byte[] bytes, int from) {
        for (var at = from; at < bytes.length; at++) {
            if (bytes[at] == (byte) (MAGIC >>> 24) && find(bytes, at) == Found.WHOLE) {
                return at;
            }
        }
        return bytes.length;
    }

    private static int crc(byte[] bytes, int at, int length) {
        var crc = new CRC32C();
        crc.update(bytes, at + 4, 4);
        crc.update(bytes, at + HEADER, length);
        return (int) crc.getValue();
    }
}
