package dev.cairn.testkit.catalog;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;

/// A catalog that fails, or whose caller dies, where [Faults] says so.
public final class FaultyCatalog implements Catalog {
    private final Catalog catalog;
    private final Supplier<? extends Faults> faults;

    /// @param faults asked at each call
    public FaultyCatalog(Catalog catalog, Supplier<? extends Faults> faults) {
        this.catalog = catalog;
        this.faults = faults;
    }

    /// What goes wrong: each may throw what it likes of the unchecked, too.
    public interface Faults {
        /// Nothing goes wrong.
        Faults NONE = new Faults() {};

        /// One call of so many fails: before documents are read, before a transaction is durable,
        /// or after it is.
        static Faults oneOf(int calls, Random chance) {
            return new Faults() {
                private void maybe() throws CatalogException {
                    if (chance.nextInt(calls) == 0) {
                        throw new CatalogException(CatalogException.Kind.UNAVAILABLE, "not now");
                    }
                }

                @Override
                public void beforeRead() throws CatalogException {
                    maybe();
                }

                @Override
                public void inWrite() throws CatalogException {
                    maybe();
                }

                @Override
                public void afterWrite() throws CatalogException {
                    maybe();
                }
            };
        }

        /// Told before documents are read outside a transaction.
        default void beforeRead() throws CatalogException {}

        /// Told when documents were read outside a transaction.
        ///
        /// @param documents how many there were
        default void afterRead(int documents) {}

        /// Told before a transaction begins.
        default void beforeWrite() throws CatalogException {}

        /// Told when a transaction's work is done, and not durable yet.
        default void inWrite() throws CatalogException {}

        /// Told when a transaction is durable.
        default void afterWrite() throws CatalogException {}
    }

    @Override
    public Optional<Document> get(String kind, String key) throws CatalogException {
        faults.get().beforeRead();
        Optional<Document> found = catalog.get(kind, key);
        faults.get().afterRead(found.isPresent() ? 1 : 0);
        return found;
    }

    @Override
    public List<Document> list(String kind, String keyPrefix, String after, int limit)
            throws CatalogException {
        faults.get().beforeRead();
        List<Document> found = catalog.list(kind, keyPrefix, after, limit);
        faults.get().afterRead(found.size());
        return found;
    }

    @Override
    public List<Document> list(String kind, Range range, int limit, long charsMax)
            throws CatalogException {
        faults.get().beforeRead();
        List<Document> found = catalog.list(kind, range, limit, charsMax);
        faults.get().afterRead(found.size());
        return found;
    }

    @Override
    public <T, X extends Exception> T write(Work<T, X> work) throws CatalogException, X {
        faults.get().beforeWrite();
        T result =
                catalog.<T, X>write(tx -> {
                    T done = work.run(tx);
                    faults.get().inWrite();
                    return done;
                });
        faults.get().afterWrite();
        return result;
    }

    @Override
    public void close() {
        catalog.close();
    }
}
