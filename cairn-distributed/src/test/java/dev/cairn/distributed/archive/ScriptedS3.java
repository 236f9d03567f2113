package dev.cairn.distributed.archive;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.cairn.distributed.archive.S3Destination.Keys;
import dev.cairn.distributed.archive.S3Destination.PutForm;
import dev.cairn.secret.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/// A server that gives the answers it was told to, in order; the last one for ever.
final class ScriptedS3 implements AutoCloseable {
    private final HttpServer server;
    private final Queue<Answer> script;
    private final List<Asked> asked = new ArrayList<>();

    /// An answer.
    ///
    /// @param status 0: hangs up instead
    /// @param length that is told, whatever the body's is
    record Answer(int status, String body, int length) {
        static Answer of(int status, String code) {
            String body = code.isEmpty() ? "" : "<Error><Code>%s</Code></Error>".formatted(code);
            return new Answer(status, body, body.length());
        }
    }

    /// A request.
    ///
    /// @param headers with lower-case names
    record Asked(String method, String path, Map<String, String> headers) {}

    private ScriptedS3(List<Answer> answers) throws IOException {
        script = new ConcurrentLinkedQueue<>(answers);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    static ScriptedS3 answering(Answer... answers) throws IOException {
        return new ScriptedS3(List.of(answers));
    }

    S3Destination destination(PutForm form, boolean checksums) {
        return new S3Destination(
                Optional.of(URI.create("http://127.0.0.1:" + server.getAddress().getPort())),
                "eu-central-1",
                true,
                Optional.of(new Keys("AKIASCRIPTED", new Secret("never shown"))),
                checksums,
                form);
    }

    synchronized List<Asked> asked() {
        return List.copyOf(asked);
    }

    private void answer(HttpExchange exchange) throws IOException {
        var headers = new TreeMap<String, String>();
        exchange.getRequestHeaders()
                .forEach((name, values) ->
                        headers.put(name.toLowerCase(Locale.ROOT), values.getFirst()));
        synchronized (this) {
            asked.add(
                    new Asked(
                            exchange.getRequestMethod(),
                            exchange.getRequestURI().getRawPath(),
                            headers));
        }
        exchange.getRequestBody().readAllBytes();
        Answer answer = script.size() > 1 ? script.remove() : script.element();
        if (answer.status() != 0) {
            exchange.getResponseHeaders().add("Last-Modified", "Sat, 21 Nov 2026 08:00:00 GMT");
            boolean none = exchange.getRequestMethod().equals("HEAD") || answer.length() == 0;
            exchange.sendResponseHeaders(answer.status(), none ? -1 : answer.length());
            if (!none) {
                exchange.getResponseBody().write(answer.body().getBytes(UTF_8));
                exchange.getResponseBody().flush();
            }
        }
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
