package dev.cairn.recorder;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Sends events to a Cairn's `POST /intake/v1/events`, and reads what it says.
///
/// What does not say of each event what became of it is no answer of Cairn's intake, whatever its
/// status: a proxy's page, say. The events are sent again then.
final class IntakeClient {
    private static final String PATH = "/intake/v1/events";
    private static final int ANSWER_BYTES_MAX = 4 << 20;
    private static final int SHOWN_CHARS_MAX = 300;
    private static final JsonFactory JSON = new JsonFactory();

    private final URI address;
    private final Credential credential;
    private final InstantSource clock;
    private final Duration answerMax;
    private final HttpClient http;

    /// @param endpoint where Cairn is; a path in it is kept
    /// @param answerMax how long an answer may take
    IntakeClient(URI endpoint, Credential credential, InstantSource clock, Duration answerMax) {
        this.address = URI.create(endpoint.toString().replaceFirst("/+$", "") + PATH);
        this.credential = credential;
        this.clock = clock;
        this.answerMax = answerMax;
        this.http =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(answerMax)
                        .build();
    }

    /// What became of a batch.
    sealed interface Answer {}

    /// Cairn has them, but for those it refuses.
    ///
    /// @param refused by their places in the batch
    record Taken(List<Refusal> refused) implements Answer {}

    /// An event that Cairn does not take.
    record Refusal(int index, String code, String message) {
        /// It would take it later.
        boolean pushedBack() {
            return code.equals("PushedBack");
        }
    }

    /// None was taken; the same may be sent again.
    ///
    /// @param retryAfter when Cairn says to come again
    record NotNow(Optional<Duration> retryAfter, String reason) implements Answer {}

    /// Fewer, or smaller ones, may be taken.
    record TooLarge(String reason) implements Answer {}

    Answer send(List<byte[]> events) throws InterruptedException {
        var body = body(events);
        var request =
                HttpRequest.newBuilder(address)
                        .timeout(answerMax)
                        .header("Content-Type", "application/x-ndjson")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        credential.headers(address, body, clock.instant()).forEach(request::header);
        var said = new Kept();
        // The request's own time-out ends with the answer's head.
        var coming =
                http.sendAsync(
                        request.build(), HttpResponse.BodyHandlers.ofByteArrayConsumer(said));
        try {
            var answer = coming.get(answerMax.toMillis(), TimeUnit.MILLISECONDS);
            return read(answer, said.bytes.toByteArray(), events.size());
        } catch (TimeoutException late) {
            coming.cancel(true);
            return new NotNow(Optional.empty(), "no whole answer within " + answerMax);
        } catch (ExecutionException failure) {
            return new NotNow(Optional.empty(), String.valueOf(failure.getCause()));
        } catch (InterruptedException stopped) {
            coming.cancel(true);
            throw stopped;
        }
    }

    /// The beginning of an answer, which is all of it when it is the intake's. One thread fills it,
    /// and another reads it when that has ended.
    private static final class Kept implements Consumer<Optional<byte[]>> {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public void accept(Optional<byte[]> part) {
            part.filter(some -> bytes.size() + some.length <= ANSWER_BYTES_MAX)
                    .ifPresent(bytes::writeBytes);
        }
    }

    private static byte[] body(List<byte[]> events) {
        var body = new ByteArrayOutputStream();
        for (var event : events) {
            body.writeBytes(event);
            body.write('\n');
        }
        return body.toByteArray();
    }

    private static Answer read(HttpResponse<?> answer, byte[] body, int events) {
        var status = answer.statusCode();
        if (status == 200 || status == 400) {
            var said = said(body);
            if (said != null && said.isOf(events)) {
                return new Taken(said.refused());
            }
        }
        var text = status + " " + new String(body, UTF_8).strip();
        var reason =
                "Cairn answered " + text.substring(0, Math.min(text.length(), SHOWN_CHARS_MAX));
        if (status == 413) {
            return new TooLarge(reason);
        }
        return new NotNow(retryAfter(answer), reason);
    }

    private static Optional<Duration> retryAfter(HttpResponse<?> answer) {
        return answer.headers()
                .firstValue("Retry-After")
                .filter(text -> text.matches("\\d{1,6}"))
                .map(text -> Duration.ofSeconds(Long.parseLong(text)));
    }

    private record Said(int taken, List<Refusal> refused) {
        /// Whether it says of each of so many events what became of it.
        boolean isOf(int events) {
            return taken + refused.size() == events
                    && refused.stream()
                                    .mapToInt(Refusal::index)
                                    .filter(index -> index >= 0 && index < events)
                                    .distinct()
                                    .count()
                            == refused.size();
        }
    }

    /// @return null when it is not the intake's answer
    private static @Nullable Said said(byte[] body) {
        int recorded = -1;
        int duplicates = -1;
        List<Refusal> refused = null;
        try (var json = JSON.createParser(body)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                var member = json.currentName();
                json.nextToken();
                switch (member) {
                    case "recorded" -> recorded = json.getIntValue();
                    case "duplicates" -> duplicates = json.getIntValue();
                    case "refused" -> refused = refused(json);
                    default -> json.skipChildren();
                }
            }
        } catch (IOException notJson) {
            return null;
        }
        return recorded < 0 || duplicates < 0 || refused == null
                ? null
                : new Said(recorded + duplicates, refused);
    }

    private static List<Refusal> refused(JsonParser json) throws IOException {
        List<Refusal> refused = new ArrayList<>();
        while (json.nextToken() == JsonToken.START_OBJECT) {
            var index = -1;
            var code = "";
            var message = "";
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                var member = json.currentName();
                json.nextToken();
                switch (member) {
                    case "index" -> index = json.getIntValue();
                    case "code" -> code = json.getText();
                    case "message" -> message = json.getText();
                    default -> json.skipChildren();
                }
            }
            refused.add(new Refusal(index, code, message));
        }
        return refused;
    }
}
