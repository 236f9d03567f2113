package dev.cairn.archive;

import java.util.Optional;

/// The reading half of an [Archive]: all that whoever proves a bucket may use.
///
/// Any thread may call any method. Keys are UTF-8 of 1 to 1024 bytes and are ordered by their
/// bytes. Bucket names are those of S3. Methods throw [ArchiveException]; NO_SUCH_BUCKET where the
/// bucket is missing.
public interface Buckets {

    /// The most keys that one [#list] gives.
    int LIST_MAX = 1000;

    /// Reads an object whole or not at all; the stream ends with an `IOException` where bytes are
    /// not those stored. Empty when there is none. The caller closes it.
    Optional<Archive.Content> get(String bucket, String key) throws ArchiveException;

    /// Keys that start with a prefix, behind `after`, in order.
    ///
    /// @param after empty for the first page
    /// @param max at most this many, 1 to [#LIST_MAX]
    Archive.Page list(String bucket, String prefix, String after, int max) throws ArchiveException;
}
