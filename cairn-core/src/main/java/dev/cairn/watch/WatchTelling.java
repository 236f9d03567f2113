package dev.cairn.watch;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.topic.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Tells topics what watches took, within a transaction, or holds it until it may be told.
///
/// **Why nothing is dropped.** What a watch took is in its state in the transaction that takes it:
/// as a message, or as one more of those that are held. What is held has a time at which it is told
/// though nothing else comes.
///
/// Documents: `watch-account` under the account, which counts the messages of its minute.
public final class WatchTelling {
    /// How many messages all watches of an account tell in a minute.
    static final int ACCOUNT_MESSAGES_MAX = 600;

    /// What a topic does not take is tried again after this.
    static final Duration AGAIN = Duration.ofMinutes(1);

    private static final String ACCOUNT = "watch-account";
    private static final int DUE_AT_ONCE = 20;

    private final Catalog catalog;
    private final Watches watches;
    private final Topics topics;

    public WatchTelling(Catalog catalog, Watches watches, Topics topics) {
        this.catalog = catalog;
        this.watches = watches;
        this.topics = topics;
    }

    /// What one watch took in a step.
    ///
    /// @param told those that may be told each by itself, in order
    /// @param more how many came besides
    /// @param newest of all
    /// @param goesOn whether those that came besides are all of bursts that were seen before
    record Taken(Watch watch, List<Sighting> told, long more, Sighting newest, boolean goesOn) {}

    /// To be called outside a transaction, before one that tells.
    public void prepare(Instant now) throws CatalogException {
        topics.prepare(now);
    }

    /// How many messages a watch may tell at a time; what it takes besides need only be counted.
    int allowance(Watch watch, Instant now) throws CatalogException {
        long own =
                watch.atMost().messages()
                        - watches.state(watch.name()).times().stream()
                                .filter(time -> time.plus(watch.atMost().period()).isAfter(now))
                                .filter(time -> !time.isAfter(now))
                                .count();
        Minute minute = Minute.of(catalog.get(ACCOUNT, watch.name().account()), now);
        return (int) Math.max(0, Math.min(own, ACCOUNT_MESSAGES_MAX - minute.messages()));
    }

    /// Tells or holds what a watch took.
    ///
    /// @return why something was not told that might have been; empty when nothing was refused
    String tell(Transaction tx, Taken taken, Instant now) throws CatalogException {
        Watch watch = taken.watch();
        WatchState before = watches.state(tx, watch.name());
        WatchState state = before.take(taken.told().size() + taken.more(), taken.newest());
        for (Sighting seen : taken.told()) {
            state = tell(tx, watch, state, seen, now);
        }
        if (taken.more() > 0) {
            Instant due = due(tx, watch, state, state.refused(), now);
            state =
                    state.hold(
                            taken.more(),
                            now,
                            taken.goesOn() ? goingOn(watch, state, due, now) : due,
                            state.refused());
        }
        watches.put(tx, watch.name(), before, state);
        return state.refused();
    }

    private WatchState tell(
            Transaction tx, Watch watch, WatchState state, Sighting seen, Instant now)
            throws CatalogException {
        String refusal = "";
        if (!next(tx, watch, state, now).isAfter(now)) {
            refusal = publish(tx, watch, seen, state.held(), now);
            if (refusal.isEmpty()) {
                return state.tell(watch.atMost(), now);
            }
        }
        return state.hold(1, now, due(tx, watch, state, refusal, now), refusal);
    }

    /// Tells what was held for long enough, some of it.
    ///
    /// @return whether there was any
    boolean tellDue(Instant now) throws CatalogException {
        if (!isDue(catalog.list(WatchDocuments.DUE, "", "", 1), now)) {
            return false;
        }
        topics.prepare(now);
        catalog.<Boolean, RuntimeException>write(tx -> {
            for (Document due : tx.list(WatchDocuments.DUE, "", "", DUE_AT_ONCE)) {
                if (isDue(List.of(due), now)) {
                    tellDue(tx, due, now);
                }
            }
            return true;
        });
        return true;
    }

    private static boolean isDue(List<Document> first, Instant now) {
        return !first.isEmpty() && !WatchDocuments.due(first.getFirst()).isAfter(now);
    }

