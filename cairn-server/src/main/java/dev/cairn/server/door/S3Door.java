package dev.cairn.server.door;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Context;
import dev.cairn.account.Caller;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Bucket;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.protocol.Call;
import dev.cairn.aws.protocol.Codec;
import dev.cairn.aws.protocol.Codecs;
import dev.cairn.aws.protocol.Protocol;
import dev.cairn.aws.protocol.WireError;
import dev.cairn.aws.shape.Operation;
import dev.cairn.aws.shape.Shape;
import dev.cairn.aws.sigv4.AwsChunkedInputStream;
import dev.cairn.aws.sigv4.Payload;
import dev.cairn.aws.sigv4.Refusal;
import dev.cairn.aws.sigv4.Signature;
import dev.cairn.aws.sigv4.Verdict;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.Failure;
import dev.cairn.server.bucket.DataEvents;
import dev.cairn.server.bucket.S3Call;
import dev.cairn.server.bucket.S3Code;
import dev.cairn.server.bucket.S3Failure;
import dev.cairn.server.bucket.S3Operations;
import dev.cairn.server.bucket.S3Operations.Copied;
import dev.cairn.server.bucket.S3Operations.S3Operation;
import dev.cairn.server.bucket.S3Operations.Work;
import dev.cairn.server.bucket.S3Records;
import dev.cairn.server.http.Bodies;
import dev.cairn.server.http.BodyException;
import dev.cairn.server.http.Exchange;
import dev.cairn.server.http.Reply;
import dev.cairn.server.http.SpooledBody;
import dev.cairn.server.operation.Invocation;
import dev.cairn.server.operation.ServedService;
import dev.cairn.server.own.OwnCalls;
import dev.cairn.server.own.OwnRecord;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Serves S3 requests: those signed for it, and unsigned ones that name a bucket.
///
/// Buckets stand in the path, or before one of the configured host names. A signature is checked by
/// the head alone, which names the hash of the body; the body then streams into the archive and is
/// committed when it turned out to be that one. Calls on buckets are management events and always
/// recorded; those on objects are data events, recorded while someone wants them.
public final class S3Door {
    private static final Logger LOG = LoggerFactory.getLogger(S3Door.class);
    private static final String COPY = "x-amz-copy-source";
    private static final byte[] NOTHING = {};

    private final S3Operations operations;
    private final ServedService service;
    private final Authenticator authenticator;
    private final OwnCalls ownCalls;
    private final DataEvents dataEvents;
    private final S3Records records;
    private final InstantSource clock;
    private final Settings settings;
    private final Bodies bodies;
    private final Codec codec = new Codecs().of(Protocol.REST_XML).orElseThrow();

    /// @param hosts names that buckets stand before, such as `localhost`
    /// @param bodyBytesMax the largest XML or policy
    /// @param chunkBytesMax the largest chunk of a chunked body
    /// @param region when nothing is signed
    /// @param elsewhere what is told to everyone when there are no buckets here; empty when there
    ///   are
    public record Settings(
            List<String> hosts,
            int bodyBytesMax,
            int chunkBytesMax,
            String region,
            Optional<String> elsewhere) {}

    public S3Door(
            S3Operations operations,
            ServedService service,
            Authenticator authenticator,
            OwnCalls ownCalls,
            DataEvents dataEvents,
            InstantSource clock,
            Settings settings,
            Bodies bodies) {
        this.operations = operations;
        this.service = service;
        this.authenticator = authenticator;
        this.ownCalls = ownCalls;
        this.dataEvents = dataEvents;
        this.records = new S3Records(operations, ownCalls, clock);
        this.clock = clock;
        this.settings = settings;
        this.bodies = bodies;
    }

    /// Whether a request that says nothing of S3 by its signature means a bucket.
    boolean isMeant(Exchange exchange, Signature signature) {
        return switch (signature) {
            case Signature.Signed signed -> signed.scope().isS3();
            case Signature.Malformed _ ->
                    exchange.header("authorization").orElse("").contains("/s3/")
                            || exchange.head().rawQuery().contains("%2Fs3%2F");
            case Signature.Unsigned() -> {
                var path = addressed(exchange.head()).rawPath().substring(1);
                var slash = path.indexOf('/');
                try {
                    yield operations.has(slash < 0 ? path : path.substring(0, slash));
                } catch (CatalogException _) {
                    yield false;
                }
            }
        };
    }

