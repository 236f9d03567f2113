package dev.cairn.embedded.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two catalogs that are copied while another thread writes them as deliveries do: what is meant in
/// the first, what is done in the second, what was done in the first again.
final class CatalogSnapshotTest {
    private static final int SNAPSHOTS = 20;
    private static final int STEPS_BETWEEN = 5;

    /// Seconds that so many steps may take.
    private static final int STEPS_MAX = 120;

    @TempDir private Path folder = Path.of("");

    @Test
    void copies_agree_with_each_other() throws Exception {
        Path first = folder.resolve("catalog.db");
        Path second = folder.resolve("index.db");
        try (var catalog = SqliteCatalog.open(first);
                var index = SqliteCatalog.open(second)) {
            var steps = new Semaphore(0);
            var enough = new AtomicBoolean();
            Thread writer =
                    Thread.ofPlatform()
                            .start(() -> {
                                for (long next = 1; !enough.get(); next++) {
                                    set(catalog, "meant", next);
                                    set(index, "there", next);
                                    set(catalog, "done", next);
                                    steps.release();
                                }
                            });
            try {
                for (int i = 0; i < SNAPSHOTS; i++) {
                    assertThat(steps.tryAcquire(STEPS_BETWEEN, STEPS_MAX, TimeUnit.SECONDS))
                            .isTrue();
                    check(first, second);
                }
            } finally {
                enough.set(true);
                writer.join();
            }
        }
    }

    private void check(Path first, Path second) throws CatalogException {
        Path firstCopy = folder.resolve("catalog.copy");
        Path secondCopy = folder.resolve("index.copy");
        CatalogSnapshot.take(first, firstCopy, second, secondCopy);
        try (var catalog = SqliteCatalog.open(firstCopy);
                var index = SqliteCatalog.open(secondCopy)) {
            assertThat(catalog.check()).isEmpty();
            assertThat(index.check()).isEmpty();
            assertThat(get(index, "there")).isBetween(get(catalog, "done"), get(catalog, "meant"));
        }
    }

    @Test
    void nobody_writes_the_first_between_the_looks_at_both() throws Exception {
        Path first = folder.resolve("catalog.db");
        Path second = folder.resolve("index.db");
        try (var catalog = SqliteCatalog.open(first);
                var index = SqliteCatalog.open(second)) {
            set(catalog, "meant", 1);
            var looks = new int[1];
            CatalogSnapshot.take(
                    first,
                    folder.resolve("catalog.copy"),
                    second,
                    folder.resolve("index.copy"),
                    () -> {
                        looks[0]++;
                        set(index, "there", 1);
                        try (var impatient = SqliteCatalog.connect(first)) {
                            impatient.execute("PRAGMA busy_timeout = 0");
                            assertThatThrownBy(() -> impatient.execute("BEGIN IMMEDIATE"))
                                    .isInstanceOf(SQLException.class)
                                    .hasMessageContaining("SQLITE_BUSY");
                        } catch (SQLException e) {
                            throw new IllegalStateException(e);
                        }
                    });
            assertThat(looks[0]).isEqualTo(1);
            try (var copy = SqliteCatalog.open(folder.resolve("index.copy"))) {
                assertThat(get(copy, "there")).isEqualTo(1);
            }
        }
    }

    @Test
    void a_copy_holds_what_was_committed_and_takes_the_place_of_the_last_one() throws Exception {
        Path file = folder.resolve("catalog.db");
        Path copy = folder.resolve("copy.db");
        try (var catalog = SqliteCatalog.open(file)) {
            for (long n = 1; n <= 2; n++) {
                set(catalog, "meant", n);
                CatalogSnapshot.take(file, copy);
                try (var opened = SqliteCatalog.open(copy)) {
                    assertThat(get(opened, "meant")).isEqualTo(n);
                    set(opened, "meant", 100);
                }
            }
            assertThat(get(catalog, "meant")).isEqualTo(2);
        }
    }

    private static void set(Catalog catalog, String key, long number) {
        try {
            catalog.<Boolean, CatalogException>write(tx -> {
                var old = tx.get("n", key);
                if (old.isPresent()) {
                    tx.replace(old.get(), Long.toString(number));
                } else {
                    tx.create("n", key, Long.toString(number));
                }
                return true;
            });
        } catch (CatalogException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long get(Catalog catalog, String key) throws CatalogException {
        return catalog.get("n", key).map(Document::json).map(Long::parseLong).orElse(0L);
    }
}
