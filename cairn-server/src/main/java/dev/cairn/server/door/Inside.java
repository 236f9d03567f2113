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
import dev.cairn.server.http.Exchange;
import dev.cairn.server.http.Reply;
import dev.cairn.server.operation.StatusSource;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;

/// What lets one see inside: `/health` for anyone, `/metrics` for whoever may.
public final class Inside {
    /// The SHA-256 of no bytes: neither path takes a body.
    private static final String EMPTY_SHA256 =
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private final StatusSource status;
    private final Supplier<String> metrics;
    private final Authenticator authenticator;
    private final Access access;
    private final InstantSource clock;

    /// @param metrics all metrics in Prometheus' text form
    public Inside(
            StatusSource status,
            Supplier<String> metrics,
            Authenticator authenticator,
            Access access,
            InstantSource clock) {
        this.status = status;
        this.metrics = metrics;
        this.authenticator = authenticator;
        this.access = access;
        this.clock = clock;
    }

    /// Up, or down: not taking events, or sums that do not come out even. Whoever may read metrics
    /// is told why.
    Reply health(Exchange exchange, Signature signature) {
        var trouble = status.trouble();
        var answer = JsonNodeFactory.instance.objectNode();
        answer.put("status", trouble.isEmpty() ? "up" : "down");
        try {
            var caller = caller(exchange, signature);
            if (caller.isPresent() && mayRead(caller.get(), exchange) instanceof Decision.Allowed) {
                trouble.forEach(answer.putArray("trouble")::add);
            }
        } catch (CatalogException _) {
            // Whoever asks is told no more than anyone.
        }
        return Reply.of(trouble.isEmpty() ? 200 : 503, "application/json", answer + "\n");
    }

    Reply metrics(Exchange exchange, Signature signature) {
        try {
            var caller = caller(exchange, signature);
            if (caller.isEmpty()) {
                return Reply.of(
                                401,
                                "text/plain",
                                Refusal.MISSING.message(Refusal.Dialect.JSON)
                                        + ": send a token made with 'cairn token create --for metrics', or sign\n")
                        .with("WWW-Authenticate", "Bearer");
            }
            return switch (mayRead(caller.get(), exchange)) {
                case Decision.Denied(String message) -> Reply.of(403, "text/plain", message + "\n");
                case Decision.Allowed() ->
                        Reply.of(200, "text/plain; version=0.0.4; charset=utf-8", metrics.get());
            };
        } catch (CatalogException _) {
            return Reply.of(503, "text/plain", "the catalog does not answer\n")
                    .with("Retry-After", "5");
        }
    }

    private Decision mayRead(Caller caller, Exchange exchange) {
        return access.decide(
                caller,
                Action.READ_METRICS,
                Target.account(caller.account()),
                new Context(clock.instant(), "", exchange.remoteAddress(), exchange.tls() != null));
    }

    private Optional<Caller> caller(Exchange exchange, Signature signature)
            throws CatalogException {
        return signature instanceof Signature.Signed signed
                        && IntakeDoor.SERVICES.contains(signed.scope().service())
                ? authenticator.signed(signed, EMPTY_SHA256)
                                instanceof Authenticator.Outcome.Known(Caller caller, _)
                        ? Optional.of(caller)
                        : Optional.empty()
                : authenticator.bearer(exchange);
    }
}
