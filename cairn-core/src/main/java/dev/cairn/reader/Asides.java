package dev.cairn.reader;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a reader set aside, by name (invariant I9): of a kind of documents, in the order in which
/// events were set aside, of which the newest [#MAX] stay.
public final class Asides {
    /// How many of what was set aside are named.
    public static final int MAX = 1_000;

    private final String kind;

    public Asides(String kind) {
        this.kind = kind;
    }

    /// Events that could not be taken.
    ///
    /// @param position of the first of them
    public record Aside(String position, long count, String reason) {}

    /// Adds to them.
    ///
    /// @param before how often something was set aside before
    /// @return how often it was now
    public long add(Transaction tx, long before, List<Aside> more) throws CatalogException {
        long asides = before;
        for (Aside aside : more) {
            asides++;
            tx.create(
                    kind,
                    number(asides),
                    Fields.none()
                            .with("position", aside.position())
                            .with("count", Long.toString(aside.count()))
                            .with("reason", aside.reason())
                            .json());
            Optional<Document> oldest =
                    asides <= MAX ? Optional.empty() : tx.get(kind, number(asides - MAX));
            if (oldest.isPresent()) {
                tx.delete(oldest.get());
            }
        }
        return asides;
    }

    private static String number(long aside) {
        return "%019d".formatted(aside);
    }

    /// The newest last.
    ///
    /// @param limit at most this many, 1 to [Catalog#LIMIT_MAX]
    public List<Aside> list(Catalog catalog, int limit) throws CatalogException {
        List<Aside> list = new ArrayList<>();
        for (Document document : catalog.list(kind, "", "", limit)) {
            Fields fields = Fields.of(document);
            list.add(
                    new Aside(
                            fields.text("position"),
                            Long.parseLong(fields.text("count")),
                            fields.text("reason")));
        }
        return list;
    }
}
