package dev.cairn.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.bench.CairnServer.Behind;
import dev.cairn.bench.Sustained.Course;
import dev.cairn.bench.Sustained.Look;
import dev.cairn.bench.Sustained.Settled;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SustainedTest {
    private static final int RATE = 1_000;
    private static final int SECONDS = 60;
    private static final double GATHERED = 100;

    /// A minute of looks, a second apart.
    private static Course course(double recorded, IntFunction<Behind> behind) {
        List<Look> looks =
                IntStream.range(0, SECONDS)
                        .mapToObj(second -> new Look(second, behind.apply(second)))
                        .toList();
        return new Course(recorded, SECONDS, looks, new Settled(0, 0), 0, 0);
    }

    @Test
    void readers_that_stay_as_far_behind_as_they_were_keep_up() {
        Course course = course(RATE, second -> new Behind(5_000, second % 3 * 10_000L));
        assertThat(course.sustained(RATE, GATHERED)).isTrue();
        assertThat(course.growth(Behind::history)).isZero();
        assertThat(course.third(2, Behind::trails)).isEqualTo(10_000);
    }

    @Test
    void a_reader_that_falls_behind_does_not() {
        Course history = course(RATE, second -> new Behind(1_000 + 20L * second, 0));
        assertThat(history.growth(Behind::history)).isEqualTo(20);
        assertThat(history.sustained(RATE, GATHERED)).isFalse();
        assertThat(course(RATE, second -> new Behind(0, 20L * second)).sustained(RATE, GATHERED))
                .isFalse();
    }

    @Test
    void a_trail_that_only_gathers_its_next_file_is_not_falling_behind() {
        Course course = course(RATE, second -> new Behind(0, second < 30 ? 0 : 500));
        assertThat(course.growth(Behind::trails)).isEqualTo(12.5);
        assertThat(course.sustained(RATE, GATHERED)).isFalse();
        assertThat(course.sustained(RATE, 500)).isTrue();
    }

    @Test
    void a_rate_that_was_not_recorded_is_not_sustained() {
        assertThat(course(RATE * 0.9, _ -> new Behind(0, 0)).sustained(RATE, GATHERED)).isFalse();
    }

    @Test
    void nothing_is_said_of_readers_that_nobody_looked_at() {
        Course course =
                new Course(
                        RATE,
                        SECONDS,
                        List.of(new Look(1, new Behind(0, 0))),
                        new Settled(0, 0),
                        0,
                        0);
        assertThat(course.sustained(RATE, GATHERED)).isFalse();
    }
}
