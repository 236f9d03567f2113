package dev.cairn.embedded.backup;

import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.embedded.backup.BackupException.Kind;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;

/// What makes a backup whole: where its list of files is, and what it comes to.
///
/// @param begun what was acknowledged before is in it
/// @param version of the program that made it
/// @param files in the list
/// @param bytes of all of them
/// @param sha256 of the list, in hex
/// @param chunks of the list: a [BackupFile] a line, in the order of their paths
public record BackupManifest(
        Instant begun, String version, long files, long bytes, String sha256, List<String> chunks) {
    public BackupManifest {
        chunks = List.copyOf(chunks);
    }

    String json() {
        return Fields.none()
                .with("begun", begun.toString())
                .with("version", version)
                .with("files", Long.toString(files))
                .with("bytes", Long.toString(bytes))
                .with("sha256", sha256)
                .with("chunks", String.join(",", chunks))
                .json();
    }

    /// @throws BackupException CORRUPT when it is no such document
    static BackupManifest of(String name, String json) throws BackupException {
        try {
            Fields fields = Fields.of(new Document("backup", name, 1, json));
            return new BackupManifest(
                    Instant.parse(fields.text("begun")),
                    fields.text("version"),
                    Long.parseLong(fields.text("files")),
                    Long.parseLong(fields.text("bytes")),
                    fields.text("sha256"),
                    List.of(fields.text("chunks").split(",")));
        } catch (CatalogException | DateTimeException | NumberFormatException e) {
            throw new BackupException(
                    Kind.CORRUPT, "expected the manifest of a backup in " + name, e);
        }
    }
}
