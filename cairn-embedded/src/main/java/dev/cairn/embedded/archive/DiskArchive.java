package dev.cairn.embedded.archive;

import static dev.cairn.embedded.archive.Failed.failed;

import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.ColdFiles;
import dev.cairn.archive.DataKey;
import dev.cairn.archive.DataKeys;
import dev.cairn.archive.Lock;
import dev.cairn.archive.ObjectStore;
import dev.cairn.archive.Storage;
import dev.cairn.archive.WrappedKey;
import dev.cairn.archive.WriteCheck;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.secret.Secrets;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The [Archive] on one machine, and what its S3 front needs of it.
///
/// Bytes lie in files that are written once ([ObjectFiles]); a row of the *index*, a catalog of its
/// own ([Rows]), says which file a key has. A put writes its file, forces file and folder, and then
/// commits the row: that commit is the moment the object is there, and what makes put-if-absent
/// atomic. How keys look does not matter to the disk. Listing is the index's, in order of key, a
/// page at a time.
///
/// Here is what is read and listed. How files come in is [DiskDraft]'s, in parts [Uploads]'; how
/// they go is [Removals]', what must stay the [Guard]'s, and what is far away [ColdObjects]'.
public final class DiskArchive implements Archive, ObjectStore {
    private static final String METADATA = "x-amz-meta-";
    private static final int BUFFER = 1 << 16;

    /// How often a reader that finds its file gone looks which one has taken its place.
    private static final int READ_ATTEMPTS = 10;

    private final BucketIndex index;
    private final WriteCheck writeCheck;
    private final ObjectFiles files;
    private final DataKeys dataKeys;
    private final Guard guard;
    private final Drafts drafts;
    private final Removals removals;
    private final Uploads uploads;
    private final ColdObjects cold;

    /// What the archive works with.
    ///
    /// @param index only the archive's; closed with it
    /// @param key 32 bytes, see [ArchiveKey]
    /// @param dataKeys where keys come from for trails that have a KMS key
    /// @param cold the files of the colder place; empty when there is none
    @SuppressWarnings("ArrayRecordComponent") // Handed over, never compared.
    public record Parts(
            Disk disk,
            Catalog index,
            BucketRegister buckets,
            WriteCheck writeCheck,
            byte[] key,
            DataKeys dataKeys,
            Secrets secrets,
            InstantSource clock,
            Optional<ColdFiles> cold) {

        /// Without a colder place.
        public Parts(
                Disk disk,
                Catalog index,
                BucketRegister buckets,
                WriteCheck writeCheck,
                byte[] key,
                DataKeys dataKeys,
                Secrets secrets,
                InstantSource clock) {
            this(disk, index, buckets, writeCheck, key, dataKeys, secrets, clock, Optional.empty());
        }

        /// Without KMS, and without a colder place.
        public Parts(
                Disk disk,
                Catalog index,
                BucketRegister buckets,
                WriteCheck writeCheck,
                byte[] key,
                Secrets secrets,
                InstantSource clock) {
            this(disk, index, buckets, writeCheck, key, DataKeys.NONE, secrets, clock);
        }
    }

    private DiskArchive(Parts parts, ObjectFiles files) {
        this.index = new BucketIndex(parts.index(), parts.buckets());
        this.writeCheck = parts.writeCheck();
        this.files = files;
        this.dataKeys = parts.dataKeys();
        this.guard = new Guard(new KeepingClock(parts.index(), parts.clock()));
        this.drafts = new Drafts(index, files, guard, parts.clock());
        this.removals = new Removals(drafts);
        this.uploads = new Uploads(drafts, parts.secrets());
        this.cold =
                new ColdObjects(
                        drafts,
                        parts.cold()
                                .map(its ->
                                        new ColdPlace(
                                                its, parts.index(), parts.key(), parts.secrets())),
                        parts.dataKeys());
    }

    /// Opens the archive of a data folder; makes it when there is none, and sweeps up after a
    /// crash.
    public static DiskArchive open(Parts parts) throws ArchiveException {
        return new DiskArchive(
                parts, ObjectFiles.open(parts.disk(), parts.index(), parts.key(), parts.secrets()));
    }

    // The archive port.

    @Override
    public Put putIfAbsent(Writer as, String bucket, String key, byte[] content, Description type)
            throws ArchiveException {
        try {
            return putIfAbsent(
                    as, bucket, key, content.length, new ByteArrayInputStream(content), type);
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory can be read", e);
        }
    }

