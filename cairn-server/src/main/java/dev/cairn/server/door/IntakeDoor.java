package dev.cairn.server.door;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cairn.access.Access;
import dev.cairn.access.Action;
import dev.cairn.access.Context;
import dev.cairn.access.Decision;
import dev.cairn.access.Target;
import dev.cairn.account.Caller;
import dev.cairn.aws.sigv4.AwsChunkedInputStream;
import dev.cairn.aws.sigv4.Refusal;
import dev.cairn.aws.sigv4.Signature;
import dev.cairn.aws.sigv4.Verdict;
import dev.cairn.catalog.CatalogException;
import dev.cairn.event.Place;
import dev.cairn.gateway.source.OtlpLogs;
import dev.cairn.gateway.source.Source;
import dev.cairn.gateway.source.SourceIntake;
import dev.cairn.intake.BodyTooLargeException;
import dev.cairn.intake.Checked;
import dev.cairn.intake.Intake;
import dev.cairn.intake.IntakeAnswer;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Ledger;
import dev.cairn.server.http.Bodies;
import dev.cairn.server.http.BodyException;
import dev.cairn.server.http.Exchange;
import dev.cairn.server.http.PaidInputStream;
import dev.cairn.server.http.Reply;
import dev.cairn.server.http.SpooledBody;
import dev.cairn.server.http.Unpacked;
import dev.cairn.server.own.OwnCalls;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `POST /intake/v1/events`: takes events, and answers when they are on disk. `POST
/// /intake/v1/<source>`: takes what another program's audit log says, in that program's own form.
///
/// Signed as service `cloudtrail`, or with a bearer token. The body is taken in whole and its
/// signed hash checked before the first event is recorded. 200 says what became of each event when
/// at least one was taken or repeated, 400 when every one was refused; 503 means that none was
/// taken.
///
/// A request that is refused as a whole, or fails inside Cairn, leaves an event of its own. One
/// that is only pushed back does not: it comes again, and its event would be one more to push back.
public final class IntakeDoor {
    static final Set<String> SERVICES = Set.of("cloudtrail", "cairn");
    private static final int EVENTS_MAX = 100_000;
    private static final String TOO_LARGE = "RequestEntityTooLargeException";
    private static final String UNAVAILABLE = "ServiceUnavailable";
    private static final Logger LOG = LoggerFactory.getLogger(IntakeDoor.class);

    private final Authenticator authenticator;
    private final Access access;
    private final Ledger ledger;
    private final InstantSource clock;
    private final Limits limits;
    private final Bodies bodies;
    private final Intake intake;
    private final SourceIntake sourceIntake;
    private final Sources sources;
    private final OwnCalls ownCalls;

    /// @param bodyBytesMax the largest body, packed and unpacked
    /// @param eventBytesMax the largest event
    public record Limits(int bodyBytesMax, int eventBytesMax) {}

    /// Programs whose audit logs are taken.
    ///
    /// @param byName under the word that stands in the path
    /// @param region of events for which the path names none
    public record Sources(Map<String, Source> byName, String region) {
        public static Sources of(String region, List<Source> sources) {
            return new Sources(
                    sources.stream().collect(Collectors.toMap(Source::name, Function.identity())),
                    region);
        }
    }

    public IntakeDoor(
            Authenticator authenticator,
            Access access,
            Ledger ledger,
            InstantSource clock,
            Limits limits,
            Bodies bodies,
            Sources sources,
            OwnCalls ownCalls) {
        this.authenticator = authenticator;
        this.access = access;
        this.ledger = ledger;
        this.clock = clock;
        this.limits = limits;
        this.bodies = bodies;
        this.sources = sources;
        this.ownCalls = ownCalls;
        this.intake = new Intake(limits.eventBytesMax(), EVENTS_MAX);
        this.sourceIntake = new SourceIntake(limits.bodyBytesMax(), EVENTS_MAX);
    }

