package dev.cairn.bench;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The checkout the bench was built in: where the launcher and the jars are.
record Checkout(Path home) {
    static Checkout current() {
        try {
            Path jar =
                    Path.of(
                            Checkout.class
                                    .getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .toURI());
            // bench/target/bench.jar, or bench/target/classes.
            return new Checkout(jar.resolve("../../..").normalize());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("expected to run from a file", e);
        }
    }

    /// The command that starts Cairn.
    ///
    /// @throws BenchException when it is not there
    Path launcher() throws BenchException {
        Path launcher = home.resolve("cairn");
        if (!Files.isExecutable(launcher)) {
            throw new BenchException(
                    "expected the launcher at %s: run './cairn bench' in a checkout"
                            .formatted(launcher));
        }
        return launcher;
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    static String jcmd() {
        return Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    }

    /// Every library of the bench but Cairn's own and its logging: what a Kafka broker runs on.
    String libraries() throws BenchException {
        try (Stream<Path> files = Files.list(home.resolve("bench/target/lib"))) {
            List<String> jars = new ArrayList<>();
            files.map(Path::toString)
                    .filter(name -> name.endsWith(".jar"))
                    .filter(name -> !name.matches(".*/(cairn|logback|duckdb|lucene|jetty)[^/]*"))
                    .forEach(jars::add);
            return String.join(java.io.File.pathSeparator, jars);
        } catch (IOException e) {
            throw new BenchException("cannot list bench/target/lib: " + e.getMessage(), e);
        }
    }
}