    /// The request as if its bucket stood in the path.
    private Request addressed(Request head) {
        var host = head.headers().first("host").orElse("").toLowerCase(Locale.ROOT);
        var colon = host.indexOf(':');
        var name = colon < 0 ? host : host.substring(0, colon);
        for (var ours : settings.hosts()) {
            if (name.endsWith("." + ours)) {
                var bucket = name.substring(0, name.length() - ours.length() - 1);
                return new Request(
                        head.method(),
                        "/" + bucket + head.rawPath(),
                        head.rawQuery(),
                        head.headers());
            }
        }
        return head;
    }

    /// Copies are told from puts by a header; the model tells them by a constant of the query, as
    /// AWS's newer ones do.
    private static Request told(Request head) {
        if (!head.headers().has(COPY) || !head.method().equals("PUT")) {
            return head;
        }
        var part = head.rawQuery().contains("uploadId=");
        var constant = "x-id=" + (part ? "UploadPartCopy" : "CopyObject");
        var query = head.rawQuery();
        return query.contains(constant)
                ? head
                : new Request(
                        head.method(),
                        head.rawPath(),
                        query.isEmpty() ? constant : query + "&" + constant,
                        head.headers());
    }

    Reply serve(Exchange exchange, Signature signature, String requestId)
            throws InterruptedException {
        var visit = new Visit(exchange, signature, requestId);
        Reply reply;
        try {
            reply = visit.serve();
        } catch (S3Failure failure) {
            reply = visit.fallen(failure);
        } catch (CatalogException failure) {
            LOG.error("request {}: the catalog does not answer", requestId, failure);
            reply = visit.fallen(new S3Failure(S3Code.SERVICE_UNAVAILABLE));
        } catch (InterruptedException stopping) {
            visit.cutShort();
            throw stopping;
        } catch (RuntimeException unforeseen) {
            LOG.error("request {} failed: {}", requestId, exchange.head(), unforeseen);
            reply = visit.fallen(new S3Failure(S3Code.INTERNAL_ERROR));
        }
        return reply.with("x-amz-request-id", requestId).with("x-amz-id-2", requestId);
    }

    private final class Visit {
        private final Exchange exchange;
        private final Signature signature;
        private final String requestId;
        private final Request head;

        // What is known of the call so far, for its record should it fail from here on.
        private @Nullable Operation asked;
        private @Nullable S3Call asking;
        private @Nullable Bucket askedOf;
        private Optional<Copied> copied = Optional.empty();
        private boolean settled;

        Visit(Exchange exchange, Signature signature, String requestId) {
            this.exchange = exchange;
            this.signature = signature;
            this.requestId = requestId;
            this.head = told(addressed(exchange.head()));
        }

        Reply serve() throws CatalogException, InterruptedException {
            return switch (signature) {
                case Signature.Malformed(Refusal refusal, String detail) -> {
                    var error = WireError.of(refusal, Protocol.REST_XML, detail);
                    yield refused("", error);
                }
                case Signature.Unsigned() ->
                        routed(Caller.ANONYMOUS, settings.region(), Optional.empty());
                case Signature.Signed signed -> signed(signed);
            };
        }

        private Reply signed(Signature.Signed signed)
                throws CatalogException, InterruptedException {
            return switch (authenticator.head(signed)) {
                case Authenticator.Head.Open() -> {
                    var code = S3Code.INVALID_REQUEST;
                    yield refused(
                            signed.scope().accessKeyId(),
                            WireError.of(
                                    code.awsName(),
                                    code.status(),
                                    "Missing required header for this request: x-amz-content-sha256"));
                }
                case Authenticator.Head.Refused(Verdict.Refused refused) ->
                        refused(
                                signed.scope().accessKeyId(),
                                WireError.of(refused, Protocol.REST_XML));
                case Authenticator.Head.Known(Caller caller, Verdict.Verified verified) ->
                        routed(caller, signed.scope().region(), Optional.of(verified));
            };
        }

