package dev.cairn.embedded.kms;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.testkit.fault.HaltingDisk;
import dev.cairn.testkit.fault.HaltingDisk.When;
import dev.cairn.testkit.fault.OwnProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A process halted at the nth transaction of making, rotating and deleting keys, for every n of a
/// fixed story: whatever it handed out opens, and each rotation, and the deletion, happened once
/// and has one event.
final class KeyHaltTest {
    private static final int SAMPLE = 3;

    @TempDir private Path temp = Path.of("");

    @Test
    void a_process_halted_around_every_third_transaction_rotates_once() throws Exception {
        long operations = operations();
        for (long n = 1; n <= operations; n += SAMPLE) {
            halt(n, n % 2 == 0 ? When.BEFORE : When.AFTER);
        }
    }

    @Test
    @Tag("long")
    void a_process_halted_around_any_transaction_rotates_once() throws Exception {
        long operations = operations();
        for (long n = 1; n <= operations; n++) {
            halt(n, When.BEFORE);
            halt(n, When.AFTER);
        }
    }

    /// How many transactions the story takes when nobody halts it.
    private long operations() throws Exception {
        Path folder = Files.createDirectory(temp.resolve("whole"));
        String last = run(folder, 0, When.AFTER, 0).getLast();
        long operations = Long.parseLong(last.substring("operations ".length()));
        assertThat(operations).isGreaterThanOrEqualTo(1 + 3 * KeyWork.ROTATIONS + 3);
        return operations;
    }

    private void halt(long n, When when) throws Exception {
        Path folder = Files.createDirectory(temp.resolve(n + "-" + when));
        List<String> blobs = new ArrayList<>();
        for (String line : run(folder, n, when, HaltingDisk.HALTED)) {
            blobs.add(line.substring(KeyWork.BLOB.length()));
        }
        HaltingDisk counting = new HaltingDisk(new RealDisk(folder), 0, When.AFTER);
        try (KeyWork again = new KeyWork(folder, counting)) {
            blobs.addAll(again.play());
            for (String blob : blobs) {
                assertThat(again.opens(blob)).as("halted %s %d", when, n).isTrue();
            }
            assertThat(again.rotations()).as("halted %s %d", when, n).isEqualTo(KeyWork.ROTATIONS);
            assertThat(again.events()).as("halted %s %d", when, n).isEqualTo(KeyWork.ROTATIONS);
            assertThat(again.deletions()).as("halted %s %d", when, n).isEqualTo(1);
            assertThat(again.left()).as("halted %s %d", when, n).isZero();
        }
    }

    private List<String> run(Path folder, long nth, When when, int exit) throws Exception {
        OwnProcess process =
                OwnProcess.run(
                        List.of(),
                        temp,
                        KeyWork.class,
                        folder.toString(),
                        Long.toString(nth),
                        when.name());
        assertThat(process.exit()).as(process.errors()).isEqualTo(exit);
        return process.output();
    }
}
