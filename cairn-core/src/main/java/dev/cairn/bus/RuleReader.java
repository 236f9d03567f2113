package dev.cairn.bus;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Slice;
import dev.cairn.reader.Asides;
import dev.cairn.reader.Asides.Aside;
import dev.cairn.reader.LedgerWalk;
import dev.cairn.reader.Standing;
import dev.cairn.reader.StandingDocument;
import dev.cairn.reader.Step;
import dev.cairn.reader.Taker;
import dev.cairn.reader.Unreadable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The reader that asks the rules of default buses about what is recorded.
///
/// **Why nothing is told twice, or not at all.** One transaction of the catalog moves the positions
/// and writes down who is to be told of what was matched up to them ([Dispatches]). Before it
/// nothing is written, and the same events are read again; a change of a rule that came in between
/// is seen by it, and what was matched is forgotten. The next step then is half as long.
///
/// An event is *delivered* when some rule wants it, whether the rule has targets or not. One that
/// is longer than events of a bus may be is set aside; so is one that some rule could not be asked
/// about, though others were. Rules are asked as they are when the reader comes to an event, within
/// a second of its recording unless it is behind. One thread at a time may step.
///
/// Documents: `rules` under `state`, and `rules-aside` ([Asides]).
public final class RuleReader {
    private static final StandingDocument STANDING = new StandingDocument("rules");
    private static final Asides ASIDES = new Asides("rules-aside");

    /// What is to be told after one step, at most about so much: it is written in one transaction.
    private static final long TOLD_BYTES_MAX = 8L << 20;

    private final LedgerWalk walk;
    private final Catalog catalog;
    private final EventBuses buses;
    private final RuleBook book;
    private final Dispatches dispatches;

    public RuleReader(
            Ledger ledger,
            Catalog catalog,
            EventBuses buses,
            RuleBook book,
            Dispatches dispatches,
            LedgerWalk.GiveUp giveUp) {
        this.walk = new LedgerWalk(ledger, giveUp);
        this.catalog = catalog;
        this.buses = buses;
        this.book = book;
        this.dispatches = dispatches;
    }

    /// Where the reader of a catalog stands; empty before its first step.
    public static Optional<Standing> standing(Catalog catalog) throws CatalogException {
        return STANDING.standing(catalog);
    }

    /// The first offset of a partition that it still needs; `Long.MAX_VALUE` before its first step,
    /// when there was no rule yet.
    public static long lowest(Catalog catalog, int partition) throws CatalogException {
        return STANDING.lowest(catalog, partition);
    }

    /// What it set aside, the newest last.
    ///
    /// @param limit at most this many, 1 to [Catalog#LIMIT_MAX]
    public static List<Aside> setAside(Catalog catalog, int limit) throws CatalogException {
        return ASIDES.list(catalog, limit);
    }

    /// Goes one step on.
    ///
    /// @throws LedgerException when events cannot be read now
    /// @throws CatalogException when the catalog does not answer; what it says then holds
    public Step step(Instant now, Unreadable unreadable) throws LedgerException, CatalogException {
        List<Ledger.Span> spans = walk.spans();
        long generation = buses.generation();
        Optional<Document> document = STANDING.find(catalog);
        if (document.isEmpty()) {
            // What was recorded before there was a reader was recorded before there was a rule.
            STANDING.begin(catalog, Standing.beginning(spans).fields());
            return Step.MORE;
        }
        Standing standing = Standing.of(Fields.of(document.get()));
        if (standing.isAt(spans)) {
            return Step.IDLE;
        }
        Match match = new Match(generation);
        if (buses.hasRules()) {
            walk.walk(standing, spans, unreadable, match);
        } else {
            walk.pass(standing, spans, match);
        }
        boolean kept = catalog.write(tx -> keep(tx, document.get(), standing, match, now));
        return walk.ended(match, kept);
    }

    private boolean keep(
            Transaction tx, Document document, Standing standing, Match match, Instant now)
            throws CatalogException {
        if (buses.generation(tx) != match.generation) {
            return false;
        }
        long asides = ASIDES.add(tx, standing.asides(), match.asides());
        tx.replace(document, standing.after(match, asides).fields().json());
        for (Matched one : match.matched) {
            dispatches.put(tx, one.targets(), one.event(), now);
        }
        return true;
    }

    private record Matched(BusEvent event, List<Target> targets) {}

    /// What was read in one step, and what it came to.
    private final class Match extends Taker {
        private final long generation;
        private final List<Matched> matched = new ArrayList<>();
        private long told;

        Match(long generation) {
            this.generation = generation;
        }

        @Override
        protected long made() {
            return told;
        }

        @Override
        protected long madeMax() {
            return TOLD_BYTES_MAX;
        }

        @Override
        protected void take(Slice.Held held) throws CatalogException {
            RuleBook.Page page =
                    book.page(catalog, generation, BusName.ofDefault(held.entry().place()));
            if (page.rules() == 0) {
                filter();
                return;
            }
            switch (BusEvent.ofRecord(held.entry())) {
                case BusEvent.Made.Nothing() -> filter();
                case BusEvent.Made.Unfit(String reason) -> setAside(held.position(), 1, reason);
                case BusEvent.Made.Event(BusEvent event) -> take(held, event, page.wanted(event));
            }
        }

        private void take(Slice.Held held, BusEvent event, RuleBook.Page.Wanted wanted) {
            if (!wanted.targets().isEmpty()) {
                matched.add(new Matched(event, wanted.targets()));
                told += (long) event.json().length() * wanted.targets().size();
            }
            if (!wanted.tooComplex().isEmpty()) {
                setAside(
                        held.position(),
                        1,
                        "it has too many values, or too long ones, to ask %d rules of account %s about it, %s among them"
                                .formatted(
                                        wanted.tooComplex().size(),
                                        held.entry().place().account(),
                                        wanted.tooComplex().getFirst()));
            } else if (wanted.rules() > 0) {
                deliver();
            } else {
                filter();
            }
        }
    }
}
