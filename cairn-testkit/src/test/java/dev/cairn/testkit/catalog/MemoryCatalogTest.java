package dev.cairn.testkit.catalog;

import dev.cairn.catalog.Catalog;

class MemoryCatalogTest extends CatalogContract {
    @Override
    protected Catalog newCatalog() {
        return new MemoryCatalog();
    }
}
