package dev.cairn.archive;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The port for buckets and objects, as delivery and verification need them.
///
/// What [Buckets] says of keys, buckets and threads holds here too.
public interface Archive extends Buckets, AutoCloseable {

    /// Stores an object unless the key is taken, atomically: of many at once, one puts. When this
    /// returns, the object is durable with its metadata.
    ///
    /// @param as whose rights decide; the bucket's policy is asked
    /// @param content the bytes to store, exactly
    /// @param type `Content-Type`, and what else a reader is told
    /// @throws ArchiveException TIMEOUT when it may or may not be stored: ask [#get] or put again
    Put putIfAbsent(Writer as, String bucket, String key, byte[] content, Description type)
            throws ArchiveException;

    /// Stores an object of any length unless the key is taken, as the other does.
    ///
    /// @param length of the content in bytes
    /// @param content read once, from where it is; closed by the caller
    /// @throws IOException when the content cannot be read, or is shorter: nothing is stored then
    Put putIfAbsent(
            Writer as,
            String bucket,
            String key,
            long length,
            InputStream content,
            Description type)
            throws ArchiveException, IOException;

    /// What keeps a writer from putting objects below a prefix, as CloudTrail checks it when a
    /// trail is made or changed.
    ///
    /// @param keyPrefix what the writer's keys start with, such as `logs/AWSLogs/123456789012/`
    /// @return the sentence and the policy statement that is missing; empty when nothing is
    /// @throws ArchiveException NO_SUCH_BUCKET; UNAVAILABLE when it cannot be told
    Optional<String> missingRight(Writer as, String bucket, String keyPrefix)
            throws ArchiveException;

    @Override
    void close();

    /// On whose behalf an object is put: CloudTrail's service principal for a trail, so that bucket
    /// policies with `aws:SourceArn` mean what they say.
    ///
    /// @param account the trail's account
    /// @param trailArn `aws:SourceArn`
    /// @param kmsKey the KMS key that the object is to be encrypted under; null for the store's own
    record Writer(String account, String trailArn, @Nullable String kmsKey) {
        /// For a trail without a KMS key.
        public Writer(String account, String trailArn) {
            this(account, trailArn, null);
        }
    }

    /// What is stored beside the bytes.
    ///
    /// @param contentType such as `application/json`
    /// @param contentEncoding `gzip`, or empty
    /// @param metadata user metadata without the `x-amz-meta-` prefix, lower-case names
    record Description(String contentType, String contentEncoding, Map<String, String> metadata) {
        public Description {
            metadata = Map.copyOf(metadata);
        }
    }

    /// What became of a put.
    enum Put {
        /// Stored by this call.
        STORED,
        /// The key was taken; the object there is untouched and may be another one.
        TAKEN
    }

    /// An object as read.
    ///
    /// @param length in bytes
    record Content(long length, Instant stored, Description description, InputStream bytes)
            implements AutoCloseable {
        @Override
        public void close() throws IOException {
            bytes.close();
        }
    }

    /// A page of a listing.
    ///
    /// @param objects in order of key
    /// @param more whether there are keys behind the last one
    record Page(List<Listed> objects, boolean more) {}

    /// An object as listed.
    record Listed(String key, long length, Instant stored) {}
}
