package dev.cairn.aws.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Percent;
import dev.cairn.aws.http.Response;
import dev.cairn.aws.shape.Member;
import dev.cairn.aws.shape.Member.Location;
import dev.cairn.aws.shape.Operation;
import dev.cairn.aws.shape.Shape;
import dev.cairn.aws.shape.Shape.TimestampFormat;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What the REST protocols have in common: members that travel outside the body.
final class RestMembers {

    private RestMembers() {}

    /// Reads everything but the body.
    static void read(
            ObjectNode input,
            Shape.Structure shape,
            Map<String, String> labels,
            Form query,
            Headers headers)
            throws Malformed {
        for (Member member : shape.members().values()) {
            Optional<JsonNode> value =
                    switch (member.location()) {
                        case URI -> label(member, labels);
                        case QUERY -> query(member, query);
                        case HEADER -> header(member, headers);
                        case HEADERS -> headers(member, headers);
                        case BODY, STATUS -> Optional.empty();
                    };
            value.ifPresent(node -> input.set(member.name(), node));
        }
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

    /// Notes the status where the output has a member for it.
    static void readStatus(ObjectNode output, Shape.Structure shape, int status) {
        for (Member member : shape.members().values()) {
            if (member.location() == Location.STATUS) {
                output.put(member.name(), status);
            }
        }
    }

    /// The status of a success.
    static int status(Operation operation, Shape.Structure shape, ObjectNode output) {
        for (Member member : shape.members().values()) {
            if (member.location() == Location.STATUS && output.path(member.name()).isInt()) {
                return output.path(member.name()).intValue();
            }
        }
        return operation.responseCode();
    }

    static Headers contentType(Headers headers, String usual) {
        return headers.has("content-type") ? headers : headers.plus("Content-Type", usual);
    }

    /// Writes the member that is the body, where it is a document.
    @FunctionalInterface
    interface DocumentWriter {
        byte[] bytes(JsonNode value, Member member);
    }

    /// The answer of an operation one of whose members is the body: bytes and texts as they are,
    /// others as a document.
    ///
    /// @param documentType the content type of documents
    static Response payload(
            Shape.Structure shape,
            ObjectNode output,
            int status,
            Headers headers,
            String documentType,
            DocumentWriter documents) {
        String payload = shape.payload().orElseThrow();
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
                            contentType(headers, documentType),
                            documents.bytes(value, member));
        };
    }

    static Headers headers(Shape.Structure shape, JsonNode document, Headers headers) {
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
}