        private Reply refused(String accessKeyId, WireError error) throws InterruptedException {
            stranger(accessKeyId, OwnRecord.Outcome.failed(error.code(), error.message()));
            return error(error).with("Connection", "close");
        }

        private void stranger(String accessKeyId, OwnRecord.Outcome outcome)
                throws InterruptedException {
            var name = asked == null ? nameInHead() : asked.name();
            ownCalls.stranger(
                    exchange,
                    requestId,
                    accessKeyId,
                    OwnRecord.Asked.management(service.eventSource(), name, "", false, null),
                    outcome);
            settled = true;
        }

        private String nameInHead() {
            return codec.parse(service.model(), head, NOTHING) instanceof Call.Parsed(var o, _)
                    ? o.name()
                    : ServedService.UNKNOWN_OPERATION;
        }

        /// Answers, and records unless that is done, a call that was given up on its way.
        Reply fallen(S3Failure failure) throws InterruptedException {
            if (!settled) {
                ownCalls.orCounted(() -> leave(failure));
            }
            return failed(failure);
        }

        private void leave(S3Failure failure) throws InterruptedException {
            var operation = asked;
            var call = asking;
            var outcome = S3Records.outcome(failure);
            if (operation == null || call == null) {
                stranger(
                        signature instanceof Signature.Signed signed
                                ? signed.scope().accessKeyId()
                                : "",
                        outcome);
                return;
            }
            var built = operations.operation(operation.name());
            if (call.caller().account().isEmpty()
                    || askedOf != null
                    || !built.map(S3Operation::data).orElse(false)) {
                record(operation, built, call, askedOf, failure);
                return;
            }
            // Nobody can tell whether someone wants it: rather one event too many than too few.
            var record = own(operation, call, null, true, outcome);
            ownCalls.refused(
                    exchange, requestId, call.caller(), call.region(), record.asked(), outcome);
        }

        void cutShort() {
            if (!settled) {
                ownCalls.cutShort();
            }
        }

        private Reply routed(Caller caller, String region, Optional<Verdict.Verified> verified)
                throws CatalogException, InterruptedException {
            if (settings.elsewhere().isPresent()) {
                var code = S3Code.NOT_IMPLEMENTED;
                return refused(
                        key(caller),
                        WireError.of(code.awsName(), code.status(), settings.elsewhere().get()));
            }
            return switch (codec.parse(service.model(), head, NOTHING)) {
                // No operation, so nothing that anyone could have a right to.
                case Call.Refused(_, WireError error) -> refused(key(caller), error);
                case Call.Parsed(Operation operation, ObjectNode input) -> {
                    var context =
                            new Context(
                                    clock.instant(),
                                    region,
                                    exchange.remoteAddress(),
                                    exchange.tls() != null);
                    var call = new S3Call(caller, region, input, exchange, context, body(verified));
                    asked = operation;
                    asking = call;
                    yield takesDocument(operation)
                            ? document(operation, call)
                            : known(operation, call);
                }
            };
        }

        private static String key(Caller caller) {
            return caller.accessKeyId() == null ? "" : caller.accessKeyId();
        }

        private static boolean takesDocument(Operation operation) {
            return operation
                    .input()
                    .flatMap(shape -> shape.payload().flatMap(shape::member))
                    .map(member -> !(member.shape() instanceof Shape.Blob))
                    .orElse(false);
        }

        private S3Call.Body body(Optional<Verdict.Verified> verified) {
            var payload = verified.map(v -> v.signed().payload()).orElse(new Payload.Unsigned());
            return switch (payload) {
                case Payload.Chunked _ -> {
                    var length =
                            exchange.header("x-amz-decoded-content-length")
                                    .filter(text -> text.matches("\\d{1,18}"))
                                    .map(Long::parseLong)
                                    .orElse(-1L);
                    yield new S3Call.Body(
                            () ->
                                    new AwsChunkedInputStream(
                                            exchange.body(),
                                            verified.orElseThrow(),
                                            OptionalLong.of(length),
                                            settings.chunkBytesMax()),
                            length,
                            null);
                }
                case Payload.Declared(String sha256) ->
                        new S3Call.Body(exchange::body, exchange.contentLength(), sha256);
                case Payload.Unsigned(), Payload.Whole() ->
                        new S3Call.Body(exchange::body, exchange.contentLength(), null);
            };
        }

