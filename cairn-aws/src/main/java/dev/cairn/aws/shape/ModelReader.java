package dev.cairn.aws.shape;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.aws.shape.Member.Location;
import dev.cairn.aws.shape.Shape.ErrorTrait;
import dev.cairn.aws.shape.Shape.Numeric.Kind;
import dev.cairn.aws.shape.Shape.TimestampFormat;
import dev.cairn.aws.shape.Shape.XmlNamespace;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads a C2J model.
final class ModelReader {

    static final ObjectMapper JSON = new ObjectMapper();

    private final JsonNode model;
    private final Map<String, Shape> shapes = new LinkedHashMap<>();

    ModelReader(JsonNode model) {
        this.model = model;
    }

    ServiceModel read() {
        if (!model.path("metadata").isObject() || !model.path("operations").isObject()) {
            throw new IllegalArgumentException(
                    "expected a service model with metadata and operations");
        }
        for (var entry : model.path("shapes").properties()) {
            shapes.put(entry.getKey(), shape(entry.getKey(), entry.getValue()));
        }
        shapes.values().forEach(ModelReader::resolve);
        Map<String, Operation> operations = new LinkedHashMap<>();
        for (var entry : model.path("operations").properties()) {
            operations.put(entry.getKey(), operation(entry.getKey(), entry.getValue()));
        }
        return new ServiceModel(metadata(model.path("metadata")), operations, shapes);
    }

    static ServiceModel.Metadata metadata(JsonNode json) {
        List<String> protocols = new ArrayList<>();
        json.path("protocols").forEach(protocol -> protocols.add(protocol.asText()));
        if (protocols.isEmpty()) {
            protocols.add(json.path("protocol").asText());
        }
        String endpointPrefix = json.path("endpointPrefix").asText();
        return new ServiceModel.Metadata(
                text(json, "serviceId")
                        .or(() -> text(json, "serviceAbbreviation"))
                        .or(() -> text(json, "serviceFullName"))
                        .orElse(endpointPrefix),
                endpointPrefix,
                text(json, "signingName").orElse(endpointPrefix),
                json.path("apiVersion").asText(),
                List.copyOf(protocols),
                text(json, "jsonVersion"),
                text(json, "targetPrefix"),
                text(json, "xmlNamespace"),
                json.has("awsQueryCompatible"));
    }

    private Operation operation(String name, JsonNode json) {
        List<String> errors = new ArrayList<>();
        json.path("errors").forEach(error -> errors.add(error.path("shape").asText()));
        JsonNode http = json.path("http");
        return new Operation(
                name,
                http.path("method").asText("POST"),
                http.path("requestUri").asText("/"),
                http.path("responseCode").asInt(200),
                structure(json.path("input")),
                structure(json.path("output")),
                text(json.path("output"), "resultWrapper"),
                List.copyOf(errors),
                json.path("idempotent").asBoolean());
    }

    private Optional<Shape.Structure> structure(JsonNode use) {
        if (!use.has("shape")) {
            return Optional.empty();
        }
        String name = use.path("shape").asText();
        if (new Shape.Ref(shapes, name).shape() instanceof Shape.Structure structure) {
            return Optional.of(structure);
        }
        throw new IllegalArgumentException("expected a structure, " + name + " is none");
    }

    private Shape shape(String name, JsonNode json) {
        boolean sensitive = json.path("sensitive").asBoolean();
        OptionalLong min = length(json, "min");
        OptionalLong max = length(json, "max");
        boolean flattened = json.path("flattened").asBoolean();
        String type = json.path("type").asText();
        return switch (type) {
            case "structure" ->
                    json.path("document").asBoolean()
                            ? new Shape.Document(name)
                            : new Shape.Structure(
                                    name,
                                    members(json),
                                    text(json, "payload"),
                                    json.path("union").asBoolean(),
                                    sensitive,
                                    error(json),
                                    text(json, "locationName"),
                                    xmlNamespace(json));
            case "list" ->
                    new Shape.Listing(
                            name,
                            member("member", json.path("member"), true),
                            min,
                            max,
                            flattened,
                            sensitive);
            case "map" ->
                    new Shape.Mapping(
                            name,
                            member("key", json.path("key"), true),
                            member("value", json.path("value"), true),
                            min,
                            max,
                            flattened,
                            sensitive);
            case "string", "character" ->
                    new Shape.Text(
                            name,
                            values(json),
                            text(json, "pattern").map(TextPattern::new),
                            min,
                            max,
                            sensitive);
            case "integer", "short", "byte" -> numeric(name, Kind.INTEGER, json, sensitive);
            case "long" -> numeric(name, Kind.LONG, json, sensitive);
            case "float" -> numeric(name, Kind.FLOAT, json, sensitive);
            case "double" -> numeric(name, Kind.DOUBLE, json, sensitive);
            case "boolean" -> new Shape.Flag(name);
            case "timestamp" ->
                    new Shape.Timestamp(
                            name, TimestampFormat.named(json.path("timestampFormat").textValue()));
            case "blob" ->
                    new Shape.Blob(name, min, max, json.path("streaming").asBoolean(), sensitive);
            default ->
                    throw new IllegalArgumentException(
                            "shape " + name + " has the unknown type " + type);
        };
    }