    private void tellDue(Transaction tx, Document due, Instant now) throws CatalogException {
        WatchName name = WatchDocuments.named(due);
        WatchState before = watches.state(tx, name);
        Optional<Watch> watch = watches.find(tx, name);
        if (watch.isEmpty() || before.held().isEmpty() || before.last().isEmpty()) {
            throw new CatalogException(
                    CatalogException.Kind.CORRUPT, "expected something held by the watch " + name);
        }
        WatchState.Held held = before.held().get();
        // The newest stands for itself; the others are the more.
        Optional<WatchState.Held> others =
                held.count() == 1
                        ? Optional.empty()
                        : Optional.of(
                                new WatchState.Held(held.count() - 1, held.since(), held.due()));
        String refusal = "";
        WatchState after;
        if (!next(tx, watch.get(), before, now).isAfter(now)) {
            refusal = publish(tx, watch.get(), before.last().get(), others, now);
            after =
                    refusal.isEmpty()
                            ? before.tell(watch.get().atMost(), now)
                            : before.hold(0, now, now.plus(AGAIN), refusal);
        } else {
            after = before.hold(0, now, due(tx, watch.get(), before, refusal, now), refusal);
        }
        watches.put(tx, name, before, after);
    }

    /// When what is held is to be told.
    private static Instant due(
            Transaction tx, Watch watch, WatchState state, String refusal, Instant now)
            throws CatalogException {
        if (!refusal.isEmpty()) {
            return now.plus(AGAIN);
        }
        Instant next = next(tx, watch, state, now);
        return next.isAfter(now) ? next : now;
    }

    /// When it is to be told that a burst goes on: once for each period, whatever else might be
    /// told.
    private static Instant goingOn(Watch watch, WatchState state, Instant due, Instant now) {
        if (state.times().isEmpty() || !state.refused().isEmpty()) {
            return due;
        }
        Instant last = state.times().getLast();
        Instant period = (last.isAfter(now) ? now : last).plus(watch.atMost().period());
        Instant wanted =
                state.held().isPresent() && state.held().get().due().isBefore(period)
                        ? state.held().get().due()
                        : period;
        return wanted.isAfter(due) ? wanted : due;
    }

    /// When the next message may be told. Times that lie ahead are of a clock that was set back.
    private static Instant next(Transaction tx, Watch watch, WatchState state, Instant now)
            throws CatalogException {
        Instant own =
                watch.atMost()
                        .next(state.times().stream().filter(time -> !time.isAfter(now)).toList());
        Minute minute = Minute.of(tx.get(ACCOUNT, watch.name().account()), now);
        Instant all =
                minute.messages() < ACCOUNT_MESSAGES_MAX
                        ? Instant.EPOCH
                        : Instant.ofEpochSecond(60 * (minute.number() + 1));
        return own.isAfter(all) ? own : all;
    }

    /// What an account told in a minute.
    private record Minute(long number, long messages) {
        static Minute of(Optional<Document> document, Instant now) throws CatalogException {
            long current = Math.floorDiv(now.getEpochSecond(), 60);
            if (document.isPresent()) {
                Fields fields = Fields.of(document.get());
                if (Long.parseLong(fields.text("minute")) == current) {
                    return new Minute(current, Long.parseLong(fields.text("messages")));
                }
            }
            return new Minute(current, 0);
        }

        void plusOne(Transaction tx, String account) throws CatalogException {
            Optional<Document> document = tx.get(ACCOUNT, account);
            String json =
                    Fields.none()
                            .with("minute", Long.toString(number))
                            .with("messages", Long.toString(messages + 1))
                            .json();
            if (document.isEmpty()) {
                tx.create(ACCOUNT, account, json);
            } else {
                tx.replace(document.get(), json);
            }
        }
    }

    /// @return why it was not told; empty when it is
    private String publish(
            Transaction tx, Watch watch, Sighting seen, Optional<WatchState.Held> more, Instant now)
            throws CatalogException {
        if (topics.find(tx, watch.topic()).isEmpty()) {
            return "There is no topic " + watch.topic();
        }
        topics.publish(tx, WatchMessage.of(topics.freshId(), watch, seen, more, now));
        String account = watch.name().account();
        Minute.of(tx.get(ACCOUNT, account), now).plusOne(tx, account);
        return "";
    }

    /// Tells a watch's topic that it watches no more, so that nobody switches one off unseen. A
    /// topic that is gone is told nothing.
    ///
    /// @param lost what it held and nobody will be told of by another message
    /// @param became such as `removed`
    public void ended(
            Transaction tx, Watch watch, WatchState lost, String became, String by, Instant now)
            throws CatalogException {
        if (topics.find(tx, watch.topic()).isPresent()) {
            topics.publish(tx, WatchMessage.ended(topics.freshId(), watch, lost, became, by, now));
        }
    }
}
