package dev.cairn.embedded.archive;

import static dev.cairn.embedded.archive.Failed.failed;

import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.DataKey;
import dev.cairn.archive.DataKeys;
import dev.cairn.archive.ObjectStore.Reading;
import dev.cairn.archive.ObjectStore.Restoring;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.archive.Storage;
import dev.cairn.archive.WrappedKey;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.disk.DiskException;
import dev.cairn.embedded.archive.Rows.Cold;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Versions whose bytes are in the colder place, on their way there, or on their way back.
///
/// **There.** The index first notes the name that the file will have there. The file is written,
/// forced, and read back. Then a *stub* is written here, a file without content that says all that
/// the version's own said, and where its bytes are now; one transaction puts it in the place of
/// that file, which is deleted after it. So at any moment the version's bytes are named by the
/// index in one of both places, a lost index is made again from the files here alone, and what a
/// crash left there stands in the list of what may be deleted.
///
/// **Back.** A wish is a row, and whoever made it is answered. [#tend] writes a copy here, compares
/// it with what moved, and puts it beside the stub until its time is over. The bytes there stay:
/// what is brought back is a copy.
final class ColdObjects {
    private static final Logger LOG = LoggerFactory.getLogger(ColdObjects.class);

    private static final String WISH = "restore";
    private static final String COPY = "restored";

    /// Rows that one [#tend] looks at of each kind.
    private static final int PAGE = 200;

    /// After a failure.
    private static final Duration REST = Duration.ofMinutes(1);

    private final Drafts drafts;
    private final BucketIndex index;
    private final Optional<ColdPlace> place;
    private final DataKeys dataKeys;

    // Of the thread that tends.
    private Instant restUntil = Instant.MIN;
    private String lastWords = "";

    /// The wish that was looked at last; empty when all were.
    private String wished = "";

    /// Why a wish has to wait for its KMS key, since the first wish was looked at.
    private @Nullable ArchiveException shut;

    /// @param dataKeys what opens the keys of what is moved
    ColdObjects(Drafts drafts, Optional<ColdPlace> place, DataKeys dataKeys) {
        this.drafts = drafts;
        this.index = drafts.index();
        this.place = place;
        this.dataKeys = dataKeys;
    }

    boolean hasPlace() {
        return place.isPresent();
    }

    private ColdPlace place() throws ArchiveException {
        return place.orElseThrow(() ->
                new ArchiveException(
                        ArchiveException.Kind.UNAVAILABLE,
                        "ServiceUnavailable",
                        "expected a colder place, none is set"));
    }

    // Reading.

    /// Opens a cold version: the copy of it, or where it is.
    ///
    /// @param dataKey null for one that has none
    Reading open(Stored object, byte @Nullable [] dataKey)
            throws DiskException, CatalogException, ArchiveException {
        Cold cold = cold(object);
        if (cold.copy().isPresent()) {
            try {
                return WholeReading.open(drafts.files(), object, cold.copy().get(), dataKey);
            } catch (DiskException e) {
                if (e.kind() != DiskException.Kind.NOT_FOUND) {
                    throw e;
                }
                LOG.debug("the copy of {} is gone", object.key(), e);
            }
        }
        return new ColdReading(object, () -> place().open(cold.place(), dataKey));
    }

    /// @throws DiskException NOT_FOUND when it is cold no more, and no more there
    private Cold cold(Stored object) throws DiskException, CatalogException {
        Optional<Document> row = index.rows().get(Rows.COLD, object.file());
        if (row.isEmpty()) {
            throw new DiskException(
                    DiskException.Kind.NOT_FOUND,
                    "expected where the bytes of a cold object are, found nothing");
        }
        return Cold.of(Fields.of(row.get()));
    }

    // There.

    /// Opens what is to move.
    interface Opening {
        /// @param dataKey null for what has none
        Reading open(byte @Nullable [] dataKey)
                throws DiskException, CatalogException, ArchiveException;
    }

    /// See [dev.cairn.archive.ObjectStore#cool].
    boolean cool(String bucket, Stored found, Storage.Type to, Opening opening)
            throws ArchiveException {
        if (to == Storage.Type.STANDARD || found.version().marker()) {
            throw new IllegalArgumentException("expected an object and a colder class");
        }
        ColdPlace its = place();
        its.claim();
        try {
            if (found.storage().isCold()) {
                return settle(bucket, found, to, cold(found));
            }
            Optional<DataKey> under = under(found);
            String name = drafts.files().newName();
            note(name);
            boolean needed = false;
            try {
                String sha256 = write(its, name, bucket, found, to, under, opening);
                needed =
                        settle(bucket, found, to, new Cold("", name, sha256, "", Optional.empty()));
            } catch (ArchiveException e) {
                // The index may name it after a crash; the next start sees.
                needed = e.kind() == ArchiveException.Kind.TIMEOUT;
                throw e;
            } finally {
                if (!needed) {
                    abandon(name);
                }
            }
            return needed;
        } catch (CatalogException e) {
            throw failed(e);
        } catch (DiskException e) {
            throw failed(e);
        }
    }

