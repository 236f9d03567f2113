package dev.cairn.catalog;

import java.util.List;
import java.util.Optional;

/// The port for small, precious documents. A document is JSON text under a kind and a key, with a
/// version that rises by one with each change.
///
/// Any thread may call any method. A transaction sees one state of the catalog and is durable
/// (fsync, or a quorum) when [#write] returns; another one never sees half of it.
public interface Catalog extends AutoCloseable {

    /// @throws CatalogException when the catalog does not answer
    Optional<Document> get(String kind, String key) throws CatalogException;

    /// Documents of a kind whose keys start with a prefix, in order of key, behind `after`.
    ///
    /// @param after the last key of the page before; empty for the first page
    /// @param limit at most this many, 1 to 1000
    List<Document> list(String kind, String keyPrefix, String after, int limit)
            throws CatalogException;

    /// Runs a transaction and makes it durable. When `work` throws, nothing is changed.
    ///
    /// @throws CatalogException with kind CONFLICT when a compare-and-set failed
    <T, X extends Exception> T write(Work<T, X> work) throws CatalogException, X;

    @Override
    void close();

    /// A document as it stands.
    ///
    /// @param version from 1
    record Document(String kind, String key, long version, String json) {}

    /// What a transaction does. May be run once only; must not start another transaction.
    @FunctionalInterface
    interface Work<T, X extends Exception> {
        T run(Transaction transaction) throws CatalogException, X;
    }

    /// Reads and writes within one transaction.
    interface Transaction {
        Optional<Document> get(String kind, String key) throws CatalogException;

        List<Document> list(String kind, String keyPrefix, String after, int limit)
                throws CatalogException;

        /// Makes a new document; CONFLICT when there is one.
        void create(String kind, String key, String json) throws CatalogException;

        /// Changes a document that stands at that version; CONFLICT when it does not.
        void replace(Document old, String json) throws CatalogException;

        /// Removes a document that stands at that version; CONFLICT when it does not.
        void delete(Document old) throws CatalogException;
    }
}
