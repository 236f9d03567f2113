package dev.cairn.gateway.decoding;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Percent;
import dev.cairn.aws.http.Request;
import dev.cairn.gateway.decoding.DecodedCall.Resource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One call to S3, read as CloudTrail records it: bucket, key and host, every query parameter, the
/// headers that say how an object is to be kept, and documents about buckets and objects as JSON.
/// Never an object's bytes, nor a key they are encrypted with, nor a signature.
final class S3Reading {

    static final String EVENT_SOURCE = "s3.amazonaws.com";
    static final String EXPRESS_EVENT_SOURCE = "s3express.amazonaws.com";

    private static final ObjectMapper JSON = new ObjectMapper();

    /// `bucket.s3.eu-west-1.amazonaws.com`, `bucket.s3-eu-west-1…`, `bucket.s3express-usw2-az1…`.
    private static final Pattern VIRTUAL_HOST =
            Pattern.compile("(.+)\\.s3(?:express)?[.-](?!control\\.).*");

    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

    /// Of a presigned query, what is a credential, or no more than the signature's.
    private static final Set<String> CREDENTIALS =
            Set.of(
                    "x-amz-signature",
                    "x-amz-credential",
                    "x-amz-security-token",
                    "x-amz-s3session-token",
                    "signature",
                    "awsaccesskeyid");

    /// Headers that say how the message travels, or that are secrets.
    private static final Set<String> NOT_RECORDED =
            Set.of(
                    "x-amz-date",
                    "x-amz-content-sha256",
                    "x-amz-security-token",
                    "x-amz-s3session-token",
                    "x-amz-region-set",
                    "x-amz-user-agent",
                    "x-amz-decoded-content-length",
                    "x-amz-trailer",
                    "x-amz-te",
                    "x-amz-mfa",
                    "x-amz-cf-id",
                    "x-amz-account-id",
                    "x-amz-server-side-encryption-customer-key",
                    "x-amz-copy-source-server-side-encryption-customer-key",
                    "x-amz-request-id",
                    "x-amz-id-2",
                    "x-amz-bucket-region",
                    "x-amz-replication-status");

    /// Operations on objects whose bodies are documents, and not the object or a list of its parts.
    private static final Set<String> WITH_DOCUMENT =
            Set.of(
                    "DeleteObjects",
                    "PutObjectAcl",
                    "PutObjectTagging",
                    "PutObjectRetention",
                    "PutObjectLegalHold",
                    "RestoreObject",
                    "SelectObjectContent");

    private final Request request;
    private final CallScope scope;
    private final String region;
    private final String host;
    private final String bucket;
    private final String key;
    private final Parameters query;
    private final S3Operation operation;

    /// @param hostNames names under which buckets are addressed as the first label, besides AWS's
    /// @param region where the buckets lie, whatever the request says
    S3Reading(Request request, CallScope scope, Set<String> hostNames, String region) {
        this.request = request;
        this.scope = scope;
        this.region = region;
        this.host = request.headers().first("host").orElse("");
        this.query = Parameters.of(request.rawQuery());
        String rawPath = request.rawPath();
        String path = rawPath.startsWith("/") ? rawPath.substring(1) : rawPath;
        Optional<String> virtual = virtualBucket(host, hostNames);
        if (virtual.isPresent()) {
            bucket = virtual.get();
            key = decoded(path);
        } else {
            int slash = path.indexOf('/');
            bucket = decoded(slash < 0 ? path : path.substring(0, slash));
            key = slash < 0 ? "" : decoded(path.substring(slash + 1));
        }
        this.operation =
                S3Operation.of(
                        request.method(),
                        !bucket.isEmpty(),
                        !key.isEmpty(),
                        query.names(),
                        request.headers().has("x-amz-copy-source"));
    }