        /// An operation whose body is a document, taken in whole before it is looked at.
        private Reply document(Operation operation, S3Call call)
                throws CatalogException, InterruptedException {
            var stream = call.body();
            try (var in = stream.source().open();
                    var body =
                            SpooledBody.read(
                                    new Exchange(
                                            exchange.head(),
                                            in,
                                            stream.length(),
                                            exchange.remoteAddress(),
                                            exchange.tls()),
                                    settings.bodyBytesMax(),
                                    call.caller().account().isEmpty(),
                                    bodies)) {
                if (stream.sha256() != null && !stream.sha256().equals(body.sha256())) {
                    throw new S3Failure(S3Code.PAYLOAD_MISMATCH);
                }
                return switch (codec.parse(service.model(), head, body.bytes())) {
                    case Call.Refused(_, WireError error) -> refused(key(call.caller()), error);
                    case Call.Parsed(_, ObjectNode input) ->
                            known(
                                    operation,
                                    new S3Call(
                                            call.caller(),
                                            call.region(),
                                            input,
                                            exchange,
                                            call.context(),
                                            S3Call.Body.NONE));
                };
            } catch (IOException failure) {
                throw broken(failure);
            }
        }

        /// What a body's failure is to its sender.
        private S3Failure broken(IOException failure) {
            LOG.debug("request {}: {}", requestId, failure.toString());
            return switch (failure) {
                case BodyException body ->
                        switch (body.kind()) {
                            case TOO_LARGE -> new S3Failure(S3Code.ENTITY_TOO_LARGE);
                            case TOO_SLOW -> new S3Failure(S3Code.REQUEST_TIMEOUT);
                            case INCOMPLETE -> new S3Failure(S3Code.INCOMPLETE_BODY);
                            case NO_HASH -> new S3Failure(S3Code.INVALID_REQUEST, body.message());
                            case NO_ROOM -> new S3Failure(S3Code.SERVICE_UNAVAILABLE);
                        };
                case AwsChunkedInputStream.ChunkException chunk ->
                        chunk.refusal() == Refusal.MISMATCH
                                ? new S3Failure(
                                        S3Code.SIGNATURE_MISMATCH,
                                        Refusal.MISMATCH.message(Refusal.Dialect.S3))
                                : new S3Failure(S3Code.INCOMPLETE_BODY);
                default -> {
                    LOG.warn("request {} failed: {}", requestId, failure.toString());
                    yield new S3Failure(S3Code.SERVICE_UNAVAILABLE);
                }
            };
        }

        private Reply known(Operation operation, S3Call call)
                throws CatalogException, InterruptedException {
            var built = operations.operation(operation.name());
            Bucket bucket = null;
            try {
                if (built.isEmpty()) {
                    throw new S3Failure(
                            S3Code.NOT_IMPLEMENTED,
                            "Cairn does not do %s; docs/gaps.md says what is missing"
                                    .formatted(operation.name()));
                }
                copied = operations.copied(call);
                if (built.get().inBucket()) {
                    bucket = operations.bucket(call);
                    askedOf = bucket;
                    S3Operations.checkKey(call);
                }
                operations.require(call, built.get(), bucket);
                return run(operation, built.get(), call, bucket);
            } catch (S3Failure failure) {
                record(operation, built, call, bucket, failure);
                throw failure;
            } catch (Failure failure) {
                // The ledger pushes back: nothing was changed, and its event is counted.
                var known = new S3Failure(S3Code.SERVICE_UNAVAILABLE, failure.message());
                record(operation, built, call, bucket, known);
                throw known;
            } catch (ArchiveException failure) {
                var known = of(failure);
                record(operation, built, call, bucket, known);
                throw known;
            } catch (IOException failure) {
                var known = broken(failure);
                record(operation, built, call, bucket, known);
                throw known;
            }
        }

