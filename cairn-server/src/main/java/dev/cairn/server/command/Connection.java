package dev.cairn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.aws.http.Authority;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.sigv4.Payload;
import dev.cairn.aws.sigv4.RequestSigner;
import dev.cairn.server.configuration.Version;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// Signed calls to a server, from the command line.
///
/// A 503 is tried again for as long as the server asks, at most [#TRIES] times; anything else that
/// is not a success becomes a [CommandException] in the server's own words. Objects are read by the
/// thousand: when one of these calls was given up, the others are made once each until one
/// succeeds, so that a server which stays busy is soon told from one that is busy for a while.
final class Connection implements AutoCloseable {
    static final int TRIES = 10;

    /// From this length on, a server is asked whether it wants a body before it is sent: it cannot
    /// say why it refuses while bytes still pour in.
    private static final long ASK_FIRST_BYTES = 1 << 20;

    private static final String NOTHING_SHA256 = sha256(new byte[0]);

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final Pattern XML_CODE = Pattern.compile("<Code>([^<]*)</Code>");
    private static final Pattern XML_MESSAGE = Pattern.compile("<Message>([^<]*)</Message>");

    private final URI endpoint;
    private final Credentials credentials;
    private final String region;
    private final InstantSource clock;
    private final Pause pause;
    private final Patience reading = new Patience();
    private final HttpClient http;

    /// @param trust whom to believe over TLS; null: the JDK's
    Connection(
            URI endpoint,
            Credentials credentials,
            String region,
            InstantSource clock,
            @Nullable SSLContext trust) {
        this(endpoint, credentials, region, clock, trust, Thread::sleep);
    }

    /// @param pause between two tries
    Connection(
            URI endpoint,
            Credentials credentials,
            String region,
            InstantSource clock,
            @Nullable SSLContext trust,
            Pause pause) {
        var client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(Duration.ofSeconds(10));
        this.http = (trust == null ? client : client.sslContext(trust)).build();
        this.endpoint = endpoint;
        this.credentials = credentials;
        this.region = region;
        this.clock = clock;
        this.pause = pause;
    }

    /// Lets time pass.
    @FunctionalInterface
    interface Pause {
        void until(Duration over) throws InterruptedException;
    }

    /// How often those calls are tried again that share it.
    private static final class Patience {
        private volatile boolean over;

        /// @param tries so far
        boolean again(int tries) {
            if (tries >= TRIES) {
                over = true;
            }
            return !over;
        }

        void answered() {
            over = false;
        }
    }

    URI endpoint() {
        return endpoint;
    }

    /// A call with a JSON answer.
    ///
    /// @param query names and values; a name may have several values
    JsonNode call(String method, String path, Map<String, List<String>> query, byte[] body)
            throws CommandException, InterruptedException {
        var response =
                send(
                        method,
                        path,
                        query,
                        HttpRequest.BodyPublishers.ofByteArray(body),
                        sha256(body));
        try (var stream = response.body()) {
            var bytes = stream.readAllBytes();
            return bytes.length == 0 ? JSON.createObjectNode() : JSON.readTree(bytes);
        } catch (IOException failure) {
            throw new CommandException("the answer of " + endpoint + " broke off", failure);
        }
    }

    JsonNode get(String path, Map<String, List<String>> query)
            throws CommandException, InterruptedException {
        return call("GET", path, query, new byte[0]);
    }

    /// Sends a file.
    ///
    /// @param sha256 of the file's bytes, lower-case hex
    JsonNode put(String path, Map<String, List<String>> query, Path file, String sha256)
            throws CommandException, InterruptedException {
        try {
            var response =
                    send("PUT", path, query, HttpRequest.BodyPublishers.ofFile(file), sha256);
            try (var stream = response.body()) {
                return JSON.readTree(stream);
            }
        } catch (IOException failure) {
            throw new CommandException(
                    "cannot send " + file + ": " + failure.getMessage(), failure);
        }
    }

    /// A call whose answer is read as it comes; the caller closes it.
    HttpResponse<InputStream> stream(String path, Map<String, List<String>> query)
            throws CommandException, InterruptedException {
        return send("GET", path, query, HttpRequest.BodyPublishers.noBody(), sha256(new byte[0]));
    }

