package dev.cairn.embedded.archive;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/// The time that retention counts on, as the delivery clock does for files: it follows the
/// machine's clock, but never goes back behind what was written down.
///
/// It is written down with whatever goes because its retention is over: what was let go at a time
/// is never asked for again at an earlier one. Nothing tells a clock that was set forward from a
/// machine that was off; how far the time went is told by whoever looks after it ([#unseen],
/// [#see]), and what was written down in between does not hide it. What was seen to pass is counted
/// apart from it, so that many small steps show as one large one does.
final class KeepingClock {
    private static final String KIND = "clock";
    private static final String KEY = "keeping";

    private final Catalog index;
    private final InstantSource machine;

    KeepingClock(Catalog index, InstantSource machine) {
        this.index = index;
        this.machine = machine;
    }

    /// The time now.
    Instant now() throws CatalogException {
        return now(index.get(KIND, KEY));
    }

    /// The time now, as a transaction sees it.
    Instant now(Transaction tx) throws CatalogException {
        return now(tx.get(KIND, KEY));
    }

    private Instant now(Optional<Document> row) throws CatalogException {
        Instant now = machine.instant().truncatedTo(ChronoUnit.MILLIS);
        if (row.isEmpty()) {
            return now;
        }
        Instant mark = Instant.parse(Fields.of(row.get()).text("at"));
        return mark.isAfter(now) ? mark : now;
    }

    /// Writes the time down.
    void mark(Transaction tx) throws CatalogException {
        Optional<Document> row = tx.get(KIND, KEY);
        Instant now = now(row);
        if (row.isPresent()) {
            tx.replace(row.get(), Fields.of(row.get()).with("at", now.toString()).json());
        } else {
            tx.create(
                    KIND,
                    KEY,
                    Fields.none().with("at", now.toString()).with("seen", now.toString()).json());
        }
    }

    /// How far the time went beyond what was seen of it.
    Duration unseen() throws CatalogException {
        Optional<Document> row = index.get(KIND, KEY);
        return row.isEmpty()
                ? Duration.ZERO
                : Duration.between(Instant.parse(Fields.of(row.get()).text("seen")), now(row));
    }

    /// Writes the time down, and that so much more of it was seen; the first time, all.
    void see(Duration more) throws CatalogException {
        index.<Boolean, CatalogException>write(tx -> {
            Optional<Document> row = tx.get(KIND, KEY);
            String now = now(row).toString();
            if (row.isPresent()) {
                Instant seen = Instant.parse(Fields.of(row.get()).text("seen")).plus(more);
                tx.replace(
                        row.get(),
                        Fields.none().with("at", now).with("seen", seen.toString()).json());
            } else {
                tx.create(KIND, KEY, Fields.none().with("at", now).with("seen", now).json());
            }
            return true;
        });
    }
}
