package dev.cairn.server.command;

import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Buckets;
import dev.cairn.server.lake.LakeProcess;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Log files of buckets, fetched onto this machine so that a query can read them, and kept for the
/// next one: then only what is new is fetched, and what is gone goes.
///
/// A folder for each place, in which files have their keys for names and the times of their
/// objects. Two locks beside it: one for whoever fetches, one shared by those who read. Nothing is
/// taken away while others read: who finds something gone then reads the other files by name.
final class FetchedLogs implements AutoCloseable {
    private static final String FETCHING = ".fetching";
    private static final String READING = ".reading";
    private static final String PART = ".part";
    private static final int SHOWN = 20;

    private final Path folder;
    private final long bytesMax;
    private final Map<String, FileLock> reading = new HashMap<>();
    private int failed;

    /// @param folder where they are kept
    /// @param bytesMax how much is kept, and how much one place may have
    FetchedLogs(Path folder, long bytesMax) {
        this.folder = folder;
        this.bytesMax = bytesMax;
    }

    /// Whether every log file could be fetched.
    boolean whole() {
        return failed == 0;
    }

    /// Fetches the log files of a place.
    ///
    /// @param where the buckets are
    /// @return the folder that has them and nothing else, else the files themselves
    List<Path> fetch(Buckets buckets, String where, BucketPlace place)
            throws CommandException, IOException {
        var name =
                Connection.sha256((where + "\n" + place).getBytes(StandardCharsets.UTF_8))
                        .substring(0, 32);
        Files.createDirectories(folder);
        read(name);
        var files = Files.createDirectories(folder.resolve(name));
        try (var alone = open(name + FETCHING);
                var _ = alone.lock()) {
            var listed = listed(buckets, place);
            var clean = isClean(files, listed) || cleared(name, files, listed);
            get(buckets, place, files, missing(files, listed));
            evict();
            var object = files.resolve(place.prefix());
            if (listed.size() == 1 && Files.isRegularFile(object)) {
                return List.of(object);
            }
            return clean ? List.of(files) : fetched(files, listed);
        }
    }

    private static List<Path> fetched(Path files, Map<String, Archive.Listed> listed) {
        return listed.keySet().stream()
                .filter(CopiedBucket::canHold)
                .map(files::resolve)
                .filter(Files::isRegularFile)
                .toList();
    }

    private FileChannel open(String lock) throws IOException {
        return FileChannel.open(
                folder.resolve(lock),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.READ);
    }

    /// Holds on to a place until this is closed, and notes that it was asked for.
    private void read(String name) throws IOException {
        if (reading.containsKey(name)) {
            return;
        }
        reading.put(name, open(name + READING).lock(0, Long.MAX_VALUE, true));
        Files.setLastModifiedTime(
                folder.resolve(name + READING), FileTime.from(InstantSource.system().instant()));
    }

    // ---- what is there ------------------------------------------------------------------------

    private Map<String, Archive.Listed> listed(Buckets buckets, BucketPlace place)
            throws CommandException {
        var listed = new TreeMap<String, Archive.Listed>();
        long bytes = 0;
        try (var bar = Progress.files("list")) {
            var after = "";
            var more = true;
            while (more) {
                var page = buckets.list(place.bucket(), place.prefix(), after, Buckets.LIST_MAX);
                for (var object : page.objects()) {
                    after = object.key();
                    if (LogFile.isLog(object.key()) || object.key().equals(place.prefix())) {
                        listed.put(object.key(), object);
                        bytes += object.length();
                    }
                }
                bar.at(listed.size());
                more = page.more() && !page.objects().isEmpty();
            }
        } catch (ArchiveException failure) {
            throw LogFiles.unlisted(place, failure);
        }
        if (bytes > bytesMax) {
            throw new CommandException(
                    "%s has %,d bytes of log files, more than --cache-max; name a longer prefix, or let it be more"
                            .formatted(place, bytes),
                    CommandException.USAGE);
        }
        if (listed.isEmpty()) {
            throw new CommandException("no log files found in " + place, CommandException.USAGE);
        }
        return listed;
    }

    private static boolean isClean(Path files, Map<String, Archive.Listed> listed)
            throws IOException {
        var kept = kept(files, listed);
        try (var all = Files.walk(files)) {
            return all.filter(Files::isRegularFile).allMatch(kept::contains);
        }
    }

    /// What is in the bucket, and as it was.
    private static Set<Path> kept(Path files, Map<String, Archive.Listed> listed)
            throws IOException {
        var kept = new HashSet<Path>();
        for (var object : listed.values()) {
            if (CopiedBucket.canHold(object.key())) {
                var file = files.resolve(object.key());
                if (isSame(file, object)) {
                    kept.add(file);
                }
            }
        }
        return kept;
    }

