package dev.cairn.embedded.catalog;

import dev.cairn.catalog.CatalogException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;

/// Copies two catalogs as they are at one moment, whoever writes them, from this process or
/// another.
///
/// For that moment nobody may write the first: its writers wait for some milliseconds, and so
/// nothing is done to the second that follows from what the first does not hold. Copying goes on
/// from what was there then, while all others write as they like.
public final class CatalogSnapshot {
    /// What SQLite keeps beside a file.
    private static final List<String> BESIDE = List.of("", "-wal", "-shm", "-journal");

    private CatalogSnapshot() {}

    /// Copies them; what is at `firstTo` and `secondTo` is replaced. The copies are not forced.
    ///
    /// @throws CatalogException UNAVAILABLE, CORRUPT
    public static void take(Path first, Path firstTo, Path second, Path secondTo)
            throws CatalogException {
        take(first, firstTo, second, secondTo, () -> {});
    }

    /// The same; what is done between the looks at the one and the other, for tests.
    static void take(Path first, Path firstTo, Path second, Path secondTo, Runnable between)
            throws CatalogException {
        make(firstTo);
        make(secondTo);
        try (Session turn = SqliteCatalog.connect(first);
                Session one = SqliteCatalog.connect(first);
                Session other = SqliteCatalog.connect(second)) {
            turn.execute("BEGIN IMMEDIATE");
            try {
                one.beginReading();
                between.run();
                other.beginReading();
            } finally {
                turn.execute("ROLLBACK");
            }
            one.copyTo(firstTo);
            other.copyTo(secondTo);
        } catch (SQLException e) {
            throw SqliteCatalog.failure(first, e);
        }
    }

    /// Copies one.
    public static void take(Path file, Path to) throws CatalogException {
        make(to);
        try (Session one = SqliteCatalog.connect(file)) {
            one.beginReading();
            one.copyTo(to);
        } catch (SQLException e) {
            throw SqliteCatalog.failure(file, e);
        }
    }

    /// Removes a copy, and what SQLite may have left beside it.
    public static void remove(Path copy) throws CatalogException {
        try {
            for (String suffix : BESIDE) {
                Files.deleteIfExists(copy.resolveSibling(copy.getFileName() + suffix));
            }
        } catch (IOException e) {
            throw new CatalogException(
                    CatalogException.Kind.UNAVAILABLE, "cannot remove " + copy, e);
        }
    }

    private static void make(Path copy) throws CatalogException {
        remove(copy);
        SqliteCatalog.createForOwner(copy);
    }
}
