package dev.cairn.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.cairn.testkit.wire.TestCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// An HTTPS server whose certificate no public root knows, which keeps what it is sent and answers
/// as it is told to. It is a Lambda as well.
final class Webhooks implements AutoCloseable {
    private static final Duration ARRIVES_MAX = Duration.ofSeconds(60);

    private final TestCertificate certificate;
    private final HttpsServer https;
    private final BlockingQueue<Got> got = new LinkedBlockingQueue<>();
    private final ConcurrentLinkedQueue<Integer> answers = new ConcurrentLinkedQueue<>();
    private volatile CountDownLatch open = new CountDownLatch(0);

    /// What was sent.
    ///
    /// @param headers of several of a name the first
    record Got(String path, Map<String, String> headers, String body) {}

    Webhooks(Path folder) throws Exception {
        certificate = TestCertificate.make(folder, "hooks", "ip:127.0.0.1", "EC");
        https = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        https.setHttpsConfigurator(new HttpsConfigurator(certificate.server()));
        https.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        https.createContext("/", this::take);
        https.start();
    }

    private void take(HttpExchange exchange) throws IOException {
        var headers = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
        exchange.getRequestHeaders().forEach((name, all) -> headers.put(name, all.getFirst()));
        got.add(
                new Got(
                        exchange.getRequestURI().toString(),
                        headers,
                        new String(exchange.getRequestBody().readAllBytes(), UTF_8)));
        try {
            open.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        var answer = answers.poll();
        exchange.sendResponseHeaders(answer == null ? 200 : answer, -1);
        exchange.close();
    }

    /// What has a Cairn reach it.
    String[] settings() {
        return new String[] {
            "topic.private-addresses=127.0.0.1",
            "topic.receivers-ca=" + certificate.certificate(),
            "lambda.endpoint=" + url(""),
            "lambda.access-key=AKIALAMBDA0000000000",
            "lambda.secret-key=hush"
        };
    }

    String url(String path) {
        return "https://127.0.0.1:%d%s".formatted(https.getAddress().getPort(), path);
    }

    /// What the next one is answered; 200 when nobody said.
    void answer(int status) {
        answers.add(status);
    }

    /// Whoever comes is kept waiting until [#go].
    void hang() {
        open = new CountDownLatch(1);
    }

    void go() {
        open.countDown();
    }

    /// The next one that was sent; waits for it.
    Got next() throws InterruptedException {
        var next = got.poll(ARRIVES_MAX.toSeconds(), TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("expected a request within " + ARRIVES_MAX);
        }
        return next;
    }

    boolean hasMore() {
        return !got.isEmpty();
    }

    @Override
    public void close() {
        go();
        https.stop(0);
    }
}
