package dev.cairn.gateway.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.testkit.wire.ScriptedServer;
import dev.cairn.testkit.wire.TestCertificate;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Upstreams that speak TLS.
class UpstreamTlsTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Request GET =
            new Request("GET", "/a", "", Headers.of("Host", "bucket.example"));

    @TempDir private static Path folder = Path.of("");
    private static @Nullable TestCertificate local;

    private @Nullable ScriptedServer server;
    private @Nullable Upstream upstream;

    @BeforeAll
    static void make() throws Exception {
        local = TestCertificate.make(folder, "local", "dns:localhost", "EC");
    }

    private static TestCertificate local() {
        return Objects.requireNonNull(local);
    }

    private Upstream to(ScriptedServer.Script script, TestCertificate shown, SSLContext trust)
            throws Exception {
        server = new ScriptedServer(script, shown.server());
        upstream = new Upstream(server.address(), LONG, trust);
        return upstream;
    }

    private ScriptedServer server() {
        return Objects.requireNonNull(server);
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

    private static byte[] body(UpstreamAnswer answer) throws IOException {
        try (answer) {
            var all = new ByteArrayOutputStream();
            var buffer = new byte[1000];
            for (var read = 0; read >= 0; read = answer.read(buffer, 0, buffer.length, 0)) {
                all.write(buffer, 0, read);
            }
            return all.toByteArray();
        }
    }

    @Test
    void calls_share_a_connection_and_leave_it_when_it_has_ended() throws Exception {
        var ended = new CountDownLatch(1);
        var upstream =
                to(
                        peer -> {
                            for (var i = 0; i < 2; i++) {
                                peer.head();
                                peer.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
                            }
                            peer.end();
                            ended.countDown();
                        },
                        local(),
                        local().client());

        assertThat(body(upstream.send(GET, new OutgoingBody.None()))).asString().isEqualTo("hi");
        assertThat(body(upstream.send(GET, new OutgoingBody.None()))).asString().isEqualTo("hi");
        assertThat(server().connections()).isEqualTo(1);
        assertThat(server().nextHead()).startsWith("GET /a HTTP/1.1\r\nHost: bucket.example\r\n");
        ended.await();

        // What may not be said twice is said on a connection that lives.
        var delete = new Request("DELETE", "/a", "", GET.headers());
        assertThat(body(upstream.send(delete, new OutgoingBody.None()))).asString().isEqualTo("hi");
        assertThat(server().connections()).isEqualTo(2);
    }

    @Test
    void a_handshake_byte_by_byte_is_not_waited_for_for_ever() throws Exception {
        try (var slow =
                        new ScriptedServer(peer -> {
                            var hello = peer.body(5);
                            peer.body((hello.charAt(3) << 8) + hello.charAt(4));
                            // The head of a record of 64 bytes, and then as many.
                            peer.drip("\26\3\3\0@" + "x".repeat(64), Duration.ofMillis(20));
                        });
                var never =
                        new Upstream(
                                URI.create("https://localhost:" + slow.address().getPort()),
                                Duration.ofMillis(300),
                                local().client())) {
            assertThatThrownBy(() -> never.send(GET, new OutgoingBody.None()))
                    .hasMessageContaining("no handshake within 300 ms")
                    .isInstanceOfSatisfying(
                            UpstreamException.class,
                            failure ->
                                    assertThat(failure.kind())
                                            .isEqualTo(UpstreamException.Kind.REFUSED));
        }
    }

    @Test
    void bodies_are_larger_than_a_record_both_ways() throws Exception {
        var large = new byte[1 << 20];
        for (var i = 0; i < large.length; i++) {
            large[i] = (byte) (i % 251);
        }
        var upstream =
                to(
                        peer -> {
                            peer.head();
                            var body = peer.body(large.length);
                            peer.say(
                                    "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
                                                    .formatted(large.length)
                                            + body);
                        },
                        local(),
                        local().client());

        var answer =
                upstream.send(
                        new Request(
                                "PUT",
                                "/a",
                                "",
                                GET.headers()
                                        .plus("Content-Length", Integer.toString(large.length))),
                        new OutgoingBody.Arriving(
                                new ByteArrayInputStream(large),
                                large.length,
                                () -> Headers.NONE,
                                false));

        assertThat(body(answer)).isEqualTo(large);
    }

    @Test
    void an_answer_that_is_not_whole_is_cut() throws Exception {
        var upstream =
                to(
                        peer -> {
                            peer.head();
                            peer.say("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi");
                        },
                        local(),
                        local().client());

        var answer = upstream.send(GET, new OutgoingBody.None());

        assertThatThrownBy(() -> body(answer))
                .isInstanceOfSatisfying(
                        UpstreamException.class,
                        failure ->
                                assertThat(failure.kind()).isEqualTo(UpstreamException.Kind.CUT));
    }

    @Test
    void who_proves_no_name_is_not_called() throws Exception {
        var other = TestCertificate.make(folder, "other", "dns:elsewhere.example", "EC");
        for (var trust : new SSLContext[] {local().client(), other.client()}) {
            var upstream = to(peer -> peer.head(), other, trust);

            assertThatThrownBy(() -> upstream.send(GET, new OutgoingBody.None()))
                    .hasMessageStartingWith("no safe connection to the upstream at https://local")
                    .isInstanceOfSatisfying(
                            UpstreamException.class,
                            failure ->
                                    assertThat(failure.kind())
                                            .isEqualTo(UpstreamException.Kind.REFUSED));
            assertThat(server().otherHeads()).isEmpty();
            stop();
        }
    }

    @Test
    void who_never_answers_the_greeting_is_given_up() throws Exception {
        try (var silent = new ScriptedServer(peer -> peer.rest());
                var upstream =
                        new Upstream(
                                URI.create("https://localhost:" + silent.address().getPort()),
                                Duration.ofMillis(200),
                                local().client())) {
            assertThatThrownBy(() -> upstream.send(GET, new OutgoingBody.None()))
                    .isInstanceOfSatisfying(
                            UpstreamException.class,
                            failure ->
                                    assertThat(failure.kind())
                                            .isEqualTo(UpstreamException.Kind.REFUSED));
        }
    }

    @Test
    void nobody_goes_unverified() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Upstream(URI.create("https://a.example"), LONG));
    }
}
