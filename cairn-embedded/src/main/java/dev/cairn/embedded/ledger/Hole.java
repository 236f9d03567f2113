package dev.cairn.embedded.ledger;

import org.jspecify.annotations.Nullable;

/// Offsets between two segments that no file holds: it was removed by another hand.
record Hole(String file, long first, long end, long lastRecordedAt) implements Segment {

    String reason() {
        return file + ": expected a segment, found none";
    }

    @Override
    public long bytes() {
        return 0;
    }

    @Override
    public long recordedAt(long offset) {
        return lastRecordedAt;
    }

    @Override
    public void read(Gathering into) {
        into.lost(end, reason());
    }

    @Override
    public @Nullable Match find(long high, long low) {
        return null;
    }
}
