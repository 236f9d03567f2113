package dev.cairn.embedded.archive;

import static dev.cairn.embedded.archive.Failed.failed;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Lock;
import dev.cairn.archive.ObjectStore;
import dev.cairn.archive.ObjectStore.Condition;
import dev.cairn.archive.ObjectStore.Part;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.archive.ObjectStore.Upload;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.disk.DiskException;
import dev.cairn.embedded.archive.Rows.Piece;
import dev.cairn.secret.Secrets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Uploads in parts. A part is a file that an upload's row speaks for; completing lists the files,
/// and copies nothing.
final class Uploads {
    private static final int PARTS_MAX = 10_000;

    private final Drafts drafts;
    private final BucketIndex index;
    private final Secrets secrets;

    Uploads(Drafts drafts, Secrets secrets) {
        this.drafts = drafts;
        this.index = drafts.index();
        this.secrets = secrets;
    }

    /// See [ObjectStore#startUpload].
    Upload start(
            String bucket, String key, String initiator, Map<String, String> headers, Lock lock)
            throws ArchiveException {
        Upload upload =
                new Upload(
                        bucket,
                        key,
                        ObjectFile.name(secrets.bytes(ObjectFile.ID_BYTES)),
                        drafts.now(),
                        initiator,
                        headers,
                        lock);
        index.in(
                bucket,
                tx -> {
                    tx.create(Rows.uploads(bucket), Rows.uploadKey(upload), Rows.of(upload).json());
                    return true;
                });
        return upload;
    }

    /// See [ObjectStore#upload].
    Optional<Upload> find(String bucket, String key, String id) throws ArchiveException {
        if (!ObjectStore.isKey(key) || !id.matches("[0-9a-f]{32}")) {
            return Optional.empty();
        }
        try {
            Optional<Document> row =
                    index.rows().get(Rows.uploads(bucket), Rows.uploadKey(key, id));
            return row.isEmpty() ? Optional.empty() : Optional.of(Rows.upload(bucket, row.get()));
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    /// See [ObjectStore#uploads].
    List<Upload> list(String bucket, String prefix, @Nullable Upload after, int max)
            throws ArchiveException {
        try {
            var found = new ArrayList<Upload>();
            String behind = after == null ? "" : Rows.uploadKey(after);
            for (Document row : index.rows().list(Rows.uploads(bucket), prefix, behind, max)) {
                found.add(Rows.upload(bucket, row));
            }
            return found;
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    /// See [ObjectStore#parts].
    List<Part> parts(Upload upload, int after, int max) throws ArchiveException {
        try {
            var found = new ArrayList<Part>();
            for (Document row :
                    index.rows().list(Rows.parts(upload.id()), "", Rows.number(after), max)) {
                found.add(Rows.part(row));
            }
            return found;
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    /// See [ObjectStore#complete].
    Optional<Stored> complete(
            Upload upload,
            List<Part> parts,
            String etag,
            Map<String, String> headers,
            Condition condition)
            throws ArchiveException {
        var pieces = new ArrayList<Piece>();
        long length = 0;
        for (Part part : parts) {
            pieces.add(new Piece(part.file(), part.length()));
            length += part.length();
        }
        // The list of pieces is a file too: what holds an object's bytes is never the index alone.
        try (DiskDraft draft = drafts.open(upload.bucket())) {
            String list = Rows.pieces(pieces);
            byte[] bytes = list.getBytes(UTF_8);
            draft.write(bytes, 0, bytes.length);
            Stored object =
                    new Stored(upload.key(), length, drafts.now(), draft.name(), etag, headers);
            return draft.place(
                    object,
                    condition,
                    upload.lock(),
                    Optional.of(new DiskDraft.Assembly(upload, pieces, list)));
        } catch (DiskException e) {
            throw failed(e);
        }
    }

    /// See [ObjectStore#abort].
    boolean abort(Upload upload) throws ArchiveException {
        var gone = new ArrayList<String>();
        boolean was =
                index.in(
                        upload.bucket(),
                        tx -> {
                            Optional<Document> row =
                                    tx.get(Rows.uploads(upload.bucket()), Rows.uploadKey(upload));
                            if (row.isEmpty()) {
                                return false;
                            }
                            tx.delete(row.get());
                            gone.addAll(removeParts(tx, upload, Set.of()));
                            return true;
                        });
        drafts.files().remove(gone);
        return was;
    }

    /// Removes an upload's parts; gives the files that are no longer needed.
    static List<String> removeParts(Transaction tx, Upload upload, Set<String> kept)
            throws CatalogException {
        var gone = new ArrayList<String>();
        int removed = 0;
        List<Document> page = tx.list(Rows.parts(upload.id()), "", "", Catalog.LIMIT_MAX);
        while (!page.isEmpty() && removed <= PARTS_MAX) {
            for (Document row : page) {
                String file = Rows.part(row).file();
                tx.delete(row);
                removed++;
                if (!kept.contains(file)) {
                    gone.addAll(Rows.release(tx, file));
                }
            }
            page = tx.list(Rows.parts(upload.id()), "", "", Catalog.LIMIT_MAX);
        }
        return gone;
    }
}
