package dev.cairn.recorder.servlet;

import dev.cairn.recorder.Event;
import dev.cairn.recorder.Identity;
import dev.cairn.recorder.Recorder;
import dev.cairn.recorder.Room;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One request on its way through the application.
final class Visit {
    private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");

    private final Recorder recorder;
    private final HttpServletRequest request;
    private final Who who;
    private final List<Consumer<Event>> notes = new ArrayList<>();
    private Routes.@Nullable Match match;
    private @Nullable Room room;
    private @Nullable Identity identity;
    private boolean ended;

    Visit(Recorder recorder, HttpServletRequest request, Who who) {
        this.recorder = recorder;
        this.request = request;
        this.who = who;
    }

    /// It is going to be recorded as this, which takes room. The first counts.
    ///
    /// @param known the request as the application sees it, with its user
    synchronized void take(Routes.Match found, HttpServletRequest known) {
        if (ended) {
            // A page about the error, say.
            return;
        }
        if (match == null) {
            room = recorder.room();
            match = found;
        }
        identity = who.of(known);
    }

    synchronized void note(Consumer<Event> note) {
        notes.add(note);
    }

    /// The request has ended.
    ///
    /// @param fallback what it is recorded as where nothing took it; null for nothing
    synchronized void end(
            HttpServletResponse response, @Nullable Throwable failure, @Nullable Route fallback) {
        if (ended) {
            return;
        }
        ended = true;
        try (var taken = room) {
            if (match != null && taken != null) {
                taken.record(event(match, response, failure));
            } else if (fallback != null) {
                recorder.record(
                        event(new Routes.Match(fallback, Map.of()), response, failure)
                                .requestParameter("method", request.getMethod())
                                .requestParameter("path", request.getRequestURI()));
            }
        }
    }

    private Event event(
            Routes.Match taken, HttpServletResponse response, @Nullable Throwable failure) {
        var route = taken.route();
        var parameters = parameters(taken);
        var event =
                Event.named(route.eventName())
                        .identity(identity == null ? who.of(request) : identity)
                        .from(request.getRemoteAddr())
                        .userAgent(request.getHeader("User-Agent"))
                        .readOnly(
                                route.readOnly() == null
                                        ? READING.contains(request.getMethod())
                                        : route.readOnly())
                        .requestParameters(parameters)
                        .redact(route.redacted().toArray(String[]::new))
                        .requestId(requestId(response));
        if (route.data()) {
            event.data();
        }
        for (var touched : route.resources()) {
            event.resource(touched.type(), filled(touched.arn(), parameters));
        }
        error(event, response.getStatus(), failure);
        notes.forEach(note -> note.accept(event));
        return event;
    }

    private Map<String, @Nullable Object> parameters(Routes.Match taken) {
        Map<String, @Nullable Object> parameters = new LinkedHashMap<>(taken.variables());
        parameters.putAll(Parameters.query(request.getQueryString()));
        if (taken.route().body()) {
            var type = String.valueOf(request.getContentType()).toLowerCase(Locale.ROOT);
            if (type.startsWith("application/x-www-form-urlencoded")) {
                parameters.putAll(Parameters.form(request.getParameterMap()));
            } else if (request instanceof KeptBody body) {
                var kept = body.kept();
                if (kept != null) {
                    parameters.putAll(Parameters.json(kept));
                }
            }
        }
        // What stands in the path is what was acted on, whatever else says so.
        parameters.putAll(taken.variables());
        return parameters;
    }

    private static String filled(String arn, Map<String, @Nullable Object> parameters) {
        var filled = arn;
        for (var parameter : parameters.entrySet()) {
            if (parameter.getValue() instanceof String || parameter.getValue() instanceof Number) {
                filled =
                        filled.replace(
                                "{" + parameter.getKey() + "}",
                                String.valueOf(parameter.getValue()));
            }
        }
        return filled;
    }

    private @Nullable String requestId(HttpServletResponse response) {
        var given = response.getHeader("X-Request-Id");
        return given == null ? request.getHeader("X-Request-Id") : given;
    }

    private static void error(Event event, int status, @Nullable Throwable failure) {
        if (failure != null) {
            var cause =
                    failure instanceof ServletException && failure.getCause() != null
                            ? failure.getCause()
                            : failure;
            event.error(cause.getClass().getSimpleName(), cause.getMessage());
        } else if (status >= 400) {
            event.error(
                    switch (status) {
                        case 400 -> "BadRequest";
                        case 401 -> "Unauthorized";
                        case 403 -> "AccessDenied";
                        case 404 -> "NotFound";
                        case 409 -> "Conflict";
                        case 429 -> "TooManyRequests";
                        case 503 -> "ServiceUnavailable";
                        default -> status < 500 ? "ClientError" : "InternalFailure";
                    },
                    "HTTP status " + status);
        }
    }
}
