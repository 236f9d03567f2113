package dev.cairn.delivery;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import dev.cairn.digest.RunEnds;
import dev.cairn.digest.Sealing;
import dev.cairn.digest.Unsealed;
import java.util.ArrayList;
import java.util.List;

/// What delivery says of buckets from its own books, for who proves one: where chains of digests
/// must end, which files wait for their digest, and which no digest beside them names.
///
/// It is read in pages of the catalog. While they are read deliveries go on: what was so from the
/// first page to the last is in them, and what changed meanwhile may be in them as it was or as it
/// is.
public final class Testimony {
    private static final char BEHIND_KIND = ':';

    private final Catalog catalog;

    public Testimony(Catalog catalog) {
        this.catalog = catalog;
    }

    /// A file that is decided, perhaps delivered, and in no digest yet.
    public record Pending(String account, String bucket, String object) {}

    /// @param next what to ask for the page behind this one; empty when there is none
    public record Page<T>(List<T> items, String next) {
        public Page {
            items = List.copyOf(items);
        }
    }

    /// The last digests of runs, of all trails that ever were.
    ///
    /// @param after empty for the first page, else the `next` of the page before
    public Page<RunEnds.RunEnd> heads(String after) throws CatalogException {
        return page(
                RunEnds.KINDS,
                after,
                (document, items) -> RunEnds.of(document).ifPresent(items::add));
    }

    /// Files that wait for their digest.
    ///
    /// @param after as above
    public Page<Pending> pending(String after) throws CatalogException {
        // A file that is delivered meanwhile moves from the first kind to the second.
        return page(
                List.of(TrailDelivery.INTENT, Sealing.FILE),
                after,
                (document, items) -> {
                    if (document.kind().equals(Sealing.FILE)) {
                        Sealing.Waiting waiting = Sealing.waiting(document);
                        items.add(
                                new Pending(waiting.account(), waiting.bucket(), waiting.object()));
                    } else {
                        Intent intent = Intent.of(document);
                        items.add(
                                new Pending(
                                        intent.place().account(),
                                        intent.bucket(),
                                        intent.object()));
                    }
                });
    }

    /// Spans of files that no digest beside them names.
    ///
    /// @param after as above
    public Page<Unsealed> unsealed(String after) throws CatalogException {
        return page(
                List.of(Unsealed.KIND),
                after,
                (document, items) -> items.add(Unsealed.of(document)));
    }

    @FunctionalInterface
    private interface Reading<T> {
        void read(Document document, List<T> items) throws CatalogException;
    }

    private <T> Page<T> page(List<String> kinds, String after, Reading<T> reading)
            throws CatalogException {
        int colon = after.indexOf(BEHIND_KIND);
        int kind = colon < 0 ? 0 : kinds.indexOf(after.substring(0, colon));
        if (kind < 0) {
            return new Page<>(List.of(), "");
        }
        List<Document> documents =
                catalog.list(kinds.get(kind), "", after.substring(colon + 1), Catalog.LIMIT_MAX);
        List<T> items = new ArrayList<>();
        for (Document document : documents) {
            reading.read(document, items);
        }
        String next = "";
        if (documents.size() == Catalog.LIMIT_MAX) {
            next = kinds.get(kind) + BEHIND_KIND + documents.getLast().key();
        } else if (kind + 1 < kinds.size()) {
            next = kinds.get(kind + 1) + BEHIND_KIND;
        }
        return new Page<>(items, next);
    }
}
