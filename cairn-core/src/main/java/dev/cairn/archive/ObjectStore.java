package dev.cairn.archive;

import dev.cairn.catalog.Catalog;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What an S3 front needs of the built-in archive, beyond [Archive]. It asks no policy: its caller
/// has.
///
/// Any thread may call any method. What a commit has returned from is durable. Keys are non-empty,
/// at most 1024 bytes of UTF-8 and without control characters ([#isKey]), ordered by their bytes.
public interface ObjectStore {

    /// Whether an object may have that key.
    static boolean isKey(String key) {
        return !key.isEmpty()
                && key.getBytes(java.nio.charset.StandardCharsets.UTF_8).length <= 1024
                && key.codePoints()
                        .noneMatch(c -> Character.isISOControl(c) || (c >= 0xD800 && c <= 0xDFFF));
    }

    /// What a key holds: its newest version, unless that is a delete marker.
    Optional<Stored> find(String bucket, String key) throws ArchiveException;

    /// A version of a key, which may be a delete marker.
    ///
    /// @param version its id, as on the wire
    Optional<Stored> find(String bucket, String key, String version) throws ArchiveException;

    /// The newest version of a key, which may be a delete marker.
    Optional<Stored> newest(String bucket, String key) throws ArchiveException;

    /// Opens an object; what is read is one version of it, whatever happens to the key meanwhile.
    /// The caller closes it.
    ///
    /// @param opener asked for the key of what is encrypted under a KMS key
    Optional<Reading> read(String bucket, String key, Opener opener) throws ArchiveException;

    /// Opens the version that was found, or the one that has taken its place meanwhile where it had
    /// no id of its own; empty when there is none any more. The caller closes it.
    ///
    /// @param opener asked for the key of what is encrypted under a KMS key
    Optional<Reading> read(String bucket, Stored found, Opener opener) throws ArchiveException;

    /// The same for what is encrypted under no KMS key.
    default Optional<Reading> read(String bucket, String key) throws ArchiveException {
        return read(bucket, key, Opener.NONE);
    }

    /// The same for what is encrypted under no KMS key.
    default Optional<Reading> read(String bucket, Stored found) throws ArchiveException {
        return read(bucket, found, Opener.NONE);
    }

    /// Gives the key of an object to whoever reads it.
    @FunctionalInterface
    interface Opener {
        /// For who has no right to any KMS key.
        Opener NONE =
                wrapped -> {
                    throw new ArchiveException(
                            ArchiveException.Kind.DENIED,
                            "AccessDenied",
                            "the object is encrypted under " + wrapped.kmsKey());
                };

        /// @return the key, to be forgotten when the object is read
        byte[] open(WrappedKey wrapped) throws ArchiveException;
    }

    /// Starts to take bytes for an object or part of a bucket. The caller commits or discards.
    default Draft draft(String bucket) throws ArchiveException {
        return draft(bucket, Optional.empty());
    }

    /// The same for an object that is encrypted under a key of its own; what opens that is kept
    /// with it.
    Draft draft(String bucket, Optional<DataKey> under) throws ArchiveException;

    /// Changes what is told of an object, and nothing of its bytes.
    ///
    /// @return false when it is no longer that object
    boolean describe(String bucket, Stored object, Map<String, String> headers)
            throws ArchiveException;

    /// Deletes what a key holds. In a bucket with versions a marker takes its place, and nothing is
    /// removed but, where they are suspended, the version `null`.
    Removal remove(String bucket, String key) throws ArchiveException;

    /// Removes one version for good, unless its lock keeps it.
    ///
    /// @param version its id, as on the wire
    /// @param bypass whether the caller may bypass governance and said so
    Removal remove(String bucket, String key, String version, boolean bypass)
            throws ArchiveException;

    /// Does what a lifecycle rule says, for the version that it was judged by and no other: what a
    /// key holds is deleted as by [#remove(String, String)], all else is removed for good. Locks
    /// hold.
    ///
    /// @param latest whether it was its key's newest
    Removal expire(String bucket, Stored found, boolean latest) throws ArchiveException;

    /// Changes the lock of a version.
    ///
    /// @param wanted what the lock should be, of the one that is there
    /// @param bypass as for [#remove]
    Relocking lock(String bucket, String key, String version, Relock wanted, boolean bypass)
            throws ArchiveException;

    /// What a lock should become.
    @FunctionalInterface
    interface Relock {
        Lock of(Lock now);
    }

    /// What became of a change of a lock.
    sealed interface Relocking {
        /// It is as wanted, durably.
        record Relocked() implements Relocking {}

        /// There is no such version.
        record Absent() implements Relocking {}

        /// The lock that is there forbids it.
        record Refused() implements Relocking {}
    }

    /// Whether there was an object; see [#remove(String, String)].
    default boolean delete(String bucket, String key) throws ArchiveException {
        return !(remove(bucket, key) instanceof Removal.Absent);
    }

