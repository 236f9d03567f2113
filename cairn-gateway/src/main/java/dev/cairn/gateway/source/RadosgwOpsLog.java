package dev.cairn.gateway.source;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.catalog.CatalogException;
import dev.cairn.event.Place;
import dev.cairn.gateway.decoding.Answer;
import dev.cairn.gateway.decoding.DecodedCall;
import dev.cairn.gateway.decoding.Decoding;
import dev.cairn.gateway.decoding.Kept;
import dev.cairn.gateway.decoding.Named;
import dev.cairn.gateway.decoding.ObservedCall;
import dev.cairn.gateway.principal.Principals;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The ops log of Ceph's radosgw (`rgw_enable_ops_log`), one JSON object for each call, as it
/// writes it to a file (`rgw_ops_log_file_path`).
///
/// Members: `rgw_format_ops_log_entry` in Ceph's `rgw_log.cc`. What was asked is read from `uri`,
/// which is method, target and version of the request, as the gateway reads a request itself. The
/// log names the access key since Ceph 17 only (`access_key_id`), the user always.
public final class RadosgwOpsLog implements Source {
    private static final String EVENT_SOURCE = "radosgw.ceph.io";
    private static final String ANONYMOUS = "anonymous";

    /// What radosgw calls calls of STS.
    private static final Set<String> STS =
            Set.of("assume_role", "assume_role_web_identity", "get_session_token");

    private final Who who;

    /// @param principals whose access keys are
    public RadosgwOpsLog(Principals principals) {
        this.who = new Who(principals);
    }

    @Override
    public String name() {
        return "radosgw";
    }

    @Override
    public Heard hear(ObjectNode original, Place place) throws CatalogException {
        var user = original.path("user").asText("");
        return new Heard.Call(
                Times.of(original.path("time")),
                who.of(
                        place.account(),
                        original.path("access_key_id").asText(""),
                        user.equals(ANONYMOUS) ? "" : user),
                text(original, "remote_addr"),
                text(original, "user_agent"),
                call(original, place),
                null);
    }

    private static DecodedCall call(ObjectNode original, Place place) {
        var request = request(original);
        var status = status(original);
        var decoded =
                Decoding.decodeS3(
                        new ObservedCall(
                                request,
                                new Kept(new byte[0], original.path("bytes_received").asLong()),
                                new Answer.Given(
                                        status,
                                        Headers.NONE,
                                        new Kept(new byte[0], original.path("bytes_sent").asLong()),
                                        true),
                                null),
                        place);
        var name = name(original.path("operation").asText(""), isOwn(request), decoded.name());
        var ofS3 = name.eventSource().equals(decoded.name().eventSource());
        var code = text(original, "error_code");
        return new DecodedCall(
                name,
                null,
                null,
                decoded.requestParameters(),
                null,
                status >= 400 ? (code == null ? decoded.errorCode() : code) : null,
                null,
                text(original, "trans_id"),
                ofS3 && !"NoSuchBucket".equals(code) ? decoded.resources() : List.of(),
                ofS3 ? decoded.additionalEventData() : null);
    }

    /// As the request says; that it copies is in its headers, which are not in the log.
    private static Named name(String operation, boolean own, Named byRequest) {
        if (own || byRequest.eventName().equals(Named.UNKNOWN)) {
            return own(operation, own, byRequest);
        }
        return operation.equals("copy_obj")
                ? Decoding.s3("CopyObject").orElse(byRequest)
                : byRequest;
    }

    /// What S3's routes do not name: calls of STS and IAM, which say it in their bodies, and of
    /// radosgw's other interfaces.
    private static Named own(String operation, boolean swift, Named byRequest) {
        if (operation.isEmpty()) {
            return byRequest;
        }
        var name = EventNames.of(operation);
        if (!swift && STS.contains(operation)) {
            return new Named("sts.amazonaws.com", name, true, true);
        }
        var objects = operation.endsWith("_obj") || operation.endsWith("_obj_metadata");
        return new Named(EVENT_SOURCE, name, EventNames.reads(name), !objects);
    }

    /// Swift's paths and the admin's are not buckets.
    private static boolean isOwn(Request request) {
        return request.rawPath().startsWith("/swift/") || request.rawPath().startsWith("/admin/");
    }

    /// A bucket that stood before the host's name is not in the path: there it is put.
    private static Request request(ObjectNode original) {
        var line = original.path("uri").asText("");
        var methodEnd = Math.max(0, line.indexOf(' '));
        var versionAt = line.lastIndexOf(" HTTP/");
        var target = line.substring(methodEnd, Math.max(methodEnd, versionAt)).strip();
        var queryAt = target.indexOf('?');
        var path = queryAt < 0 ? target : target.substring(0, queryAt);
        var request =
                new Request(
                        line.substring(0, methodEnd),
                        path.startsWith("/") ? path : "/" + path,
                        queryAt < 0 ? "" : once(target.substring(queryAt + 1)),
                        Headers.NONE);
        // Of a tenant's bucket, the log says `tenant/bucket`.
        var logged = original.path("bucket").asText("");
        var bucket = logged.substring(logged.lastIndexOf('/') + 1);
        return isOwn(request)
                        || bucket.isEmpty()
                        || bucket.equals("-")
                        || begins(request.rawPath(), bucket)
                ? request
                : new Request(
                        request.method(),
                        "/" + bucket + request.rawPath(),
                        request.rawQuery(),
                        Headers.NONE);
    }

    /// The query without its repetition: radosgw writes the target with it, and then the query.
    private static String once(String query) {
        var middle = query.length() / 2;
        return query.length() % 2 == 1
                        && query.charAt(middle) == '?'
                        && query.startsWith(query.substring(middle + 1))
                ? query.substring(0, middle)
                : query;
    }

    /// Whether the path's first part is the bucket, which may be written `tenant:bucket`.
    private static boolean begins(String path, String bucket) {
        var end = path.indexOf('/', 1);
        var first = path.substring(1, end < 0 ? path.length() : end).replace("%3A", ":");
        return first.substring(first.lastIndexOf(':') + 1).equals(bucket);
    }

    private static int status(ObjectNode original) {
        return original.path("http_status").asInt(0);
    }

    private static @Nullable String text(ObjectNode original, String member) {
        var text = original.path(member).asText("");
        return text.isEmpty() ? null : text;
    }
}