    Reply take(Exchange exchange, Signature signature, String requestId)
            throws InterruptedException {
        var visit = new PathVisit(ownCalls, Action.RECORD_EVENTS, exchange, signature, requestId);
        try {
            return taken(visit);
        } catch (CatalogException failure) {
            LOG.error("request {}: the catalog does not answer", requestId, failure);
            var message = "the catalog does not answer";
            visit.failed(UNAVAILABLE, message);
            return unavailable(message, Duration.ofSeconds(5));
        } catch (RuntimeException unforeseen) {
            LOG.error("request {} failed: {}", requestId, exchange.head(), unforeseen);
            var message = "The request failed inside Cairn: " + requestId;
            visit.failed("InternalFailure", message);
            return error(500, "InternalFailure", message);
        }
    }

    private Reply taken(PathVisit visit) throws CatalogException, InterruptedException {
        var head = visit.exchange().head();
        var found = IntakePath.of(head.rawPath(), sources.byName());
        if (found.isEmpty()) {
            return refused(
                    visit, 404, "UnknownOperationException", IntakePath.expected(sources.byName()));
        }
        var path = found.get();
        if (path.source() instanceof OtlpLogs) {
            var contentType = visit.exchange().header("content-type").orElse("");
            var encoding = OtlpLogs.Encoding.of(contentType);
            if (encoding.isEmpty()) {
                return refused(
                        visit,
                        415,
                        "UnsupportedMediaType",
                        "expected application/x-protobuf or application/json, as OTLP over HTTP has it (over gRPC it is not taken), got '%s'"
                                .formatted(contentType));
            }
            path = path.with(new OtlpLogs(encoding.get()));
        }
        if (!head.method().equals("POST")) {
            return refused(visit, 405, "MethodNotAllowed", "expected POST").with("Allow", "POST");
        }
        try {
            return switch (visit.signature()) {
                case Signature.Signed signed -> signed(visit, path, signed);
                case Signature.Unsigned() -> unsigned(visit, path);
                case Signature.Malformed(Refusal refusal, String detail) ->
                        refused(visit, new Verdict.Refused(refusal, Optional.of(detail)));
            };
        } catch (BodyException failure) {
            return switch (failure.kind()) {
                case TOO_LARGE -> refused(visit, 413, TOO_LARGE, failure.message());
                case TOO_SLOW -> refused(visit, 408, "RequestTimeoutException", failure.message());
                case NO_HASH -> refused(visit, 400, "InvalidRequestException", failure.message());
                case INCOMPLETE -> refused(visit, 400, "IncompleteBody", failure.message());
                case NO_ROOM -> unavailable(failure.message(), Duration.ofSeconds(1));
            };
        } catch (BodyTooLargeException failure) {
            return refused(visit, 413, TOO_LARGE, String.valueOf(failure.getMessage()));
        } catch (IOException failure) {
            return refused(
                    visit,
                    400,
                    "SerializationException",
                    "expected a whole body, plain, gzip or zstd, got one that breaks off: "
                            + failure.getMessage());
        }
    }

    private Reply unsigned(PathVisit visit, IntakePath path)
            throws CatalogException, IOException, InterruptedException {
        var exchange = visit.exchange();
        var caller = authenticator.bearer(exchange);
        if (caller.isEmpty()) {
            return refused(
                            visit,
                            401,
                            "MissingAuthenticationTokenException",
                            "expected a signature, or a token made with 'cairn token create --for intake'")
                    .with("WWW-Authenticate", "Bearer");
        }
        visit.caller(caller.get());
        // Whoever may record nothing is told so before their body is taken in.
        var denied = denied(caller.get(), caller.get().account(), exchange, "");
        if (denied instanceof Decision.Denied(String message)) {
            return refused(visit, 403, "AccessDeniedException", message);
        }
        try (var body = SpooledBody.read(exchange, limits.bodyBytesMax(), false, bodies)) {
            return record(visit, path, caller.get(), "", body.open(), body);
        }
    }