    private static Optional<String> virtualBucket(String host, Set<String> hostNames) {
        int colon = host.lastIndexOf(':');
        String name = colon < 0 ? host : host.substring(0, colon);
        for (String own : hostNames) {
            if (name.length() > own.length() + 1 && name.endsWith("." + own)) {
                return Optional.of(name.substring(0, name.length() - own.length() - 1));
            }
        }
        if (name.indexOf(".s3") < 0) {
            return Optional.empty();
        }
        Matcher matcher = VIRTUAL_HOST.matcher(name);
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    private static String decoded(String raw) {
        return raw.indexOf('%') < 0
                ? raw
                : new String(Percent.decodePath(raw), StandardCharsets.UTF_8);
    }

    Named name() {
        return new Named(
                scope.service() == null
                        ? EVENT_SOURCE
                        : switch (scope.service()) {
                            case "s3express" -> EXPRESS_EVENT_SOURCE;
                            case "s3-outposts" -> "s3-outposts.amazonaws.com";
                            default -> EVENT_SOURCE;
                        },
                operation.name(),
                operation.readOnly(),
                !operation.data());
    }

    DecodedCall decode(ObservedCall call, String account) {
        Refused refused = Refused.of(call.answer(), request.method());
        boolean succeeded = refused.code() == null;
        return new DecodedCall(
                name(),
                scope.region(),
                null,
                Limits.document(parameters(call.requestBody())),
                succeeded && !operation.readOnly() ? elements(call.answer()) : null,
                refused.code(),
                refused.message(),
                refused.requestId(),
                "NoSuchBucket".equals(refused.code()) ? List.of() : resources(account),
                Limits.additional(additional(call)));
    }

    private ObjectNode parameters(Kept body) {
        ObjectNode parameters = JSON.createObjectNode();
        if (!bucket.isEmpty()) {
            parameters.put("bucketName", bucket);
        }
        if (!host.isEmpty()) {
            parameters.put("Host", host);
        }
        if (!key.isEmpty()) {
            parameters.put("key", key);
        }
        query(query, parameters);
        for (var field : request.headers().fields()) {
            String name = field.name().toLowerCase(Locale.ROOT);
            if (recorded(name)) {
                Parameters.put(parameters, name, field.value());
            }
        }
        if (hasDocument()) {
            document(body, parameters);
        }
        return parameters;
    }

    /// What nobody knows may carry an object.
    private boolean hasDocument() {
        return operation.data()
                ? WITH_DOCUMENT.contains(operation.name())
                : !operation.name().equals(Named.UNKNOWN);
    }

    /// Every parameter of a query, but what a presigned one could be used again with.
    static void query(Parameters query, ObjectNode parameters) {
        for (var parameter : query.all()) {
            if (!isCredential(parameter.name())) {
                Parameters.put(parameters, parameter.name(), parameter.value());
            }
        }
    }

    /// Whether a query parameter is part of a signature that could be used again.
    static boolean isCredential(String parameter) {
        return CREDENTIALS.contains(parameter.toLowerCase(Locale.ROOT));
    }

    private static boolean recorded(String header) {
        return header.startsWith("x-amz-")
                && !NOT_RECORDED.contains(header)
                && !header.startsWith("x-amz-meta-")
                && !header.startsWith("x-amz-sdk-")
                && (!header.startsWith("x-amz-checksum-") || header.equals("x-amz-checksum-mode"));
    }

    /// A bucket's policy as JSON, any other document under the name of its root element.
    private void document(Kept body, ObjectNode parameters) {
        if (body.bytes().length == 0 || body.cut()) {
            return;
        }
        if (operation.name().equals("PutBucketPolicy")) {
            try {
                parameters.set("bucketPolicy", JSON.readTree(body.bytes()));
            } catch (JsonProcessingException _) {
                // Not JSON: the upstream refuses it, and there is nothing to show.
            } catch (IOException impossible) {
                throw new IllegalStateException("an array can always be read", impossible);
            }
            return;
        }
        documentOf(body, parameters);
    }

    static void documentOf(Kept body, ObjectNode parameters) {
        if (body.bytes().length > 0 && !body.cut() && looksLikeXml(body.bytes())) {
            Element.read(body.bytes()).ifPresent(root -> parameters.set(root.name(), root.json()));
        }
    }

    private static boolean looksLikeXml(byte[] body) {
        int at = 0;
        while (at < body.length && (body[at] <= ' ' || body[at] == (byte) 0xEF)) {
            at++;
        }
        return at < body.length && body[at] == '<';
    }

    /// What the answer's headers say of the object made.
    private static @Nullable JsonNode elements(Answer answer) {
        if (!(answer instanceof Answer.Given given)) {
            return null;
        }
        ObjectNode elements = JSON.createObjectNode();
        for (var field : given.headers().fields()) {
            String name = field.name().toLowerCase(Locale.ROOT);
            if (recorded(name)) {
                Parameters.put(elements, name, field.value());
            }
        }
        return elements.isEmpty() ? null : elements;
    }

    private List<Resource> resources(String account) {
        // A bucket that is only being made is not named, as on AWS.
        if (bucket.isEmpty() || operation.name().equals("CreateBucket")) {
            return List.of();
        }
        boolean express = "s3express".equals(scope.service());
        String partition = Touches.partition(region);
        String arn =
                express
                        ? "arn:"
                                + partition
                                + ":s3express:"
                                + Optional.ofNullable(scope.region()).orElse("")
                                + ":"
                                + account
                                + ":bucket/"
                                + bucket
                        : "arn:" + partition + ":s3:::" + bucket;
        String type = express ? "AWS::S3Express::" : "AWS::S3::";
        var resources = new ArrayList<Resource>();
        if (!key.isEmpty()) {
            resources.add(new Resource(type + "Object", arn + "/" + key, false, null));
        } else if (operation.data()) {
            resources.add(
                    new Resource(
                            type + "Object",
                            arn + "/" + query.first("prefix").orElse(""),
                            true,
                            null));
        }
        resources.add(
                new Resource(
                        express ? "AWS::S3Express::DirectoryBucket" : "AWS::S3::Bucket",
                        arn,
                        false,
                        account));
        return resources;
    }

    private ObjectNode additional(ObservedCall call) {
        return additional(call, scope, request.headers(), !operation.readOnly());
    }

    static ObjectNode additional(
            ObservedCall call, CallScope scope, Headers headers, boolean writes) {
        ObjectNode additional = JSON.createObjectNode();
        if (scope.version() != null) {
            additional.put("SignatureVersion", scope.version());
            additional.put("AuthenticationMethod", scope.inQuery() ? "QueryString" : "AuthHeader");
        }
        if (call.cipherSuite() != null) {
            additional.put("CipherSuite", call.cipherSuite());
        }
        additional.put("bytesTransferredIn", decodedLength(call, headers));
        if (call.answer() instanceof Answer.Given given) {
            given.headers().first("x-amz-id-2").ifPresent(id -> additional.put("x-amz-id-2", id));
            additional.put("bytesTransferredOut", given.body().length());
            encryption(headers, given.headers(), writes)
                    .ifPresent(sse -> additional.put("SSEApplied", sse));
        } else {
            additional.put("bytesTransferredOut", 0);
        }
        return additional;
    }

    /// Of an upload in chunks, the bytes of the object, not those of the chunks' own heads.
    private static long decodedLength(ObservedCall call, Headers headers) {
        String length = headers.first("x-amz-decoded-content-length").orElse("");
        return LENGTH.matcher(length).matches()
                ? Long.parseLong(length)
                : call.requestBody().length();
    }

    /// @param writes whether the call could have asked for another
    private static Optional<String> encryption(Headers asked, Headers given, boolean writes) {
        boolean own = !writes || asked.has("x-amz-server-side-encryption");
        if (given.has("x-amz-server-side-encryption-customer-algorithm")) {
            return Optional.of("SSE_C");
        }
        return given.first("x-amz-server-side-encryption")
                .map(algorithm ->
                        (own ? "" : "Default_")
                                + (algorithm.equals("AES256")
                                        ? "SSE_S3"
                                        : algorithm.equals("aws:kms:dsse")
                                                ? "DSSE_KMS"
                                                : "SSE_KMS"));
    }
}
