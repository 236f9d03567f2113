package dev.cairn.embedded.archive;

import static dev.cairn.embedded.archive.Failed.failed;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import dev.cairn.embedded.archive.Rows.Piece;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/// Makes the archive's index anew from what its files say of themselves, when it is lost.
///
/// Every file is asked for its footer; its content is not read, but for lists of pieces. What the
/// files do not say is lost: uploads under way (their parts are removed at the next start), and
/// tags that were changed after their object was put, which come back as they were put. Versions,
/// delete markers and locks are as they were: each change of a lock is a file, too. Where a crash
/// left two files for one key, or the file of a deleted object, just before the index was lost, the
/// later one is taken, and the object is there again. Bucket names, policies and tags are not in
/// the index. Cold objects are found by what stands for them here, whether the colder place is
/// there or not; copies that were brought back from it are not.
///
/// Nothing is deleted here. A file that cannot be read stays; it may be the list of an object's
/// pieces, which lie in any epoch, so all epochs count as ended then, and no start sweeps them.
public final class IndexRebuild {
    /// Files that are taken in one transaction; those that list pieces are taken at once, because
    /// lists are long.
    private static final int BATCH = 200;

    /// Findings that are told in words; all are counted.
    private static final int FINDINGS_MAX = 100;

    private static final String ROOT = ObjectFiles.ROOT;

    private final Disk disk;
    private final Catalog index;
    private final byte[] key;
    private final LongConsumer progress;

    private final List<Found> batch = new ArrayList<>();
    private final List<String> findings = new ArrayList<>();
    private long files;
    private long objects;
    private long found;
    private long shut;
    private boolean strange;

    private IndexRebuild(Disk disk, Catalog index, byte[] key, LongConsumer progress) {
        this.disk = disk;
        this.index = index;
        this.key = key;
        this.progress = progress;
    }

    /// What came of it.
    ///
    /// @param objects that the index names now
    /// @param files that were read
    /// @param findings what is wrong, each a sentence; the first [#FINDINGS_MAX] of them
    /// @param found how many findings there are
    public record Report(long objects, long files, List<String> findings, long found) {
        public Report {
            findings = List.copyOf(findings);
        }
    }

    /// A file that names an object.
    private record Found(String name, Footer.Form form, Fields footer, String list) {}

    /// Fills an index.
    ///
    /// @param index an empty catalog
    /// @param key the archive's, see [ArchiveKey]
    /// @param progress is told how many files were read
    /// @throws ArchiveException CORRUPT when there are files and none opens under that key
    public static Report run(Disk disk, Catalog index, byte[] key, LongConsumer progress)
            throws ArchiveException {
        IndexRebuild rebuild = new IndexRebuild(disk, index, key, progress);
        try {
            rebuild.all();
        } catch (CatalogException e) {
            throw failed(e);
        } catch (DiskException e) {
            throw failed(e);
        }
        if (rebuild.files == 0 && rebuild.shut > 0) {
            throw new ArchiveException(
                    ArchiveException.Kind.CORRUPT,
                    "InternalError",
                    "expected an object that opens under the key in catalog.db, found none among %d files: %s. If that is the catalog of this archive, there is nothing in it: move the folder away"
                            .formatted(rebuild.shut, rebuild.findings.getFirst()));
        }
        return new Report(rebuild.objects, rebuild.files, rebuild.findings, rebuild.found);
    }

    private void all() throws DiskException, CatalogException {
        if (!disk.exists(ROOT)) {
            return;
        }
        List<String> epochs = new ArrayList<>();
        for (String epoch : disk.list(ROOT)) {
            if (epoch.matches("[0-9a-f]{8}")) {
                epoch(epoch);
                epochs.add(epoch);
            } else {
                finding(ROOT + "/" + epoch + " is none of the archive's folders");
            }
        }
        lockAgain();
        forgetLeft();
        // What no row names of an open epoch is removed at the next start.
        String state = strange ? "ended" : "open";
        for (String epoch : epochs) {
            index.<Boolean, CatalogException>write(tx -> {
                tx.create("epoch", epoch, Fields.none().with("state", state).json());
                return true;
            });
        }
    }

