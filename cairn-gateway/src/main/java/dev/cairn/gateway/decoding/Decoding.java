package dev.cairn.gateway.decoding;

import dev.cairn.aws.http.Request;
import dev.cairn.aws.protocol.CallReader;
import dev.cairn.aws.protocol.CallReader.Asked;
import dev.cairn.aws.protocol.Protocol;
import dev.cairn.aws.shape.ServiceCatalog;
import dev.cairn.aws.style.RecordStyle;
import dev.cairn.event.Place;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes of a call what CloudTrail would record of it.
///
/// The service is the one that the signature is for, or the one that the gateway is told stands
/// behind it; a request with neither is taken for S3's, unless it names an operation. Never throws
/// for what a caller or an upstream can send. Safe for use by many threads.
public final class Decoding {

    private static final String S3 = "s3";
    private static final String S3_CONTROL = "s3-control";
    private static final String S3_CONTROL_PATH = "/v20180820/";

    private final CallReader reader;
    private final Kinds kinds = new Kinds();
    private final ModelReading models;
    private final Ec2Reading ec2;
    private final Set<String> bucketHosts;
    private final int unpackedBytesMax;
    private final String region;

    /// @param bucketHosts host names under which S3's buckets are addressed as a first label,
    ///   besides AWS's own: `s3.example.com` for `finance.s3.example.com`
    /// @param unpackedBytesMax of a body that travels packed, what is unpacked to be read
    /// @param region where S3's buckets lie, as the operator says: what a signature says of it is
    ///   its caller's choice, and must not make another bucket of one
    public Decoding(
            ServiceCatalog services, Set<String> bucketHosts, int unpackedBytesMax, String region) {
        this.unpackedBytesMax = unpackedBytesMax;
        this.reader = new CallReader(services);
        this.models = new ModelReading(reader, kinds);
        this.ec2 = new Ec2Reading(kinds);
        this.bucketHosts = Set.copyOf(bucketHosts);
        this.region = region;
    }

    /// What a request asks for, told before it is passed on.
    ///
    /// @param body as much of it as is there: the query protocols name the operation in it
    /// @param service the signing name of the service behind the gateway; null where the request is
    ///   to say
    public Named name(Request request, byte[] body, @Nullable String service) {
        CallScope scope = CallScope.of(request);
        Posted posted = posted(request, scope, service, Kept.whole(body));
        String wanted = service(scope, request, posted, service);
        if (isS3(wanted)) {
            return new S3Reading(request, scope, bucketHosts, region).name();
        }
        if (posted.ambiguous()) {
            return ambiguous(wanted);
        }
        byte[] plain = posted.body().bytes();
        Named name =
                reader.find(request, plain, wanted)
                        .map(models::name)
                        .orElseGet(() -> plainName(request, plain, wanted));
        return posted.sure()
                ? name
                : new Named(name.eventSource(), name.eventName(), false, name.managementEvent());
    }

    /// What the whole call says.
    ///
    /// @param sent with bodies as they travelled
    /// @param service as for [#name]
    /// @param account the caller's, in which what is named without an account lies
    public DecodedCall decode(ObservedCall sent, @Nullable String service, String account) {
        Request request = sent.request();
        CallScope scope = CallScope.of(request);
        Posted posted = posted(request, scope, service, sent.requestBody());
        String wanted = service(scope, request, posted, service);
        ObservedCall call =
                new ObservedCall(
                        request,
                        posted.body(),
                        unpacked(wanted, sent.answer()),
                        sent.cipherSuite());
        if (isS3(wanted)) {
            return new S3Reading(request, scope, bucketHosts, region).decode(call, account);
        }
        if (posted.ambiguous()) {
            Kept hidden = new Kept(new byte[0], posted.body().length(), true);
            return plain(
                    new ObservedCall(request, hidden, call.answer(), call.cipherSuite()),
                    scope,
                    ambiguous(wanted),
                    wanted);
        }
        Optional<Asked> found = reader.find(request, call.requestBody().bytes(), wanted);
        if (found.isEmpty()) {
            return plain(
                    call, scope, plainName(request, call.requestBody().bytes(), wanted), wanted);
        }
        Asked asked = found.get();
        if (wanted.equals(S3_CONTROL)) {
            return S3Control.decode(models.name(asked), call, scope);
        }
        return asked.protocol() == Protocol.EC2
                ? ec2.decode(asked, models.name(asked), call, scope.region())
                : models.decode(asked, call, scope.region(), account);
    }

