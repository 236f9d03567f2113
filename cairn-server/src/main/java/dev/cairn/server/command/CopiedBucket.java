package dev.cairn.server.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.ArchiveException.Kind;
import dev.cairn.archive.Buckets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A folder that holds a copy of a bucket, keys as paths, read as if it were the bucket.
///
/// What a plain copy loses, an object's metadata, may stand beside it in a file of the same name
/// with [#METADATA] behind it.
final class CopiedBucket implements Buckets {
    /// Ends the name of the file that holds an object's metadata, a JSON object of texts.
    static final String METADATA = ".metadata";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;

    CopiedBucket(Path folder) {
        this.folder = folder;
    }

    @Override
    public Optional<Archive.Content> get(String bucket, String key) throws ArchiveException {
        try {
            var file = path(key);
            return Optional.of(
                    new Archive.Content(
                            Files.size(file),
                            Files.getLastModifiedTime(file).toInstant(),
                            new Archive.Description("", "", metadata(key)),
                            Files.newInputStream(file)));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (IOException failure) {
            throw failed(failure);
        }
    }

    private Map<String, String> metadata(String key) throws IOException {
        var file = path(key + METADATA);
        var metadata = new TreeMap<String, String>();
        if (Files.isRegularFile(file)) {
            for (var entry : JSON.readTree(file.toFile()).properties()) {
                metadata.put(entry.getKey(), entry.getValue().asText());
            }
        }
        return metadata;
    }

    /// Whether a key can be a file's name here and no other key the same one.
    static boolean canHold(String key) {
        return !key.endsWith(METADATA)
                && key.indexOf(0) < 0
                && Arrays.stream(key.split("/", -1))
                        .noneMatch(name ->
                                name.isEmpty() || name.equals(".") || name.startsWith(".."));
    }

    /// Keys come out of digests and listings, which strangers may have written: none leads out of
    /// the folder.
    Path path(String key) throws IOException {
        Path path;
        try {
            path = folder.resolve(key).normalize();
        } catch (InvalidPathException e) {
            throw new IOException("the key " + key + " can name no file", e);
        }
        if (!path.startsWith(folder.normalize())) {
            throw new IOException("the key " + key + " leads out of the folder");
        }
        return path;
    }

    @Override
    public Archive.Page list(String bucket, String prefix, String after, int max)
            throws ArchiveException {
        var page = new ArrayList<Archive.Listed>();
        try {
            walk(folder, "", prefix, after, max + 1, page);
        } catch (IOException failure) {
            throw failed(failure);
        }
        var more = page.size() > max;
        return new Archive.Page(more ? List.copyOf(page.subList(0, max)) : page, more);
    }

    /// Visits folders in the order of keys, and only those that can hold what is asked for.
    private static void walk(
            Path folder,
            String key,
            String prefix,
            String after,
            int max,
            List<Archive.Listed> page)
            throws IOException {
        for (var child : children(folder)) {
            if (page.size() == max) {
                return;
            }
            var name = key + child.name();
            var relevant = name.startsWith(prefix) || prefix.startsWith(name);
            if (child.isFolder()) {
                // Past the folder: every key in it is smaller than its name and the next letter.
                var behind = name.substring(0, name.length() - 1) + '0';
                if (relevant && behind.compareTo(after) > 0) {
                    walk(child.path(), name, prefix, after, max, page);
                }
            } else if (name.startsWith(prefix)
                    && name.compareTo(after) > 0
                    && !name.endsWith(METADATA)) {
                page.add(
                        new Archive.Listed(
                                name,
                                Files.size(child.path()),
                                Files.getLastModifiedTime(child.path()).toInstant()));
            }
        }
    }

    private static List<Child> children(Path folder) throws IOException {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.map(Child::of)
                    .flatMap(Optional::stream)
                    .sorted(Comparator.comparing(Child::name))
                    .toList();
        }
    }

    private static ArchiveException failed(IOException failure) {
        return new ArchiveException(
                Kind.UNAVAILABLE, "NotReadable", String.valueOf(failure.getMessage()), failure);
    }

    /// @param name a folder's with a slash at its end, so that names sort as keys do
    private record Child(String name, Path path, boolean isFolder) {
        static Optional<Child> of(Path path) {
            @Nullable Path last = path.getFileName();
            var name = last == null ? "" : last.toString();
            if (Files.isDirectory(path)) {
                return Optional.of(new Child(name + "/", path, true));
            }
            return Files.isRegularFile(path)
                    ? Optional.of(new Child(name, path, false))
                    : Optional.empty();
        }
    }
}
