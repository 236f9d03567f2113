package dev.cairn.aws.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.http.Response;
import dev.cairn.aws.shape.Member;
import dev.cairn.aws.shape.Member.Location;
import dev.cairn.aws.shape.Operation;
import dev.cairn.aws.shape.ServiceModel;
import dev.cairn.aws.shape.Shape;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// rest-json: method and path name the operation; members travel in path, query, headers and a JSON
/// body.
public final class RestJsonCodec implements Codec {

    /// What an operation may act on.
    private static final Readers STRICT = new Readers(new JsonReader(true), new JsonReader(false));

    /// What may be shown.
    static final Readers KEEPING = new Readers(JsonReader.keeping(true), JsonReader.keeping(false));

    /// @param body of bodies whose members are the input's
    /// @param payload of bodies that are a member
    record Readers(JsonReader body, JsonReader payload) {}

    /// Grows with the models in use, of which there are as many as there are services.
    private final Map<ServiceModel, RestRoutes> routes = new ConcurrentHashMap<>();

    RestJsonCodec() {}

    @Override
    public Protocol protocol() {
        return Protocol.REST_JSON;
    }

    @Override
    public Call parse(ServiceModel model, Request request, byte[] body) {
        Optional<Operation> found = Optional.empty();
        try {
            Form query = Form.parse(request.rawQuery());
            Optional<RestRoutes.Match> match =
                    routes.computeIfAbsent(model, RestRoutes::new)
                            .find(request.method(), request.rawPath(), query);
            if (match.isEmpty()) {
                return new Call.Refused(
                        found,
                        WireError.of(
                                CommonError.UNKNOWN_OPERATION,
                                Protocol.REST_JSON,
                                "The requested operation is not recognized by the service."));
            }
            found = Optional.of(match.get().operation());
            return new Call.Parsed(
                    match.get().operation(), input(match.get(), request, query, body, STRICT));
        } catch (Malformed e) {
            return new Call.Refused(
                    found,
                    WireError.of(CommonError.SERIALIZATION, Protocol.REST_JSON, e.sentence()));
        }
    }

    static ObjectNode input(
            RestRoutes.Match match, Request request, Form query, byte[] body, Readers readers)
            throws Malformed {
        Shape.Structure shape = match.operation().input().orElse(Nothing.SHAPE);
        ObjectNode input = body(shape, body, readers);
        RestMembers.read(input, shape, match.labels(), query, request.headers());
        return input;
    }

    static ObjectNode body(Shape.Structure shape, byte[] body, Readers readers) throws Malformed {
        ObjectNode input = JsonNodeFactory.instance.objectNode();
        if (shape.payload().isPresent()) {
            Member member = shape.members().get(shape.payload().get());
            if (member != null && body.length > 0) {
                input.set(member.name(), payload(member.shape(), body, readers));
            }
            return input;
        }
        boolean read =
                body.length > 0
                        && shape.members().values().stream()
                                .anyMatch(member -> member.location() == Location.BODY);
        return read ? (ObjectNode) readers.body().read(body, shape) : input;
    }

    private static JsonNode payload(Shape shape, byte[] body, Readers readers) throws Malformed {
        return switch (shape) {
            case Shape.Blob _ -> JsonNodeFactory.instance.binaryNode(body);
            case Shape.Text _ -> JsonNodeFactory.instance.textNode(JsonReader.utf8(body));
            default -> readers.payload().read(body, shape);
        };
    }

    @Override
    public Response write(
            ServiceModel model, Operation operation, ObjectNode output, String requestId) {
        Shape.Structure shape = operation.output().orElse(Nothing.SHAPE);
        Documents.checkMembers(output, shape);
        Headers headers =
                RestMembers.headers(shape, output, Headers.of("x-amzn-RequestId", requestId));
        int status = RestMembers.status(operation, shape, output);
        if (shape.payload().isPresent()) {
            return RestMembers.payload(
                    shape,
                    output,
                    status,
                    headers,
                    "application/json",
                    (value, member) -> JsonWriter.bytes(value, member.shape()));
        }
        boolean hasBody =
                shape.members().values().stream()
                        .anyMatch(member -> member.location() == Location.BODY);
        byte[] body =
                JsonWriter.bytes(json -> {
                    json.writeStartObject();
                    JsonWriter.members(
                            json, output, shape, member -> member.location() == Location.BODY);
                    json.writeEndObject();
                });
        // An operation with nothing to say says {}, but 204 and 304 must not have a body.
        boolean silent =
                status == 204 || status == 304 || (!hasBody && operation.output().isEmpty());
        return silent
                ? new Response(status, headers, new byte[0])
                : new Response(status, RestMembers.contentType(headers, "application/json"), body);
    }

    @Override
    public Response writeError(ServiceModel model, WireError error, String requestId) {
        Shape.Structure shape = model.error(error.code()).orElse(Nothing.SHAPE);
        Headers headers =
                RestMembers.headers(
                        shape,
                        error.members(),
                        Headers.of(
                                "x-amzn-RequestId",
                                requestId,
                                "x-amzn-ErrorType",
                                error.code(),
                                "Content-Type",
                                "application/json"));
        byte[] body =
                JsonWriter.bytes(json -> {
                    json.writeStartObject();
                    JsonCodec.errorMembers(json, error, shape, "message");
                    json.writeEndObject();
                });
        int status =
                error.status()
                        .or(() -> shape.error().flatMap(Shape.ErrorTrait::status))
                        .orElse(error.sender() ? 400 : 500);
        return new Response(status, headers, body);
    }
}
