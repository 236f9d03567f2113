package dev.cairn.embedded.ledger;

import java.nio.ByteBuffer;

/// Says of most names that are not in a sealed segment that they are not: a Bloom filter of 16 bits
/// a name, all bits of one name in one cache line. About one in 500 other names passes.
final class IdFilter {
    private static final int BITS_PER_NAME = 16;
    private static final int LINE_LONGS = 8;
    private static final int PROBES = 7;

    private final long[] words;

    private IdFilter(long[] words) {
        this.words = words;
    }

    static IdFilter forNames(int count) {
        int lines = Math.max(1, (count * BITS_PER_NAME + 511) / 512);
        return new IdFilter(new long[lines * LINE_LONGS]);
    }

    static IdFilter read(ByteBuffer from, int at, int words) {
        long[] read = new long[words];
        from.slice(at, words * Long.BYTES).asLongBuffer().get(read);
        return new IdFilter(read);
    }

    void add(long high, long low) {
        int line = line(high);
        for (int i = 0; i < PROBES; i++) {
            int bit = bit(low, i);
            words[line + (bit >>> 6)] |= 1L << bit;
        }
    }

    boolean mayHold(long high, long low) {
        int line = line(high);
        for (int i = 0; i < PROBES; i++) {
            int bit = bit(low, i);
            if ((words[line + (bit >>> 6)] & 1L << bit) == 0) {
                return false;
            }
        }
        return true;
    }

    private int line(long high) {
        long lines = words.length / LINE_LONGS;
        return (int) (((high >>> 32) * lines) >>> 32) * LINE_LONGS;
    }

    private static int bit(long low, int probe) {
        return (int) (low >>> (9 * probe)) & 511;
    }

    int wordCount() {
        return words.length;
    }

    void put(ByteBuffer to) {
        for (long word : words) {
            to.putLong(word);
        }
    }
}
