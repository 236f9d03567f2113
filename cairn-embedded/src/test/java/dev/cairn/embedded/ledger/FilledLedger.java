package dev.cairn.embedded.ledger;

import static dev.cairn.testkit.ledger.Entries.PLACE;
import static dev.cairn.testkit.ledger.Entries.entry;

import dev.cairn.disk.Disk;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/// A small ledger to be damaged: ninety events in groups of three, in several sealed segments and a
/// raw one.
final class FilledLedger {
    static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));
    static final LedgerSettings SETTINGS =
            LedgerSettings.DEFAULTS.withDiskFreeMin(0).withSegmentBytesMax(8 << 10);
    static final int EVENTS = 90;

    private FilledLedger() {}

    /// Opens it; segments are sealed before the append returns.
    static SegmentLedger open(Disk disk) throws LedgerException {
        return SegmentLedger.open(disk, SETTINGS, CLOCK, Runnable::run);
    }

    static Entry event(int i) {
        String json = "{\"i\":" + i + ",\"pad\":\"" + Integer.toString(i * 7919).repeat(40) + "\"}";
        return entry(PLACE, "e" + i, json);
    }

    /// Makes it, and closes it.
    static void fill(Disk disk) throws Exception {
        try (SegmentLedger ledger = open(disk)) {
            fill(ledger);
        }
    }

    static void fill(Ledger ledger) throws InterruptedException {
        for (int i = 0; i < EVENTS; i += 3) {
            ledger.append(List.of(event(i), event(i + 1), event(i + 2)));
        }
    }
}
