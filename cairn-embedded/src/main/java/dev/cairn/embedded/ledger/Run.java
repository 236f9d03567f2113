package dev.cairn.embedded.ledger;

import org.jspecify.annotations.Nullable;

/// Consecutive events of a raw segment whose bodies lie side by side, or a hole.
///
/// @param first the first offset
/// @param count how many
/// @param recordedAt when all of them were recorded
/// @param at where the first body begins in the file
/// @param length bytes of all bodies
/// @param lost why these events are lost; null when they are not known to be
record Run(long first, long count, long recordedAt, long at, int length, @Nullable String lost) {

    /// A frame's bodies are split into runs of about this many bytes, so that reading from the
    /// middle does not begin far before it.
    static final int BYTES = 64 << 10;

    long end() {
        return first + count;
    }
}