        private S3Failure of(ArchiveException failure) {
            switch (failure.kind()) {
                case NO_SUCH_BUCKET, DENIED -> {}
                case TIMEOUT, UNAVAILABLE ->
                        LOG.warn("request {}: the archive fails", requestId, failure);
                case CORRUPT -> LOG.error("request {}: the archive is damaged", requestId, failure);
            }
            return S3Failure.of(failure);
        }

        private Reply run(
                Operation operation, S3Operation built, S3Call call, @Nullable Bucket bucket)
                throws CatalogException, ArchiveException, IOException, InterruptedException {
            return switch (built.work()) {
                case Work.Document work -> {
                    var output = work.run(call, bucket == null ? NO_BUCKET : bucket);
                    record(operation, Optional.of(built), call, bucket, null);
                    yield answer(operation, output);
                }
                case Work.Raw work -> {
                    var reply = work.run(call, bucket == null ? NO_BUCKET : bucket);
                    record(operation, Optional.of(built), call, bucket, null);
                    yield reply;
                }
                case Work.Change work -> {
                    var output =
                            ownCalls.change(
                                    (_, tx) -> work.run(call, bucket, tx),
                                    invocation(call, bucket),
                                    _ ->
                                            own(
                                                    operation,
                                                    call,
                                                    bucket,
                                                    false,
                                                    OwnRecord.Outcome.SUCCESS));
                    settled = true;
                    yield answer(operation, output);
                }
            };
        }

        private Reply answer(Operation operation, ObjectNode output) {
            return ServiceDoor.reply(codec.write(service.model(), operation, output, requestId));
        }

        private Invocation invocation(S3Call call, @Nullable Bucket bucket) {
            return new Invocation(
                    S3Records.caller(call, bucket),
                    call.region(),
                    call.input(),
                    SpooledBody.of(NOTHING),
                    call.context().time());
        }

        private void record(
                Operation operation,
                Optional<S3Operation> built,
                S3Call call,
                @Nullable Bucket bucket,
                @Nullable S3Failure failure)
                throws InterruptedException {
            var data = built.map(S3Operation::data).orElse(false);
            var caller = S3Records.caller(call, bucket);
            if (caller.account().isEmpty()) {
                stranger("", S3Records.outcome(failure));
                return;
            }
            var record = own(operation, call, bucket, data, S3Records.outcome(failure));
            if (!data || wanted(bucket, record)) {
                ownCalls.record(record);
            }
            settled = true;
        }

        /// Whether a data event is, for the bucket's sake or for that of what is copied.
        private boolean wanted(@Nullable Bucket bucket, OwnRecord record) {
            return Stream.concat(Stream.ofNullable(bucket), copied.map(Copied::bucket).stream())
                    .distinct()
                    .anyMatch(each -> dataEvents.wanted(each).test(record));
        }

        private OwnRecord own(
                Operation operation,
                S3Call call,
                @Nullable Bucket bucket,
                boolean data,
                OwnRecord.Outcome outcome) {
            return records.of(operation.name(), call, bucket, copied, data, outcome, requestId);
        }

        Reply failed(S3Failure failure) {
            var code = failure.code();
            var reply = error(WireError.of(code.awsName(), code.status(), failure.message()));
            // A body that was not read to its end must not be taken for the next request.
            var unread = exchange.contentLength() != 0 && !head.method().equals("GET");
            var closing = unread ? reply.with("Connection", "close") : reply;
            var told = closing;
            for (var header : failure.headers().entrySet()) {
                told = told.with(header.getKey(), header.getValue());
            }
            return code == S3Code.SERVICE_UNAVAILABLE ? told.with("Retry-After", "1") : told;
        }

        private Reply error(WireError error) {
            if (head.method().equals("HEAD") || error.status().equals(Optional.of(304))) {
                return new Reply(error.status().orElse(400), Map.of(), new Reply.Streamed(_ -> {}));
            }
            return ServiceDoor.reply(codec.writeError(service.model(), error, requestId));
        }
    }

    private static final Bucket NO_BUCKET =
            new Bucket("", "", "", java.time.Instant.EPOCH, null, "");
}
