package dev.cairn.embedded.delivery;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.testkit.fault.HaltingDisk;
import java.util.List;
import java.util.Optional;

/// A catalog whose transactions count among the operations of a [HaltingDisk]: SQLite writes on its
/// own.
public record HaltingCatalog(Catalog catalog, HaltingDisk disk) implements Catalog {
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
    public List<Document> list(String kind, Range range, int limit, long charsMax)
            throws CatalogException {
        return catalog.list(kind, range, limit, charsMax);
    }

    @Override
    public <T, X extends Exception> T write(Work<T, X> work) throws CatalogException, X {
        boolean haltAfter = disk.begin();
        T result = catalog.write(work);
        disk.end(haltAfter);
        return result;
    }

    @Override
    public void close() {
        catalog.close();
    }
}
