package dev.cairn.archive;

import java.util.List;
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

    /// How many objects are best asked for by one [#getAll]: 1 where each is a call of its own.
    default int together() {
        return 1;
    }

    /// Reads several objects, each as by [#get].
    ///
    /// @param taker called once for each key, in their order, on the thread that called this
    default void getAll(String bucket, List<String> keys, Taker taker) {
        for (int i = 0; i < keys.size(); i++) {
            String key = keys.get(i);
            taker.take(i, () -> get(bucket, key));
        }
    }

    /// Takes one object of several.
    @FunctionalInterface
    interface Taker {
        /// @param index of its key among those that were asked for
        /// @param object to be opened while this runs, once at most
        void take(int index, Pending object);
    }

    /// An object that can be read now.
    @FunctionalInterface
    interface Pending {
        /// As [Buckets#get]; the caller closes what it gets.
        Optional<Archive.Content> open() throws ArchiveException;
    }

    /// Keys that start with a prefix, behind `after`, in order.
    ///
    /// @param after empty for the first page
    /// @param max at most this many, 1 to [#LIST_MAX]
    Archive.Page list(String bucket, String prefix, String after, int max) throws ArchiveException;
}
