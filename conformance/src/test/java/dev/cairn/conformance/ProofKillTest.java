package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.server.command.CairnCommand;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/// The real process, killed while `cairn verify` reads objects from it by the hundred.
final class ProofKillTest {
    private static final Duration SEALED_MAX = Duration.ofSeconds(90);
    private static final int DIGESTS_MIN = 3;

    /// Less than the answer has, so that it is cut off in the midst of an object.
    private static final int ANSWER_BYTES = 700;

    @Test
    void a_server_that_is_killed_while_it_answers_leaves_nothing_proved() throws Exception {
        try (var server =
                LiveServer.start("trail.delivery-interval=1s", "trail.digest-interval=1s")) {
            var made = server.cairn("trail", "create", "main").exited(0);
            var bucket = made.out().replaceAll("(?s).*s3://([^/]+)/.*", "$1");
            Await.until(
                    Await.Bound.of("a chain of digests", SEALED_MAX),
                    () -> digests(verify(server, server.endpoint(), bucket)) >= DIGESTS_MIN);

            try (var between = new Between(server)) {
                var said = verify(server, between.address(), bucket);
                assertThat(between.killed()).isTrue();
                assertThat(said.exit()).as(said.out()).isEqualTo(2);
                assertThat(said.out()).doesNotContain("\"proved\" : true", "\"proved\":true");
            }

            server.restart();
            assertThat(verify(server, server.endpoint(), bucket).exit()).isZero();
        }
    }

    private record Said(int exit, String out) {}

    private static Said verify(LiveServer server, URI endpoint, String bucket) {
        var out = new ByteArrayOutputStream();
        var before = System.out;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            var exit =
                    CairnCommand.run(
                            "verify",
                            "s3://" + bucket,
                            "--json",
                            "--data",
                            server.data().toString(),
                            "--endpoint",
                            endpoint.toString());
            return new Said(exit, out.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(before);
        }
    }

    private static long digests(Said said) throws IOException {
        return said.exit() == 0 ? Wire.JSON.readTree(said.out()).path("digests").asLong() : 0;
    }

    /// Stands between a client and the server, byte by byte, until the server begins to answer
    /// ReadObjects: some of the answer goes through, and the server is killed.
    private static final class Between implements AutoCloseable {
        private final LiveServer server;
        private final ServerSocket listening;
        private final AtomicBoolean killed = new AtomicBoolean();

        Between(LiveServer server) throws IOException {
            this.server = server;
            this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            Thread.ofVirtual().start(this::accept);
        }

        URI address() {
            return URI.create("http://127.0.0.1:" + listening.getLocalPort());
        }

        boolean killed() {
            return killed.get();
        }

        private void accept() {
            try {
                while (true) {
                    var client = listening.accept();
                    var behind =
                            new Socket(
                                    InetAddress.getLoopbackAddress(), server.endpoint().getPort());
                    var many = new AtomicBoolean();
                    Thread.ofVirtual().start(() -> pump(client, behind, many, true));
                    Thread.ofVirtual().start(() -> pump(behind, client, many, false));
                }
            } catch (IOException _) {
                // Closed, or nobody is behind any more.
            }
        }

        /// @param many whether ReadObjects was asked on this connection
        private void pump(Socket from, Socket to, AtomicBoolean many, boolean asks) {
            try (from;
                    to) {
                var buffer = new byte[1 << 16];
                for (var read = from.getInputStream().read(buffer);
                        read >= 0;
                        read = from.getInputStream().read(buffer)) {
                    if (asks) {
                        var text = new String(buffer, 0, read, StandardCharsets.ISO_8859_1);
                        many.compareAndSet(false, text.contains("POST /cairn/v1/objects"));
                    } else if (many.get()) {
                        to.getOutputStream()
                                .write(Arrays.copyOf(buffer, Math.min(read, ANSWER_BYTES)));
                        to.getOutputStream().flush();
                        server.kill();
                        killed.set(true);
                        listening.close();
                        return;
                    }
                    to.getOutputStream().write(buffer, 0, read);
                }
            } catch (IOException _) {
                // The other side is closed with it.
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void close() throws IOException {
            listening.close();
        }
    }
}
