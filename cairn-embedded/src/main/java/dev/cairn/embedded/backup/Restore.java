package dev.cairn.embedded.backup;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import dev.cairn.embedded.archive.ArchiveFiles;
import dev.cairn.embedded.backup.BackupException.Kind;
import dev.cairn.embedded.disk.DataFolder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongConsumer;

/// Makes a data folder of a backup.
///
/// Every file is written, forced, and held against its length and SHA-256; the folder's `format`,
/// without which no server takes a folder for a data folder, comes last. Until then the folder has
/// a note, `restoring`, which says of which backup, and whether all files are there. Whatever the
/// process dies on, the next one goes on: files that are there and right are not written again.
///
/// Once all files are there the folder is *settled*: whoever restores may change them.
public final class Restore {
    private static final String NOTE = "restoring";
    private static final String DRAFT = "restoring.draft";
    private static final String COPIED = "copied";
    private static final String FORMAT_DRAFT = "format.draft";
    private static final int NOTE_BYTES_MAX = 200;
    private static final int BUFFER = 1 << 16;

    private final Parts parts;
    private final Set<String> folders = new TreeSet<>();
    private final Set<String> coldFolders = new TreeSet<>();
    private long bytes;

    /// What is restored, and where to.
    ///
    /// @param name of the backup
    /// @param to an empty folder, or one in which the same was begun
    /// @param cold an empty folder for what was in the colder place; where there is none, a backup
    ///   that has such files is refused
    /// @param progress is told how many bytes were dealt with
    public record Parts(
            BackupPlace place,
            String name,
            Disk to,
            Optional<Disk> cold,
            Settling settling,
            LongConsumer progress) {}

    /// Puts the files in order before the folder counts. It may be done again after a crash.
    @FunctionalInterface
    public interface Settling {
        void settle() throws BackupException;
    }

    private Restore(Parts parts) {
        this.parts = parts;
    }

    /// Restores a backup.
    ///
    /// @throws BackupException NOT_FOUND when there is no such backup, or no place for what was in
    ///   the colder one; FOREIGN when a folder holds something else; nothing is written then.
    ///   CORRUPT when bytes of the backup are not those that were written: the folder does not
    ///   count then
    public static BackupManifest run(Parts parts) throws BackupException {
        try {
            return new Restore(parts).run();
        } catch (DiskException e) {
            throw BackupPlace.unavailable(e);
        }
    }

    /// Refuses folders that hold something else, and writes nothing: whoever restores holds them
    /// after that, against other processes, and then runs.
    ///
    /// @throws BackupException FOREIGN
    public static void refuseOthers(Disk to, Optional<Disk> cold) throws BackupException {
        try {
            if (begun(to).isEmpty() && cold.isPresent()) {
                refuseOthers(cold.get(), Set.of(DataFolder.LOCK));
            }
        } catch (DiskException e) {
            throw BackupPlace.unavailable(e);
        }
    }

    /// Reads all of a backup, and writes nothing.
    ///
    /// @throws BackupException NOT_FOUND when there is no such backup; CORRUPT when bytes of it are
    ///   not those that were written
    public static BackupManifest check(BackupPlace place, String name, LongConsumer progress)
            throws BackupException {
        BackupManifest manifest = place.manifest(name);
        long done = 0;
        try (FileList.Reader list = list(place, manifest)) {
            Optional<BackupFile> file = list.take();
            while (file.isPresent()) {
                copy(place, file.get(), OutputStream.nullOutputStream());
                done += file.get().length();
                progress.accept(done);
                file = list.take();
            }
        }
        return manifest;
    }

    /// Sets aside the chunks of a backup that do not open, so that the next backup that has their
    /// bytes writes them anew, for this one, too. Whoever calls sees that none is made meanwhile.
    ///
    /// @return how many; when they are of the list of files, no others were looked at
    public static int setAside(BackupPlace place, String name) throws BackupException {
        BackupManifest manifest = place.manifest(name);
        int count = place.setAside(manifest.chunks());
        if (count > 0) {
            return count;
        }
        try (FileList.Reader list = list(place, manifest)) {
            Optional<BackupFile> file = list.take();
            while (file.isPresent()) {
                count += place.setAside(file.get().chunks());
                file = list.take();
            }
        }
        return count;
    }

