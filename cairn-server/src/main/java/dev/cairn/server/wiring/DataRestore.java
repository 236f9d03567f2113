package dev.cairn.server.wiring;

import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Outbox;
import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.embedded.backup.BackupException;
import dev.cairn.embedded.backup.BackupException.Kind;
import dev.cairn.embedded.backup.BackupManifest;
import dev.cairn.embedded.backup.BackupPlace;
import dev.cairn.embedded.backup.Restore;
import dev.cairn.embedded.catalog.SqliteCatalog;
import dev.cairn.embedded.disk.DataFolder;
import dev.cairn.embedded.disk.DataFolderException;
import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.embedded.ledger.LedgerSettings;
import dev.cairn.embedded.ledger.SegmentLedger;
import dev.cairn.embedded.secret.SystemSecrets;
import dev.cairn.gateway.recording.CallJournal;
import dev.cairn.gateway.recording.Forwarder;
import dev.cairn.gateway.recording.LedgerRecorder;
import dev.cairn.ledger.LedgerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;

/// Reads a folder of backups, and makes a data folder of one of them.
public final class DataRestore {
    /// A ledger that remembers all it has, and takes what it has not whatever the disk has left.
    private static final LedgerSettings REMEMBERING =
            LedgerSettings.DEFAULTS
                    .withDuplicates(Duration.ofDays(365_000), Long.MAX_VALUE)
                    .withDiskFreeMin(0);

    private static final Set<PosixFilePermission> FOLDER =
            PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> FILE =
            PosixFilePermissions.fromString("rw-------");

    private final Path from;
    private final BackupPlace place;

    private DataRestore(Path from, BackupPlace place) {
        this.from = from;
        this.place = place;
    }

    /// Opens a folder of backups.
    ///
    /// @param key 32 bytes, the operator's
    /// @throws StartException when it is none, or the key is another
    public static DataRestore open(Path from, byte[] key) throws StartException {
        try {
            return new DataRestore(
                    from, BackupPlace.open(new RealDisk(from), key, new SystemSecrets()));
        } catch (BackupException failure) {
            throw failed(failure);
        }
    }

    /// The whole backups, oldest first, by their names; empty is one whose manifest is not as it
    /// was written.
    public Map<String, Optional<BackupManifest>> backups() throws StartException {
        try {
            var all = new LinkedHashMap<String, Optional<BackupManifest>>();
            for (var name : place.backups()) {
                all.put(name, manifest(name));
            }
            return all;
        } catch (BackupException failure) {
            throw failed(failure);
        }
    }

    private Optional<BackupManifest> manifest(String name) throws BackupException {
        try {
            return Optional.of(place.manifest(name));
        } catch (BackupException failure) {
            if (failure.kind() != Kind.CORRUPT) {
                throw failure;
            }
            return Optional.empty();
        }
    }

    /// Reads all of a backup. What does not open is set aside, so that the next backup writes it
    /// anew; nothing else is written.
    ///
    /// @param progress is told how many bytes were read
    /// @throws StartException when it is not as it was written
    public BackupManifest check(String name, LongConsumer progress) throws StartException {
        try {
            return Restore.check(place, name, progress);
        } catch (BackupException failure) {
            if (failure.kind() != Kind.CORRUPT) {
                throw failed(failure);
            }
            throw new StartException(
                    "%s; %s".formatted(failure.getMessage(), setAside(name)), failure);
        }
    }

    /// @return what came of it, in words
    private String setAside(String name) {
        try (var _ = DataBackup.lock(from)) {
            return "%d chunks that do not open were set aside (chunks/…/….rotten): the next backup writes those anew whose bytes are still in the data folder"
                    .formatted(Restore.setAside(place, name));
        } catch (BackupException | StartException | IOException failure) {
            return "nothing was set aside: " + failure.getMessage();
        }
    }