    private Reply signed(PathVisit visit, IntakePath path, Signature.Signed signed)
            throws CatalogException, IOException, InterruptedException {
        if (!SERVICES.contains(signed.scope().service())) {
            return refused(
                    visit,
                    403,
                    "InvalidSignatureException",
                    "expected a signature for the service cloudtrail, got "
                            + signed.scope().service());
        }
        var head = authenticator.head(signed);
        if (head instanceof Authenticator.Head.Refused(var refused)) {
            return refused(visit, refused).with("Connection", "close");
        }
        if (head instanceof Authenticator.Head.Known(Caller known, _)) {
            visit.caller(known);
        }
        var stranger = head instanceof Authenticator.Head.Open;
        try (var body =
                SpooledBody.read(visit.exchange(), limits.bodyBytesMax(), stranger, bodies)) {
            return switch (authenticator.withBody(head, signed, body.sha256())) {
                case Authenticator.Outcome.Refused(var refused) -> refused(visit, refused);
                case Authenticator.Outcome.Known(Caller caller, Verdict.Verified verified) -> {
                    body.known();
                    visit.caller(caller);
                    yield record(
                            visit,
                            path,
                            caller,
                            signed.scope().region(),
                            Authenticator.body(verified, body.open()),
                            body);
                }
            };
        } catch (AwsChunkedInputStream.ChunkException broken) {
            return refused(visit, new Verdict.Refused(broken.refusal(), Optional.empty()));
        }
    }

    /// @param spooled what the content was taken in as; pays for the memory its events take
    private Reply record(
            PathVisit visit,
            IntakePath path,
            Caller caller,
            String region,
            InputStream content,
            SpooledBody spooled)
            throws CatalogException, IOException, InterruptedException {
        try (var unpacked =
                new PaidInputStream(
                        Unpacked.of(content, limits.bodyBytesMax()), spooled::reserve)) {
            return path.source() == null
                    ? events(visit, caller, region, unpacked)
                    : originals(visit, path, path.source(), caller, region, unpacked, spooled);
        }
    }

    private Reply events(PathVisit visit, Caller caller, String region, InputStream body)
            throws IOException, InterruptedException {
        var checked =
                intake.check(
                        body,
                        clock.instant(),
                        account ->
                                denied(caller, account, visit.exchange(), region)
                                        instanceof Decision.Allowed);
        return switch (checked) {
            case Checked.TooMany(int eventsMax) -> tooMany(visit, eventsMax);
            case Checked.Batch batch ->
                    answer(visit, Intake.answer(batch, append(batch)), OptionalInt.empty());
        };
    }

    /// What a source sends belongs to one place, so its account is asked about once. A sender that
    /// is pushed back sends all of it again, and what was taken is known by its id.
    private Reply originals(
            PathVisit visit,
            IntakePath path,
            Source source,
            Caller caller,
            String region,
            InputStream body,
            SpooledBody spooled)
            throws CatalogException, IOException, InterruptedException {
        var place =
                new Place(
                        path.account().isEmpty() ? caller.account() : path.account(),
                        path.region().isEmpty() ? sources.region() : path.region());
        if (denied(caller, place.account(), visit.exchange(), region)
                instanceof Decision.Denied(String message)) {
            return refused(visit, 403, "AccessDeniedException", message);
        }
        var sifted = sourceIntake.sift(source, body, place, clock.instant(), spooled::reserve);
        return switch (sifted.checked()) {
            case Checked.TooMany(int eventsMax) -> tooMany(visit, eventsMax);
            case Checked.Batch batch -> {
                var appended = append(batch);
                var pushedBack = SourceIntake.pushedBack(appended);
                if (pushedBack.isPresent()) {
                    yield notNow(pushedBack.get().reason(), pushedBack.get().retryAfter());
                }
                var answer = Intake.answer(batch, SourceIntake.outcomes(source, appended));
                var reply = answer(visit, answer, OptionalInt.of(sifted.passedOver()));
                yield source instanceof OtlpLogs otlp && reply.status() == 200
                        ? otlp(otlp, answer)
                        : reply;
            }
        };
    }

