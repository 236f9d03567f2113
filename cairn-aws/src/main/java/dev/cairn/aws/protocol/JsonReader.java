package dev.cairn.aws.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.cbor.CBORParser;
import dev.cairn.aws.shape.Member;
import dev.cairn.aws.shape.Shape;
import dev.cairn.aws.shape.Shape.TimestampFormat;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// Reads JSON straight into a document of a given shape: types are checked on the way, members the
/// shape does not know are skipped. Refuses what no well-meaning client sends: invalid UTF-8, lone
/// surrogates, a name twice, bytes after the end, deep nesting, endless numbers.
///
/// The sentences are AWS's own where they are known ("STRING_VALUE can not be converted to an
/// Integer").
final class JsonReader {

    static final int NESTING_MAX = 100;
    static final int STRING_CHARS_MAX = 20_000_000;
    private static final int NUMBER_CHARS_MAX = 400;
    private static final int NAME_CHARS_MAX = 4096;

    private static final ObjectMapper MAPPER =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(NESTING_MAX)
                                                    .maxStringLength(STRING_CHARS_MAX)
                                                    .maxNumberLength(NUMBER_CHARS_MAX)
                                                    .maxNameLength(NAME_CHARS_MAX)
                                                    .build())
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                                    .build())
                    .build();

    private final boolean bodyOnly;
    private final boolean keeping;
    private final JsonNodeFactory nodes = JsonNodeFactory.instance;

    /// @param bodyOnly whether members that travel elsewhere are to be ignored at the top
    JsonReader(boolean bodyOnly) {
        this(bodyOnly, false);
    }

    private JsonReader(boolean bodyOnly, boolean keeping) {
        this.bodyOnly = bodyOnly;
        this.keeping = keeping;
    }

    /// A reader that keeps members the shape does not know, under their names on the wire: for who
    /// shows a document rather than acts on it.
    ///
    /// @param bodyOnly whether members that travel elsewhere are to be ignored at the top
    static JsonReader keeping(boolean bodyOnly) {
        return new JsonReader(bodyOnly, true);
    }

    /// Reads the whole input as one value.
    JsonNode read(byte[] json, Shape shape) throws Malformed {
        return read(utf8(json), shape, bodyOnly);
    }

    /// Any JSON, as it is.
    JsonNode readAny(String json) throws Malformed {
        return read(json, new Shape.Document("Any"), false);
    }

    private JsonNode read(String json, Shape shape, boolean top) throws Malformed {
        // From text, not bytes: Jackson would guess UTF-16 and UTF-32 and let invalid UTF-8
        // through.
        try (JsonParser parser = MAPPER.createParser(json)) {
            return read(parser, shape, top);
        } catch (IOException e) {
            throw new Malformed(sentence(e));
        }
    }

    /// Reads what a parser gives, of whatever encoding, to its end.
    JsonNode read(JsonParser parser, Shape shape, boolean top) throws Malformed {
        try {
            if (parser.nextToken() == null) {
                throw new Malformed("Unexpected end of input");
            }
            JsonNode value =
                    shape instanceof Shape.Structure structure
                            ? structure(parser, structure, top)
                            : value(parser, shape, null, false);
            if (parser.nextToken() != null) {
                throw new Malformed("Unexpected characters after the end of the JSON value");
            }
            return value;
        } catch (InputCoercionException _) {
            throw new Malformed("NUMBER_VALUE is out of range");
        } catch (IOException e) {
            throw new Malformed(sentence(e));
        }
    }

    static String utf8(byte[] bytes) throws Malformed {
        try {
            CharBuffer chars = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return chars.toString();
        } catch (CharacterCodingException _) {
            throw new Malformed("The body is not valid UTF-8");
        }
    }

    /// Jackson's first line, without its notes on where in our memory it stood.
    private static String sentence(IOException e) {
        String message = e.getMessage();
        if (message == null) {
            return "The body is not valid JSON";
        }
        int end = message.indexOf('\n');
        String line = end < 0 ? message : message.substring(0, end);
        return line.length() > 200 ? "The body is not valid JSON" : line;
    }

    private ObjectNode structure(JsonParser parser, Shape.Structure structure, boolean top)
            throws IOException, Malformed {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw new Malformed(
                    parser.currentToken() == JsonToken.START_ARRAY
                            ? "Start of list found where not expected"
                            : "Unexpected field type");
        }
        var wireNames = WireNames.of(structure);
        ObjectNode object = nodes.objectNode();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            Member member = wireNames.get(name);
            JsonToken token = parser.nextToken();
            if (member == null && keeping && structure.member(name).isEmpty()) {
                object.set(wellFormed(name), document(parser));
            } else if (member == null || (top && member.location() != Member.Location.BODY)) {
                parser.skipChildren();
            } else if (token != JsonToken.VALUE_NULL) {
                object.set(member.name(), value(parser, member.shape(), member, false));
            }
        }
        return object;
    }

    private JsonNode value(
            JsonParser parser, Shape shape, @Nullable Member member, boolean nullable)
            throws IOException, Malformed {
        JsonToken token = parser.currentToken();
        if (nullable && token == JsonToken.VALUE_NULL) {
            return nodes.nullNode();
        }
        return switch (shape) {
            case Shape.Structure structure -> structure(parser, structure, false);
            case Shape.Listing listing -> listing(parser, listing);
            case Shape.Mapping mapping -> mapping(parser, mapping);
            case Shape.Document _ -> document(parser);
            case Shape.Text _ -> nodes.textNode(string(parser, "a String"));
            case Shape.Blob _ ->
                    // Encodings with bytes of their own need no base64.
                    token == JsonToken.VALUE_EMBEDDED_OBJECT
                            ? nodes.binaryNode(parser.getBinaryValue())
                            : nodes.binaryNode(base64(string(parser, "a ByteBuffer")));
            case Shape.Numeric numeric -> numeric(parser, numeric);
            case Shape.Flag _ -> {
                if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
                    throw wrongType(parser, "a Boolean");
                }
                yield nodes.booleanNode(token == JsonToken.VALUE_TRUE);
            }
            case Shape.Timestamp timestamp ->
                    timestamp(
                            parser,
                            member == null
                                    ? timestamp.format().orElse(TimestampFormat.UNIX)
                                    : member.timestampFormat(TimestampFormat.UNIX));
        };
    }

    private ArrayNode listing(JsonParser parser, Shape.Listing listing)
            throws IOException, Malformed {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw new Malformed(
                    parser.currentToken() == JsonToken.START_OBJECT
                            ? "Start of structure or map found where not expected."
                            : "Expected list or null");
        }
        ArrayNode array = nodes.arrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            array.add(value(parser, listing.item().shape(), listing.item(), true));
        }
        return array;
    }

    private ObjectNode mapping(JsonParser parser, Shape.Mapping mapping)
            throws IOException, Malformed {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw new Malformed(
                    parser.currentToken() == JsonToken.START_ARRAY
                            ? "Start of list found where not expected"
                            : "Expected map or null");
        }
        ObjectNode object = nodes.objectNode();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = wellFormed(parser.currentName());
            parser.nextToken();
            object.set(key, value(parser, mapping.value().shape(), mapping.value(), true));
        }
        return object;
    }

    private JsonNode document(JsonParser parser) throws IOException, Malformed {
        JsonNode tree = MAPPER.readTree(parser);
        checkSurrogates(tree);
        return tree;
    }

    private static void checkSurrogates(JsonNode node) throws Malformed {
        if (node.isTextual()) {
            wellFormed(node.textValue());
        }
        for (var entry : node.properties()) {
            wellFormed(entry.getKey());
        }
        for (JsonNode child : node) {
            checkSurrogates(child);
        }
    }

    private JsonNode numeric(JsonParser parser, Shape.Numeric numeric)
            throws IOException, Malformed {
        JsonToken token = parser.currentToken();
        if (numeric.kind().floating()) {
            if (token == JsonToken.VALUE_STRING) {
                OptionalDouble word = Scalars.notFinite(parser.getText());
                if (word.isPresent()) {
                    return nodes.numberNode(word.getAsDouble());
                }
            }
            // CBOR has numbers for infinity and NaN; JSON has none, and 1e999 is too large.
            if (token == null
                    || !token.isNumeric()
                    || !(Double.isFinite(parser.getDoubleValue())
                            || parser instanceof CBORParser)) {
                throw wrongType(parser, Scalars.article(numeric));
            }
            return nodes.numberNode(parser.getDoubleValue());
        }
        // CBOR's NaN is numeric, and no decimal number.
        if (token == null
                || !token.isNumeric()
                || (token == JsonToken.VALUE_NUMBER_FLOAT
                        && !Double.isFinite(parser.getDoubleValue()))) {
            throw wrongType(parser, Scalars.article(numeric));
        }
        return Scalars.whole(parser.getDecimalValue(), numeric);
    }

    private JsonNode timestamp(JsonParser parser, TimestampFormat format)
            throws IOException, Malformed {
        JsonToken token = parser.currentToken();
        if (format == TimestampFormat.UNIX) {
            if (token == null || !token.isNumeric() || !Double.isFinite(parser.getDoubleValue())) {
                throw wrongType(parser, "milliseconds since epoch");
            }
            BigDecimal seconds = parser.getDecimalValue();
            return Times.number(seconds);
        }
        return Times.parse(string(parser, "a Date"), format);
    }

    private static String string(JsonParser parser, String wanted) throws IOException, Malformed {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw wrongType(parser, wanted);
        }
        return wellFormed(parser.getText());
    }

    /// A lone surrogate could be read but never be written again.
    private static String wellFormed(String text) throws Malformed {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (!Character.isHighSurrogate(text.charAt(i))
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    throw new Malformed("A string has half of a surrogate pair");
                }
                i++;
            }
        }
        return text;
    }

    static byte[] base64(String text) throws Malformed {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException _) {
            throw new Malformed("Invalid base64");
        }
    }

    private static Malformed wrongType(JsonParser parser, String wanted) {
        JsonToken token = parser.currentToken();
        return new Malformed(
                switch (token) {
                    case null -> "Unexpected end of input";
                    case START_OBJECT -> "Start of structure or map found where not expected.";
                    case START_ARRAY -> "Start of list found where not expected";
                    case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
                            "NUMBER_VALUE can not be converted to " + wanted;
                    case VALUE_STRING -> "STRING_VALUE can not be converted to " + wanted;
                    case VALUE_TRUE -> "TRUE_VALUE can not be converted to " + wanted;
                    case VALUE_FALSE -> "FALSE_VALUE can not be converted to " + wanted;
                    default -> "Unexpected field type";
                });
    }
}