    /// Makes a data folder of a backup; goes on where another process has begun to.
    ///
    /// @param to an empty folder; made when it is not there, and its owner's alone from then on
    /// @param cold the same for what was in the colder place
    /// @param progress is told how many bytes were dealt with
    /// @throws StartException when it could not be made; no server takes the folder for a data
    ///   folder then
    public BackupManifest restore(String name, Path to, Optional<Path> cold, LongConsumer progress)
            throws StartException {
        var disk = new RealDisk(to);
        Optional<Disk> colder = cold.map(RealDisk::new);
        try {
            DataFolder.make(to);
            if (cold.isPresent()) {
                DataFolder.make(cold.get());
            }
            Restore.refuseOthers(disk, colder);
            try (var _ = DataFolder.hold(to);
                    var _ = cold.isPresent() ? DataFolder.hold(cold.get()) : null) {
                hide(to);
                if (cold.isPresent()) {
                    hide(cold.get());
                }
                return Restore.run(
                        new Restore.Parts(place, name, disk, colder, () -> settle(to), progress));
            }
        } catch (DataFolderException failure) {
            throw new StartException(String.valueOf(failure.getMessage()), failure);
        } catch (IOException failure) {
            throw new StartException(failure.toString(), failure);
        } catch (BackupException failure) {
            throw failed(failure);
        }
    }

    /// Before the first file: what is restored is for nobody else on the machine to read.
    private static void hide(Path folder) throws StartException {
        try {
            Files.setPosixFilePermissions(folder, FOLDER);
        } catch (IOException failure) {
            throw new StartException(
                    "expected a folder that belongs to whoever restores, so that nobody else reads what lies in it, got %s (%s): name one below it that is not there yet"
                            .formatted(folder, failure),
                    failure);
        }
    }

    /// Keys are for their owner's eyes only. And what was on its way to the ledger is brought there
    /// now: the ledger was copied last and may have it already, which it is asked here however long
    /// ago that was, while a server's looks back for a day.
    private static void settle(Path to) throws BackupException {
        try {
            hideKeys(to);
            var disk = new RealDisk(to);
            var clock = InstantSource.system();
            try (var ledger = SegmentLedger.open(disk, REMEMBERING, clock);
                    var catalog = SqliteCatalog.open(to.resolve("catalog.db"))) {
                if (new Outbox(catalog, ledger).drain().waiting() > 0) {
                    throw new BackupException(
                            Kind.UNAVAILABLE,
                            "the restored ledger takes nothing: " + ledger.state().pushback());
                }
                if (disk.exists(Gateways.FOLDER)) {
                    forward(disk, ledger, clock);
                }
            }
        } catch (LedgerException | CatalogException | IOException failure) {
            throw new BackupException(
                    Kind.UNAVAILABLE, String.valueOf(failure.getMessage()), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new BackupException(Kind.UNAVAILABLE, "interrupted", interrupted);
        }
    }

    private static void hideKeys(Path to) throws IOException {
        for (var name : new String[] {"catalog.db", "archive/index.db", "cairn.properties"}) {
            if (Files.exists(to.resolve(name))) {
                Files.setPosixFilePermissions(to.resolve(name), FILE);
            }
        }
        if (Files.exists(to.resolve("keys"))) {
            try (var all = Files.walk(to.resolve("keys"))) {
                for (var path : (Iterable<Path>) all::iterator) {
                    Files.setPosixFilePermissions(path, Files.isDirectory(path) ? FOLDER : FILE);
                }
            }
        }
    }

    private static void forward(RealDisk disk, SegmentLedger ledger, InstantSource clock)
            throws BackupException, DiskException, InterruptedException {
        try (var journal = CallJournal.open(disk, Gateways.FOLDER, CallJournal.Settings.DEFAULT);
                var forwarder = new Forwarder(journal, new LedgerRecorder(ledger), clock)) {
            while (journal.pendingEvents() > 0) {
                var pushback = forwarder.forward();
                if (pushback.isPresent()) {
                    throw new BackupException(
                            Kind.UNAVAILABLE,
                            "what the gateway had kept cannot be recorded: "
                                    + pushback.get().reason());
                }
            }
        }
    }

    private static StartException failed(BackupException failure) {
        return new StartException(String.valueOf(failure.getMessage()), failure);
    }
}
