package dev.cairn.embedded.backup;

import dev.cairn.catalog.CatalogException;
import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import dev.cairn.embedded.backup.BackupException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/// Makes a backup of a data folder, whether a server works in it or not.
///
/// What has to agree is copied in this order:
///
/// 1. The catalog and the archive's index, at one moment ([Snapshots]). So the archive has each
///    file that the catalog counts as delivered, and none that it does not know of: what is
///    restored delivers nothing twice.
/// 2. The files that this index names. They are written once; one that was deleted meanwhile makes
///    another attempt necessary, which copies only what changed.
/// 3. The tables of event data stores, and the gateway's journal. The ledger remembers longer than
///    they do, so it comes after them.
/// 4. The ledger. It has at least what everything else refers to, and all that was acknowledged
///    before the backup began. Its last bytes may be of a group that was just being written: the
///    next start cuts them off, as after a crash.
///
/// History is left out, because it can be made from the ledger, and so are results of a moment:
/// locks, notes, bodies on their way. See decision 0027.
public final class Backup {
    /// A folder of the data folder's for what is needed while a backup is made.
    public static final String SCRATCH = "backup";

    /// Attempts until nothing was deleted meanwhile. Each later one is much shorter than the first.
    private static final int ATTEMPTS = 10;

    private final Parts parts;
    private final byte[] buffer = new byte[BackupPlace.CHUNK_BYTES];
    private long seen;
    private Optional<String> damage = Optional.empty();

    /// What a backup is made from, and where to.
    ///
    /// @param data the data folder; [#SCRATCH] is written there, nothing else
    /// @param cold where the colder place is
    /// @param place where to
    /// @param version of this program
    /// @param progress is told how many bytes were seen, those of former backups included
    public record Parts(
            Disk data,
            Cold cold,
            Snapshots snapshots,
            BackupPlace place,
            InstantSource clock,
            String version,
            LongConsumer progress) {}

    /// Where the colder place is.
    public sealed interface Cold {
        /// Nobody said: there is no backup of an archive with objects there.
        record Unknown() implements Cold {}

        /// A folder, which is copied.
        record Folder(Disk disk) implements Cold {}

        /// On an S3, which keeps what is there: it is not copied.
        record Elsewhere() implements Cold {}
    }

    /// What came of it.
    ///
    /// @param name of the backup
    /// @param manifest what it comes to
    /// @param written bytes of it that no former backup had
    /// @param elsewhere files of the colder place that are not in it, but on an S3
    /// @param former what is the matter with the last backup before; empty when nothing is. What it
    ///   has was read anew
    public record Report(
            String name,
            BackupManifest manifest,
            long written,
            long elsewhere,
            Optional<String> former) {}

    private Backup(Parts parts) {
        this.parts = parts;
    }

    /// Makes one. When it fails, or the process dies, no backup was made, and the next one takes
    /// what this one has stored.
    ///
    /// @throws BackupException CHANGING when files were deleted during every attempt; UNAVAILABLE
    ///   when a disk fails
    public static Report run(Parts parts) throws BackupException, CatalogException {
        try {
            return new Backup(parts).run();
        } catch (DiskException e) {
            throw BackupPlace.unavailable(e);
        }
    }

