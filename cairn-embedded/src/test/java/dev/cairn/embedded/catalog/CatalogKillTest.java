package dev.cairn.embedded.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A process that writes transactions is killed, over and over on one file: at a step of its own
/// choice (`Runtime.halt` before, within and after a transaction), or by the system at any
/// instruction (SIGKILL while it writes). What it acknowledged must be there, whole, in order.
class CatalogKillTest {
    @TempDir private Path folder = Path.of("");

    @Test
    void whatWasAcknowledgedIsThereAfterAKill() throws Exception {
        killOften(6, 20261121);
    }

    @Test
    @Tag("long")
    void whatWasAcknowledgedIsThereAfterManyKills() throws Exception {
        killOften(100, new Random().nextLong());
    }

    private void killOften(int kills, long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        Path file = folder.resolve("catalog");
        long written = 0;
        for (int kill = 0; kill < kills; kill++) {
            boolean bySystem = kill % 2 == 1;
            int steps = random.nextInt(1, 120);
            long acknowledged = Math.max(written, writeUntilKilled(file, steps, bySystem));
            try (SqliteCatalog catalog = SqliteCatalog.open(file)) {
                assertThat(catalog.check()).isEmpty();
                long there = count(catalog);
                // One more may be there: committed, and killed before it could say so.
                assertThat(there)
                        .as("seed %d, kill %d", seed, kill)
                        .isBetween(acknowledged, acknowledged + 1);
                assertThat(counter(catalog)).isEqualTo(there);
                written = there;
            }
        }
        assertThat(written).isPositive();
    }

    /// @return the last number the writer said it had written; 0 when it said none
    private static long writeUntilKilled(Path file, int steps, boolean bySystem)
            throws IOException, InterruptedException {
        Process writer =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Writer.class.getName(),
                                file.toString(),
                                Integer.toString(bySystem ? Integer.MAX_VALUE : steps))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        List<String> said = new ArrayList<>();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(writer.getInputStream(), UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                said.add(line);
                if (bySystem && said.size() == steps) {
                    // Not by the Process, which would close the pipe with what is still in it.
                    writer.toHandle().destroyForcibly();
                }
            }
        } finally {
            writer.destroyForcibly();
        }
        assertThat(writer.waitFor()).isEqualTo(bySystem ? 137 : Writer.HALTED);
        return said.isEmpty() ? 0 : Long.parseLong(said.getLast());
    }

    private static long count(SqliteCatalog catalog) throws CatalogException {
        long count = 0;
        List<Document> page = catalog.list("n", "", "", 1000);
        while (!page.isEmpty()) {
            for (Document document : page) {
                assertThat(document.key()).isEqualTo(Writer.key(++count));
            }
            page = catalog.list("n", "", page.getLast().key(), 1000);
        }
        return count;
    }

    private static long counter(SqliteCatalog catalog) throws CatalogException {
        return catalog.get("counter", "n")
                .map(document -> Long.parseLong(document.json()))
                .orElse(0L);
    }

    /// The process that is killed. Each transaction makes the next document and moves the counter;
    /// then its number is printed: the acknowledgment.
    static final class Writer {
        static final int HALTED = 77;

        private static int stepsLeft;

        private Writer() {}

        public static void main(String[] args) throws Exception {
            stepsLeft = Integer.parseInt(args[1]);
            try (SqliteCatalog catalog = SqliteCatalog.open(Path.of(args[0]))) {
                while (true) {
                    step();
                    long number = catalog.<Long, RuntimeException>write(Writer::writeNext);
                    step();
                    System.out.println(number);
                }
            }
        }

        private static long writeNext(Transaction tx) throws CatalogException {
            Document counter = tx.get("counter", "n").orElse(null);
            long number = counter == null ? 1 : Long.parseLong(counter.json()) + 1;
            tx.create("n", key(number), "x".repeat((int) (number % 50) * 100));
            step();
            if (counter == null) {
                tx.create("counter", "n", Long.toString(number));
            } else {
                tx.replace(counter, Long.toString(number));
            }
            step();
            return number;
        }

        static String key(long number) {
            return "%09d".formatted(number);
        }

        private static void step() {
            if (stepsLeft-- == 0) {
                Runtime.getRuntime().halt(HALTED);
            }
        }
    }
}