    /// What became of a removal.
    sealed interface Removal {
        /// That version is gone for good.
        record Removed(Version version) implements Removal {}

        /// A delete marker stands in front of what was there.
        record Marked(Version marker) implements Removal {}

        /// There is nothing to remove.
        record Absent() implements Removal {}

        /// Its lock keeps it.
        record Protected() implements Removal {}
    }

    /// All versions and markers whose keys start with a prefix, by key, of each key the newest
    /// first, behind one of them.
    ///
    /// @param after the key that the page before ended with; empty for the first page
    /// @param afterVersion the id it ended with; empty for what lies behind all versions of `after`
    /// @param max 1 to [Archive#LIST_MAX]
    List<ListedVersion> versions(
            String bucket, String prefix, String after, String afterVersion, int max)
            throws ArchiveException;

    /// A version as listed.
    ///
    /// @param latest whether it is its key's newest
    record ListedVersion(Stored object, boolean latest) {}

    /// The time that retention counts on: never before one it was at.
    Instant keepingTime() throws ArchiveException;

    /// How far that time went beyond what was seen of it ([#seeTime]): by the time that passed, or
    /// because the machine's clock was set forward.
    Duration unseenTime() throws ArchiveException;

    /// Notes that so much more of it was seen; what is beyond stays unseen, and adds up. The first
    /// time it is as if all had been.
    void seeTime(Duration more) throws ArchiveException;

    /// Whether there is a colder place that objects can move to.
    boolean hasCold();

    /// Moves the bytes of the version that was found to the colder place, or into a colder class
    /// there. They are read back from it and compared before they are deleted here. [#read] gives
    /// them from there; whether a caller may read them is told by [Storage#isReadable].
    ///
    /// What is encrypted under a KMS key stays so there.
    ///
    /// @return false when it is no longer as it was found; then nothing is changed
    /// @throws ArchiveException UNAVAILABLE when the colder place is away; DENIED when its KMS key
    ///   opens nothing; CORRUPT when the bytes are not those that were stored, here or there. The
    ///   object then stays as it was
    boolean cool(String bucket, Stored found, Storage.Type to) throws ArchiveException;

    /// Asks for a copy of a cold version here, or for it to stay longer. It is there after
    /// [#tendCold], at the latest when [Storage#until] says so.
    ///
    /// @param days that it stays, from when it is there; it goes at midnight UTC behind them
    Restoring restore(String bucket, Stored found, int days) throws ArchiveException;

    /// What became of asking for a copy.
    sealed interface Restoring {
        /// It is on its way: the wish is durable.
        record Begun() implements Restoring {}

        /// It was there, and stays until what was asked for now is over.
        record Extended() implements Restoring {}

        /// It was on its way already.
        record UnderWay() implements Restoring {}

        /// The version is not cold.
        record AtHand() implements Restoring {}

        /// There is no such version any more.
        record Absent() implements Restoring {}
    }

    /// Does what waits to be done between here and the colder place: brings back what was asked
    /// for, takes away copies whose time is over, and deletes there what nothing needs any more.
    /// What fails is told in the log and stays to be done.
    ///
    /// @param bytesMax how much is brought back at most, unless a single object is larger
    /// @return whether there is more to do now
    boolean tendCold(long bytesMax) throws ArchiveException;

    /// Objects whose keys start with a prefix, behind `after`, in order.
    ///
    /// @param max 1 to [Archive#LIST_MAX]
    List<Stored> objects(String bucket, String prefix, String after, int max)
            throws ArchiveException;

    /// Sees to it that nothing is put into a bucket until the transaction ends, in which the caller
    /// removes it.
    ///
    /// @return false when there are objects, versions or unfinished uploads in it
    boolean closeEmpty(Catalog.Transaction tx, String bucket) throws ArchiveException;

    /// Sees to it that nothing is put into a bucket or removed from it until the transaction ends,
    /// in which the caller changes how the bucket keeps its objects.
    void pause(Catalog.Transaction tx, String bucket);

    /// Starts an upload in parts.
    ///
    /// @param headers of the object to be
    /// @param lock of the object to be
    Upload startUpload(
            String bucket, String key, String initiator, Map<String, String> headers, Lock lock)
            throws ArchiveException;

    /// Starts an upload of an object without a lock of its own.
    default Upload startUpload(
            String bucket, String key, String initiator, Map<String, String> headers)
            throws ArchiveException {
        return startUpload(bucket, key, initiator, headers, Lock.NONE);
    }

    Optional<Upload> upload(String bucket, String key, String id) throws ArchiveException;

    /// Unfinished uploads of a bucket by key, behind that of `after`.
    ///
    /// @param after null for the first page
    List<Upload> uploads(String bucket, String prefix, @Nullable Upload after, int max)
            throws ArchiveException;

    /// Parts of an upload by number, behind `after`.
    List<Part> parts(Upload upload, int after, int max) throws ArchiveException;

