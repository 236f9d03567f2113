package dev.cairn.watch;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Origin;
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
import java.util.TreeMap;

/// The reader that asks the watches of its account about each recorded event.
///
/// **Why nothing is told twice, or not at all.** One transaction of the catalog moves the
/// positions, publishes into topics and writes what is held ([WatchTelling]). Before it nothing is
/// written, and the same events are read again; a change of a watch that came in between is seen by
/// it, and what was judged is forgotten. The next step then is half as long.
///
/// An event is *delivered* when some watch takes it. One that some watch could not be asked about
/// is set aside, though others may have taken it. Imported events, and those of channels, are
/// nobody's concern. Watches are asked as they are when the reader comes to an event. One thread at
/// a time may step.
///
/// Documents: `watch-reader` under `state`, and `watch-aside` ([Asides]).
public final class WatchReader {
    private static final StandingDocument STANDING = new StandingDocument("watch-reader");
    private static final Asides ASIDES = new Asides("watch-aside");

    /// What is to be told after one step, at most about so much: it is written in one transaction,
    /// for each subscriber, and that is what one message of a topic may come to. What one event
    /// comes to beyond it, taken by many watches, is held, and told a few watches at a time.
    private static final long TOLD_CHARS_MAX = 256L << 10;

    private final LedgerWalk walk;
    private final Catalog catalog;
    private final Watches watches;
    private final WatchBook book;
    private final WatchTelling telling;
    private volatile String refused = "";

    public WatchReader(
            Ledger ledger,
            Catalog catalog,
            Watches watches,
            WatchTelling telling,
            LedgerWalk.GiveUp giveUp) {
        this.walk = new LedgerWalk(ledger, giveUp);
        this.catalog = catalog;
        this.watches = watches;
        this.book = new WatchBook(watches);
        this.telling = telling;
    }

    /// Where the reader of a catalog stands; empty before its first step.
    public static Optional<Standing> standing(Catalog catalog) throws CatalogException {
        return STANDING.standing(catalog);
    }

    /// The first offset of a partition that it still needs; `Long.MAX_VALUE` before its first step,
    /// when there was no watch yet.
    public static long lowest(Catalog catalog, int partition) throws CatalogException {
        return STANDING.lowest(catalog, partition);
    }

    /// What it set aside, the newest last.
    ///
    /// @param limit at most this many, 1 to [Catalog#LIMIT_MAX]
    public static List<Aside> setAside(Catalog catalog, int limit) throws CatalogException {
        return ASIDES.list(catalog, limit);
    }

    /// What of a watch was last not told, and why; empty when the last one was. Any thread may ask.
    public Optional<String> refused() {
        String last = refused;
        return last.isEmpty() ? Optional.empty() : Optional.of(last);
    }

    /// Goes one step on.
    ///
    /// @throws LedgerException when events cannot be read now
    /// @throws CatalogException when the catalog does not answer; what it says then holds
    public Step step(Instant now, Unreadable unreadable) throws LedgerException, CatalogException {
        if (telling.tellDue(now)) {
            return Step.MORE;
        }
        List<Ledger.Span> spans = walk.spans();
        long generation = watches.generation();
        Optional<Document> document = STANDING.find(catalog);
        if (document.isEmpty()) {
            // What was recorded before there was a reader was recorded before there was a watch.
            STANDING.begin(catalog, Standing.beginning(spans).fields());
            return Step.MORE;
        }
        Standing standing = Standing.of(Fields.of(document.get()));
        if (standing.isAt(spans)) {
            return Step.IDLE;
        }
        Judging judging = new Judging(generation, now);
        if (watches.isEmpty()) {
            walk.pass(standing, spans, judging);
        } else {
            walk.walk(standing, spans, unreadable, judging);
            if (!judging.taken.isEmpty()) {
                telling.prepare(now);
            }
        }
        List<String> refusals = new ArrayList<>();
        boolean kept =
                catalog.write(tx -> keep(tx, document.get(), standing, judging, now, refusals));
        if (kept && !judging.taken.isEmpty()) {
            refused = refusals.isEmpty() ? "" : refusals.getLast();
        }
        Step ended = walk.ended(judging, kept);
        // What there was no room for is due at once.
        return judging.told >= TOLD_CHARS_MAX ? Step.MORE : ended;
    }

