package dev.cairn.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.gateway.recording.CallEvent;
import java.util.Locale;

/// What the gateway itself tells a client, where the upstream has no say: a closed table.
///
/// @param status the HTTP status
/// @param code for client and record
/// @param message the same
record GatewayError(int status, String code, String message) {

    static GatewayError refused(String message) {
        return new GatewayError(502, "UpstreamUnavailable", message);
    }

    static GatewayError timeout(String message) {
        return new GatewayError(
                504, "UpstreamTimeout", message + "; whether the call took effect is not known");
    }

    static GatewayError reset(String message) {
        return new GatewayError(
                502, "UpstreamReset", message + "; whether the call took effect is not known");
    }

    static GatewayError malformed(String message) {
        return new GatewayError(
                502, "UpstreamMalformed", message + "; whether the call took effect is not known");
    }

    static GatewayError cut(String message) {
        return new GatewayError(502, "UpstreamCut", message);
    }

    static GatewayError incomplete(String message) {
        return new GatewayError(400, "IncompleteBody", message);
    }

    static GatewayError unsendable(String message) {
        return new GatewayError(400, "InvalidRequest", message);
    }

    static GatewayError slow(String message) {
        return new GatewayError(408, "RequestTimeout", message);
    }

    static GatewayError methodNotAllowed(String method) {
        return new GatewayError(405, "MethodNotAllowed", "the gateway passes no " + method + " on");
    }

    static GatewayError cannotRecord(String reason) {
        return new GatewayError(
                503, "ServiceUnavailable", "The call was not passed on: " + reason + ".");
    }

    static GatewayError heldBack(String reason) {
        return new GatewayError(
                503, "ServiceUnavailable", "The answer is held back: " + reason + ".");
    }

    /// What is recorded when the gateway does not live to say more.
    static GatewayError outcomeUnknown() {
        return new GatewayError(
                500,
                "OutcomeUnknown",
                "the gateway ended with this call in its hands; whether it took effect, and what of the answer was seen, is not known");
    }

    static GatewayError passedAndNotRecorded(String reason) {
        return new GatewayError(
                503,
                "ServiceUnavailable",
                "The call was passed on and cannot be recorded: " + reason + ".");
    }

    CallEvent.Fault recorded() {
        return new CallEvent.Fault(code, message);
    }

    /// The answer, in the form that the request's protocol has for errors. The connection ends with
    /// it: of the request, there may be more to come.
    ///
    /// @param s3 whether the call is one of S3's
    Relay relay(Request request, boolean s3, String requestId) {
        var json =
                request.headers().has("x-amz-target")
                        || request.headers()
                                .first("content-type")
                                .orElse("")
                                .toLowerCase(Locale.ROOT)
                                .contains("json");
        var body = (json ? json() : s3 ? s3(requestId) : query(requestId)).getBytes(UTF_8);
        var headers =
                Headers.of(
                        "Content-Type",
                        json ? "application/x-amz-json-1.0" : "application/xml",
                        "Content-Length",
                        Integer.toString(body.length),
                        "x-amzn-ErrorType",
                        code,
                        s3 ? "x-amz-request-id" : "x-amzn-RequestId",
                        requestId,
                        "Connection",
                        "close");
        return new Relay(
                status,
                status == 503 ? headers.plus("Retry-After", "1") : headers,
                () -> Headers.NONE,
                out -> {
                    if (!request.method().equals("HEAD")) {
                        out.write(body);
                    }
                });
    }

    private String json() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("__type", code)
                .put("message", message)
                .toString();
    }

    private String s3(String requestId) {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code><Message>%s</Message><RequestId>%s</RequestId></Error>"
                .formatted(code, escaped(message), requestId);
    }

    private String query(String requestId) {
        return "<ErrorResponse><Error><Type>%s</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>%s</RequestId></ErrorResponse>"
                .formatted(status < 500 ? "Sender" : "Receiver", code, escaped(message), requestId);
    }

    private static String escaped(String text) {
        var out = new StringBuilder();
        text.codePoints()
                .forEach(c -> {
                    switch (c) {
                        case '<' -> out.append("&lt;");
                        case '>' -> out.append("&gt;");
                        case '&' -> out.append("&amp;");
                        default -> out.appendCodePoint(c < ' ' ? ' ' : c);
                    }
                });
        return out.toString();
    }
}
