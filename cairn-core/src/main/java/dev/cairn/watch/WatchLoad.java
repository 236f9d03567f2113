package dev.cairn.watch;

import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.history.Condition;
import dev.cairn.history.SearchCost;
import dev.cairn.history.SearchSet;
import dev.cairn.history.SearchTextException;

/// What asking watches costs beyond looking them up. It is kept beside each, so that a new one is
/// judged without reading the conditions of all others.
///
/// @param wholeLooks clauses that look at all that a record has
/// @param steps of wildcards and regular expressions, for each character
/// @param clauses of searches that no value leads to
/// @param thresholds how many count
/// @param reactions how many have something called
record WatchLoad(
        int watches, int wholeLooks, int steps, int clauses, int thresholds, int reactions) {
    static final WatchLoad NONE = new WatchLoad(0, 0, 0, 0, 0, 0);

    WatchLoad and(WatchLoad other) {
        return new WatchLoad(
                watches + other.watches,
                wholeLooks + other.wholeLooks,
                steps + other.steps,
                clauses + other.clauses,
                thresholds + other.thresholds,
                reactions + other.reactions);
    }

    static WatchLoad of(Watch watch) {
        int wholeLooks = 0;
        int clauses = 0;
        if (watch.condition() instanceof WatchCondition.Search search) {
            try {
                Condition condition = search.condition();
                SearchCost cost = SearchCost.of(condition);
                wholeLooks = cost.wholeLooks();
                clauses = SearchSet.isAskedAlways(condition) ? cost.looks().size() : 0;
            } catch (SearchTextException e) {
                throw new IllegalStateException("a condition was read once and not again", e);
            }
        }
        return new WatchLoad(
                1,
                wholeLooks,
                watch.condition().steps(),
                clauses,
                watch.threshold().isPresent() ? 1 : 0,
                watch.reaction().isPresent() ? 1 : 0);
    }

    /// @throws Failure SERVICE_QUOTA_EXCEEDED when it is too much for an account
    void check() {
        if (watches > Watches.WATCHES_MAX) {
            throw quota("An account has at most %d watches".formatted(Watches.WATCHES_MAX));
        }
        if (wholeLooks > Watches.WHOLE_LOOKS_MAX) {
            throw quota(
                    "The watches of an account look at whole records at most %d times: name a field, as in eventName:X, instead of a word"
                            .formatted(Watches.WHOLE_LOOKS_MAX));
        }
        if (steps > Watches.STEPS_MAX) {
            throw quota(
                    "The wildcards and regular expressions of an account's watches take at most %d steps for each character"
                            .formatted(Watches.STEPS_MAX));
        }
        if (clauses > Watches.CLAUSES_MAX) {
            throw quota(
                    "The searches of an account's watches that no value leads to have at most %d clauses together: name a value that must be there, as in eventName:X"
                            .formatted(Watches.CLAUSES_MAX));
        }
        if (thresholds > Watches.THRESHOLDS_MAX) {
            throw quota(
                    "At most %d watches of an account have a threshold"
                            .formatted(Watches.THRESHOLDS_MAX));
        }
        if (reactions > Watches.REACTIONS_MAX) {
            throw quota(
                    "At most %d watches of an account have a reaction"
                            .formatted(Watches.REACTIONS_MAX));
        }
    }

    private static Failure quota(String words) {
        return new Failure(ErrorCode.SERVICE_QUOTA_EXCEEDED, words);
    }
}
