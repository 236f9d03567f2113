package dev.cairn.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchFolderTest {
    @TempDir private Path base = Path.of("");

    @Test
    void what_a_killed_command_left_is_removed_by_the_next_and_nothing_else() throws Exception {
        var left = Files.createDirectories(base.resolve("cairn-query-left/spill"));
        Files.writeString(left.resolve("a"), "a");
        Files.createFile(base.resolve("cairn-query-left.lock"));
        var other = Files.createDirectory(base.resolve("cairn-query-without-a-lock"));

        try (var first = ScratchFolder.make(base)) {
            Files.writeString(first.path().resolve("b"), "b");
            try (var second = ScratchFolder.make(base)) {
                assertThat(left.getParent()).doesNotExist();
                assertThat(base.resolve("cairn-query-left.lock")).doesNotExist();
                assertThat(first.path().resolve("b")).as("in use").exists();
                assertThat(second.path()).isEmptyDirectory();
            }
        }
        try (var rest = Files.list(base)) {
            assertThat(rest).containsExactly(other);
        }
    }
}
