package dev.cairn.server.wiring;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.embedded.backup.Backup;
import dev.cairn.embedded.backup.BackupException;
import dev.cairn.embedded.backup.BackupPlace;
import dev.cairn.embedded.backup.Snapshots;
import dev.cairn.embedded.catalog.CatalogSnapshot;
import dev.cairn.embedded.catalog.SqliteCatalog;
import dev.cairn.embedded.disk.DataFolder;
import dev.cairn.embedded.disk.DataFolderException;
import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.embedded.secret.MasterKey;
import dev.cairn.embedded.secret.SystemSecrets;
import dev.cairn.server.configuration.ColdSettings;
import dev.cairn.server.configuration.Version;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;

/// Backs a data folder up, beside a server that works in it, or without one.
public final class DataBackup {
    private static final String LOCK = "lock";

    private DataBackup() {}

    /// What is backed up, and where to.
    ///
    /// @param data the data folder
    /// @param cold the colder place, if there is one; on an S3 it is not copied
    /// @param to the folder of backups; made when it is not there
    /// @param key 32 bytes, the operator's
    @SuppressWarnings("ArrayRecordComponent") // Handed over, never compared.
    public record Parts(Path data, Optional<ColdSettings> cold, Path to, byte[] key) {}

    /// Makes a backup.
    ///
    /// @param progress is told how many bytes were seen
    /// @throws StartException when none could be made; what was copied is found again by the next
    public static Backup.Report run(Parts parts, LongConsumer progress) throws StartException {
        var data = parts.data();
        if (!Files.exists(data.resolve("format"))) {
            throw new StartException(
                    "expected a Cairn data folder at %s, found none".formatted(data));
        }
        if (parts.to().startsWith(data)
                || data.startsWith(parts.to())
                || parts.cold().filter(place -> isWithin(parts.to(), place)).isPresent()) {
            throw new StartException(
                    "expected a folder of backups outside of %s, got %s"
                            .formatted(data, parts.to()));
        }
        try {
            refuseMasterKey(parts);
            Files.createDirectories(data.resolve(Backup.SCRATCH));
            DataFolder.make(parts.to());
            var scratch = data.resolve(Backup.SCRATCH);
            try (var _ = lock(scratch);
                    var _ = lock(parts.to())) {
                try {
                    return copy(parts, progress);
                } finally {
                    clear(scratch);
                }
            }
        } catch (BackupException | CatalogException | DataFolderException failure) {
            throw new StartException(String.valueOf(failure.getMessage()), failure);
        } catch (IOException failure) {
            throw new StartException(failure.toString(), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while a key was read", interrupted);
        }
    }

    private static Backup.Report copy(Parts parts, LongConsumer progress)
            throws BackupException, CatalogException {
        return Backup.run(
                new Backup.Parts(
                        new RealDisk(parts.data()),
                        cold(parts),
                        new Databases(parts.data()),
                        BackupPlace.openOrCreate(
                                new RealDisk(parts.to()), parts.key(), new SystemSecrets()),
                        InstantSource.system(),
                        Version.current(),
                        progress));
    }

    private static boolean isWithin(Path to, ColdSettings place) {
        return place instanceof ColdSettings.Folder(var folder) && to.startsWith(folder);
    }

    private static Backup.Cold cold(Parts parts) {
        if (parts.cold().isEmpty()) {
            return new Backup.Cold.Unknown();
        }
        return switch (parts.cold().get()) {
            case ColdSettings.Folder(var folder) -> new Backup.Cold.Folder(new RealDisk(folder));
            case ColdSettings.Elsewhere _ -> new Backup.Cold.Elsewhere();
        };
    }

    /// The backup would open under what lies in it.
    private static void refuseMasterKey(Parts parts)
            throws IOException, InterruptedException, StartException {
        if (Files.exists(parts.data().resolve("keys").resolve("master"))
                && Arrays.equals(
                        parts.key(),
                        MasterKey.read("", parts.data(), Map.of(), false, new SystemSecrets()))) {
            throw new StartException(
                    "expected a key of its own for backups, got the data folder's master key: who had that would have the backups, too");
        }
    }

    /// Held until it is closed.
    static FileChannel lock(Path folder) throws IOException, StartException {
        var channel =
                FileChannel.open(
                        folder.resolve(LOCK),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return channel;
            }
        } catch (OverlappingFileLockException _) {
            // Another part of this process has it.
        }
        channel.close();
        throw new StartException("another backup works in %s".formatted(folder));
    }

    /// What a backup needed while it was made; the next one would replace it.
    private static void clear(Path scratch) throws IOException {
        try (var files = Files.newDirectoryStream(scratch)) {
            for (var file : files) {
                if (!file.endsWith(LOCK)) {
                    Files.delete(file);
                }
            }
        }
    }

    /// SQLite's files.
    private record Databases(Path data) implements Snapshots {
        @Override
        public boolean take() throws CatalogException {
            var catalog = data.resolve("catalog.db");
            var index = data.resolve("archive").resolve("index.db");
            if (!Files.exists(catalog)) {
                throw new CatalogException(
                        CatalogException.Kind.UNAVAILABLE,
                        "expected %s, found none: was the data folder ever served?"
                                .formatted(catalog));
            }
            if (!Files.exists(index)) {
                CatalogSnapshot.take(catalog, data.resolve(CATALOG));
                return false;
            }
            CatalogSnapshot.take(catalog, data.resolve(CATALOG), index, data.resolve(INDEX));
            return true;
        }

        @Override
        public Catalog index() throws CatalogException {
            return SqliteCatalog.open(data.resolve(INDEX));
        }
    }
}
