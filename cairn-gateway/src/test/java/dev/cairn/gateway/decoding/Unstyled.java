package dev.cairn.gateway.decoding;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.shape.Member;
import dev.cairn.aws.shape.Shape;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A record's document turned back into the one that a request or an answer carried: the judge's
/// own reading of CloudTrail's styles, apart from the one it judges.
final class Unstyled {

    static final List<String> MASKS =
            List.of("HIDDEN_DUE_TO_SECURITY_REASONS", "***", "<sensitiveDataRemoved>");

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final DateTimeFormatter TEXT =
            DateTimeFormatter.ofPattern("MMM d, uuuu[,] h:mm:ss a", Locale.US);

    private final List<String> unknown = new ArrayList<>();

    /// Paths that the model has no member for; what is at them is left out of the document.
    List<String> unknown() {
        return unknown;
    }

    ObjectNode document(JsonNode shown, Shape.Structure shape) {
        return structure(shown, shape, "");
    }

    private ObjectNode structure(JsonNode shown, Shape.Structure shape, String path) {
        ObjectNode document = NODES.objectNode();
        for (var field : shown.properties()) {
            String at = path.isEmpty() ? field.getKey() : path + "." + field.getKey();
            Member member = member(shape, field.getKey());
            if (member == null) {
                unknown.add(at);
            } else {
                document.set(member.name(), value(field.getValue(), member.shape(), at));
            }
        }
        return document;
    }

    private static @Nullable Member member(Shape.Structure shape, String key) {
        for (Member member : shape.members().values()) {
            if (member.name().equals(key) || member.wireName().equals(key)) {
                return member;
            }
        }
        for (Member member : shape.members().values()) {
            if (member.name().equalsIgnoreCase(key)) {
                return member;
            }
        }
        return null;
    }

    private JsonNode value(JsonNode shown, Shape shape, String path) {
        boolean masked = shown.isTextual() && MASKS.contains(shown.textValue());
        return switch (shape) {
            case Shape.Structure structure ->
                    masked ? NODES.objectNode() : structure(shown, structure, path);
            case Shape.Listing listing -> {
                ArrayNode items = NODES.arrayNode();
                for (JsonNode item : shown) {
                    items.add(value(item, listing.item().shape(), path + "[]"));
                }
                yield items;
            }
            case Shape.Mapping mapping -> {
                ObjectNode map = NODES.objectNode();
                for (var field : shown.properties()) {
                    map.set(
                            field.getKey(),
                            value(field.getValue(), mapping.value().shape(), path + ".*"));
                }
                yield map;
            }
            case Shape.Timestamp _ -> moment(shown);
            case Shape.Text _ -> NODES.textNode(masked ? "a secret" : shown.asText());
            case Shape.Numeric numeric ->
                    numeric.kind().floating()
                            ? NODES.numberNode(shown.asDouble())
                            : NODES.numberNode(shown.asLong());
            case Shape.Flag _ -> NODES.booleanNode(shown.asBoolean());
            case Shape.Blob _ -> NODES.binaryNode(new byte[] {1});
            case Shape.Document _ -> shown;
        };
    }

    static JsonNode moment(JsonNode shown) {
        if (shown.isNumber()) {
            return shown;
        }
        String text = shown.asText().replace('\u202f', ' ');
        try {
            return NODES.numberNode(LocalDateTime.parse(text, TEXT).toEpochSecond(ZoneOffset.UTC));
        } catch (DateTimeParseException _) {
            Instant moment = Instant.parse(text);
            return NODES.numberNode(
                    BigDecimal.valueOf(moment.getEpochSecond())
                            .add(BigDecimal.valueOf(moment.getNano(), 9)));
        }
    }
}
