package dev.cairn.server.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Buckets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Many objects by one call, and what becomes of those that it does not bring.
class ManyObjectsTest {
    private static final List<String> KEYS = List.of("a", "b", "c", "d");

    private final Queue<Answer> script = new ArrayDeque<>();
    private final List<String> asked = new ArrayList<>();
    private final List<String> taken = new ArrayList<>();
    private final List<Duration> pauses = new ArrayList<>();
    private HttpServer server;
    private Connection connection;

    /// How many calls to come are answered by 503.
    private int busy;

    /// @param length that is told, whatever the body's is
    private record Answer(int status, String body, int length) {}

    ManyObjectsTest() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        connection =
                new Connection(
                        URI.create("http://127.0.0.1:" + server.getAddress().getPort()),
                        new Connection.Credentials("AKIAEXAMPLE", "secret", Optional.empty()),
                        "us-east-1",
                        InstantSource.fixed(Instant.parse("2026-11-21T09:00:00Z")),
                        null,
                        pauses::add);
    }

    @BeforeEach
    void start() {
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        connection.close();
        server.stop(0);
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        var body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
        asked.add(exchange.getRequestURI().getPath() + " " + body);
        if (busy > 0) {
            busy--;
            exchange.getResponseHeaders().add("Retry-After", "3");
            exchange.sendResponseHeaders(503, -1);
            exchange.close();
            return;
        }
        var single = exchange.getRequestMethod().equals("GET");
        var answer = single ? new Answer(200, "alone", 5) : script.remove();
        exchange.sendResponseHeaders(answer.status(), answer.length());
        exchange.getResponseBody().write(answer.body().getBytes(UTF_8));
        exchange.getResponseBody().flush();
        exchange.close();
    }

    private static String object(String key) {
        return "{\"key\":\"%s\",\"length\":4,\"metadata\":{}}\n4\nmany".formatted(key);
    }

    private static String last(int answered) {
        return "{\"answered\":%d}\n".formatted(answered);
    }

    private void whole(String body) {
        script.add(new Answer(200, body, body.length()));
    }

    private void cutOff(String body) {
        script.add(new Answer(200, body, body.length() + 100));
    }

    private void getAll() {
        new OwnBuckets(connection)
                .getAll("logs", KEYS, (i, object) -> taken.add(KEYS.get(i) + read(object)));
    }

    private static String read(Buckets.Pending object) {
        try (var content = object.open().orElse(null)) {
            return content == null
                    ? " none"
                    : " " + new String(content.bytes().readAllBytes(), UTF_8);
        } catch (ArchiveException | IOException failure) {
            return " failed";
        }
    }

    @Test
    void all_come_by_one_call() {
        whole(
                object("a")
                        + "end\n"
                        + object("b")
                        + "end\n{\"key\":\"c\",\"code\":\"NoSuchKey\"}\n"
                        + object("d")
                        + "end\n"
                        + last(4));
        getAll();
        assertThat(taken).containsExactly("a many", "b many", "c none", "d many");
        assertThat(asked)
                .containsExactly(
                        "/cairn/v1/objects {\"bucket\":\"logs\",\"keys\":[\"a\",\"b\",\"c\",\"d\"]}");
    }

    @Test
    void what_an_answer_does_not_reach_is_asked_for_anew() {
        whole(object("a") + "end\n" + object("b") + "end\n" + last(2));
        whole(object("c") + "end\n" + object("d") + "end\n" + last(2));
        getAll();
        assertThat(taken).containsExactly("a many", "b many", "c many", "d many");
        assertThat(asked.getLast()).endsWith("[\"c\",\"d\"]}");
    }

    @Test
    void behind_an_object_at_which_an_answer_breaks_off_the_rest_is_asked_for_anew() {
        cutOff(object("a") + "end\n" + object("b"));
        whole(object("c") + "end\n" + object("d") + "end\n" + last(2));
        getAll();
        assertThat(taken).containsExactly("a many", "b failed", "c many", "d many");
    }

    @Test
    void between_objects_nothing_is_lost() {
        cutOff(object("a") + "end\n");
        cutOff("");
        whole(object("c") + "end\n" + object("d") + "end\n" + last(2));
        getAll();
        assertThat(taken).containsExactly("a many", "b alone", "c many", "d many");
    }

    @Test
    void a_server_that_refuses_is_asked_for_one_after_the_other_and_not_again() {
        script.add(new Answer(400, "{}", 2));
        getAll();
        assertThat(taken).containsExactly("a alone", "b alone", "c alone", "d alone");
        assertThat(asked).hasSize(5);
        assertThat(asked).last().isEqualTo("/logs/d ");
    }

    @Test
    void a_server_that_is_busy_is_asked_again_when_it_says() {
        busy = 2;
        whole(
                object("a")
                        + "end\n"
                        + object("b")
                        + "end\n"
                        + object("c")
                        + "end\n"
                        + object("d")
                        + "end\n"
                        + last(4));
        getAll();
        assertThat(taken).containsExactly("a many", "b many", "c many", "d many");
        assertThat(pauses).containsExactly(Duration.ofSeconds(3), Duration.ofSeconds(3));
    }

    @Test
    void a_server_that_is_too_busy_for_many_is_asked_for_one_after_the_other() {
        busy = Connection.TRIES;
        getAll();
        assertThat(taken).containsExactly("a alone", "b alone", "c alone", "d alone");
        assertThat(pauses).hasSize(Connection.TRIES - 1);
    }

    @Test
    void a_server_that_stays_busy_is_given_up_once_and_then_asked_once_for_each() {
        busy = Integer.MAX_VALUE;
        getAll();
        assertThat(taken).containsExactly("a failed", "b failed", "c failed", "d failed");
        assertThat(asked).hasSize(Connection.TRIES + KEYS.size());
        assertThat(pauses).hasSize(Connection.TRIES - 1);
    }

    @Test
    void patience_comes_back_with_the_first_answer() {
        busy = Connection.TRIES;
        getAll();
        busy = 1;
        getAll();
        assertThat(taken).endsWith("a alone", "b alone", "c alone", "d alone").hasSize(8);
        assertThat(pauses).hasSize(Connection.TRIES);
    }
}
