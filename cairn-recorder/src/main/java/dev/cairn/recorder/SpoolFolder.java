package dev.cairn.recorder;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// The files of a spool:
///
/// - `events-<number>`: events one after the other, as [SpoolRecord]s
/// - `sent`: up to where they are sent: number (8 bytes), offset (8), CRC32C of both (4)
/// - `refused/<eventID>.json`: an event that Cairn did not take, with the reason
/// - `damaged-<number>`: a file of which a part could not be read; for whoever wants to look
/// - `lock`: held while a recorder has the folder
///
/// Everything is durable when a method returns. No method gives way to an interrupt: the files are
/// written by threads that are not the recorder's own, and an interrupt would close them.
final class SpoolFolder implements AutoCloseable {
    private static final Pattern NAME = Pattern.compile("(events|damaged)-(\\d{1,18})");
    private static final int SENT_BYTES = 20;

    private final Path folder;
    private final Path refused;
    private final FileChannel lockFile;

    // Kept, for a lock that nobody refers to may be given up.
    @SuppressWarnings("unused")
    private final FileLock lock;

    /// Up to where events are sent.
    record Sent(long number, long at) {}

    private SpoolFolder(Path folder, FileChannel lockFile, FileLock lock) {
        this.folder = folder;
        this.refused = folder.resolve("refused");
        this.lockFile = lockFile;
        this.lock = lock;
    }

    /// @throws IOException also when another recorder has it
    static SpoolFolder open(Path folder) throws IOException {
        create(folder.toAbsolutePath());
        create(folder.resolve("refused").toAbsolutePath());
        var lockFile =
                FileChannel.open(
                        folder.resolve("lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        try {
            var lock = lockFile.tryLock();
            if (lock != null) {
                return new SpoolFolder(folder, lockFile, lock);
            }
        } catch (OverlappingFileLockException ours) {
            // Another recorder of this process has it.
        } catch (IOException | RuntimeException failure) {
            lockFile.close();
            throw failure;
        }
        lockFile.close();
        throw new IOException("expected a spool folder that no other recorder has, got " + folder);
    }

    /// Makes a folder and those above it, and their names durable: with the name of a folder above,
    /// a power cut would take everything in it.
    private static void create(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        var above = folder.getParent();
        if (above != null) {
            create(above);
        }
        try {
            Files.createDirectory(folder);
        } catch (FileAlreadyExistsException meanwhile) {
            if (!Files.isDirectory(folder)) {
                throw meanwhile;
            }
        }
        if (above != null) {
            force(above);
        }
    }

    /// The files with events, in order, and how many bytes each has.
    SortedMap<Long, Long> files() throws IOException {
        var files = new TreeMap<Long, Long>();
        try (var names = Files.list(folder)) {
            for (var path : (Iterable<Path>) names::iterator) {
                var matcher = NAME.matcher(path.getFileName().toString());
                if (matcher.matches() && matcher.group(1).equals("events")) {
                    files.put(Long.valueOf(matcher.group(2)), Files.size(path));
                }
            }
        }
        return files;
    }

    /// A number larger than those of all files there ever were.
    long nextNumber(@Nullable Sent sent) throws IOException {
        var next = sent == null ? 0 : sent.number() + 1;
        try (var names = Files.list(folder)) {
            for (var path : (Iterable<Path>) names::iterator) {
                var matcher = NAME.matcher(path.getFileName().toString());
                if (matcher.matches()) {
                    next = Math.max(next, Long.parseLong(matcher.group(2)) + 1);
                }
            }
        }
        return next;
    }

    /// A new file, for writing.
    RandomAccessFile create(long number) throws IOException {
        var path = events(number);
        Files.createFile(path);
        force(folder);
        return new RandomAccessFile(path.toFile(), "rw");
    }

    /// Bytes of a file with events.
    byte[] read(long number, long at, int length) throws IOException {
        var bytes = new byte[length];
        try (var file = new RandomAccessFile(events(number).toFile(), "r")) {
            file.seek(at);
            file.readFully(bytes);
        }
        return bytes;
    }

    /// Its events are sent.
    void delete(long number) throws IOException {
        Files.deleteIfExists(events(number));
    }

    /// Its events are sent, but for those that could not be read.
    void setAside(long number) throws IOException {
        Files.move(events(number), folder.resolve("damaged-" + number));
        force(folder);
    }

    /// @return null when nothing is known: then all files are sent from their beginning, and Cairn
    ///   knows what it has
    @Nullable Sent sent() throws IOException {
        try {
            var bytes = Files.readAllBytes(folder.resolve("sent"));
            var numbers = ByteBuffer.wrap(bytes);
            return bytes.length == SENT_BYTES && numbers.getInt(16) == crc(bytes)
                    ? new Sent(numbers.getLong(0), numbers.getLong(8))
                    : null;
        } catch (NoSuchFileException none) {
            return null;
        }
    }

    void sent(Sent sent) throws IOException {
        var bytes = new byte[SENT_BYTES];
        var numbers = ByteBuffer.wrap(bytes).putLong(sent.number()).putLong(sent.at());
        numbers.putInt(crc(bytes));
        try (var file = new RandomAccessFile(folder.resolve("sent").toFile(), "rw")) {
            file.write(bytes);
            file.getFD().sync();
        }
    }

    private static int crc(byte[] bytes) {
        var crc = new CRC32C();
        crc.update(bytes, 0, 16);
        return (int) crc.getValue();
    }

    /// Keeps an event that Cairn did not take.
    ///
    /// @param id names it; whatever it is, it stays in this folder
    /// @param json what is kept
    void refuse(String id, String json) throws IOException {
        var name = id.matches("[0-9A-Za-z-]{1,64}") ? id : Integer.toHexString(id.hashCode());
        var path = refused.resolve(name + ".json");
        try (var file = new RandomAccessFile(path.toFile(), "rw")) {
            var bytes = json.getBytes(UTF_8);
            file.write(bytes);
            file.setLength(bytes.length);
            file.getFD().sync();
        }
        force(refused);
    }

    /// How many bytes the refused events take.
    long refusedBytes() throws IOException {
        var bytes = 0L;
        for (var path : refusedFiles()) {
            bytes += Files.size(path);
        }
        return bytes;
    }

    List<Path> refusedFiles() throws IOException {
        try (var paths = Files.list(refused)) {
            return paths.filter(path -> path.toString().endsWith(".json")).sorted().toList();
        }
    }

    private Path events(long number) {
        return folder.resolve("events-" + number);
    }

    /// Makes names durable. A channel closes itself when its thread is interrupted; so the
    /// interrupt waits.
    private static void force(Path folder) throws IOException {
        var interrupted = Thread.interrupted();
        try (var names = FileChannel.open(folder, StandardOpenOption.READ)) {
            names.force(true);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
