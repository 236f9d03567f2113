package dev.cairn.event;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Whether two records say the same, though perhaps in other bytes.
///
/// Two JSON texts are equal when they stand for the same value: the order of an object's members
/// and the white space between tokens do not matter, numbers count by value (`1`, `1.0` and `1e0`
/// are equal) and strings by their characters, however escaped. This is what tells a repeated event
/// from a conflicting one.
public final class JsonEquality {
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .build();

    private JsonEquality() {}

    /// Bytes that are equal are the same, whatever they are. Otherwise a text that is no JSON, goes
    /// beyond Jackson's limits (1,000 levels, numbers of 1,000 digits), or names a member twice is
    /// the same as none.
    ///
    /// @param one UTF-8
    /// @param other UTF-8
    public static boolean same(byte[] one, byte[] other) {
        if (Arrays.equals(one, other)) {
            return true;
        }
        try {
            Value first = parse(one);
            return first.equals(parse(other));
        } catch (IOException | ArithmeticException | NumberFormatException _) {
            return false;
        }
    }

    /// A JSON value; null is JSON's null.
    private record Value(@Nullable Object of) {}

    private static Value parse(byte[] json) throws IOException {
        try (JsonParser parser = JSON.createParser(json)) {
            Value value = value(parser, parser.nextToken());
            if (parser.nextToken() != null) {
                throw new IOException("expected one JSON value, got more");
            }
            return value;
        }
    }

    private static Value value(JsonParser parser, @Nullable JsonToken token) throws IOException {
        return switch (token) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_STRING -> new Value(parser.getText());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
                    new Value(parser.getDecimalValue().stripTrailingZeros());
            case VALUE_TRUE -> new Value(true);
            case VALUE_FALSE -> new Value(false);
            case VALUE_NULL -> new Value(null);
            case null, default -> throw new IOException("expected a JSON value, got " + token);
        };
    }

    private static Value object(JsonParser parser) throws IOException {
        Map<String, Value> members = new HashMap<>();
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            members.put(name, value(parser, parser.nextToken()));
        }
        return new Value(members);
    }

    private static Value array(JsonParser parser) throws IOException {
        List<Value> elements = new ArrayList<>();
        for (JsonToken token = parser.nextToken();
                token != JsonToken.END_ARRAY;
                token = parser.nextToken()) {
            elements.add(value(parser, token));
        }
        return new Value(elements);
    }
}