    private void epoch(String epoch) throws DiskException, CatalogException {
        for (String part : disk.list(ROOT + "/" + epoch)) {
            for (String name : disk.list(ROOT + "/" + epoch + "/" + part)) {
                file(epoch + "/" + part + "/" + name);
                if (batch.size() >= BATCH
                        || (!batch.isEmpty() && batch.getLast().form() == Footer.Form.PIECES)) {
                    take();
                }
            }
        }
        take();
    }

    private void file(String name) throws DiskException {
        String id = name.substring(name.lastIndexOf('/') + 1);
        if (!id.matches("[0-9a-f]{%d}".formatted(2 * ObjectFile.ID_BYTES))) {
            finding(path(name) + " is none of the archive's files");
            return;
        }
        try (DiskFile file = disk.open(path(name))) {
            Optional<ObjectFile.Told> told = ObjectFile.told(file, key, ObjectFile.id(id));
            if (told.isEmpty()) {
                finding(path(name) + " was never finished, or is cut off: it stays");
                return;
            }
            Fields footer = Fields.of(new Document("footer", name, 1, text(told.get().footer())));
            Footer.Form form = Footer.form(footer);
            if (!footer.text("file").equals(name)) {
                finding(path(name) + " says it is " + footer.text("file") + ": it stays");
                return;
            }
            switch (form) {
                case WHOLE -> batch.add(new Found(name, form, footer, ""));
                case MARKER, LOCK, COLD -> batch.add(new Found(name, form, footer, ""));
                case PIECES -> {
                    String list = list(name, id, told.get().length());
                    batch.add(new Found(name, form, footer, list));
                }
                case PART -> {
                    // Who lists it takes it along.
                }
                case COPY -> {
                    // It is brought back again when somebody asks for it.
                }
            }
            files++;
            progress.accept(files);
        } catch (DiskException e) {
            throw e;
        } catch (IOException | CatalogException e) {
            shut++;
            finding(path(name) + " cannot be read: " + e.getMessage() + ": it stays");
        }
    }

    private String list(String name, String id, long length) throws IOException {
        try (var content =
                ObjectFile.content(
                        disk.open(path(name)), key, ObjectFile.id(id), null, length, 0, length)) {
            return text(content.readAllBytes());
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, UTF_8);
    }

    /// The pieces are looked for outside of the transaction, which must not meet the disk.
    private void take() throws DiskException, CatalogException {
        for (Found file : batch) {
            for (Piece piece : Rows.pieces(file.list())) {
                if (!disk.exists(path(piece.file()))) {
                    finding(
                            "the object %s of the bucket %s lacks %s, and cannot be read as a whole"
                                    .formatted(
                                            Footer.object(file.footer()).key(),
                                            Footer.bucket(file.footer()),
                                            path(piece.file())));
                }
            }
        }
        var twice = new ArrayList<String>();
        objects +=
                index.<Integer, CatalogException>write(tx -> {
                    int added = 0;
                    for (Found file : batch) {
                        added += take(tx, file, twice) ? 1 : 0;
                    }
                    return added;
                });
        twice.forEach(this::note);
        batch.clear();
    }

    /// @return whether an object is there that was not
    private static boolean take(Transaction tx, Found file, List<String> twice)
            throws CatalogException {
        if (file.form() == Footer.Form.LOCK) {
            takeLock(tx, file);
            return false;
        }
        boolean cold = file.form() == Footer.Form.COLD;
        String bucket = Footer.bucket(file.footer());
        Stored object = cold ? Footer.coldObject(file.footer()) : Footer.object(file.footer());
        Optional<Stored> other = Versions.find(tx, bucket, object.key(), object.version().id());
        if (other.isPresent() && other.get().file().equals(object.file())) {
            // What moved and was not yet deleted, or stubs of one that moved on.
            if (cold) {
                takeStub(tx, bucket, object, Rows.Cold.of(file.footer()));
            }
            return false;
        }
        if (other.isPresent()) {
            boolean later = isLater(object, other.get());
            twice.add(
                    "the object %s of the bucket %s has two files, a crash's: the one stored at %s is taken, that of %s is not"
                            .formatted(
                                    object.key(),
                                    bucket,
                                    later ? object.stored() : other.get().stored(),
                                    later ? other.get().stored() : object.stored()));
            if (!later) {
                return false;
            }
            Versions.take(tx, bucket, other.get());
            Rows.release(tx, other.get().file());
        }
        Versions.add(tx, bucket, object);
        tx.create("file", file.name(), "{}");
        if (cold) {
            tx.create(Rows.COLD, object.file(), Rows.Cold.of(file.footer()).fields().json());
        }
        if (file.form() == Footer.Form.PIECES) {
            tx.create("pieces", file.name(), Rows.ofPieces(file.list()).json());
            for (Piece piece : Rows.pieces(file.list())) {
                if (tx.get("file", piece.file()).isEmpty()) {
                    tx.create("file", piece.file(), "{}");
                }
            }
        }
        return other.isEmpty() && file.form() != Footer.Form.MARKER;
    }

