package dev.cairn.catalog;

import java.util.List;
import java.util.Optional;

/// The port for small, precious documents. A document is JSON text under a kind and a key, with a
/// version that rises by one with each change.
///
/// Kinds and keys are 1 to [#NAME_CHARS_MAX] characters of well-formed Unicode without control
/// characters; every method refuses others with an `IllegalArgumentException`. Keys are ordered by
/// code point.
///
/// Any thread may call any method. A transaction sees one state of the catalog and is durable
/// (fsync, or a quorum) when [#write] returns; another one never sees half of it. What a
/// transaction saw is durable, too, when [#write] returns or throws. After [#close] every method
/// throws UNAVAILABLE.
public interface Catalog extends AutoCloseable {

    /// The longest kind or key, in UTF-16 characters: the longest key of S3 (1024 bytes), and room
    /// for what stands behind it.
    int NAME_CHARS_MAX = 1024 + 64;

    /// The most documents that one [#list] gives.
    int LIMIT_MAX = 1000;

    /// @throws CatalogException when the catalog does not answer
    Optional<Document> get(String kind, String key) throws CatalogException;

    /// Documents of a kind whose keys start with a prefix, in order of key, behind `after`.
    ///
    /// @param keyPrefix empty for all
    /// @param after the last key of the page before; empty for the first page
    /// @param limit at most this many, 1 to [#LIMIT_MAX]
    List<Document> list(String kind, String keyPrefix, String after, int limit)
            throws CatalogException;

    /// Documents of a kind whose keys lie in a range, of which each may be large: a page ends with
    /// the one that makes it `charsMax` characters of JSON or more. So it is empty only when there
    /// are none.
    ///
    /// @param limit at most this many, 1 to [#LIMIT_MAX]
    /// @param charsMax from 1
    List<Document> list(String kind, Range range, int limit, long charsMax) throws CatalogException;

    /// Runs a transaction and makes it durable. When `work` throws, nothing is changed. Writers
    /// take turns: no work begins before that of an earlier one is over. It sees what the earlier
    /// one did, which outside of transactions may not be seen yet.
    ///
    /// @throws CatalogException with kind CONFLICT when a compare-and-set failed; UNAVAILABLE when
    ///   it, or what it saw, could not be made durable: it then is not seen by this process, but
    ///   may be there after a crash. Transactions that become durable together share that
    <T, X extends Exception> T write(Work<T, X> work) throws CatalogException, X;

    @Override
    void close();

    /// A document as it stands.
    ///
    /// @param version from 1; a document made again under an old key starts at 1 again
    record Document(String kind, String key, long version, String json) {}

    /// Keys between two others, which are not in it.
    ///
    /// @param after empty for all from the first
    /// @param before as it may be written of a key; may be before `after`: then nothing lies
    ///   between
    /// @param backward whether the last key comes first
    record Range(String after, String before, boolean backward) {}

    /// What a transaction does. May be run once only; must not start another transaction (an
    /// `IllegalStateException`).
    @FunctionalInterface
    interface Work<T, X extends Exception> {
        T run(Transaction transaction) throws CatalogException, X;
    }

    /// Reads and writes within one transaction, on the thread that runs it, until it ends; it sees
    /// its own changes.
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

        /// Has something done when the transaction has ended, before [Catalog#write] returns,
        /// whether its changes were made or not: what a cache needs to forget in time. It must not
        /// throw.
        void atEnd(Runnable action);

        /// Takes what other transactions may wait for, such as a lock, and gives it back when this
        /// one has ended. To be used rather than [#atEnd] alone: transactions may become durable
        /// together, and one that waited within its work for what an earlier one holds would wait
        /// for who waits for it. The work of later ones does not begin before this one is durable.
        ///
        /// @param take may wait; runs at once
        /// @param giveBack as [#atEnd]
        void hold(Runnable take, Runnable giveBack);
    }

    /// Refuses what may not be a kind or a key. For implementations.
    ///
    /// @throws IllegalArgumentException when it may not
    static void checkName(String name) {
        if (name.isEmpty() || name.length() > NAME_CHARS_MAX) {
            throw new IllegalArgumentException(
                    "expected a name of 1 to %d characters, got %d"
                            .formatted(NAME_CHARS_MAX, name.length()));
        }
        name.codePoints()
                .filter(c -> Character.isISOControl(c) || (c >= 0xD800 && c <= 0xDFFF))
                .findFirst()
                .ifPresent(c -> {
                    throw new IllegalArgumentException(
                            "a name may not contain U+%04X".formatted(c));
                });
    }

    /// Refuses a page size out of bounds. For implementations.
    ///
    /// @throws IllegalArgumentException when it is
    static void checkLimit(int limit) {
        if (limit < 1 || limit > LIMIT_MAX) {
            throw new IllegalArgumentException(
                    "expected a limit of 1 to %d, got %d".formatted(LIMIT_MAX, limit));
        }
    }

    /// Refuses a page that could have nothing. For implementations.
    ///
    /// @throws IllegalArgumentException when it could
    static void checkCharsMax(long charsMax) {
        if (charsMax < 1) {
            throw new IllegalArgumentException(
                    "expected a bound of 1 or more characters, got " + charsMax);
        }
    }
}