    /// The key that a version is encrypted under, opened for Cairn itself: what is in it is told to
    /// nobody.
    ///
    /// @throws ArchiveException DENIED when its KMS key opens nothing
    private Optional<DataKey> under(Stored object) throws ArchiveException {
        Optional<WrappedKey> wrapped = WrappedKey.of(object.headers());
        return wrapped.isEmpty()
                ? Optional.empty()
                : Optional.of(new DataKey(dataKeys.open(wrapped.get()), wrapped.get()));
    }

    private static byte @Nullable [] plaintext(Optional<DataKey> under) {
        return under.isEmpty() ? null : under.get().plaintext();
    }

    /// Notes that nothing will need a file there.
    private void abandon(String name) throws CatalogException {
        index.rows()
                .<Boolean, CatalogException>write(tx -> {
                    Optional<Document> note = tx.get(Rows.COLD_LEFT, name);
                    if (note.isPresent()) {
                        tx.replace(note.get(), Fields.none().with("state", "gone").json());
                    }
                    return true;
                });
    }

    /// Notes that a file is being written there, which nothing needs until it is whole.
    private void note(String name) throws CatalogException {
        index.rows()
                .<Boolean, CatalogException>write(tx -> {
                    tx.create(Rows.COLD_LEFT, name, Fields.none().with("state", "writing").json());
                    return true;
                });
    }

    private static String write(
            ColdPlace its,
            String name,
            String bucket,
            Stored found,
            Storage.Type to,
            Optional<DataKey> under,
            Opening opening)
            throws DiskException, CatalogException, ArchiveException {
        try (Reading reading = opening.open(plaintext(under))) {
            return its.write(
                    name,
                    reading.bytes(0, found.length()),
                    plaintext(under),
                    Footer.of(
                            bucket,
                            found.withStorage(Storage.of(to)),
                            new Cold("", name, "", "", Optional.empty())));
        }
    }

    /// Lets the stub take the place of the bytes here, or of the stub before.
    private boolean settle(String bucket, Stored found, Storage.Type to, Cold cold)
            throws ArchiveException {
        var was = found.storage();
        Stored object = found.withStorage(new Storage(to, was.restoring(), was.until()));
        try (DiskDraft stub = drafts.open(bucket)) {
            Cold its =
                    new Cold(
                            stub.name(),
                            cold.place(),
                            cold.sha256(),
                            drafts.files().order(),
                            cold.copy());
            stub.finish(Footer.of(bucket, found.withStorage(Storage.of(to)), its));
            var gone = new ArrayList<String>();
            boolean done =
                    stub.settle(tx -> {
                        // Its tags, its lock or its copy may have changed.
                        if (!Versions.there(tx, bucket, found).equals(Optional.of(found))) {
                            return false;
                        }
                        Versions.replace(tx, bucket, object);
                        gone.addAll(replace(tx, found.file(), its));
                        tx.create("file", its.stub(), "{}");
                        return true;
                    });
            drafts.files().remove(gone);
            return done;
        }
    }

    /// @return files that are no longer needed
    private static List<String> replace(Transaction tx, String file, Cold its)
            throws CatalogException {
        Optional<Document> row = tx.get(Rows.COLD, file);
        if (row.isPresent()) {
            List<String> old = List.of(Cold.of(Fields.of(row.get())).stub());
            Rows.forget(tx, old);
            tx.replace(row.get(), its.fields().json());
            return old;
        }
        tx.create(Rows.COLD, file, its.fields().json());
        Optional<Document> note = tx.get(Rows.COLD_LEFT, its.place());
        if (note.isPresent()) {
            tx.delete(note.get());
        }
        return Rows.releaseContent(tx, file);
    }

    // Back.

