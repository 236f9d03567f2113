package dev.cairn.recorder.servlet;

import dev.cairn.recorder.Event;
import dev.cairn.recorder.Identity;
import dev.cairn.recorder.Recorder;
import dev.cairn.recorder.RecordingException;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Records the calls to an application's own API.
///
/// ```java
/// context.addFilter("recording", new RecordingFilter(recorder,
///         new Routes().add("POST", "/orders", Route.named("CreateOrder").withBody().redact("card"))))
///     .addMappingForUrlPatterns(null, false, "/*");
/// ```
///
/// A request that takes a route is recorded when it has ended: who (the request's user), what, its
/// parameters, from where, and the error that it was answered with. While the recorder has no room
/// it is answered 503 with `Retry-After`, before the application sees it. The event is on disk
/// before the filter returns, and so before the end of any answer that the container still holds.
/// Requests that take no route pass as they are. Any thread may use it.
public final class RecordingFilter implements Filter {
    private static final String VISIT = RecordingFilter.class.getName() + ".visit";

    /// A longer body's members are not among the parameters.
    private static final int BODY_BYTES_MAX = 64 << 10;

    private static final Route UNKNOWN = Route.named("Unknown");

    private final Recorder recorder;
    private final Routes routes;
    private final Who who;
    private final boolean refusals;

    /// Whoever the container says the user is; anonymous where it says nothing.
    public RecordingFilter(Recorder recorder, Routes routes) {
        this(recorder, routes, RecordingFilter::user, false);
    }

    /// @param who whose call a request is
    /// @param refusals whether what was refused with 401 or 403 before it took a route is recorded
    ///   too, as `Unknown`
    public RecordingFilter(Recorder recorder, Routes routes, Who who, boolean refusals) {
        this.recorder = recorder;
        this.routes = routes;
        this.who = who;
        this.refusals = refusals;
    }

    /// The user that the container or a filter before the application knows.
    public static Identity user(HttpServletRequest request) {
        var user = request.getUserPrincipal();
        return user == null ? Identity.anonymous() : Identity.user(user.getName());
    }

    /// Adds to the event of a request while it is worked on.
    ///
    /// ```java
    /// RecordingFilter.note(request, event -> event.responseElement("orderId", order.id()));
    /// ```
    public static void note(ServletRequest request, Consumer<Event> note) {
        if (request.getAttribute(VISIT) instanceof Visit visit) {
            visit.note(note);
        }
    }

    /// Says what a request is recorded as, for frameworks that know what will handle it.
    ///
    /// @throws RecordingException when there is no room to record it: it must not be handled
    public static void take(HttpServletRequest request, Routes.Match match) {
        if (request.getAttribute(VISIT) instanceof Visit visit) {
            visit.take(match, request);
        }
    }

    /// Answers a request that cannot be recorded.
    public static void pushBack(HttpServletResponse response) throws IOException {
        response.setHeader("Retry-After", "1");
        response.sendError(
                HttpServletResponse.SC_SERVICE_UNAVAILABLE, "the call cannot be recorded now");
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (request instanceof HttpServletRequest http
                && response instanceof HttpServletResponse answer
                && request.getAttribute(VISIT) == null) {
            visit(json(http) ? new KeptBody(http, BODY_BYTES_MAX) : http, answer, chain);
        } else {
            chain.doFilter(request, response);
        }
    }

    private static boolean json(HttpServletRequest request) {
        var type = request.getContentType();
        return type != null
                && type.toLowerCase(Locale.ROOT).matches("application/([a-z.]+\\+)?json\\b.*");
    }

    private void visit(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        var visit = new Visit(recorder, request, who);
        request.setAttribute(VISIT, visit);
        try {
            routes.match(request.getMethod(), path(request))
                    .ifPresent(match -> visit.take(match, request));
        } catch (RecordingException noRoom) {
            pushBack(response);
            return;
        }
        try {
            chain.doFilter(request, response);
        } catch (IOException | ServletException | RuntimeException | Error failure) {
            try {
                visit.end(response, failure, fallback(response));
            } catch (RecordingException unrecorded) {
                failure.addSuppressed(unrecorded);
            }
            throw failure;
        }
        if (request.isAsyncStarted()) {
            request.getAsyncContext().addListener(new Ending(visit, response));
        } else {
            visit.end(response, null, fallback(response));
        }
    }

    private static String path(HttpServletRequest request) {
        var info = request.getPathInfo();
        return request.getServletPath() + (info == null ? "" : info);
    }

    private @Nullable Route fallback(HttpServletResponse response) {
        return refusals && (response.getStatus() == 401 || response.getStatus() == 403)
                ? UNKNOWN
                : null;
    }

    /// The end of a request that is answered later.
    private final class Ending implements AsyncListener {
        private final Visit visit;
        private final HttpServletResponse response;
        private @Nullable Throwable failure;

        Ending(Visit visit, HttpServletResponse response) {
            this.visit = visit;
            this.response = response;
        }

        @Override
        public void onComplete(AsyncEvent event) {
            visit.end(response, failure, fallback(response));
        }

        @Override
        public void onTimeout(AsyncEvent event) {
            failure = new TimeoutException("the answer took too long");
        }

        @Override
        public void onError(AsyncEvent event) {
            failure = event.getThrowable();
        }

        @Override
        public void onStartAsync(AsyncEvent event) {
            event.getAsyncContext().addListener(this);
        }
    }
}
