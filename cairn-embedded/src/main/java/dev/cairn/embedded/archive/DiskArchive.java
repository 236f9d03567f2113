package dev.cairn.embedded.archive;

import static dev.cairn.embedded.archive.Failed.failed;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.Keeping;
import dev.cairn.archive.Keeping.Versioning;
import dev.cairn.archive.Lock;
import dev.cairn.archive.ObjectStore;
import dev.cairn.archive.WriteCheck;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.embedded.archive.Rows.Piece;
import dev.cairn.secret.Secrets;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/// The [Archive] on one machine, and what its S3 front needs of it.
///
/// Bytes lie in files that are written once ([ObjectFiles]); a row of the *index*, a catalog of its
/// own ([Rows]), says which file a key has. A put writes its file, forces file and folder, and then
/// commits the row: that commit is the moment the object is there, and what makes put-if-absent
/// atomic. How keys look does not matter to the disk. Listing is the index's, in order of key, a
/// page at a time.
public final class DiskArchive implements Archive, ObjectStore {
    private static final int PARTS_MAX = 10_000;
    private static final String METADATA = "x-amz-meta-";

    /// How often a reader that finds its file gone looks which one has taken its place.
    private static final int READ_ATTEMPTS = 10;

    private final Catalog index;
    private final BucketRegister buckets;
    private final WriteCheck writeCheck;
    private final Secrets secrets;
    private final InstantSource clock;
    private final ObjectFiles files;
    private final KeepingClock time;
    private final Map<String, ReentrantReadWriteLock> locks = new ConcurrentHashMap<>();

    /// What the archive works with.
    ///
    /// @param index only the archive's; closed with it
    /// @param key 32 bytes, see [ArchiveKey]
    @SuppressWarnings("ArrayRecordComponent") // Handed over, never compared.
    public record Parts(
            Disk disk,
            Catalog index,
            BucketRegister buckets,
            WriteCheck writeCheck,
            byte[] key,
            Secrets secrets,
            InstantSource clock) {}

    private DiskArchive(Parts parts, ObjectFiles files) {
        this.index = parts.index();
        this.buckets = parts.buckets();
        this.writeCheck = parts.writeCheck();
        this.secrets = parts.secrets();
        this.clock = parts.clock();
        this.files = files;
        this.time = new KeepingClock(index, clock);
    }

    /// Opens the archive of a data folder; makes it when there is none, and sweeps up after a
    /// crash.
    public static DiskArchive open(Parts parts) throws ArchiveException {
        return new DiskArchive(
                parts, ObjectFiles.open(parts.disk(), parts.index(), parts.key(), parts.secrets()));
    }

    // The archive port.

    @Override
    public Put putIfAbsent(
            Writer as, String bucketName, String key, byte[] content, Description type)
            throws ArchiveException {
        Bucket bucket = bucket(bucketName);
        Optional<String> missing = writeCheck.missing(bucket, as, key, key);
        if (missing.isPresent()) {
            throw new ArchiveException(ArchiveException.Kind.DENIED, "AccessDenied", missing.get());
        }
        if (find(bucketName, key).isPresent()) {
            return Put.TAKEN;
        }
        var headers = new HashMap<String, String>();
        headers.put("content-type", type.contentType());
        if (!type.contentEncoding().isEmpty()) {
            headers.put("content-encoding", type.contentEncoding());
        }
        type.metadata().forEach((name, value) -> headers.put(METADATA + name, value));
        try (Draft draft = draft(bucketName)) {
            draft.write(content, 0, content.length);
            return draft.commit(key, md5(content), headers, new Condition.IfAbsent()).isPresent()
                    ? Put.STORED
                    : Put.TAKEN;
        } catch (DiskException e) {
            throw failed(e);
        } catch (IOException e) {
            throw new ArchiveException(
                    ArchiveException.Kind.UNAVAILABLE, "ServiceUnavailable", e.toString(), e);
        }
    }

