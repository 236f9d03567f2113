package dev.cairn.embedded.ledger;

import dev.cairn.event.Place;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// The bytes of one event, alike in raw and in sealed segments. Big-endian.
///
/// ```
///  0  4  length of the whole body
///  4  4  CRC32C of all that follows
///  8  1  version, 1
///  9  1  origin
/// 10  2  length of the extension: 0 now; a Merkle leaf may come
/// 12  2  length of the account
/// 14  2  length of the region
/// 16  2  length of the id
/// 18     account, region, id, extension, json
/// ```
final class Body {
    static final int FIXED = 18;

    /// What names an event begins here: three lengths, then account, region and id.
    static final int NAME = 12;

    private static final int VERSION = 1;
    private static final int NAME_PART_MAX = 0xffff;

    private Body() {}

    /// All of a body but its JSON, which is not copied. The CRC is in it.
    static byte[] head(Entry entry) {
        byte[] account = part("account", entry.place().account());
        byte[] region = part("region", entry.place().region());
        byte[] id = part("id", entry.id());
        byte[] head = new byte[FIXED + account.length + region.length + id.length];
        ByteBuffer.wrap(head)
                .putInt(head.length + entry.json().length)
                .putInt(0)
                .put((byte) VERSION)
                .put((byte) entry.origin().code())
                .putShort((short) 0)
                .putShort((short) account.length)
                .putShort((short) region.length)
                .putShort((short) id.length)
                .put(account)
                .put(region)
                .put(id);
        CRC32C crc = new CRC32C();
        crc.update(head, 8, head.length - 8);
        crc.update(entry.json());
        ByteBuffer.wrap(head).putInt(4, (int) crc.getValue());
        return head;
    }

    private static byte[] part(String what, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > NAME_PART_MAX) {
            throw new IllegalArgumentException(
                    "expected the "
                            + what
                            + " of an entry to be at most "
                            + NAME_PART_MAX
                            + " bytes, got "
                            + bytes.length);
        }
        return bytes;
    }

    static int length(ByteBuffer bytes, int at) {
        return bytes.getInt(at);
    }

    static int crc(ByteBuffer bytes, int at) {
        return bytes.getInt(at + 4);
    }

    /// Whether the length of the body at `at` can be believed, given that all bodies end at `end`.
    static boolean fits(ByteBuffer bytes, int at, int end) {
        if (end - at < FIXED) {
            return false;
        }
        int length = length(bytes, at);
        return length >= FIXED && length <= end - at;
    }

    /// What is wrong with a body that fits; null when nothing is.
    static @Nullable String fault(ByteBuffer bytes, int at) {
        int length = length(bytes, at);
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(at + 8, length - 8));
        if ((int) crc.getValue() != crc(bytes, at)) {
            return "expected CRC "
                    + Integer.toHexString(crc(bytes, at))
                    + ", got "
                    + Integer.toHexString((int) crc.getValue());
        }
        if (bytes.get(at + 8) != VERSION) {
            return "expected version " + VERSION + ", got " + bytes.get(at + 8);
        }
        return null;
    }

    /// Where the part of a body that names the event ends.
    static int nameEnd(ByteBuffer bytes, int at) {
        return at
                + FIXED
                + unsigned(bytes, at + 12)
                + unsigned(bytes, at + 14)
                + unsigned(bytes, at + 16);
    }

    static int jsonStart(ByteBuffer bytes, int at) {
        return nameEnd(bytes, at) + unsigned(bytes, at + 10);
    }

    /// Reads a body without [#fault].
    static Slice.Held held(ByteBuffer bytes, int at, Position position, long recordedAt) {
        int account = unsigned(bytes, at + 12);
        int region = unsigned(bytes, at + 14);
        int id = unsigned(bytes, at + 16);
        int json = jsonStart(bytes, at);
        byte[] copy = new byte[at + length(bytes, at) - json];
        bytes.get(json, copy);
        Entry entry =
                new Entry(
                        new Place(
                                text(bytes, at + FIXED, account),
                                text(bytes, at + FIXED + account, region)),
                        text(bytes, at + FIXED + account + region, id),
                        Origin.ofCode(bytes.get(at + 9)),
                        copy);
        return new Slice.Held(position, Instant.ofEpochMilli(recordedAt), entry);
    }

    private static String text(ByteBuffer bytes, int at, int length) {
        byte[] copy = new byte[length];
        bytes.get(at, copy);
        return new String(copy, StandardCharsets.UTF_8);
    }

    private static int unsigned(ByteBuffer bytes, int at) {
        return Short.toUnsignedInt(bytes.getShort(at));
    }
}
