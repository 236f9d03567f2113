package dev.cairn.event;

import org.jspecify.annotations.Nullable;

/// Remembers the keys met in each open object of one record, to find one that comes twice.
///
/// Jackson's own check makes a hash set per object; this is one open-addressing table for the whole
/// record, where a key is told apart by the number of its object. Objects never get the same number
/// twice, so nothing has to be taken out when one ends.
final class Names {
    /// A half-full table has runs of some dozens at most, unless someone makes them.
    private static final int PROBES_MAX = 1_000;

    /// Most records have 30 to 60 keys in all.
    private static final int SLOTS_FIRST = 128;

    private @Nullable String[] names = new @Nullable String[SLOTS_FIRST];
    private int[] objects = new int[SLOTS_FIRST];
    private int count;

    /// What adding a key found.
    enum Found {
        NEW,
        TWICE,
        /// The record's keys were made to hash alike; telling them apart would take too long.
        CROWDED
    }

    /// Adds a key of an object.
    ///
    /// @param object its number in the record, from 1
    Found add(int object, String name) {
        if (count * 2 >= names.length) {
            grow();
        }
        int at = slot(object, name, names.length);
        for (int probe = 0; probe < PROBES_MAX; probe++) {
            String there = names[at];
            if (there == null) {
                names[at] = name;
                objects[at] = object;
                count++;
                return Found.NEW;
            }
            if (objects[at] == object && there.equals(name)) {
                return Found.TWICE;
            }
            at = (at + 1) & (names.length - 1);
        }
        return Found.CROWDED;
    }

    private static int slot(int object, String name, int size) {
        int hash = (name.hashCode() ^ object * 0x9e37_79b9) * 0x85eb_ca6b;
        return (hash ^ hash >>> 15) & (size - 1);
    }

    private void grow() {
        @Nullable String[] oldNames = names;
        int[] oldObjects = objects;
        names = new @Nullable String[oldNames.length * 2];
        objects = new int[oldObjects.length * 2];
        for (int i = 0; i < oldNames.length; i++) {
            String name = oldNames[i];
            if (name == null) {
                continue;
            }
            int at = slot(oldObjects[i], name, names.length);
            while (names[at] != null) {
                at = (at + 1) & (names.length - 1);
            }
            names[at] = name;
            objects[at] = oldObjects[i];
        }
    }
}
