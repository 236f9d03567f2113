package dev.cairn.access;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Ranges of IP addresses such as `203.0.113.0/24` or `2001:db8::/32`; a bare address is a range of
/// one. Addresses only: no name is ever looked up.
public final class AddressRange {
    private static final int BROAD_FOUR = 8;
    private static final int BROAD_SIX = 32;

    private AddressRange() {}

    /// Whether a range is so wide that it means hardly anybody in particular, as S3 judges it: more
    /// addresses than a `/8` of IPv4 or a `/32` of IPv6 has. What is no range is broad as well.
    static boolean isBroad(String range) {
        int slash = range.indexOf('/');
        byte[] base = bytes(slash < 0 ? range : range.substring(0, slash));
        if (base == null) {
            return true;
        }
        return slash >= 0
                && number(range.substring(slash + 1), base.length * 8)
                        < (base.length == 4 ? BROAD_FOUR : BROAD_SIX);
    }

    /// Whether an address, as text, lies in a range; no when either is none.
    public static boolean contains(String range, String address) {
        int slash = range.indexOf('/');
        byte[] base = bytes(slash < 0 ? range : range.substring(0, slash));
        byte[] one = bytes(address);
        if (base == null || one == null || base.length != one.length) {
            return false;
        }
        int bits =
                slash < 0 ? base.length * 8 : number(range.substring(slash + 1), base.length * 8);
        if (bits < 0) {
            return false;
        }
        for (int i = 0; i < bits; i++) {
            int mask = 0x80 >> (i % 8);
            if ((base[i / 8] & mask) != (one[i / 8] & mask)) {
                return false;
            }
        }
        return true;
    }

    /// -1 when it is no number up to `max`.
    private static int number(String text, int max) {
        if (text.isEmpty() || text.length() > 3 || !text.chars().allMatch(AddressRange::digit)) {
            return -1;
        }
        int number = Integer.parseInt(text);
        return number <= max ? number : -1;
    }

    private static boolean digit(int c) {
        return c >= '0' && c <= '9';
    }

    private static byte @Nullable [] bytes(String address) {
        return address.indexOf(':') < 0 ? four(address) : six(address);
    }

    private static byte @Nullable [] four(String address) {
        String[] parts = address.split("\\.", -1);
        if (parts.length != 4) {
            return null;
        }
        byte[] bytes = new byte[4];
        for (int i = 0; i < 4; i++) {
            int number = number(parts[i], 255);
            if (number < 0) {
                return null;
            }
            bytes[i] = (byte) number;
        }
        return bytes;
    }

    private static byte @Nullable [] six(String address) {
        int gap = address.indexOf("::");
        if (gap >= 0 && address.indexOf("::", gap + 1) >= 0) {
            return null;
        }
        byte[] bytes = new byte[16];
        if (gap < 0) {
            int count = groups(address, bytes, 0);
            return count == 8 ? bytes : null;
        }
        byte[] tail = new byte[16];
        int before = groups(address.substring(0, gap), bytes, 0);
        int after = groups(address.substring(gap + 2), tail, 0);
        if (before < 0 || after < 0 || before + after > 7) {
            return null;
        }
        System.arraycopy(Arrays.copyOf(tail, after * 2), 0, bytes, 16 - after * 2, after * 2);
        return bytes;
    }

    /// How many groups were read; -1 when one is none.
    private static int groups(String text, byte[] into, int from) {
        if (text.isEmpty()) {
            return 0;
        }
        String[] groups = text.split(":", -1);
        if (groups.length > 8) {
            return -1;
        }
        int at = from;
        for (String group : groups) {
            if (group.isEmpty()
                    || group.length() > 4
                    || !group.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 128)) {
                return -1;
            }
            int number = Integer.parseInt(group, 16);
            into[at++] = (byte) (number >> 8);
            into[at++] = (byte) number;
        }
        return groups.length;
    }
}
