package dev.cairn.embedded.archive;

import static dev.cairn.embedded.archive.Failed.failed;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Keeping;
import dev.cairn.archive.Lock;
import dev.cairn.archive.ObjectStore;
import dev.cairn.archive.ObjectStore.Condition;
import dev.cairn.archive.ObjectStore.Draft;
import dev.cairn.archive.ObjectStore.Part;
import dev.cairn.archive.ObjectStore.Relocking;
import dev.cairn.archive.ObjectStore.Removal;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.archive.ObjectStore.Upload;
import dev.cairn.archive.ObjectStore.Version;
import dev.cairn.archive.WrappedKey;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.disk.DiskException;
import dev.cairn.embedded.archive.Rows.Piece;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A file on its way into the archive: an object, a part of one, a delete marker, or a word on a
/// lock.
///
/// Its bytes and what they are lie durably in the file before a transaction of the index makes it
/// count; without that the file is discarded.
final class DiskDraft implements Draft {
    private final Drafts drafts;
    private final String bucket;
    private final @Nullable WrappedKey under;
    private final ObjectFiles.Created file;
    private boolean settled;

    /// Parts that become an object.
    ///
    /// @param list of the pieces, as it was written
    record Assembly(Upload upload, List<Piece> pieces, String list) {}

    /// What must still be so when something is removed.
    interface Still {
        boolean holds(Transaction tx) throws CatalogException;
    }

    /// @param under the key that the file was begun with; null for none
    DiskDraft(Drafts drafts, String bucket, @Nullable WrappedKey under, ObjectFiles.Created file) {
        this.drafts = drafts;
        this.bucket = bucket;
        this.under = under;
        this.file = file;
    }

