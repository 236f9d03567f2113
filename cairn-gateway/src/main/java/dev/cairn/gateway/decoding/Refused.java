package dev.cairn.gateway.decoding;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.protocol.CallReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What an answer says of the call's fate, in whatever protocol: JSON's `__type`, XML's `Code`, a
/// header.
///
/// @param code null when the call succeeded
/// @param message null when there is none
/// @param requestId null when the upstream gave none
record Refused(@Nullable String code, @Nullable String message, @Nullable String requestId) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /// What an answer without a document means, by its status.
    private static final Map<Integer, String> BARE =
            Map.of(
                    301, "PermanentRedirect",
                    304, "NotModified",
                    400, "BadRequest",
                    403, "AccessDenied",
                    404, "NotFound",
                    405, "MethodNotAllowed",
                    409, "Conflict",
                    412, "PreconditionFailed",
                    503, "ServiceUnavailable");

    /// What became of the call, every text within CloudTrail's limits.
    static Refused of(Answer answer, String method) {
        Refused said = unlimited(answer, method);
        return new Refused(
                Limits.text(said.code), Limits.text(said.message), Limits.text(said.requestId));
    }

    /// The same, with the request id that the query protocols put into the answers of calls that
    /// succeed, where no header has one.
    Refused withIdOf(Answer answer) {
        if (requestId != null
                || !(answer instanceof Answer.Given(_, _, var body, _))
                || body.cut()
                || body.bytes().length == 0) {
            return this;
        }
        return Element.read(body.bytes())
                .flatMap(root ->
                        root.child("ResponseMetadata")
                                .flatMap(metadata -> metadata.child("RequestId"))
                                .or(() -> root.child("requestId")))
                .map(id -> new Refused(code, message, Limits.text(id.text().strip())))
                .orElse(this);
    }

    private static Refused unlimited(Answer answer, String method) {
        return switch (answer) {
            case Answer.None(var why) -> unanswered(why);
            case Answer.Given given when !given.whole() ->
                    new Refused(
                            "UpstreamCut",
                            "The upstream's answer ended early: status "
                                    + given.status()
                                    + ", "
                                    + given.body().length()
                                    + " bytes of its body",
                            requestId(given.headers()));
            case Answer.Given given -> given(given, method);
        };
    }

    private static Refused unanswered(Answer.Why why) {
        return switch (why) {
            case TIMEOUT ->
                    new Refused("UpstreamTimeout", "The upstream did not answer in time", null);
            case RESET ->
                    new Refused(
                            "UpstreamReset",
                            "The upstream closed the connection before it answered",
                            null);
            case REFUSED ->
                    new Refused("UpstreamUnavailable", "The upstream could not be reached", null);
            case TURNED_AWAY ->
                    new Refused("ServiceUnavailable", "The gateway turned the call away", null);
        };
    }

    private static Refused given(Answer.Given given, String method) {
        String requestId = requestId(given.headers());
        boolean notModified = given.status() == 304;
        if (given.status() < 300 && !errorInSuccess(given)) {
            return new Refused(null, null, requestId);
        }
        byte[] body = given.body().bytes();
        Optional<Refused> said = method.equals("HEAD") ? Optional.empty() : said(body, requestId);
        if (said.isPresent() && said.get().code != null) {
            return said.get();
        }
        Optional<String> type = given.headers().first("x-amzn-errortype").map(Refused::bare);
        String message = said.map(Refused::message).orElse(null);
        return new Refused(
                type.or(() -> given.headers().first("x-amz-error-code"))
                        .orElse(BARE.getOrDefault(given.status(), "Status" + given.status())),
                message != null || notModified
                        ? message
                        : given.headers().first("x-amz-error-message").orElse(null),
                requestId);
    }

    /// S3 may begin an answer with 200 and find out later: an `Error` document is an error.
    private static boolean errorInSuccess(Answer.Given given) {
        byte[] body = given.body().bytes();
        String type = given.headers().first("content-type").orElse("");
        if (body.length < 7 || body.length > 8192 || !type.contains("xml")) {
            return false;
        }
        String start = new String(body, 0, Math.min(body.length, 256), StandardCharsets.UTF_8);
        int declaration = start.indexOf("?>");
        return start.substring(declaration < 0 ? 0 : declaration + 2).strip().startsWith("<Error>");
    }

    private static Optional<Refused> said(byte[] body, @Nullable String requestId) {
        int at = 0;
        while (at < body.length && isBlank(body[at])) {
            at++;
        }
        if (at == body.length) {
            return Optional.empty();
        }
        if (body[at] == '{') {
            return json(body, requestId);
        }
        return body[at] == '<'
                ? Element.read(body).map(root -> xml(root, requestId))
                : CallReader.cbor(body)
                        .filter(JsonNode::isObject)
                        .map(tree -> json(tree, requestId));
    }

    /// White space, or the first byte of a byte order mark.
    private static boolean isBlank(byte b) {
        return (b <= ' ' && b >= 0) || b == (byte) 0xEF;
    }

    private static Optional<Refused> json(byte[] body, @Nullable String requestId) {
        try {
            return Optional.of(json(JSON.readTree(body), requestId));
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    private static Refused json(JsonNode error, @Nullable String requestId) {
        String code = first(error, "__type", "code", "Code", "errorCode");
        return new Refused(
                code == null ? null : bare(code),
                first(error, "message", "Message", "errorMessage", "error_description"),
                requestId);
    }

    private static Refused xml(Element root, @Nullable String requestId) {
        String id =
                requestId != null
                        ? requestId
                        : root.find("RequestId").or(() -> root.find("RequestID")).orElse(null);
        return new Refused(
                root.find("Code").map(String::strip).orElse(null),
                root.find("Message").or(() -> root.find("message")).orElse(null),
                id);
    }

    private static @Nullable String first(JsonNode object, String... names) {
        for (String name : names) {
            if (object.path(name).isTextual()) {
                return object.path(name).textValue();
            }
        }
        return null;
    }

    /// `com.amazonaws.x#NoSuchThing:http://…` without what stands before and after.
    private static String bare(String type) {
        String after = type.substring(type.lastIndexOf('#') + 1);
        int colon = after.indexOf(':');
        return colon < 0 ? after : after.substring(0, colon);
    }

    /// The upstream's own name for the call, wherever it puts it.
    static @Nullable String requestId(Headers headers) {
        return headers.first("x-amzn-requestid")
                .or(() -> headers.first("x-amz-request-id"))
                .or(() -> headers.first("x-amzn-request-id"))
                .orElse(null);
    }
}
