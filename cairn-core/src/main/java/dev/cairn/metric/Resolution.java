package dev.cairn.metric;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// How fine values are kept. What gets too old for one becomes part of the next: at any time a
/// value is in one of them.
///
/// Steps and ages are CloudWatch's
/// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#metrics-retention).
enum Resolution {
    SECOND("metric-second", Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofHours(3)),
    MINUTE("metric-minute", Duration.ofMinutes(1), Duration.ofMinutes(15), Duration.ofDays(15)),
    FIVE_MINUTES(
            "metric-five-minutes", Duration.ofMinutes(5), Duration.ofHours(6), Duration.ofDays(63)),
    HOUR("metric-hour", Duration.ofHours(1), Duration.ofDays(10), Duration.ofDays(455));

    private final String kind;
    private final long step;
    private final long block;
    private final Duration kept;

    Resolution(String kind, Duration step, Duration block, Duration kept) {
        this.kind = kind;
        this.step = step.toSeconds();
        this.block = block.toSeconds();
        this.kept = kept;
    }

    /// The kind of its documents.
    String kind() {
        return kind;
    }

    /// Seconds that one statistic set stands for.
    long step() {
        return step;
    }

    /// The start of the step that a moment is in, in seconds since 1970.
    long stepOf(long second) {
        return Math.floorDiv(second, step) * step;
    }

    /// The start of the block that a moment is in. A document holds a block: one for each step
    /// would be fifteen times as many, and a longer one would be written anew too often.
    long blockOf(long second) {
        return Math.floorDiv(second, block) * block;
    }

    /// Whether all of a block is past its age.
    boolean isOver(long block, Instant now) {
        return block + this.block + kept.toSeconds() <= now.getEpochSecond();
    }

    /// What a block becomes part of when it is over; empty when it is forgotten.
    Optional<Resolution> coarser() {
        return switch (this) {
            case SECOND -> Optional.of(MINUTE);
            case MINUTE -> Optional.of(FIVE_MINUTES);
            case FIVE_MINUTES -> Optional.of(HOUR);
            case HOUR -> Optional.empty();
        };
    }

    /// The resolution in which a value of that time is kept now: the finest that does not have it
    /// past its age already.
    static Optional<Resolution> of(long second, boolean fine, Instant now) {
        for (Resolution one : values()) {
            if ((fine || one != SECOND) && !one.isOver(one.blockOf(second), now)) {
                return Optional.of(one);
            }
        }
        return Optional.empty();
    }
}
