package dev.cairn.server.courier;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.topic.Courier.Outcome;
import dev.cairn.topic.Subscription.Protocol;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A receiver that gives a byte now and then keeps a courier no longer than one that is silent.
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class HttpCourierTest {
    private static final Duration TIME_MAX = Duration.ofSeconds(1);

    /// The head of a TLS record of 16 KiB.
    private static final byte[] RECORD = {0x16, 3, 3, 0x40, 0};

    @Test
    void a_handshake_in_drops_ends_when_the_time_is_over() throws Exception {
        assertThat(outcome(Protocol.HTTPS, RECORD))
                .isEqualTo(new Outcome.Failed("no answer within 1 s"));
    }

    @Test
    void an_answer_in_drops_ends_when_the_time_is_over() throws Exception {
        assertThat(outcome(Protocol.HTTP, new byte[] {'H', 'T'}))
                .isEqualTo(new Outcome.Failed("no answer within 1 s"));
    }

    @Test
    void who_turns_out_to_be_in_a_private_network_is_not_called_and_not_tried_again()
            throws Exception {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var courier =
                    new HttpCourier(
                            new HttpCalls(
                                    new Addresses(List.of()),
                                    () -> (SSLSocketFactory) SSLSocketFactory.getDefault()),
                            TIME_MAX);
            assertThat(
                            courier.carry(
                                    Parcels.question(
                                            Protocol.HTTP,
                                            "http://127.0.0.1:%d/"
                                                    .formatted(server.getLocalPort()))))
                    .isEqualTo(
                            new Outcome.Refused(
                                    "its address is private, and topic.private-addresses does not name it"));
        }
    }

    private static Outcome outcome(Protocol protocol, byte[] first) throws Exception {
        var drops = Executors.newScheduledThreadPool(1);
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> drip(server, first, drops));
            var courier =
                    new HttpCourier(
                            new HttpCalls(
                                    new Addresses(List.of("127.0.0.0/8")),
                                    () -> (SSLSocketFactory) SSLSocketFactory.getDefault()),
                            TIME_MAX);
            return courier.carry(
                    Parcels.question(
                            protocol,
                            "%s://127.0.0.1:%d/"
                                    .formatted(protocol.wireName(), server.getLocalPort())));
        } finally {
            drops.shutdownNow();
        }
    }

    private static void drip(ServerSocket server, byte[] first, ScheduledExecutorService drops) {
        try {
            Socket socket = server.accept();
            socket.getOutputStream().write(first);
            var _ =
                    drops.scheduleAtFixedRate(
                            () -> {
                                try {
                                    socket.getOutputStream().write(0x20);
                                } catch (IOException hungUp) {
                                    throw new IllegalStateException(hungUp);
                                }
                            },
                            50,
                            50,
                            TimeUnit.MILLISECONDS);
        } catch (IOException closed) {
            throw new IllegalStateException(closed);
        }
    }
}
