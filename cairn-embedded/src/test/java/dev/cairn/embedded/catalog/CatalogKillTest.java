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
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A process that writes transactions, on one thread or on many, is killed, over and over on one
/// file: at a step of its own choice (`Runtime.halt` before, within and after a transaction), or by
/// the system at any instruction (SIGKILL while it writes). What it acknowledged must be there,
/// whole, in order.
class CatalogKillTest {
    private static final int MANY = 8;

    @TempDir private Path folder = Path.of("");

    @Test
    void whatWasAcknowledgedIsThereAfterAKill() throws Exception {
        killOften(6, 1, 20261121);
    }

    @Test
    void whatWasAcknowledgedToManyAtOnceIsThereAfterAKill() throws Exception {
        killOften(6, MANY, 20261122);
    }

    @Test
    @Tag("long")
    void whatWasAcknowledgedIsThereAfterManyKills() throws Exception {
        killOften(100, 1, new Random().nextLong());
    }

    @Test
    @Tag("long")
    void whatWasAcknowledgedToManyAtOnceIsThereAfterManyKills() throws Exception {
        killOften(100, MANY, new Random().nextLong());
    }

    private void killOften(int kills, int threads, long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        Path file = folder.resolve("catalog");
        long[] written = new long[threads];
        for (int kill = 0; kill < kills; kill++) {
            boolean bySystem = kill % 2 == 1;
            int steps = random.nextInt(1, 120) * threads;
            long[] acknowledged = writeUntilKilled(file, threads, steps, bySystem);
            try (SqliteCatalog catalog = SqliteCatalog.open(file)) {
                assertThat(catalog.check()).isEmpty();
                for (int thread = 0; thread < threads; thread++) {
                    long least = Math.max(written[thread], acknowledged[thread]);
                    written[thread] = count(catalog, thread);
                    // One more may be there: committed, and killed before it could say so.
                    assertThat(written[thread])
                            .as("seed %d, kill %d, thread %d", seed, kill, thread)
                            .isBetween(least, least + 1);
                }
                assertThat(counter(catalog)).isEqualTo(Arrays.stream(written).sum());
                assertThat(catalog.list("undone", "", "", 1)).isEmpty();
            }
        }
        assertThat(written).doesNotContain(0);
    }

    /// @return the last number that each thread said it had written; 0 when it said none
    private static long[] writeUntilKilled(Path file, int threads, int steps, boolean bySystem)
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
                                Integer.toString(threads),
                                Integer.toString(bySystem ? Integer.MAX_VALUE : steps))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        long[] said = new long[threads];
        int lines = 0;
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(writer.getInputStream(), UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                String[] words = line.split(" ", 2);
                said[Integer.parseInt(words[0])] = Long.parseLong(words[1]);
                if (bySystem && ++lines == steps) {
                    // Not by the Process, which would close the pipe with what is still in it.
                    writer.toHandle().destroyForcibly();
                }
            }
        } finally {
            writer.destroyForcibly();
        }
        assertThat(writer.waitFor()).isEqualTo(bySystem ? 137 : Writer.HALTED);
        return said;
    }

    private static long count(SqliteCatalog catalog, int thread) throws CatalogException {
        long count = 0;
        String prefix = thread + "/";
        List<Document> page = catalog.list("n", prefix, "", 1000);
        while (!page.isEmpty()) {
            for (Document document : page) {
                assertThat(document.key()).isEqualTo(Writer.key(thread, ++count));
            }
            page = catalog.list("n", prefix, page.getLast().key(), 1000);
        }
        return count;
    }

    private static long counter(SqliteCatalog catalog) throws CatalogException {
        return catalog.get("counter", "all")
                .map(document -> Long.parseLong(document.json()))
                .orElse(0L);
    }

    /// The process that is killed. Each transaction makes its thread's next document and moves its
    /// counter and that of all; then thread and number are printed: the acknowledgment. Between
    /// them, some throw when they have written.
    static final class Writer {
        static final int HALTED = 77;

        private static final AtomicInteger STEPS_LEFT = new AtomicInteger();

        private Writer() {}

        public static void main(String[] args) throws Exception {
            int threads = Integer.parseInt(args[1]);
            STEPS_LEFT.set(Integer.parseInt(args[2]));
            try (SqliteCatalog catalog = SqliteCatalog.open(Path.of(args[0]));
                    ExecutorService all = Executors.newFixedThreadPool(threads)) {
                for (int thread = 1; thread < threads; thread++) {
                    int number = thread;
                    all.execute(() -> writeOn(catalog, number));
                }
                writeOn(catalog, 0);
            }
        }

        private static void writeOn(SqliteCatalog catalog, int thread) {
            try {
                while (true) {
                    step();
                    long number =
                            catalog.<Long, RuntimeException>write(tx -> writeNext(tx, thread));
                    step();
                    System.out.println(thread + " " + number);
                    if (number % 3 == 0) {
                        throwAfterWriting(catalog, thread);
                    }
                }
            } catch (CatalogException e) {
                e.printStackTrace();
                Runtime.getRuntime().halt(1);
            }
        }

        private static long writeNext(Transaction tx, int thread) throws CatalogException {
            long number = addOne(tx, Integer.toString(thread));
            tx.create("n", key(thread, number), "x".repeat((int) (number % 50) * 100));
            step();
            addOne(tx, "all");
            step();
            return number;
        }

        private static long addOne(Transaction tx, String counter) throws CatalogException {
            Document old = tx.get("counter", counter).orElse(null);
            if (old == null) {
                tx.create("counter", counter, "1");
                return 1;
            }
            long number = Long.parseLong(old.json()) + 1;
            tx.replace(old, Long.toString(number));
            return number;
        }

        private static void throwAfterWriting(SqliteCatalog catalog, int thread)
                throws CatalogException {
            try {
                catalog.<Long, OnPurpose>write(tx -> {
                    tx.create("undone", Integer.toString(thread), "");
                    addOne(tx, "all");
                    throw new OnPurpose();
                });
            } catch (OnPurpose _) {
                // It is undone.
            }
        }

        static String key(int thread, long number) {
            return "%d/%09d".formatted(thread, number);
        }

        private static void step() {
            if (STEPS_LEFT.getAndDecrement() == 0) {
                Runtime.getRuntime().halt(HALTED);
            }
        }

        private static final class OnPurpose extends Exception {
            private static final long serialVersionUID = 1L;
        }
    }
}