    /// See [dev.cairn.archive.ObjectStore#restore].
    Restoring restore(String bucket, Stored found, int days) throws ArchiveException {
        return index.in(
                bucket,
                tx -> {
                    Optional<Stored> there = Versions.there(tx, bucket, found);
                    if (there.isEmpty()) {
                        return new Restoring.Absent();
                    }
                    Stored object = there.get();
                    Storage storage = object.storage();
                    if (!storage.isCold()) {
                        return new Restoring.AtHand();
                    }
                    if (storage.restoring()) {
                        return new Restoring.UnderWay();
                    }
                    if (storage.isReadable(drafts.now())) {
                        keep(tx, bucket, object, end(days));
                        return new Restoring.Extended();
                    }
                    tx.create(
                            WISH,
                            object.file(),
                            named(bucket, object).with("days", Integer.toString(days)).json());
                    Versions.replace(tx, bucket, object.withStorage(storage.asked()));
                    return new Restoring.Begun();
                });
    }

    private static Fields named(String bucket, Stored object) {
        return Fields.none()
                .with("bucket", bucket)
                .with("key", object.key())
                .with("version", object.version().id());
    }

    /// Days end at midnight UTC, as those of lifecycle rules do.
    private Instant end(int days) {
        return drafts.now()
                .plus(days, ChronoUnit.DAYS)
                .truncatedTo(ChronoUnit.DAYS)
                .plus(1, ChronoUnit.DAYS);
    }

    /// Lets the copy of a version stay until then.
    private static void keep(Transaction tx, String bucket, Stored object, Instant until)
            throws CatalogException {
        if (object.storage().until().isPresent()) {
            Optional<Document> old =
                    tx.get(COPY, copyKey(object.storage().until().get(), object.file()));
            if (old.isPresent()) {
                tx.delete(old.get());
            }
        }
        tx.create(COPY, copyKey(until, object.file()), named(bucket, object).json());
        Versions.replace(tx, bucket, object.withStorage(object.storage().restored(until)));
    }

    private static String copyKey(Instant until, String file) {
        return until + " " + file;
    }

    // What waits to be done.

