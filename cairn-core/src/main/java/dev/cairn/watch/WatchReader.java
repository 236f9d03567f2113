package dev.cairn.watch;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.event.Event;
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
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// The reader that asks the watches of its account about each recorded event.
///
/// **Why nothing is told twice, or not at all.** One transaction of the catalog moves the
/// positions, publishes into topics and writes what is held ([WatchTelling]) and what is counted
/// ([WatchCounts]). Before it nothing is written, and the same events are read again. A step goes
/// no further than the ledger went before watches were looked up: who makes a watch is sure to have
/// what is recorded afterwards asked, and what a watch took that is gone or paused when the
/// transaction comes is forgotten, without holding up anyone else.
///
/// An event is *delivered* when some watch takes it; those that are below a watch's threshold are
/// counted, and filtered. One that some watch could not be asked about is set aside, though others
/// may have taken it. Imported events, and those of channels, are nobody's concern. One thread at a
/// time may step.
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
    private final WatchReactions reactions;
    private volatile String refused = "";

    public WatchReader(
            Ledger ledger,
            Catalog catalog,
            Watches watches,
            WatchTelling telling,
            WatchReactions reactions,
            LedgerWalk.GiveUp giveUp) {
        this.walk = new LedgerWalk(ledger, giveUp);
        this.catalog = catalog;
        this.watches = watches;
        this.book = new WatchBook(watches);
        this.telling = telling;
        this.reactions = reactions;
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
        book.begin();
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
        Judging judging = new Judging(now);
        if (watches.isEmpty()) {
            walk.pass(standing, spans, judging);
        } else {
            walk.walk(standing, spans, unreadable, judging);
            if (!judging.taken.isEmpty()) {
                telling.prepare(now);
            }
        }
        List<String> refusals = new ArrayList<>();
        catalog.<Boolean, RuntimeException>write(tx -> {
            keep(tx, document.get(), standing, judging, now, refusals);
            return true;
        });
        if (!judging.taken.isEmpty()) {
            refused = refusals.isEmpty() ? "" : refusals.getLast();
        }
        Step ended = walk.ended(judging, true);
        // What there was no room for is due at once.
        return judging.told >= TOLD_CHARS_MAX ? Step.MORE : ended;
    }

    private void keep(
            Transaction tx,
            Document document,
            Standing standing,
            Judging judging,
            Instant now,
            List<String> refusals)
            throws CatalogException {
        judging.forgetEnded(tx);
        long asides = ASIDES.add(tx, standing.asides(), judging.asides());
        tx.replace(document, standing.after(judging, asides).fields().json());
        judging.counts.keep(tx, watches, now);
        for (Tally tally : judging.taken.values()) {
            if (!tally.reacting.isEmpty() || tally.unreacted > 0) {
                reactions.react(tx, tally.watch, tally.reacting, tally.unreacted, now);
            }
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
    }

    /// What one watch took in a step.
    private static final class Tally {
        private final Watch watch;
        private final int allowance;
        private final int reactions;
        private final List<Sighting> first = new ArrayList<>();
        private final List<Sighting> reacting = new ArrayList<>();
        private long unreacted;
        private long more;
        private boolean goesOn;
        private Sighting newest;

        /// @param allowance so many messages may be told now
        /// @param reactions so many may be called for now
        Tally(Watch watch, int allowance, int reactions, Sighting seen) {
            this.watch = watch;
            this.allowance = allowance;
            this.reactions = reactions;
            this.newest = seen;
            this.goesOn = watch.threshold().isPresent();
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
            goesOn = false;
            return 0;
        }

        /// Counts one when a step has as much to tell as goes into a transaction: it is told by
        /// those that follow.
        ///
        /// @return what would have been written for it, so that the step ends as it would have
        long count(Sighting seen) {
            newest = seen;
            more++;
            goesOn = false;
            return first.size() < allowance ? seen.chars() : 0;
        }

        /// Has the watch's reaction called, where it has one. What is beyond what may be called for
        /// is counted, and takes no room of the step from others.
        ///
        /// @return how much is to be written for it
        long react(Sighting seen) {
            if (watch.reaction().isEmpty()) {
                return 0;
            }
            if (reacting.size() >= reactions) {
                unreacted++;
                return 0;
            }
            reacting.add(seen);
            return seen.chars();
        }

        /// Counts one more of a burst that was seen before.
        void goOn(Sighting seen) {
            newest = seen;
            more++;
        }

        WatchTelling.Taken taken() {
            return new WatchTelling.Taken(watch, first, more, newest, goesOn);
        }
    }

    /// What was read in one step, and what it came to.
    private final class Judging extends Taker {
        private final Instant now;
        private final WatchCounts counts = new WatchCounts(catalog);
        private final TreeMap<String, Tally> taken = new TreeMap<>();
        private final List<Set<String>> takers = new ArrayList<>();
        private long told;

        Judging(Instant now) {
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
            WatchSet set = book.of(entry.place().account());
            if (set.size() == 0
                    || entry.origin() == Origin.IMPORT
                    || entry.origin() == Origin.CHANNEL) {
                filter();
                return;
            }
            WatchSet.Verdict verdict = set.judge(entry);
            Set<String> takers =
                    verdict.taking().isEmpty()
                            ? Set.of()
                            : count(verdict.taking(), verdict.event().orElseThrow());
            if (!verdict.unasked().isEmpty()) {
                setAside(
                        held.position(),
                        1,
                        "%s (a watch of account %s)"
                                .formatted(verdict.unasked(), entry.place().account()));
            } else if (!takers.isEmpty()) {
                this.takers.add(takers);
                deliver();
            } else {
                filter();
            }
        }

        /// @return the watches that take it indeed
        private Set<String> count(List<Watch> taking, Event event) throws CatalogException {
            Sighting seen = Sighting.of(event);
            boolean reacts = WatchReactions.reactsTo(event);
            Set<String> takers = new HashSet<>();
            for (Watch watch : taking) {
                if (watch.threshold().isEmpty()) {
                    Tally tally = tally(watch, seen);
                    told += told < TOLD_CHARS_MAX ? tally.add(seen) : tally.count(seen);
                    told += reacts ? tally.react(seen) : 0;
                    takers.add(watch.name().key());
                    continue;
                }
                WatchCounts.Counted counted = counts.count(watch, event);
                told += counted.written();
                if (counted.seen() != BurstCount.Seen.BELOW) {
                    Sighting burst = seen.in(watch.threshold().get().words(counted.values()));
                    Tally tally = tally(watch, burst);
                    boolean begins = counted.seen() == BurstCount.Seen.BEGINS;
                    if (!begins) {
                        tally.goOn(burst);
                    } else {
                        told += told < TOLD_CHARS_MAX ? tally.add(burst) : tally.count(burst);
                        told += reacts ? tally.react(burst) : 0;
                    }
                    takers.add(watch.name().key());
                }
            }
            return takers;
        }

        private Tally tally(Watch watch, Sighting seen) throws CatalogException {
            Tally tally = taken.get(watch.name().key());
            if (tally == null) {
                tally =
                        new Tally(
                                watch,
                                telling.allowance(watch, now),
                                WatchReactions.left(catalog, watch, now),
                                seen);
                taken.put(watch.name().key(), tally);
            }
            return tally;
        }

        /// Forgets what was taken by watches that are gone, paused, or others by now.
        private void forgetEnded(Transaction tx) throws CatalogException {
            Set<String> ended = new HashSet<>();
            for (Tally tally : taken.values()) {
                if (!watches.isStill(tx, tally.watch)) {
                    ended.add(tally.watch.name().key());
                }
            }
            if (!ended.isEmpty()) {
                taken.keySet().removeAll(ended);
                filterDelivered(takers.stream().filter(ended::containsAll).count());
            }
        }
    }
}
