package dev.cairn.reader;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import java.util.Optional;

/// The document in which a reader of the whole ledger says where it stands: one of its kind, under
/// `state`.
///
/// @param kind of documents
public record StandingDocument(String kind) {
    private static final String KEY = "state";

    /// Empty before the reader's first step.
    public Optional<Document> find(Catalog catalog) throws CatalogException {
        return catalog.get(kind, KEY);
    }

    /// Where the reader of a catalog stands; empty before its first step.
    public Optional<Standing> standing(Catalog catalog) throws CatalogException {
        Optional<Document> document = find(catalog);
        return document.isEmpty()
                ? Optional.empty()
                : Optional.of(Standing.of(Fields.of(document.get())));
    }

    /// The first offset of a partition that the reader still needs; `Long.MAX_VALUE` before its
    /// first step.
    public long lowest(Catalog catalog, int partition) throws CatalogException {
        return standing(catalog)
                .map(standing -> standing.cursors().get(partition))
                .orElse(Long.MAX_VALUE);
    }

    /// Makes it.
    ///
    /// @param beginning the fields of [Standing#beginning], and what the reader has besides
    public void begin(Catalog catalog, Fields beginning) throws CatalogException {
        catalog.<Boolean, RuntimeException>write(tx -> {
            tx.create(kind, KEY, beginning.json());
            return true;
        });
    }
}