    private Map<String, Member> members(JsonNode json) {
        Set<String> required = new HashSet<>();
        json.path("required").forEach(name -> required.add(name.asText()));
        Map<String, Member> members = new LinkedHashMap<>();
        for (var entry : json.path("members").properties()) {
            members.put(
                    entry.getKey(),
                    member(entry.getKey(), entry.getValue(), required.contains(entry.getKey())));
        }
        return Collections.unmodifiableMap(members);
    }

    private Member member(String name, JsonNode json, boolean required) {
        // What a use of a shape does not say, the shape may say for all its uses.
        JsonNode shape = model.path("shapes").path(json.path("shape").asText());
        return new Member(
                name,
                new Shape.Ref(shapes, json.path("shape").asText()),
                location(text(json, "location").or(() -> text(shape, "location")).orElse(null)),
                text(json, "locationName")
                        .or(() ->
                                // A structure's own name is for where it is a whole body.
                                shape.path("type").asText().equals("structure")
                                        ? Optional.empty()
                                        : text(shape, "locationName")),
                text(json, "queryName"),
                required,
                json.path("idempotencyToken").asBoolean(),
                json.path("jsonvalue").asBoolean(),
                json.path("flattened").asBoolean(),
                TimestampFormat.named(json.path("timestampFormat").textValue()),
                json.path("xmlAttribute").asBoolean(),
                xmlNamespace(json));
    }

    private static Location location(@Nullable String name) {
        return switch (name) {
            case null -> Location.BODY;
            case "header" -> Location.HEADER;
            case "headers" -> Location.HEADERS;
            case "querystring" -> Location.QUERY;
            case "uri" -> Location.URI;
            case "statusCode" -> Location.STATUS;
            default -> throw new IllegalArgumentException("unknown location " + name);
        };
    }

    private static Shape numeric(String name, Kind kind, JsonNode json, boolean sensitive) {
        return new Shape.Numeric(name, kind, bound(json, "min"), bound(json, "max"), sensitive);
    }

    private static Optional<BigDecimal> bound(JsonNode json, String field) {
        return json.path(field).isNumber()
                ? Optional.of(json.path(field).decimalValue())
                : Optional.empty();
    }

    private static OptionalLong length(JsonNode json, String field) {
        return json.path(field).isNumber()
                ? OptionalLong.of(json.path(field).longValue())
                : OptionalLong.empty();
    }

    private static List<String> values(JsonNode json) {
        List<String> values = new ArrayList<>();
        json.path("enum").forEach(value -> values.add(value.asText()));
        return List.copyOf(values);
    }

    private static Optional<ErrorTrait> error(JsonNode json) {
        if (!json.path("exception").asBoolean() && !json.has("error")) {
            return Optional.empty();
        }
        JsonNode error = json.path("error");
        return Optional.of(
                new ErrorTrait(
                        text(error, "code"),
                        error.has("httpStatusCode")
                                ? Optional.of(error.path("httpStatusCode").asInt())
                                : Optional.empty(),
                        json.path("fault").asBoolean() || error.path("fault").asBoolean()));
    }

    private static Optional<XmlNamespace> xmlNamespace(JsonNode json) {
        JsonNode namespace = json.path("xmlNamespace");
        if (namespace.isTextual()) {
            return Optional.of(new XmlNamespace("", namespace.asText()));
        }
        return namespace.isObject()
                ? Optional.of(
                        new XmlNamespace(
                                namespace.path("prefix").asText(""),
                                namespace.path("uri").asText("")))
                : Optional.empty();
    }

    private static Optional<String> text(JsonNode json, String field) {
        return Optional.ofNullable(json.path(field).textValue());
    }

    /// Fails for a reference that leads nowhere, now rather than in the middle of a request.
    private static void resolve(Shape shape) {
        switch (shape) {
            case Shape.Structure structure ->
                    structure.members().values().forEach(ModelReader::resolve);
            case Shape.Listing listing -> resolve(listing.item());
            case Shape.Mapping mapping -> {
                resolve(mapping.key());
                resolve(mapping.value());
            }
            case Shape.Text _,
                    Shape.Numeric _,
                    Shape.Flag _,
                    Shape.Timestamp _,
                    Shape.Blob _,
                    Shape.Document _ -> {}
        }
    }

    private static void resolve(Member member) {
        try {
            member.shape();
        } catch (IllegalStateException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }
}
