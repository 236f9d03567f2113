package dev.cairn.gateway.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Percent;
import dev.cairn.aws.http.Request;
import dev.cairn.catalog.CatalogException;
import dev.cairn.event.Place;
import dev.cairn.gateway.decoding.Answer;
import dev.cairn.gateway.decoding.DecodedCall;
import dev.cairn.gateway.decoding.Decoding;
import dev.cairn.gateway.decoding.Kept;
import dev.cairn.gateway.decoding.Named;
import dev.cairn.gateway.decoding.ObservedCall;
import dev.cairn.gateway.principal.ClaimedKey;
import dev.cairn.gateway.principal.Principals;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/// MinIO's audit log, as its webhook sends it: one JSON object for each call, `version` 1.
///
/// Members and their meaning: the type `audit.Entry` in MinIO's package `logger/message/audit`.
/// Operations are called by MinIO's own names there, which for S3 are mostly the API's, sometimes
/// not (`PutObjectPart`). Before it sends anything, MinIO tries its webhook with an empty object,
/// and goes on without it when that is not answered with success: this is passed over.
public final class MinioAudit implements Source {
    private static final String ADMIN = "admin.min.io";

    /// MinIO's names where CloudTrail has others.
    private static final Map<String, String> RENAMED =
            Map.ofEntries(
                    Map.entry("PutBucket", "CreateBucket"),
                    Map.entry("MakeBucket", "CreateBucket"),
                    Map.entry("ListObjectsV1", "ListObjects"),
                    Map.entry("ListObjectsV2", "ListObjects"),
                    Map.entry("ListObjectsV2M", "ListObjects"),
                    Map.entry("ListObjectVersionsM", "ListObjectVersions"),
                    Map.entry("ListObjectParts", "ListParts"),
                    Map.entry("NewMultipartUpload", "CreateMultipartUpload"),
                    Map.entry("PutObjectPart", "UploadPart"),
                    Map.entry("CopyObjectPart", "UploadPartCopy"),
                    Map.entry("DeleteMultipleObjects", "DeleteObjects"),
                    Map.entry("PostPolicyBucket", "PostObject"),
                    Map.entry("PostRestoreObject", "RestoreObject"),
                    Map.entry("SelectObject", "SelectObjectContent"),
                    Map.entry("GetBucketACL", "GetBucketAcl"),
                    Map.entry("PutBucketACL", "PutBucketAcl"),
                    Map.entry("GetObjectACL", "GetObjectAcl"),
                    Map.entry("PutObjectACL", "PutObjectAcl"),
                    Map.entry("GetBucketObjectLockConfig", "GetBucketObjectLockConfiguration"),
                    Map.entry("PutBucketObjectLockConfig", "PutBucketObjectLockConfiguration"),
                    Map.entry("GetBucketReplicationConfig", "GetBucketReplication"),
                    Map.entry("PutBucketReplicationConfig", "PutBucketReplication"),
                    Map.entry("DeleteBucketReplicationConfig", "DeleteBucketReplication"));

    private final Who who;

    /// @param principals whose access keys are
    public MinioAudit(Principals principals) {
        this.who = new Who(principals);
    }

    @Override
    public String name() {
        return "minio";
    }

    @Override
    public Heard hear(ObjectNode original, Place place) throws CatalogException {
        if (original.isEmpty()) {
            return new Heard.Nothing();
        }
        var api = original.path("api");
        var operation = api.path("name").asText("");
        var eventName = RENAMED.getOrDefault(operation, operation);
        var request = request(original, eventName);
        var claimed = ClaimedKey.of(request).orElse("");
        var key = original.path("accessKey").asText(claimed);
        var parent = original.path("parentUser").asText("");
        return new Heard.Call(
                Times.of(original.path("time")),
                who.of(place.account(), key, parent.isEmpty() ? key : parent),
                text(original, "remotehost"),
                text(original, "userAgent"),
                call(original, request, eventName, place),
                null);
    }

