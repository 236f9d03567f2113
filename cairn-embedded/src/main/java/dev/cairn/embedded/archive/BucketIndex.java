package dev.cairn.embedded.archive;

import static dev.cairn.embedded.archive.Failed.failed;

import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.Keeping;
import dev.cairn.archive.ObjectStore;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/// The index together with the buckets it is for, which lie in another catalog: a transaction of
/// the index sees a bucket that stays, and stays as it is, until the transaction is over.
final class BucketIndex {
    private final Catalog rows;
    private final BucketRegister buckets;
    private final Map<String, ReentrantReadWriteLock> locks = new ConcurrentHashMap<>();

    BucketIndex(Catalog rows, BucketRegister buckets) {
        this.rows = rows;
        this.buckets = buckets;
    }

    /// The index itself, see [Rows].
    Catalog rows() {
        return rows;
    }

    /// A bucket as it is.
    ///
    /// @throws ArchiveException NO_SUCH_BUCKET
    Bucket bucket(String name) throws ArchiveException {
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

    /// A version of a key, which may be a delete marker.
    Optional<Stored> find(String bucket, String key, String version) throws ArchiveException {
        try {
            return ObjectStore.isKey(key)
                    ? Versions.find(rows, bucket, key, version)
                    : Optional.empty();
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    /// What is done in a transaction.
    interface Work<T> {
        T in(Transaction tx) throws CatalogException, ArchiveException;
    }

    /// Runs a transaction of the index while its bucket stays.
    <T> T in(String bucket, Work<T> work) throws ArchiveException {
        var lock = lock(bucket).readLock();
        lock.lock();
        try {
            bucket(bucket);
            return rows.<T, ArchiveException>write(work::in);
        } catch (CatalogException e) {
            throw failed(e);
        } finally {
            lock.unlock();
        }
    }

    /// Sees that a bucket keeps its objects as it did when a file was written for it.
    ///
    /// @throws ArchiveException UNAVAILABLE when it has changed that: try again
    void checkSame(String bucket, Keeping keeping) throws ArchiveException {
        if (!bucket(bucket).keeping().withLifecycle("").equals(keeping.withLifecycle(""))) {
            throw new ArchiveException(
                    ArchiveException.Kind.UNAVAILABLE,
                    "OperationAborted",
                    "the bucket %s has just changed how it keeps its objects; try again"
                            .formatted(bucket));
        }
    }

    /// Sees to it that nothing is changed in a bucket until a transaction of the bucket's own
    /// catalog ends.
    void hold(Transaction tx, String bucket) {
        var lock = lock(bucket).writeLock();
        tx.hold(lock::lock, lock::unlock);
    }

    private ReentrantReadWriteLock lock(String bucket) {
        return locks.computeIfAbsent(bucket, _ -> new ReentrantReadWriteLock());
    }
}