    /// See [dev.cairn.archive.ObjectStore#tendCold]. For one thread.
    boolean tend(long bytesMax) throws ArchiveException {
        if (drafts.now().isBefore(restUntil)) {
            return false;
        }
        restUntil = Instant.MIN;
        try {
            boolean more = takeAway();
            if (place.isPresent() && sweep(place.get())) {
                more |= bringBack(place.get(), bytesMax);
            }
            return more && restUntil.equals(Instant.MIN);
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    /// Tells of a failure once, and lets some time go by before the next attempt.
    private void rest(String words, Exception failure) {
        restUntil = drafts.now().plus(REST);
        String told = words + failure.getMessage();
        if (!told.equals(lastWords)) {
            LOG.warn("{}; it is tried again", words, failure);
        }
        lastWords = told;
    }

    /// Deletes there what nothing needs.
    ///
    /// @return false when the place is away
    private boolean sweep(ColdPlace its) throws CatalogException {
        List<Document> rows = index.rows().list(Rows.COLD_LEFT, "", "", PAGE);
        for (Document row : rows) {
            boolean left =
                    Fields.of(row).text("state").equals("gone") || drafts.files().isOld(row.key());
            if (!left) {
                continue;
            }
            try {
                remove(its, row.key());
            } catch (ArchiveException e) {
                rest("what is not needed any more stays in the colder place", e);
                return false;
            }
        }
        return true;
    }

    private void remove(ColdPlace its, String name) throws ArchiveException {
        its.delete(name);
        try {
            index.rows()
                    .<Boolean, CatalogException>write(tx -> {
                        Optional<Document> row = tx.get(Rows.COLD_LEFT, name);
                        if (row.isPresent()) {
                            tx.delete(row.get());
                        }
                        return true;
                    });
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    private boolean bringBack(ColdPlace its, long bytesMax) throws CatalogException {
        long bytes = 0;
        List<Document> wishes = index.rows().list(WISH, "", wished, PAGE);
        for (Document wish : wishes) {
            Fields fields = Fields.of(wish);
            try {
                Optional<Stored> object =
                        index.find(
                                        fields.text("bucket"),
                                        fields.text("key"),
                                        fields.text("version"))
                                .filter(one -> one.file().equals(wish.key()));
                if (object.isEmpty()) {
                    drop(wish);
                } else {
                    if (bytes > 0 && bytes + object.get().length() > bytesMax) {
                        return true;
                    }
                    bytes += object.get().length();
                    bringBack(its, fields, object.get(), wish);
                }
            } catch (ArchiveException e) {
                if (e.kind() == ArchiveException.Kind.DENIED) {
                    shut = shut == null ? e : shut;
                } else {
                    rest(
                            "the object %s could not be brought back".formatted(fields.text("key")),
                            e);
                    if (e.kind() != ArchiveException.Kind.CORRUPT) {
                        return false;
                    }
                }
            }
            wished = wish.key();
        }
        if (wishes.size() == PAGE) {
            return true;
        }
        wished = "";
        if (shut != null) {
            rest("objects that were asked for wait for their KMS key", shut);
            shut = null;
        }
        return false;
    }

    private void drop(Document row) throws CatalogException {
        index.rows()
                .<Boolean, CatalogException>write(tx -> {
                    Optional<Document> there = tx.get(row.kind(), row.key());
                    if (there.isPresent()) {
                        tx.delete(there.get());
                    }
                    return true;
                });
    }

    private void bringBack(ColdPlace its, Fields wish, Stored object, Document row)
            throws ArchiveException {
        String bucket = wish.find("bucket").orElse("");
        Optional<DataKey> under = under(object);
        try (DiskDraft copy = drafts.open(bucket, under.orElse(null))) {
            Cold cold = cold(object);
            String sha256 = transfer(its.open(cold.place(), plaintext(under)), copy);
            if (!sha256.equals(cold.sha256())) {
                throw ColdPlace.corrupt(
                        "expected SHA-256 %s of what comes back from the colder place, got %s"
                                .formatted(cold.sha256(), sha256),
                        null);
            }
            copy.finish(Footer.ofCopy(object, copy.name()));
            Instant until = end(Integer.parseInt(wish.text("days")));
            var gone = new ArrayList<String>();
            boolean done =
                    copy.settle(tx -> {
                        Optional<Document> known = tx.get(WISH, row.key());
                        if (known.isPresent()) {
                            tx.delete(known.get());
                        }
                        Optional<Stored> now = Versions.there(tx, bucket, object);
                        Optional<Document> there = tx.get(Rows.COLD, object.file());
                        if (known.isEmpty() || now.isEmpty() || there.isEmpty()) {
                            return false;
                        }
                        Cold before = Cold.of(Fields.of(there.get()));
                        before.copy().ifPresent(gone::add);
                        Rows.forget(tx, gone);
                        tx.create("file", copy.name(), "{}");
                        tx.replace(
                                there.get(),
                                before.withCopy(Optional.of(copy.name())).fields().json());
                        keep(tx, bucket, now.get(), until);
                        return true;
                    });
            drafts.files().remove(gone);
            if (done) {
                LOG.info("brought {} of {} back until {}", object.key(), bucket, until);
            }
        } catch (DiskException e) {
            throw failed(e);
        } catch (CatalogException e) {
            throw failed(e);
        } catch (IOException e) {
            throw ColdPlace.corrupt("a cold object cannot be read", e);
        }
    }

    /// @return SHA-256 of what went through, in hex
    private static String transfer(InputStream content, DiskDraft copy) throws IOException {
        MessageDigest hash = ColdPlace.sha256();
        try (var from = new DigestInputStream(content, hash)) {
            byte[] buffer = new byte[1 << 16];
            for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
                copy.write(buffer, 0, read);
            }
        }
        return HexFormat.of().formatHex(hash.digest());
    }

    /// Takes copies away whose time is over.
    private boolean takeAway() throws CatalogException, ArchiveException {
        List<Document> rows = index.rows().list(COPY, "", "", PAGE);
        for (Document row : rows) {
            String until = row.key().substring(0, row.key().indexOf(' '));
            if (Instant.parse(until).isAfter(drafts.now())) {
                return false;
            }
            takeAway(row);
        }
        return rows.size() == PAGE;
    }

    private void takeAway(Document row) throws CatalogException, ArchiveException {
        Fields fields = Fields.of(row);
        String bucket = fields.text("bucket");
        String file = row.key().substring(row.key().indexOf(' ') + 1);
        var gone = new ArrayList<String>();
        index.rows()
                .<Boolean, CatalogException>write(tx -> {
                    Optional<Document> known = tx.get(COPY, row.key());
                    if (known.isEmpty()) {
                        return false;
                    }
                    tx.delete(known.get());
                    Optional<Document> cold = tx.get(Rows.COLD, file);
                    Optional<Stored> object =
                            Versions.find(tx, bucket, fields.text("key"), fields.text("version"))
                                    .filter(one -> one.file().equals(file));
                    if (cold.isEmpty() || object.isEmpty()) {
                        return false;
                    }
                    Cold its = Cold.of(Fields.of(cold.get()));
                    its.copy().ifPresent(gone::add);
                    Rows.forget(tx, gone);
                    tx.replace(cold.get(), its.withCopy(Optional.empty()).fields().json());
                    Versions.replace(
                            tx,
                            bucket,
                            object.get().withStorage(object.get().storage().returned()));
                    return true;
                });
        drafts.files().remove(gone);
    }
}