    private static DecodedCall call(
            ObjectNode original, Request request, String eventName, Place place) {
        var api = original.path("api");
        var status = api.path("statusCode").asInt(0);
        var decoded =
                Decoding.decodeS3(
                        new ObservedCall(
                                request,
                                new Kept(new byte[0], api.path("rx").asLong()),
                                new Answer.Given(
                                        status,
                                        headers(original.path("responseHeader")),
                                        new Kept(new byte[0], api.path("tx").asLong()),
                                        true),
                                null),
                        place);
        var name = named(eventName, api, decoded.name());
        var ofS3 = name.eventSource().equals(decoded.name().eventSource());
        var failed = status >= 400;
        return new DecodedCall(
                name,
                null,
                null,
                ofS3 ? withHost(decoded.requestParameters(), original) : asked(original),
                failed ? null : decoded.responseElements(),
                failed ? decoded.errorCode() : null,
                failed ? text(original, "error") : null,
                text(original, "requestID"),
                ofS3 ? decoded.resources() : List.of(),
                ofS3 ? decoded.additionalEventData() : null);
    }

    /// A name of S3's is S3's, and so is what is done to a bucket; roles are assumed at STS; the
    /// rest is how MinIO is run.
    private static Named named(String eventName, JsonNode api, Named byRequest) {
        var known = Decoding.s3(eventName);
        if (known.isPresent()) {
            return known.get();
        }
        if (eventName.isEmpty()) {
            return byRequest;
        }
        var name = EventNames.of(eventName);
        if (eventName.startsWith("AssumeRole")) {
            // As AWS has it.
            return new Named("sts.amazonaws.com", name, true, true);
        }
        return new Named(
                api.path("bucket").asText("").isEmpty() ? ADMIN : byRequest.eventSource(),
                name,
                EventNames.reads(name),
                true);
    }

    /// The request that MinIO tells of. It does not say the method: that follows from the
    /// operation.
    private static Request request(ObjectNode original, String eventName) {
        var api = original.path("api");
        var path = new StringBuilder("/");
        var bucket = api.path("bucket").asText("");
        if (!bucket.isEmpty()) {
            path.append(Percent.encode(bucket.getBytes(UTF_8)));
            var object = api.path("object").asText("");
            if (!object.isEmpty()) {
                path.append('/').append(Percent.encode(object.getBytes(UTF_8)));
            }
        }
        // Where the name of a bucket may stand before the host's, only MinIO knows.
        return new Request(
                method(eventName),
                path.toString(),
                query(original.path("requestQuery")),
                headers(original.path("requestHeader")).without("Host"));
    }

    private static String method(String eventName) {
        if (eventName.equals("DeleteObjects")) {
            return "POST";
        }
        return switch (EventNames.verb(eventName)) {
            case "Get", "List", "Listen" -> "GET";
            case "Head" -> "HEAD";
            case "Delete", "Abort" -> "DELETE";
            case "Put", "Copy", "Upload" -> "PUT";
            default -> eventName.equals("CreateBucket") ? "PUT" : "POST";
        };
    }

    private static String query(JsonNode parameters) {
        var query = new StringJoiner("&");
        for (var parameter : parameters.properties()) {
            query.add(
                    Percent.encode(parameter.getKey().getBytes(UTF_8))
                            + "="
                            + Percent.encode(parameter.getValue().asText().getBytes(UTF_8)));
        }
        return query.toString();
    }

    private static Headers headers(JsonNode told) {
        var fields = new ArrayList<Headers.Field>();
        for (var field : told.properties()) {
            fields.add(new Headers.Field(field.getKey(), field.getValue().asText()));
        }
        return new Headers(fields);
    }

    private static @Nullable JsonNode withHost(@Nullable JsonNode parameters, ObjectNode original) {
        var host =
                original.path("requestHost")
                        .asText(headers(original.path("requestHeader")).first("Host").orElse(""));
        if (parameters instanceof ObjectNode object && !host.isEmpty()) {
            object.put("Host", host);
        }
        return parameters;
    }

    /// Of calls that are not S3's: their path and the query.
    private static @Nullable JsonNode asked(ObjectNode original) {
        var asked = JsonNodeFactory.instance.objectNode();
        if (original.path("requestPath").isTextual()) {
            asked.put("requestPath", original.path("requestPath").textValue());
        }
        if (original.path("requestQuery") instanceof ObjectNode query && !query.isEmpty()) {
            asked.set("requestQuery", Shown.withoutSecrets(query));
        }
        return asked.isEmpty() ? null : asked;
    }

    private static @Nullable String text(ObjectNode original, String member) {
        var text = original.path(member).asText("");
        return text.isEmpty() ? null : text;
    }
}
