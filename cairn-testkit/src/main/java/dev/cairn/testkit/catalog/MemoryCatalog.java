package dev.cairn.testkit.catalog;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.CatalogException.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/// A [Catalog] as a sorted map: a transaction works on a copy, and the copy becomes the catalog.
///
/// Durable as long as the object is; [#reopen] gives another one on the same documents, as a
/// restart would.
public final class MemoryCatalog implements Catalog {
    private record Name(String kind, String key) {}

    private static final Comparator<Name> ORDER =
            Comparator.comparing(Name::kind)
                    .thenComparing(name -> name.key().codePoints().toArray(), Arrays::compare);

    private final ReentrantLock turn = new ReentrantLock();
    private volatile TreeMap<Name, Document> documents = new TreeMap<>(ORDER);
    private volatile boolean closed;

    /// A new catalog that starts with what this one holds.
    public MemoryCatalog reopen() {
        MemoryCatalog next = new MemoryCatalog();
        next.documents = documents;
        return next;
    }

    @Override
    public Optional<Document> get(String kind, String key) throws CatalogException {
        refuseWhenClosed();
        return get(documents, kind, key);
    }

    @Override
    public List<Document> list(String kind, String keyPrefix, String after, int limit)
            throws CatalogException {
        refuseWhenClosed();
        return list(documents, kind, keyPrefix, after, limit);
    }

    @Override
    public List<Document> list(String kind, Range range, int limit, long charsMax)
            throws CatalogException {
        refuseWhenClosed();
        Catalog.checkName(kind);
        Catalog.checkLimit(limit);
        Catalog.checkCharsMax(charsMax);
        Name after = new Name(kind, range.after());
        Name before = new Name(kind, range.before());
        NavigableMap<Name, Document> between =
                ORDER.compare(after, before) < 0
                        ? documents.subMap(after, false, before, false)
                        : new TreeMap<>(ORDER);
        List<Document> page = new ArrayList<>();
        long chars = 0;
        for (Document document : (range.backward() ? between.descendingMap() : between).values()) {
            if (page.size() == limit || chars >= charsMax) {
                break;
            }
            page.add(document);
            chars += document.json().length();
        }
        return List.copyOf(page);
    }

    @Override
    public <T, X extends Exception> T write(Work<T, X> work) throws CatalogException, X {
        if (turn.isHeldByCurrentThread()) {
            throw new IllegalStateException("a transaction must not start another one");
        }
        MemoryTransaction transaction = new MemoryTransaction();
        turn.lock();
        try {
            refuseWhenClosed();
            transaction.copy.putAll(documents);
            T result = work.run(transaction);
            documents = transaction.copy;
            return result;
        } finally {
            transaction.ended = true;
            turn.unlock();
            transaction.atEnd.forEach(Runnable::run);
        }
    }

    @Override
    public void close() {
        closed = true;
    }

    private void refuseWhenClosed() throws CatalogException {
        if (closed) {
            throw new CatalogException(Kind.UNAVAILABLE, "the catalog is closed");
        }
    }

    private static Optional<Document> get(
            NavigableMap<Name, Document> from, String kind, String key) {
        Catalog.checkName(kind);
        Catalog.checkName(key);
        return Optional.ofNullable(from.get(new Name(kind, key)));
    }

    private static List<Document> list(
            NavigableMap<Name, Document> from,
            String kind,
            String keyPrefix,
            String after,
            int limit) {
        Catalog.checkName(kind);
        Catalog.checkLimit(limit);
        return from.tailMap(new Name(kind, after), false).values().stream()
                .takeWhile(document -> document.kind().equals(kind))
                .filter(document -> document.key().startsWith(keyPrefix))
                .limit(limit)
                .toList();
    }

    private static final class MemoryTransaction implements Transaction {
        private final TreeMap<Name, Document> copy = new TreeMap<>(ORDER);
        private final List<Runnable> atEnd = new ArrayList<>();
        private boolean ended;

        @Override
        public Optional<Document> get(String kind, String key) {
            refuseWhenEnded();
            return MemoryCatalog.get(copy, kind, key);
        }

        @Override
        public List<Document> list(String kind, String keyPrefix, String after, int limit) {
            refuseWhenEnded();
            return MemoryCatalog.list(copy, kind, keyPrefix, after, limit);
        }

        @Override
        public void create(String kind, String key, String json) throws CatalogException {
            if (get(kind, key).isPresent()) {
                throw new CatalogException(
                        Kind.CONFLICT, "expected no document %s/%s".formatted(kind, key));
            }
            copy.put(new Name(kind, key), new Document(kind, key, 1, json));
        }

        @Override
        public void replace(Document old, String json) throws CatalogException {
            expectUnchanged(old);
            copy.put(
                    new Name(old.kind(), old.key()),
                    new Document(old.kind(), old.key(), old.version() + 1, json));
        }

        @Override
        public void delete(Document old) throws CatalogException {
            expectUnchanged(old);
            copy.remove(new Name(old.kind(), old.key()));
        }

        @Override
        public void atEnd(Runnable action) {
            atEnd.add(action);
        }

        @Override
        public void hold(Runnable take, Runnable giveBack) {
            refuseWhenEnded();
            take.run();
            atEnd.add(giveBack);
        }

        private void expectUnchanged(Document old) throws CatalogException {
            Optional<Document> now = get(old.kind(), old.key());
            if (now.isEmpty() || now.get().version() != old.version()) {
                throw new CatalogException(
                        Kind.CONFLICT,
                        "expected %s/%s at version %d"
                                .formatted(old.kind(), old.key(), old.version()));
            }
        }

        private void refuseWhenEnded() {
            if (ended) {
                throw new IllegalStateException("a transaction is used within its work");
            }
        }
    }
}
