package dev.cairn.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// Counts of more names than there is room for.
final class TallyTest {

    @Test
    void what_is_counted_often_stays_however_many_names_come() {
        var tally = new Tally<String, AtomicLong>(10, AtomicLong::new, AtomicLong::get);
        for (var at = 0; at < 1_000; at++) {
            tally.of("often").incrementAndGet();
            tally.of("also").addAndGet(at % 2);
            tally.of("once " + at).incrementAndGet();
            assertThat(tally.all().size()).isLessThanOrEqualTo(20);
        }

        assertThat(tally.isFull()).isTrue();
        assertThat(tally.first(2)).containsExactly("often", "also");
        assertThat(tally.of("often").get()).isEqualTo(1_000);
    }

    @Test
    void nothing_is_let_go_while_there_is_room() {
        var tally = new Tally<String, AtomicLong>(10, AtomicLong::new, AtomicLong::get);
        for (var at = 0; at < 20; at++) {
            tally.of("name " + at);
        }

        assertThat(tally.isFull()).isFalse();
        assertThat(tally.first(3)).containsExactly("name 0", "name 1", "name 10");
    }
}
