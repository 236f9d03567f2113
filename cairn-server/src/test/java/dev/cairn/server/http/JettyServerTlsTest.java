package dev.cairn.server.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.cairn.aws.http.Headers;
import dev.cairn.server.certificate.ServerCertificate;
import dev.cairn.testkit.wire.TestCertificate;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// TLS, and HTTP/2 behind it, with the JDK's client.
class JettyServerTlsTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final int ANSWER_SECONDS_MAX = 30;

    @TempDir private static Path folder = Path.of("");
    private static @Nullable TestCertificate made;

    private final Queue<String> refusals = new ConcurrentLinkedQueue<>();
    private @Nullable JettyServer started;

    @BeforeAll
    static void make() throws Exception {
        made = TestCertificate.make(folder, "first", "dns:localhost,ip:127.0.0.1", "EC");
    }

    private static TestCertificate made() {
        return Objects.requireNonNull(made);
    }

    private void serve(ServerCertificate certificate) throws IOException {
        started =
                new JettyServer(
                        "127.0.0.1",
                        0,
                        certificate,
                        new HttpLimits(
                                16 << 10,
                                LONG,
                                LONG,
                                1,
                                LONG,
                                10,
                                5,
                                1 << 20,
                                Duration.ofSeconds(1)),
                        new Telling(refusals));
        started.start();
    }

    private void serve() throws IOException {
        serve(ServerCertificate.read(made().certificate(), made().key()));
    }

    private JettyServer server() {
        return Objects.requireNonNull(started);
    }

    @AfterEach
    void stop() {
        if (started != null) {
            started.close();
        }
    }

    /// Tells what came.
    private record Telling(Queue<String> refusals) implements Door {
        @Override
        public Reply answer(Exchange exchange) {
            if (exchange.head().rawPath().equals("/cut")) {
                return new Reply(
                        200,
                        Map.of(),
                        new Reply.Relayed(
                                Headers.NONE,
                                () -> Headers.NONE,
                                out -> {
                                    out.write(new byte[100_000]);
                                    throw new IOException("no more of it");
                                }));
            }
            try {
                var body = exchange.body().readAllBytes();
                return Reply.of(
                        200,
                        "text/plain",
                        "%s host=%s length=%d chunks=%s body=%d tls=%s"
                                .formatted(
                                        exchange.head().method(),
                                        exchange.head().headers().all("host"),
                                        exchange.contentLength(),
                                        exchange.head().headers().has("transfer-encoding"),
                                        body.length,
                                        exchange.tls()));
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }

        @Override
        public Reply refuse(int status, String reason) {
            refusals.add(reason);
            return Reply.of(status, "text/plain", reason);
        }
    }

    private static HttpClient client(SSLContext trust, HttpClient.Version version) {
        return HttpClient.newBuilder().sslContext(trust).version(version).build();
    }

    private HttpRequest.Builder request() {
        return HttpRequest.newBuilder(
                        URI.create("https://localhost:%d/a".formatted(server().port())))
                .timeout(Duration.ofSeconds(ANSWER_SECONDS_MAX));
    }

    private static HttpResponse<String> send(HttpClient client, HttpRequest request)
            throws Exception {
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void a_request_is_the_same_in_both_versions(HttpClient.Version version) throws Exception {
        serve();
        try (var client = client(made().client(), version)) {
            var got = send(client, request().build());
            assertThat(got.version()).isEqualTo(version);
            assertThat(got.body())
                    .startsWith("GET host=[localhost:%d] ".formatted(server().port()))
                    .contains("chunks=false body=0 tls=Tls[version=TLSv1.3, cipherSuite=TLS_");

            var put =
                    send(
                            client,
                            request().PUT(HttpRequest.BodyPublishers.ofString("hello")).build());
            assertThat(put.body()).contains("length=5 chunks=false body=5 ");

            var unannounced =
                    send(
                            client,
                            request()
                                    .PUT(
                                            HttpRequest.BodyPublishers.ofInputStream(() ->
                                                    new ByteArrayInputStream(new byte[100_000])))
                                    .build());
            assertThat(unannounced.body()).contains("length=-1 chunks=true body=100000 ");
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void an_answer_that_breaks_off_is_whole_to_nobody(HttpClient.Version version) throws Exception {
        serve();
        try (var client = client(made().client(), version)) {
            assertThatIOException()
                    .isThrownBy(() ->
                            send(
                                    client,
                                    HttpRequest.newBuilder(
                                                    URI.create(
                                                            "https://localhost:%d/cut"
                                                                    .formatted(server().port())))
                                            .timeout(Duration.ofSeconds(ANSWER_SECONDS_MAX))
                                            .build()));
        }
    }

    @Test
    void many_calls_share_one_connection() throws Exception {
        serve();
        try (var client = client(made().client(), HttpClient.Version.HTTP_2)) {
            send(client, request().build());
            var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
            for (var i = 0; i < 5; i++) {
                answers.add(
                        client.sendAsync(request().build(), HttpResponse.BodyHandlers.ofString()));
            }
            for (var answer : answers) {
                assertThat(answer.get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS).statusCode())
                        .isEqualTo(200);
            }
            assertThat(server().closedWaiting()).isZero();
        }
        server().close();
        assertThat(refusals).as("frames between calls are no calls").isEmpty();
    }

    private int ask(String... fields) throws Exception {
        try (var raw = new RawHttp2(made().client(), server().port(), ANSWER_SECONDS_MAX * 1000)) {
            return raw.ask(fields);
        }
    }

    private static String[] head(String method, String path, String... more) {
        var all = new ArrayList<String>();
        Collections.addAll(
                all,
                ":method",
                method,
                ":scheme",
                "https",
                ":authority",
                "localhost",
                ":path",
                path);
        Collections.addAll(all, more);
        return all.toArray(String[]::new);
    }

    @Test
    void a_raw_request_is_answered() throws Exception {
        serve();
        assertThat(ask(head("GET", "/a", "host", "localhost"))).isEqualTo(200);
        assertThat(refusals).isEmpty();
    }

    static Stream<Arguments> heads_that_say_two_things() {
        return Stream.of(
                arguments("GET /other HTTP/1.1", "/a", "x", "y"),
                arguments("GET", "/a HTTP/1.1", "x", "y"),
                arguments("GET", "/a\tb", "x", "y"),
                arguments("GET", "/a", "host", "other"),
                arguments("GET", "/a", "content-length", "+0"),
                arguments("GET", "/a", "transfer-encoding", "chunked"),
                arguments("GET", "/a", "transfer-encoding ", "chunked"),
                arguments("GET", "/a", "keep-alive", "1"),
                arguments("GET", "/a", "upgrade", "h2c"),
                arguments("GET", "/a", "a:b", "c"));
    }

    @ParameterizedTest
    @MethodSource("heads_that_say_two_things")
    void what_no_line_of_http_1_could_say_is_refused(
            String method, String path, String name, String value) throws Exception {
        serve();
        assertThat(ask(head(method, path, name, value))).isEqualTo(400);
        assertThat(refusals).hasSize(1);
    }

    @Test
    void two_lengths_are_refused() throws Exception {
        serve();
        assertThat(ask(head("GET", "/a", "content-length", "0", "content-length", "0")))
                .isEqualTo(400);
        assertThat(refusals).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"connection,close", "X-Upper,a", "te,gzip"})
    void so_is_what_jetty_refuses_itself(String name, String value) throws Exception {
        serve();
        assertThat(ask(head("GET", "/a", name, value))).isEqualTo(400);
        assertThat(refusals).hasSize(1);
    }

    /// Then nothing of the connection can be read any more, and nobody is told.
    @Test
    void a_head_that_cannot_be_unpacked_ends_the_connection() throws Exception {
        serve();
        try (var raw = new RawHttp2(made().client(), server().port(), ANSWER_SECONDS_MAX * 1000)) {
            assertThat(raw.askPacked((byte) 0xff, (byte) 0xff, (byte) 0x01)).isZero();
        }
        assertThat(refusals).isEmpty();
    }

    @Test
    void older_ciphers_have_the_names_that_records_have() {
        assertThat(Exchange.Tls.of("TLSv1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"))
                .hasToString("Tls[version=TLSv1.2, cipherSuite=ECDHE-RSA-AES128-GCM-SHA256]");
        assertThat(Exchange.Tls.of("TLSv1.2", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA").cipherSuite())
                .isEqualTo("ECDHE-RSA-AES128-SHA");
        assertThat(
                        Exchange.Tls.of("TLSv1.2", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256")
                                .cipherSuite())
                .isEqualTo("ECDHE-ECDSA-CHACHA20-POLY1305");
        assertThat(Exchange.Tls.of("TLSv1.2", "TLS_RSA_WITH_AES_256_GCM_SHA384").cipherSuite())
                .isEqualTo("AES256-GCM-SHA384");
    }

    @Test
    void a_replaced_certificate_is_shown_to_who_comes_next() throws Exception {
        var certificate = folder.resolve("now.pem");
        var key = folder.resolve("now-key.pem");
        Files.copy(made().certificate(), certificate);
        Files.copy(made().key(), key);
        serve(ServerCertificate.read(certificate, key));
        try (var client = client(made().client(), HttpClient.Version.HTTP_2)) {
            assertThat(send(client, request().build()).statusCode()).isEqualTo(200);
        }
        assertThat(server().readCertificateAgain()).isFalse();
        var next = TestCertificate.make(folder, "next", "dns:localhost", "RSA");
        Files.copy(next.certificate(), certificate, REPLACE_EXISTING);
        assertThat(server().readCertificateAgain()).as("half of it").isFalse();
        try (var client = client(made().client(), HttpClient.Version.HTTP_2)) {
            assertThat(send(client, request().build()).statusCode()).isEqualTo(200);
        }
        Files.copy(next.key(), key, REPLACE_EXISTING);

        assertThat(server().readCertificateAgain()).isTrue();

        try (var client = client(next.client(), HttpClient.Version.HTTP_2)) {
            assertThat(send(client, request().build()).statusCode()).isEqualTo(200);
        }
        try (var client = client(made().client(), HttpClient.Version.HTTP_2)) {
            assertThatIOException().isThrownBy(() -> send(client, request().build()));
        }
    }

    @Test
    void nothing_is_answered_in_the_clear() throws Exception {
        serve();
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server().port())) {
            socket.setSoTimeout(ANSWER_SECONDS_MAX * 1000);
            socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), US_ASCII))
                    .doesNotContain("HTTP/1.1 200");
        }
    }
}