    private static String md5(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5", e);
        }
    }

    @Override
    public Optional<Content> get(String bucket, String key) throws ArchiveException {
        bucket(bucket);
        Optional<Reading> reading = read(bucket, key);
        if (reading.isEmpty()) {
            return Optional.empty();
        }
        Stored object = reading.get().object();
        return Optional.of(
                new Content(
                        object.length(),
                        object.stored(),
                        description(object),
                        reading.get().bytes(0, object.length())));
    }

    private static Description description(Stored object) {
        var metadata = new HashMap<String, String>();
        object.headers()
                .forEach((name, value) -> {
                    if (name.startsWith(METADATA)) {
                        metadata.put(name.substring(METADATA.length()), value);
                    }
                });
        return new Description(
                object.header("content-type"), object.header("content-encoding"), metadata);
    }

    @Override
    public Page list(String bucket, String prefix, String after, int max) throws ArchiveException {
        bucket(bucket);
        List<Stored> found = objects(bucket, prefix, after, max);
        boolean more =
                found.size() == max && !objects(bucket, prefix, found.getLast().key(), 1).isEmpty();
        return new Page(
                found.stream().map(o -> new Listed(o.key(), o.length(), o.stored())).toList(),
                more);
    }

    @Override
    public Optional<String> missingRight(Writer as, String bucket, String keyPrefix)
            throws ArchiveException {
        return writeCheck.missing(
                bucket(bucket), as, keyPrefix + "CloudTrail/check", keyPrefix + "*");
    }

    // Objects.

    @Override
    public Optional<Stored> find(String bucket, String key) throws ArchiveException {
        if (!ObjectStore.isKey(key)) {
            return Optional.empty();
        }
        try {
            Optional<Document> row = index.get(Rows.objects(bucket), key);
            return row.isEmpty() ? Optional.empty() : Optional.of(Rows.stored(row.get()));
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    @Override
    public Optional<Stored> find(String bucket, String key, String version)
            throws ArchiveException {
        try {
            return ObjectStore.isKey(key)
                    ? Versions.find(index, bucket, key, version)
                    : Optional.empty();
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    @Override
    public Optional<Stored> newest(String bucket, String key) throws ArchiveException {
        try {
            return ObjectStore.isKey(key) ? Versions.newest(index, bucket, key) : Optional.empty();
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    @Override
    public Optional<Reading> read(String bucket, String key) throws ArchiveException {
        return read(find(bucket, key), () -> find(bucket, key));
    }

    @Override
    public Optional<Reading> read(String bucket, Stored found) throws ArchiveException {
        return read(Optional.of(found), () -> find(bucket, found.key(), found.version().id()));
    }

    /// Looks again which object it is that is read.
    private interface Again {
        Optional<Stored> find() throws ArchiveException;
    }

    private Optional<Reading> read(Optional<Stored> found, Again again) throws ArchiveException {
        Optional<Stored> object = found;
        for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
            if (object.isEmpty()) {
                return Optional.empty();
            }
            try {
                Optional<Document> pieces = index.get("pieces", object.get().file());
                return Optional.of(
                        pieces.isEmpty()
                                ? WholeReading.open(files, object.get())
                                : new PiecesReading(
                                        files,
                                        object.get(),
                                        Rows.pieces(Fields.of(pieces.get()).text("pieces"))));
            } catch (DiskException e) {
                if (e.kind() != DiskException.Kind.NOT_FOUND || attempt == READ_ATTEMPTS - 1) {
                    throw failed(e);
                }
                // Another one has taken its place since the row was read.
                object = again.find();
            } catch (CatalogException e) {
                throw failed(e);
            }
        }
        throw new ArchiveException(
                ArchiveException.Kind.UNAVAILABLE,
                "SlowDown",
                "the object changes faster than it can be read");
    }

    @Override
    public Draft draft(String bucket) throws ArchiveException {
        return newDraft(bucket);
    }

    private DiskDraft newDraft(String bucket) throws ArchiveException {
        try {
            return new DiskDraft(bucket, files.create());
        } catch (DiskException e) {
            throw failed(e);
        }
    }

    @Override
    public boolean describe(String bucket, Stored object, Map<String, String> headers)
            throws ArchiveException {
        return inBucket(
                bucket,
                tx -> {
                    Optional<Stored> there = there(tx, bucket, object);
                    if (there.isPresent()) {
                        Versions.replace(tx, bucket, there.get().withHeaders(headers));
                    }
                    return there.isPresent();
                });
    }

    /// A version as it is now; empty when it is no longer that one.
    private static Optional<Stored> there(Transaction tx, String bucket, Stored object)
            throws CatalogException {
        return Versions.find(tx, bucket, object.key(), object.version().id())
                .filter(there -> there.file().equals(object.file()));
    }

    // Removing.

    @Override
    public Removal remove(String bucket, String key) throws ArchiveException {
        if (!ObjectStore.isKey(key)) {
            return new Removal.Absent();
        }
        Keeping keeping = bucket(bucket).keeping();
        return keeping.versioning() == Versioning.OFF
                ? remove(bucket, keeping, key, Version.NULL, false, ALWAYS)
                : mark(bucket, keeping, key, ALWAYS);
    }

    /// What must still be so when something is removed.
    private interface Still {
        boolean holds(Transaction tx) throws CatalogException;
    }

    private static final Still ALWAYS = _ -> true;

    private Removal mark(String bucket, Keeping keeping, String key, Still still)
            throws ArchiveException {
        try (DiskDraft draft = newDraft(bucket)) {
            return draft.mark(key, keeping, still);
        }
    }

    @Override
    public Removal expire(String bucket, Stored found, boolean latest) throws ArchiveException {
        Keeping keeping = bucket(bucket).keeping();
        // Neither what was put over it meanwhile, nor what is its key's newest by now.
        Still still =
                tx ->
                        there(tx, bucket, found).isPresent()
                                && latest
                                        == Versions.newest(tx, bucket, found.key())
                                                .filter(it -> it.file().equals(found.file()))
                                                .isPresent();
        boolean kept = keeping.versioning() != Versioning.OFF && !found.version().marker();
        return latest && kept
                ? mark(bucket, keeping, found.key(), still)
                : remove(bucket, keeping, found.key(), found.version().id(), false, still);
    }

    @Override
    public Removal remove(String bucket, String key, String version, boolean bypass)
            throws ArchiveException {
        return ObjectStore.isKey(key)
                ? remove(bucket, bucket(bucket).keeping(), key, version, bypass, ALWAYS)
                : new Removal.Absent();
    }

    private Removal remove(
            String bucket, Keeping keeping, String key, String version, boolean bypass, Still still)
            throws ArchiveException {
        var gone = new ArrayList<String>();
        Removal removal =
                inBucket(
                        bucket,
                        tx -> {
                            checkSame(bucket, keeping);
                            Optional<Stored> found = Versions.find(tx, bucket, key, version);
                            if (found.isEmpty() || !still.holds(tx)) {
                                return new Removal.Absent();
                            }
                            if (mustStay(tx, found.get(), bypass)) {
                                return new Removal.Protected();
                            }
                            Versions.take(tx, bucket, found.get());
                            gone.addAll(Rows.release(tx, found.get().file()));
                            return new Removal.Removed(found.get().version());
                        });
        files.remove(gone);
        return removal;
    }

    /// Whether a version's lock keeps it. All that removes one asks here, in the transaction that
    /// does it.
    private boolean mustStay(Transaction tx, Stored object, boolean bypass)
            throws CatalogException {
        if (object.lock().equals(Lock.NONE)) {
            return false;
        }
        if (object.lock().protects(time.now(tx), bypass)) {
            return true;
        }
        time.mark(tx);
        return false;
    }

    private void checkMayGo(Transaction tx, Stored object)
            throws CatalogException, ArchiveException {
        if (mustStay(tx, object, false)) {
            throw new ArchiveException(
                    ArchiveException.Kind.DENIED,
                    "AccessDenied",
                    "Access Denied because object protected by object lock.");
        }
    }

    /// Makes room for a version called `null`: there is one at most.
    private void removeNull(Transaction tx, String bucket, String key, List<String> gone)
            throws CatalogException, ArchiveException {
        Optional<Stored> old = Versions.find(tx, bucket, key, Version.NULL);
        if (old.isPresent()) {
            checkMayGo(tx, old.get());
            Versions.take(tx, bucket, old.get());
            gone.addAll(Rows.release(tx, old.get().file()));
        }
    }

    @Override
    public Relocking lock(String bucket, String key, String version, Relock wanted, boolean bypass)
            throws ArchiveException {
        Optional<Stored> found = find(bucket, key, version);
        if (found.isEmpty() || found.get().version().marker()) {
            return new Relocking.Absent();
        }
        Lock now = found.get().lock();
        Lock lock = wanted.of(now);
        try {
            if (!now.mayBecome(lock.retention(), time.now(), bypass)) {
                return new Relocking.Refused();
            }
        } catch (CatalogException e) {
            throw failed(e);
        }
        if (lock.equals(now)) {
            return new Relocking.Relocked();
        }
        // What protects an object is never in the index alone.
        try (DiskDraft draft = newDraft(bucket)) {
            return draft.relock(found.get(), lock, bypass);
        }
    }

    @Override
    public Instant keepingTime() throws ArchiveException {
        try {
            return time.now();
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    @Override
    public Duration unseenTime() throws ArchiveException {
        try {
            return time.unseen();
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    @Override
    public void seeTime() throws ArchiveException {
        try {
            time.see();
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    @Override
    public List<ListedVersion> versions(
            String bucket, String prefix, String after, String afterVersion, int max)
            throws ArchiveException {
        try {
            return Versions.list(index, bucket, prefix, after, afterVersion, max);
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    @Override
    public List<Stored> objects(String bucket, String prefix, String after, int max)
            throws ArchiveException {
        try {
            var found = new ArrayList<Stored>();
            for (Document row : index.list(Rows.objects(bucket), prefix, after, max)) {
                found.add(Rows.stored(row));
            }
            return found;
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    @Override
    public boolean closeEmpty(Transaction tx, String bucket) throws ArchiveException {
        var lock = lock(bucket).writeLock();
        tx.hold(lock::lock, lock::unlock);
        try {
            return index.list(Rows.objects(bucket), "", "", 1).isEmpty()
                    && index.list(Versions.heads(bucket), "", "", 1).isEmpty()
                    && index.list(Rows.uploads(bucket), "", "", 1).isEmpty();
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    @Override
    public void pause(Transaction tx, String bucket) {
        var lock = lock(bucket).writeLock();
        tx.hold(lock::lock, lock::unlock);
    }

    // Uploads in parts.

    @Override
    public Upload startUpload(
            String bucket, String key, String initiator, Map<String, String> headers, Lock lock)
            throws ArchiveException {
        Upload upload =
                new Upload(
                        bucket,
                        key,
                        ObjectFile.name(secrets.bytes(ObjectFile.ID_BYTES)),
                        now(),
                        initiator,
                        headers,
                        lock);
        inBucket(
                bucket,
                tx -> {
                    tx.create(Rows.uploads(bucket), Rows.uploadKey(upload), Rows.of(upload).json());
                    return true;
                });
        return upload;
    }

    @Override
    public Optional<Upload> upload(String bucket, String key, String id) throws ArchiveException {
        if (!ObjectStore.isKey(key) || !id.matches("[0-9a-f]{32}")) {
            return Optional.empty();
        }
        try {
            Optional<Document> row = index.get(Rows.uploads(bucket), Rows.uploadKey(key, id));
            return row.isEmpty() ? Optional.empty() : Optional.of(Rows.upload(bucket, row.get()));
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    @Override
    public List<Upload> uploads(String bucket, String prefix, @Nullable Upload after, int max)
            throws ArchiveException {
        try {
            var found = new ArrayList<Upload>();
            String behind = after == null ? "" : Rows.uploadKey(after);
            for (Document row : index.list(Rows.uploads(bucket), prefix, behind, max)) {
                found.add(Rows.upload(bucket, row));
            }
            return found;
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    @Override
    public List<Part> parts(Upload upload, int after, int max) throws ArchiveException {
        try {
            var found = new ArrayList<Part>();
            for (Document row : index.list(Rows.parts(upload.id()), "", Rows.number(after), max)) {
                found.add(Rows.part(row));
            }
            return found;
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    @Override
    public Optional<Stored> complete(
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
        try (DiskDraft draft = newDraft(upload.bucket())) {
            String list = Rows.pieces(pieces);
            byte[] bytes = list.getBytes(UTF_8);
            draft.write(bytes, 0, bytes.length);
            Stored object =
                    new Stored(upload.key(), length, now(), draft.file.name(), etag, headers);
            return draft.place(
                    object,
                    condition,
                    upload.lock(),
                    Optional.of(new Assembly(upload, pieces, list)));
        } catch (DiskException e) {
            throw failed(e);
        }
    }

    private record Assembly(Upload upload, List<Piece> pieces, String list) {}

    @Override
    public boolean abort(Upload upload) throws ArchiveException {
        var gone = new ArrayList<String>();
        boolean was =
                inBucket(
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
        files.remove(gone);
        return was;
    }

    /// Removes an upload's parts; gives the files that are no longer needed.
    private static List<String> removeParts(Transaction tx, Upload upload, Set<String> kept)
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

    // How it is done.

    private interface Work<T> {
        T in(Transaction tx) throws CatalogException, ArchiveException;
    }

    /// Runs a transaction of the index while its bucket stays.
    private <T> T inBucket(String bucket, Work<T> work) throws ArchiveException {
        var lock = lock(bucket).readLock();
        lock.lock();
        try {
            bucket(bucket);
            return index.<T, ArchiveException>write(work::in);
        } catch (CatalogException e) {
            throw failed(e);
        } finally {
            lock.unlock();
        }
    }

    /// Sees that a bucket keeps its objects as it did when a file was written for it.
    ///
    /// @throws ArchiveException UNAVAILABLE when it has changed that: try again
    private void checkSame(String bucket, Keeping keeping) throws ArchiveException {
        if (!bucket(bucket).keeping().withLifecycle("").equals(keeping.withLifecycle(""))) {
            throw new ArchiveException(
                    ArchiveException.Kind.UNAVAILABLE,
                    "OperationAborted",
                    "the bucket %s has just changed how it keeps its objects; try again"
                            .formatted(bucket));
        }
    }

    /// Which version something is that is stored now.
    private Version version(Keeping keeping, boolean marker) {
        return switch (keeping.versioning()) {
            case OFF -> Version.PLAIN;
            case ENABLED -> {
                String order = files.order();
                yield new Version(order, order, marker);
            }
            case SUSPENDED -> new Version(Version.NULL, files.order(), marker);
        };
    }

    /// The lock of something that is stored now.
    private Lock locked(Keeping keeping, Lock wanted) throws ArchiveException {
        return keeping.retention().isPresent() && wanted.retention().isEmpty()
                ? wanted.with(Optional.of(keeping.retention().get().from(keepingTime())))
                : wanted;
    }

    private ReentrantReadWriteLock lock(String bucket) {
        return locks.computeIfAbsent(bucket, _ -> new ReentrantReadWriteLock());
    }

    private Bucket bucket(String name) throws ArchiveException {
        try {
            return buckets.find(name)
                    .orElseThrow(() ->
                            new ArchiveException(
                                    ArchiveException.Kind.NO_SUCH_BUCKET,
                                    "NoSuchBucket",
                                    "The specified bucket does not exist: " + name));
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    /// Ends this life of the archive in order. Whoever still reads can go on.
    @Override
    public void close() {
        files.close();
        index.close();
    }

    private final class DiskDraft implements Draft {
        private final String bucket;
        private final ObjectFiles.Created file;
        private boolean settled;

        DiskDraft(String bucket, ObjectFiles.Created file) {
            this.bucket = bucket;
            this.file = file;
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
            return place(
                    new Stored(
                            objectKey, file.writer().length(), now(), file.name(), etag, headers),
                    condition,
                    lock,
                    Optional.empty());
        }

        private Optional<Stored> place(
                Stored content, Condition condition, Lock wanted, Optional<Assembly> assembly)
                throws ArchiveException {
            Keeping keeping = bucket(bucket).keeping();
            Stored object =
                    new Stored(
                            content.key(),
                            content.length(),
                            content.stored(),
                            content.file(),
                            content.etag(),
                            content.headers(),
                            version(keeping, false),
                            locked(keeping, wanted));
            finish(
                    Footer.of(
                            bucket,
                            object,
                            assembly.isPresent() ? Footer.Form.PIECES : Footer.Form.WHOLE));
            var gone = new ArrayList<String>();
            boolean done =
                    settle(tx -> {
                        checkSame(bucket, keeping);
                        Optional<Document> row = tx.get(Rows.objects(bucket), object.key());
                        Optional<Stored> old =
                                row.isEmpty()
                                        ? Optional.empty()
                                        : Optional.of(Rows.stored(row.get()));
                        if (!holds(condition, old)) {
                            return false;
                        }
                        if (assembly.isPresent() && !assemble(tx, assembly.get(), gone)) {
                            return false;
                        }
                        add(tx, keeping, object, gone);
                        return true;
                    });
            files.remove(gone);
            return done ? Optional.of(object) : Optional.empty();
        }

        /// Puts what was written among what the bucket has, and in the place of what it does not
        /// keep.
        private void add(Transaction tx, Keeping keeping, Stored object, List<String> gone)
                throws CatalogException, ArchiveException {
            switch (keeping.versioning()) {
                case OFF -> replace(tx, object, gone);
                case ENABLED -> Versions.add(tx, bucket, object);
                case SUSPENDED -> {
                    removeNull(tx, bucket, object.key(), gone);
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
            checkMayGo(tx, old);
            gone.addAll(Rows.release(tx, old.file()));
            tx.replace(row.get(), json);
        }

        /// Makes a delete marker of what was not written.
        Removal mark(String objectKey, Keeping keeping, Still still) throws ArchiveException {
            Stored marker =
                    new Stored(
                            objectKey,
                            0,
                            now(),
                            file.name(),
                            "",
                            Map.of(),
                            version(keeping, true),
                            Lock.NONE);
            finish(Footer.of(bucket, marker, Footer.Form.MARKER));
            var gone = new ArrayList<String>();
            boolean done =
                    settle(tx -> {
                        checkSame(bucket, keeping);
                        if (!still.holds(tx)) {
                            return false;
                        }
                        add(tx, keeping, marker, gone);
                        return true;
                    });
            files.remove(gone);
            return done ? new Removal.Marked(marker.version()) : new Removal.Absent();
        }

        /// Makes what was not written say what the lock of a version becomes.
        Relocking relock(Stored object, Lock lock, boolean bypass) throws ArchiveException {
            Fields footer = Footer.of(bucket, object.withLock(lock), file.name(), files.order());
            finish(footer);
            var gone = new ArrayList<String>();
            var relocking = new Relocking[] {new Relocking.Absent()};
            settle(tx -> {
                Optional<Stored> there = there(tx, bucket, object);
                if (there.isEmpty()) {
                    return false;
                }
                if (!there.get().lock().equals(object.lock())) {
                    throw new ArchiveException(
                            ArchiveException.Kind.UNAVAILABLE,
                            "OperationAborted",
                            "the lock of the object has just changed; try again");
                }
                if (!object.lock().mayBecome(lock.retention(), time.now(tx), bypass)) {
                    relocking[0] = new Relocking.Refused();
                    return false;
                }
                Versions.replace(tx, bucket, there.get().withLock(lock));
                gone.addAll(Rows.relock(tx, object.file(), footer));
                relocking[0] = new Relocking.Relocked();
                return true;
            });
            files.remove(gone);
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
            gone.addAll(removeParts(tx, upload, kept));
            tx.create("pieces", file.name(), Rows.ofPieces(assembly.list()).json());
            return true;
        }

        private static boolean holds(Condition condition, Optional<Stored> old) {
            return switch (condition) {
                case Condition.Always() -> true;
                case Condition.IfAbsent() -> old.isEmpty();
                case Condition.IfMatch(String etag) ->
                        old.isPresent() && old.get().etag().equals(etag);
            };
        }

        @Override
        public Optional<Part> commit(
                Upload upload, int number, String etag, Map<String, String> headers)
                throws ArchiveException {
            Part part = new Part(number, file.writer().length(), now(), file.name(), etag, headers);
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
            files.remove(gone);
            return done ? Optional.of(part) : Optional.empty();
        }

        private void finish(Fields footer) throws ArchiveException {
            try {
                files.finish(file, footer.json().getBytes(UTF_8));
            } catch (DiskException e) {
                throw failed(e);
            }
        }

        /// Commits, or leaves the file to be discarded. When the index does not say whether it was
        /// committed, the file stays: a row may name it after a crash.
        private boolean settle(Work<Boolean> work) throws ArchiveException {
            try {
                settled = inBucket(bucket, work);
            } catch (ArchiveException e) {
                if (e.kind() == ArchiveException.Kind.TIMEOUT) {
                    settled = true;
                    files.leave();
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
                files.remove(List.of(file.name()));
            }
        }
    }
}
