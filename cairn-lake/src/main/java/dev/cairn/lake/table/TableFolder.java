package dev.cairn.lake.table;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.LocationProviders;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;
import org.jspecify.annotations.Nullable;

/// An Iceberg table that is a folder, as engines read it by its path: `metadata/v3.metadata.json`
/// is its third version, `metadata/version-hint.text` says which is the newest.
///
/// A version comes by a hard link, which is there whole or not at all and never in place of
/// another; before it, all files that it names are durable. For one thread.
final class TableFolder implements TableOperations {
    private static final Pattern VERSION = Pattern.compile("v(\\d+)\\.metadata\\.json");
    private static final String METADATA = "metadata";

    private final Path folder;
    private FolderFiles files;
    private int version;
    private @Nullable TableMetadata metadata;

    TableFolder(Path folder) throws IOException {
        this.folder = folder;
        this.files = new FolderFiles(folder, folder.toString());
        Files.createDirectories(folder.resolve(METADATA));
        Files.createDirectories(folder.resolve("data"));
        removeDrafts();
        refresh();
    }

    private void removeDrafts() throws IOException {
        try (var drafts = Files.newDirectoryStream(folder.resolve(METADATA), "*.draft")) {
            for (var draft : drafts) {
                Files.delete(draft);
            }
        }
    }

    /// Whether there is a table at all.
    boolean exists() {
        return version > 0;
    }

    /// The file that says all of the table as it is now.
    Path metadataFile() {
        return file(version);
    }

    private Path file(int number) {
        return folder.resolve(METADATA).resolve("v" + number + ".metadata.json");
    }

    @Override
    public TableMetadata current() {
        if (metadata == null) {
            throw new IllegalStateException("expected a table in " + folder);
        }
        return metadata;
    }

    @Override
    public TableMetadata refresh() {
        try (var names = Files.list(folder.resolve(METADATA))) {
            var newest =
                    names.map(name -> VERSION.matcher(name.getFileName().toString()))
                            .filter(java.util.regex.Matcher::matches)
                            .mapToInt(name -> Integer.parseInt(name.group(1)))
                            .max()
                            .orElse(0);
            if (newest > 0 && newest != version) {
                version = newest;
                metadata = read(folder, file(newest));
                files = new FolderFiles(folder, metadata.location());
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return metadata == null ? none() : metadata;
    }

    /// Iceberg's own word for a table that is not there.
    @SuppressWarnings("NullAway")
    private static TableMetadata none() {
        return null;
    }

    /// Reads a version; the files that it names are looked for in the folder.
    static TableMetadata read(Path folder, Path file) {
        var location =
                TableMetadataParser.read(
                                new FolderFiles(folder, folder.toString()), file.toString())
                        .location();
        return TableMetadataParser.read(new FolderFiles(folder, location), file.toString());
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // As Iceberg has it: the very version that was changed.
    public void commit(@Nullable TableMetadata base, TableMetadata changed) {
        if (base != metadata) {
            throw new CommitFailedException(
                    "expected version %s of the table in %s", version, folder);
        }
        var next = file(version + 1);
        var draft = next.resolveSibling(next.getFileName() + ".draft");
        try {
            FolderFiles.force(folder.resolve("data"));
            FolderFiles.force(folder.resolve(METADATA));
            Files.deleteIfExists(draft);
            TableMetadataParser.write(changed, files.newOutputFile(draft.toString()));
            Files.createLink(next, draft);
            FolderFiles.force(folder.resolve(METADATA));
            Files.delete(draft);
        } catch (FileAlreadyExistsException other) {
            throw new CommitFailedException(
                    other, "another process writes the table in %s", folder);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        refresh();
        hint();
        if (base != null) {
            CatalogUtil.deleteRemovedMetadataFiles(files, base, changed);
        }
    }

    /// For engines that look no further. They are told late rather than wrongly.
    private void hint() {
        var hint = folder.resolve(METADATA).resolve("version-hint.text");
        try {
            var draft = hint.resolveSibling("version-hint.draft");
            Files.writeString(draft, Integer.toString(version));
            Files.move(draft, hint, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public FileIO io() {
        return files;
    }

    FolderFiles files() {
        return files;
    }

    @Override
    public String metadataFileLocation(String name) {
        return (metadata == null ? folder.toString() : metadata.location())
                + "/"
                + METADATA
                + "/"
                + name;
    }

    @Override
    public LocationProvider locationProvider() {
        return LocationProviders.locationsFor(current().location(), current().properties());
    }
}
