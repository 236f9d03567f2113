package dev.cairn.embedded.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.CatalogException.Kind;
import dev.cairn.testkit.catalog.CatalogContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.Stream;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SqliteCatalogTest extends CatalogContract {
    private Path folder = Path.of("");
    private int made;

    @BeforeEach
    @BeforeProperty
    void makeFolder() throws IOException {
        folder = Files.createTempDirectory("catalog");
    }

    @AfterEach
    @AfterProperty
    void removeFolder() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Override
    protected Catalog newCatalog() throws CatalogException {
        return SqliteCatalog.open(folder.resolve("catalog-" + made++));
    }

    @Test
    void whatWasWrittenIsThereWhenItIsOpenedAgain() throws Exception {
        Path file = folder.resolve("catalog");
        try (SqliteCatalog catalog = SqliteCatalog.open(file)) {
            create(catalog, "a");
        }
        try (SqliteCatalog catalog = SqliteCatalog.open(file)) {
            assertThat(catalog.get("k", "a")).contains(new Document("k", "a", 1, "{}"));
            assertThat(catalog.check()).isEmpty();
        }
    }

    @Test
    void onlyTheOwnerMayReadIt() throws Exception {
        try (SqliteCatalog catalog = SqliteCatalog.open(folder.resolve("catalog"))) {
            create(catalog, "a");
            try (Stream<Path> files = Files.list(folder)) {
                assertThat(files.toList())
                        .hasSize(3)
                        .allSatisfy(file ->
                                assertThat(
                                                PosixFilePermissions.toString(
                                                        Files.getPosixFilePermissions(file)))
                                        .isEqualTo("rw-------"));
            }
        }
    }

    @Test
    void closingLeavesOneFile() throws Exception {
        try (SqliteCatalog catalog = SqliteCatalog.open(folder.resolve("catalog"))) {
            create(catalog, "a");
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(Path::getFileName).map(Path::toString)).containsExactly("catalog");
        }
    }

    @Test
    void aCommitIsWaitedFor() throws Exception {
        Path file = folder.resolve("catalog");
        try (SqliteCatalog catalog = SqliteCatalog.open(file)) {
            assertThat(catalog.setting("journal_mode")).isEqualTo("wal");
            assertThat(catalog.setting("synchronous")).isEqualTo("2");
        }
    }

    @Test
    void aCatalogOfAnotherVersionIsRefusedAndLeftAsItIs() throws Exception {
        Path file = folder.resolve("catalog");
        SqliteCatalog.open(file).close();
        sql(file, "PRAGMA user_version = 7");
        assertCorrupt(
                file,
                "expected schema version 1, but the catalog "
                        + file
                        + " has version 7: it belongs to another version of Cairn, and is left as it is");
        sql(file, "PRAGMA user_version = 1");
        SqliteCatalog.open(file).close();
    }

    @Test
    void anotherProgramsDatabaseIsRefused() throws Exception {
        Path file = folder.resolve("catalog");
        sql(file, "CREATE TABLE document (x)");
        assertCorrupt(
                file, "expected a Cairn catalog, but " + file + " is another program's database");
    }

    @Test
    void aFileThatIsNoDatabaseIsRefused() throws Exception {
        Path file = folder.resolve("catalog");
        Files.writeString(
                file, "no database, but long enough to be looked at as one\n".repeat(200));
        assertCorrupt(file, "the catalog " + file + " is damaged");
    }

    @Test
    void aDamagedPageIsFound() throws Exception {
        Path file = folder.resolve("catalog");
        try (SqliteCatalog catalog = SqliteCatalog.open(file)) {
            catalog.<String, RuntimeException>write(tx -> {
                for (int i = 0; i < 1000; i++) {
                    tx.create("k", "key-" + i, "{\"n\":" + i + "}");
                }
                return "";
            });
        }
        byte[] bytes = Files.readAllBytes(file);
        Arrays.fill(bytes, bytes.length - 4096, bytes.length - 4000, (byte) 0xA5);
        Files.write(file, bytes);
        try (SqliteCatalog catalog = SqliteCatalog.open(file)) {
            assertThat(catalog.check()).isNotEmpty();
        }
    }

    @Test
    void aFolderThatIsNotThereIsNamed() {
        Path file = folder.resolve("none").resolve("catalog");
        assertThatThrownBy(() -> SqliteCatalog.open(file))
                .isInstanceOfSatisfying(
                        CatalogException.class,
                        e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE))
                .hasMessageContaining(file.toString());
    }

    @Test
    void anErrorOfTheDiskUndoesTheTransactionAndLeavesTheCatalogUsable() throws Exception {
        Path file = folder.resolve("catalog");
        try (SqliteCatalog catalog = SqliteCatalog.open(file)) {
            catalog.limitPages(8);
            assertThatThrownBy(() -> create(catalog, "a", "x".repeat(200_000)))
                    .isInstanceOfSatisfying(
                            CatalogException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE))
                    .hasRootCauseMessage(
                            "[SQLITE_FULL] Insertion failed because database is full (database or disk is full)");
            assertThat(catalog.get("k", "a")).isEmpty();
            create(catalog, "a");
            assertThat(catalog.get("k", "a")).isPresent();
        }
    }

    private static void create(Catalog catalog, String key) throws CatalogException {
        create(catalog, key, "{}");
    }

    private static void create(Catalog catalog, String key, String json) throws CatalogException {
        catalog.<String, RuntimeException>write(tx -> {
            tx.create("k", key, json);
            return key;
        });
    }

    private static void assertCorrupt(Path file, String message) {
        assertThatThrownBy(() -> SqliteCatalog.open(file))
                .isInstanceOfSatisfying(
                        CatalogException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CORRUPT))
                .hasMessage(message);
    }

    private static void sql(Path file, String sql) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
