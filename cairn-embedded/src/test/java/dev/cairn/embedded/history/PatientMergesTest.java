package dev.cairn.embedded.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class PatientMergesTest {
    private static final Executor NEW_THREAD = task -> Thread.ofPlatform().start(task);

    @Test
    @EnabledOnOs(OS.LINUX)
    void a_merge_stands_back_and_nobody_else_does() {
        int before = nice();

        int merging =
                CompletableFuture.supplyAsync(
                                () -> {
                                    PatientMerges.standBack();
                                    return nice();
                                },
                                NEW_THREAD)
                        .join();

        assertThat(merging).isEqualTo(10);
        assertThat(nice()).isEqualTo(before).isLessThan(10);
        assertThat(CompletableFuture.supplyAsync(PatientMergesTest::nice, NEW_THREAD).join())
                .isEqualTo(before);
    }

    /// Of the calling thread: field 19 of proc_pid_stat(5).
    private static int nice() {
        try {
            String stat = Files.readString(Path.of("/proc/thread-self/stat"));
            String afterName = stat.substring(stat.lastIndexOf(')') + 2);
            return Integer.parseInt(afterName.split(" ", -1)[19 - 3]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
