package dev.cairn.server.lake;

import dev.cairn.store.EventDataStore;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/// Starts processes of `cairn-lake`, whose libraries lie beside the program.
public final class LakeProcess {
    /// Answers one query.
    public static final String WORKER = "dev.cairn.lake.worker.Worker";

    /// Keeps tables.
    public static final String KEEPER = "dev.cairn.lake.table.Keeper";

    /// The folders of its libraries, in their order on the class path.
    private static final List<String> LIBRARIES = List.of("lake", "lib");

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
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(recorded());
        command.addAll(
                List.of(
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
                        main));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    /// What the launcher had the JVM record of such a process (JEP 514), where it is there and
    /// newer than all that was recorded. The JVM passes over one that does not fit, and shall not
    /// talk about it.
    private static List<String> recorded() throws IOException {
        var own = own();
        var cache = own.resolveSibling("lake.aot");
        if (!Files.isRegularFile(own) || !Files.isRegularFile(cache)) {
            return List.of();
        }
        var at = Files.getLastModifiedTime(cache);
        for (var libraries : LIBRARIES) {
            try (var jars = Files.newDirectoryStream(own.resolveSibling(libraries), "*.jar")) {
                for (var jar : jars) {
                    if (Files.getLastModifiedTime(jar).compareTo(at) > 0) {
                        return List.of();
                    }
                }
            }
        }
        return List.of("-XX:AOTCache=" + cache, "-Xlog:aot=off", "-Xlog:cds=off");
    }

    /// Beside the program's own jar are its libraries in `lib`, and in `lake` those that only these
    /// processes load.
    private static String classPath() throws IOException {
        var own = own();
        return Files.isRegularFile(own)
                ? LIBRARIES.stream()
                        .map(libraries -> own.resolveSibling(libraries) + File.separator + "*")
                        .collect(Collectors.joining(File.pathSeparator))
                : System.getProperty("java.class.path");
    }

    /// The program's jar; in tests a folder of classes.
    private static Path own() throws IOException {
        try {
            return Path.of(
                            LakeProcess.class
                                    .getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .toURI())
                    .toAbsolutePath();
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
