package dev.cairn.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/// A folder for what the benches write, gone when they end. It has to lie on a real disk: forcing
/// what lies in memory costs nothing.
record Scratch(Path folder) implements AutoCloseable {
    static Scratch in(Path parent) throws BenchException {
        try {
            Files.createDirectories(parent);
            Path folder = Files.createTempDirectory(parent, "cairn-bench-").toRealPath();
            if (Files.getFileStore(folder).type().equals("tmpfs")) {
                Files.delete(folder);
                throw new BenchException(
                        parent + " lies in memory: name a folder on disk with --work");
            }
            return new Scratch(folder);
        } catch (IOException e) {
            throw new BenchException("cannot use " + parent + ": " + e.getMessage(), e);
        }
    }

    Path resolve(String name) {
        return folder.resolve(name);
    }

    /// Bytes of all files in a folder.
    static long bytes(Path folder) throws BenchException {
        if (!Files.exists(folder)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).mapToLong(Scratch::size).sum();
        } catch (IOException | UncheckedIOException e) {
            throw new BenchException("cannot measure " + folder + ": " + e.getMessage(), e);
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException _) {
            return 0; // It was merged or sealed away meanwhile.
        }
    }

    /// Removes a folder and what is in it.
    static void remove(Path folder) throws BenchException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new BenchException("cannot remove " + folder + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() throws BenchException {
        remove(folder);
    }
}
