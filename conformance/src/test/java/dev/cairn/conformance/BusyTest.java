package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.aws.http.Request;
import dev.cairn.aws.sigv4.Payload;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
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

    @Test
    void strangersLeaveRoomForThoseWhoAreKnown() throws Exception {
        // An eighth: one stranger of one address at a time.
        try (var server = LiveServer.start("limits.concurrent-requests=8");
                var wire = new Wire(server.endpoint())) {
            s3(wire, wire.request("PUT", "/visited", ""), new byte[0]).expect(200);
            var document = Wire.bytes("no document");
            try (var _ = visit(server)) {
                var turnedAway = wire.send(wire.request("POST", "/visited", "delete"), document);
                assertThat(turnedAway.expect(503).body()).contains("<Code>ServiceUnavailable<");
                assertThat(Integer.parseInt(turnedAway.header("retry-after"))).isPositive();

                var known = s3(wire, wire.request("POST", "/visited", "delete"), document);
                assertThat(known.expect(400).body()).contains("<Code>MalformedXML<");
            }
        }
    }

    /// Signs as S3's clients do, and sends.
    private static Wire.Answer s3(Wire wire, Request request, byte[] body) throws Exception {
        var hash = Wire.sha256(body);
        return wire.send(
                Wire.signer(LiveServer.ROOT, "us-east-1", "s3")
                        .sign(request, new Payload.Declared(hash), hash, Instant.now()),
                body);
    }

    /// Begins a request that nobody signed, and does not end it; returns when its body is awaited.
    private static Socket visit(LiveServer server) throws Exception {
        var socket = new Socket(server.endpoint().getHost(), server.endpoint().getPort());
        socket.setSoTimeout((int) BUSY_MAX.toMillis());
        socket.getOutputStream()
                .write(
                        Wire.bytes(
                                "POST /visited?delete HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n"));
        socket.getOutputStream().flush();
        assertThat(socket.getInputStream().readNBytes(12)).asString().isEqualTo("HTTP/1.1 100");
        return socket;
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
