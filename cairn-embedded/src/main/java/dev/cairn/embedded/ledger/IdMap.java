package dev.cairn.embedded.ledger;

import java.util.ArrayList;
import java.util.List;

/// The fingerprints of one raw segment, in primitive arrays: 28 bytes a slot, at most two thirds of
/// them in use. Of a name recorded again, outside the duplicate window, the newest event is kept.
///
/// One thread puts and finds; once nobody puts, any thread that got the map safely may find.
final class IdMap {
    static final int NONE = -1;

    private long[] highs;
    private long[] lows;
    private long[] contents;

    /// Ordinals within the segment, plus one; zero marks a free slot.
    private int[] ordinals;

    private int size;

    /// What was replaced since the last [#settle], to be put back if its successor is forgotten.
    private final List<Replaced> replaced = new ArrayList<>();

    private record Replaced(long high, long low, long content, int ordinal) {}

    IdMap() {
        highs = new long[64];
        lows = new long[64];
        contents = new long[64];
        ordinals = new int[64];
    }

    int size() {
        return size;
    }

    void put(long high, long low, long content, int ordinal) {
        if (3L * (size + 1) > 2L * highs.length) {
            rebuild(highs.length * 2, Integer.MAX_VALUE);
        }
        int slot = slot(high, low);
        if (ordinals[slot] == 0) {
            size++;
        } else {
            replaced.add(new Replaced(high, low, contents[slot], ordinals[slot] - 1));
        }
        set(slot, high, low, content, ordinal);
    }

    private void set(int slot, long high, long low, long content, int ordinal) {
        highs[slot] = high;
        lows[slot] = low;
        contents[slot] = content;
        ordinals[slot] = ordinal + 1;
    }

    /// The slot of a name, or the free slot where it belongs.
    private int slot(long high, long low) {
        int mask = highs.length - 1;
        int slot = (int) low & mask;
        while (ordinals[slot] != 0 && (lows[slot] != low || highs[slot] != high)) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    /// The slot of a name's newest event, or [#NONE].
    int find(long high, long low) {
        int slot = slot(high, low);
        return ordinals[slot] == 0 ? NONE : slot;
    }

    int ordinal(int slot) {
        return ordinals[slot] - 1;
    }

    long content(int slot) {
        return contents[slot];
    }

    /// What was put is durable.
    void settle() {
        replaced.clear();
    }

    /// Forgets all events from an ordinal on, put since the last [#settle]: they did not become
    /// durable.
    void forgetFrom(int ordinal) {
        rebuild(highs.length, ordinal);
        for (Replaced old : replaced) {
            int slot = slot(old.high, old.low);
            if (old.ordinal < ordinal && old.ordinal >= ordinals[slot]) {
                if (ordinals[slot] == 0) {
                    size++;
                }
                set(slot, old.high, old.low, old.content, old.ordinal);
            }
        }
    }

    private void rebuild(int capacity, int below) {
        long[] oldHighs = highs;
        long[] oldLows = lows;
        long[] oldContents = contents;
        int[] oldOrdinals = ordinals;
        highs = new long[capacity];
        lows = new long[capacity];
        contents = new long[capacity];
        ordinals = new int[capacity];
        size = 0;
        for (int i = 0; i < oldOrdinals.length; i++) {
            int ordinal = oldOrdinals[i] - 1;
            if (ordinal >= 0 && ordinal < below) {
                set(
                        slot(oldHighs[i], oldLows[i]),
                        oldHighs[i],
                        oldLows[i],
                        oldContents[i],
                        ordinal);
                size++;
            }
        }
    }

    /// Gives every fingerprint to a visitor, in no order.
    void forEach(Visitor visitor) {
        for (int slot = 0; slot < ordinals.length; slot++) {
            if (ordinals[slot] != 0) {
                visitor.visit(highs[slot], lows[slot], contents[slot], ordinals[slot] - 1);
            }
        }
    }

    /// Takes a fingerprint and its ordinal within the segment.
    interface Visitor {
        void visit(long high, long low, long content, int ordinal);
    }
}
