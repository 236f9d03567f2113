package dev.cairn.server.courier;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.bus.Courier;
import dev.cairn.bus.Destination;
import dev.cairn.bus.Dispatches.Parcel;
import dev.cairn.bus.Refusal;
import dev.cairn.bus.Target;
import dev.cairn.catalog.CatalogException;
import dev.cairn.connection.ApiDestination;
import dev.cairn.connection.ApiDestinationArn;
import dev.cairn.connection.ApiDestinations;
import dev.cairn.connection.Authorization;
import dev.cairn.connection.Connection;
import dev.cairn.connection.Connections;
import dev.cairn.connection.Credentials;
import dev.cairn.connection.HttpParameter;
import dev.cairn.connection.HttpParameter.Part;
import dev.cairn.secret.Secret;
import dev.cairn.server.courier.HttpCalls.Answer;
import dev.cairn.server.courier.HttpCalls.Asked;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Calls API destinations as EventBridge does: all in all within [#TIME_MAX]. 2xx is taken; 401,
/// 407, 409, 429 and 5xx are tried again, not before `Retry-After`; any other answer is not. Each
/// try has the same `Idempotency-Key`.
///
/// Source: Amazon EventBridge User Guide, "API destinations as targets".
public final class ApiCourier implements Courier {
    public static final Duration TIME_MAX = Duration.ofSeconds(5);

    static final String USER_AGENT = "Amazon/EventBridge/ApiDestinations";

    private static final String ID = "Idempotency-Key";
    private static final Set<String> WITHOUT_BODY = Set.of("GET", "HEAD", "OPTIONS");
    private static final Set<Integer> TRIED_AGAIN = Set.of(401, 407, 409, 429);

    /// No receiver's wish is followed for longer than an event lives.
    private static final Duration AFTER_MAX = Target.Retry.AGE_MAX;

    /// Headers that nobody gives: EventBridge takes them out, or writes them itself.
    private static final Set<String> NOT_GIVEN =
            Set.of(
                    "a-im",
                    "accept-charset",
                    "accept-datetime",
                    "accept-encoding",
                    "cache-control",
                    "connection",
                    "content-encoding",
                    "content-length",
                    "content-md5",
                    "date",
                    "expect",
                    "forwarded",
                    "from",
                    "host",
                    "http2-settings",
                    "if-match",
                    "if-modified-since",
                    "if-none-match",
                    "if-range",
                    "if-unmodified-since",
                    "max-forwards",
                    "origin",
                    "pragma",
                    "proxy-authorization",
                    "range",
                    "referer",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "upgrade",
                    "user-agent",
                    "via",
                    "warning");

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .build();

    private final ApiDestinations destinations;
    private final Connections connections;
    private final HttpCalls calls;
    private final Tokens tokens;
    private final InstantSource clock;

    public ApiCourier(
            ApiDestinations destinations,
            Connections connections,
            HttpCalls calls,
            Tokens tokens,
            InstantSource clock) {
        this.destinations = destinations;
        this.connections = connections;
        this.calls = calls;
        this.tokens = tokens;
        this.clock = clock;
    }

    /// Whether a header is sent when somebody gives it.
    public static boolean isGiven(String header) {
        return !NOT_GIVEN.contains(header.toLowerCase(Locale.ROOT));
    }

    @Override
    public Outcome carry(Parcel parcel) {
        if (!(parcel.target().destination() instanceof Destination.ToApi(var arn))) {
            throw new IllegalArgumentException(
                    "expected an API destination, got " + parcel.target().arn());
        }
        try {
            return carry(parcel, arn);
        } catch (CatalogException failure) {
            return later("INTERNAL_ERROR", failure.toString());
        }
    }

    private Outcome carry(Parcel parcel, ApiDestinationArn arn) throws CatalogException {
        var destination = destinations.find(arn);
        if (destination.isEmpty()) {
            return mended("NO_RESOURCE", "There is no API destination " + arn);
        }
        var connection = connections.find(destination.get().connection());
        if (connection.isEmpty()) {
            return mended(
                    "NO_RESOURCE", "There is no connection " + destination.get().connection());
        }
        var credentials = connections.credentials(connection.get());
        if (credentials.isEmpty() || connection.get().state() == Connection.State.DEAUTHORIZED) {
            return mended(
                    "NO_PERMISSIONS",
                    "The connection %s is DEAUTHORIZED: %s"
                            .formatted(connection.get().arn(), connection.get().reason()));
        }
        return authorized(parcel, destination.get(), connection.get(), credentials.get(), null);
    }

    /// @param refused the token that the last try was refused with; null for the first try
    private Outcome authorized(
            Parcel parcel,
            ApiDestination destination,
            Connection connection,
            Credentials credentials,
            @Nullable Secret refused) {
        var token = Optional.<Secret>empty();
        if (credentials.authorization() instanceof Authorization.OAuth oauth) {
            switch (tokens.of(connection, oauth, refused)) {
                case Tokens.Had.Token(var had) -> token = Optional.of(had);
                case Tokens.Had.None(var reason) -> {
                    return later("NO_PERMISSIONS", "There is no token: " + reason);
                }
                case Tokens.Had.Refused(var reason) -> {
                    return mended("NO_PERMISSIONS", "There is no token: " + reason);
                }
            }
        }
        var asked = asked(parcel, destination, credentials, token);
        if (asked.isEmpty()) {
            return new Outcome.Refused(
                    new Refusal(
                            "InvalidParameter",
                            "The connection %s adds to the body, which is no JSON object, or a value for the path is a dot"
                                    .formatted(connection.arn()),
                            true));
        }
        var answer = calls.ask(asked.get(), TIME_MAX);
        if (answer instanceof Answer.Answered(int status, var _, var _)
                && status == 401
                && token.isPresent()
                && refused == null) {
            return authorized(parcel, destination, connection, credentials, token.get());
        }
        return outcome(answer);
    }

    // What came of it.

    private Outcome outcome(Answer answer) {
        return switch (answer) {
            case Answer.None(var reason) -> later("SDK_CLIENT_ERROR", unable(reason));
            case Answer.Forbidden(var reason) -> mended("SDK_CLIENT_ERROR", unable(reason));
            case Answer.Answered(var status, var headers, var _) -> {
                if (status >= 200 && status < 300) {
                    yield new Outcome.Taken();
                }
                var words = unable("it answered " + status);
                if (!TRIED_AGAIN.contains(status) && status < 500) {
                    yield new Outcome.Refused(new Refusal("SDK_CLIENT_ERROR", words, true));
                }
                yield again(headers.getOrDefault("retry-after", ""), words);
            }
        };
    }

    /// A time that has passed, said in seconds, means never: as EventBridge reads it.
    private Outcome again(String after, String words) {
        var now = clock.instant();
        var refusal = new Refusal("SDK_CLIENT_ERROR", words, false);
        if (after.matches("-\\d{1,18}")) {
            return new Outcome.Refused(refusal);
        }
        if (after.matches("\\d{1,18}")) {
            return new Outcome.Failed(
                    refusal,
                    now.plusSeconds(Math.min(Long.parseLong(after), AFTER_MAX.toSeconds())));
        }
        try {
            var date = ZonedDateTime.parse(after, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
            var most = now.plus(AFTER_MAX);
            return new Outcome.Failed(refusal, date.isBefore(most) ? date : most);
        } catch (DateTimeException _) {
            return new Outcome.Failed(refusal, now);
        }
    }

    private static String unable(String reason) {
        return "Unable to invoke ApiDestination endpoint: " + reason;
    }

    private Outcome later(String code, String words) {
        return new Outcome.Failed(new Refusal(code, words, false), clock.instant());
    }

    /// What it takes somebody to mend.
    private Outcome mended(String code, String words) {
        return new Outcome.Failed(new Refusal(code, words, true), clock.instant());
    }

    // What is asked.

    /// Nothing when it cannot be asked.
    private static Optional<Asked> asked(
            Parcel parcel,
            ApiDestination destination,
            Credentials credentials,
            Optional<Secret> token) {
        var http = parcel.http();
        var url = path(destination.endpoint(), http.path());
        var method = destination.method();
        var body =
                WITHOUT_BODY.contains(method)
                        ? Optional.of("")
                        : body(parcel.text(), credentials.parameters());
        if (url.isEmpty() || body.isEmpty()) {
            return Optional.empty();
        }
        var headers = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
        headers.put(ID, parcel.id());
        if (!WITHOUT_BODY.contains(method)) {
            headers.put("Content-Type", "application/json; charset=utf-8");
        }
        headers.putAll(http.headers());
        var query = new LinkedHashMap<>(http.query());
        for (var one : credentials.parameters()) {
            if (one.part() != Part.BODY) {
                (one.part() == Part.HEADER ? headers : query).put(one.key(), one.value().reveal());
            }
        }
        headers.keySet().removeIf(name -> !isGiven(name));
        switch (credentials.authorization()) {
            case Authorization.ApiKey(var header, var value) -> headers.put(header, value.reveal());
            case Authorization.Basic(var user, var password) ->
                    headers.put("Authorization", "Basic " + basic(user, password));
            case Authorization.OAuth _ ->
                    headers.put("Authorization", "Bearer " + token.orElseThrow().reveal());
        }
        headers.put("User-Agent", USER_AGENT);
        return Optional.of(
                new Asked(
                        method,
                        Urls.withQuery(url.get(), query),
                        headers,
                        WITHOUT_BODY.contains(method) ? null : body.get(),
                        0));
    }

    private static String basic(String user, Secret password) {
        return Base64.getEncoder().encodeToString((user + ':' + password.reveal()).getBytes(UTF_8));
    }

    /// The endpoint with a value for each `*`, none of which leads to another place above it. What
    /// is not given is an empty text.
    private static Optional<URI> path(String endpoint, List<String> values) {
        var url = new StringBuilder();
        var given = values.iterator();
        for (int i = 0; i < endpoint.length(); i++) {
            if (endpoint.charAt(i) != '*') {
                url.append(endpoint.charAt(i));
                continue;
            }
            var value = given.hasNext() ? given.next() : "";
            if (value.equals(".") || value.equals("..")) {
                return Optional.empty();
            }
            url.append(Urls.encoded(value));
        }
        return Optional.of(URI.create(url.toString()));
    }

    /// The text with what a connection adds; nothing when that cannot be added.
    private static Optional<String> body(String text, List<HttpParameter> parameters) {
        var added = new LinkedHashMap<String, String>();
        for (var one : parameters) {
            if (one.part() == Part.BODY) {
                added.put(one.key(), one.value().reveal());
            }
        }
        return added.isEmpty() ? Optional.of(text) : with(text, added);
    }

    private static Optional<String> with(String text, Map<String, String> added) {
        try {
            if (JSON.readTree(text) instanceof ObjectNode object) {
                added.forEach(object::put);
                return Optional.of(JSON.writeValueAsString(object));
            }
        } catch (JsonProcessingException _) {
            // No JSON, so no object.
        }
        return Optional.empty();
    }
}
