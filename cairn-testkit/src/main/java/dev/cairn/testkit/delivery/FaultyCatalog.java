package dev.cairn.testkit.delivery;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// A catalog whose transactions may be what the process dies at.
final class FaultyCatalog implements Catalog {
    private final Catalog catalog;
    private final Supplier<Faults> faults;

    FaultyCatalog(Catalog catalog, Supplier<Faults> faults) {
        this.catalog = catalog;
        this.faults = faults;
    }

    @Override
    public Optional<Document> get(String kind, String key) throws CatalogException {
        return catalog.get(kind, key);
    }

    @Override
    public List<Document> list(String kind, String keyPrefix, String after, int limit)
            throws CatalogException {
        return catalog.list(kind, keyPrefix, after, limit);
    }

    @Override
    public <T, X extends Exception> T write(Work<T, X> work) throws CatalogException, X {
        faults.get().beforeWrite();
        T result = catalog.write(work);
        faults.get().afterWrite();
        return result;
    }

    @Override
    public void close() {
        catalog.close();
    }
}
