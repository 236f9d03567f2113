package dev.cairn.embedded.disk;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The folder where one Cairn keeps all it has, held by one process at a time.
///
/// ```
/// format       cairn data 3
/// lock         locked while the folder is open; the holder's process id
/// ledger/      what is recorded
/// history/     the index that can be made from it again
/// catalog.db   accounts, keys and the rest of what is small and precious
/// keys/        the secrets the rest is read with
/// ```
///
/// A gateway in a process of its own has one of another [Kind]: `gateway/`, its journal, and
/// `catalog.db`. Neither process takes the other's for its own.
public final class DataFolder implements AutoCloseable {
    private static final String FORMAT = "format";
    private static final String DRAFT = "format.draft";

    /// The file that is locked.
    public static final String LOCK = "lock";

    /// The operator may put it there before the first start.
    private static final String CONFIG = "cairn.properties";

    /// Bytes of the lock file below this one belong to whoever has the folder; this one tells the
    /// curious that somebody does. They can lock it for a moment, which never refuses the folder to
    /// a process that starts just then. No file is so long: only the locks count.
    private static final long SIGN = 1L << 40;

    private static final int TEXT_MAX = 200;

    private final Path path;
    private final Kind kind;
    private final FileChannel lock;
    private final RealDisk disk;

    /// Whose it is.
    public enum Kind {
        /// 1 is of before buckets had versions and locks, 2 of before trails had KMS keys. All in
        /// such a folder is as it is now; one that has locks, or keys, must not be opened by a
        /// program that knows of none: it would remove what is locked, or deliver in the clear.
        CAIRN("cairn data 3\n", "cairn data 2\n", "cairn data 1\n"),
        GATEWAY("cairn gateway 1\n");

        private final String text;

        /// Those that are opened, and marked.
        @SuppressWarnings("ImmutableEnumChecker") // Made by List.of.
        private final List<String> older;

        Kind(String text, String... older) {
            this.text = text;
            this.older = List.of(older);
        }
    }

    private DataFolder(Path path, Kind kind, FileChannel lock) {
        this.path = path;
        this.kind = kind;
        this.lock = lock;
        this.disk = new RealDisk(path);
    }

    /// Opens a data folder, or makes one of a folder that is empty or not there.
    public static DataFolder openOrCreate(Path path) throws DataFolderException {
        return openOrCreate(path, Kind.CAIRN);
    }

    /// The same for a folder of that kind.
    public static DataFolder openOrCreate(Path path, Kind kind) throws DataFolderException {
        make(path);
        return open(path, kind, true);
    }

    /// Makes an empty folder, for its owner's eyes only, unless one is there.
    public static void make(Path path) throws DataFolderException {
        try {
            if (Files.notExists(path)) {
                createOwnersOnly(path);
                forceParent(path);
            }
        } catch (IOException e) {
            throw unavailable(path, e);
        }
    }

    /// Holds a folder that is to become a data folder, or a part of one, against all other
    /// processes, until it is closed. What lies in it stays as it is, but for its `lock`.
    ///
    /// @throws DataFolderException IN_USE
    public static Closeable hold(Path path) throws DataFolderException {
        return lock(path);
    }

