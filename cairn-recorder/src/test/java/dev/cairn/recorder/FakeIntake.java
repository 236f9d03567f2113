package dev.cairn.recorder;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.function.Predicate;

/// An intake that takes every event once, unless it is told otherwise.
public final class FakeIntake implements AutoCloseable {
    public static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server;
    private final Map<String, JsonNode> taken = new LinkedHashMap<>();
    private final Deque<Scripted> scripted = new ArrayDeque<>();
    public final List<Integer> batches = new CopyOnWriteArrayList<>();
    final List<String> authorizations = new CopyOnWriteArrayList<>();

    /// Requests wait for this one before they are looked at.
    public volatile CountDownLatch gate = new CountDownLatch(0);

    private Predicate<JsonNode> refusing = event -> false;

    /// An answer that says nothing of events.
    ///
    /// @param takes whether the events are taken all the same: the answer is lost
    private record Scripted(int status, String retryAfter, String body, boolean takes) {
        /// Its end never comes.
        static final int STALLED = 0;
    }

    public FakeIntake() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/intake/v1/events", this::answer);
        server.start();
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /// Answers the next request so instead of taking its events.
    public synchronized FakeIntake next(int status, String retryAfter, String body) {
        scripted.add(new Scripted(status, retryAfter, body, false));
        return this;
    }

    /// Takes the events of the next request, and answers as if it had not.
    public synchronized FakeIntake nextLost() {
        scripted.add(new Scripted(500, "", "", true));
        return this;
    }

    /// Begins to answer the next request, and goes no further.
    synchronized FakeIntake nextStalled() {
        scripted.add(new Scripted(Scripted.STALLED, "", "", true));
        return this;
    }

    public synchronized FakeIntake refusing(Predicate<JsonNode> events) {
        refusing = events;
        return this;
    }

    /// The events that were taken, in order.
    public synchronized List<JsonNode> taken() {
        return List.copyOf(taken.values());
    }

    private void answer(HttpExchange exchange) throws IOException {
        try {
            gate.await();
        } catch (InterruptedException stopped) {
            throw new IOException(stopped);
        }
        answerNow(exchange);
    }

    private synchronized void answerNow(HttpExchange exchange) throws IOException {
        var lines = new String(exchange.getRequestBody().readAllBytes(), UTF_8).lines().toList();
        authorizations.add(exchange.getRequestHeaders().getFirst("Authorization"));
        batches.add(lines.size());
        var script = scripted.poll();
        if (script != null) {
            if (script.takes()) {
                take(lines);
            }
            if (!script.retryAfter().isEmpty()) {
                exchange.getResponseHeaders().add("Retry-After", script.retryAfter());
            }
            if (script.status() == Scripted.STALLED) {
                exchange.sendResponseHeaders(200, 1000);
                exchange.getResponseBody().write('{');
                exchange.getResponseBody().flush();
                return;
            }
            say(exchange, script.status(), script.body());
            return;
        }
        say(exchange, 200, take(lines));
    }

    private String take(List<String> lines) throws JsonProcessingException {
        var answer = JSON.createObjectNode();
        var recorded = 0;
        var duplicates = 0;
        var refused = answer.putArray("refused");
        for (var i = 0; i < lines.size(); i++) {
            var event = JSON.readTree(lines.get(i));
            if (refusing.test(event)) {
                refused.addObject()
                        .put("index", i)
                        .put("code", "AccessDenied")
                        .put("message", "expected another account");
            } else if (taken.putIfAbsent(event.path("eventID").asText(), event) == null) {
                recorded++;
            } else {
                duplicates++;
            }
        }
        answer.put("recorded", recorded).put("duplicates", duplicates);
        return answer.toString();
    }

    private void say(HttpExchange exchange, int status, String body) throws IOException {
        var bytes = body.getBytes(UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
