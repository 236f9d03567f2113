package dev.cairn.testkit.fault;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A class that was run in a JVM of its own, because it is halted or killed there.
///
/// @param exit the exit code; [HaltingDisk#HALTED] when a [HaltingDisk] halted it
/// @param output the lines it wrote
/// @param errors what it wrote to standard error
public record OwnProcess(int exit, List<String> output, String errors) {
    private static final long SECONDS_MAX = 120;

    public OwnProcess {
        output = List.copyOf(output);
    }

    /// Runs a class on this JVM's class path, and waits for its end.
    ///
    /// @param before words before the Java command
    /// @param temp a folder for what it leaves behind
    public static OwnProcess run(List<String> before, Path temp, Class<?> main, String... args)
            throws IOException, InterruptedException {
        Path scratch = Files.createDirectories(temp.resolve("scratch"));
        List<String> command = new ArrayList<>(before);
        command.addAll(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:-UsePerfData",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Djava.io.tmpdir=" + scratch,
                        "-cp",
                        System.getProperty("java.class.path"),
                        main.getName()));
        command.addAll(List.of(args));
        Path output = Files.createTempFile(temp, "process", ".out");
        Path errors = Files.createTempFile(temp, "process", ".err");
        Process process =
                new ProcessBuilder(command)
                        .redirectOutput(output.toFile())
                        .redirectError(errors.toFile())
                        .start();
        if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the process did not end: " + command);
        }
        OwnProcess ended =
                new OwnProcess(
                        process.exitValue(),
                        Files.readAllLines(output, StandardCharsets.UTF_8),
                        Files.readString(errors, StandardCharsets.UTF_8));
        Files.delete(output);
        Files.delete(errors);
        clear(scratch);
        return ended;
    }

    /// A halted process leaves its unpacked native libraries behind.
    private static void clear(Path scratch) throws IOException {
        try (var files = Files.newDirectoryStream(scratch)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
    }
}
