package dev.cairn.aws.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.aws.shape.Shape;

/// Checks of what operations hand over: a document that is not of its shape is our own mistake and
/// must show at once.
final class Documents {

    private Documents() {}

    static void checkMembers(JsonNode value, Shape.Structure structure) {
        for (String name : (Iterable<String>) object(value, structure)::fieldNames) {
            if (!structure.members().containsKey(name)) {
                throw new IllegalArgumentException(
                        "the shape " + structure.name() + " has no member " + name);
            }
        }
    }

    static JsonNode object(JsonNode value, Shape shape) {
        return check(value.isObject(), value, shape);
    }

    static JsonNode array(JsonNode value, Shape shape) {
        return check(value.isArray(), value, shape);
    }

    static String text(JsonNode value, Shape shape) {
        return check(value.isTextual(), value, shape).textValue();
    }

    static boolean flag(JsonNode value, Shape shape) {
        return check(value.isBoolean(), value, shape).booleanValue();
    }

    static JsonNode number(JsonNode value, Shape shape) {
        return check(value.isNumber(), value, shape);
    }

    private static JsonNode check(boolean fits, JsonNode value, Shape shape) {
        if (!fits) {
            throw new IllegalArgumentException(
                    "a value of shape " + shape.name() + " can not be a " + value.getNodeType());
        }
        return value;
    }
}