    /// A call with a document, whose answer is read as it comes; the caller closes it.
    InputStream stream(String path, JsonNode document)
            throws CommandException, InterruptedException {
        var body = document.toString().getBytes(StandardCharsets.UTF_8);
        return send(
                        reading,
                        cairn(),
                        "POST",
                        path,
                        Map.of(),
                        HttpRequest.BodyPublishers.ofByteArray(body),
                        sha256(body))
                .body();
    }

    /// A call to one of AWS's services, as its clients make it.
    ///
    /// @param service its signing name
    /// @param headers besides those of every call
    /// @return the answer, as it came
    byte[] aws(
            String service,
            String inRegion,
            String method,
            String path,
            Map<String, List<String>> query,
            Map<String, String> headers,
            byte[] body)
            throws CommandException, InterruptedException {
        var response =
                send(
                        new Patience(),
                        new Dialect(service, inRegion, headers),
                        method,
                        path,
                        query,
                        HttpRequest.BodyPublishers.ofByteArray(body),
                        sha256(body));
        try (var stream = response.body()) {
            return stream.readAllBytes();
        } catch (IOException failure) {
            throw new CommandException("the answer of " + endpoint + " broke off", failure);
        }
    }

    /// A reading call to S3, whose answer's body is read as it comes; the caller closes it.
    ///
    /// @param path encoded
    HttpResponse<InputStream> s3(String path, Map<String, List<String>> query)
            throws CommandException, InterruptedException {
        return send(
                reading,
                new Dialect("s3", region, Map.of()),
                "GET",
                path,
                query,
                HttpRequest.BodyPublishers.noBody(),
                NOTHING_SHA256);
    }

    /// What S3 tells of an object.
    ///
    /// @param path encoded
    HttpHeaders head(String path) throws CommandException, InterruptedException {
        return send(
                        reading,
                        new Dialect("s3", region, Map.of()),
                        "HEAD",
                        path,
                        Map.of(),
                        HttpRequest.BodyPublishers.noBody(),
                        NOTHING_SHA256)
                .headers();
    }

    /// A changing call to S3 with a document.
    ///
    /// @param path encoded
    /// @param subresource such as `restore`
    void post(String path, String subresource, String document)
            throws CommandException, InterruptedException {
        var body = document.getBytes(StandardCharsets.UTF_8);
        discard(
                send(
                        new Patience(),
                        new Dialect("s3", region, Map.of("Content-Type", "application/xml")),
                        "POST",
                        path,
                        Map.of(subresource, List.of("")),
                        HttpRequest.BodyPublishers.ofByteArray(body),
                        sha256(body)));
    }

    /// How a call is signed and what it says of its body.
    private record Dialect(String service, String region, Map<String, String> headers) {}

    private Dialect cairn() {
        return new Dialect("cairn", region, Map.of("Content-Type", "application/json"));
    }

    private HttpResponse<InputStream> send(
            String method,
            String path,
            Map<String, List<String>> query,
            HttpRequest.BodyPublisher body,
            String sha256)
            throws CommandException, InterruptedException {
        return send(new Patience(), cairn(), method, path, query, body, sha256);
    }

    private HttpResponse<InputStream> send(
            Patience patience,
            Dialect dialect,
            String method,
            String path,
            Map<String, List<String>> query,
            HttpRequest.BodyPublisher body,
            String sha256)
            throws CommandException, InterruptedException {
        var rawQuery = rawQuery(query);
        for (var attempt = 1; ; attempt++) {
            var request = request(dialect, method, path, rawQuery, body, sha256);
            HttpResponse<InputStream> response;
            try {
                response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
            } catch (ConnectException failure) {
                throw new CommandException(
                        "no Cairn answers at %s; start one with './cairn serve'"
                                .formatted(endpoint),
                        failure);
            } catch (IOException failure) {
                throw new CommandException(
                        "the connection to %s broke: %s".formatted(endpoint, failure.getMessage()),
                        failure);
            }
            if (response.statusCode() / 100 == 2) {
                patience.answered();
                return response;
            }
            if (response.statusCode() != 503 || !patience.again(attempt)) {
                throw refused(response);
            }
            discard(response);
            pause.until(retryAfter(response));
        }
    }

