package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Imports that meet what cannot be imported: it is named, passed over and counted, the rest goes
/// in, and the exit code is not 0.
final class ImportTest {
    private static final String ACCOUNT = "123837392027";

    @Test
    void fileTooLargeForTheServerIsNamedAndTheOthersGoIn() throws Exception {
        try (var server = LiveServer.start("import.file-bytes-max=2MB")) {
            var folder = Files.createDirectory(server.home().resolve("logs"));
            Files.write(folder.resolve("a.json"), events(1));
            // Too large before it is unpacked, by far more than any buffer on the way holds.
            var large = new byte[64 << 20];
            new Random(1).nextBytes(large);
            Files.write(folder.resolve("b.json.gz"), large);
            Files.write(folder.resolve("c.json"), events(2));
            var done = server.cairn("import", "--jobs", "1", folder.toString()).exited(1);
            assertThat(done.out())
                    .contains("3 files: 2 events recorded, 0 seen before, 1 refused")
                    .contains(
                            folder.resolve("b.json.gz")
                                    + ": RequestEntityTooLargeException: expected a body of at most");
        }
    }

    @Test
    void folderThatCannotBeReadIsNamedAndTheOthersGoIn() throws Exception {
        try (var server = LiveServer.start()) {
            var folder = Files.createDirectory(server.home().resolve("logs"));
            Files.write(Files.createDirectory(folder.resolve("a")).resolve("a.json"), events(1));
            Files.write(Files.createDirectory(folder.resolve("c")).resolve("c.json"), events(2));
            // No user, not even root, can name what lies deeper than a path may be long.
            var deep = deep(server.home().resolve("deep"));
            var below = deep.last().resolve("b");
            Files.move(deep(server.home().resolve("more")).first(), below);
            Files.move(deep.first(), folder.resolve("b"));
            try {
                var done = server.cairn("import", folder.toString()).exited(1);
                assertThat(done.out())
                        .contains("2 events recorded", "1 refused")
                        .containsPattern("refused  " + folder + "/b/.*: cannot be read: ");
            } finally {
                // Taken apart again, so that it can be removed.
                Files.move(folder.resolve("b"), deep.first());
                Files.move(below, server.home().resolve("more"));
            }
        }
    }

    @Test
    void importStopsWithItsSumWhenTheServerIsGone() throws Exception {
        try (var server = LiveServer.start()) {
            var folder = Files.createDirectory(server.home().resolve("logs"));
            Files.write(folder.resolve("a.json"), events(1));
            Files.write(folder.resolve("b.json"), events(2));
            Files.write(folder.resolve("c.json"), events(3));
            server.stop();
            var done =
                    server.cairnAs(LiveServer.ROOT, "import", "--jobs", "1", folder.toString())
                            .exited(1);
            assertThat(done.out())
                    .contains("1 files: 0 events recorded", "stopped: no Cairn answers at")
                    .contains("2 files were not sent");
        }
    }

    private record Deep(Path first, Path last) {}

    /// Folders in folders, as deep as can be named from here.
    private static Deep deep(Path first) throws Exception {
        var last = Files.createDirectory(first);
        while (last.toString().length() + 101 < 4000) {
            last = Files.createDirectory(last.resolve("d".repeat(100)));
        }
        return new Deep(first, last);
    }

    private static byte[] events(int number) {
        return Sample.batch(List.of(Sample.now(ACCOUNT, number)));
    }
}
