package dev.cairn.server.own;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class StrangersTest {
    private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");

    private final Strangers strangers = new Strangers();

    @Test
    void ten_requests_a_second_are_recorded_and_the_rest_is_summed() {
        var recorded = 0;
        for (var i = 0; i < 25; i++) {
            recorded += strangers.mayRecord("203.0.113.9", NOW) ? 1 : 0;
        }

        assertThat(recorded).isEqualTo(10);
        assertThat(strangers.mayRecord("203.0.113.9", NOW.plusSeconds(1))).isTrue();
        assertThat(strangers.takeSums()).containsExactly(new Strangers.Sum("203.0.113.9", 15));
        assertThat(strangers.takeSums()).isEmpty();
    }

    @Test
    void a_late_request_of_the_second_before_starts_no_new_count() {
        for (var i = 0; i < 10; i++) {
            strangers.mayRecord("203.0.113.9", NOW.plusSeconds(1));
        }

        assertThat(strangers.mayRecord("203.0.113.9", NOW)).isFalse();
        assertThat(strangers.mayRecord("203.0.113.9", NOW.plusSeconds(1))).isFalse();
    }

    @Test
    void one_source_does_not_use_up_what_another_may() {
        for (var i = 0; i < 100; i++) {
            strangers.mayRecord("203.0.113.9", NOW);
        }

        assertThat(strangers.mayRecord("203.0.113.10", NOW)).isTrue();
    }

    @Test
    void many_sources_together_are_recorded_a_hundred_times_a_second() {
        var recorded = 0;
        for (var i = 0; i < 5000; i++) {
            recorded += strangers.mayRecord("2001:db8::" + Integer.toHexString(i), NOW) ? 1 : 0;
        }

        assertThat(recorded).isEqualTo(100);
        assertThat(strangers.mayRecord("203.0.113.9", NOW.plusSeconds(1))).isTrue();
    }

    @Test
    void beyond_a_thousand_sources_the_others_share_one_sum() {
        for (var i = 0; i < 5000; i++) {
            strangers.mayRecord("2001:db8::" + Integer.toHexString(i), NOW);
        }

        var sums = strangers.takeSums();
        assertThat(sums).hasSize(901).contains(new Strangers.Sum("other addresses", 4000));
        assertThat(sums.stream().mapToLong(Strangers.Sum::count).sum()).isEqualTo(4900);
    }

    @Test
    void a_sum_that_could_not_be_recorded_is_kept_for_the_next_time() {
        strangers.putBack(new Strangers.Sum("203.0.113.9", 40));
        for (var i = 0; i < 12; i++) {
            strangers.mayRecord("203.0.113.9", NOW);
        }

        assertThat(strangers.takeSums()).containsExactly(new Strangers.Sum("203.0.113.9", 42));
    }
}