    /// Makes an object of parts, in that order.
    ///
    /// @return empty when the condition does not hold, or the upload or a part is no longer there
    Optional<Stored> complete(
            Upload upload,
            List<Part> parts,
            String etag,
            Map<String, String> headers,
            Condition condition)
            throws ArchiveException;

    /// Gives an upload up with all its parts.
    ///
    /// @return false when there was none
    boolean abort(Upload upload) throws ArchiveException;

    /// When a commit may take place.
    sealed interface Condition {
        /// Whatever is there is replaced.
        record Always() implements Condition {}

        /// Only when the key is free.
        record IfAbsent() implements Condition {}

        /// Only in the place of the object with that ETag.
        record IfMatch(String etag) implements Condition {}
    }

    /// An object, all but its bytes.
    ///
    /// @param file what holds its bytes, told apart from every other version
    /// @param etag without quotes
    /// @param headers what a reader is told, by lower-case HTTP header name
    /// @param version which of its key's it is
    /// @param lock what keeps it from being removed
    /// @param storage where its bytes are
    record Stored(
            String key,
            long length,
            Instant stored,
            String file,
            String etag,
            Map<String, String> headers,
            Version version,
            Lock lock,
            Storage storage) {
        public Stored {
            headers = Map.copyOf(headers);
        }

        /// An object at hand.
        public Stored(
                String key,
                long length,
                Instant stored,
                String file,
                String etag,
                Map<String, String> headers,
                Version version,
                Lock lock) {
            this(key, length, stored, file, etag, headers, version, lock, Storage.STANDARD);
        }

        /// An object of a bucket without versions.
        public Stored(
                String key,
                long length,
                Instant stored,
                String file,
                String etag,
                Map<String, String> headers) {
            this(key, length, stored, file, etag, headers, Version.PLAIN, Lock.NONE);
        }

        public Stored withHeaders(Map<String, String> others) {
            return new Stored(key, length, stored, file, etag, others, version, lock, storage);
        }

        public Stored withLock(Lock other) {
            return new Stored(key, length, stored, file, etag, headers, version, other, storage);
        }

        public Stored withStorage(Storage other) {
            return new Stored(key, length, stored, file, etag, headers, version, lock, other);
        }

        /// A header; empty text when there is none.
        public String header(String name) {
            return headers.getOrDefault(name, "");
        }
    }

    /// Which of a key's versions one is.
    ///
    /// @param id as on the wire; `null` for what was put while its bucket made no versions
    /// @param order of two, the newer one's comes first; empty for what was put before its bucket
    ///   had versions
    /// @param marker whether it only says that the key was deleted
    record Version(String id, String order, boolean marker) {
        /// The id of what was put while its bucket made no versions.
        public static final String NULL = "null";

        /// What was put before its bucket had versions.
        public static final Version PLAIN = new Version(NULL, "", false);

        public boolean isNull() {
            return id.equals(NULL);
        }
    }

    /// An upload in parts that is under way.
    ///
    /// @param lock of the object to be
    record Upload(
            String bucket,
            String key,
            String id,
            Instant started,
            String initiator,
            Map<String, String> headers,
            Lock lock) {
        public Upload(
                String bucket,
                String key,
                String id,
                Instant started,
                String initiator,
                Map<String, String> headers) {
            this(bucket, key, id, started, initiator, headers, Lock.NONE);
        }
    }

    /// A part of an upload.
    ///
    /// @param number 1 to 10,000
    record Part(
            int number,
            long length,
            Instant stored,
            String file,
            String etag,
            Map<String, String> headers) {}

    /// An open object.
    interface Reading extends AutoCloseable {
        Stored object();

        /// Some of its bytes; may be asked for once. The stream ends with an `IOException` where
        /// bytes are not those stored.
        ///
        /// @param from 0 up to the length
        /// @param length at most what follows
        InputStream bytes(long from, long length);

        @Override
        void close();
    }

    /// Bytes on their way in. For one thread.
    interface Draft extends AutoCloseable {
        void write(byte[] bytes, int offset, int length) throws IOException;

        /// Makes an object of what was written.
        ///
        /// @param lock what it is to be locked by; where it names no retention, the bucket's own
        ///   holds
        /// @return empty when the condition does not hold
        /// @throws ArchiveException DENIED when a locked object would be replaced; UNAVAILABLE when
        ///   the bucket has just changed how it keeps its objects: try again
        Optional<Stored> commit(
                String key,
                String etag,
                Map<String, String> headers,
                Condition condition,
                Lock lock)
                throws ArchiveException;

        /// Makes an object of what was written, locked as its bucket says.
        default Optional<Stored> commit(
                String key, String etag, Map<String, String> headers, Condition condition)
                throws ArchiveException {
            return commit(key, etag, headers, condition, Lock.NONE);
        }

        /// Makes a part of what was written, in place of any with that number.
        ///
        /// @return empty when the upload is no longer there
        Optional<Part> commit(Upload upload, int number, String etag, Map<String, String> headers)
                throws ArchiveException;

        /// Gives up what was not committed.
        @Override
        void close();
    }
}
