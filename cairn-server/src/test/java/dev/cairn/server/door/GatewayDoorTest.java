package dev.cairn.server.door;

import static dev.cairn.testkit.wire.Talk.say;
import static dev.cairn.testkit.wire.Talk.until;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.gateway.recording.CallJournal;
import dev.cairn.gateway.recording.Recorder;
import dev.cairn.gateway.recording.StrictPromise;
import dev.cairn.gateway.upstream.Upstream;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.secret.Secrets;
import dev.cairn.server.http.HttpLimits;
import dev.cairn.server.http.JettyServer;
import dev.cairn.testkit.fault.SimulatedDisk;
import dev.cairn.testkit.wire.ScriptedServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The gateway on a real port, between a client and an upstream that say what a test wants.
class GatewayDoorTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final int CONCURRENT_MAX = 10;
    private static final int ANSWER_MILLIS_MAX = 30_000;

    private final BlockingQueue<Entry> events = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> refused = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> crowdedOut = new LinkedBlockingQueue<>();
    private Duration hold = LONG;
    private @Nullable ScriptedServer behind;
    private @Nullable Upstream upstream;
    private @Nullable GatewayDoor door;
    private @Nullable JettyServer front;

    private void serve(ScriptedServer.Script script) throws Exception {
        serve(script, LONG);
    }

    private void serve(ScriptedServer.Script script, Duration idle) throws Exception {
        behind = new ScriptedServer(script);
        upstream = new Upstream(behind.address(), LONG);
        var random = new Random(7);
        Secrets secrets =
                count -> {
                    var bytes = new byte[count];
                    random.nextBytes(bytes);
                    return bytes;
                };
        var gateway =
                TestGateway.of(
                        upstream,
                        new StrictPromise(
                                new Remembering(events),
                                CallJournal.open(
                                        new SimulatedDisk(),
                                        "gateway",
                                        CallJournal.Settings.DEFAULT),
                                LONG),
                        secrets,
                        16 << 10,
                        hold);
        var made =
                new GatewayDoor(
                        gateway, (address, reason) -> refused.add(address), crowdedOut::add);
        door = made;
        front =
                new JettyServer(
                        "127.0.0.1",
                        0,
                        new HttpLimits(
                                16 << 10,
                                idle,
                                LONG,
                                1,
                                LONG,
                                20,
                                CONCURRENT_MAX,
                                8 << 20,
                                Duration.ofSeconds(1)),
                        made);
        front.start();
    }

    private record Remembering(BlockingQueue<Entry> events) implements Recorder {
        @Override
        public Optional<Append.Pushback> pushback() {
            return Optional.empty();
        }

        @Override
        public Optional<Append.Pushback> record(Entry entry) {
            events.add(entry);
            return Optional.empty();
        }

        @Override
        public Optional<NotRecorded> recordAgain(List<Entry> entries) {
            events.addAll(entries);
            return Optional.empty();
        }
    }

    private ScriptedServer behind() {
        return Objects.requireNonNull(behind);
    }

    @AfterEach
    void stop() throws IOException {
        if (front != null) {
            front.close();
        }
        if (upstream != null) {
            upstream.close();
        }
        if (behind != null) {
            behind.close();
        }
    }

    private Socket connect() throws IOException {
        var socket =
                new Socket(InetAddress.getLoopbackAddress(), Objects.requireNonNull(front).port());
        socket.setSoTimeout(ANSWER_MILLIS_MAX);
        return socket;
    }

    private static String head(Socket socket) throws IOException {
        return until(socket, "\r\n\r\n");
    }

    private static String rest(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }

    @Test
    void paths_queries_and_headers_reach_the_upstream_as_they_came() throws Exception {
        serve(peer -> {
            peer.head();
            peer.say("HTTP/1.1 204 No Content\r\n\r\n");
        });
        var sent =
                """
                GET /b//a/./../%41%2f%c3%bc;x=1/?list-type=2&prefix=%20+&b HTTP/1.1\r
                Host: finance.s3.example:9000\r
                x-amz-meta-Name: \u00c3\u00a4  b\r
                X-Amz-Date: 20261121T000000Z\r
                x-amz-meta-Name: again\r
                Content-Type: text/plain; charset=UTF-8\r
                Content-Type: Text/HTML\r
                Accept-Encoding: GZip\r
                \r
                """;
        try (var client = connect()) {
            say(client, sent);
            assertThat(head(client)).startsWith("HTTP/1.1 204 ");
        }

        assertThat(behind().nextHead()).isEqualTo(sent);
        assertThat(events).hasSize(1);
    }

    /// How a client reaches AWS itself through the gateway: it signs for AWS's name, and takes the
    /// gateway for a proxy.
    @Test
    void what_is_sent_to_a_proxy_keeps_the_host_that_it_was_signed_for() throws Exception {
        serve(peer -> {
            peer.head();
            peer.say("HTTP/1.1 204 No Content\r\n\r\n");
        });
        var host = "Host: finance.s3.eu-west-1.amazonaws.com\r\n\r\n";
        try (var client = connect()) {
            say(
                    client,
                    "GET http://finance.s3.eu-west-1.amazonaws.com/a%2fb?x=1 HTTP/1.1\r\n" + host);
            assertThat(head(client)).startsWith("HTTP/1.1 204 ");
        }

        assertThat(behind().nextHead()).isEqualTo("GET /a%2fb?x=1 HTTP/1.1\r\n" + host);
        assertThat(new String(events.take().json(), ISO_8859_1))
                .contains("\"bucketName\":\"finance\"");
    }

    @Test
    void answers_come_back_as_they_are() throws Exception {
        serve(peer -> {
            while (true) {
                var head = peer.head();
                if (head.startsWith("HEAD")) {
                    peer.say(
                            "HTTP/1.1 200 OK\r\nContent-Length: 11\r\nETag: \"x\"\r\nDate: Sat, 21 Nov 2026 01:02:03 GMT\r\n\r\n");
                } else if (head.startsWith("PUT")) {
                    peer.say(
                            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nServer: other/1\r\nx-a: 1\r\nx-a: 2\r\n\r\n");
                } else if (head.startsWith("POST")) {
                    peer.say(
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n5\r\nhello\r\n0\r\nx-sum: 7\r\n\r\n");
                } else if (head.startsWith("OPTIONS")) {
                    peer.say("HTTP/1.1 304 Not Modified\r\nContent-Length: 11\r\n\r\n");
                } else {
                    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world");
                }
            }
        });

        try (var client = connect()) {
            say(client, "HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(head(client))
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .contains("Content-Length: 11\r\n", "ETag: \"x\"\r\n")
                    .containsOnlyOnce("Date:")
                    .contains("Date: Sat, 21 Nov 2026 01:02:03 GMT\r\n");
            say(client, "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
            assertThat(head(client))
                    .contains("Content-Length: 0\r\n", "Server: other/1\r\n", "x-a: 1\r\nx-a: 2");
            say(client, "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
            assertThat(until(client, "x-sum: 7\r\n\r\n"))
                    .contains("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n", "0\r\n");
            say(client, "OPTIONS /a HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(head(client)).startsWith("HTTP/1.1 304 ");
            say(client, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(until(client, "hello world")).contains("Content-Length: 11\r\n");
        }
        assertThat(events).hasSize(5);
        assertThat(behind().connections()).isOne();
    }

    @Test
    void an_answer_may_have_a_large_head() throws Exception {
        serve(peer -> {
            peer.head();
            peer.say(
                    "HTTP/1.1 204 No Content\r\nx-amz-meta-a: "
                            + "a".repeat(60_000)
                            + "\r\nx-last: 1\r\n\r\n");
        });

        try (var client = connect()) {
            say(client, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(head(client))
                    .startsWith("HTTP/1.1 204 ")
                    .contains("x-last: 1\r\n")
                    .hasSizeGreaterThan(60_000);
        }
    }

    @Test
    void bodies_in_chunks_go_on_with_their_trailers() throws Exception {
        var bodies = new LinkedBlockingQueue<String>();
        serve(peer -> {
            peer.head();
            bodies.add(peer.body("5\r\nhello\r\n0\r\nx-sum: 5\r\n\r\n".length()));
            peer.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        });

        try (var client = connect()) {
            say(
                    client,
                    "PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n5\r\nhello\r\n0\r\nx-sum: 5\r\n\r\n");
            assertThat(head(client)).startsWith("HTTP/1.1 200 ");
        }
        assertThat(bodies).containsExactly("5\r\nhello\r\n0\r\nx-sum: 5\r\n\r\n");
        assertThat(behind().nextHead())
                .contains("Transfer-Encoding: chunked\r\n", "Trailer: x-sum\r\n");
    }

    @Test
    void a_client_that_asks_first_is_told_what_the_upstream_says() throws Exception {
        serve(peer -> {
            if (peer.head().startsWith("PUT /yes")) {
                peer.say("HTTP/1.1 100 Continue\r\n\r\n");
                peer.body(5);
                peer.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            } else {
                peer.say("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
                peer.rest();
            }
        });

        try (var client = connect()) {
            say(
                    client,
                    "PUT /yes HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
            assertThat(head(client)).startsWith("HTTP/1.1 100 ");
            say(client, "hello");
            assertThat(head(client)).startsWith("HTTP/1.1 200 ");
        }
        try (var client = connect()) {
            say(
                    client,
                    "PUT /no HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
            assertThat(rest(client)).startsWith("HTTP/1.1 403 ").endsWith("no");
        }
        assertThat(events).hasSize(2);
    }

    @Test
    void large_bodies_stream_both_ways() throws Exception {
        var length = 8 << 20;
        serve(peer -> {
            peer.head();
            var body = peer.body(length);
            peer.say("HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n" + body);
        });
        var body = "0123456789abcdef".repeat(length / 16);

        try (var client = connect()) {
            var sender =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    say(
                                            client,
                                            "PUT /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: "
                                                    + length
                                                    + "\r\n\r\n"
                                                    + body);
                                } catch (IOException failure) {
                                    throw new java.io.UncheckedIOException(failure);
                                }
                            });
            head(client);
            assertThat(rest(client).equals(body)).isTrue();
            sender.join();
        }
        assertThat(events).hasSize(1);
    }

    @Test
    void half_an_answer_never_looks_whole() throws Exception {
        serve(peer -> {
            if (peer.head().contains("/length")) {
                peer.say("HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\n" + "x".repeat(39_999));
            } else {
                peer.say(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9c40\r\n"
                                + "x".repeat(40_000)
                                + "\r\n");
            }
        });

        try (var client = connect()) {
            say(client, "GET /length HTTP/1.1\r\nHost: h\r\n\r\n");
            head(client);
            assertThat(received(client)).isLessThan(40_000);
        }
        try (var client = connect()) {
            say(client, "GET /chunks HTTP/1.1\r\nHost: h\r\n\r\n");
            head(client);
            assertThat(rest(client)).doesNotEndWith("0\r\n\r\n");
        } catch (java.net.SocketException _) {
            // A reset tells it, too.
        }
        assertThat(events).hasSize(2);
        assertThat(new String(events.take().json(), ISO_8859_1)).contains("UpstreamCut");
        assertThat(new String(events.take().json(), ISO_8859_1)).contains("UpstreamCut");
    }

    @Test
    void an_answer_without_a_byte_of_its_body_keeps_its_status() throws Exception {
        hold = Duration.ZERO;
        serve(peer -> peer.say("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"));

        try (var client = connect()) {
            say(client, "GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(head(client)).startsWith("HTTP/1.1 200 ");
            assertThat(received(client)).isZero();
        }
        assertThat(new String(events.take().json(), ISO_8859_1)).contains("UpstreamCut");
    }

    private static int received(Socket client) throws IOException {
        var count = 0;
        var buffer = new byte[8192];
        try {
            for (var read = 0; read >= 0; read = client.getInputStream().read(buffer)) {
                count += read;
            }
        } catch (java.net.SocketException _) {
            // A reset tells it, too.
        }
        return count;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
                "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
                "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
                "Content-Length: 5 6\r\n\r\nhello",
                "Content-Length: -1\r\n\r\n",
                "X-A: b\r\n folded: c\r\n\r\n",
                "X A: b\r\n\r\n",
                "Host: other\r\n\r\n"
            })
    void requests_that_say_two_things_never_reach_the_upstream(String headers) throws Exception {
        serve(peer -> {
            peer.head();
            peer.say("HTTP/1.1 204 No Content\r\n\r\n");
        });

        try (var client = connect()) {
            say(client, "POST /a HTTP/1.1\r\nHost: h\r\n" + headers);
            assertThat(rest(client)).startsWith("HTTP/1.1 400 ");
        }
        assertThat(behind().connections()).isZero();
        assertThat(refused).containsExactly("127.0.0.1");
    }

    @Test
    void whom_the_server_refuses_while_it_stops_is_not_counted_for_want_of_a_place()
            throws Exception {
        serve(peer -> peer.rest());

        var reply = Objects.requireNonNull(door).refuse(503, "Service Unavailable", "127.0.0.1");

        assertThat(reply.status()).isEqualTo(503);
        assertThat(crowdedOut).isEmpty();
    }

    @Test
    void who_finds_no_place_is_counted() throws Exception {
        var done = new CountDownLatch(1);
        serve(peer -> {
            peer.head();
            try {
                done.await();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
            peer.say("HTTP/1.1 204 No Content\r\n\r\n");
        });
        var clients = new ArrayList<Socket>();
        try {
            for (var i = 0; i < CONCURRENT_MAX; i++) {
                clients.add(connect());
                say(clients.getLast(), "GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
                behind().nextHead();
            }
            try (var client = connect()) {
                say(client, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
                assertThat(rest(client)).startsWith("HTTP/1.1 503 ").contains("Retry-After: 1");
            }
            assertThat(crowdedOut).containsExactly("127.0.0.1");
            assertThat(Objects.requireNonNull(front).refusedBusy()).isOne();
            assertThat(refused).isEmpty();
        } finally {
            done.countDown();
            for (var client : clients) {
                client.close();
            }
        }
    }

    @Test
    void a_call_may_take_longer_than_a_connection_may_be_idle() throws Exception {
        var quiet = new CountDownLatch(1);
        serve(
                peer -> {
                    peer.head();
                    try {
                        quiet.await();
                    } catch (InterruptedException _) {
                        Thread.currentThread().interrupt();
                    }
                    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                },
                Duration.ofMillis(100));

        try (var idle = connect();
                var client = connect()) {
            say(client, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
            behind().nextHead();
            // Opened before, and asks nothing: when it is closed, the other was silent as long.
            assertThat(idle.getInputStream().read()).isEqualTo(-1);
            try (var second = connect()) {
                assertThat(second.getInputStream().read()).isEqualTo(-1);
            }
            quiet.countDown();
            assertThat(until(client, "ok")).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void a_client_that_goes_amid_its_body_is_recorded() throws Exception {
        var got = new java.util.concurrent.CompletableFuture<String>();
        serve(peer -> {
            peer.head();
            got.complete(peer.rest());
        });

        try (var client = connect()) {
            say(client, "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\nhello");
            behind().nextHead();
        }

        assertThat(new String(events.take().json(), ISO_8859_1)).contains("IncompleteBody");
        assertThat(got.join()).startsWith("hello".substring(0, got.join().length()));
    }
}
