package dev.cairn.conformance;

import static dev.cairn.testkit.wire.Talk.say;
import static dev.cairn.testkit.wire.Talk.until;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.testkit.wire.ScriptedServer;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// What comes broken, absurd, endless or slow to a live gateway, from either side, is one event
/// that says what it was, and the gateway goes on as if nothing had been.
@Tag("long")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class GatewayBadInputTest {
    private static final Await.Bound FOUND =
            Await.Bound.of("the call in event history", Duration.ofSeconds(60));
    private static final Duration ANSWER_MAX = Duration.ofSeconds(30);

    /// Of an answer that nobody takes; the server's heap is half of it.
    private static final int HUGE_MEGABYTES = 1024;

    private static final int SLOW_READERS = 8;

    /// What the sockets between an upstream and a slow reader may hold.
    private static final long ON_THE_WAY_MAX = 64L << 20;

    private final HttpClient http = HttpClient.newHttpClient();

    /// What upstreams got rid of of huge answers.
    private final AtomicLong takenMegabytes = new AtomicLong();

    private ScriptedServer upstream;
    private LiveServer server;
    private URI gateway;
    private int honest;

    @BeforeAll
    void start() throws Exception {
        upstream = new ScriptedServer(this::answer);
        server =
                LiveServer.start(
                        "gateway.listen=127.0.0.1:0",
                        "gateway.upstream=" + upstream.address(),
                        "gateway.upstream-timeout=2s",
                        "limits.idle=3s",
                        "limits.arrival-grace=1s");
        gateway = server.gateway(0);
    }

    @AfterAll
    void stop() throws Exception {
        http.close();
        upstream.close();
        try {
            server.cairn("status", "--verify").exited(0);
            server.stop();
            assertThat(server.log()).doesNotContain("ERROR", "OutOfMemory");
        } finally {
            server.close();
        }
    }

    /// Whatever a test sent, an honest call is answered.
    @AfterEach
    void goesOn() throws Exception {
        assertThat(get("/honest/call-" + honest++)).isEqualTo("hello");
    }

    private void answer(ScriptedServer.Peer peer) throws IOException {
        while (true) {
            var path = peer.head().split(" ", 3)[1];
            if (path.startsWith("/odd/")) {
                peer.say("HTTP/1.1 418 I'm a teapot\r\nContent-Length: 3\r\n\r\n\0{<");
            } else if (path.startsWith("/stalled/")) {
                peer.rest();
                return;
            } else if (path.startsWith("/longer/")) {
                peer.say(
                        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nx-amz-request-id: its-own\r\n\r\nhello"
                                + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nx-amz-request-id: forged\r\n\r\nforged");
            } else if (path.startsWith("/dripping/")) {
                peer.drip("HTTP/1.1 200 OK\r\n" + "a".repeat(1000), Duration.ofMillis(50));
            } else if (path.startsWith("/huge/")) {
                peer.say(
                        "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
                                .formatted((long) HUGE_MEGABYTES << 20));
                var megabyte = "x".repeat(1 << 20);
                for (var i = 0; i < HUGE_MEGABYTES; i++) {
                    peer.say(megabyte);
                    takenMegabytes.incrementAndGet();
                }
            } else {
                peer.say("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
            }
        }
    }

    private String get(String path) throws IOException, InterruptedException {
        return http.send(
                        HttpRequest.newBuilder(gateway.resolve(path)).timeout(ANSWER_MAX).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private Socket connect() throws IOException {
        var socket = new Socket(gateway.getHost(), gateway.getPort());
        socket.setSoTimeout((int) ANSWER_MAX.toMillis());
        return socket;
    }

    private static String statusLine(Socket socket) throws IOException {
        return until(socket, "\r\n").strip();
    }

    private JsonNode onlyEvent(String question) throws Exception {
        var found = events(question, 1);
        assertThat(found).hasSize(1);
        return found.getFirst();
    }

    private List<JsonNode> events(String question, int count) throws Exception {
        return Await.value(FOUND, () -> server.events(question), all -> all.size() >= count);
    }

    @Test
    void aServiceThatNobodyKnowsIsOneEventWhateverItAnswers() throws Exception {
        var answer =
                http.send(
                        HttpRequest.newBuilder(gateway.resolve("/odd/thing"))
                                .header(
                                        "Authorization",
                                        "AWS4-HMAC-SHA256 Credential=AKIANOBODY/20261121/eu-west-9/teapots/aws4_request, SignedHeaders=host, Signature=00")
                                .header("X-Amz-Target", "Teapots_20991231.BrewCoffee")
                                .POST(HttpRequest.BodyPublishers.ofString("\u0001no JSON"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(418);
        assertThat(answer.body()).isEqualTo("\0{<");
        var event = onlyEvent("eventSource:teapots.amazonaws.com");
        assertThat(event.path("eventName").asText()).isEqualTo("BrewCoffee");
        assertThat(event.path("awsRegion").asText()).isEqualTo("eu-west-9");
        assertThat(event.path("errorCode").asText()).isEqualTo("Status418");
        assertThat(event.at("/userIdentity/accessKeyId").asText()).isEqualTo("AKIANOBODY");
    }

    @Test
    void aHeadOfTenMegabytesIsRefusedAndRecorded() throws Exception {
        try (var client = connect()) {
            try {
                say(client, "GET /huge-head HTTP/1.1\r\nHost: h\r\nX-Huge: ");
                for (var i = 0; i < 10; i++) {
                    say(client, "a".repeat(1 << 20));
                }
                say(client, "\r\n\r\n");
            } catch (IOException _) {
                // The gateway does not read on.
            }
            assertThat(statusLine(client)).startsWith("HTTP/1.1 431 ");
        }

        assertThat(onlyEvent("eventName:PassCall").path("errorCode").asText()).isNotEmpty();
        assertThat(upstream.otherHeads()).noneMatch(head -> head.contains("huge-head"));
    }

    @Test
    void clientsThatStallAmidTheirBodiesAreToldAndRecorded() throws Exception {
        for (var length : new int[] {5, 1 << 20}) {
            try (var client = connect()) {
                say(
                        client,
                        "PUT /stalled/by-%d HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\nabc"
                                .formatted(length, length));
                assertThat(statusLine(client)).startsWith("HTTP/1.1 408 ");
            }
            assertThat(onlyEvent("requestParameters.key:by-" + length).path("errorCode").asText())
                    .isEqualTo("RequestTimeout");
        }
    }

    @Test
    void whatAnUpstreamSaysBeyondAnAnswerIsNobodysAnswer() throws Exception {
        try (var client = connect()) {
            say(client, "GET /longer/first HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(until(client, "\r\n\r\nhello")).contains("its-own");
            say(client, "GET /right/second HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(until(client, "\r\n\r\nhello")).doesNotContain("forged");
        }

        assertThat(onlyEvent("requestParameters.bucketName:longer").path("requestID").asText())
                .isEqualTo("its-own");
        assertThat(onlyEvent("requestParameters.bucketName:right").toString())
                .doesNotContain("forged");
    }

    @Test
    void anUpstreamThatDripsItsHeadIsATimeOut() throws Exception {
        try (var client = connect()) {
            say(client, "DELETE /dripping/a HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(statusLine(client)).startsWith("HTTP/1.1 504 ");
        }

        assertThat(onlyEvent("requestParameters.bucketName:dripping").path("errorCode").asText())
                .isEqualTo("UpstreamTimeout");
    }

    @Test
    void clientsThatDoNotReadHoldNobodyUpAndLittleMemory() throws Exception {
        var slow = new ArrayList<Socket>();
        try {
            for (var i = 0; i < SLOW_READERS; i++) {
                var client = connect();
                slow.add(client);
                say(client, "GET /huge/%d HTTP/1.1\r\nHost: h\r\n\r\n".formatted(i));
                until(client, "\r\n\r\n");
            }
            for (var i = 0; i < 200; i++) {
                assertThat(get("/quick/" + i)).isEqualTo("hello");
            }

            // All of them would be eight GB, and more than the server's heap has room for.
            assertThat(takenMegabytes.get() << 20).isLessThan(SLOW_READERS * ON_THE_WAY_MAX);
            // They are not waited for for ever, and what became of them is known.
            assertThat(events("requestParameters.bucketName:huge", SLOW_READERS))
                    .hasSize(SLOW_READERS)
                    .allMatch(event -> event.at("/additionalEventData/clientGone").asBoolean());
        } finally {
            for (var client : slow) {
                client.close();
            }
        }
        assertThat(events("requestParameters.bucketName:quick", 200)).hasSize(200);
    }
}