    /// Removes what is in the bucket no more, or not as it was, unless others read.
    private boolean cleared(String name, Path files, Map<String, Archive.Listed> listed)
            throws IOException {
        var ours = Objects.requireNonNull(reading.get(name));
        var channel = ours.channel();
        ours.release();
        try (@Nullable FileLock alone = channel.tryLock()) {
            if (alone == null) {
                return false;
            }
            var kept = kept(files, listed);
            try (var all = Files.walk(files)) {
                for (var file : all.sorted(Comparator.reverseOrder()).toList()) {
                    if (Files.isRegularFile(file) ? !kept.contains(file) : isEmpty(file, files)) {
                        Files.delete(file);
                    }
                }
            }
            return true;
        } finally {
            reading.put(name, channel.lock(0, Long.MAX_VALUE, true));
            // Whoever was alone meanwhile may have taken it all away.
            Files.createDirectories(files);
        }
    }

    private static boolean isEmpty(Path inner, Path files) throws IOException {
        if (inner.equals(files)) {
            return false;
        }
        try (var children = Files.list(inner)) {
            return children.findAny().isEmpty();
        }
    }

    private static boolean isSame(Path file, Archive.Listed object) throws IOException {
        return Files.isRegularFile(file)
                && Files.size(file) == object.length()
                && Files.getLastModifiedTime(file).toMillis() == object.stored().toEpochMilli();
    }

    private static List<Archive.Listed> missing(Path files, Map<String, Archive.Listed> listed)
            throws IOException {
        var kept = kept(files, listed);
        return listed.values().stream()
                .filter(object ->
                        !CopiedBucket.canHold(object.key())
                                || !kept.contains(files.resolve(object.key())))
                .toList();
    }

    // ---- fetching -----------------------------------------------------------------------------

    private void get(Buckets buckets, BucketPlace place, Path files, List<Archive.Listed> missing) {
        var bytes = missing.stream().mapToLong(Archive.Listed::length).sum();
        try (var bar = Progress.bytes("fetch", bytes)) {
            for (var from = 0; from < missing.size(); from += buckets.together()) {
                var some =
                        missing.subList(from, Math.min(missing.size(), from + buckets.together()));
                buckets.getAll(
                        place.bucket(),
                        some.stream().map(Archive.Listed::key).toList(),
                        (index, object) -> {
                            var one = some.get(index);
                            try {
                                write(files, one, object);
                            } catch (IOException failure) {
                                tell(place, one, String.valueOf(failure.getMessage()));
                            } catch (ArchiveException failure) {
                                tell(place, one, failure.code() + ": " + failure.getMessage());
                            }
                            bar.step(one.length(), "");
                        });
            }
        }
        if (failed > SHOWN) {
            Console.err().println("... and %,d more files".formatted(failed - SHOWN));
        }
    }

    private void tell(BucketPlace place, Archive.Listed object, String why) {
        if (++failed <= SHOWN) {
            Console.err()
                    .println(
                            "not fetched: s3://%s/%s: %s"
                                    .formatted(
                                            place.bucket(),
                                            Table.clean(object.key()),
                                            Table.clean(why)));
        }
    }

    private static void write(Path files, Archive.Listed listed, Buckets.Pending pending)
            throws IOException, ArchiveException {
        if (!CopiedBucket.canHold(listed.key())) {
            throw new IOException("no file can have that name");
        }
        var found = pending.open();
        if (found.isEmpty()) {
            throw new IOException("it was listed, and is gone");
        }
        var file = files.resolve(listed.key());
        var part = file.resolveSibling(file.getFileName() + PART);
        try (var content = found.get()) {
            Files.createDirectories(file.getParent());
            Files.copy(content.bytes(), part, StandardCopyOption.REPLACE_EXISTING);
            Files.setLastModifiedTime(part, FileTime.from(listed.stored()));
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    // ---- what goes ----------------------------------------------------------------------------

    /// The places asked for longest ago go, until the rest is within the bound.
    private void evict() throws IOException {
        record Kept(String name, long length, long used) {}

        var all = new ArrayList<Kept>();
        try (var places = Files.newDirectoryStream(folder, Files::isDirectory)) {
            for (var place : places) {
                var name = place.getFileName().toString();
                all.add(
                        new Kept(
                                name,
                                length(place),
                                folder.resolve(name + READING).toFile().lastModified()));
            }
        }
        all.sort(Comparator.comparingLong(Kept::used));
        var length = all.stream().mapToLong(Kept::length).sum();
        for (var kept : all) {
            if (length <= bytesMax) {
                return;
            }
            if (emptied(kept.name())) {
                length -= kept.length();
            }
        }
    }

    private static long length(Path place) throws IOException {
        try (var files = Files.walk(place)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    private boolean emptied(String name) throws IOException {
        if (reading.containsKey(name)) {
            // Not even looked at: closing a file gives up all locks that a process has on it.
            return false;
        }
        try (var channel = open(name + READING);
                @Nullable FileLock lock = channel.tryLock()) {
            if (lock == null) {
                return false;
            }
            LakeProcess.remove(folder.resolve(name));
            return true;
        }
    }

    /// Lets go of them.
    @Override
    public void close() throws IOException {
        for (var lock : reading.values()) {
            lock.channel().close();
        }
    }
}
