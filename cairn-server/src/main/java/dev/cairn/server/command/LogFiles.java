package dev.cairn.server.command;

import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Buckets;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Finds what is to be imported: every file named, and the log files of every folder or bucket
/// named. What is passed over or cannot be read is told to the summary.
final class LogFiles {
    private final ImportSummary summary;
    private final List<LogFile> files = new ArrayList<>();

    LogFiles(ImportSummary summary) {
        this.summary = summary;
    }

    /// Folder by folder and bucket by bucket, each in order of name.
    List<LogFile> found() {
        return List.copyOf(files);
    }

    /// A file, or all log files of a folder.
    void add(String name) throws CommandException {
        var path = path(name);
        if (Files.isRegularFile(path)) {
            files.add(new LogFile.OnDisk(path));
        } else if (Files.isDirectory(path)) {
            walk(path);
        } else {
            throw new CommandException(
                    name + " is neither a file nor a folder", CommandException.USAGE);
        }
    }

    /// A file or folder by its name, which anybody may have written.
    static Path path(String name) throws CommandException {
        try {
            return Path.of(name);
        } catch (InvalidPathException impossible) {
            throw new CommandException(
                    name + " is neither a file nor a folder", CommandException.USAGE);
        }
    }

    /// Folders that cannot be read are told, and the walk goes on beside them.
    private void walk(Path folder) throws CommandException {
        var here = new ArrayList<LogFile.OnDisk>();
        try {
            Files.walkFileTree(
                    folder,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(
                                Path file, BasicFileAttributes attributes) {
                            if (LogFile.isLog(file.toString())) {
                                here.add(new LogFile.OnDisk(file));
                            } else {
                                summary.passedOver(file.toString());
                            }
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult visitFileFailed(Path path, IOException failure) {
                            summary.unreadable(path.toString(), failure);
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult postVisitDirectory(
                                Path left, @Nullable IOException failure) {
                            if (failure != null) {
                                summary.unreadable(left.toString(), failure);
                            }
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (IOException failure) {
            throw new CommandException(
                    "cannot walk " + folder + ": " + failure.getMessage(), failure);
        }
        here.sort(Comparator.comparing(LogFile.OnDisk::path));
        files.addAll(here);
    }

    /// An object, or all log files below a prefix of a bucket.
    void add(Buckets buckets, BucketPlace place) throws CommandException {
        try (var bar = Progress.files("list")) {
            var after = "";
            var more = true;
            while (more) {
                var page = buckets.list(place.bucket(), place.prefix(), after, Buckets.LIST_MAX);
                for (var object : page.objects()) {
                    var file = new LogFile.InBucket(buckets, place.bucket(), object);
                    after = object.key();
                    if (LogFile.isLog(object.key()) || object.key().equals(place.prefix())) {
                        files.add(file);
                    } else if (!object.key().endsWith("/")) {
                        summary.passedOver(file.name());
                    }
                }
                bar.at(files.size());
                more = page.more() && !page.objects().isEmpty();
            }
        } catch (ArchiveException failure) {
            throw unlisted(place, failure);
        }
    }

    /// What is said of a place whose log files cannot be listed.
    static CommandException unlisted(BucketPlace place, ArchiveException failure) {
        return new CommandException(
                "%s cannot be listed: %s: %s%s"
                        .formatted(
                                place,
                                failure.code(),
                                failure.getMessage(),
                                failure.kind() == ArchiveException.Kind.NO_SUCH_BUCKET
                                        ? " (--s3-endpoint says where buckets are)"
                                        : ""),
                failure);
    }
}
