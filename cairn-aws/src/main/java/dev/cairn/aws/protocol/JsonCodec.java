package dev.cairn.aws.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.http.Response;
import dev.cairn.aws.shape.Member;
import dev.cairn.aws.shape.Operation;
import dev.cairn.aws.shape.ServiceModel;
import dev.cairn.aws.shape.Shape;
import java.io.IOException;
import java.util.Optional;

/// json 1.0 and 1.1: the operation in `X-Amz-Target`, JSON in and out.
public final class JsonCodec implements Codec {

    private static final JsonReader READER = new JsonReader(false);

    private final Protocol protocol;
    private final String contentType;

    JsonCodec(Protocol protocol) {
        this.protocol = protocol;
        this.contentType =
                "application/x-amz-json-" + (protocol == Protocol.JSON_1_0 ? "1.0" : "1.1");
    }

    @Override
    public Protocol protocol() {
        return protocol;
    }

    @Override
    public Call parse(ServiceModel model, Request request, byte[] body) {
        Optional<Operation> found = operation(model, request);
        if (found.isEmpty()) {
            return new Call.Refused(
                    found,
                    WireError.of(
                            CommonError.UNKNOWN_OPERATION,
                            protocol,
                            "The requested operation is not recognized by the service."));
        }
        try {
            return new Call.Parsed(found.get(), input(found.get(), body));
        } catch (Malformed e) {
            return new Call.Refused(
                    found, WireError.of(CommonError.SERIALIZATION, protocol, e.sentence()));
        }
    }

    /// botocore and the Java SDK send the model's whole prefix, Smithy's SDKs only its last word.
    static Optional<Operation> operation(ServiceModel model, Request request) {
        String target = request.headers().first("x-amz-target").orElse("");
        String prefix = model.metadata().targetPrefix().orElse("");
        int dot = target.lastIndexOf('.');
        String given = dot < 0 ? "" : target.substring(0, dot);
        return given.equals(prefix) || given.equals(prefix.substring(prefix.lastIndexOf('.') + 1))
                ? model.operation(target.substring(dot + 1))
                : Optional.empty();
    }

    private static ObjectNode input(Operation operation, byte[] body) throws Malformed {
        return document(body, operation.input().orElse(Nothing.SHAPE), READER);
    }

    /// A whole body; an empty one is an empty structure.
    static ObjectNode document(byte[] body, Shape.Structure shape, JsonReader reader)
            throws Malformed {
        return body.length == 0
                ? JsonNodeFactory.instance.objectNode()
                : (ObjectNode) reader.read(body, shape);
    }

    @Override
    public Response write(
            ServiceModel model, Operation operation, ObjectNode output, String requestId) {
        byte[] body = JsonWriter.bytes(output, operation.output().orElse(Nothing.SHAPE));
        return new Response(200, headers(requestId), body);
    }

    @Override
    public Response writeError(ServiceModel model, WireError error, String requestId) {
        Optional<Shape.Structure> shape = model.error(error.code());
        Headers headers = headers(requestId);
        if (model.metadata().queryCompatible()) {
            headers = withQueryError(headers, error, shape);
        }
        byte[] body =
                JsonWriter.bytes(json -> {
                    json.writeStartObject();
                    json.writeStringField("__type", error.code());
                    errorMembers(json, error, shape.orElse(Nothing.SHAPE), "message");
                    json.writeEndObject();
                });
        // Not the model's status: that belongs to the service's former query protocol. json answers
        // 400 or 500.
        return new Response(error.status().orElse(error.sender() ? 400 : 500), headers, body);
    }

    /// Tells the error's short code of the service's former query protocol as well.
    static Headers withQueryError(
            Headers headers, WireError error, Optional<Shape.Structure> shape) {
        String code =
                shape.flatMap(Shape.Structure::error)
                        .flatMap(Shape.ErrorTrait::code)
                        .orElse(error.code());
        return headers.plus(
                "x-amzn-query-error", code + ";" + (error.sender() ? "Sender" : "Receiver"));
    }

    /// Message and members; the message under the name the error's shape gives it.
    static void errorMembers(
            JsonGenerator json, WireError error, Shape.Structure shape, String messageName)
            throws IOException {
        Optional<Member> message =
                shape.members().values().stream()
                        .filter(member -> member.name().equalsIgnoreCase("message"))
                        .findFirst();
        ObjectNode members = error.members().deepCopy();
        if (message.isPresent()) {
            members.putIfAbsent(
                    message.get().name(), JsonNodeFactory.instance.textNode(error.message()));
        } else if (!error.message().isEmpty()) {
            json.writeStringField(messageName, error.message());
        }
        JsonWriter.members(
                json, members, shape, member -> member.location() == Member.Location.BODY);
    }

    private Headers headers(String requestId) {
        return Headers.of("x-amzn-RequestId", requestId, "Content-Type", contentType);
    }
}