    @Override
    public Put putIfAbsent(
            Writer as,
            String bucketName,
            String key,
            long length,
            InputStream content,
            Description type)
            throws ArchiveException, IOException {
        Bucket bucket = index.bucket(bucketName);
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
        Optional<DataKey> under =
                as.kmsKey() == null
                        ? Optional.empty()
                        : Optional.of(dataKeys.generate(as, bucket.arn(key)));
        try (Draft draft = draft(bucketName, under)) {
            String etag = fill(draft, length, content);
            return draft.commit(key, etag, headers, new Condition.IfAbsent()).isPresent()
                    ? Put.STORED
                    : Put.TAKEN;
        }
    }

    /// @return the MD5 of what was written, in hex
    private static String fill(Draft draft, long length, InputStream content)
            throws ArchiveException, IOException {
        MessageDigest hash = md5();
        byte[] buffer = new byte[(int) Math.min(BUFFER, Math.max(1, length))];
        long left = length;
        while (left > 0) {
            int read = content.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                throw new EOFException("expected %d bytes more of the content".formatted(left));
            }
            hash.update(buffer, 0, read);
            try {
                draft.write(buffer, 0, read);
            } catch (DiskException e) {
                throw failed(e);
            }
            left -= read;
        }
        return HexFormat.of().formatHex(hash.digest());
    }

    private static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5", e);
        }
    }

    @Override
    public Optional<Content> get(String bucket, String key) throws ArchiveException {
        index.bucket(bucket);
        Optional<Reading> reading = read(bucket, key, dataKeys::open);
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
        index.bucket(bucket);
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
                index.bucket(bucket), as, keyPrefix + "CloudTrail/check", keyPrefix + "*");
    }

    // Objects.

    @Override
    public Optional<Stored> find(String bucket, String key) throws ArchiveException {
        if (!ObjectStore.isKey(key)) {
            return Optional.empty();
        }
        try {
            Optional<Document> row = index.rows().get(Rows.objects(bucket), key);
            return row.isEmpty() ? Optional.empty() : Optional.of(Rows.stored(row.get()));
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    @Override
    public Optional<Stored> find(String bucket, String key, String version)
            throws ArchiveException {
        return index.find(bucket, key, version);
    }

    @Override
    public Optional<Stored> newest(String bucket, String key) throws ArchiveException {
        try {
            return ObjectStore.isKey(key)
                    ? Versions.newest(index.rows(), bucket, key)
                    : Optional.empty();
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    @Override
    public Optional<Reading> read(String bucket, String key, Opener opener)
            throws ArchiveException {
        return read(find(bucket, key), opener, () -> find(bucket, key));
    }

    @Override
    public Optional<Reading> read(String bucket, Stored found, Opener opener)
            throws ArchiveException {
        return read(
                Optional.of(found), opener, () -> find(bucket, found.key(), found.version().id()));
    }

    /// Looks again which object it is that is read.
    private interface Again {
        Optional<Stored> find() throws ArchiveException;
    }

    private Optional<Reading> read(Optional<Stored> found, Opener opener, Again again)
            throws ArchiveException {
        Optional<Stored> object = found;
        for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
            if (object.isEmpty()) {
                return Optional.empty();
            }
            Optional<WrappedKey> wrapped = WrappedKey.of(object.get().headers());
            byte[] dataKey = wrapped.isEmpty() ? null : opener.open(wrapped.get());
            try {
                return Optional.of(open(object.get(), dataKey));
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

    private Reading open(Stored object, byte @Nullable [] dataKey)
            throws DiskException, CatalogException, ArchiveException {
        if (object.storage().isCold()) {
            return cold.open(object, dataKey);
        }
        Optional<Document> pieces = index.rows().get("pieces", object.file());
        return pieces.isEmpty()
                ? WholeReading.open(files, object, object.file(), dataKey)
                : new PiecesReading(
                        files,
                        object,
                        dataKey,
                        Rows.pieces(Fields.of(pieces.get()).text("pieces")));
    }

    @Override
    public Draft draft(String bucket, Optional<DataKey> under) throws ArchiveException {
        return drafts.open(bucket, under.orElse(null));
    }

    @Override
    public boolean describe(String bucket, Stored object, Map<String, String> headers)
            throws ArchiveException {
        return index.in(
                bucket,
                tx -> {
                    Optional<Stored> there = Versions.there(tx, bucket, object);
                    if (there.isPresent()) {
                        var told = new HashMap<>(headers);
                        WrappedKey.of(there.get().headers())
                                .ifPresent(wrapped -> told.putAll(wrapped.headers()));
                        Versions.replace(tx, bucket, there.get().withHeaders(told));
                    }
                    return there.isPresent();
                });
    }

    // Removing, and what keeps from it.

    @Override
    public Removal remove(String bucket, String key) throws ArchiveException {
        return removals.remove(bucket, key);
    }

    @Override
    public Removal remove(String bucket, String key, String version, boolean bypass)
            throws ArchiveException {
        return removals.remove(bucket, key, version, bypass);
    }

    @Override
    public Removal expire(String bucket, Stored found, boolean latest) throws ArchiveException {
        return removals.expire(bucket, found, latest);
    }

    @Override
    public Relocking lock(String bucket, String key, String version, Relock wanted, boolean bypass)
            throws ArchiveException {
        return removals.lock(bucket, key, version, wanted, bypass);
    }

    @Override
    public Instant keepingTime() throws ArchiveException {
        return guard.now();
    }

    @Override
    public Duration unseenTime() throws ArchiveException {
        try {
            return guard.time().unseen();
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    @Override
    public void seeTime(Duration more) throws ArchiveException {
        try {
            guard.time().see(more);
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    @Override
    public List<ListedVersion> versions(
            String bucket, String prefix, String after, String afterVersion, int max)
            throws ArchiveException {
        try {
            return Versions.list(index.rows(), bucket, prefix, after, afterVersion, max);
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    @Override
    public List<Stored> objects(String bucket, String prefix, String after, int max)
            throws ArchiveException {
        try {
            var found = new ArrayList<Stored>();
            for (Document row : index.rows().list(Rows.objects(bucket), prefix, after, max)) {
                found.add(Rows.stored(row));
            }
            return found;
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    @Override
    public boolean closeEmpty(Transaction tx, String bucket) throws ArchiveException {
        index.hold(tx, bucket);
        try {
            return index.rows().list(Rows.objects(bucket), "", "", 1).isEmpty()
                    && index.rows().list(Versions.heads(bucket), "", "", 1).isEmpty()
                    && index.rows().list(Rows.uploads(bucket), "", "", 1).isEmpty();
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    @Override
    public void pause(Transaction tx, String bucket) {
        index.hold(tx, bucket);
    }

    // Cold.

    @Override
    public boolean hasCold() {
        return cold.hasPlace();
    }

    @Override
    public boolean cool(String bucket, Stored found, Storage.Type to) throws ArchiveException {
        return cold.cool(bucket, found, to, dataKey -> open(found, dataKey));
    }

    @Override
    public Restoring restore(String bucket, Stored found, int days) throws ArchiveException {
        return cold.restore(bucket, found, days);
    }

    @Override
    public boolean tendCold(long bytesMax) throws ArchiveException {
        return cold.tend(bytesMax);
    }

    // Uploads in parts.

    @Override
    public Upload startUpload(
            String bucket, String key, String initiator, Map<String, String> headers, Lock lock)
            throws ArchiveException {
        return uploads.start(bucket, key, initiator, headers, lock);
    }

    @Override
    public Optional<Upload> upload(String bucket, String key, String id) throws ArchiveException {
        return uploads.find(bucket, key, id);
    }

    @Override
    public List<Upload> uploads(String bucket, String prefix, @Nullable Upload after, int max)
            throws ArchiveException {
        return uploads.list(bucket, prefix, after, max);
    }

    @Override
    public List<Part> parts(Upload upload, int after, int max) throws ArchiveException {
        return uploads.parts(upload, after, max);
    }

    @Override
    public Optional<Stored> complete(
            Upload upload,
            List<Part> parts,
            String etag,
            Map<String, String> headers,
            Condition condition)
            throws ArchiveException {
        return uploads.complete(upload, parts, etag, headers, condition);
    }

    @Override
    public boolean abort(Upload upload) throws ArchiveException {
        return uploads.abort(upload);
    }

    /// Ends this life of the archive in order. Whoever still reads can go on.
    @Override
    public void close() {
        files.close();
        index.rows().close();
    }
}
