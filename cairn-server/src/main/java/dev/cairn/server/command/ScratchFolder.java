package dev.cairn.server.command;

import dev.cairn.server.lake.LakeProcess;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A folder for what a command needs while it runs.
///
/// A file beside it is locked for as long, so that whoever makes the next one sees which were left
/// by commands that were killed, and removes them.
final class ScratchFolder implements AutoCloseable {
    private static final String NAME = "cairn-query-";
    private static final String LOCK = ".lock";

    private final Path path;
    private final Path lock;
    private final FileChannel held;

    private ScratchFolder(Path path, Path lock, FileChannel held) {
        this.path = path;
        this.lock = lock;
        this.held = held;
    }

    /// Makes one where temporary files go.
    static ScratchFolder make() throws IOException {
        return make(Path.of(System.getProperty("java.io.tmpdir")));
    }

    /// @param base where it is made, and others are looked for
    static ScratchFolder make(Path base) throws IOException {
        removeLeft(base);
        while (true) {
            var path = base.resolve(NAME + UUID.randomUUID());
            var lock = base.resolve(path.getFileName() + LOCK);
            var held =
                    FileChannel.open(lock, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            held.lock();
            // Somebody may have taken it for one that was left, before it was locked.
            if (Files.exists(lock)) {
                Files.createDirectory(
                        path,
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
                return new ScratchFolder(path, lock, held);
            }
            held.close();
        }
    }

    private static void removeLeft(Path base) {
        try (var locks = Files.newDirectoryStream(base, NAME + "*" + LOCK)) {
            for (var lock : locks) {
                removeLeft(base, lock);
            }
        } catch (IOException _) {
            // Another user's, or just gone: nobody's query fails for that.
        }
    }

    private static void removeLeft(Path base, Path lock) {
        try (var channel = FileChannel.open(lock, StandardOpenOption.WRITE);
                var taken = taken(channel)) {
            if (taken != null) {
                var name = lock.getFileName().toString();
                LakeProcess.remove(base.resolve(name.substring(0, name.length() - LOCK.length())));
                Files.deleteIfExists(lock);
            }
        } catch (IOException _) {
            // Another user's, or just gone.
        }
    }

    /// Null while its command runs.
    private static @Nullable FileLock taken(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException _) {
            return null;
        }
    }

    Path path() {
        return path;
    }

    /// Removes it with all that is in it.
    @Override
    public void close() throws IOException {
        LakeProcess.remove(path);
        Files.deleteIfExists(lock);
        held.close();
    }
}