    /// OTLP has a form of its own for what was done.
    private static Reply otlp(OtlpLogs source, IntakeAnswer answer) {
        var refused = answer.refused();
        return Reply.of(
                200,
                source.encoding().mediaType(),
                source.answer(
                        refused.size(), refused.isEmpty() ? "" : refused.getFirst().message()));
    }

    private List<Append> append(Checked.Batch batch) throws InterruptedException {
        return batch.taken().isEmpty() ? List.of() : ledger.append(batch.taken());
    }

    private static Reply tooMany(PathVisit visit, int eventsMax) throws InterruptedException {
        return refused(
                visit, 413, TOO_LARGE, "expected at most " + eventsMax + " events in a body");
    }

    private Decision denied(Caller caller, String account, Exchange exchange, String region) {
        return access.decide(
                caller,
                account.equals(caller.account())
                        ? Action.RECORD_EVENTS
                        : Action.RECORD_EVENTS_OF_OTHER_ACCOUNTS,
                Target.account(account),
                new Context(
                        clock.instant(), region, exchange.remoteAddress(), exchange.tls() != null));
    }

    /// @param passedOver how many originals of a source are no events; empty for no source, which
    ///   may send nothing at all
    private static Reply answer(PathVisit visit, IntakeAnswer answer, OptionalInt passedOver)
            throws InterruptedException {
        if (answer.pushback() instanceof Append.Pushback(Duration retryAfter, String reason)) {
            return unavailable(reason, retryAfter);
        }
        var json = JsonNodeFactory.instance.objectNode();
        json.put("recorded", answer.recorded());
        json.put("duplicates", answer.duplicates());
        passedOver.ifPresent(count -> json.put("passedOver", count));
        var refused = json.putArray("refused");
        for (var refusal : answer.refused()) {
            refused.addObject()
                    .put("index", refusal.index())
                    .put("code", refusal.code().wireName())
                    .put("message", refusal.message());
        }
        var positions = json.putArray("positions");
        for (var taken : answer.positions()) {
            positions.add(taken.position().toString());
        }
        var done = answer.taken() || (passedOver.isPresent() && answer.refused().isEmpty());
        if (!done) {
            var type = "InvalidEventsException";
            var message =
                    answer.refused().isEmpty()
                            ? "expected at least one event, got none"
                            : "no event was taken: "
                                    + answer.refused().getFirst().code().wireName()
                                    + ": "
                                    + answer.refused().getFirst().message();
            visit.refused(type, message);
            json.put("__type", type);
            json.put("message", message);
        }
        return Reply.of(done ? 200 : 400, "application/json", json.toString());
    }

    private static Reply unavailable(String reason, Duration retryAfter) {
        return notNow("nothing was taken: " + reason, retryAfter);
    }

    private static Reply notNow(String message, Duration retryAfter) {
        return error(503, UNAVAILABLE, message)
                .with("Retry-After", Long.toString(Math.max(1, retryAfter.toSeconds())));
    }

    private static Reply refused(PathVisit visit, Verdict.Refused refused)
            throws InterruptedException {
        visit.caller(null);
        return refused(
                visit,
                refused.refusal().status(Refusal.Dialect.REST_JSON),
                refused.refusal().code(Refusal.Dialect.REST_JSON),
                refused.message(Refusal.Dialect.REST_JSON));
    }

    private static Reply refused(PathVisit visit, int status, String type, String message)
            throws InterruptedException {
        visit.refused(type, message);
        return error(status, type, message);
    }

    private static Reply error(int status, String type, String message) {
        return Reply.of(
                status,
                "application/json",
                JsonNodeFactory.instance
                        .objectNode()
                        .put("__type", type)
                        .put("message", message)
                        .toString());
    }
}
