package dev.cairn.server.courier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class LookUpsTest {
    private static final Duration SOON = Duration.ofMillis(20);

    private final CountDownLatch over = new CountDownLatch(1);

    /// A name server that does not answer before the test is over.
    private InetAddress[] silent(String host) throws UnknownHostException {
        try {
            over.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        throw new UnknownHostException(host);
    }

    @Test
    void nobody_waits_longer_for_a_name_than_a_time_and_others_are_looked_up_meanwhile()
            throws Exception {
        try {
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> LookUps.of("slow.test", SOON, this::silent))
                        .isInstanceOf(SocketTimeoutException.class);
            }
            assertThat(LookUps.of("127.0.0.1", Duration.ofSeconds(10)))
                    .containsExactly(InetAddress.getLoopbackAddress());
        } finally {
            over.countDown();
        }
    }

    @Test
    void a_name_that_is_not_known_is_told_and_a_stop_is_not_swallowed() {
        assertThatThrownBy(() ->
                        LookUps.of(
                                "x.test",
                                Duration.ofSeconds(10),
                                host -> {
                                    throw new UnknownHostException(host);
                                }))
                .isInstanceOf(UnknownHostException.class);
        try {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> LookUps.of("slow.test", SOON, this::silent))
                    .isInstanceOf(InterruptedIOException.class);
            assertThat(Thread.interrupted()).isTrue();
        } finally {
            over.countDown();
        }
    }
}
