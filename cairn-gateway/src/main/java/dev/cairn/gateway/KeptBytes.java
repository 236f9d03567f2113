package dev.cairn.gateway;

import dev.cairn.gateway.decoding.Kept;
import java.util.Arrays;

/// The first bytes of a body that passes by, up to a limit. One thread adds, any may look.
final class KeptBytes {
    private static final int FIRST_BYTES = 4 << 10;

    private final int max;
    private byte[] bytes = new byte[0];
    private int count;
    private long passed;

    KeptBytes(int max) {
        this.max = max;
    }

    synchronized void add(byte[] from, int offset, int length) {
        passed += length;
        var some = Math.min(length, max - count);
        if (some <= 0) {
            return;
        }
        if (count + some > bytes.length) {
            var wanted = Math.max(Math.max(FIRST_BYTES, count + some), 2L * bytes.length);
            bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, max));
        }
        System.arraycopy(from, offset, bytes, count, some);
        count += some;
    }

    /// How many bytes have passed.
    synchronized long passed() {
        return passed;
    }

    synchronized Kept kept() {
        return new Kept(Arrays.copyOf(bytes, count), passed);
    }
}
