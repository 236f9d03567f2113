package dev.cairn.bus;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/// When a rule fires by itself. Each moment at which it does is a *slot*, a whole second.
///
/// Source: Amazon EventBridge User Guide, "Creating a rule that runs on a schedule".
sealed interface Schedule {
    /// Nothing fires from here on: the end of the years that `cron(...)` has.
    Instant END = Instant.parse("2200-01-01T00:00:00Z");

    /// How a rate is written.
    Pattern RATE = Pattern.compile("rate\\(\\s*([0-9]{1,9})\\s+(minute|hour|day)(s?)\\s*\\)");

    /// How a calendar's minutes are written.
    Pattern CRON = Pattern.compile("cron\\((.*)\\)");

    /// Each so often, counted from when the rule got this schedule: the first slot is one interval
    /// later.
    record Rate(Duration every) implements Schedule {
        @Override
        public Optional<Instant> next(Instant began, Instant after) {
            long past =
                    Math.floorDiv(Duration.between(began, after).toSeconds(), every.toSeconds());
            Instant slot = began.plus(every.multipliedBy(Math.max(0, past) + 1));
            return slot.isBefore(END) ? Optional.of(slot) : Optional.empty();
        }
    }

    /// At minutes of the calendar.
    record ByCalendar(Cron cron) implements Schedule {
        @Override
        public Optional<Instant> next(Instant began, Instant after) {
            return cron.next(after);
        }
    }

    /// Reads what a caller gives: `rate(5 minutes)` or `cron(0 8 ? * MON *)`.
    ///
    /// @throws Failure VALIDATION
    static Schedule of(String text) {
        Matcher rate = RATE.matcher(text);
        if (rate.matches()) {
            return rate(Long.parseLong(rate.group(1)), rate.group(2), !rate.group(3).isEmpty());
        }
        Matcher cron = CRON.matcher(text);
        if (!cron.matches()) {
            throw invalid("expected rate(...) or cron(...)");
        }
        try {
            return new ByCalendar(Cron.of(cron.group(1)));
        } catch (Cron.InvalidException wrong) {
            throw invalid(wrong.words());
        }
    }

    private static Schedule rate(long count, String unit, boolean plural) {
        if (count == 0 || plural == (count == 1)) {
            throw invalid("expected a number from 1 on, and a unit that agrees with it");
        }
        ChronoUnit one =
                switch (unit) {
                    case "minute" -> ChronoUnit.MINUTES;
                    case "hour" -> ChronoUnit.HOURS;
                    default -> ChronoUnit.DAYS;
                };
        return new Rate(Duration.of(count, one));
    }

    /// EventBridge's words, and what it leaves for its callers to find out.
    private static Failure invalid(String reason) {
        return new Failure(
                ErrorCode.VALIDATION,
                "Parameter ScheduleExpression is not valid. Reason: " + reason);
    }

    /// The first slot after a moment; empty when there is none any more.
    ///
    /// @param began when the rule got this schedule, in whole seconds
    Optional<Instant> next(Instant began, Instant after);

    /// The newest slot up to a moment. It takes some thirty looks, however many slots there were.
    ///
    /// @param slot one that is not after the moment
    default Instant newest(Instant began, Instant slot, Instant until) {
        Instant newest = slot;
        Instant end = until.truncatedTo(ChronoUnit.SECONDS);
        while (newest.isBefore(end)) {
            Instant middle = newest.plusSeconds(Duration.between(newest, end).toSeconds() / 2);
            Optional<Instant> later = next(began, middle).filter(one -> !one.isAfter(until));
            if (later.isPresent()) {
                newest = later.get();
            } else {
                end = middle;
            }
        }
        return newest;
    }
}
