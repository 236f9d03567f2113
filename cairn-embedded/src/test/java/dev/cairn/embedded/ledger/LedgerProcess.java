package dev.cairn.embedded.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.testkit.ledger.Entries;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Runs [LedgerWork] in a process of its own, and checks what it leaves behind.
record LedgerProcess(int exit, String output) {
    private static final long SECONDS_MAX = 120;

    /// @param before words before the Java command
    static LedgerProcess run(List<String> before, Path temp, Path folder, String... args)
            throws Exception {
        List<String> command = new ArrayList<>(before);
        command.addAll(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:-UsePerfData",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Djava.io.tmpdir=" + temp,
                        "-cp",
                        System.getProperty("java.class.path"),
                        LedgerWork.class.getName(),
                        folder.toString()));
        command.addAll(List.of(args));
        Path output = Files.createTempFile(temp, "work", ".out");
        Process process =
                new ProcessBuilder(command)
                        .redirectOutput(output.toFile())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the process did not end: " + command);
        }
        String text = Files.readString(output, StandardCharsets.UTF_8);
        removeLibraries(temp);
        return new LedgerProcess(process.exitValue(), text);
    }

    /// A halted process leaves its unpacked native library behind.
    private static void removeLibraries(Path temp) throws IOException {
        try (var files = Files.newDirectoryStream(temp, "libzstd*")) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
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