    private Report run() throws BackupException, CatalogException, DiskException {
        parts.data().createFolder(SCRATCH);
        String former = "";
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            String list = SCRATCH + "/list-" + attempt % 2;
            Instant begun = parts.clock().instant();
            try (FileList.Reader known = known(former);
                    FileList.Writer files = new FileList.Writer(parts.data(), list)) {
                var data = new DataFiles(parts, files, file -> copy(file, known));
                boolean complete = data.copy();
                files.flush();
                if (complete) {
                    return finish(begun, list, files, data.elsewhere());
                }
            }
            former = list;
        }
        throw new BackupException(
                Kind.CHANGING,
                "in %d attempts files were deleted before they could be copied: try again when less is deleted"
                        .formatted(ATTEMPTS));
    }

    /// What need not be copied again: what the attempt before has seen, or the last backup.
    private FileList.Reader known(String former) throws BackupException, DiskException {
        if (!former.isEmpty()) {
            return new FileList.Reader(new FileStream(parts.data().open(former)));
        }
        return ofLast();
    }

    /// One that is damaged saves no work, and is no reason to have no backup any more.
    private FileList.Reader ofLast() throws BackupException {
        List<String> backups = parts.place().backups();
        if (!backups.isEmpty()) {
            String last = backups.getLast();
            try {
                BackupManifest manifest = parts.place().manifest(last);
                // Else this one's list would be taken to be there, where it is the same.
                parts.place().setAside(manifest.chunks());
                return Restore.list(parts.place(), manifest);
            } catch (BackupException e) {
                if (e.kind() != Kind.CORRUPT) {
                    throw e;
                }
                damage = Optional.of("%s: %s".formatted(last, e.getMessage()));
            }
        }
        return new FileList.Reader(InputStream.nullInputStream());
    }

    private Report finish(Instant begun, String list, FileList.Writer files, long elsewhere)
            throws BackupException, DiskException {
        MessageDigest hash = FileList.sha256();
        List<String> chunks = new ArrayList<>();
        try (InputStream lines = new FileStream(parts.data().open(list))) {
            int length = lines.readNBytes(buffer, 0, buffer.length);
            while (length > 0) {
                hash.update(buffer, 0, length);
                chunks.add(parts.place().put(buffer, length));
                length = lines.readNBytes(buffer, 0, buffer.length);
            }
        } catch (IOException e) {
            throw FileList.of(e);
        }
        var manifest =
                new BackupManifest(
                        begun,
                        parts.version(),
                        files.files(),
                        files.bytes(),
                        HexFormat.of().formatHex(hash.digest()),
                        chunks);
        String name = parts.place().finish(manifest, begun);
        return new Report(name, manifest, parts.place().written(), elsewhere, damage);
    }

    /// @throws DiskException NOT_FOUND when it is not there any more
    private BackupFile copy(DataFiles.Source source, FileList.Reader known)
            throws DiskException, BackupException {
        Optional<BackupFile> before = known.at(source.path());
        try (DiskFile file = source.disk().open(source.name())) {
            long length = file.size();
            String end = end(file, length);
            if (source.still()
                    && before.isPresent()
                    && before.get().length() == length
                    && before.get().end().equals(end)
                    && parts.place().has(before.get().chunks())) {
                tell(length);
                return before.get();
            }
            return copy(source.path(), file, length, end);
        }
    }

    /// A file that grows is copied as far as it went when this began.
    private BackupFile copy(String path, DiskFile file, long length, String end)
            throws DiskException, BackupException {
        MessageDigest hash = FileList.sha256();
        List<String> chunks = new ArrayList<>();
        long at = 0;
        while (at < length) {
            int wanted = (int) Math.min(buffer.length, length - at);
            int read = file.read(ByteBuffer.wrap(buffer, 0, wanted), at);
            if (read > 0) {
                hash.update(buffer, 0, read);
                chunks.add(parts.place().put(buffer, read));
                at += read;
                tell(read);
            }
            if (read < wanted) {
                // Cut off meanwhile, as the ledger does with a group that failed.
                break;
            }
        }
        return new BackupFile(path, at, HexFormat.of().formatHex(hash.digest()), end, chunks);
    }

    private static String end(DiskFile file, long length) throws DiskException {
        byte[] bytes = new byte[(int) Math.min(BackupFile.END_BYTES, length)];
        file.read(ByteBuffer.wrap(bytes), length - bytes.length);
        return HexFormat.of().formatHex(FileList.sha256().digest(bytes));
    }

    private void tell(long bytes) {
        seen += bytes;
        parts.progress().accept(seen);
    }
}
