package dev.cairn.server.door;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Access;
import dev.cairn.access.Action;
import dev.cairn.access.Context;
import dev.cairn.access.Decision;
import dev.cairn.access.Target;
import dev.cairn.account.Caller;
import dev.cairn.aws.http.Percent;
import dev.cairn.aws.sigv4.Refusal;
import dev.cairn.aws.sigv4.Signature;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.gateway.link.CairnLink;
import dev.cairn.gateway.principal.Principals;
import dev.cairn.ledger.Ledger;
import dev.cairn.server.http.Exchange;
import dev.cairn.server.http.Reply;
import dev.cairn.server.own.OwnCalls;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a gateway in a process of its own asks (`docs/decisions/0021-gateway-of-its-own.md`).
///
/// 1. `GET /intake/v1/gateway`: whether events are taken now, before it passes a call on. 200, or
///    503 with `Retry-After` while the ledger pushes back; both with `accountId`, that of the
///    gateway's token or key, and `everyAccount`, whether it may record events of others, too.
/// 2. `GET /intake/v1/gateway/caller?key=<access key id>`: whose a key is. 200 with `accountId` and
///    `userIdentity`, or with neither when nobody knows. Of callers in accounts for which the
///    gateway may not ask, only the account is told, so that it does not take them for unknown.
///
/// Signed for `cloudtrail` or `cairn`, or with a token made for gateways. Answers leave no events,
/// for they come with each call; refusals do, within the bounds for strangers.
public final class GatewayQuestions {
    private static final String KEY = "key=";
    private static final Pattern ACCESS_KEY_ID = Pattern.compile("[!-~]{1,128}");
    private static final Logger LOG = LoggerFactory.getLogger(GatewayQuestions.class);

    private final Authenticator authenticator;
    private final Access access;
    private final Ledger ledger;
    private final Principals principals;
    private final InstantSource clock;
    private final OwnCalls ownCalls;

    public GatewayQuestions(
            Authenticator authenticator,
            Access access,
            Ledger ledger,
            Principals principals,
            InstantSource clock,
            OwnCalls ownCalls) {
        this.authenticator = authenticator;
        this.access = access;
        this.ledger = ledger;
        this.principals = principals;
        this.clock = clock;
        this.ownCalls = ownCalls;
    }

    /// Whether a request is one of these questions.
    static boolean isMeant(String rawPath) {
        return rawPath.equals(CairnLink.STATE) || rawPath.startsWith(CairnLink.STATE + "/");
    }

    Reply answer(Exchange exchange, Signature signature, String requestId)
            throws InterruptedException {
        var visit =
                new PathVisit(ownCalls, Action.IDENTIFY_CALLERS, exchange, signature, requestId);
        try {
            return answer(visit);
        } catch (CatalogException failure) {
            LOG.error("request {}: the catalog does not answer", requestId, failure);
            var message = "the catalog does not answer";
            visit.failed(ErrorCode.SERVICE_UNAVAILABLE.awsName(), message);
            return error(503, ErrorCode.SERVICE_UNAVAILABLE.awsName(), message)
                    .with("Retry-After", "5");
        }
    }

    private Reply answer(PathVisit visit) throws CatalogException, InterruptedException {
        var exchange = visit.exchange();
        var caller = authenticator.bodiless(exchange, visit.signature(), IntakeDoor.SERVICES);
        if (caller.isEmpty()) {
            return refused(
                            visit,
                            401,
                            Refusal.MISSING.code(Refusal.Dialect.JSON),
                            "expected a token made with 'cairn token create --for gateway', or a signature by a key that allows to operate")
                    .with("WWW-Authenticate", "Bearer");
        }
        visit.caller(caller.get());
        if (decide(visit, caller.get(), Action.IDENTIFY_CALLERS, caller.get().account())
                instanceof Decision.Denied(String message)) {
            return refused(visit, 403, ErrorCode.ACCESS_DENIED.awsName(), message);
        }
        if (!exchange.head().method().equals("GET")) {
            return refused(visit, 405, "MethodNotAllowed", "expected GET").with("Allow", "GET");
        }
        return switch (exchange.head().rawPath()) {
            case CairnLink.STATE -> state(visit, caller.get());
            case CairnLink.CALLER -> caller(visit, caller.get(), exchange.head().rawQuery());
            default ->
                    refused(
                            visit,
                            404,
                            "UnknownOperationException",
                            "expected %s or %s?key=…".formatted(CairnLink.STATE, CairnLink.CALLER));
        };
    }

    private Decision decide(PathVisit visit, Caller caller, Action action, String account) {
        var exchange = visit.exchange();
        return access.decide(
                caller,
                action,
                Target.account(account),
                new Context(clock.instant(), "", exchange.remoteAddress(), exchange.tls() != null));
    }

    private Reply state(PathVisit visit, Caller caller) {
        var pushback = ledger.state().pushback();
        var json =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("accountId", caller.account())
                        .put(
                                "everyAccount",
                                decide(
                                                visit,
                                                caller,
                                                Action.RECORD_EVENTS_OF_OTHER_ACCOUNTS,
                                                caller.account())
                                        instanceof Decision.Allowed);
        if (pushback.isEmpty()) {
            return json(200, json);
        }
        json.put("__type", ErrorCode.SERVICE_UNAVAILABLE.awsName()).put("message", pushback);
        return json(503, json).with("Retry-After", "1");
    }

    private Reply caller(PathVisit visit, Caller caller, String rawQuery)
            throws CatalogException, InterruptedException {
        var key =
                rawQuery.startsWith(KEY)
                        ? new String(
                                Percent.decodeQuery(rawQuery.substring(KEY.length())),
                                StandardCharsets.UTF_8)
                        : "";
        if (!ACCESS_KEY_ID.matcher(key).matches()) {
            return refused(
                    visit,
                    400,
                    "InvalidRequestException",
                    "expected one parameter, key=<1 to 128 visible characters>");
        }
        var json = JsonNodeFactory.instance.objectNode();
        var known = principals.known(key);
        if (known.isPresent()) {
            var identity = known.get();
            json.put("accountId", identity.account());
            if (decide(visit, caller, Action.IDENTIFY_CALLERS, identity.account())
                    instanceof Decision.Allowed) {
                json.set("userIdentity", identity.json());
            }
        }
        return json(200, json);
    }

    private static Reply json(int status, ObjectNode json) {
        return Reply.of(status, "application/json", json.toString());
    }

    private static Reply refused(PathVisit visit, int status, String type, String message)
            throws InterruptedException {
        visit.refused(type, message);
        return error(status, type, message);
    }

    private static Reply error(int status, String type, String message) {
        return json(
                status,
                JsonNodeFactory.instance.objectNode().put("__type", type).put("message", message));
    }
}
