package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// SIGTERM ends the program cleanly within ten seconds ([LiveServer#stop] holds it to that),
/// whatever it is busy with.
final class StopTest {
    private static final Duration BUSY_MAX = Duration.ofSeconds(60);
    private static final Duration DROP_EVERY = Duration.ofMillis(100);

    @Test
    void serverStopsWhileClientsNeitherEndTheirRequestsNorReadTheirAnswers() throws Exception {
        try (var server = LiveServer.start()) {
            var token = server.cairn("token", "create", "--for", "intake").exited(0).out().strip();
            var open = new ArrayList<Socket>();
            try {
                for (var i = 0; i < 4; i++) {
                    open.add(halfABody(server, token));
                }
                var tail = server.watch("tail");
                try (var wire = new Wire(server.endpoint())) {
                    var number = new AtomicInteger();
                    // What it prints it was sent: from then on its next request waits for more.
                    Await.until(
                            Await.Bound.of("an event on the tail", BUSY_MAX),
                            () -> {
                                var sample =
                                        Sample.now(LiveServer.ACCOUNT, number.incrementAndGet());
                                wire.intake(LiveServer.ROOT, Wire.bytes(sample.json())).expect(200);
                                return tail.getInputStream().available() > 0;
                            });
                    server.stop();
                } finally {
                    tail.destroyForcibly().waitFor();
                }
            } finally {
                for (var socket : open) {
                    socket.close();
                }
            }
            assertThat(server.data().resolve("server.json")).doesNotExist();
            server.cairn("fsck").exited(0);
        }
    }

    /// A request whose body never ends; the server is reading it when this returns.
    private static Socket halfABody(LiveServer server, String token) throws Exception {
        var socket = new Socket(server.endpoint().getHost(), server.endpoint().getPort());
        OutputStream out = socket.getOutputStream();
        out.write(
                ("POST /intake/v1/events HTTP/1.1\r\nHost: cairn\r\nAuthorization: Bearer "
                                + token
                                + "\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        out.flush();
        // It asks for the body as soon as it wants to read it.
        var answer = socket.getInputStream().readNBytes("HTTP/1.1 100".length());
        assertThat(new String(answer, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 100");
        out.write('{');
        out.flush();
        return socket;
    }

    /// What comes in drops is not idle, and may go on for `limits.arrival-grace`, which is longer
    /// than a stop may take: what is under way then is broken off.
    @Test
    void serverStopsWhileARequestGoesOn() throws Exception {
        try (var server = LiveServer.start()) {
            var token = server.cairn("token", "create", "--for", "intake").exited(0).out().strip();
            var ended = new CountDownLatch(1);
            try (var socket = halfABody(server, token)) {
                var drops = Thread.ofVirtual().name("drops").start(() -> drip(socket, ended));
                try {
                    server.stop();
                } finally {
                    ended.countDown();
                    drops.join();
                }
            }
            server.cairn("fsck").exited(0);
        }
    }

    private static void drip(Socket socket, CountDownLatch ended) {
        try {
            while (!ended.await(DROP_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
                socket.getOutputStream().write(' ');
            }
        } catch (IOException _) {
            // The server has broken it off.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void serverThatIsStillStartingStopsAtOnce() throws Exception {
        var home = Files.createTempDirectory("cairn-stop");
        var waiting = home.resolve("waiting");
        // The start waits for the master key, up to half a minute.
        var server =
                Command.builder(
                                home,
                                Map.of(),
                                Command.cairn(
                                        "serve",
                                        "--data",
                                        home.resolve("data").toString(),
                                        "--port",
                                        "0",
                                        "--set",
                                        "keys.master=command:touch "
                                                + waiting
                                                + "; exec tail -f /dev/null"))
                        .redirectErrorStream(true)
                        .start();
        var key = List.<ProcessHandle>of();
        try {
            Await.until(
                    Await.Bound.of("the start waiting for its key", BUSY_MAX),
                    () -> Files.exists(waiting));
            key = server.descendants().toList();
            server.destroy();
            assertThat(server.waitFor(LiveServer.STOP_MAX.toMillis(), TimeUnit.MILLISECONDS))
                    .isTrue();
        } finally {
            server.destroyForcibly().waitFor();
            key.forEach(ProcessHandle::destroyForcibly);
            LiveServer.delete(home);
        }
    }
}