    /// Of S3, packed bodies are objects that are to be kept so.
    private Posted posted(Request request, CallScope scope, @Nullable String told, Kept body) {
        String service = scope.service() == null ? told : scope.service();
        return service != null && isS3(service)
                ? Posted.ofObject(body)
                : Posted.of(request, body, unpackedBytesMax);
    }

    private Answer unpacked(String service, Answer answer) {
        return answer instanceof Answer.Given(var status, var headers, var body, var whole)
                        && !(status < 300 && isS3(service))
                ? new Answer.Given(
                        status, headers, Packed.of(headers, body, unpackedBytesMax).body(), whole)
                : answer;
    }

    /// What a call to S3 says that somebody else saw and told of; buckets stand in its path.
    ///
    /// @param place where it happened: the caller's account, as for [#decode], and the region
    public static DecodedCall decodeS3(ObservedCall call, Place place) {
        return new S3Reading(call.request(), CallScope.of(call.request()), Set.of(), place.region())
                .decode(call, place.account());
    }

    /// What S3 calls an operation; empty for none of its own.
    public static Optional<Named> s3(String eventName) {
        return S3Operation.named(eventName)
                .map(operation ->
                        new Named(
                                S3Reading.EVENT_SOURCE,
                                operation.name(),
                                operation.readOnly(),
                                !operation.data()));
    }

    /// A service that is told goes before what a request claims only where it claims nothing: one
    /// gateway may stand before many.
    private static String service(
            CallScope scope, Request request, Posted posted, @Nullable String told) {
        if (scope.service() != null) {
            return scope.service().equals(S3) && isS3Control(request)
                    ? S3_CONTROL
                    : scope.service();
        }
        if (told != null) {
            return told;
        }
        return posted.ambiguous()
                        || PlainReading.operation(request, posted.body().bytes()).isPresent()
                ? ""
                : S3;
    }

    /// A call that may be another one than it seems: a change, for all that is known.
    private static Named ambiguous(String service) {
        return new Named(eventSource(service), Named.UNKNOWN, false, true);
    }

    private static String eventSource(String service) {
        return (service.isEmpty() ? "unknown" : Habits.source(service)) + ".amazonaws.com";
    }

    private static boolean isS3(String service) {
        return service.equals(S3) || service.equals("s3express") || service.equals("s3-outposts");
    }

    private static boolean isS3Control(Request request) {
        return request.rawPath().startsWith(S3_CONTROL_PATH)
                && request.headers().has("x-amz-account-id");
    }

    private Named plainName(Request request, byte[] body, String service) {
        String source = service.isEmpty() ? "unknown" : Habits.source(service);
        Optional<String> operation = PlainReading.operation(request, body);
        boolean reads =
                operation
                        .map(name -> kinds.readOnly(source, name))
                        .orElse(request.method().equals("GET") || request.method().equals("HEAD"));
        return new Named(
                source + ".amazonaws.com",
                operation.orElse(Named.UNKNOWN),
                reads,
                operation.map(name -> kinds.management(source, name)).orElse(true));
    }

    private static DecodedCall plain(
            ObservedCall call, CallScope scope, Named name, String service) {
        Request request = call.request();
        RecordStyle style = Habits.style(Habits.source(service));
        Refused refused = Refused.of(call.answer(), request.method());
        boolean shows =
                refused.code() == null
                        && !name.readOnly()
                        && !name.eventName().equals(Named.UNKNOWN)
                        && call.answer() instanceof Answer.Given given
                        && !given.body().cut();
        return new DecodedCall(
                name,
                scope.region(),
                null,
                Limits.document(PlainReading.parameters(request, call.requestBody(), style)),
                shows && call.answer() instanceof Answer.Given given
                        ? Limits.document(PlainReading.document(given.body().bytes(), style))
                        : null,
                refused.code(),
                refused.message(),
                refused.requestId(),
                List.of(),
                null);
    }
}
