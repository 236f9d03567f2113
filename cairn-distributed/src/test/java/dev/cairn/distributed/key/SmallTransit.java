package dev.cairn.distributed.key;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;

/// As much of a Vault's transit engine as wraps a key, in the form that its documentation gives:
/// one key, `cairn`, and one token, `s.good`. It wraps by a stamp in front.
final class SmallTransit implements AutoCloseable {
    private static final String STAMP = "vault:v1:";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server;

    /// What it answers to everything, if that is not empty: a status and a body.
    private volatile String instead = "";

    /// Whether it sends half of each answer and then nothing.
    private volatile boolean stalling;

    private final CountDownLatch closing = new CountDownLatch(1);

    /// The namespace of the last call; empty when it named none.
    private volatile String namespace = "";

    SmallTransit() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    URI key(String name) {
        return URI.create(
                "http://127.0.0.1:%d/v1/secrets/transit/keys/%s"
                        .formatted(server.getAddress().getPort(), name));
    }

    void answerInstead(int status, String body) {
        instead = status + " " + body;
    }

    void stall() {
        stalling = true;
    }

    String namespace() {
        return namespace;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            namespace =
                    Objects.requireNonNullElse(
                            exchange.getRequestHeaders().getFirst("X-Vault-Namespace"), "");
            var body = JSON.readTree(exchange.getRequestBody());
            if (stalling) {
                exchange.sendResponseHeaders(200, 100);
                exchange.getResponseBody().write('{');
                exchange.getResponseBody().flush();
                closing.await();
                return;
            }
            if (!instead.isEmpty()) {
                reply(exchange, Integer.parseInt(instead.substring(0, 3)), instead.substring(4));
            } else if (!"s.good".equals(exchange.getRequestHeaders().getFirst("X-Vault-Token"))) {
                reply(exchange, 403, "{\"errors\":[\"permission denied\"]}");
            } else {
                work(exchange, body);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void work(HttpExchange exchange, JsonNode body) throws IOException {
        switch (exchange.getRequestURI().getRawPath()) {
            case "/v1/secrets/transit/encrypt/cairn" ->
                    reply(
                            exchange,
                            200,
                            "{\"data\":{\"ciphertext\":\"%s%s\",\"key_version\":1}}"
                                    .formatted(STAMP, body.path("plaintext").asText()));
            case "/v1/secrets/transit/decrypt/cairn" -> {
                var text = body.path("ciphertext").asText();
                if (text.startsWith(STAMP)) {
                    reply(
                            exchange,
                            200,
                            "{\"data\":{\"plaintext\":\"%s\"}}"
                                    .formatted(text.substring(STAMP.length())));
                } else {
                    reply(exchange, 400, "{\"errors\":[\"invalid ciphertext: no prefix\"]}");
                }
            }
            default -> reply(exchange, 400, "{\"errors\":[\"encryption key not found\"]}");
        }
    }

    private static void reply(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
    }
}
