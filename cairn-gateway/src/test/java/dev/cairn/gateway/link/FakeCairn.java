package dev.cairn.gateway.link;

import dev.cairn.secret.Secret;
import dev.cairn.testkit.wire.ScriptedServer;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;

/// What a link can meet where it expects a Cairn. It answers each request with what it was told.
final class FakeCairn implements AutoCloseable {
    static final Instant NOW = Instant.parse("2026-11-21T02:00:00Z");
    private static final Pattern LENGTH = Pattern.compile("(?i)content-length: (\\d+)");

    final List<String> bodies = new CopyOnWriteArrayList<>();
    private final ScriptedServer server;
    private volatile String answer = "";
    private volatile Instant now = NOW;

    FakeCairn() throws IOException {
        server =
                new ScriptedServer(peer -> {
                    while (true) {
                        var length = LENGTH.matcher(peer.head());
                        bodies.add(
                                length.find() ? peer.body(Integer.parseInt(length.group(1))) : "");
                        peer.say(answer);
                    }
                });
    }

    FakeCairn says(int status, String json) {
        return says(status, "Content-Type: application/json\r\n", json);
    }

    /// @param headers each with its end of line
    FakeCairn says(int status, String headers, String body) {
        answer =
                "HTTP/1.1 %d Said\r\n%sContent-Length: %d\r\n\r\n%s"
                        .formatted(status, headers, body.length(), body);
        return this;
    }

    void passes(Duration time) {
        now = now.plus(time);
    }

    Instant now() {
        return now;
    }

    URI address() {
        return server.address();
    }

    CairnLink link() {
        return new CairnLink(
                server.address(), new Credential.Token(new Secret("CTOK.text")), this::now, null);
    }

    String nextHead() throws InterruptedException {
        return server.nextHead();
    }

    int asked() {
        return bodies.size();
    }

    /// Nobody listens there any more.
    @Override
    public void close() throws IOException {
        server.close();
    }
}