    /// Lets a stub stand for a version that is known already.
    private static void takeStub(Transaction tx, String bucket, Stored object, Rows.Cold stub)
            throws CatalogException {
        Optional<Document> known = tx.get(Rows.COLD, object.file());
        if (known.isEmpty()) {
            Rows.releaseContent(tx, object.file());
            tx.create(Rows.COLD, object.file(), stub.fields().json());
        } else {
            Rows.Cold its = Rows.Cold.of(Fields.of(known.get()));
            if (its.order().compareTo(stub.order()) < 0) {
                return;
            }
            Rows.forget(tx, List.of(its.stub()));
            tx.replace(known.get(), stub.fields().json());
        }
        Versions.replace(tx, bucket, object);
        tx.create("file", stub.stub(), "{}");
    }

    /// Keeps the latest word on the lock of a version, which may not have been read yet.
    private static void takeLock(Transaction tx, Found file) throws CatalogException {
        String of = file.footer().text("of");
        Optional<Document> known = tx.get(Rows.LOCK, of);
        boolean later =
                known.isEmpty()
                        || file.footer()
                                        .text("order")
                                        .compareTo(Fields.of(known.get()).text("order"))
                                < 0;
        if (later) {
            Rows.relock(tx, of, file.footer());
        }
    }

    /// Puts the locks that were changed on the versions they belong to.
    private void lockAgain() throws CatalogException {
        List<Document> page = index.list(Rows.LOCK, "", "", Catalog.LIMIT_MAX);
        while (!page.isEmpty()) {
            var missing = new ArrayList<String>();
            List<Document> these = page;
            index.<Boolean, CatalogException>write(tx -> {
                for (Document row : these) {
                    Fields footer = Fields.of(row);
                    String bucket = Footer.bucket(footer);
                    Optional<Stored> object =
                            Versions.in(
                                    tx,
                                    bucket,
                                    footer.text("key"),
                                    footer.text("version-order"),
                                    row.key());
                    if (object.isPresent()) {
                        Versions.replace(tx, bucket, object.get().withLock(Rows.lock(footer)));
                    } else {
                        missing.add(
                                "the lock of a version of the object %s of the bucket %s is there, the version is not"
                                        .formatted(footer.text("key"), bucket));
                    }
                }
                return true;
            });
            missing.forEach(this::note);
            page = index.list(Rows.LOCK, "", page.getLast().key(), Catalog.LIMIT_MAX);
        }
    }

    /// Nothing is deleted in the colder place by what a lost index left of its words.
    private void forgetLeft() throws CatalogException {
        List<Document> page = index.list(Rows.COLD_LEFT, "", "", Catalog.LIMIT_MAX);
        while (!page.isEmpty()) {
            List<Document> these = page;
            index.<Boolean, CatalogException>write(tx -> {
                for (Document row : these) {
                    tx.delete(row);
                }
                return true;
            });
            page = index.list(Rows.COLD_LEFT, "", "", Catalog.LIMIT_MAX);
        }
    }

    /// By epoch first: clocks go back, epochs do not.
    private static boolean isLater(Stored one, Stored other) {
        if (!one.version().order().isEmpty() || !other.version().order().isEmpty()) {
            return Versions.order(one).compareTo(Versions.order(other)) < 0;
        }
        int epochs = epochOf(one).compareTo(epochOf(other));
        return epochs > 0 || (epochs == 0 && one.stored().isAfter(other.stored()));
    }

    private static String epochOf(Stored object) {
        return object.file().substring(0, object.file().indexOf('/'));
    }

    /// Something that must not be swept.
    private void finding(String sentence) {
        strange = true;
        note(sentence);
    }

    private void note(String sentence) {
        found++;
        if (findings.size() < FINDINGS_MAX) {
            findings.add(sentence);
        }
    }

    private static String path(String name) {
        return ROOT + "/" + name;
    }
}
