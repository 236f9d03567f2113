package dev.cairn.aws.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cairn.aws.shape.Member;
import dev.cairn.aws.shape.Shape;
import dev.cairn.aws.shape.Shape.TimestampFormat;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Base64;
import java.util.OptionalDouble;

/// Simple values as text: in forms, headers, paths and XML.
final class Scalars {

    private static final BigDecimal INT_MIN = BigDecimal.valueOf(Integer.MIN_VALUE);
    private static final BigDecimal INT_MAX = BigDecimal.valueOf(Integer.MAX_VALUE);
    private static final BigDecimal LONG_MIN = BigDecimal.valueOf(Long.MIN_VALUE);
    private static final BigDecimal LONG_MAX = BigDecimal.valueOf(Long.MAX_VALUE);
    private static final int NUMBER_CHARS_MAX = 400;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private Scalars() {}

    /// Reads a value.
    ///
    /// @param usual how the protocol spells timestamps at this place
    static JsonNode parse(String text, Member member, TimestampFormat usual) throws Malformed {
        return switch (member.shape()) {
            case Shape.Text _ -> NODES.textNode(text);
            case Shape.Blob _ -> NODES.binaryNode(JsonReader.base64(text));
            case Shape.Flag _ ->
                    switch (text) {
                        case "true" -> NODES.booleanNode(true);
                        case "false" -> NODES.booleanNode(false);
                        default ->
                                throw new Malformed(
                                        "STRING_VALUE can not be converted to a Boolean");
                    };
            case Shape.Numeric numeric -> number(text, numeric);
            case Shape.Timestamp _ -> Times.parse(text, member.timestampFormat(usual));
            case Shape.Structure _, Shape.Listing _, Shape.Mapping _, Shape.Document _ ->
                    throw new Malformed(
                            "Unexpected value where a structure, list or map was expected");
        };
    }

    private static JsonNode number(String text, Shape.Numeric numeric) throws Malformed {
        if (numeric.kind().floating() && notFinite(text).isPresent()) {
            return NODES.numberNode(notFinite(text).getAsDouble());
        }
        if (text.length() > NUMBER_CHARS_MAX) {
            throw new Malformed("STRING_VALUE can not be converted to " + article(numeric));
        }
        BigDecimal number;
        try {
            number = new BigDecimal(text);
        } catch (NumberFormatException _) {
            throw new Malformed("STRING_VALUE can not be converted to " + article(numeric));
        }
        if (!numeric.kind().floating()) {
            return whole(number, numeric);
        }
        if (!Double.isFinite(number.doubleValue())) {
            throw new Malformed("NUMBER_VALUE can not be converted to " + article(numeric));
        }
        return NODES.numberNode(number.doubleValue());
    }

    /// The three numbers that JSON and XML spell as words.
    static OptionalDouble notFinite(String text) {
        return switch (text) {
            case "NaN" -> OptionalDouble.of(Double.NaN);
            case "Infinity" -> OptionalDouble.of(Double.POSITIVE_INFINITY);
            case "-Infinity" -> OptionalDouble.of(Double.NEGATIVE_INFINITY);
            default -> OptionalDouble.empty();
        };
    }

    /// An integer or long of that value.
    static JsonNode whole(BigDecimal number, Shape.Numeric numeric) throws Malformed {
        boolean small = numeric.kind() == Shape.Numeric.Kind.INTEGER;
        // Range first: it bounds the digits that the conversions below may have to write out.
        if (number.compareTo(small ? INT_MIN : LONG_MIN) < 0
                || number.compareTo(small ? INT_MAX : LONG_MAX) > 0
                || (number.signum() != 0 && number.stripTrailingZeros().scale() > 0)) {
            throw new Malformed("NUMBER_VALUE can not be converted to " + article(numeric));
        }
        return small ? NODES.numberNode(number.intValue()) : NODES.numberNode(number.longValue());
    }

    static String article(Shape.Numeric numeric) {
        return switch (numeric.kind()) {
            case INTEGER -> "an Integer";
            case LONG -> "a Long";
            case FLOAT -> "a Float";
            case DOUBLE -> "a Double";
        };
    }

    /// Writes a value.
    static String format(JsonNode value, Member member, TimestampFormat usual) {
        return switch (member.shape()) {
            case Shape.Text _, Shape.Flag _ -> value.asText();
            case Shape.Blob _ -> Base64.getEncoder().encodeToString(bytes(value));
            case Shape.Numeric numeric ->
                    numeric.kind().floating() ? floating(value.doubleValue()) : value.asText();
            case Shape.Timestamp _ -> Times.format(value, member.timestampFormat(usual));
            case Shape.Structure _, Shape.Listing _, Shape.Mapping _, Shape.Document _ ->
                    throw new IllegalArgumentException(
                            "expected a simple value for " + member.name());
        };
    }

    private static String floating(double number) {
        return number == Math.rint(number) && Math.abs(number) < 1e15
                ? BigDecimal.valueOf(number).stripTrailingZeros().toPlainString()
                : Double.toString(number);
    }

    static byte[] bytes(JsonNode value) {
        try {
            byte[] bytes = value.binaryValue();
            if (bytes == null) {
                throw new IllegalArgumentException(
                        "expected a BinaryNode, got " + value.getNodeType());
            }
            return bytes;
        } catch (IOException e) {
            throw new IllegalArgumentException("expected a BinaryNode", e);
        }
    }
}
