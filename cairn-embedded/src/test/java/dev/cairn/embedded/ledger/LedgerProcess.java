package dev.cairn.embedded.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.testkit.fault.OwnProcess;
import dev.cairn.testkit.ledger.Entries;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Runs [LedgerWork] in a process of its own, and checks what it leaves behind.
record LedgerProcess(int exit, String output) {
    /// @param before words before the Java command
    static LedgerProcess run(List<String> before, Path temp, Path folder, String... args)
            throws Exception {
        List<String> all = new ArrayList<>(List.of(folder.toString()));
        all.addAll(List.of(args));
        OwnProcess process =
                OwnProcess.run(before, temp, LedgerWork.class, all.toArray(String[]::new));
        return new LedgerProcess(process.exit(), String.join("\n", process.output()));
    }

    /// What was acknowledged: offsets by id.
    private Map<String, Long> recorded() {
        Map<String, Long> recorded = new HashMap<>();
        for (String line : output.lines().toList()) {
            String[] words = line.split(" ", -1);
            if (words[0].equals("recorded") && words.length == 3) {
                recorded.put(words[1], Long.parseLong(words[2]));
            }
        }
        return recorded;
    }

    /// Everything acknowledged is there, once; groups are whole or not there; fsck agrees.
    void check(Path folder) throws Exception {
        RealDisk disk = new RealDisk(folder);
        Map<String, Long> recorded = recorded();
        try (SegmentLedger ledger = LedgerWork.open(disk)) {
            Map<String, Slice.Held> found = new HashMap<>();
            for (Slice.Held held : Entries.held(ledger, 0)) {
                assertThat(found.put(held.entry().id(), held)).isNull();
            }
            long first = ledger.span(0).first();
            for (int g = 0; g < LedgerWork.GROUPS; g++) {
                checkGroup(ledger, LedgerWork.group(g), recorded, found, first);
            }
            assertThat(ledger.state().damaged()).isEmpty();
        }
        Fsck.Report report = Fsck.check(disk, (_, _) -> {});
        assertThat(report.findings()).isEmpty();
        assertThat(report.leftovers()).isEmpty();
    }

    private static void checkGroup(
            SegmentLedger ledger,
            List<Entry> group,
            Map<String, Long> recorded,
            Map<String, Slice.Held> found,
            long first)
            throws InterruptedException {
        int there = 0;
        for (Entry entry : group) {
            Slice.Held held = found.get(entry.id());
            Long offset = recorded.get(entry.id());
            if (held != null) {
                there++;
                assertThat(held.entry().json()).isEqualTo(entry.json());
                assertThat(Entries.append(ledger, entry))
                        .isEqualTo(new Append.Duplicate(held.position()));
            }
            if (offset != null) {
                assertThat(held != null || offset < first).as(entry.id() + " is there").isTrue();
                assertThat(held == null || held.position().equals(new Position(0, offset)))
                        .as(entry.id() + " is at its position")
                        .isTrue();
            }
        }
        if (recorded.get(group.getFirst().id()) == null && first == 0) {
            assertThat(there).isIn(0, group.size());
        }
    }
}
