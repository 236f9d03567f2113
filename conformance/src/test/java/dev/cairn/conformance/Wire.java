package dev.cairn.conformance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.sigv4.Payload;
import dev.cairn.aws.sigv4.RequestSigner;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Requests as bytes on the wire, for what no client of AWS would send.
///
/// A request is made, signed, and may then be altered before it goes out.
final class Wire implements AutoCloseable {
    static final ObjectMapper JSON = new ObjectMapper();

    private static final int UNHASHED_BYTES_MAX = 4 << 20;
    private static final Duration ANSWER_MAX = Duration.ofSeconds(60);

    /// What `java.net.http` sets by itself.
    private static final Set<String> SET_BY_CLIENT = Set.of("host", "content-length");

    private final URI endpoint;
    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(10))
                    .build();

    Wire(URI endpoint) {
        this.endpoint = endpoint;
    }

    /// An answer, read whole.
    record Answer(int status, java.net.http.HttpHeaders headers, String body) {
        JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (JsonProcessingException malformed) {
                throw new AssertionError("expected JSON, got " + this, malformed);
            }
        }

        /// The error's name, without a namespace.
        String type() {
            return json().path("__type").asText().replaceFirst(".*#", "");
        }

        String header(String name) {
            return headers.firstValue(name).orElse("");
        }

        Answer expect(int expected) {
            if (status != expected) {
                throw new AssertionError("expected status " + expected + ", got " + this);
            }
            return this;
        }
    }

    /// A call of CloudTrail, not signed yet.
    Request cloudTrail(String operation) {
        return request("POST", "/", "")
                .with(
                        host().plus("Content-Type", "application/x-amz-json-1.1")
                                .plus(
                                        "X-Amz-Target",
                                        "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101."
                                                + operation));
    }

    /// A call of STS, not signed yet.
    Request sts() {
        return request("POST", "/", "")
                .with(
                        host().plus(
                                        "Content-Type",
                                        "application/x-www-form-urlencoded; charset=utf-8"));
    }

    /// A call that has nothing but a path, not signed yet.
    Request request(String method, String path, String rawQuery) {
        return new Request(method, path, rawQuery, host());
    }

    private Headers host() {
        return Headers.of("Host", endpoint.getHost() + ":" + endpoint.getPort());
    }

    /// Signs as a client does; the hash of a large body goes with its head, as Cairn asks for.
    static Request sign(
            Request request,
            LiveServer.Credentials by,
            String region,
            String service,
            byte[] body,
            Instant now) {
        var hash = sha256(body);
        return signer(by, region, service)
                .sign(
                        request,
                        body.length > UNHASHED_BYTES_MAX
                                ? new Payload.Declared(hash)
                                : new Payload.Whole(),
                        hash,
                        now);
    }

    static RequestSigner signer(LiveServer.Credentials by, String region, String service) {
        return new RequestSigner(
                by.accessKeyId(), by.secretAccessKey(), Optional.empty(), region, service);
    }

    /// The head of a request as bytes, for bodies that no client would send.
    ///
    /// @param length to announce; -1 for chunks
    static byte[] head(Request request, long length) {
        var head =
                new StringBuilder(
                        "%s %s HTTP/1.1\r\n".formatted(request.method(), request.rawPath()));
        for (var field : request.headers().fields()) {
            head.append(field.name()).append(": ").append(field.value()).append("\r\n");
        }
        return bytes(
                head.append(length < 0 ? "Transfer-Encoding: chunked" : "Content-Length: " + length)
                        .append("\r\n\r\n")
                        .toString());
    }

    Answer send(Request request, byte[] body) throws IOException, InterruptedException {
        var target =
                request.rawPath() + (request.rawQuery().isEmpty() ? "" : "?" + request.rawQuery());
        var builder =
                HttpRequest.newBuilder(endpoint.resolve(target))
                        .timeout(ANSWER_MAX)
                        .method(
                                request.method(),
                                body.length == 0 && !request.method().equals("POST")
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofByteArray(body));
        for (var field : request.headers().fields()) {
            if (!SET_BY_CLIENT.contains(field.name().toLowerCase(Locale.ROOT))) {
                builder.header(field.name(), field.value());
            }
        }
        var response =
                http.send(
                        builder.build(),
                        HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        return new Answer(response.statusCode(), response.headers(), response.body());
    }

    /// Signs and sends.
    Answer signed(LiveServer.Credentials by, String service, Request request, byte[] body)
            throws IOException, InterruptedException {
        return signed(by, "us-east-1", service, request, body);
    }

    Answer signed(
            LiveServer.Credentials by, String region, String service, Request request, byte[] body)
            throws IOException, InterruptedException {
        return send(sign(request, by, region, service, body, Instant.now()), body);
    }

    /// Sends events to the intake.
    Answer intake(LiveServer.Credentials by, byte[] body) throws IOException, InterruptedException {
        return signed(by, "cloudtrail", request("POST", "/intake/v1/events", ""), body);
    }

    /// Asks one of Cairn's own operations that only read.
    ///
    /// @param query names and values, one after the other
    Answer get(LiveServer.Credentials by, String path, String... query)
            throws IOException, InterruptedException {
        var raw = new StringBuilder();
        for (var i = 0; i < query.length; i += 2) {
            raw.append(raw.isEmpty() ? "" : "&")
                    .append(query[i])
                    .append('=')
                    .append(encode(query[i + 1]));
        }
        return signed(by, "cairn", request("GET", path, raw.toString()), new byte[0]);
    }

    /// Every event that a search finds, as Cairn's own operation gives them, newest first.
    List<JsonNode> search(LiveServer.Credentials by, String query)
            throws IOException, InterruptedException {
        var found = new java.util.ArrayList<JsonNode>();
        var token = "";
        do {
            var answer =
                    token.isEmpty()
                            ? get(by, "/cairn/v1/events", "query", query, "limit", "1000")
                            : get(
                                    by,
                                    "/cairn/v1/events",
                                    "query",
                                    query,
                                    "limit",
                                    "1000",
                                    "nextToken",
                                    token);
            answer.expect(200).json().path("events").forEach(found::add);
            token = answer.json().path("nextToken").asText("");
        } while (!token.isEmpty());
        return found;
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A")
                .replace("%7E", "~");
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        http.close();
    }
}
