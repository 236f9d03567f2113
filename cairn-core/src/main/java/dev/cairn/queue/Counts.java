package dev.cairn.queue;

import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import java.util.Optional;

/// How many messages a queue holds. A message that has just come out of hiding counts as hidden
/// until the next one is received.
///
/// @param ready that may be received
/// @param delayed that were never received, and may not yet be
/// @param inFlight that were received, and neither deleted since nor come back
public record Counts(long ready, long delayed, long inFlight) {
    static final String KIND = "queue-count";
    static final Counts NONE = new Counts(0, 0, 0);

    /// A copy with one message more of that standing.
    Counts with(Held held) {
        return plus(held, 1);
    }

    /// A copy with one message fewer of that standing.
    Counts without(Held held) {
        return plus(held, -1);
    }

    private Counts plus(Held held, int count) {
        if (!held.hidden()) {
            return new Counts(ready + count, delayed, inFlight);
        }
        return held.inFlight()
                ? new Counts(ready, delayed, inFlight + count)
                : new Counts(ready, delayed + count, inFlight);
    }

    static Counts read(Optional<Document> document) throws CatalogException {
        if (document.isEmpty()) {
            return NONE;
        }
        Fields fields = Fields.of(document.get());
        return new Counts(
                Long.parseLong(fields.text("ready")),
                Long.parseLong(fields.text("delayed")),
                Long.parseLong(fields.text("inFlight")));
    }

    void write(Transaction tx, String store) throws CatalogException {
        String json =
                Fields.none()
                        .with("ready", Long.toString(ready))
                        .with("delayed", Long.toString(delayed))
                        .with("inFlight", Long.toString(inFlight))
                        .json();
        Optional<Document> old = tx.get(KIND, store);
        if (old.isEmpty()) {
            tx.create(KIND, store, json);
        } else if (!old.get().json().equals(json)) {
            tx.replace(old.get(), json);
        }
    }
}
