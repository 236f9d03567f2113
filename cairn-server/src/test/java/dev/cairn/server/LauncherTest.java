package dev.cairn.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LauncherTest {
    @TempDir private Path checkout;

    /// Runs a copy of the launcher with nothing on the path but what it needs, no home folder, and
    /// a JDK.
    private Process launch(String... arguments) throws IOException {
        Files.copy(Path.of("../cairn"), checkout.resolve("cairn"));
        Files.createFile(checkout.resolve("pom.xml"));
        var tools = Files.createDirectory(checkout.resolve("tools"));
        for (var tool : List.of("bash", "dirname", "readlink", "find", "sed", "mkdir", "tail")) {
            Files.createSymbolicLink(tools.resolve(tool), found(tool));
        }
        var builder = new ProcessBuilder("tools/bash", "cairn");
        builder.command().addAll(List.of(arguments));
        builder.directory(checkout.toFile()).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("PATH", tools.toString());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return builder.start();
    }

    private static Path found(String tool) {
        return List.of("/usr/bin", "/bin").stream()
                .map(folder -> Path.of(folder, tool))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_missing_maven_is_told_in_one_line() throws Exception {
        var process = launch("--version");
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).isEqualTo(1);
        assertThat(said)
                .isEqualTo(
                        "cairn: needs Maven 3.8 or newer to build, and 'mvn' is not on the path.\n");
    }
}
