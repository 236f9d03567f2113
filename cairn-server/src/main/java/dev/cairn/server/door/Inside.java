package dev.cairn.server.door;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cairn.access.Access;
import dev.cairn.access.Action;
import dev.cairn.access.Context;
import dev.cairn.access.Decision;
import dev.cairn.access.Target;
import dev.cairn.account.Caller;
import dev.cairn.aws.sigv4.Refusal;
import dev.cairn.aws.sigv4.Signature;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.server.http.Exchange;
import dev.cairn.server.http.Reply;
import dev.cairn.server.operation.StatusSource;
import dev.cairn.server.own.OwnCalls;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What lets one see inside: `/health` for anyone, `/metrics` for whoever may.
public final class Inside {
    private static final Logger LOG = LoggerFactory.getLogger(Inside.class);

    private final StatusSource status;
    private final Supplier<String> metrics;
    private final Authenticator authenticator;
    private final Access access;
    private final InstantSource clock;
    private final OwnCalls ownCalls;

    /// @param metrics all metrics in Prometheus' text form
    public Inside(
            StatusSource status,
            Supplier<String> metrics,
            Authenticator authenticator,
            Access access,
            InstantSource clock,
            OwnCalls ownCalls) {
        this.status = status;
        this.metrics = metrics;
        this.authenticator = authenticator;
        this.access = access;
        this.clock = clock;
        this.ownCalls = ownCalls;
    }

    /// Up, or down: not taking events, or sums that do not come out even. Whoever may read metrics
    /// is told why.
    Reply health(Exchange exchange, Signature signature) {
        var trouble = status.trouble();
        var answer = JsonNodeFactory.instance.objectNode();
        answer.put("status", trouble.isEmpty() ? "up" : "down");
        try {
            var caller = authenticator.bodiless(exchange, signature, IntakeDoor.SERVICES);
            if (caller.isPresent() && mayRead(caller.get(), exchange) instanceof Decision.Allowed) {
                trouble.forEach(answer.putArray("trouble")::add);
            }
        } catch (CatalogException _) {
            // Whoever asks is told no more than anyone.
        }
        return Reply.of(trouble.isEmpty() ? 200 : 503, "application/json", answer + "\n");
    }

    Reply metrics(Exchange exchange, Signature signature, String requestId)
            throws InterruptedException {
        var visit = new PathVisit(ownCalls, Action.READ_METRICS, exchange, signature, requestId);
        try {
            var caller = authenticator.bodiless(exchange, signature, IntakeDoor.SERVICES);
            if (caller.isEmpty()) {
                var message =
                        Refusal.MISSING.message(Refusal.Dialect.JSON)
                                + ": send a token made with 'cairn token create --for metrics', or sign";
                visit.refused(Refusal.MISSING.code(Refusal.Dialect.JSON), message);
                return text(401, message).with("WWW-Authenticate", "Bearer");
            }
            visit.caller(caller.get());
            return switch (mayRead(caller.get(), exchange)) {
                case Decision.Denied(String message) -> {
                    visit.refused(ErrorCode.ACCESS_DENIED.awsName(), message);
                    yield text(403, message);
                }
                case Decision.Allowed() ->
                        Reply.of(200, "text/plain; version=0.0.4; charset=utf-8", metrics.get());
            };
        } catch (CatalogException failure) {
            LOG.error("request {}: the catalog does not answer", requestId, failure);
            var message = "the catalog does not answer";
            visit.failed(ErrorCode.SERVICE_UNAVAILABLE.awsName(), message);
            return text(503, message).with("Retry-After", "5");
        }
    }

    private static Reply text(int status, String message) {
        return Reply.of(status, "text/plain", message + "\n");
    }

    private Decision mayRead(Caller caller, Exchange exchange) {
        return access.decide(
                caller,
                Action.READ_METRICS,
                Target.account(caller.account()),
                new Context(clock.instant(), "", exchange.remoteAddress(), exchange.tls() != null));
    }
}
