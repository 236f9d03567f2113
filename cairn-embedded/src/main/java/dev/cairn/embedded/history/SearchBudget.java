package dev.cairn.embedded.history;

import dev.cairn.history.HistoryException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// What one search may still cost. For one thread.
///
/// Two things can make a search long: a wildcard over many values, which is cut and says so, for
/// the newest events are usually what was wanted; and reading many records to find few, which ends
/// in a timeout.
final class SearchBudget {
    /// Asking the clock for each value would cost more than the value.
    private static final int CHECK_EVERY = 256;

    private final InstantSource clock;
    private final Instant deadline;
    private final Duration time;
    private final int termsMax;
    private int terms;
    private int steps;
    private @Nullable String cut;

    SearchBudget(InstantSource clock, Duration time, int termsMax) {
        this.clock = clock;
        this.time = time;
        this.deadline = clock.instant().plus(time);
        this.termsMax = termsMax;
    }

    /// Whether one more value may be looked at for a wildcard, regular expression or range.
    boolean mayVisit() {
        if (terms >= termsMax) {
            cut =
                    "the wildcards, regular expressions and ranges were cut after %,d values; begin them with plain characters, or narrow the time"
                            .formatted(termsMax);
            return false;
        }
        if (++terms % CHECK_EVERY == 0 && clock.instant().isAfter(deadline)) {
            cut =
                    "the wildcards, regular expressions and ranges were cut after %s; begin them with plain characters, or narrow the time"
                            .formatted(time);
            return false;
        }
        return true;
    }

    /// Counts a record looked at.
    ///
    /// @throws Overrun when time is up
    void step() {
        if (++steps % CHECK_EVERY == 0 && clock.instant().isAfter(deadline)) {
            throw new Overrun();
        }
    }

    @Nullable String cut() {
        return cut;
    }

    HistoryException timeout() {
        return new HistoryException(
                HistoryException.Kind.TIMEOUT,
                "expected an answer within %s, got none: %,d records were read; narrow the time or add a condition"
                        .formatted(time, steps));
    }

    /// Leaves Lucene's frames; becomes a [HistoryException] at the search's own.
    static final class Overrun extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Overrun() {
            super("out of time", null, false, false);
        }
    }
}
