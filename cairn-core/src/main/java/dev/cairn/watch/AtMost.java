package dev.cairn.watch;

import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// How often a watch may tell: so many messages within any span of a length. What comes faster is
/// counted, and the count told when the span has passed.
///
/// @param messages 1 to [#MESSAGES_MAX]
/// @param period a minute to [#PERIOD_MAX], whole seconds
public record AtMost(int messages, Duration period) {
    /// What holds for a watch that says nothing.
    public static final AtMost DEFAULT = new AtMost(10, Duration.ofMinutes(1));

    /// What holds for a watch with a [Threshold] that says nothing: a burst that lasts is told of
    /// once an hour.
    public static final AtMost DEFAULT_OF_BURSTS = new AtMost(10, Duration.ofHours(1));

    public static final int MESSAGES_MAX = 60;
    public static final Duration PERIOD_MAX = Duration.ofDays(7);

    /// @throws Failure VALIDATION when it is out of bounds
    public static AtMost checked(long messages, long seconds) {
        if (messages < 1 || messages > MESSAGES_MAX) {
            throw new Failure(
                    ErrorCode.VALIDATION,
                    "atMost: expected 1 to %d messages, got %d".formatted(MESSAGES_MAX, messages));
        }
        if (seconds < 60 || seconds > PERIOD_MAX.toSeconds()) {
            throw new Failure(
                    ErrorCode.VALIDATION,
                    "atMost: expected a minute to %d days, got %d seconds"
                            .formatted(PERIOD_MAX.toDays(), seconds));
        }
        return new AtMost((int) messages, Duration.ofSeconds(seconds));
    }

    /// When the next message may be told.
    ///
    /// @param told when the last ones were, in order of time
    /// @return the epoch when it may be at once
    public Instant next(List<Instant> told) {
        return told.size() < messages
                ? Instant.EPOCH
                : told.get(told.size() - messages).plus(period);
    }

    /// As many of the times as matter for what may be told next.
    List<Instant> last(List<Instant> told) {
        return told.size() <= messages ? told : told.subList(told.size() - messages, told.size());
    }

    /// How many messages would be told of events at these times, in order.
    public int messagesFor(List<Instant> times) {
        List<Instant> told = new java.util.ArrayList<>();
        boolean held = false;
        for (Instant time : times) {
            if (held && !next(told).isAfter(time)) {
                // What was held was told when the span had passed.
                told.add(next(told));
                held = false;
            }
            if (next(told).isAfter(time)) {
                held = true;
            } else {
                told.add(time);
            }
        }
        return told.size() + (held ? 1 : 0);
    }

    /// As people write it: `1/10m`.
    @Override
    public String toString() {
        return messages + "/" + written(period);
    }

    /// A period as people write it: `10m`.
    static String written(Duration period) {
        long seconds = period.toSeconds();
        return seconds % 86_400 == 0
                ? seconds / 86_400 + "d"
                : seconds % 3_600 == 0
                        ? seconds / 3_600 + "h"
                        : seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
    }
}
