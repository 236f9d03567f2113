package dev.cairn.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// A command run to its end, as a user would run it.
///
/// @param words the command line
/// @param exit the exit code
/// @param out what it wrote on standard output
/// @param err what it wrote on standard error
record Command(List<String> words, int exit, String out, String err) {
    private static final Duration END_MAX = Duration.ofMinutes(2);
    private static final Path JAR = Path.of("../cairn-server/target/cairn.jar");

    /// Runs a program in a folder, with nothing of AWS or Cairn in its environment but what is
    /// given.
    static Command run(Path folder, Map<String, String> environment, List<String> words)
            throws IOException, InterruptedException {
        var out = Files.createTempFile(folder, "out", ".txt");
        var err = Files.createTempFile(folder, "err", ".txt");
        var process =
                builder(folder, environment, words)
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
        process.getOutputStream().close();
        if (!process.waitFor(END_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(
                    "expected %s to end within %s, stderr:%n%s"
                            .formatted(words, END_MAX, text(err)));
        }
        var done = new Command(words, process.exitValue(), text(out), text(err));
        Files.delete(out);
        Files.delete(err);
        return done;
    }

    /// What runs a program so, for whoever wants to watch it.
    static ProcessBuilder builder(
            Path folder, Map<String, String> environment, List<String> words) {
        var builder = new ProcessBuilder(words).directory(folder.toFile());
        var inherited = new TreeMap<>(builder.environment());
        builder.environment().clear();
        inherited.forEach((name, value) -> {
            if (!name.startsWith("AWS_") && !name.startsWith("CAIRN_") && !name.equals("HOME")) {
                builder.environment().put(name, value);
            }
        });
        builder.environment().put("HOME", folder.toString());
        builder.environment().putAll(environment);
        return builder;
    }

    /// The words that run `cairn` from the built jar.
    static List<String> cairn(String... arguments) {
        return cairn(List.of(), arguments);
    }

    /// @param options for the virtual machine
    static List<String> cairn(List<String> options, String... arguments) {
        if (!Files.isRegularFile(JAR)) {
            throw new AssertionError(
                    "expected %s, which packaging cairn-server makes: run './cairn test'"
                            .formatted(JAR.toAbsolutePath().normalize()));
        }
        var words = new ArrayList<String>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(options);
        words.addAll(
                List.of(
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-XX:+UseSerialGC",
                        "-jar",
                        JAR.toAbsolutePath().normalize().toString()));
        words.addAll(List.of(arguments));
        return words;
    }

    /// The same, when it exited so.
    Command exited(int expected) {
        if (exit != expected) {
            throw new AssertionError("expected exit code %d, got %s".formatted(expected, this));
        }
        return this;
    }

    List<String> lines() {
        return out.lines().toList();
    }

    private static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
