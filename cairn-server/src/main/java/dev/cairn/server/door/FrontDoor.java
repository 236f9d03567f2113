package dev.cairn.server.door;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cairn.aws.sigv4.Refusal;
import dev.cairn.aws.sigv4.Signature;
import dev.cairn.failure.ErrorCode;
import dev.cairn.server.http.Door;
import dev.cairn.server.http.Exchange;
import dev.cairn.server.http.Reply;
import dev.cairn.topic.TopicKeys;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Routes each request on the one port.
///
/// 1. `/health` answers anyone.
/// 2. `/intake/…` and `/metrics` take a bearer token, or a signature for `cloudtrail` or `cairn`.
/// 3. `/confirm` and `/certificates/…` take what receivers of topics' messages were sent.
/// 4. What is signed for S3, or unsigned and names a bucket, goes to the archive.
/// 5. Whatever else is signed goes to the service of its scope.
/// 6. Anything else is refused.
///
/// The outermost frame of a request: what no door foresaw is logged here, recorded, and answered
/// 500.
public final class FrontDoor implements Door {
    private static final Logger LOG = LoggerFactory.getLogger(FrontDoor.class);

    private final ServiceDoor services;
    private final S3Door s3;
    private final IntakeDoor intake;
    private final GatewayQuestions gatewayQuestions;
    private final Inside inside;
    private final TopicDoor topics;

    public FrontDoor(
            ServiceDoor services,
            S3Door s3,
            IntakeDoor intake,
            GatewayQuestions gatewayQuestions,
            Inside inside,
            TopicDoor topics) {
        this.services = services;
        this.s3 = s3;
        this.intake = intake;
        this.gatewayQuestions = gatewayQuestions;
        this.inside = inside;
        this.topics = topics;
    }

    @Override
    public Reply answer(Exchange exchange) {
        var requestId = UUID.randomUUID().toString();
        try {
            return route(exchange, requestId).with("x-amzn-RequestId", requestId);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return error(requestId, ErrorCode.SERVICE_UNAVAILABLE, 503, "Cairn is stopping")
                    .with("Retry-After", "5");
        } catch (RuntimeException unforeseen) {
            return failed(exchange, requestId, unforeseen);
        }
    }

    private Reply failed(Exchange exchange, String requestId, RuntimeException unforeseen) {
        LOG.error("request {} failed: {}", requestId, exchange.head(), unforeseen);
        var message = "The request failed inside Cairn: " + requestId;
        try {
            services.unforeseen(exchange, requestId, message);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        return error(requestId, ErrorCode.INTERNAL_FAILURE, 500, message);
    }

    /// What never became a request names no service, whose form could be kept: JSON, as most have.
    @Override
    public Reply refuse(int status, String reason) {
        var code =
                switch (status) {
                    case 408 -> ErrorCode.REQUEST_TIMEOUT;
                    case 413, 414, 431 -> ErrorCode.REQUEST_ENTITY_TOO_LARGE;
                    case 503 -> ErrorCode.SERVICE_UNAVAILABLE;
                    default ->
                            status < 500
                                    ? ErrorCode.MALFORMED_HTTP_REQUEST
                                    : ErrorCode.INTERNAL_FAILURE;
                };
        var requestId = UUID.randomUUID().toString();
        LOG.debug("request {} refused with {}: {}", requestId, status, reason);
        var reply = error(requestId, code, status, reason);
        return status == 503 ? reply.with("Retry-After", "1") : reply;
    }

    private static Reply error(String requestId, ErrorCode code, int status, String message) {
        return Reply.of(
                        status,
                        "application/json",
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("__type", code.awsName())
                                .put("message", message)
                                .toString())
                .with("x-amzn-ErrorType", code.awsName())
                .with("x-amzn-RequestId", requestId);
    }

    private Reply route(Exchange exchange, String requestId) throws InterruptedException {
        var path = exchange.head().rawPath();
        var signature = Signature.read(exchange.head());
        if (path.equals("/health")) {
            return inside.health(exchange, signature);
        }
        if (path.equals("/metrics")) {
            return inside.metrics(exchange, signature, requestId);
        }
        if (GatewayQuestions.isMeant(path)) {
            return gatewayQuestions.answer(exchange, signature, requestId);
        }
        if (path.startsWith("/intake/")) {
            return intake.take(exchange, signature, requestId);
        }
        if (path.equals("/confirm")) {
            return topics.confirm(exchange, requestId);
        }
        if (path.startsWith(TopicKeys.PATH)) {
            return topics.certificate(exchange);
        }
        if (s3.isMeant(exchange, signature)) {
            return s3.serve(exchange, signature, requestId);
        }
        return switch (signature) {
            case Signature.Signed signed -> services.serve(exchange, signed, requestId);
            case Signature.Malformed(Refusal refusal, String detail) ->
                    services.refuse(exchange, refusal, detail, requestId);
            case Signature.Unsigned() ->
                    services.refuse(
                            exchange,
                            Refusal.MISSING,
                            Refusal.MISSING.message(Refusal.Dialect.JSON),
                            requestId);
        };
    }
}
