package dev.cairn.lake.log;

import dev.cairn.lake.engine.Engine;
import dev.cairn.lake.engine.Limits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The events of some log files as Parquet files, of which nobody takes any away while this is
/// open.
///
/// What an earlier query read is not read again unless a file has another length or time. Files
/// that are new are read and added; when a file is gone or changed, those that were read together
/// with it are read again. Two queries of the same files at once: the second waits while the first
/// reads. Events that are in two files are there twice, as in the files.
public final class LogTable implements AutoCloseable {
    private static final String LOCK = "lock";

    /// Batches of so few bytes of log files are made into larger ones when there are many.
    private static final long SMALL_BYTES = 4L << 20;

    private static final int SMALL_MAX = 32;
    private static final int ATTEMPTS_MAX = 5;

    private final Keep keep;
    private final Shelf shelf;
    private final FileChannel channel;
    private final Found found;
    private final List<Batch> batches;
    private final long read;

    private LogTable(
            Keep keep,
            Shelf shelf,
            FileChannel channel,
            Found found,
            List<Batch> batches,
            long read) {
        this.keep = keep;
        this.shelf = shelf;
        this.channel = channel;
        this.found = found;
        this.batches = batches;
        this.read = read;
    }

    /// Finds the log files of some files and folders, and reads those that were not read before.
    public static LogTable open(
            List<Path> roots, Keep keep, Limits limits, InstantSource clock, Reading reading)
            throws IOException, SQLException, InterruptedException {
        var found = Found.in(roots);
        var shelf = new Shelf(keep.folder().resolve(key(roots)));
        Files.createDirectories(shelf.folder());
        var channel =
                FileChannel.open(
                        shelf.folder().resolve(LOCK),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        try {
            long read = 0;
            for (var attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
                var shared = channel.lock(0, Long.MAX_VALUE, true);
                Files.setLastModifiedTime(
                        shelf.folder().resolve(LOCK), FileTime.from(clock.instant()));
                var holding = shelf.holding(found.files());
                if (missing(found, holding).isEmpty() && small(holding).size() <= SMALL_MAX) {
                    return new LogTable(keep, shelf, channel, found, holding, read);
                }
                shared.release();
                read += complete(channel, shelf, found, limits, reading);
            }
            throw new IOException(
                    "other queries of the same files keep taking away from "
                            + shelf.folder()
                            + " what this one needs");
        } catch (IOException | SQLException | InterruptedException | RuntimeException failure) {
            channel.close();
            throw failure;
        }
    }

    /// Reads what is missing, alone.
    private static long complete(
            FileChannel channel, Shelf shelf, Found found, Limits limits, Reading reading)
            throws IOException, SQLException, InterruptedException {
        try (FileLock _ = channel.lock();
                var engine = Engine.start(limits)) {
            var holding = new ArrayList<>(shelf.holding(found.files()));
            var small = small(holding);
            if (small.size() > SMALL_MAX) {
                holding.removeAll(small);
            }
            shelf.retain(holding);
            var missing = missing(found, holding);
            if (!missing.isEmpty()) {
                var _ = new Conversion(engine, shelf, missing, reading).run(limits.threads());
            }
            return missing.size();
        }
    }

    private static List<Batch> small(List<Batch> batches) {
        return batches.stream()
                .filter(batch ->
                        batch.files().stream().mapToLong(LogFile::length).sum() < SMALL_BYTES)
                .toList();
    }

    private static List<LogFile> missing(Found found, List<Batch> holding) {
        var there = new HashSet<LogFile>();
        holding.forEach(batch -> there.addAll(batch.files()));
        return found.files().stream().filter(file -> !there.contains(file)).toList();
    }

    /// The same files and folders have the same name, in whatever order they are given.
    private static String key(List<Path> roots) throws IOException {
        var names = new ArrayList<String>();
        for (var root : roots) {
            names.add(
                    Files.exists(root)
                            ? root.toRealPath().toString()
                            : root.toAbsolutePath().toString());
        }
        var all = names.stream().sorted().distinct().collect(Collectors.joining("\n"));
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of()
                    .formatHex(digest.digest(all.getBytes(StandardCharsets.UTF_8)), 0, 16);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }

    /// The Parquet files that hold the events, with [dev.cairn.lake.column.EventColumns#stored].
    public List<Path> parts() {
        return batches.stream()
                .flatMap(batch -> batch.parts().stream())
                .map(part -> shelf.folder().resolve(part.name()))
                .toList();
    }

    /// How many log files there are.
    public long files() {
        return found.files().size();
    }

    /// How many of them had to be read.
    public long read() {
        return read;
    }

    public long events() {
        return batches.stream().mapToLong(Batch::events).sum();
    }

    /// What was passed over by its name: how many files of which kind.
    public Map<String, Long> leftOut() {
        return found.leftOut();
    }

    /// The files of which something could not be read, in order of name.
    public List<BadFile> bad() {
        var bad = new ArrayList<>(found.bad());
        batches.forEach(batch -> bad.addAll(batch.bad()));
        bad.sort(Comparator.comparing(BadFile::file));
        return bad;
    }

    /// Lets others at the files, and removes what is too much.
    @Override
    public void close() throws IOException {
        channel.close();
        if (keep.forNextTime()) {
            evict(keep);
        }
    }

    /// The sets asked for longest ago go, until the rest is within the bound. One that somebody
    /// uses stays.
    private static void evict(Keep keep) throws IOException {
        record Shelved(Shelf shelf, long length, long used) {}

        var all = new ArrayList<Shelved>();
        try (var folders = Files.list(keep.folder())) {
            for (var folder : folders.filter(Files::isDirectory).toList()) {
                var shelf = new Shelf(folder);
                all.add(
                        new Shelved(
                                shelf,
                                shelf.length(),
                                folder.resolve(LOCK).toFile().lastModified()));
            }
        } catch (UncheckedIOException failure) {
            throw failure.getCause();
        }
        all.sort(Comparator.comparingLong(Shelved::used));
        var length = all.stream().mapToLong(Shelved::length).sum();
        for (var shelved : all) {
            if (length <= keep.bytesMax()) {
                return;
            }
            if (emptied(shelved.shelf())) {
                length -= shelved.length();
            }
        }
    }

    private static boolean emptied(Shelf shelf) throws IOException {
        try (var channel =
                        FileChannel.open(
                                shelf.folder().resolve(LOCK),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE);
                @Nullable FileLock lock = channel.tryLock()) {
            if (lock == null) {
                return false;
            }
            shelf.retain(List.of());
            return true;
        }
    }
}
