package dev.cairn.archive;

import dev.cairn.catalog.Catalog;
import java.io.IOException;
import java.io.InputStream;
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

    Optional<Stored> find(String bucket, String key) throws ArchiveException;

    /// Opens an object; what is read is one version of it, whatever happens to the key meanwhile.
    /// The caller closes it.
    Optional<Reading> read(String bucket, String key) throws ArchiveException;

    /// Opens the version that was found, or the one that has taken its place meanwhile; empty when
    /// there is none any more. The caller closes it.
    Optional<Reading> read(String bucket, Stored found) throws ArchiveException;

    /// Starts to take bytes for an object or part of a bucket. The caller commits or discards.
    Draft draft(String bucket) throws ArchiveException;

    /// Changes what is told of an object, and nothing of its bytes.
    ///
    /// @return false when it is no longer that object
    boolean describe(String bucket, Stored object, Map<String, String> headers)
            throws ArchiveException;

    /// @return false when there was none
    boolean delete(String bucket, String key) throws ArchiveException;

    /// Objects whose keys start with a prefix, behind `after`, in order.
    ///
    /// @param max 1 to [Archive#LIST_MAX]
    List<Stored> objects(String bucket, String prefix, String after, int max)
            throws ArchiveException;

    /// Sees to it that nothing is put into a bucket until the transaction ends, in which the caller
    /// removes it.
    ///
    /// @return false when there are objects or unfinished uploads in it
    boolean closeEmpty(Catalog.Transaction tx, String bucket) throws ArchiveException;

    /// Starts an upload in parts.
    ///
    /// @param headers of the object to be
    Upload startUpload(String bucket, String key, String initiator, Map<String, String> headers)
            throws ArchiveException;

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
    record Stored(
            String key,
            long length,
            Instant stored,
            String file,
            String etag,
            Map<String, String> headers) {
        public Stored {
            headers = Map.copyOf(headers);
        }

        /// A header; empty text when there is none.
        public String header(String name) {
            return headers.getOrDefault(name, "");
        }
    }

    /// An upload in parts that is under way.
    record Upload(
            String bucket,
            String key,
            String id,
            Instant started,
            String initiator,
            Map<String, String> headers) {}

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
        /// @return empty when the condition does not hold
        Optional<Stored> commit(
                String key, String etag, Map<String, String> headers, Condition condition)
                throws ArchiveException;

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
