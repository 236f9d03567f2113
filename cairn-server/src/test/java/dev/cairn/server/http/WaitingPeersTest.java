package dev.cairn.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaitingPeersTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final WaitingPeers<String> peers = new WaitingPeers<>(2, Duration.ofSeconds(10));

    @Test
    void the_one_that_waited_longest_goes_for_a_newcomer() {
        assertThat(peers.opened("a", 0)).isEmpty();
        assertThat(peers.opened("b", SECOND)).isEmpty();
        peers.busy("a");
        peers.waiting("a", 2 * SECOND);

        assertThat(peers.opened("c", 3 * SECOND)).containsExactly("b");
        assertThat(peers.opened("d", 4 * SECOND)).containsExactly("a");
    }

    @Test
    void a_request_in_hand_is_never_cut_off_for_a_newcomer() {
        peers.opened("a", 0);
        peers.opened("b", 0);
        peers.busy("a");
        peers.busy("b");

        assertThat(peers.opened("c", SECOND)).containsExactly("c");
        peers.closed("a");
        assertThat(peers.opened("d", SECOND)).isEmpty();
    }

    @Test
    void whoever_waits_too_long_goes_and_whoever_asks_does_not() {
        peers.opened("a", 0);
        peers.opened("b", 0);
        peers.busy("b");

        assertThat(peers.overdue(10 * SECOND)).isEmpty();
        assertThat(peers.overdue(10 * SECOND + 1)).isEqualTo(List.of("a"));
        assertThat(peers.overdue(20 * SECOND)).isEmpty();
        peers.waiting("b", 20 * SECOND);
        assertThat(peers.overdue(31 * SECOND)).isEqualTo(List.of("b"));
    }

    @Test
    void one_that_was_closed_while_its_request_was_worked_on_does_not_wait() {
        peers.opened("a", 0);
        peers.busy("a");
        peers.closed("a");
        peers.waiting("a", 0);

        assertThat(peers.overdue(Duration.ofDays(1).toNanos())).isEmpty();
    }

    @Test
    void one_with_several_requests_in_hand_waits_when_the_last_is_answered() {
        peers.opened("a", 0);
        peers.busy("a");
        peers.busy("a");
        peers.waiting("a", SECOND);

        assertThat(peers.overdue(Duration.ofDays(1).toNanos())).isEmpty();
        peers.waiting("a", 2 * SECOND);
        assertThat(peers.overdue(Duration.ofDays(1).toNanos())).containsExactly("a");
    }
}
