package dev.cairn.server.operation;

import dev.cairn.catalog.CatalogException;
import java.util.List;

/// Everything that reads the ledger now. Trails come and go, and each has a reader of its own.
@FunctionalInterface
public interface Readers {
    /// In an order that stays.
    List<ReaderView> now() throws CatalogException;
}
