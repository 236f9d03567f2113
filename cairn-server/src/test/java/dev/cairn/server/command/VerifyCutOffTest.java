package dev.cairn.server.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.cairn.archive.ArchiveException;
import dev.cairn.testkit.proof.DigestKeys;
import dev.cairn.testkit.proof.MapBuckets;
import dev.cairn.testkit.proof.SealedBucket;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `cairn verify` of a server that goes away while it answers: it says that it could not judge,
/// never that all is proved, and accuses nobody.
class VerifyCutOffTest {
    private static final DigestKeys KEYS = new DigestKeys();
    private static final ObjectMapper JSON = new ObjectMapper();

    /// Coprime to what the answer is made of, so that cuts fall everywhere in it.
    private static final int STEP = 311;

    @TempDir private Path folder = Path.of("");
    private final MapBuckets buckets = new MapBuckets("audit-logs");
    private HttpServer server;

    /// How much of the next answer to ReadObjects goes out; all when negative.
    private int cut = -1;

    /// Whether the server is gone behind a cut.
    private boolean dies;

    private boolean dead;
    private int longest;

    VerifyCutOffTest() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    }

    @BeforeEach
    void a_server_with_a_bucket() throws Exception {
        new SealedBucket(buckets, "audit-logs", new SplittableRandom(3))
                .trail("", "123456789012", "us-east-1", "main", KEYS)
                .hours(Instant.parse("2026-11-20T20:00:00Z"), 6, 2);
        Files.createDirectories(folder.resolve("keys"));
        Files.writeString(
                folder.resolve("keys/root-credentials"),
                "aws_access_key_id=AKIAEXAMPLE\naws_secret_access_key=secret\n");
        Files.writeString(folder.resolve("keys.json"), KEYS.listing());
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void a_server_that_is_killed_in_mid_answer_leaves_nothing_proved() {
        assertThat(verify()).isZero();
        assertThat(longest).isGreaterThan(10 * STEP);
        dies = true;
        for (cut = 0; cut < longest; cut += STEP) {
            dead = false;
            assertThat(verify()).as("killed after %d bytes", cut).isEqualTo(CommandException.USAGE);
            assertThat(dead).isTrue();
        }
    }

    @Test
    void a_server_that_is_there_again_is_asked_on_and_nobody_is_accused() {
        assertThat(verify()).isZero();
        cut = 0;
        assertThat(verify()).as("cut off before the first object").isZero();
        var all = longest;
        var exits = new HashSet<Integer>();
        for (var at = STEP; at < all; at += STEP) {
            cut = at;
            exits.add(verify());
        }
        // Judged where the cut was between two objects, and not where it was within one.
        assertThat(exits).containsExactlyInAnyOrder(0, CommandException.USAGE);
        cut = -1;
        assertThat(verify()).isZero();
    }

    private int verify() {
        return CairnCommand.run(
                "verify",
                "s3://audit-logs",
                "--data",
                folder.toString(),
                "--endpoint",
                "http://127.0.0.1:" + server.getAddress().getPort(),
                "--keys",
                folder.resolve("keys.json").toString());
    }

    // ---- the server, in a few lines of its own ------------------------------------------------

    private synchronized void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var body = exchange.getRequestBody().readAllBytes();
            if (dead) {
                return;
            }
            var query = exchange.getRequestURI().getQuery();
            if (exchange.getRequestMethod().equals("POST")) {
                many(exchange, body);
            } else if (query != null && query.contains("list-type=2")) {
                list(exchange);
            } else {
                one(
                        exchange,
                        exchange.getRequestURI().getPath().substring("/audit-logs/".length()));
            }
        }
    }

    private void many(HttpExchange exchange, byte[] body) throws IOException {
        var out = new ByteArrayOutputStream();
        var keys = JSON.readTree(body).path("keys");
        for (var key : keys) {
            var item = buckets.items().get(key.asText());
            var head = JSON.createObjectNode().put("key", key.asText());
            if (item == null) {
                throw new AssertionError("expected a key that is there, got " + key);
            }
            head.put("length", item.bytes().length).put("contentEncoding", "gzip");
            head.set("metadata", JSON.valueToTree(item.metadata()));
            out.writeBytes((head + "\n" + item.bytes().length + "\n").getBytes(UTF_8));
            out.writeBytes(item.bytes());
            out.writeBytes("end\n".getBytes(UTF_8));
        }
        out.writeBytes("{\"answered\":%d}\n".formatted(keys.size()).getBytes(UTF_8));
        var whole = out.toByteArray();
        longest = Math.max(longest, whole.length);
        var sent = cut < 0 || cut > whole.length ? whole : Arrays.copyOf(whole, cut);
        cut = dies ? cut : -1;
        dead = dies;
        exchange.sendResponseHeaders(200, whole.length);
        exchange.getResponseBody().write(sent);
        exchange.getResponseBody().flush();
    }

    private void one(HttpExchange exchange, String key) throws IOException {
        var item = buckets.items().get(key);
        if (item == null) {
            throw new AssertionError("expected a key that is there, got " + key);
        }
        item.metadata()
                .forEach((name, value) ->
                        exchange.getResponseHeaders().add("x-amz-meta-" + name, value));
        exchange.sendResponseHeaders(200, item.bytes().length);
        exchange.getResponseBody().write(item.bytes());
    }

    private void list(HttpExchange exchange) throws IOException {
        var asked = new HashMap<String, String>();
        for (var part : exchange.getRequestURI().getRawQuery().split("&", -1)) {
            var at = part.indexOf('=');
            asked.put(part.substring(0, at), URLDecoder.decode(part.substring(at + 1), UTF_8));
        }
        try {
            var page =
                    buckets.list(
                            "audit-logs",
                            asked.getOrDefault("prefix", ""),
                            asked.getOrDefault("start-after", ""),
                            Integer.parseInt(asked.getOrDefault("max-keys", "1000")));
            var xml = new StringBuilder("<ListBucketResult>");
            xml.append("<IsTruncated>").append(page.more()).append("</IsTruncated>");
            for (var object : page.objects()) {
                xml.append(
                        "<Contents><Key>%s</Key><LastModified>2026-11-21T09:00:00.000Z</LastModified><Size>%d</Size></Contents>"
                                .formatted(object.key(), object.length()));
            }
            var bytes = xml.append("</ListBucketResult>").toString().getBytes(UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        } catch (ArchiveException impossible) {
            throw new IOException(impossible);
        }
    }
}