    /// The name of the file that is written, see [ObjectFiles].
    String name() {
        return file.name();
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws DiskException {
        file.writer().write(bytes, offset, length);
    }

    @Override
    public Optional<Stored> commit(
            String objectKey,
            String etag,
            Map<String, String> headers,
            Condition condition,
            Lock lock)
            throws ArchiveException {
        if (!ObjectStore.isKey(objectKey)) {
            throw new IllegalArgumentException("expected a key, got one that is none");
        }
        var told = new HashMap<>(headers);
        if (under != null) {
            told.putAll(under.headers());
        }
        return place(
                new Stored(
                        objectKey, file.writer().length(), drafts.now(), file.name(), etag, told),
                condition,
                lock,
                Optional.empty());
    }

    /// Makes an object of what was written, or of the parts that it lists.
    ///
    /// @param assembly what the parts are; empty for an object of one file
    Optional<Stored> place(
            Stored content, Condition condition, Lock wanted, Optional<Assembly> assembly)
            throws ArchiveException {
        Keeping keeping = drafts.index().bucket(bucket).keeping();
        Stored object =
                new Stored(
                        content.key(),
                        content.length(),
                        content.stored(),
                        content.file(),
                        content.etag(),
                        content.headers(),
                        version(keeping, false),
                        drafts.guard().locked(keeping, wanted));
        finish(
                Footer.of(
                        bucket,
                        object,
                        assembly.isPresent() ? Footer.Form.PIECES : Footer.Form.WHOLE));
        var gone = new ArrayList<String>();
        boolean done =
                settle(tx -> {
                    drafts.index().checkSame(bucket, keeping);
                    Optional<Document> row = tx.get(Rows.objects(bucket), object.key());
                    Optional<Stored> old =
                            row.isEmpty() ? Optional.empty() : Optional.of(Rows.stored(row.get()));
                    if (!holds(condition, old)) {
                        return false;
                    }
                    if (assembly.isPresent() && !assemble(tx, assembly.get(), gone)) {
                        return false;
                    }
                    add(tx, keeping, object, gone);
                    return true;
                });
        drafts.files().remove(gone);
        return done ? Optional.of(object) : Optional.empty();
    }

    /// Which version something is that is stored now.
    private Version version(Keeping keeping, boolean marker) {
        return switch (keeping.versioning()) {
            case OFF -> Version.PLAIN;
            case ENABLED -> {
                String order = drafts.files().order();
                yield new Version(order, order, marker);
            }
            case SUSPENDED -> new Version(Version.NULL, drafts.files().order(), marker);
        };
    }

    /// Puts what was written among what the bucket has, and in the place of what it does not keep.
    private void add(Transaction tx, Keeping keeping, Stored object, List<String> gone)
            throws CatalogException, ArchiveException {
        switch (keeping.versioning()) {
            case OFF -> replace(tx, object, gone);
            case ENABLED -> Versions.add(tx, bucket, object);
            case SUSPENDED -> {
                drafts.guard().removeNull(tx, bucket, object.key(), gone);
                Versions.add(tx, bucket, object);
            }
        }
        tx.create("file", file.name(), "{}");
    }

    private void replace(Transaction tx, Stored object, List<String> gone)
            throws CatalogException, ArchiveException {
        Optional<Document> row = tx.get(Rows.objects(bucket), object.key());
        String json = Rows.of(object).json();
        if (row.isEmpty()) {
            tx.create(Rows.objects(bucket), object.key(), json);
            return;
        }
        Stored old = Rows.stored(row.get());
        drafts.guard().checkMayGo(tx, old);
        gone.addAll(Rows.release(tx, old.file()));
        tx.replace(row.get(), json);
    }

    /// Makes a delete marker of what was not written.
    Removal mark(String objectKey, Keeping keeping, Still still) throws ArchiveException {
        Stored marker =
                new Stored(
                        objectKey,
                        0,
                        drafts.now(),
                        file.name(),
                        "",
                        Map.of(),
                        version(keeping, true),
                        Lock.NONE);
        finish(Footer.of(bucket, marker, Footer.Form.MARKER));
        var gone = new ArrayList<String>();
        boolean done =
                settle(tx -> {
                    drafts.index().checkSame(bucket, keeping);
                    if (!still.holds(tx)) {
                        return false;
                    }
                    add(tx, keeping, marker, gone);
                    return true;
                });
        drafts.files().remove(gone);
        return done ? new Removal.Marked(marker.version()) : new Removal.Absent();
    }

    /// Makes what was not written say what the lock of a version becomes.
    Relocking relock(Stored object, Lock lock, boolean bypass) throws ArchiveException {
        Fields footer =
                Footer.of(bucket, object.withLock(lock), file.name(), drafts.files().order());
        finish(footer);
        var gone = new ArrayList<String>();
        var relocking = new Relocking[] {new Relocking.Absent()};
        settle(tx -> {
            Optional<Stored> there = Versions.there(tx, bucket, object);
            if (there.isEmpty()) {
                return false;
            }
            if (!there.get().lock().equals(object.lock())) {
                throw new ArchiveException(
                        ArchiveException.Kind.UNAVAILABLE,
                        "OperationAborted",
                        "the lock of the object has just changed; try again");
            }
            if (!drafts.guard().mayBecome(tx, object, lock, bypass)) {
                relocking[0] = new Relocking.Refused();
                return false;
            }
            Versions.replace(tx, bucket, there.get().withLock(lock));
            gone.addAll(Rows.relock(tx, object.file(), footer));
            relocking[0] = new Relocking.Relocked();
            return true;
        });
        drafts.files().remove(gone);
        return relocking[0];
    }

    private boolean assemble(Transaction tx, Assembly assembly, List<String> gone)
            throws CatalogException {
        Upload upload = assembly.upload();
        Optional<Document> row = tx.get(Rows.uploads(bucket), Rows.uploadKey(upload));
        if (row.isEmpty()) {
            return false;
        }
        var kept = new HashSet<String>();
        for (Piece piece : assembly.pieces()) {
            if (tx.get("file", piece.file()).isEmpty()) {
                return false;
            }
            kept.add(piece.file());
        }
        tx.delete(row.get());
        gone.addAll(Uploads.removeParts(tx, upload, kept));
        tx.create("pieces", file.name(), Rows.ofPieces(assembly.list()).json());
        return true;
    }

    private static boolean holds(Condition condition, Optional<Stored> old) {
        return switch (condition) {
            case Condition.Always() -> true;
            case Condition.IfAbsent() -> old.isEmpty();
            case Condition.IfMatch(String etag) -> old.isPresent() && old.get().etag().equals(etag);
        };
    }

    @Override
    public Optional<Part> commit(
            Upload upload, int number, String etag, Map<String, String> headers)
            throws ArchiveException {
        Part part =
                new Part(number, file.writer().length(), drafts.now(), file.name(), etag, headers);
        finish(Footer.of(upload, part));
        var gone = new ArrayList<String>();
        boolean done =
                settle(tx -> {
                    if (tx.get(Rows.uploads(bucket), Rows.uploadKey(upload)).isEmpty()) {
                        return false;
                    }
                    String name = Rows.number(number);
                    Optional<Document> old = tx.get(Rows.parts(upload.id()), name);
                    if (old.isPresent()) {
                        gone.addAll(Rows.release(tx, Rows.part(old.get()).file()));
                        tx.replace(old.get(), Rows.of(part).json());
                    } else {
                        tx.create(Rows.parts(upload.id()), name, Rows.of(part).json());
                    }
                    tx.create("file", file.name(), "{}");
                    return true;
                });
        drafts.files().remove(gone);
        return done ? Optional.of(part) : Optional.empty();
    }

    /// Makes what was written durable.
    ///
    /// @param footer what is told of it, see [Footer]
    void finish(Fields footer) throws ArchiveException {
        try {
            drafts.files().finish(file, footer.json().getBytes(UTF_8));
        } catch (DiskException e) {
            throw failed(e);
        }
    }

    /// Commits, or leaves the file to be discarded. When the index does not say whether it was
    /// committed, the file stays: a row may name it after a crash.
    boolean settle(BucketIndex.Work<Boolean> work) throws ArchiveException {
        try {
            settled = drafts.index().in(bucket, work);
        } catch (ArchiveException e) {
            if (e.kind() == ArchiveException.Kind.TIMEOUT) {
                settled = true;
                drafts.files().leave();
            }
            throw e;
        }
        return settled;
    }

    @Override
    public void close() {
        file.close();
        if (!settled) {
            settled = true;
            drafts.files().remove(List.of(file.name()));
        }
    }
}
