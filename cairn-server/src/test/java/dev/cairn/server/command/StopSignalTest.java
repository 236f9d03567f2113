package dev.cairn.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class StopSignalTest {
    private static final Duration LONG = Duration.ofDays(1);

    private final StopSignal stop = new StopSignal();

    @Test
    void the_promised_ten_seconds_leave_room_for_the_end_of_the_virtual_machine() {
        assertThat(StopSignal.CLOSE_MAX).isLessThan(Duration.ofSeconds(9));
    }

    @Test
    @Timeout(60)
    void a_close_that_never_ends_does_not_hold_the_exit() {
        stop.serving();

        assertThat(stop.ask(Duration.ofMillis(1))).isFalse();
        assertThat(stop.asked()).isTrue();
    }

    @Test
    @Timeout(60)
    void a_start_has_nothing_to_close() {
        assertThat(stop.ask(LONG)).isTrue();
    }

    @Test
    @Timeout(60)
    void the_exit_waits_for_the_close() throws Exception {
        stop.serving();
        var exit = CompletableFuture.supplyAsync(() -> stop.ask(LONG));
        stop.await();
        assertThat(exit).isNotDone();

        stop.closed();

        assertThat(exit.get(60, TimeUnit.SECONDS)).isTrue();
    }
}
