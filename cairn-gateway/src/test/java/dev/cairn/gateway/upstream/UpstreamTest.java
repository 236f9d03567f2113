package dev.cairn.gateway.upstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.testkit.wire.ScriptedServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    /// A port that nobody listens on.
    private static final URI NOBODY = URI.create("http://127.0.0.1:1");

    private static final Request GET =
            new Request("GET", "/a", "", Headers.of("Host", "bucket.example"));

    private @Nullable ScriptedServer server;
    private @Nullable Upstream upstream;

    private Upstream to(ScriptedServer.Script script) throws IOException {
        return to(script, LONG);
    }

    private Upstream to(ScriptedServer.Script script, Duration silence) throws IOException {
        server = new ScriptedServer(script);
        upstream = new Upstream(server.address(), silence);
        return upstream;
    }

    private ScriptedServer server() {
        return java.util.Objects.requireNonNull(server);
    }

    @AfterEach
    void stop() throws IOException {
        if (upstream != null) {
            upstream.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private static String body(UpstreamAnswer answer) throws IOException {
        try (answer) {
            var all = new ByteArrayOutputStream();
            var buffer = new byte[7];
            for (var read = 0; read >= 0; read = answer.read(buffer, 0, buffer.length, 0)) {
                all.write(buffer, 0, read);
            }
            return all.toString(ISO_8859_1);
        }
    }

    private static OutgoingBody.Arriving arriving(InputStream in, long length) {
        return new OutgoingBody.Arriving(in, length, () -> Headers.NONE, false);
    }

    private static UpstreamException.Kind kind(Throwable failure) {
        return failure instanceof UpstreamException known
                ? known.kind()
                : org.junit.jupiter.api.Assertions.fail(failure);
    }

    @Test
    void a_head_goes_on_byte_by_byte_but_for_what_speaks_of_the_connection() throws Exception {
        var upstream =
                to(peer -> {
                    peer.head();
                    peer.say("HTTP/1.1 204 No Content\r\n\r\n");
                });

        var request =
                new Request(
                        "GET",
                        "/b//%41/ü/../x",
                        "a=%2f&b&c=+",
                        Headers.of(
                                "Host", "bucket.example:81",
                                "Connection", "keep-alive, x-private",
                                "Keep-Alive", "timeout=5",
                                "X-Private", "1",
                                "x-amz-meta-Name", "ä  b",
                                "X-Amz-Date", "20261121T000000Z",
                                "x-amz-meta-Name", "again"));
        upstream.send(request, new OutgoingBody.None()).close();

        assertThat(server().nextHead())
                .isEqualTo(
                        """
                        GET /b//%41/Ã¼/../x?a=%2f&b&c=+ HTTP/1.1\r
                        Host: bucket.example:81\r
                        x-amz-meta-Name: ä  b\r
                        X-Amz-Date: 20261121T000000Z\r
                        x-amz-meta-Name: again\r
                        \r
                        """);
    }

    @Test
    void a_head_that_could_be_read_as_another_is_not_sent() throws Exception {
        var upstream = to(peer -> peer.rest());
        var five = new OutgoingBody.Whole("hello".getBytes(UTF_8));
        var chunks =
                new OutgoingBody.Arriving(
                        InputStream.nullInputStream(), -1, () -> Headers.NONE, false);
        var length = Headers.of("Content-Length", "4");

        for (ThrowingCallable call :
                List.<ThrowingCallable>of(
                        () -> upstream.send(new Request("GET", "/a b", "", Headers.NONE), five),
                        () -> upstream.send(new Request("PUT", "/a", "", length), five),
                        () -> upstream.send(new Request("PUT", "/a", "", length), chunks),
                        () ->
                                upstream.send(
                                        new Request("PUT", "/a", "", length),
                                        new OutgoingBody.None()))) {
            assertThatThrownBy(call)
                    .satisfies(failure ->
                            assertThat(kind(failure)).isEqualTo(UpstreamException.Kind.UNSENDABLE));
        }
        assertThat(server().connections()).isZero();
    }

    @Test
    void trailers_that_no_line_can_hold_end_the_call() throws Exception {
        var upstream =
                to(peer -> {
                    peer.head();
                    peer.rest();
                });
        var body =
                new OutgoingBody.Arriving(
                        InputStream.nullInputStream(),
                        -1,
                        () -> Headers.of("x", "1\r\n\r\nGET / HTTP/1.1"),
                        false);

        assertThatThrownBy(() ->
                        upstream.send(new Request("PUT", "/a", "", Headers.of("Host", "h")), body))
                .hasMessage("expected one line as the value of x");
    }

    @Test
    void what_connection_names_cannot_hide_what_is_signed() {
        var kept =
                HopByHop.without(
                        Headers.of(
                                "Connection",
                                        "x-amz-date, authorization, host, te, content-encoding, content-type, content-md5, smithy-protocol",
                                "Host", "h",
                                "Content-Encoding", "gzip",
                                "Content-Type", "t",
                                "Content-MD5", "m",
                                "Smithy-Protocol", "rpc-v2-cbor",
                                "Authorization", "a",
                                "X-Amz-Date", "d",
                                "TE", "trailers"));

        assertThat(kept.names())
                .containsExactly(
                        "host",
                        "content-encoding",
                        "content-type",
                        "content-md5",
                        "smithy-protocol",
                        "authorization",
                        "x-amz-date");
    }

    @Test
    void bodies_end_with_their_length_their_last_chunk_or_the_connection() throws Exception {
        var upstream =
                to(peer -> {
                    while (true) {
                        var head = peer.head();
                        if (head.startsWith("GET /length")) {
                            peer.say("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world");
                        } else if (head.startsWith("GET /chunks")) {
                            peer.say(
                                    """
                                    HTTP/1.1 200 OK\r
                                    Transfer-Encoding: chunked\r
                                    Trailer: X-Sum\r
                                    \r
                                    5;x=y\r
                                    hello\r
                                    006\r
                                     world\r
                                    0\r
                                    X-Sum: 11\r
                                    \r
                                    """);
                        } else if (head.startsWith("HEAD")) {
                            peer.say("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n");
                        } else {
                            peer.say("HTTP/1.1 200 OK\r\n\r\nhello world");
                            return;
                        }
                    }
                });

        for (var path : new String[] {"/length", "/chunks", "/end"}) {
            var request = new Request("GET", path, "", Headers.of("Host", "h"));
            assertThat(body(upstream.send(request, new OutgoingBody.None())))
                    .as(path)
                    .isEqualTo("hello world");
        }
        var head = new Request("HEAD", "/", "", Headers.of("Host", "h"));
        assertThat(body(upstream.send(head, new OutgoingBody.None()))).isEmpty();
        var chunks = new Request("GET", "/chunks", "", Headers.of("Host", "h"));
        var answer = upstream.send(chunks, new OutgoingBody.None());
        assertThat(body(answer)).isEqualTo("hello world");
        assertThat(answer.trailers().first("x-sum")).contains("11");
        // One for all up to the answer that ended with its connection, one for those behind it.
        assertThat(server().connections()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nab",
                "HTTP/1.1 200 OK\nContent-Length: 2\n\nab",
                "HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n",
                "HTTP/1.1 200 OK\r\nNo colon\r\n\r\n",
                "HTTP/2 200\r\n\r\n",
                "HTTP/1.1 99 No\r\n\r\n",
                "SSH-2.0-OpenSSH_9.6\r\n"
            })
    void what_is_not_http_or_says_two_things_is_no_answer(String said) throws Exception {
        var upstream =
                to(peer -> {
                    peer.head();
                    peer.say(said);
                    peer.rest();
                });

        assertThatThrownBy(() -> upstream.send(GET, new OutgoingBody.None()))
                .satisfies(failure ->
                        assertThat(kind(failure)).isEqualTo(UpstreamException.Kind.MALFORMED));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
                "HTTP/1.1 200 O"
            })
    void half_an_answer_is_cut(String said) throws Exception {
        var upstream =
                to(peer -> {
                    peer.head();
                    peer.say(said);
                });

        assertThatThrownBy(() -> body(upstream.send(GET, new OutgoingBody.None())))
                .satisfies(
                        failure -> assertThat(kind(failure)).isEqualTo(UpstreamException.Kind.CUT));
    }

    @Test
    void a_chunk_must_end_where_it_says() throws Exception {
        var upstream =
                to(peer -> {
                    peer.head();
                    peer.say(
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n0\r\n\r\n");
                    peer.rest();
                });

        assertThatThrownBy(() -> body(upstream.send(GET, new OutgoingBody.None())))
                .satisfies(failure ->
                        assertThat(kind(failure)).isEqualTo(UpstreamException.Kind.MALFORMED));
    }

    @Test
    void nobody_there_no_answer_and_silence_are_told_apart() throws Exception {
        try (var refused = new Upstream(NOBODY, LONG)) {
            assertThatThrownBy(() -> refused.send(GET, new OutgoingBody.None()))
                    .satisfies(failure ->
                            assertThat(kind(failure)).isEqualTo(UpstreamException.Kind.REFUSED));
        }
        try (var resets =
                        new ScriptedServer(peer -> {
                            peer.head();
                            peer.reset();
                        });
                var reset = new Upstream(resets.address(), LONG)) {
            assertThatThrownBy(() -> reset.send(GET, new OutgoingBody.None()))
                    .satisfies(failure ->
                            assertThat(kind(failure)).isEqualTo(UpstreamException.Kind.RESET));
            assertThat(resets.connections()).as("a fresh connection is not tried again").isOne();
        }
        var silent =
                to(
                        peer -> {
                            peer.head();
                            peer.rest();
                        },
                        Duration.ofMillis(200));
        assertThatThrownBy(() -> silent.send(GET, new OutgoingBody.None()))
                .satisfies(failure ->
                        assertThat(kind(failure)).isEqualTo(UpstreamException.Kind.TIMEOUT));
    }

    /// At the end of each there is an answer that is whole, if somebody waits for it.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "| HTTP/1.1 200 OK\r\nA: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n\r\n |",
                "HTTP/1.|1 200 OK\r\nA: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n\r\n |",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n | 0;xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n | \r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n | A: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n\r\n |"
            })
    void who_says_a_head_byte_by_byte_is_not_waited_for_for_ever(String said) throws Exception {
        var parts = said.split(" ?\\| ?", -1);
        var upstream =
                to(
                        peer -> {
                            peer.head();
                            peer.say(parts[0]);
                            peer.drip(parts[1], Duration.ofMillis(20));
                            peer.say(parts[2]);
                        },
                        Duration.ofMillis(300));

        assertThatThrownBy(() -> body(upstream.send(GET, new OutgoingBody.None())))
                .satisfies(failure ->
                        assertThat(kind(failure)).isEqualTo(UpstreamException.Kind.TIMEOUT));
    }

    @Test
    void a_body_may_come_byte_by_byte() throws Exception {
        var upstream =
                to(
                        peer -> {
                            peer.head();
                            peer.say("HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n");
                            peer.drip("x".repeat(60), Duration.ofMillis(20));
                        },
                        Duration.ofSeconds(1));

        assertThat(body(upstream.send(GET, new OutgoingBody.None()))).hasSize(60);
    }

    @Test
    void interim_answers_come_to_an_end() throws Exception {
        var said = new java.util.concurrent.atomic.AtomicInteger(20);
        var upstream =
                to(peer -> {
                    while (true) {
                        peer.head();
                        peer.say("HTTP/1.1 102 Processing\r\n\r\n".repeat(said.get()));
                        peer.say("HTTP/1.1 204 No Content\r\n\r\n");
                    }
                });

        upstream.send(GET, new OutgoingBody.None()).close();
        said.incrementAndGet();
        assertThatThrownBy(() -> upstream.send(GET, new OutgoingBody.None()))
                .hasMessageContaining("20 interim answers")
                .satisfies(failure ->
                        assertThat(kind(failure)).isEqualTo(UpstreamException.Kind.MALFORMED));
    }

    @Test
    void an_upstream_that_takes_no_bytes_is_not_waited_for_for_ever() throws Exception {
        var done = new CountDownLatch(1);
        var upstream =
                to(
                        peer -> {
                            peer.head();
                            try {
                                done.await();
                            } catch (InterruptedException _) {
                                Thread.currentThread().interrupt();
                            }
                        },
                        Duration.ofMillis(200));
        var endless =
                new InputStream() {
                    @Override
                    public int read() {
                        return 0;
                    }

                    @Override
                    public int read(byte[] into, int offset, int length) {
                        return length;
                    }
                };

        assertThatThrownBy(() -> upstream.send(GET, arriving(endless, Long.MAX_VALUE)))
                .satisfies(failure ->
                        assertThat(kind(failure)).isEqualTo(UpstreamException.Kind.TIMEOUT));
        done.countDown();
    }

    @Test
    void a_connection_that_ended_at_rest_costs_no_call() throws Exception {
        var upstream =
                to(peer -> {
                    peer.head();
                    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                    // And ends, without having said so.
                });

        for (var i = 0; i < 20; i++) {
            assertThat(body(upstream.send(GET, new OutgoingBody.None()))).isEqualTo("ok");
        }
    }

    @Test
    void what_may_change_something_is_sent_once() throws Exception {
        var upstream =
                to(peer -> {
                    peer.head();
                    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                    peer.head();
                    peer.reset();
                });
        var delete = new Request("DELETE", "/a", "", Headers.of("Host", "h"));
        body(upstream.send(GET, new OutgoingBody.None()));

        assertThatThrownBy(() -> upstream.send(delete, new OutgoingBody.None()))
                .satisfies(failure ->
                        assertThat(kind(failure)).isEqualTo(UpstreamException.Kind.RESET));
        assertThat(server().connections()).isOne();
        assertThat(server().otherHeads()).hasSize(2);
    }

    @Test
    void what_only_asks_is_asked_again_on_a_fresh_connection() throws Exception {
        var first = new java.util.concurrent.atomic.AtomicBoolean(true);
        var upstream =
                to(peer -> {
                    peer.head();
                    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                    peer.head();
                    if (first.getAndSet(false)) {
                        peer.reset();
                    }
                    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                });
        body(upstream.send(GET, new OutgoingBody.None()));

        assertThat(body(upstream.send(GET, new OutgoingBody.None()))).isEqualTo("ok");
    }

    @Test
    void bodies_arrive_by_length_and_in_chunks_with_their_trailers() throws Exception {
        var bodies = new java.util.concurrent.LinkedBlockingQueue<String>();
        var upstream =
                to(peer -> {
                    peer.head();
                    bodies.add(peer.body(5));
                    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                    peer.head();
                    bodies.add(peer.body("5\r\nhello\r\n0\r\nX-Sum: 5\r\n\r\n".length()));
                    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                });
        var sized = new Request("PUT", "/a", "", Headers.of("Host", "h", "Content-Length", "5"));
        var chunked =
                new Request(
                        "PUT", "/a", "", Headers.of("Host", "h", "Transfer-Encoding", "chunked"));

        upstream.send(sized, arriving(text("hello"), 5)).close();
        upstream.send(
                        chunked,
                        new OutgoingBody.Arriving(
                                text("hello"), -1, () -> Headers.of("X-Sum", "5"), false))
                .close();

        assertThat(bodies).containsExactly("hello", "5\r\nhello\r\n0\r\nX-Sum: 5\r\n\r\n");
        assertThat(server().nextHead()).contains("Content-Length: 5\r\n").doesNotContain("chunked");
        assertThat(server().nextHead()).contains("Transfer-Encoding: chunked\r\n");
        assertThat(server().connections()).isOne();
    }

    private static InputStream text(String text) {
        return new ByteArrayInputStream(text.getBytes(ISO_8859_1));
    }

    @Test
    void a_body_waits_until_the_upstream_wants_it() throws Exception {
        var asked = new CompletableFuture<Boolean>();
        var wanted = new java.util.concurrent.atomic.AtomicBoolean();
        var upstream =
                to(peer -> {
                    peer.head();
                    wanted.set(true);
                    peer.say("HTTP/1.1 100 Continue\r\n\r\n");
                    peer.body(5);
                    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                });
        var in =
                new java.io.FilterInputStream(text("hello")) {
                    @Override
                    public int read(byte[] into, int offset, int length) throws IOException {
                        asked.complete(wanted.get());
                        return super.read(into, offset, length);
                    }
                };
        var request =
                new Request(
                        "PUT",
                        "/a",
                        "",
                        Headers.of("Host", "h", "Content-Length", "5", "Expect", "100-continue"));

        upstream.send(request, new OutgoingBody.Arriving(in, 5, () -> Headers.NONE, true)).close();

        assertThat(asked.get(30, TimeUnit.SECONDS)).isTrue();
        assertThat(server().nextHead()).contains("Expect: 100-continue\r\n");
    }

    @Test
    void a_body_that_is_refused_is_never_asked_for() throws Exception {
        var upstream =
                to(peer -> {
                    peer.head();
                    peer.say("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
                    peer.rest();
                });
        var never =
                new InputStream() {
                    @Override
                    public int read() {
                        throw new AssertionError("expected not to be read");
                    }

                    @Override
                    public int read(byte[] into, int offset, int length) {
                        return read();
                    }
                };
        var answer =
                upstream.send(GET, new OutgoingBody.Arriving(never, 5, () -> Headers.NONE, true));

        assertThat(answer.head().status()).isEqualTo(403);
        assertThat(body(answer)).isEqualTo("no");
        assertThat(answer.callTaken()).isFalse();
    }

    @Test
    void a_body_that_breaks_off_ends_the_call_at_the_upstream_too() throws Exception {
        var got = new CompletableFuture<String>();
        var upstream =
                to(peer -> {
                    peer.head();
                    got.complete(peer.rest());
                });
        var broken =
                new InputStream() {
                    private boolean first = true;

                    @Override
                    public int read() throws IOException {
                        throw new IOException("gone");
                    }

                    @Override
                    public int read(byte[] into, int offset, int length) throws IOException {
                        if (!first) {
                            throw new IOException("gone");
                        }
                        first = false;
                        into[offset] = 'x';
                        return 1;
                    }
                };

        assertThatThrownBy(() -> upstream.send(GET, arriving(broken, 100)))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("gone");
        assertThat(got.get(30, TimeUnit.SECONDS)).isEqualTo("x");
    }

    @Test
    void an_answer_may_come_before_the_body_has_gone() throws Exception {
        var reading = new CompletableFuture<Boolean>();
        var upstream =
                to(peer -> {
                    peer.head();
                    reading.join();
                    peer.say("HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno");
                    peer.rest();
                });
        var interrupted = new CompletableFuture<Boolean>();
        var stuck =
                new InputStream() {
                    @Override
                    public int read() throws IOException {
                        reading.complete(true);
                        try {
                            new CountDownLatch(1).await();
                            return -1;
                        } catch (InterruptedException _) {
                            interrupted.complete(true);
                            throw new java.io.InterruptedIOException();
                        }
                    }

                    @Override
                    public int read(byte[] into, int offset, int length) throws IOException {
                        return read();
                    }
                };

        var answer = upstream.send(GET, arriving(stuck, 100));

        assertThat(answer.head().status()).isEqualTo(400);
        assertThat(body(answer)).isEqualTo("no");
        assertThat(answer.callTaken()).isFalse();
        assertThat(interrupted.get(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void what_is_late_is_told_from_what_has_ended() throws Exception {
        var more = new CountDownLatch(1);
        var upstream =
                to(peer -> {
                    peer.head();
                    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
                    try {
                        more.await();
                    } catch (InterruptedException _) {
                        Thread.currentThread().interrupt();
                    }
                    peer.say("cd");
                });

        try (var answer = upstream.send(GET, new OutgoingBody.None())) {
            var buffer = new byte[10];
            assertThat(answer.read(buffer, 0, 10, 0)).isEqualTo(2);
            assertThat(answer.read(buffer, 0, 10, 1_000_000)).isZero();
            more.countDown();
            assertThat(answer.read(buffer, 0, 10, 0)).isEqualTo(2);
            assertThat(answer.ended()).isTrue();
            assertThat(answer.read(buffer, 0, 10, 0)).isEqualTo(-1);
        }
    }
}
