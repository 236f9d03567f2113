package dev.cairn.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class HttpLimitsTest {
    private static final HttpLimits LIMITS =
            new HttpLimits(
                    16 << 10,
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(20),
                    1000,
                    Duration.ofMinutes(5),
                    10,
                    5,
                    8 << 20,
                    Duration.ofSeconds(1));

    @Test
    void a_body_has_its_grace_and_then_as_long_as_it_brings_enough() {
        assertThat(LIMITS.bodyTime(0)).isEqualTo(Duration.ofSeconds(20));
        assertThat(LIMITS.bodyTime(10_500)).isEqualTo(Duration.ofMillis(30_500));
    }

    @Test
    void no_body_has_longer_than_all_bodies_have() {
        assertThat(LIMITS.bodyTime(1L << 40)).isEqualTo(Duration.ofMinutes(5));
    }
}
