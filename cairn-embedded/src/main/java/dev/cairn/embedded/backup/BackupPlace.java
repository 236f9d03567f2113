package dev.cairn.embedded.backup;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import dev.cairn.embedded.backup.BackupException.Kind;
import dev.cairn.secret.Secrets;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// A folder with backups of a data folder, all under one key of the operator's.
///
/// ```
/// cairn-backup                   cairn backup 1, salt, check of the key
/// chunks/3f/3f90…                at most 4 MiB of some file, sealed (BackupKeys)
/// chunks/3f/3f90….rotten         one that did not open
/// backups/20261122T003412123Z    a manifest, sealed: this backup is whole
/// ```
///
/// A chunk's name follows from its bytes, so that what a former backup has is not written again,
/// nor what one that was cut short has left. A chunk gets its name when its bytes are durable;
/// before a manifest is written, so are all names. For one thread, of one process at a time.
public final class BackupPlace {
    /// Bytes of a chunk; a file's last one has fewer.
    static final int CHUNK_BYTES = 4 << 20;

    private static final String MARK = "cairn-backup";
    private static final String CHUNKS = "chunks";
    private static final String BACKUPS = "backups";
    private static final String DRAFT = "draft";
    private static final String ROTTEN = ".rotten";
    private static final Pattern MARK_TEXT =
            Pattern.compile("cairn backup 1 ([0-9a-f]{32}) ([0-9a-f]{64})\n");
    private static final int SEALED_MAX = CHUNK_BYTES + 64;
    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssSSS'Z'").withZone(ZoneOffset.UTC);

    private final Disk disk;
    private final BackupKeys keys;
    private final Set<String> folders = new HashSet<>();
    private long written;

    private BackupPlace(Disk disk, BackupKeys keys) {
        this.disk = disk;
        this.keys = keys;
    }

    /// Opens a folder of backups, or makes one of a folder that is empty.
    ///
    /// @param key 32 bytes, the operator's
    /// @throws BackupException FOREIGN when it holds something else, WRONG_KEY; nothing is written
    ///   then
    public static BackupPlace openOrCreate(Disk disk, byte[] key, Secrets secrets)
            throws BackupException {
        try {
            if (!disk.exists(MARK)) {
                List<String> others =
                        disk.list("").stream()
                                .filter(name -> !name.equals("lock") && !name.equals(DRAFT))
                                .toList();
                if (!others.isEmpty()) {
                    throw new BackupException(
                            Kind.FOREIGN,
                            "expected an empty folder or one of backups, found %s and no %s in it"
                                    .formatted(others.getFirst(), MARK));
                }
                byte[] salt = secrets.bytes(BackupKeys.SALT_BYTES);
                String text =
                        "cairn backup 1 %s %s\n"
                                .formatted(
                                        HexFormat.of().formatHex(salt),
                                        new BackupKeys(key, salt, secrets).check());
                write(disk, "", MARK, text.getBytes(UTF_8));
                disk.force("");
            }
            BackupPlace place = open(disk, key, secrets);
            place.prepare();
            return place;
        } catch (DiskException e) {
            throw unavailable(e);
        }
    }

    /// Opens a folder of backups that is there.
    ///
    /// @throws BackupException NOT_FOUND when it is none, FOREIGN when another version wrote it,
    ///   WRONG_KEY
    public static BackupPlace open(Disk disk, byte[] key, Secrets secrets) throws BackupException {
        try {
            if (!disk.exists(MARK)) {
                throw new BackupException(
                        Kind.NOT_FOUND,
                        "expected a folder of backups, found no %s in it".formatted(MARK));
            }
            var mark = MARK_TEXT.matcher(new String(read(disk, MARK), UTF_8));
            if (!mark.matches()) {
                throw new BackupException(
                        Kind.FOREIGN,
                        "expected backups of version 1: its file %s is of another version, or damaged"
                                .formatted(MARK));
            }
            var keys = new BackupKeys(key, HexFormat.of().parseHex(mark.group(1)), secrets);
            if (!MessageDigest.isEqual(
                    keys.check().getBytes(UTF_8), mark.group(2).getBytes(UTF_8))) {
                throw new BackupException(
                        Kind.WRONG_KEY,
                        "the key is not the one that these backups were made under");
            }
            return new BackupPlace(disk, keys);
        } catch (DiskException e) {
            throw unavailable(e);
        }
    }

    private void prepare() throws DiskException {
        disk.createFolder(BACKUPS);
        disk.createFolder(CHUNKS);
        disk.force("");
    }

    /// The names of whole backups, oldest first.
    public List<String> backups() throws BackupException {
        try {
            return disk.exists(BACKUPS)
                    ? disk.list(BACKUPS).stream().filter(name -> !name.equals(DRAFT)).toList()
                    : List.of();
        } catch (DiskException e) {
            throw unavailable(e);
        }
    }

    /// @throws BackupException NOT_FOUND when there is no such backup, CORRUPT
    public BackupManifest manifest(String name) throws BackupException {
        String file = BACKUPS + "/" + name;
        try {
            if (!backups().contains(name)) {
                throw new BackupException(Kind.NOT_FOUND, "there is no whole backup " + name);
            }
            return BackupManifest.of(file, new String(keys.open(file, read(disk, file)), UTF_8));
        } catch (DiskException e) {
            throw unavailable(e);
        }
    }

