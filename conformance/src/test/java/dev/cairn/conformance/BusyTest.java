package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/// More requests at once than the server works on are answered, not queued.
final class BusyTest {
    private static final int PLACES = 4;
    private static final Duration BUSY_MAX = Duration.ofSeconds(20);

    @Test
    void tooManyRequestsAtOnceAreToldToComeBack() throws Exception {
        try (var server = LiveServer.start("limits.concurrent-requests=" + PLACES);
                var wire = new Wire(server.endpoint())) {
            var token = server.cairn("token", "create", "--for", "intake").exited(0).out().strip();
            var held = new ArrayList<Socket>();
            try {
                var health = wire.request("GET", "/health", "");
                var busy =
                        Await.value(
                                Await.Bound.of("all places taken", BUSY_MAX),
                                () -> {
                                    // One that came while another still had the last place was
                                    // turned away, and holds none.
                                    held.add(hold(server, token));
                                    return wire.send(health, new byte[0]);
                                },
                                answer -> answer.status() == 503 && held.size() > PLACES);
                assertThat(Integer.parseInt(busy.header("retry-after"))).isPositive();
            } finally {
                for (var socket : held) {
                    socket.close();
                }
            }
            Await.until(
                    Await.Bound.of("a free place", BUSY_MAX),
                    () ->
                            wire.send(wire.request("GET", "/health", ""), new byte[0]).status()
                                    == 200);
        }
    }

    /// Begins a request and does not end it.
    private static Socket hold(LiveServer server, String token) throws Exception {
        var socket = new Socket(server.endpoint().getHost(), server.endpoint().getPort());
        socket.getOutputStream()
                .write(
                        Wire.bytes(
                                "POST /intake/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: 1000\r\n\r\n{"
                                        .formatted(token)));
        socket.getOutputStream().flush();
        return socket;
    }
}
