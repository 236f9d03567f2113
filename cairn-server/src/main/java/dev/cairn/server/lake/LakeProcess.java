package dev.cairn.server.lake;

import dev.cairn.store.EventDataStore;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/// Starts processes of `cairn-lake`, whose libraries lie beside the program.
public final class LakeProcess {
    /// Answers one query.
    public static final String WORKER = "dev.cairn.lake.worker.Worker";

    /// Keeps tables.
    public static final String KEEPER = "dev.cairn.lake.table.Keeper";

    private LakeProcess() {}

    /// Which columns the table of a store has: the word that both processes know them by.
    public static String columns(EventDataStore store) {
        return store.takesActivity() ? "activity" : "events";
    }

    /// Starts one; what it says to its standard error goes to ours.
    ///
    /// @param main the class that it runs
    /// @param heap such as `-Xmx512m`; what DuckDB needs comes on top
    /// @param scratch an existing folder for what its libraries unpack
    public static Process start(String main, String heap, Path scratch) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-XX:+UseSerialGC",
                        heap,
                        "-Djava.io.tmpdir=" + scratch,
                        // Iceberg's pool waits in steps of 10 ms: longer than a plan of our tables
                        // takes.
                        "-Diceberg.scan.plan-in-worker-pool=false",
                        // Its libraries log what its answers say as well.
                        "-Dslf4j.provider=org.slf4j.helpers.NOP_FallbackServiceProvider",
                        "-Dslf4j.internal.verbosity=WARN",
                        "-cp",
                        classPath(),
                        main)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /// Beside the program's own jar are its libraries in `lib`, and in `lake` those that only these
    /// processes load.
    private static String classPath() throws IOException {
        try {
            var own =
                    Path.of(
                            LakeProcess.class
                                    .getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .toURI());
            if (!Files.isRegularFile(own)) {
                return System.getProperty("java.class.path");
            }
            var folder = own.toAbsolutePath().getParent();
            return List.of("lake", "lib").stream()
                    .map(libraries -> folder + File.separator + libraries + File.separator + "*")
                    .reduce((left, right) -> left + File.pathSeparator + right)
                    .orElseThrow();
        } catch (URISyntaxException failure) {
            throw new IOException("cannot find Cairn's own files", failure);
        }
    }

    /// Removes a folder with all that is in it; what is not there is as good as removed.
    public static void remove(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (UncheckedIOException failure) {
            throw failure.getCause();
        }
    }
}