    private BackupManifest run() throws BackupException, DiskException {
        BackupManifest manifest = parts.place().manifest(parts.name());
        Disk to = parts.to();
        String note = "cairn restoring 1 " + parts.name() + "\n";
        String begun = begun(to);
        if (!begun.isEmpty() && !begun.equals(note) && !begun.equals(note + COPIED)) {
            throw new BackupException(
                    Kind.FOREIGN,
                    "the folder holds part of another backup (%s): empty it first"
                            .formatted(begun.strip()));
        }
        if (begun.isEmpty()) {
            refuseCold(manifest);
            note(note);
        }
        if (!begun.equals(note + COPIED)) {
            copy(manifest);
            note(note + COPIED);
        }
        if (!to.exists(DataFiles.FORMAT)) {
            parts.settling().settle();
            copyFormat(manifest);
        }
        to.delete(NOTE);
        to.force("");
        return manifest;
    }

    /// What the note says; empty for an empty folder.
    private static String begun(Disk to) throws BackupException, DiskException {
        if (to.exists(NOTE)) {
            try (DiskFile file = to.open(NOTE)) {
                ByteBuffer text = ByteBuffer.allocate(NOTE_BYTES_MAX);
                file.read(text, 0);
                return UTF_8.decode(text.flip()).toString();
            }
        }
        refuseOthers(to, Set.of(DRAFT, DataFolder.LOCK));
        return "";
    }

    private static void refuseOthers(Disk to, Set<String> but)
            throws BackupException, DiskException {
        List<String> others = to.list("").stream().filter(name -> !but.contains(name)).toList();
        if (!others.isEmpty()) {
            throw new BackupException(
                    Kind.FOREIGN,
                    "expected an empty folder, found %s".formatted(others.getFirst()));
        }
    }

    private void refuseCold(BackupManifest manifest) throws BackupException, DiskException {
        try (FileList.Reader list = list(parts.place(), manifest)) {
            String mark = DataFiles.COLD + "/" + ArchiveFiles.COLD_MARK;
            if (list.at(mark).isEmpty()) {
                return;
            }
        }
        if (parts.cold().isEmpty()) {
            throw new BackupException(
                    Kind.NOT_FOUND,
                    "the backup has files of the colder place: say which empty folder they go to");
        }
        refuseOthers(parts.cold().get(), Set.of(DataFolder.LOCK));
    }

    /// Written aside and renamed, so that it is whole or not there.
    private void note(String text) throws DiskException {
        write(DRAFT, NOTE, text.getBytes(UTF_8));
    }

    private void write(String draft, String name, byte[] content) throws DiskException {
        Disk to = parts.to();
        if (to.exists(draft)) {
            to.delete(draft);
        }
        try (DiskFile file = to.create(draft)) {
            file.write(ByteBuffer.wrap(content), 0);
            file.force();
        }
        to.rename(draft, name);
        to.force("");
    }

    /// The list of a backup, once all of it is proved.
    static FileList.Reader list(BackupPlace place, BackupManifest manifest) throws BackupException {
        MessageDigest hash = FileList.sha256();
        try (InputStream list = new DigestInputStream(place.stream(manifest.chunks()), hash)) {
            list.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw FileList.of(e);
        }
        String got = HexFormat.of().formatHex(hash.digest());
        if (!got.equals(manifest.sha256())) {
            throw new BackupException(
                    Kind.CORRUPT,
                    "expected a list of files with SHA-256 %s, got %s"
                            .formatted(manifest.sha256(), got));
        }
        return new FileList.Reader(place.stream(manifest.chunks()));
    }

    private void copy(BackupManifest manifest) throws BackupException, DiskException {
        try (FileList.Reader list = list(parts.place(), manifest)) {
            Optional<BackupFile> file = list.take();
            while (file.isPresent()) {
                if (!file.get().path().equals(DataFiles.FORMAT)) {
                    restore(file.get());
                }
                bytes += file.get().length();
                parts.progress().accept(bytes);
                file = list.take();
            }
        }
        force(parts.to(), folders);
        if (!coldFolders.isEmpty()) {
            force(parts.cold().orElseThrow(), coldFolders);
        }
    }

