package dev.cairn.event;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// Checks the encoding of a record, eight bytes at a time while they are plain ASCII.
///
/// Jackson does not: it lets overlong forms and encoded surrogates pass, and says nothing about
/// escaped surrogates without their other half, which no UTF-8 can carry on.
final class Utf8 {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;
    private static final long LOW_BITS = 0x0101_0101_0101_0101L;
    private static final long BACKSLASHES = 0x5c5c_5c5c_5c5c_5c5cL;

    private Utf8() {}

    /// Where the first byte stands that is not part of well-formed UTF-8 (Unicode 17, table 3-7);
    /// -1 when there is none.
    static int firstInvalid(byte[] bytes) {
        int at = 0;
        int length = bytes.length;
        while (at < length) {
            if (at + Long.BYTES <= length && (((long) LONGS.get(bytes, at)) & HIGH_BITS) == 0) {
                at += Long.BYTES;
                continue;
            }
            int first = bytes[at] & 0xff;
            if (first < 0x80) {
                at++;
                continue;
            }
            int size = sequence(bytes, at, first);
            if (size == 0) {
                return at;
            }
            at += size;
        }
        return -1;
    }

    private static int sequence(byte[] bytes, int at, int first) {
        if (first < 0xc2 || first > 0xf4) {
            return 0;
        }
        int size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
        if (at + size > bytes.length) {
            return 0;
        }
        int second = bytes[at + 1] & 0xff;
        int lowest =
                switch (first) {
                    case 0xe0 -> 0xa0;
                    case 0xf0 -> 0x90;
                    default -> 0x80;
                };
        int highest =
                switch (first) {
                    case 0xed -> 0x9f;
                    case 0xf4 -> 0x8f;
                    default -> 0xbf;
                };
        if (second < lowest || second > highest) {
            return 0;
        }
        for (int i = at + 2; i < at + size; i++) {
            if ((bytes[i] & 0xc0) != 0x80) {
                return 0;
            }
        }
        return size;
    }

    /// Where the first unicode escape stands that names a surrogate without its other half beside
    /// it; -1 when there is none. Expects JSON; in anything else the answer is of no use, and
    /// harmless.
    static int firstLoneSurrogate(byte[] json) {
        int at = 0;
        int length = json.length;
        while (at < length) {
            if (at + Long.BYTES <= length && !hasBackslash((long) LONGS.get(json, at))) {
                at += Long.BYTES;
                continue;
            }
            if (json[at] != '\\') {
                at++;
                continue;
            }
            int unit = escapedUnit(json, at);
            if (unit < 0) {
                at += 2;
            } else if (Character.isHighSurrogate((char) unit)) {
                int next = escapedUnit(json, at + 6);
                if (next < 0 || !Character.isLowSurrogate((char) next)) {
                    return at;
                }
                at += 12;
            } else if (Character.isLowSurrogate((char) unit)) {
                return at;
            } else {
                at += 6;
            }
        }
        return -1;
    }

    /// Text that UTF-8 can carry: half surrogate pairs become U+FFFD.
    static String clean(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_16), StandardCharsets.UTF_16);
    }

    private static boolean hasBackslash(long eight) {
        long zeroWhereFound = eight ^ BACKSLASHES;
        return ((zeroWhereFound - LOW_BITS) & ~zeroWhereFound & HIGH_BITS) != 0;
    }

    /// The UTF-16 unit that the escape at this byte names; -1 when there is no such escape.
    private static int escapedUnit(byte[] json, int at) {
        if (at + 6 > json.length || json[at] != '\\' || json[at + 1] != 'u') {
            return -1;
        }
        int unit = 0;
        for (int i = at + 2; i < at + 6; i++) {
            int digit = Character.digit(json[i], 16);
            if (digit < 0) {
                return -1;
            }
            unit = unit << 4 | digit;
        }
        return unit;
    }
}
