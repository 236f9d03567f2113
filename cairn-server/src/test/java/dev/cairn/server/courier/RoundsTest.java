package dev.cairn.server.courier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

final class RoundsTest {
    @Test
    void what_nobody_can_carry_is_ended_and_its_hands_are_free_again() {
        var ended = new ArrayList<String>();
        var rounds =
                new Rounds<>(
                        new Rounds.Bag<String>() {
                            @Override
                            public List<String> due(Instant now, int limit) {
                                assertThat(limit).isEqualTo(3);
                                return List.of("a", "b");
                            }

                            @Override
                            public void carry(String one) {
                                throw new AssertionError("expected that nobody carries " + one);
                            }

                            @Override
                            public void ended(String one) {
                                ended.add(one);
                            }

                            @Override
                            public String name(String one) {
                                return one;
                            }
                        },
                        3,
                        new Semaphore(0),
                        () -> Instant.EPOCH);
        rounds.close();
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(rounds::look).isInstanceOf(RejectedExecutionException.class);
        }
        assertThat(ended).containsExactly("a", "b", "a", "b");
    }
}