    private static void force(Disk disk, Set<String> folders) throws DiskException {
        for (String folder : folders) {
            disk.force(folder);
        }
        disk.force("");
    }

    private void restore(BackupFile file) throws BackupException, DiskException {
        String prefix = DataFiles.COLD + "/";
        if (file.path().startsWith(prefix)) {
            Disk cold =
                    parts.cold()
                            .orElseThrow(() ->
                                    new BackupException(
                                            Kind.NOT_FOUND,
                                            "the backup has files of the colder place: say which folder they go to"));
            restore(file, cold, file.path().substring(prefix.length()), coldFolders);
        } else {
            restore(file, parts.to(), file.path(), folders);
        }
    }

    private void restore(BackupFile file, Disk disk, String name, Set<String> into)
            throws BackupException, DiskException {
        folders(disk, name, into);
        if (disk.exists(name)) {
            if (isRight(file, disk, name)) {
                return;
            }
            disk.delete(name);
        }
        try (DiskFile target = disk.create(name)) {
            copy(parts.place(), file, new Target(target));
            target.force();
        }
    }

    /// Makes the folders above a file, and notes them to be forced.
    private static void folders(Disk disk, String name, Set<String> into) throws DiskException {
        int slash = name.lastIndexOf('/');
        if (slash < 0 || into.contains(name.substring(0, slash))) {
            return;
        }
        disk.createFolder(name.substring(0, slash));
        while (slash >= 0) {
            into.add(name.substring(0, slash));
            slash = name.lastIndexOf('/', slash - 1);
        }
    }

    /// Whether an earlier process has written it. It may not have forced it.
    private static boolean isRight(BackupFile file, Disk disk, String name) throws BackupException {
        MessageDigest hash = FileList.sha256();
        try (DiskFile there = disk.edit(name)) {
            if (there.size() != file.length()) {
                return false;
            }
            try (InputStream in = new DigestInputStream(new FileStream(there), hash)) {
                in.transferTo(OutputStream.nullOutputStream());
                if (!HexFormat.of().formatHex(hash.digest()).equals(file.sha256())) {
                    return false;
                }
                there.force();
                return true;
            }
        } catch (IOException e) {
            throw FileList.of(e);
        }
    }

    /// Copies a file's bytes, and holds them against what is written of them.
    private static void copy(BackupPlace place, BackupFile file, OutputStream to)
            throws BackupException {
        MessageDigest hash = FileList.sha256();
        long length = 0;
        try (InputStream in = new DigestInputStream(place.stream(file.chunks()), hash)) {
            byte[] buffer = new byte[BUFFER];
            int read = in.read(buffer);
            while (read >= 0) {
                to.write(buffer, 0, read);
                length += read;
                read = in.read(buffer);
            }
        } catch (IOException e) {
            throw FileList.of(e);
        }
        String got = HexFormat.of().formatHex(hash.digest());
        if (length != file.length() || !got.equals(file.sha256())) {
            throw new BackupException(
                    Kind.CORRUPT,
                    "expected %d bytes with SHA-256 %s of %s, got %d with %s"
                            .formatted(file.length(), file.sha256(), file.path(), length, got));
        }
    }

    private void copyFormat(BackupManifest manifest) throws BackupException, DiskException {
        try (FileList.Reader list = list(parts.place(), manifest)) {
            BackupFile file =
                    list.at(DataFiles.FORMAT)
                            .orElseThrow(() ->
                                    new BackupException(
                                            Kind.CORRUPT,
                                            "expected the file format in the backup, found none"));
            var content = new ByteArrayOutputStream();
            copy(parts.place(), file, content);
            write(FORMAT_DRAFT, DataFiles.FORMAT, content.toByteArray());
        }
    }

    /// Writes to a file of a disk, from its start.
    private static final class Target extends OutputStream {
        private final DiskFile file;
        private long at;

        Target(DiskFile file) {
            this.file = file;
        }

        @Override
        public void write(int one) throws DiskException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int count) throws DiskException {
            file.write(ByteBuffer.wrap(from, offset, count), at);
            at += count;
        }
    }
}
