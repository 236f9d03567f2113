package dev.cairn.server.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Clients that hold what they have, on a real port.
class JettyServerTest {
    private static final int ANSWER_MILLIS_MAX = 30_000;
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final String REFUSED = "/refused";

    /// More than the buffers of a connection between two programs of one machine hold.
    private static final int BEYOND_BUFFERS = 64 << 20;

    private final CountDownLatch done = new CountDownLatch(1);
    private final BlockingQueue<String> refusals = new LinkedBlockingQueue<>();
    private @Nullable JettyServer started;

    private void serve(HttpLimits limits) throws IOException {
        started = new JettyServer("127.0.0.1", 0, limits, new Reading(refusals));
        started.start();
    }

    private JettyServer server() {
        return Objects.requireNonNull(started);
    }

    @AfterEach
    void stop() {
        done.countDown();
        server().close();
    }

    /// Tells how many bytes the body had; reads none of what it refuses.
    private record Reading(BlockingQueue<String> refusals) implements Door {
        @Override
        public Reply answer(Exchange exchange) {
            if (exchange.head().rawPath().equals(REFUSED)) {
                return Reply.of(413, "text/plain", "too large");
            }
            try {
                return Reply.of(200, "text/plain", "" + exchange.body().readAllBytes().length);
            } catch (BodyException failure) {
                return Reply.of(408, "text/plain", failure.kind() + " " + failure.message())
                        .with("Connection", "close");
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }

        @Override
        public Reply refuse(int status, String reason) {
            refusals.add(status + " " + reason);
            return Reply.of(status, "text/plain", reason);
        }
    }

    private static HttpLimits limits(
            Duration idle, Duration grace, Duration bodyTime, int connections) {
        return new HttpLimits(
                16 << 10,
                idle,
                grace,
                1,
                bodyTime,
                connections,
                2,
                1 << 20,
                Duration.ofMillis(100));
    }

    private static HttpLimits limits(int concurrent, int unreadBytes, Duration unreadTime) {
        return new HttpLimits(
                16 << 10, LONG, LONG, 1, LONG, 10, concurrent, unreadBytes, unreadTime);
    }

