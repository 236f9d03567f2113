package dev.cairn.server.wiring;

import dev.cairn.archive.ArchiveException;
import dev.cairn.catalog.CatalogException;
import dev.cairn.disk.DiskException;
import dev.cairn.embedded.archive.ArchiveFiles;
import dev.cairn.embedded.archive.ArchiveKey;
import dev.cairn.embedded.archive.IndexRebuild;
import dev.cairn.embedded.catalog.SqliteCatalog;
import dev.cairn.embedded.disk.DataFolder;
import dev.cairn.embedded.disk.DataFolderException;
import dev.cairn.embedded.secret.SystemSecrets;
import dev.cairn.secret.Vault;
import dev.cairn.server.configuration.Configuration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// Makes the index of a stopped server's built-in archive anew, beside its place, and puts it there
/// when it is whole: whatever the process dies on, there is no index or a whole one.
public final class ArchiveRebuild {
    private static final String FOLDER = "archive";
    private static final String INDEX = "index.db";
    private static final String DRAFT = "index.db.draft";

    /// What SQLite keeps beside a file while it is open.
    private static final List<String> BESIDE = List.of("-wal", "-shm", "-journal");

    private ArchiveRebuild() {}

    /// Makes it, unless it is there.
    ///
    /// @param progress is told how many files were read
    /// @return empty when there is an index: nothing was done then
    /// @throws StartException when something is in the way: the folder is in use, the index is
    ///   there and damaged, the archive's key is not in the catalog, or opens nothing
    public static Optional<IndexRebuild.Report> run(
            Configuration configuration, LongConsumer progress) throws StartException {
        try (var folder = DataFolder.open(configuration.data())) {
            var archive = folder.path().resolve(FOLDER);
            if (isThere(archive.resolve(INDEX))) {
                return Optional.empty();
            }
            remove(archive, DRAFT);
            var report = fill(configuration, folder, archive, progress);
            // A log of the lost index would be taken for one of the new.
            remove(archive, INDEX);
            folder.disk().force(FOLDER);
            folder.disk().rename(FOLDER + "/" + DRAFT, FOLDER + "/" + INDEX);
            folder.disk().force(FOLDER);
            return Optional.of(report);
        } catch (DataFolderException
                | CatalogException
                | ArchiveException
                | DiskException failure) {
            throw new StartException(String.valueOf(failure.getMessage()), failure);
        } catch (IOException failure) {
            throw new StartException(failure.toString(), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while the master key was read", interrupted);
        }
    }

    private static boolean isThere(Path index) throws StartException {
        if (!Files.exists(index)) {
            return false;
        }
        try (var catalog = SqliteCatalog.open(index)) {
            var findings = catalog.check();
            if (!findings.isEmpty()) {
                throw new StartException(damaged(index, findings.getFirst()));
            }
            return ArchiveFiles.isIndex(catalog);
        } catch (CatalogException failure) {
            throw new StartException(damaged(index, failure.getMessage()), failure);
        }
    }

    private static String damaged(Path index, @Nullable String finding) {
        return "%s is there and not sound (%s): move it away, with its -wal if there is one, and run this again"
                .formatted(index, finding);
    }

    private static IndexRebuild.Report fill(
            Configuration configuration, DataFolder folder, Path archive, LongConsumer progress)
            throws CatalogException,
                    ArchiveException,
                    IOException,
                    InterruptedException,
                    StartException {
        var secrets = new SystemSecrets();
        try (var catalog = SqliteCatalog.open(folder.path().resolve("catalog.db"))) {
            var masterKey =
                    MasterKeyChange.key(
                            configuration.keysMaster(), folder.path(), catalog, secrets);
            var key =
                    ArchiveKey.find(catalog, new Vault(masterKey, secrets))
                            .orElseThrow(() ->
                                    new StartException(
                                            "expected the archive's key in catalog.db, found none"));
            Files.createDirectories(archive);
            try (var index = SqliteCatalog.open(archive.resolve(DRAFT))) {
                return IndexRebuild.run(folder.disk(), index, key, progress);
            }
        }
    }

    private static void remove(Path archive, String name) throws IOException {
        Files.deleteIfExists(archive.resolve(name));
        for (var beside : BESIDE) {
            Files.deleteIfExists(archive.resolve(name + beside));
        }
    }
}