    private boolean keep(
            Transaction tx,
            Document document,
            Standing standing,
            Judging judging,
            Instant now,
            List<String> refusals)
            throws CatalogException {
        if (watches.generation(tx) != judging.generation) {
            return false;
        }
        long asides = ASIDES.add(tx, standing.asides(), judging.asides());
        tx.replace(document, standing.after(judging, asides).fields().json());
        for (Tally tally : judging.taken.values()) {
            String refusal = telling.tell(tx, tally.taken(), now);
            if (!refusal.isEmpty()) {
                refusals.add(
                        "the watch %s of account %s waits: %s"
                                .formatted(
                                        tally.watch.name().name(),
                                        tally.watch.name().account(),
                                        refusal));
            }
        }
        return true;
    }

    /// What one watch took in a step.
    private static final class Tally {
        private final Watch watch;
        private final int allowance;
        private final List<Sighting> first = new ArrayList<>();
        private long more;
        private Sighting newest;

        Tally(Watch watch, int allowance, Sighting seen) {
            this.watch = watch;
            this.allowance = allowance;
            this.newest = seen;
        }

        /// All of a step is told at one time: beyond what may be told then, a count will do. So a
        /// flood that nobody is told of holds up nobody else.
        ///
        /// @return how much is to be written for it
        long add(Sighting seen) {
            newest = seen;
            if (first.size() < allowance) {
                first.add(seen);
                return seen.chars();
            }
            more++;
            return 0;
        }

        /// Counts one when a step has as much to tell as goes into a transaction: it is told by
        /// those that follow.
        ///
        /// @return what would have been written for it, so that the step ends as it would have
        long count(Sighting seen) {
            newest = seen;
            more++;
            return first.size() < allowance ? seen.chars() : 0;
        }

        WatchTelling.Taken taken() {
            return new WatchTelling.Taken(watch, first, more, newest);
        }
    }

    /// What was read in one step, and what it came to.
    private final class Judging extends Taker {
        private final long generation;
        private final Instant now;
        private final TreeMap<String, Tally> taken = new TreeMap<>();
        private long told;

        Judging(long generation, Instant now) {
            this.generation = generation;
            this.now = now;
        }

        @Override
        protected long made() {
            return told;
        }

        @Override
        protected long madeMax() {
            return TOLD_CHARS_MAX;
        }

        @Override
        protected void take(Slice.Held held) throws CatalogException {
            Entry entry = held.entry();
            WatchSet set = book.of(entry.place().account(), generation);
            if (set.size() == 0
                    || entry.origin() == Origin.IMPORT
                    || entry.origin() == Origin.CHANNEL) {
                filter();
                return;
            }
            WatchSet.Verdict verdict = set.judge(entry);
            if (!verdict.taking().isEmpty()) {
                count(verdict.taking(), Sighting.of(verdict.event().orElseThrow()));
            }
            if (!verdict.unasked().isEmpty()) {
                setAside(
                        held.position(),
                        1,
                        "%s (a watch of account %s)"
                                .formatted(verdict.unasked(), entry.place().account()));
            } else if (!verdict.taking().isEmpty()) {
                deliver();
            } else {
                filter();
            }
        }

        private void count(List<Watch> taking, Sighting seen) throws CatalogException {
            for (Watch watch : taking) {
                Tally tally = taken.get(watch.name().key());
                if (tally == null) {
                    tally = new Tally(watch, telling.allowance(watch, now), seen);
                    taken.put(watch.name().key(), tally);
                }
                told += told < TOLD_CHARS_MAX ? tally.add(seen) : tally.count(seen);
            }
        }
    }
}
