package dev.cairn.aws.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import dev.cairn.aws.shape.Shape;
import java.io.IOException;
import java.util.Optional;

/// Reads CBOR bodies as documents: the same values as JSON's, with bytes as bytes and moments as
/// tagged numbers.
final class CborReader {

    private static final CBORFactory FACTORY =
            CBORFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(JsonReader.NESTING_MAX)
                                    .maxStringLength(JsonReader.STRING_CHARS_MAX)
                                    .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build();

    private static final ObjectMapper MAPPER = new ObjectMapper(FACTORY);

    private final JsonReader reader;

    /// @param reader of what the bytes say
    CborReader(JsonReader reader) {
        this.reader = reader;
    }

    /// Reads the whole body as one value; an empty one is an empty structure.
    JsonNode read(byte[] body, Shape shape) throws Malformed {
        if (body.length == 0) {
            return JsonNodeFactory.instance.objectNode();
        }
        try (JsonParser parser = FACTORY.createParser(body)) {
            return reader.read(parser, shape, false);
        } catch (IOException _) {
            throw new Malformed("The body is not valid CBOR");
        }
    }

    /// Any CBOR, as it is.
    static Optional<JsonNode> tree(byte[] body) {
        try {
            JsonNode tree = MAPPER.readTree(body);
            return tree.isMissingNode() ? Optional.empty() : Optional.of(tree);
        } catch (IOException _) {
            return Optional.empty();
        }
    }
}