    /// Makes a backup whole: what it names is durable, then it is.
    ///
    /// @return its name, after those of all others
    String finish(BackupManifest manifest, Instant now) throws BackupException {
        try {
            // Names that an earlier process gave may not be durable either.
            for (String part : disk.list(CHUNKS)) {
                disk.force(folder(part));
            }
            disk.force(CHUNKS);
            String name = NAME.format(now);
            Optional<String> last = backups().stream().reduce((_, later) -> later);
            if (last.isPresent() && name.compareTo(last.get()) <= 0) {
                name = NAME.format(NAME.parse(last.get(), Instant::from).plusMillis(1));
            }
            String file = BACKUPS + "/" + name;
            byte[] json = manifest.json().getBytes(UTF_8);
            write(disk, BACKUPS, name, keys.seal(file, json, json.length));
            disk.force(BACKUPS);
            return name;
        } catch (DiskException e) {
            throw unavailable(e);
        }
    }

    /// Stores a chunk, unless it is there.
    ///
    /// @return its name
    String put(byte[] bytes, int length) throws BackupException {
        String name = keys.name(bytes, length);
        try {
            if (!disk.exists(chunk(name))) {
                if (folders.add(part(name))) {
                    disk.createFolder(folder(part(name)));
                }
                write(disk, folder(part(name)), name, keys.seal(name, bytes, length));
                written += length;
            }
            return name;
        } catch (DiskException e) {
            throw unavailable(e);
        }
    }

    /// Whether all of these are there.
    boolean has(List<String> chunks) throws BackupException {
        try {
            for (String name : chunks) {
                if (!disk.exists(chunk(name))) {
                    return false;
                }
            }
            return true;
        } catch (DiskException e) {
            throw unavailable(e);
        }
    }

    /// Sets aside those of these that are there and do not open: their names are free then, for the
    /// next backup that has their bytes.
    ///
    /// @return how many
    int setAside(List<String> chunks) throws BackupException {
        int count = 0;
        try {
            for (String name : chunks) {
                if (disk.exists(chunk(name)) && !opens(name)) {
                    disk.rename(chunk(name), chunk(name) + ROTTEN);
                    disk.force(folder(part(name)));
                    count++;
                }
            }
            return count;
        } catch (DiskException e) {
            throw unavailable(e);
        }
    }

    private boolean opens(String name) throws BackupException {
        try {
            byte[] bytes = get(name);
            return keys.name(bytes, bytes.length).equals(name);
        } catch (BackupException e) {
            if (e.kind() != Kind.CORRUPT) {
                throw e;
            }
            return false;
        }
    }

    /// @throws BackupException CORRUPT when it is not there, or not as it was written
    byte[] get(String name) throws BackupException {
        try {
            return keys.open(name, read(disk, chunk(name)));
        } catch (DiskException e) {
            if (e.kind() == DiskException.Kind.NOT_FOUND) {
                throw new BackupException(Kind.CORRUPT, "a chunk is missing: " + name, e);
            }
            throw unavailable(e);
        }
    }

    /// The bytes of chunks, one after the other. An `IOException` has a [BackupException] as its
    /// cause.
    InputStream stream(List<String> chunks) {
        return new Chunks(chunks.iterator());
    }

    /// Bytes that were stored, before they were sealed: what no former backup had.
    long written() {
        return written;
    }

    private static String part(String name) {
        return name.substring(0, 2);
    }

    private static String folder(String part) {
        return CHUNKS + "/" + part;
    }

    private static String chunk(String name) {
        return folder(part(name)) + "/" + name;
    }

    /// Written aside and forced before it gets its name. The name is durable after the next force
    /// of the folder.
    private static void write(Disk disk, String folder, String name, byte[] bytes)
            throws DiskException {
        String before = folder.isEmpty() ? "" : folder + "/";
        if (disk.exists(before + DRAFT)) {
            disk.delete(before + DRAFT);
        }
        try (DiskFile file = disk.create(before + DRAFT)) {
            file.write(ByteBuffer.wrap(bytes), 0);
            file.force();
        }
        disk.rename(before + DRAFT, before + name);
    }

    private static byte[] read(Disk disk, String name) throws DiskException, BackupException {
        try (DiskFile file = disk.open(name)) {
            long size = file.size();
            if (size > SEALED_MAX) {
                throw new BackupException(
                        Kind.CORRUPT,
                        "expected at most %d bytes in %s, got %d"
                                .formatted(SEALED_MAX, name, size));
            }
            byte[] bytes = new byte[(int) size];
            file.read(ByteBuffer.wrap(bytes), 0);
            return bytes;
        }
    }

    static BackupException unavailable(DiskException e) {
        return new BackupException(Kind.UNAVAILABLE, String.valueOf(e.getMessage()), e);
    }

    private final class Chunks extends InputStream {
        private final Iterator<String> names;
        private ByteBuffer chunk = ByteBuffer.allocate(0);

        Chunks(Iterator<String> names) {
            this.names = names;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int count) throws IOException {
            while (!chunk.hasRemaining()) {
                if (!names.hasNext()) {
                    return -1;
                }
                try {
                    chunk = ByteBuffer.wrap(get(names.next()));
                } catch (BackupException e) {
                    throw new IOException(String.valueOf(e.getMessage()), e);
                }
            }
            int some = Math.min(count, chunk.remaining());
            chunk.get(into, offset, some);
            return some;
        }
    }
}
