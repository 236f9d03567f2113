package dev.cairn.testkit.event;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;

/// When things happen: much on weekday mornings and afternoons, little at night and on weekends.
/// Answers where in time a share of all work is done.
final class Rhythm {
    private static final int HOURS = 7 * 24;

    /// Work per hour of a day, from midnight UTC.
    private static final double[] DAY = {
        3, 3, 4, 3, 3, 3, 4, 6, 10, 14, 15, 14, 12, 14, 15, 14, 13, 10, 7, 6, 5, 5, 4, 3
    };

    /// Work done from the start of the week to the start of each hour.
    private static final double[] DONE = done();

    private static final double WEEK = DONE[HOURS];

    private final Instant monday;
    private final double workAtStart;
    private final double workPerEvent;

    /// @param events how many are spread evenly by work from start to end
    Rhythm(Instant start, Instant end, long events) {
        this.monday =
                start.atZone(ZoneOffset.UTC)
                        .truncatedTo(ChronoUnit.DAYS)
                        .minusDays(start.atZone(ZoneOffset.UTC).getDayOfWeek().getValue() - 1L)
                        .toInstant();
        this.workAtStart = work(start);
        this.workPerEvent = (work(end) - workAtStart) / events;
    }

    private static double[] done() {
        double[] done = new double[HOURS + 1];
        for (int hour = 0; hour < HOURS; hour++) {
            double share = hour / 24 < 5 ? 1 : 0.35;
            done[hour + 1] = done[hour] + DAY[hour % 24] * share;
        }
        return done;
    }

    private double work(Instant at) {
        double hours = Duration.between(monday, at).toMillis() / 3_600_000.0;
        double weeks = Math.floor(hours / HOURS);
        double within = hours - weeks * HOURS;
        int hour = Math.min((int) within, HOURS - 1);
        return weeks * WEEK + DONE[hour] + (within - hour) * (DONE[hour + 1] - DONE[hour]);
    }

    /// The time of the event of this ordinal, from 0; never before that of a lower one.
    Instant time(double ordinal) {
        double work = workAtStart + ordinal * workPerEvent;
        double weeks = Math.floor(work / WEEK);
        double within = work - weeks * WEEK;
        int found = Arrays.binarySearch(DONE, within);
        int hour = Math.min(found >= 0 ? found : -found - 2, HOURS - 1);
        double part = (within - DONE[hour]) / (DONE[hour + 1] - DONE[hour]);
        return monday.plusMillis((long) ((weeks * HOURS + hour + part) * 3_600_000));
    }
}
