package dev.cairn.server.courier;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.connection.Authorization;
import dev.cairn.connection.Connection;
import dev.cairn.connection.ConnectionArn;
import dev.cairn.connection.HttpParameter;
import dev.cairn.connection.HttpParameter.Part;
import dev.cairn.secret.Secret;
import dev.cairn.server.courier.HttpCalls.Answer;
import dev.cairn.server.courier.HttpCalls.Asked;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The tokens of connections with OAuth's client credentials, each kept until it is about to end or
/// was refused. Of several threads that want a connection's token one asks for it; when it has
/// none, the others have none either, and nobody asks again for [#FAILURE].
///
/// Source: RFC 6749, sections 4.4 and 5; id and secret go in the body, or in the query of a GET.
public final class Tokens {
    /// For one request.
    static final Duration TIME_MAX = Duration.ofSeconds(5);

    /// A token that does not say for how long it is good.
    private static final Duration VALIDITY = Duration.ofHours(1);

    /// A token is not used so shortly before its end.
    private static final Duration EARLIER = Duration.ofSeconds(30);

    /// So long a server that gave no token is not asked again: who tells events waits for it with a
    /// hand that others need.
    static final Duration FAILURE = Duration.ofSeconds(10);

    private static final int ANSWER_BYTES_MAX = 64 << 10;
    private static final int KEPT_MAX = 10_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpCalls calls;
    private final InstantSource clock;
    private final Map<ConnectionArn, Kept> kept =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<ConnectionArn, Kept> eldest) {
                    return size() > KEPT_MAX;
                }
            };

    public Tokens(HttpCalls calls, InstantSource clock) {
        this.calls = calls;
        this.clock = clock;
    }

    /// A connection's place for a token; its lock is held while one is asked for.
    private static final class Kept {
        private Instant of = Instant.MIN;
        private @Nullable Secret token;
        private Instant until = Instant.MIN;
        private @Nullable Failure failure;
    }

    /// @param of when the connection was changed last
    private record Failure(Instant of, Had had, Instant at) {}

    /// What asking for a token came to.
    public sealed interface Had {
        record Token(Secret token) implements Had {}

        /// Not now.
        record None(String reason) implements Had {}

        /// The same again would be refused again.
        record Refused(String reason) implements Had {}
    }

    /// The token of a connection, asked for when there is none that is good, and none was refused
    /// just before.
    ///
    /// @param refused a token that was refused; null for none
    public Had of(Connection connection, Authorization.OAuth oauth, @Nullable Secret refused) {
        return had(connection, oauth, refused, true);
    }

    /// As [#of], for who asks for a first token, with pauses of their own.
    public Had first(Connection connection, Authorization.OAuth oauth) {
        return had(connection, oauth, null, false);
    }

    private Had had(
            Connection connection,
            Authorization.OAuth oauth,
            @Nullable Secret refused,
            boolean heedsFailure) {
        Kept place;
        synchronized (kept) {
            place = kept.computeIfAbsent(connection.arn(), _ -> new Kept());
        }
        synchronized (place) {
            var token = place.token;
            if (token != null
                    && !token.equals(refused)
                    && place.of.equals(connection.modified())
                    && clock.instant().isBefore(place.until)) {
                return new Had.Token(token);
            }
            var failure = place.failure;
            if (heedsFailure && failure != null && isRecent(failure, connection)) {
                return failure.had();
            }
            var had = asked(place, connection, oauth);
            place.failure =
                    had instanceof Had.Token
                            ? null
                            : new Failure(connection.modified(), had, clock.instant());
            return had;
        }
    }

    /// Not one from the future either, when the clock was set back.
    private boolean isRecent(Failure failure, Connection connection) {
        var now = clock.instant();
        return failure.of().equals(connection.modified())
                && !now.isBefore(failure.at())
                && now.isBefore(failure.at().plus(FAILURE));
    }

    private Had asked(Kept place, Connection connection, Authorization.OAuth oauth) {
        return switch (calls.ask(asked(oauth), TIME_MAX)) {
            case Answer.None(var reason) -> new Had.None(reason);
            case Answer.Forbidden(var reason) -> new Had.Refused(reason);
            case Answer.Answered(var status, var _, var body) ->
                    status == 200
                            ? read(place, connection, body)
                            : isFinal(status)
                                    ? new Had.Refused("answered " + status)
                                    : new Had.None("answered " + status);
        };
    }

    private static boolean isFinal(int status) {
        return status < 500 && status != 408 && status != 429;
    }

    private Had read(Kept place, Connection connection, String body) {
        try {
            var answer = JSON.readTree(body);
            var token = answer.path("access_token");
            if (!token.isTextual() || !token.asText().matches("[\\x21-\\x7e]+")) {
                return new Had.Refused("answered without an access_token");
            }
            var seconds = answer.path("expires_in").asLong(VALIDITY.toSeconds());
            place.of = connection.modified();
            place.token = new Secret(token.asText());
            place.until =
                    clock.instant()
                            .plusSeconds(Math.clamp(seconds, 0, Duration.ofDays(30).toSeconds()))
                            .minus(EARLIER);
            return new Had.Token(place.token);
        } catch (JsonProcessingException _) {
            return new Had.Refused("answered something else than JSON");
        }
    }

    private static Asked asked(Authorization.OAuth oauth) {
        var fields = new LinkedHashMap<String, String>();
        fields.put("grant_type", "client_credentials");
        fields.put("client_id", oauth.clientId());
        fields.put("client_secret", oauth.clientSecret().reveal());
        var query = new LinkedHashMap<String, String>();
        var headers = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
        headers.put("User-Agent", ApiCourier.USER_AGENT);
        headers.put("Accept", "application/json");
        for (HttpParameter one : oauth.parameters()) {
            var into =
                    switch (one.part()) {
                        case HEADER -> headers;
                        case QUERY -> query;
                        case BODY -> fields;
                    };
            if (one.part() != Part.HEADER || ApiCourier.isGiven(one.key())) {
                into.put(one.key(), one.value().reveal());
            }
        }
        var get = oauth.method().equals("GET");
        if (get) {
            fields.forEach(query::putIfAbsent);
        } else {
            headers.putIfAbsent("Content-Type", "application/x-www-form-urlencoded");
        }
        return new Asked(
                oauth.method(),
                Urls.withQuery(URI.create(oauth.endpoint()), query),
                headers,
                get ? null : Urls.form(fields),
                ANSWER_BYTES_MAX);
    }
}
