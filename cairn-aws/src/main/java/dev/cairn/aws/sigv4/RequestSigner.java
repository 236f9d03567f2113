package dev.cairn.aws.sigv4;

import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Signs requests as a client does. Safe for use by many threads.
public final class RequestSigner {

    /// Changed or added on the way by proxies and HTTP clients, so never signed.
    private static final Set<String> NEVER_SIGNED =
            Set.of(
                    "authorization",
                    "connection",
                    "content-length",
                    "expect",
                    "keep-alive",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "upgrade",
                    "user-agent",
                    "x-amzn-trace-id");

    private final String accessKeyId;
    private final String secretKey;
    private final Optional<String> sessionToken;
    private final String region;
    private final String service;

    /// @param service the signing name, for example `cloudtrail`
    public RequestSigner(
            String accessKeyId,
            String secretKey,
            Optional<String> sessionToken,
            String region,
            String service) {
        this.accessKeyId = accessKeyId;
        this.secretKey = secretKey;
        this.sessionToken = sessionToken;
        this.region = region;
        this.service = service;
    }

    /// The same request with `X-Amz-Date`, `X-Amz-Security-Token` (if there is one),
    /// `x-amz-content-sha256` (for S3 and whatever is not a plain hash of the body) and
    /// `Authorization` added. `Host` must be among its headers.
    ///
    /// @param payload [Payload.Whole] is signed as the hash given
    /// @param bodySha256 64 lower-case hex digits
    public Request sign(Request request, Payload payload, String bodySha256, Instant now) {
        Scope scope = scope(now);
        Headers headers =
                request.headers()
                        .without("authorization")
                        .without("x-amz-date")
                        .plus("X-Amz-Date", AmzDate.format(now));
        if (sessionToken.isPresent()) {
            headers =
                    headers.without("x-amz-security-token")
                            .plus("X-Amz-Security-Token", sessionToken.get());
        }
        if (scope.isS3() || !(payload instanceof Payload.Whole)) {
            headers =
                    headers.without("x-amz-content-sha256")
                            .plus("x-amz-content-sha256", payload.canonical(bodySha256));
        }
        Request unsigned = request.with(headers);
        List<String> names = signedHeaders(headers);
        String signature = signature(unsigned, scope, names, payload.canonical(bodySha256), now);
        return request.with(
                headers.plus(
                        "Authorization",
                        SignatureReader.ALGORITHM
                                + " Credential="
                                + accessKeyId
                                + "/"
                                + scope.path()
                                + ", SignedHeaders="
                                + String.join(";", names)
                                + ", Signature="
                                + signature));
    }

    /// The same request with the signature in its query.
    ///
    /// @param validFor 1 second to 7 days
    public Request presign(
            Request request, Payload payload, String bodySha256, Instant now, Duration validFor) {
        Scope scope = scope(now);
        List<String> names = signedHeaders(request.headers());
        String query =
                (request.rawQuery().isEmpty() ? "" : request.rawQuery() + "&")
                        + "X-Amz-Algorithm="
                        + SignatureReader.ALGORITHM
                        + "&X-Amz-Credential="
                        + Canonical.encode(accessKeyId + "/" + scope.path())
                        + "&X-Amz-Date="
                        + AmzDate.format(now)
                        + "&X-Amz-Expires="
                        + validFor.toSeconds()
                        + "&X-Amz-SignedHeaders="
                        + Canonical.encode(String.join(";", names))
                        + sessionToken
                                .map(token -> "&X-Amz-Security-Token=" + Canonical.encode(token))
                                .orElse("");
        var unsigned = new Request(request.method(), request.rawPath(), query, request.headers());
        String signature = signature(unsigned, scope, names, payload.canonical(bodySha256), now);
        return new Request(
                request.method(),
                request.rawPath(),
                query + "&X-Amz-Signature=" + signature,
                request.headers());
    }

    private Scope scope(Instant now) {
        return new Scope(accessKeyId, AmzDate.format(now).substring(0, 8), region, service);
    }

    private String signature(
            Request request, Scope scope, List<String> names, String payload, Instant now) {
        return SignatureVerifier.signature(
                SigningKeys.derive(secretKey, scope),
                scope,
                now,
                Canonical.request(request, scope.isS3(), names, payload));
    }

    private static List<String> signedHeaders(Headers headers) {
        if (!headers.has("host")) {
            throw new IllegalArgumentException("expected a Host header: it is always signed");
        }
        return headers.names().stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .filter(name -> !NEVER_SIGNED.contains(name))
                .sorted()
                .toList();
    }

    @Override
    public String toString() {
        return "RequestSigner[" + accessKeyId + " " + region + "/" + service + "]";
    }
}