    /// What is recorded is for nobody else on the machine to read.
    private static void createOwnersOnly(Path path) throws IOException {
        Path parent = path.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Files.createDirectory(
                path,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /// Opens a data folder that is there, as `cairn fsck` does.
    public static DataFolder open(Path path) throws DataFolderException {
        if (!Files.exists(path.resolve(FORMAT))) {
            throw new DataFolderException(
                    DataFolderException.Kind.NOT_FOUND,
                    "expected a Cairn data folder at " + path + ", found none");
        }
        return open(path, Kind.CAIRN, false);
    }

    private static DataFolder open(Path path, Kind kind, boolean create)
            throws DataFolderException {
        if (create && !Files.exists(path.resolve(FORMAT))) {
            refuseForeign(path);
        }
        DataFolder folder = new DataFolder(path, kind, lock(path));
        try {
            folder.readFormat(create);
            return folder;
        } catch (IOException e) {
            folder.close();
            throw unavailable(path, e);
        } catch (DataFolderException e) {
            folder.close();
            throw e;
        }
    }

    private static void refuseForeign(Path path) throws DataFolderException {
        try {
            List<String> names = new RealDisk(path).list("");
            names =
                    names.stream()
                            .filter(name -> !Set.of(LOCK, DRAFT, CONFIG).contains(name))
                            .toList();
            if (!names.isEmpty()) {
                throw new DataFolderException(
                        DataFolderException.Kind.FOREIGN,
                        "expected an empty folder or a Cairn data folder at "
                                + path
                                + ", found "
                                + names.getFirst()
                                + " and no "
                                + FORMAT
                                + " file");
            }
        } catch (IOException e) {
            throw unavailable(path, e);
        }
    }

    /// The process that has the folder, if one has. A process id alone would not tell: another
    /// process may have it by now.
    ///
    /// Never to be asked by a process that has the folder itself: on POSIX systems, closing any
    /// handle of a file lets go of all locks that the process has on it.
    public static OptionalLong holder(Path path) throws IOException {
        Path file = path.resolve(LOCK);
        if (!Files.exists(file)) {
            return OptionalLong.empty();
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.tryLock(SIGN, 1, true) != null) {
                return OptionalLong.empty();
            }
            String pid = text(channel).strip();
            return pid.matches("\\d{1,18}")
                    ? OptionalLong.of(Long.parseLong(pid))
                    : OptionalLong.empty();
        }
    }

    private static FileChannel lock(Path path) throws DataFolderException {
        try {
            FileChannel channel =
                    FileChannel.open(
                            path.resolve(LOCK),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
            if (tryLock(channel) == null) {
                String pid = text(channel);
                channel.close();
                throw new DataFolderException(
                        DataFolderException.Kind.IN_USE,
                        "the data folder "
                                + path
                                + " is in use by process "
                                + (pid.isBlank() ? "of unknown id" : pid.strip()));
            }
            channel.truncate(0);
            String pid = ProcessHandle.current().pid() + "\n";
            channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.UTF_8)), 0);
            // Waits for the curious at most. Both locks end when the channel is closed.
            var _ = channel.lock(SIGN, 1, false);
            return channel;
        } catch (IOException e) {
            throw unavailable(path, e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock(0, SIGN, false);
        } catch (OverlappingFileLockException _) {
            return null;
        }
    }

    private static String text(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(TEXT_MAX);
        channel.read(bytes, 0);
        return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
    }

    private void readFormat(boolean create) throws IOException, DataFolderException {
        if (create && !disk.exists(FORMAT)) {
            writeFormat();
        }
        String text = format();
        if (kind.older.contains(text)) {
            writeFormat();
        } else if (!text.equals(kind.text)) {
            throw new DataFolderException(
                    DataFolderException.Kind.FOREIGN,
                    "the data folder "
                            + path
                            + " is from another version, or another program's: expected \""
                            + kind.text.strip()
                            + "\" in its "
                            + FORMAT
                            + " file, got \""
                            + text.strip()
                            + "\"");
        }
    }

    private String format() throws IOException {
        try (DiskFile file = disk.open(FORMAT)) {
            ByteBuffer bytes = ByteBuffer.allocate(TEXT_MAX);
            file.read(bytes, 0);
            return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
        }
    }

    private void writeFormat() throws IOException {
        if (disk.exists(DRAFT)) {
            disk.delete(DRAFT);
        }
        try (DiskFile file = disk.create(DRAFT)) {
            file.write(ByteBuffer.wrap(kind.text.getBytes(StandardCharsets.UTF_8)), 0);
            file.force();
        }
        disk.rename(DRAFT, FORMAT);
        disk.force("");
    }

    private static void forceParent(Path path) throws IOException {
        Path parent = path.toAbsolutePath().getParent();
        if (parent != null) {
            new RealDisk(parent).force("");
        }
    }

    private static DataFolderException unavailable(Path path, IOException e) {
        return new DataFolderException(
                DataFolderException.Kind.UNAVAILABLE,
                "the data folder " + path + " cannot be opened: " + e,
                e);
    }

    /// The disk that all precious files of the folder are written through.
    public Disk disk() {
        return disk;
    }

    /// Where the folder is, for those who bring their own files: the history's index, the catalog's
    /// database.
    public Path path() {
        return path;
    }

    /// Lets another process have the folder.
    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException _) {
            // The lock ends with the process at the latest, and guards nothing of ours any more.
        }
    }
}
