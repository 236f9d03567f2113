package dev.cairn.aws.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Percent;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.http.Response;
import dev.cairn.aws.shape.Member;
import dev.cairn.aws.shape.Member.Location;
import dev.cairn.aws.shape.Operation;
import dev.cairn.aws.shape.ServiceModel;
import dev.cairn.aws.shape.Shape;
import dev.cairn.aws.shape.Shape.TimestampFormat;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// rest-json: method and path name the operation; members travel in path, query, headers and a JSON
/// body.
public final class RestJsonCodec implements Codec {

    private static final JsonReader BODY = new JsonReader(true);
    private static final JsonReader PAYLOAD = new JsonReader(false);

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
                    match.get().operation(), input(match.get(), request, query, body));
        } catch (Malformed e) {
            return new Call.Refused(
                    found,
                    WireError.of(CommonError.SERIALIZATION, Protocol.REST_JSON, e.sentence()));
        }
    }

    private static ObjectNode input(
            RestRoutes.Match match, Request request, Form query, byte[] body) throws Malformed {
        Shape.Structure shape = match.operation().input().orElse(Nothing.SHAPE);
        ObjectNode input = body(shape, body);
        for (Member member : shape.members().values()) {
            Optional<JsonNode> value =
                    switch (member.location()) {
                        case URI -> label(member, match.labels());
                        case QUERY -> query(member, query);
                        case HEADER -> header(member, request.headers());
                        case HEADERS -> headers(member, request.headers());
                        case BODY, STATUS -> Optional.empty();
                    };
            value.ifPresent(node -> input.set(member.name(), node));
        }
        return input;
    }

    private static ObjectNode body(Shape.Structure shape, byte[] body) throws Malformed {
        ObjectNode input = JsonNodeFactory.instance.objectNode();
        if (shape.payload().isPresent()) {
            Member member = shape.members().get(shape.payload().get());
            if (member != null && body.length > 0) {
                input.set(member.name(), payload(member.shape(), body));
            }
            return input;
        }
        boolean read =
                body.length > 0
                        && shape.members().values().stream()
                                .anyMatch(member -> member.location() == Location.BODY);
        return read ? (ObjectNode) BODY.read(body, shape) : input;
    }

    private static JsonNode payload(Shape shape, byte[] body) throws Malformed {
        return switch (shape) {
            case Shape.Blob _ -> JsonNodeFactory.instance.binaryNode(body);
            case Shape.Text _ -> JsonNodeFactory.instance.textNode(JsonReader.utf8(body));
            default -> PAYLOAD.read(body, shape);
        };
    }

    private static Optional<JsonNode> label(Member member, Map<String, String> labels)
            throws Malformed {
        String raw = labels.get(member.wireName());
        if (raw == null) {
            return Optional.empty();
        }
        String text = JsonReader.utf8(Percent.decodePath(raw));
        return Optional.of(Scalars.parse(text, member, TimestampFormat.ISO8601));
    }

    private static Optional<JsonNode> query(Member member, Form query) throws Malformed {
        if (member.shape() instanceof Shape.Mapping mapping) {
            return Optional.of(all(mapping, query)).filter(map -> !map.isEmpty());
        }
        var values = query.all(member.wireName());
        if (values.isEmpty()) {
            return Optional.empty();
        }
        if (member.shape() instanceof Shape.Listing listing) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            for (String value : values) {
                array.add(Scalars.parse(value, listing.item(), TimestampFormat.ISO8601));
            }
            return Optional.of(array);
        }
        return Optional.of(Scalars.parse(values.getFirst(), member, TimestampFormat.ISO8601));
    }

    /// Every parameter but those of a presigned signature: as Smithy says, a map does not leave out
    /// what has a member of its own.
    private static JsonNode all(Shape.Mapping mapping, Form query) throws Malformed {
        ObjectNode map = JsonNodeFactory.instance.objectNode();
        for (var parameter : query.parameters()) {
            String name = parameter.name();
            if (name.startsWith("X-Amz-")) {
                continue;
            }
            if (mapping.value().shape() instanceof Shape.Listing listing) {
                ArrayNode values =
                        map.get(name) instanceof ArrayNode there ? there : map.putArray(name);
                values.add(
                        Scalars.parse(parameter.value(), listing.item(), TimestampFormat.ISO8601));
            } else if (!map.has(name)) {
                map.set(
                        name,
                        Scalars.parse(parameter.value(), mapping.value(), TimestampFormat.ISO8601));
            }
        }
        return map;
    }

    private static Optional<JsonNode> header(Member member, Headers headers) throws Malformed {
        var values = headers.all(member.wireName());
        return values.isEmpty()
                ? Optional.empty()
                : Optional.of(HeaderValues.parse(values, member));
    }

    private static Optional<JsonNode> headers(Member member, Headers headers) throws Malformed {
        if (!(member.shape() instanceof Shape.Mapping mapping)) {
            return Optional.empty();
        }
        String prefix = member.locationName().orElse("").toLowerCase(Locale.ROOT);
        ObjectNode map = JsonNodeFactory.instance.objectNode();
        for (var field : headers.fields()) {
            if (field.name().toLowerCase(Locale.ROOT).startsWith(prefix)) {
                map.set(
                        field.name().substring(prefix.length()),
                        Scalars.parse(field.value(), mapping.value(), TimestampFormat.RFC822));
            }
        }
        return map.isEmpty() ? Optional.empty() : Optional.of(map);
    }

    @Override
    public Response write(
            ServiceModel model, Operation operation, ObjectNode output, String requestId) {
        Shape.Structure shape = operation.output().orElse(Nothing.SHAPE);
        Documents.checkMembers(output, shape);
        Headers headers = memberHeaders(shape, output, Headers.of("x-amzn-RequestId", requestId));
        int status = operation.responseCode();
        for (Member member : shape.members().values()) {
            if (member.location() == Location.STATUS && output.path(member.name()).isInt()) {
                status = output.path(member.name()).intValue();
            }
        }
        if (shape.payload().isPresent()) {
            return payload(shape, shape.payload().get(), output, status, headers);
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
                : new Response(status, contentType(headers, "application/json"), body);
    }

    private static Response payload(
            Shape.Structure shape, String payload, ObjectNode output, int status, Headers headers) {
        Member member =
                shape.member(payload)
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        shape.name() + " has no member " + payload));
        JsonNode value = output.get(payload);
        if (value == null || value.isNull()) {
            return new Response(status, headers, new byte[0]);
        }
        return switch (member.shape()) {
            case Shape.Blob _ ->
                    new Response(
                            status,
                            contentType(headers, "application/octet-stream"),
                            Scalars.bytes(value));
            case Shape.Text _ ->
                    new Response(
                            status,
                            contentType(headers, "text/plain"),
                            Documents.text(value, member.shape()).getBytes(StandardCharsets.UTF_8));
            default ->
                    new Response(
                            status,
                            contentType(headers, "application/json"),
                            JsonWriter.bytes(value, member.shape()));
        };
    }

    private static Headers contentType(Headers headers, String usual) {
        return headers.has("content-type") ? headers : headers.plus("Content-Type", usual);
    }

    private static Headers memberHeaders(
            Shape.Structure shape, JsonNode document, Headers headers) {
        Headers all = headers;
        for (Member member : shape.members().values()) {
            JsonNode value = document.get(member.name());
            if (value == null || value.isNull()) {
                continue;
            }
            if (member.location() == Location.HEADER) {
                if (!(value.isArray() && value.isEmpty())) {
                    all = all.plus(member.wireName(), HeaderValues.format(value, member));
                }
            } else if (member.location() == Location.HEADERS
                    && member.shape() instanceof Shape.Mapping mapping) {
                for (var entry : value.properties()) {
                    all =
                            all.plus(
                                    member.locationName().orElse("") + entry.getKey(),
                                    HeaderValues.format(entry.getValue(), mapping.value()));
                }
            }
        }
        return all;
    }

    @Override
    public Response writeError(ServiceModel model, WireError error, String requestId) {
        Shape.Structure shape = model.error(error.code()).orElse(Nothing.SHAPE);
        Headers headers =
                memberHeaders(
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
