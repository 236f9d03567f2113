package dev.cairn.gateway.link;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.cairn.aws.http.Authority;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.ledger.Append;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// HTTP to the Cairn that a gateway records to.
///
/// Nothing is tried twice here: what came of a call is a [Said], also when that is nothing. A Cairn
/// that does not answer is left alone for [#REST], so that calls need not wait for it one by one:
/// it is [away][#away]. Any thread may call any method.
public final class CairnLink implements AutoCloseable {
    /// Takes events.
    public static final String EVENTS = "/intake/v1/events";

    /// Tells whether events are taken.
    public static final String STATE = "/intake/v1/gateway";

    /// Tells whose a key is.
    public static final String CALLER = STATE + "/caller";

    /// How long a Cairn that did not answer is not asked again.
    static final Duration REST = Duration.ofSeconds(1);

    private static final Duration CONNECT_MAX = Duration.ofSeconds(2);

    /// Cairn answers when its disk has been forced, which may take a while.
    private static final Duration ANSWER_MAX = Duration.ofSeconds(10);

    private static final int ANSWER_BYTES_MAX = 4 << 20;
    private static final int SHOWN_CHARS_MAX = 300;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI endpoint;
    private final Credential credential;
    private final InstantSource clock;
    private final HttpClient http;
    private volatile @Nullable Away away;

    private record Away(Instant since, Said said) {}

    /// @param endpoint scheme, host and port
    /// @param trust whom to believe over TLS; null: the JDK's
    public CairnLink(
            URI endpoint, Credential credential, InstantSource clock, @Nullable SSLContext trust) {
        this.endpoint = endpoint;
        this.credential = credential;
        this.clock = clock;
        var client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(CONNECT_MAX);
        this.http = (trust == null ? client : client.sslContext(trust)).build();
    }

    /// What a Cairn said.
    ///
    /// @param status of HTTP; 0 when no answer came
    /// @param json the body; missing when it is none
    /// @param reason in words, where it is no success
    /// @param retryAfter when to come again
    public record Said(int status, JsonNode json, String reason, Duration retryAfter) {
        /// Whether it is an answer, and a success.
        public boolean isOk() {
            return status == 200;
        }

        /// Whether it says that the gateway's token or key is not good for what was asked.
        public boolean isDenied() {
            return status == 401 || status == 403;
        }

        Append.Pushback pushback() {
            return new Append.Pushback(retryAfter, reason);
        }
    }

    /// Where the Cairn is.
    public URI endpoint() {
        return endpoint;
    }

    /// What was found when the Cairn last did not answer, for as long as it is left alone.
    Optional<Said> away() {
        var known = away;
        return known != null && isWithin(known.since(), REST)
                ? Optional.of(known.said())
                : Optional.empty();
    }

    /// Whether it is less than so long ago, by a clock that may be set back meanwhile: what is yet
    /// to come is no such thing.
    boolean isWithin(Instant then, Duration time) {
        var now = clock.instant();
        return !now.isBefore(then) && now.isBefore(then.plus(time));
    }

    /// Asks.
    ///
    /// @param rawQuery empty for none
    public Said get(String path, String rawQuery) throws InterruptedException {
        return call("GET", path, rawQuery, new byte[0]);
    }

    /// Sends a body.
    Said post(String path, byte[] body) throws InterruptedException {
        return call("POST", path, "", body);
    }

    private Said call(String method, String path, String rawQuery, byte[] body)
            throws InterruptedException {
        var coming =
                http.sendAsync(
                        request(method, path, rawQuery, body),
                        BodyHandlers.limiting(BodyHandlers.ofByteArray(), ANSWER_BYTES_MAX));
        try {
            var answer = coming.get(ANSWER_MAX.toMillis(), TimeUnit.MILLISECONDS);
            away = null;
            return said(answer);
        } catch (TimeoutException _) {
            coming.cancel(true);
            return nothing("no answer within %d s".formatted(ANSWER_MAX.toSeconds()));
        } catch (ExecutionException failure) {
            return nothing(words(failure.getCause() == null ? failure : failure.getCause()));
        } catch (InterruptedException stopped) {
            coming.cancel(true);
            throw stopped;
        }
    }

    private Said nothing(String why) {
        var said =
                new Said(
                        0,
                        MissingNode.getInstance(),
                        "no Cairn answers at %s: %s".formatted(endpoint, why),
                        REST);
        away = new Away(clock.instant(), said);
        return said;
    }

    /// The JDK's client says little of why it could not connect.
    private static String words(Throwable failure) {
        var message = failure.getMessage();
        var kind = failure.getClass().getSimpleName();
        return message == null || message.isBlank() ? kind : kind + ": " + message;
    }

    private HttpRequest request(String method, String path, String rawQuery, byte[] body) {
        var sha256 = sha256(body);
        var signed =
                credential.sign(
                        new Request(
                                method, path, rawQuery, Headers.of("Host", Authority.of(endpoint))),
                        sha256,
                        clock.instant());
        var target = endpoint.resolve(path + (rawQuery.isEmpty() ? "" : "?" + rawQuery));
        var builder =
                HttpRequest.newBuilder(target)
                        .timeout(ANSWER_MAX)
                        .method(
                                method,
                                body.length == 0
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofByteArray(body))
                        .header("User-Agent", "cairn-gateway");
        for (var field : signed.headers().fields()) {
            // The client sets Host itself, from the same address.
            if (!field.name().equalsIgnoreCase("host")) {
                builder.header(field.name(), field.value());
            }
        }
        return builder.build();
    }

    private static Said said(HttpResponse<byte[]> answer) {
        var json = json(answer.body());
        var retryAfter =
                answer.headers()
                        .firstValue("Retry-After")
                        .filter(text -> text.matches("\\d{1,3}"))
                        .map(text -> Duration.ofSeconds(Math.clamp(Long.parseLong(text), 1, 30)))
                        .orElse(REST);
        return new Said(
                answer.statusCode(), json, reason(answer.statusCode(), json, answer), retryAfter);
    }

    private static JsonNode json(byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException _) {
            return MissingNode.getInstance();
        } catch (IOException impossible) {
            throw new IllegalStateException("bytes do no I/O", impossible);
        }
    }

    private static String reason(int status, JsonNode json, HttpResponse<byte[]> answer) {
        var said =
                json.isObject()
                        ? json.path("message").asText()
                        : new String(answer.body(), UTF_8).strip();
        var shown = said.substring(0, Math.min(said.length(), SHOWN_CHARS_MAX));
        return status == 503 && json.isObject()
                ? shown
                : "Cairn answered %d: %s".formatted(status, shown);
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    /// Ends what is under way.
    @Override
    public void close() {
        http.shutdownNow();
        http.close();
    }
}
