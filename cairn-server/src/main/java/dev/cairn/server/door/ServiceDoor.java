package dev.cairn.server.door;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Access;
import dev.cairn.access.Context;
import dev.cairn.access.Decision;
import dev.cairn.access.Policy;
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
import dev.cairn.server.operation.Right;
import dev.cairn.server.operation.ServedService;
import dev.cairn.server.own.OwnCalls;
import dev.cairn.server.own.OwnRecord;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Serves whatever a service model describes: signature, model, rights, operation, record, answer.
///
/// Every way out of here is an answer in the caller's own protocol, and leaves one record of the
/// call, under its caller where they are known, else among the strangers'. What fails inside Cairn
/// is logged besides.
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
        var error = WireError.of(refusal, codec.protocol(), detail);
        ownCalls.stranger(
                exchange,
                requestId,
                "",
                stranger(service, nameInHead(service, codec, exchange)),
                outcome(error));
        return reply(codec.writeError(service.model(), error, requestId));
    }

    /// Records a request that failed inside Cairn before any door knew what to do with it.
    void unforeseen(Exchange exchange, String requestId, String message)
            throws InterruptedException {
        ownCalls.orCounted(() ->
                ownCalls.stranger(
                        exchange,
                        requestId,
                        "",
                        likely(operations.likely(exchange.head()), exchange),
                        OwnRecord.Outcome.failed(ErrorCode.INTERNAL_FAILURE.awsName(), message)));
    }

    private static OwnRecord.Asked likely(ServedService service, Exchange exchange) {
        return stranger(service, service.likelyOperation(exchange.head()));
    }

    /// The operation that a request asks for, as far as it can be told without its body.
    static String nameInHead(ServedService service, Codec codec, Exchange exchange) {
        var likely = service.likelyOperation(exchange.head());
        return switch (codec.parse(service.model(), exchange.head(), NOTHING)) {
            case Call.Parsed(Operation operation, _) -> operation.name();
            case Call.Refused(Optional<Operation> operation, _) ->
                    operation.map(Operation::name).orElse(likely);
        };
    }

    /// What a stranger asked for. Nobody has looked at its parameters, nor at what it would change.
    private static OwnRecord.Asked stranger(ServedService service, String name) {
        return OwnRecord.Asked.management(
                service.eventSource(), name, service.recordedVersion(), false, null);
    }

    private static OwnRecord.Outcome outcome(WireError error) {
        return OwnRecord.Outcome.failed(error.code(), error.message());
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
        var type = "UnsupportedOperationException";
        ownCalls.stranger(
                exchange,
                requestId,
                signed.scope().accessKeyId(),
                likely(service, exchange),
                OwnRecord.Outcome.failed(type, message));
        LOG.debug("request {}: {}", requestId, message);
        return json(501, type, message);
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

        // What is known of the call so far, for its record should it fail from here on.
        private @Nullable Caller caller;
        private @Nullable String name;
        private ObjectNode input = JsonNodeFactory.instance.objectNode();
        private List<Right> rights = List.of();
        private boolean settled;

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
            try {
                return heard();
            } catch (InterruptedException stopping) {
                if (!settled) {
                    ownCalls.cutShort();
                }
                throw stopping;
            } catch (RuntimeException unforeseen) {
                LOG.error("request {} failed: {}", requestId, exchange.head(), unforeseen);
                var error =
                        WireError.of(
                                CommonError.INTERNAL,
                                codec.protocol(),
                                "The request failed inside Cairn: " + requestId);
                ownCalls.orCounted(() -> leave(error));
                return error(error);
            }
        }

        /// Records a call that came to nothing before its operation could be asked, or that it did
        /// not answer; one whose record is there, or not wanted, is left at that.
        private void leave(WireError error) throws InterruptedException {
            if (settled) {
                return;
            }
            var operation = name == null ? nameInHead(service, codec, exchange) : name;
            if (caller == null) {
                ownCalls.stranger(
                        exchange,
                        requestId,
                        signed.scope().accessKeyId(),
                        stranger(service, operation),
                        outcome(error));
            } else {
                ownCalls.record(own(operation, caller, outcome(error)));
            }
            settled = true;
        }

        private Reply refused(WireError error) throws InterruptedException {
            leave(error);
            return error(error);
        }

        private Reply heard() throws InterruptedException {
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
            if (head instanceof Authenticator.Head.Known(Caller known, _)) {
                caller = known;
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
                        refused(WireError.of(code.awsName(), code.status(), failure.message()))
                                .with("Connection", "close");
                return code == ErrorCode.SERVICE_UNAVAILABLE
                        ? reply.with("Retry-After", "1")
                        : reply;
            } catch (IOException failure) {
                LOG.warn(
                        "request {}: the body could not be taken: {}",
                        requestId,
                        failure.toString());
                return refused(unavailable("the request body could not be taken"));
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
                case Authenticator.Outcome.Known(Caller known, Verdict.Verified verified) -> {
                    body.known();
                    if (verified.signed().payload() instanceof Payload.Chunked) {
                        yield refused(CHUNKED);
                    }
                    caller = known;
                    yield understood(known, body, upload);
                }
            };
        }

        private Reply understood(Caller known, SpooledBody body, boolean upload)
                throws InterruptedException, IOException {
            var call =
                    codec.parse(service.model(), exchange.head(), upload ? NOTHING : body.bytes());
            return switch (call) {
                case Call.Refused(Optional<Operation> operation, WireError error) -> {
                    name = operation.map(Operation::name).orElse(ServedService.UNKNOWN_OPERATION);
                    yield refused(error);
                }
                case Call.Parsed(Operation operation, ObjectNode members) -> {
                    name = operation.name();
                    operations.complete(service, operation, members, exchange.head().rawPath());
                    input = members;
                    yield known(
                            operation,
                            new Invocation(
                                    known,
                                    signed.scope().region(),
                                    members,
                                    body,
                                    clock.instant(),
                                    exchange.endpoint()));
                }
            };
        }

        /// The signature is not accepted: whoever sent this is a stranger.
        private Reply refused(Verdict.Refused refused) throws InterruptedException {
            caller = null;
            return refused(WireError.of(refused, codec.protocol()));
        }

        private Reply known(Operation operation, Invocation call) throws InterruptedException {
            var built = service.operation(operation.name());
            settled = built.map(b -> b.dataPlane().apply(call)).orElse(false);
            Optional<Failure> denied;
            try {
                denied = denied(operation, call, built);
            } catch (CatalogException failure) {
                LOG.error("request {}: the catalog fails", requestId, failure);
                return failed(operation, call, port("the catalog", failure));
            }
            if (denied.isPresent()) {
                return failed(operation, call, denied.get());
            }
            var violations = operation.input().map(shape -> Violations.in(call.input(), shape));
            if (violations.isPresent() && !violations.get().isEmpty()) {
                return failed(
                        operation,
                        call,
                        operations.refine(service, operation.name(), violations.get()));
            }
            if (built.isEmpty()) {
                return failed(
                        operation,
                        call,
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
                return failed(operation, call, failure);
            } catch (CatalogException failure) {
                LOG.error("request {}: the catalog fails", requestId, failure);
                return failed(operation, call, port("the catalog", failure));
            } catch (HistoryException failure) {
                LOG.error("request {}: the history fails", requestId, failure);
                return failed(operation, call, port("event history", failure));
            } catch (LedgerException failure) {
                LOG.error("request {}: the ledger fails", requestId, failure);
                return failed(operation, call, port("the ledger", failure));
            } catch (IOException failure) {
                LOG.error("request {}: the body cannot be read", requestId, failure);
                return failed(operation, call, port("the temporary folder", failure));
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
                    record(operation, call, OwnRecord.Outcome.SUCCESS);
                    yield answer(operation, output);
                }
                case dev.cairn.server.operation.Operation.Change change -> {
                    change.prepare(call);
                    var output =
                            ownCalls.change(
                                    change,
                                    call,
                                    changed ->
                                            own(
                                                    operation.name(),
                                                    call.caller(),
                                                    succeeded(operation, changed)));
                    settled = true;
                    yield answer(operation, output);
                }
                case dev.cairn.server.operation.Operation.Message message -> {
                    var output = message.run(call);
                    record(operation, call, succeeded(operation, output));
                    yield answer(operation, output);
                }
                case dev.cairn.server.operation.Operation.Download download -> {
                    var reply = download.run(call);
                    record(operation, call, OwnRecord.Outcome.SUCCESS);
                    yield reply;
                }
                case dev.cairn.server.operation.Operation.Many many -> {
                    var reply = many.run(call, exchange, requestId);
                    settled = true;
                    yield reply;
                }
                case dev.cairn.server.operation.Operation.Upload upload -> {
                    var output = upload.run(call);
                    record(operation, call, succeeded(operation, output));
                    yield answer(operation, output);
                }
            };
        }

        private Optional<Failure> denied(
                Operation operation, Invocation call, Optional<BuiltOperation> built)
                throws CatalogException {
            rights =
                    built.isPresent()
                            ? built.get().rights(call)
                            : List.of(
                                    new Right(
                                            operations.action(service, operation.name()),
                                            Target.account(call.caller().account()),
                                            Policy.NONE,
                                            Map.of()));
            var context =
                    new Context(
                            call.now(),
                            call.region(),
                            exchange.remoteAddress(),
                            exchange.tls() != null);
            for (var right : rights) {
                var decision =
                        access.decide(
                                call.caller(),
                                right.action(),
                                right.target(),
                                context,
                                right.policy(),
                                right.keys());
                if (decision instanceof Decision.Denied(String message)) {
                    return Optional.of(new Failure(service.denial(), message));
                }
            }
            return Optional.empty();
        }

        private Reply answer(Operation operation, ObjectNode output) {
            return reply(codec.write(service.model(), operation, output, requestId));
        }

        private Reply failed(Operation operation, Invocation call, Failure failure)
                throws InterruptedException {
            var error =
                    WireError.of(
                            failure.code().awsName(),
                            service.status(failure.code()),
                            failure.message());
            record(operation, call, outcome(error));
            var reply = error(error);
            return failure.retryAfter()
                    .map(after ->
                            reply.with(
                                    "Retry-After", Long.toString(Math.max(1, after.toSeconds()))))
                    .orElse(reply);
        }

        private void record(Operation operation, Invocation call, OwnRecord.Outcome outcome)
                throws InterruptedException {
            if (!settled) {
                ownCalls.record(own(operation.name(), call.caller(), outcome));
                settled = true;
            }
        }

        /// The record of a call by a caller who is known.
        private OwnRecord own(String operation, Caller known, OwnRecord.Outcome outcome) {
            var shape = service.model().operation(operation);
            return new OwnRecord(
                    ownCalls.newEventId(),
                    clock.instant(),
                    known,
                    signed.scope().region(),
                    new OwnRecord.Asked(
                            service.eventSource(),
                            operation,
                            service.recordedVersion(),
                            readOnly(operation),
                            false,
                            OwnRecord.inStyle(
                                    input, shape.flatMap(Operation::input), service.style()),
                            touched(outcome)),
                    exchange,
                    requestId,
                    outcome);
        }

        /// What the call was about, and what it has made.
        private List<OwnRecord.Touched> touched(OwnRecord.Outcome outcome) {
            var type = service.touchedType();
            if (type.isEmpty()) {
                return List.of();
            }
            var all = new ArrayList<OwnRecord.Touched>();
            for (var right : rights) {
                if (right.target().arn() != null) {
                    all.add(
                            new OwnRecord.Touched(
                                    type.get(), right.target().arn(), right.target().account()));
                }
            }
            service.madeArn(outcome.response())
                    .ifPresent(arn ->
                            all.add(
                                    new OwnRecord.Touched(
                                            type.get(),
                                            arn,
                                            Objects.requireNonNull(caller).account())));
            return all;
        }

        private OwnRecord.Outcome succeeded(Operation operation, @Nullable ObjectNode output) {
            return OwnRecord.Outcome.succeeded(
                    OwnRecord.inStyle(output, operation.output(), service.style()));
        }

        private boolean readOnly(String operation) {
            return service.operation(operation)
                    .map(BuiltOperation::readOnly)
                    .orElseGet(() -> operations.readOnly(operation));
        }

        private Failure port(String what, Exception failure) {
            return new Failure(
                    ErrorCode.SERVICE_UNAVAILABLE,
                    what + " does not answer at the moment",
                    failure);
        }

        private Reply catalogDown(CatalogException failure) throws InterruptedException {
            LOG.error("request {}: the catalog does not answer", requestId, failure);
            return refused(unavailable("the catalog does not answer"));
        }

        private WireError unavailable(String message) {
            return WireError.of(CommonError.UNAVAILABLE, codec.protocol(), message);
        }

        private Reply error(WireError error) {
            return reply(codec.writeError(service.model(), error, requestId));
        }
    }
}
