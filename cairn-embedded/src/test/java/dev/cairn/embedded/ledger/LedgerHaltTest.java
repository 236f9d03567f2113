package dev.cairn.embedded.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.testkit.fault.HaltingDisk;
import dev.cairn.testkit.fault.HaltingDisk.When;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A process halted at its nth disk operation, for every n of a fixed workload.
final class LedgerHaltTest {
    private static final int SAMPLE = 5;

    @TempDir Path temp;

    @Test
    void a_process_halted_around_every_fifth_disk_operation_loses_nothing() throws Exception {
        long operations = operations();
        for (long n = 1; n <= operations; n += SAMPLE) {
            halt(n, When.BEFORE);
            halt(n, When.AFTER);
        }
    }

    @Test
    @Tag("long")
    void a_process_halted_around_or_amid_any_disk_operation_loses_nothing() throws Exception {
        long operations = operations();
        for (long n = 1; n <= operations; n++) {
            for (When when : When.values()) {
                halt(n, when);
            }
        }
    }

    /// How many operations the work takes when nobody halts it.
    private long operations() throws Exception {
        Path folder = Files.createDirectory(temp.resolve("whole"));
        LedgerProcess whole = LedgerProcess.run(List.of(), temp, folder, "0", When.AFTER.name());
        assertThat(whole.exit()).isZero();
        assertThat(whole.output()).contains("released").contains("recorded e26 26");
        whole.check(folder);
        String last = whole.output().lines().toList().getLast();
        assertThat(last).startsWith("operations ");
        return Long.parseLong(last.substring("operations ".length()));
    }

    private void halt(long n, When when) throws Exception {
        Path folder = Files.createDirectory(temp.resolve(n + "-" + when));
        LedgerProcess process =
                LedgerProcess.run(List.of(), temp, folder, Long.toString(n), when.name());
        assertThat(process.exit()).isEqualTo(HaltingDisk.HALTED);
        try {
            process.check(folder);
        } catch (AssertionError e) {
            throw new AssertionError("halted " + when + " operation " + n, e);
        }
    }
}
