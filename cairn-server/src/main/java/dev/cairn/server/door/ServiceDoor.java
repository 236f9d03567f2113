package dev.cairn.server.door;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Access;
import dev.cairn.access.Context;
import dev.cairn.access.Decision;
import dev.cairn.access.Target;
import dev.cairn.account.Caller;
import dev.cairn.aws.http.Response;
import dev.cairn.aws.protocol.Call;
import dev.cairn.aws.protocol.Codec;
import dev.cairn.aws.protocol.Codecs;
import dev.cairn.aws.protocol.CommonError;
import dev.cairn.aws.protocol.Protocol;
import dev.cairn.aws.protocol.WireError;
import dev.cairn.aws.shape.Operation;
import dev.cairn.aws.shape.Violations;
import dev.cairn.aws.sigv4.Payload;
import dev.cairn.aws.sigv4.Refusal;
import dev.cairn.aws.sigv4.Signature;
import dev.cairn.aws.sigv4.Verdict;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.history.HistoryException;
import dev.cairn.ledger.LedgerException;
import dev.cairn.server.http.Bodies;
import dev.cairn.server.http.BodyException;
import dev.cairn.server.http.Exchange;
import dev.cairn.server.http.Reply;
import dev.cairn.server.http.SpooledBody;
import dev.cairn.server.operation.BuiltOperation;
import dev.cairn.server.operation.Invocation;
import dev.cairn.server.operation.Operations;
import dev.cairn.server.operation.ServedService;
import dev.cairn.server.own.OwnCalls;
import dev.cairn.server.own.OwnRecord;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Serves whatever a service model describes: signature, model, rights, operation, record, answer.
///
/// Every way out of here is an answer in the caller's own protocol, and leaves a record of the
/// call; but for what fails inside Cairn, which is logged (`docs/gaps.md`).
public final class ServiceDoor {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceDoor.class);
    private static final byte[] NOTHING = new byte[0];

    /// No client of these services signs a body in chunks; the intake takes such bodies.
    private static final Verdict.Refused CHUNKED =
            new Verdict.Refused(
                    Refusal.PAYLOAD, Optional.of("expected a body signed as a whole, got chunks"));

    private final Operations operations;
    private final Codecs codecs = new Codecs();
    private final Authenticator authenticator;
    private final Access access;
    private final OwnCalls ownCalls;
    private final InstantSource clock;
    private final Limits limits;
    private final Bodies bodies;

    /// @param apiBodyBytesMax the largest body of an operation that takes a document
    /// @param uploadBytesMax the largest raw body
    public record Limits(int apiBodyBytesMax, long uploadBytesMax) {}

    public ServiceDoor(
            Operations operations,
            Authenticator authenticator,
            Access access,
            OwnCalls ownCalls,
            InstantSource clock,
            Limits limits,
            Bodies bodies) {
        this.operations = operations;
        this.authenticator = authenticator;
        this.access = access;
        this.ownCalls = ownCalls;
        this.clock = clock;
        this.limits = limits;
        this.bodies = bodies;
    }

    /// Refuses a request whose signature cannot even be read, in the protocol it seems to speak.
    Reply refuse(Exchange exchange, Refusal refusal, String detail, String requestId)
            throws InterruptedException {
        var service = operations.likely(exchange.head());
        var codec = codec(service, exchange);
        ownCalls.stranger(exchange, service, "", refusal.code(codec.protocol().dialect()), detail);
        return reply(
                codec.writeError(
                        service.model(),
                        WireError.of(refusal, codec.protocol(), detail),
                        requestId));
    }

    /// Answers a request with a readable signature.
    Reply serve(Exchange exchange, Signature.Signed signed, String requestId)
            throws InterruptedException {
        var known = operations.signedAs(signed.scope().service());
        if (known.isEmpty()) {
            return notServed(exchange, signed, requestId);
        }
        var service = known.get();
        return switch (codecs.choose(service.model(), exchange.head())) {
            case Codecs.Choice.NotSpoken(_, String message) ->
                    notSpoken(exchange, service, signed, requestId, message);
            case Codecs.Choice.Spoken(Codec codec) ->
                    new Visit(service, codec, exchange, signed, requestId).serve();
        };
    }

    private Codec codec(ServedService service, Exchange exchange) {
        return codecs.choose(service.model(), exchange.head())
                        instanceof Codecs.Choice.Spoken(var codec)
                ? codec
                : codecs.of(Protocol.JSON_1_1).orElseThrow();
    }

    private Reply notServed(Exchange exchange, Signature.Signed signed, String requestId)
            throws InterruptedException {
        return notSpoken(
                exchange,
                operations.likely(exchange.head()),
                signed,
                requestId,
                "Cairn does not speak the service '%s'; see docs/compatibility.md"
                        .formatted(signed.scope().service()));
    }

    /// Answers what Cairn has no words for. Nobody has checked the signature: its key is a claim.
    private Reply notSpoken(
            Exchange exchange,
            ServedService service,
            Signature.Signed signed,
            String requestId,
            String message)
            throws InterruptedException {
        ownCalls.stranger(
                exchange,
                service,
                signed.scope().accessKeyId(),
                "UnsupportedOperationException",
                message);
        LOG.debug("request {}: {}", requestId, message);
        return json(501, "UnsupportedOperationException", message);
    }

    private static Reply json(int status, String type, String message) {
        return Reply.of(
                status,
                "application/x-amz-json-1.1",
                JsonNodeFactory.instance
                        .objectNode()
                        .put("__type", type)
                        .put("message", message)
                        .toString());
    }

    static Reply reply(Response response) {
        var reply =
                new Reply(response.status(), java.util.Map.of(), new Reply.Whole(response.body()));
        for (var field : response.headers().fields()) {
            reply = reply.with(field.name(), field.value());
        }
        return reply;
    }

    /// One request on its way through.
    private final class Visit {
        private final ServedService service;
        private final Codec codec;
        private final Exchange exchange;
        private final Signature.Signed signed;
        private final String requestId;

        Visit(
                ServedService service,
                Codec codec,
                Exchange exchange,
                Signature.Signed signed,
                String requestId) {
            this.service = service;
            this.codec = codec;
            this.exchange = exchange;
            this.signed = signed;
            this.requestId = requestId;
        }

        Reply serve() throws InterruptedException {
            var upload =
                    exchange.head().method().equals("PUT")
                            && codec.parse(service.model(), exchange.head(), NOTHING)
                                    instanceof Call.Parsed(var o, _)
                            && operations.takesBody(service, o.name());
            Authenticator.Head head;
            try {
                head = authenticator.head(signed);
            } catch (CatalogException failure) {
                return catalogDown(failure);
            }
            if (head instanceof Authenticator.Head.Refused(var refused)) {
                return refused(refused).with("Connection", "close");
            }
            try (var body =
                    SpooledBody.read(
                            exchange,
                            upload ? limits.uploadBytesMax() : limits.apiBodyBytesMax(),
                            head instanceof Authenticator.Head.Open,
                            bodies)) {
                return withBody(head, body, upload);
            } catch (BodyException failure) {
                var code =
                        switch (failure.kind()) {
                            case TOO_LARGE -> ErrorCode.REQUEST_ENTITY_TOO_LARGE;
                            case TOO_SLOW, INCOMPLETE -> ErrorCode.REQUEST_TIMEOUT;
                            case NO_HASH -> ErrorCode.INVALID_REQUEST;
                            case NO_ROOM -> ErrorCode.SERVICE_UNAVAILABLE;
                        };
                var reply =
                        error(WireError.of(code.awsName(), code.status(), failure.message()))
                                .with("Connection", "close");
                return code == ErrorCode.SERVICE_UNAVAILABLE
                        ? reply.with("Retry-After", "1")
                        : reply;
            } catch (IOException failure) {
                LOG.warn(
                        "request {}: the body could not be taken: {}",
                        requestId,
                        failure.toString());
                return error(
                        WireError.of(
                                CommonError.UNAVAILABLE,
                                codec.protocol(),
                                "the request body could not be taken"));
            }
        }

        private Reply withBody(Authenticator.Head head, SpooledBody body, boolean upload)
                throws InterruptedException, IOException {
            Authenticator.Outcome outcome;
            try {
                outcome = authenticator.withBody(head, signed, body.sha256());
            } catch (CatalogException failure) {
                return catalogDown(failure);
            }
            return switch (outcome) {
                case Authenticator.Outcome.Refused(Verdict.Refused refused) -> refused(refused);
                case Authenticator.Outcome.Known(Caller caller, Verdict.Verified verified) -> {
                    body.known();
                    yield verified.signed().payload() instanceof Payload.Chunked
                            ? refused(CHUNKED)
                            : understood(caller, body, upload);
                }
            };
        }

        private Reply understood(Caller caller, SpooledBody body, boolean upload)
                throws InterruptedException, IOException {
            var call =
                    codec.parse(service.model(), exchange.head(), upload ? NOTHING : body.bytes());
            return switch (call) {
                case Call.Refused(Optional<Operation> operation, WireError error) ->
                        unreadable(
                                caller,
                                body,
                                operation.map(Operation::name).orElse("UnknownOperation"),
                                error);
                case Call.Parsed(Operation operation, ObjectNode input) ->
                        known(
                                operation,
                                new Invocation(
                                        caller,
                                        signed.scope().region(),
                                        input,
                                        body,
                                        clock.instant()));
            };
        }

        private Reply refused(Verdict.Refused refused) throws InterruptedException {
            ownCalls.stranger(
                    exchange,
                    service,
                    signed.scope().accessKeyId(),
                    refused.refusal().code(codec.protocol().dialect()),
                    refused.message(codec.protocol().dialect()));
            return error(WireError.of(refused, codec.protocol()));
        }

        private Reply known(Operation operation, Invocation call) throws InterruptedException {
            var built = service.operation(operation.name());
            var denied = denied(operation, call, built);
            if (denied.isPresent()) {
                return failed(operation, call, built, denied.get());
            }
            var violations = operation.input().map(shape -> Violations.in(call.input(), shape));
            if (violations.isPresent() && !violations.get().isEmpty()) {
                return failed(
                        operation,
                        call,
                        built,
                        operations.refine(operation.name(), violations.get()));
            }
            if (built.isEmpty()) {
                return failed(
                        operation,
                        call,
                        built,
                        new Failure(
                                ErrorCode.UNSUPPORTED_OPERATION,
                                "Cairn does not do %s yet; docs/gaps.md says what is missing and why"
                                        .formatted(operation.name())));
            }
            try {
                return run(operation, call, built.get());
            } catch (Failure failure) {
                if (failure.code().category() == ErrorCode.Category.BUG) {
                    LOG.error("request {} failed", requestId, failure);
                }
                return failed(operation, call, built, failure);
            } catch (CatalogException failure) {
                LOG.error("request {}: the catalog fails", requestId, failure);
                return failed(operation, call, built, port("the catalog", failure));
            } catch (HistoryException failure) {
                LOG.error("request {}: the history fails", requestId, failure);
                return failed(operation, call, built, port("event history", failure));
            } catch (LedgerException failure) {
                LOG.error("request {}: the ledger fails", requestId, failure);
                return failed(operation, call, built, port("the ledger", failure));
            } catch (IOException failure) {
                LOG.error("request {}: the body cannot be read", requestId, failure);
                return failed(operation, call, built, port("the temporary folder", failure));
            }
        }

        private Reply run(Operation operation, Invocation call, BuiltOperation built)
                throws CatalogException,
                        HistoryException,
                        LedgerException,
                        IOException,
                        InterruptedException {
            return switch (built.operation()) {
                case dev.cairn.server.operation.Operation.Read read -> {
                    var output = read.run(call);
                    recordSuccess(operation, call, built, null);
                    yield answer(operation, output);
                }
                case dev.cairn.server.operation.Operation.Change change ->
                        answer(
                                operation,
                                ownCalls.change(
                                        change,
                                        call,
                                        output ->
                                                own(
                                                        operation.name(),
                                                        call,
                                                        true,
                                                        output,
                                                        null,
                                                        null)));
                case dev.cairn.server.operation.Operation.Download download -> {
                    var reply = download.run(call);
                    recordSuccess(operation, call, built, null);
                    yield reply;
                }
                case dev.cairn.server.operation.Operation.Upload upload -> {
                    var output = upload.run(call);
                    recordSuccess(operation, call, built, output);
                    yield answer(operation, output);
                }
            };
        }

        private Optional<Failure> denied(
                Operation operation, Invocation call, Optional<BuiltOperation> built) {
            var action =
                    built.map(BuiltOperation::action)
                            .orElseGet(() -> operations.action(service, operation.name()));
            var target =
                    built.map(b -> b.target().apply(call))
                            .orElseGet(() -> Target.account(call.caller().account()));
            var context =
                    new Context(
                            call.now(),
                            call.region(),
                            exchange.remoteAddress(),
                            exchange.tls() != null);
            return switch (access.decide(call.caller(), action, target, context)) {
                case Decision.Allowed() -> Optional.empty();
                case Decision.Denied(String message) ->
                        Optional.of(new Failure(ErrorCode.ACCESS_DENIED, message));
            };
        }

        private Reply answer(Operation operation, ObjectNode output) {
            return reply(codec.write(service.model(), operation, output, requestId));
        }

        private Reply failed(
                Operation operation,
                Invocation call,
                Optional<BuiltOperation> built,
                Failure failure)
                throws InterruptedException {
            if (!built.map(b -> b.dataPlane().apply(call)).orElse(false)) {
                var readOnly =
                        built.map(BuiltOperation::readOnly)
                                .orElseGet(() -> operations.readOnly(operation.name()));
                ownCalls.record(
                        call,
                        own(
                                operation.name(),
                                call,
                                !readOnly,
                                null,
                                failure.code().awsName(),
                                failure.message()));
            }
            var reply =
                    error(
                            WireError.of(
                                    failure.code().awsName(),
                                    failure.code().status(),
                                    failure.message()));
            return failure.retryAfter()
                    .map(after ->
                            reply.with(
                                    "Retry-After", Long.toString(Math.max(1, after.toSeconds()))))
                    .orElse(reply);
        }

        private void recordSuccess(
                Operation operation,
                Invocation call,
                BuiltOperation built,
                @Nullable ObjectNode output)
                throws InterruptedException {
            if (!built.dataPlane().apply(call)) {
                ownCalls.record(
                        call, own(operation.name(), call, !built.readOnly(), output, null, null));
            }
        }

        /// The record of a call by a caller who is known.
        private OwnRecord own(
                String name,
                Invocation call,
                boolean changes,
                @Nullable ObjectNode output,
                @Nullable String errorCode,
                @Nullable String errorMessage) {
            var operation = service.model().operation(name);
            return new OwnRecord(
                    ownCalls.newEventId(),
                    clock.instant(),
                    call.caller(),
                    call.region(),
                    service.eventSource(),
                    name,
                    service.model().metadata().apiVersion(),
                    !changes,
                    exchange,
                    requestId,
                    OwnRecord.inStyle(call.input(), operation.flatMap(Operation::input)),
                    changes
                            ? OwnRecord.inStyle(output, operation.flatMap(Operation::output))
                            : null,
                    errorCode,
                    errorMessage);
        }

        private Reply unreadable(Caller caller, SpooledBody body, String name, WireError error)
                throws InterruptedException {
            var call =
                    new Invocation(
                            caller,
                            signed.scope().region(),
                            JsonNodeFactory.instance.objectNode(),
                            body,
                            clock.instant());
            ownCalls.record(
                    call,
                    own(
                            name,
                            call,
                            !operations.readOnly(name),
                            null,
                            error.code(),
                            error.message()));
            return error(error);
        }

        private Failure port(String what, Exception failure) {
            return new Failure(
                    ErrorCode.SERVICE_UNAVAILABLE,
                    what + " does not answer at the moment",
                    failure);
        }

        private Reply catalogDown(CatalogException failure) {
            LOG.error("request {}: the catalog does not answer", requestId, failure);
            return error(unavailable("the catalog does not answer"));
        }

        private WireError unavailable(String message) {
            return WireError.of(CommonError.UNAVAILABLE, codec.protocol(), message);
        }

        private Reply error(WireError error) {
            return reply(codec.writeError(service.model(), error, requestId));
        }
    }
}
