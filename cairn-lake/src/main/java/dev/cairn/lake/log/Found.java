package dev.cairn.lake.log;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The log files of some files and folders.
///
/// A file that is named itself is taken whatever its name; of a folder those that end in `.json`,
/// `.ndjson` or `.jsonl`, or these with `.gz` or `.zst`. Left out by name, and counted: digests,
/// results of queries, aggregated events. Folders of organizations and of Insights and network
/// activity events are folders like any other.
///
/// @param files in order of path, each once
/// @param leftOut how many files were passed over, by what they are
/// @param bad what cannot be read
record Found(List<LogFile> files, Map<String, Long> leftOut, List<BadFile> bad) {
    private static final Pattern LOG = Pattern.compile(".*\\.(json|ndjson|jsonl)(\\.gz|\\.zst)?");

    static Found in(List<Path> roots) {
        var files = new LinkedHashMap<Path, LogFile>();
        var leftOut = new TreeMap<String, Long>();
        var bad = new ArrayList<BadFile>();
        for (var root : roots) {
            try {
                var real = root.toRealPath();
                if (Files.isDirectory(real)) {
                    walk(real, files, leftOut, bad);
                } else {
                    files.put(real, LogFile.of(real));
                }
            } catch (IOException failure) {
                bad.add(BadFile.unreadable(root, failure));
            }
        }
        return new Found(
                files.values().stream().sorted(Comparator.comparing(LogFile::path)).toList(),
                leftOut,
                bad);
    }

    private static void walk(
            Path folder, Map<Path, LogFile> files, Map<String, Long> leftOut, List<BadFile> bad)
            throws IOException {
        Files.walkFileTree(
                folder,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        var kind = kind(folder.relativize(file).toString().replace('\\', '/'));
                        if (!kind.isEmpty()) {
                            leftOut.merge(kind, 1L, Long::sum);
                        } else if (attributes.isRegularFile()) {
                            files.put(file, LogFile.of(file, attributes));
                        } else {
                            linked(file, files, bad);
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path path, IOException failure) {
                        bad.add(BadFile.unreadable(path, failure));
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path left, @Nullable IOException failure) {
                        if (failure != null) {
                            bad.add(BadFile.unreadable(left, failure));
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    /// A link to a file is that file; links to folders are not followed, they may lead in circles.
    private static void linked(Path link, Map<Path, LogFile> files, List<BadFile> bad) {
        try {
            if (Files.isRegularFile(link)) {
                files.put(link, LogFile.of(link));
            }
        } catch (IOException failure) {
            bad.add(BadFile.unreadable(link, failure));
        }
    }

    /// What a file of a folder is if it is no log file; empty when it is one.
    static String kind(String path) {
        var name = path.substring(path.lastIndexOf('/') + 1);
        var folders = "/" + path;
        if (folders.contains("/CloudTrail-Digest/") || name.contains("_CloudTrail-Digest_")) {
            return "digests";
        }
        if (folders.contains("/CloudTrail-Lake/")) {
            return "results of queries";
        }
        if (folders.contains("/CloudTrail-Aggregated/")
                || name.contains("_CloudTrail-Aggregated_")) {
            return "files of aggregated events";
        }
        return LOG.matcher(name).matches() ? "" : "other files";
    }
}
