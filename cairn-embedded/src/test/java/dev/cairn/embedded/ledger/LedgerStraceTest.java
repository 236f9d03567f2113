package dev.cairn.embedded.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The real process, whose system calls fail or that is killed at them, by strace. Skipped without
/// strace, unless the environment has CAIRN_CLIENTS=required.
@Tag("long")
final class LedgerStraceTest {
    private static final int SITES = 50;
    private static final List<String> CALLS =
            List.of("fdatasync", "fsync", "pwrite64", "rename", "unlink", "ftruncate");
    private static final int NTH_MAX = 25;

    @TempDir Path temp;

    @Test
    void a_process_whose_system_calls_fail_or_kill_it_loses_nothing() throws Exception {
        requireStrace();
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(50);
        int hit = 0;
        for (int i = 0; i < SITES; i++) {
            String call = CALLS.get(random.nextInt(CALLS.size()));
            int nth = 1 + random.nextInt(call.startsWith("f") ? NTH_MAX : NTH_MAX / 2);
            String fault = random.nextBoolean() ? "error=EIO" : "signal=KILL";
            hit += inject(i, call + ":" + fault + ":when=" + nth) ? 1 : 0;
        }
        // Most of the sites are among the calls that the work makes.
        assertThat(hit).isGreaterThan(SITES / 3);
    }

    /// @return whether the site was met
    private boolean inject(int number, String what) throws Exception {
        Path folder = Files.createDirectory(temp.resolve("site-" + number));
        Path trace = temp.resolve("trace-" + number);
        LedgerProcess process =
                LedgerProcess.run(
                        List.of(
                                "strace",
                                "-f",
                                "-qq",
                                "-o",
                                trace.toString(),
                                "-e",
                                "trace=" + what.substring(0, what.indexOf(':')),
                                "-e",
                                "inject=" + what),
                        temp,
                        folder);
        try {
            process.check(folder);
        } catch (AssertionError e) {
            throw new AssertionError("strace -e inject=" + what, e);
        }
        String traced = Files.readString(trace);
        return traced.contains("(INJECTED)") || traced.contains("killed by SIGKILL");
    }

    private static void requireStrace() throws InterruptedException {
        String reason;
        try {
            int exit =
                    new ProcessBuilder("strace", "-qq", "-e", "trace=none", "true")
                            .start()
                            .waitFor();
            reason = exit == 0 ? "" : "strace may not trace here: it ended with " + exit;
        } catch (IOException e) {
            reason = "there is no strace: " + e.getMessage();
        }
        if (!reason.isEmpty()) {
            assertThat(System.getenv("CAIRN_CLIENTS")).as(reason).isNotEqualTo("required");
            System.out.println("skipped: " + reason);
            abort(reason);
        }
    }
}
