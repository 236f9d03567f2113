package dev.cairn.watch;

import dev.cairn.bus.BusEvent;
import dev.cairn.bus.Reactions;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.event.Event;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Has the reactions of watches called, within the transaction that takes the events: so each event
/// is called for once, whatever is killed. At most [#A_MINUTE_MAX] a minute for a watch, since each
/// is a row with the whole event; those beyond are counted.
///
/// Documents: `watch-reactions` under `ACCOUNT/NAME`.
public final class WatchReactions {
    static final int A_MINUTE_MAX = 60;

    private static final String KIND = "watch-reactions";

    private final Reactions reactions;

    public WatchReactions(Reactions reactions) {
        this.reactions = reactions;
    }

    /// How often a reaction was asked for, and how often it was left out as there were too many.
    public record Sum(long asked, long leftOut) {}

    private record Minute(long number, long reactions, Sum sum) {
        static Minute of(Optional<Document> document, long current) throws CatalogException {
            if (document.isEmpty()) {
                return new Minute(current, 0, new Sum(0, 0));
            }
            Fields fields = Fields.of(document.get());
            Sum sum =
                    new Sum(
                            Long.parseLong(fields.text("asked")),
                            Long.parseLong(fields.text("leftOut")));
            return Long.parseLong(fields.text("minute")) == current
                    ? new Minute(current, Long.parseLong(fields.text("reactions")), sum)
                    : new Minute(current, 0, sum);
        }
    }

    /// Whether a reaction may be called for an event: not for one that tells of a reaction, or a
    /// watch that takes it would call for ever.
    static boolean reactsTo(Event event) {
        return !(event.name().equals(Reactions.EVENT)
                && event.source().equals("cairn.amazonaws.com"));
    }

    /// How many reactions of a watch there are left for the minute.
    static int left(Catalog catalog, Watch watch, Instant now) throws CatalogException {
        if (watch.reaction().isEmpty()) {
            return 0;
        }
        Minute minute =
                Minute.of(
                        catalog.get(KIND, watch.name().key()),
                        Math.floorDiv(now.getEpochSecond(), 60));
        return (int) (A_MINUTE_MAX - minute.reactions());
    }

    /// @param seen events in order, of which some may be left out
    /// @param more how many came besides, which are
    void react(Transaction tx, Watch watch, List<Sighting> seen, long more, Instant now)
            throws CatalogException {
        Optional<Document> document = tx.get(KIND, watch.name().key());
        Minute minute = Minute.of(document, Math.floorDiv(now.getEpochSecond(), 60));
        int called = (int) Math.min(seen.size(), A_MINUTE_MAX - minute.reactions());
        for (Sighting one : seen.subList(0, called)) {
            reactions.react(
                    tx,
                    watch.place(),
                    watch.name().name(),
                    BusEvent.of(
                            new BusEvent.Head(
                                    one.id(),
                                    "Cairn Watch",
                                    "cairn.watch",
                                    watch.place(),
                                    one.time(),
                                    List.of()),
                            WatchMessage.detail(watch, one)),
                    now);
        }
        String json =
                Fields.none()
                        .with("minute", Long.toString(minute.number()))
                        .with("reactions", Long.toString(minute.reactions() + called))
                        .with("asked", Long.toString(minute.sum().asked() + called))
                        .with(
                                "leftOut",
                                Long.toString(minute.sum().leftOut() + more + seen.size() - called))
                        .json();
        if (document.isEmpty()) {
            tx.create(KIND, watch.name().key(), json);
        } else {
            tx.replace(document.get(), json);
        }
    }

    static Sum sum(Catalog catalog, WatchName name) throws CatalogException {
        return Minute.of(catalog.get(KIND, name.key()), 0).sum();
    }

    static void forget(Transaction tx, WatchName name) throws CatalogException {
        Optional<Document> document = tx.get(KIND, name.key());
        if (document.isPresent()) {
            tx.delete(document.get());
        }
    }
}