    private Socket connect() throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), server().port());
        socket.setSoTimeout(ANSWER_MILLIS_MAX);
        return socket;
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(US_ASCII));
        socket.getOutputStream().flush();
    }

    private static String all(Socket socket) throws IOException {
        try {
            return new String(socket.getInputStream().readAllBytes(), US_ASCII);
        } catch (SocketException _) {
            return "";
        }
    }

    /// Says the same again and again, as long as somebody listens.
    private Thread trickle(Socket socket, String text) {
        return Thread.ofVirtual()
                .start(() -> {
                    try {
                        OutputStream out = socket.getOutputStream();
                        do {
                            out.write(text.getBytes(US_ASCII));
                            out.flush();
                        } while (!done.await(5, TimeUnit.MILLISECONDS));
                    } catch (IOException _) {
                        // Nobody listens any more.
                    } catch (InterruptedException _) {
                        Thread.currentThread().interrupt();
                    }
                });
    }

    @Test
    void a_body_that_stops_coming_is_refused_when_its_grace_is_over() throws Exception {
        serve(limits(LONG, Duration.ofMillis(300), LONG, 10));
        try (var socket = connect()) {
            say(socket, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n");

            assertThat(all(socket)).startsWith("HTTP/1.1 408 ").contains("TOO_SLOW");
        }
    }

    @Test
    void a_body_that_trickles_is_refused_when_its_time_is_over() throws Exception {
        serve(limits(LONG, LONG, Duration.ofMillis(300), 10));
        try (var socket = connect()) {
            say(socket, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
            trickle(socket, "a");

            assertThat(all(socket)).startsWith("HTTP/1.1 408 ").contains("TOO_SLOW");
        }
    }

    @Test
    void a_body_that_breaks_off_is_told_from_one_that_ends() throws Exception {
        serve(limits(LONG, LONG, LONG, 10));
        try (var socket = connect()) {
            say(socket, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
            socket.shutdownOutput();

            assertThat(all(socket)).doesNotContain(" 200 ");
        }
    }

    @Test
    void a_body_that_comes_in_time_is_read_whole_and_the_connection_goes_on() throws Exception {
        serve(limits(LONG, LONG, LONG, 10));
        try (var socket = connect()) {
            var body = "a".repeat(200_000);
            say(socket, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n" + body);
            say(
                    socket,
                    "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");

            assertThat(all(socket)).contains("\r\n\r\n200000").endsWith("\r\n\r\n3");
        }
    }

    @Test
    void a_head_that_trickles_is_cut_off() throws Exception {
        serve(limits(Duration.ofMillis(200), Duration.ofMillis(100), LONG, 10));
        try (var socket = connect()) {
            say(socket, "GET / HTTP/1.1\r\n");
            trickle(socket, "A: b\r\n");

            // The head's size would end it much later, with 431.
            assertThat(all(socket)).isEmpty();
            assertThat(server().closedWaiting()).isEqualTo(1);
            assertThat(refusals.poll(ANSWER_MILLIS_MAX, TimeUnit.MILLISECONDS))
                    .matches("408 the connection ended after \\d{2,} bytes of a request's head");
        }
    }

    @Test
    void a_head_that_stops_coming_is_refused_and_a_rest_between_requests_is_not() throws Exception {
        serve(limits(Duration.ofMillis(200), LONG, LONG, 10));
        try (var rested = connect();
                var stopped = connect()) {
            say(rested, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            say(stopped, "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /second HTT");
            assertThat(stopped.getInputStream().read()).isEqualTo('H');
            say(stopped, "P/1.1\r\n");

            assertThat(all(rested)).startsWith("HTTP/1.1 200 ");
            assertThat(all(stopped)).startsWith("TTP/1.1 200 ");
            assertThat(refusals.poll(ANSWER_MILLIS_MAX, TimeUnit.MILLISECONDS))
                    .isEqualTo("408 the connection ended after 7 bytes of a request's head");
        }
        try (var garbled = connect()) {
            say(garbled, "GET / HTTP/1.1\r\nno colon\r\n\r\n");
            assertThat(all(garbled)).startsWith("HTTP/1.1 400 ");
        }
        server().close();
        assertThat(refusals).singleElement().asString().startsWith("400 ");
    }

    @Test
    void whoever_holds_connections_cannot_keep_others_out() throws Exception {
        serve(limits(LONG, LONG, LONG, 4));
        var held = new Socket[4];
        try {
            for (var i = 0; i < held.length; i++) {
                held[i] = connect();
                say(held[i], "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
                assertThat(held[i].getInputStream().read()).isEqualTo('H');
            }
            try (var newcomer = connect()) {
                say(newcomer, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
                assertThat(all(newcomer)).startsWith("HTTP/1.1 200 ");
            }
            // Ends, for the server has closed it.
            assertThat(all(held[0])).startsWith("TTP/1.1 200 ");
            assertThat(server().closedWaiting()).isEqualTo(1);
        } finally {
            for (var socket : held) {
                if (socket != null) {
                    socket.close();
                }
            }
        }
    }

    @Test
    void who_goes_on_writing_a_refused_body_comes_to_read_the_answer() throws Exception {
        serve(limits(2, 2 * BEYOND_BUFFERS, LONG));
        try (var socket = connect()) {
            announce(socket, BEYOND_BUFFERS, "");
            socket.getOutputStream().write(new byte[BEYOND_BUFFERS]);

            assertThat(all(socket))
                    .startsWith("HTTP/1.1 413 ")
                    .contains("Connection: close")
                    .endsWith("too large");
        }
    }

    @Test
    void a_refused_body_that_is_there_already_costs_no_connection() throws Exception {
        serve(limits(2, 1 << 20, LONG));
        try (var socket = connect()) {
            say(socket, "POST /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
            say(socket, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

            assertThat(all(socket))
                    .startsWith("HTTP/1.1 413 ")
                    .contains("too largeHTTP/1.1 200 ")
                    .endsWith("\r\n\r\n0");
        }
    }

    @Test
    void no_more_of_a_refused_body_is_taken_than_its_bytes_allow() throws Exception {
        serve(limits(2, 1 << 20, LONG));
        try (var socket = connect()) {
            announce(socket, BEYOND_BUFFERS, "");

            assertThatThrownBy(() -> socket.getOutputStream().write(new byte[BEYOND_BUFFERS]))
                    .isInstanceOf(SocketException.class);
        }
    }

    @Test
    void a_refused_body_that_trickles_is_taken_no_longer_than_its_time() throws Exception {
        serve(limits(2, 2 * BEYOND_BUFFERS, Duration.ofMillis(200)));
        try (var socket = connect()) {
            announce(socket, BEYOND_BUFFERS, "");
            var trickling = trickle(socket, "a");

            assertThat(all(socket)).startsWith("HTTP/1.1 413 ").endsWith("too large");
            // Ends when nobody listens any more.
            assertThat(trickling.join(Duration.ofMillis(ANSWER_MILLIS_MAX))).isTrue();
        }
    }

    @Test
    void who_waits_to_be_told_to_go_on_is_not_read_on() throws Exception {
        serve(limits(2, 2 * BEYOND_BUFFERS, LONG));
        try (var socket = connect()) {
            announce(socket, BEYOND_BUFFERS, "Expect: 100-continue\r\n");

            assertThat(all(socket)).startsWith("HTTP/1.1 413 ").endsWith("too large");
            assertThatThrownBy(() -> socket.getOutputStream().write(new byte[BEYOND_BUFFERS]))
                    .isInstanceOf(SocketException.class);
        }
    }

    @Test
    void refused_bodies_take_no_place_of_work_and_one_sender_has_its_share_of_them()
            throws Exception {
        // One place, and of bodies that are read on one, too.
        serve(limits(1, 4 * BEYOND_BUFFERS, LONG));
        try (var first = connect();
                var second = connect()) {
            announce(first, 2L * BEYOND_BUFFERS, "");
            // It is read on when so much of it is gone.
            first.getOutputStream().write(new byte[BEYOND_BUFFERS]);

            announce(second, BEYOND_BUFFERS, "");
            assertThat(all(second)).startsWith("HTTP/1.1 413 ").endsWith("too large");
            assertThatThrownBy(() -> second.getOutputStream().write(new byte[BEYOND_BUFFERS]))
                    .isInstanceOf(SocketException.class);

            first.getOutputStream().write(new byte[BEYOND_BUFFERS]);
            assertThat(all(first)).startsWith("HTTP/1.1 413 ").endsWith("too large");
        }
    }

    private static void announce(Socket socket, long length, String field) throws IOException {
        say(
                socket,
                "POST %s HTTP/1.1\r\nHost: x\r\n%sContent-Length: %d\r\n\r\n"
                        .formatted(REFUSED, field, length));
    }
}
