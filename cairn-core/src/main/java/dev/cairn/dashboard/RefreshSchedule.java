package dev.cairn.dashboard;

import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.format.DateTimeParseException;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// When a dashboard refreshes itself: at points of UTC's day that are as far from each other as its
/// frequency says. Immutable.
///
/// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_RefreshSchedule.html
///
/// @param frequency null when it never was said; never null when it is enabled
/// @param timeOfDay of daily refreshes; of others its minutes count alone
public record RefreshSchedule(boolean enabled, @Nullable Frequency frequency, LocalTime timeOfDay) {
    /// That of a dashboard that is refreshed when somebody asks for it.
    public static final RefreshSchedule NONE = new RefreshSchedule(false, null, LocalTime.MIDNIGHT);

    /// What a frequency counts.
    public enum Unit {
        HOURS(Duration.ofHours(1)),
        DAYS(Duration.ofDays(1));

        private final Duration length;

        Unit(Duration length) {
            this.length = length;
        }
    }

    /// How often.
    ///
    /// @param value one of those that AWS has for the unit
    public record Frequency(Unit unit, int value) {
        private static final Set<Integer> HOURS = Set.of(1, 6, 12, 24);

        public Frequency {
            boolean known =
                    switch (unit) {
                        case HOURS -> HOURS.contains(value);
                        case DAYS -> value == 1;
                    };
            if (!known) {
                throw new Failure(
                        ErrorCode.INVALID_PARAMETER,
                        "Expected a refresh each 1, 6, 12 or 24 HOURS or each 1 DAYS, got %d %s."
                                .formatted(value, unit));
            }
        }

        private Duration length() {
            return unit.length.multipliedBy(value);
        }
    }

    public RefreshSchedule {
        if (enabled && frequency == null) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER,
                    "Expected a Frequency with a RefreshSchedule that is ENABLED, got none.");
        }
    }

    /// Reads a time of day.
    ///
    /// @param text such as `08:30`
    public static LocalTime time(String text) {
        try {
            return LocalTime.parse(text);
        } catch (DateTimeParseException _) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER,
                    "Expected a TimeOfDay between 00:00 and 23:59, got %s.".formatted(text));
        }
    }

    /// The newest point of time at which a refresh was to be, now or before. It need not be after
    /// the schedule was made.
    public Instant slot(Instant now) {
        Frequency often = Objects.requireNonNull(frequency);
        long every = often.length().toSeconds();
        long offset =
                often.unit() == Unit.HOURS
                        ? Duration.ofMinutes(timeOfDay.getMinute()).toSeconds()
                        : timeOfDay.toSecondOfDay();
        // Days of UTC begin where these are whole: none has a leap second here.
        long whole = Math.floorDiv(now.getEpochSecond() - offset, every);
        return Instant.ofEpochSecond(whole * every + offset);
    }
}
