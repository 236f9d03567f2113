package dev.cairn.embedded.ledger;

import dev.cairn.disk.Disk;
import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.LedgerException;
import dev.cairn.testkit.fault.HaltingDisk;
import dev.cairn.testkit.ledger.Entries;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.IntStream;

/// The work of a process that is going to be killed: it creates a ledger, appends groups, seals,
/// releases, closes, opens, and appends again; and says on its output what was acknowledged.
///
/// Arguments: the folder, and optionally the operation to halt at and when.
final class LedgerWork {
    static final int GROUPS = 9;
    static final int GROUP = 3;
    private static final int TRIES = 3;

    private final Disk disk;
    private final PrintStream out;

    private LedgerWork(Disk disk, PrintStream out) {
        this.disk = disk;
        this.out = out;
    }

    public static void main(String[] args) throws Exception {
        Disk real = new RealDisk(Path.of(args[0]));
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        if (args.length == 1) {
            new LedgerWork(real, out).work();
            return;
        }
        HaltingDisk disk =
                new HaltingDisk(real, Long.parseLong(args[1]), HaltingDisk.When.valueOf(args[2]));
        new LedgerWork(disk, out).work();
        out.println("operations " + disk.operations());
    }

    static LedgerSettings settings() {
        return LedgerSettings.DEFAULTS.withDiskFreeMin(0).withSegmentBytesMax(4096);
    }

    static SegmentLedger open(Disk disk) throws LedgerException {
        return SegmentLedger.open(
                disk,
                settings(),
                InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z")),
                Runnable::run);
    }

    static List<Entry> group(int number) {
        return IntStream.range(number * GROUP, (number + 1) * GROUP)
                .mapToObj(i ->
                        Entries.entry(
                                Entries.PLACE,
                                "e" + i,
                                "{\"i\":" + i + ",\"pad\":\"" + "x".repeat(400) + "\"}"))
                .toList();
    }

    private void work() throws Exception {
        live(0, GROUPS - 2, true);
        live(GROUPS - 2, GROUPS, false);
    }

    private void live(int from, int to, boolean release) throws Exception {
        try (SegmentLedger ledger = open(disk)) {
            for (int group = from; group < to; group++) {
                append(ledger, group(group));
            }
            if (release) {
                release(ledger);
            }
        } catch (LedgerException e) {
            out.println("failed " + e.kind());
        }
    }

    private void append(SegmentLedger ledger, List<Entry> entries) throws InterruptedException {
        for (int i = 0; i < TRIES; i++) {
            List<Append> outcomes = ledger.append(entries);
            if (!(outcomes.getFirst() instanceof Append.Pushback)) {
                for (int e = 0; e < entries.size(); e++) {
                    long offset =
                            switch (outcomes.get(e)) {
                                case Append.Recorded(var position) -> position.offset();
                                case Append.Duplicate(var position) -> position.offset();
                                case Append.Conflict _, Append.Pushback _ ->
                                        throw new AssertionError(outcomes.toString());
                            };
                    out.println("recorded " + entries.get(e).id() + " " + offset);
                }
                return;
            }
        }
    }

    private void release(SegmentLedger ledger) {
        try {
            ledger.release(0, 8);
            out.println("released");
        } catch (LedgerException e) {
            out.println("failed " + e.kind());
        }
    }
}