    private HttpRequest request(
            Dialect dialect,
            String method,
            String path,
            String rawQuery,
            HttpRequest.BodyPublisher body,
            String sha256) {
        var headers = Headers.of("Host", Authority.of(endpoint));
        for (var header : dialect.headers().entrySet()) {
            headers = headers.plus(header.getKey(), header.getValue());
        }
        var signed =
                new RequestSigner(
                                credentials.accessKeyId(),
                                credentials.secretAccessKey(),
                                credentials.sessionToken(),
                                dialect.region(),
                                dialect.service())
                        .sign(
                                new Request(method, path, rawQuery, headers),
                                new Payload.Declared(sha256),
                                sha256,
                                clock.instant());
        var target = endpoint.resolve(path + (rawQuery.isEmpty() ? "" : "?" + rawQuery));
        var builder =
                HttpRequest.newBuilder(target)
                        .method(method, body)
                        .timeout(Duration.ofMinutes(30))
                        .expectContinue(body.contentLength() >= ASK_FIRST_BYTES)
                        .header("User-Agent", "cairn-cli/" + Version.current());
        for (var field : signed.headers().fields()) {
            // The client sets Host itself, from the same address.
            if (!field.name().equalsIgnoreCase("host")) {
                builder.header(field.name(), field.value());
            }
        }
        return builder.build();
    }

    private static String rawQuery(Map<String, List<String>> query) {
        var raw = new StringBuilder();
        query.forEach((name, values) -> {
            for (var value : values) {
                raw.append(raw.isEmpty() ? "" : "&")
                        .append(encode(name))
                        .append('=')
                        .append(encode(value));
            }
        });
        return raw.toString();
    }

    /// Percent-encoding as RFC 3986 and signatures want it, also for one segment of a path.
    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A")
                .replace("%7E", "~");
    }

    private CommandException refused(HttpResponse<InputStream> response) {
        var code = response.headers().firstValue("x-amzn-errortype").orElse("");
        var message = "HTTP status " + response.statusCode();
        try (var stream = response.body()) {
            var bytes = stream.readNBytes(1 << 20);
            var xml = new String(bytes, StandardCharsets.UTF_8);
            if (xml.startsWith("<")) {
                return CommandException.refused(
                        response.statusCode(),
                        first(XML_CODE, xml, "refused") + ": " + first(XML_MESSAGE, xml, message));
            }
            var answer = JSON.readTree(bytes);
            if (answer != null && answer.isObject()) {
                code = answer.path("__type").asText(answer.path("code").asText(code));
                message = answer.path("message").asText(answer.path("Message").asText(message));
            }
        } catch (IOException _) {
            // The status says it all.
        }
        return CommandException.refused(
                response.statusCode(), code.isEmpty() ? message : code + ": " + message);
    }

    private static String first(Pattern pattern, String text, String fallback) {
        var found = pattern.matcher(text);
        return found.find() ? found.group(1) : fallback;
    }

    private static void discard(HttpResponse<InputStream> response) {
        try (var stream = response.body()) {
            stream.readNBytes(1 << 20);
        } catch (IOException _) {
            // It was not going to be used.
        }
    }

    private static Duration retryAfter(HttpResponse<?> response) {
        var seconds = response.headers().firstValue("Retry-After").orElse("1");
        return seconds.matches("\\d{1,3}")
                ? Duration.ofSeconds(Math.clamp(Long.parseLong(seconds), 1, 30))
                : Duration.ofSeconds(1);
    }

    static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(digest().digest(bytes));
    }

    static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    @Override
    public void close() {
        http.close();
    }

    /// Whom the calls are made for.
    record Credentials(String accessKeyId, String secretAccessKey, Optional<String> sessionToken) {
        /// Without the secret.
        @Override
        public String toString() {
            return "Credentials[" + accessKeyId + "]";
        }
    }
}
