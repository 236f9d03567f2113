package dev.cairn.gateway.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;

/// OTLP's logs in protobuf, read into the tree that the JSON form of the same message has.
///
/// Messages and their numbers: `logs/v1/logs.proto`, `common/v1/common.proto` and
/// `resource/v1/resource.proto` of opentelemetry-proto; the encoding: protobuf's page on it; the
/// JSON form: OTLP's specification, section on JSON (hexadecimal ids, 64-bit numbers as text).
/// Fields that are not known here are passed over, as protobuf has it.
final class OtlpProtobuf {
    /// Deeper than protobuf's own readers go.
    private static final int DEPTH_MAX = 100;

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final HexFormat HEX = HexFormat.of();

    private enum Message {
        RESOURCE_LOGS,
        RESOURCE,
        SCOPE_LOGS,
        SCOPE,
        LOG_RECORD,
        KEY_VALUE,
        ANY_VALUE,
        ARRAY,
        LIST
    }

    private enum Type {
        TEXT,
        TRUTH,
        NUMBER,
        NUMBER_AS_TEXT,
        REAL,
        HEX_BYTES,
        BYTES,
        MESSAGE
    }

    private record Field(String name, Type type, boolean repeated, Message message) {
        static Field of(String name, Type type) {
            return new Field(name, type, false, Message.ANY_VALUE);
        }

        static Field one(String name, Message message) {
            return new Field(name, Type.MESSAGE, false, message);
        }

        static Field many(String name, Message message) {
            return new Field(name, Type.MESSAGE, true, message);
        }
    }

    private static final Map<Message, Map<Integer, Field>> FIELDS =
            Map.of(
                    Message.RESOURCE_LOGS,
                    Map.of(
                            1, Field.one("resource", Message.RESOURCE),
                            2, Field.many("scopeLogs", Message.SCOPE_LOGS),
                            3, Field.of("schemaUrl", Type.TEXT)),
                    Message.RESOURCE,
                    Map.of(1, Field.many("attributes", Message.KEY_VALUE)),
                    Message.SCOPE_LOGS,
                    Map.of(
                            1, Field.one("scope", Message.SCOPE),
                            2, Field.many("logRecords", Message.LOG_RECORD),
                            3, Field.of("schemaUrl", Type.TEXT)),
                    Message.SCOPE,
                    Map.of(
                            1, Field.of("name", Type.TEXT),
                            2, Field.of("version", Type.TEXT),
                            3, Field.many("attributes", Message.KEY_VALUE)),
                    Message.LOG_RECORD,
                    Map.of(
                            1, Field.of("timeUnixNano", Type.NUMBER_AS_TEXT),
                            2, Field.of("severityNumber", Type.NUMBER),
                            3, Field.of("severityText", Type.TEXT),
                            5, Field.one("body", Message.ANY_VALUE),
                            6, Field.many("attributes", Message.KEY_VALUE),
                            8, Field.of("flags", Type.NUMBER),
                            9, Field.of("traceId", Type.HEX_BYTES),
                            10, Field.of("spanId", Type.HEX_BYTES),
                            11, Field.of("observedTimeUnixNano", Type.NUMBER_AS_TEXT),
                            12, Field.of("eventName", Type.TEXT)),
                    Message.KEY_VALUE,
                    Map.of(
                            1, Field.of("key", Type.TEXT),
                            2, Field.one("value", Message.ANY_VALUE)),
                    Message.ANY_VALUE,
                    Map.of(
                            1, Field.of("stringValue", Type.TEXT),
                            2, Field.of("boolValue", Type.TRUTH),
                            3, Field.of("intValue", Type.NUMBER_AS_TEXT),
                            4, Field.of("doubleValue", Type.REAL),
                            5, Field.one("arrayValue", Message.ARRAY),
                            6, Field.one("kvlistValue", Message.LIST),
                            7, Field.of("bytesValue", Type.BYTES)),
                    Message.ARRAY,
                    Map.of(1, Field.many("values", Message.ANY_VALUE)),
                    Message.LIST,
                    Map.of(1, Field.many("values", Message.KEY_VALUE)));

    private final byte[] bytes;
    private int at;

    /// Bytes that are no such message.
    static final class Broken extends Exception {
        private static final long serialVersionUID = 1;

        Broken(String message) {
            super(message, null, false, false);
        }
    }

    /// @param bytes an `ExportLogsServiceRequest`
    OtlpProtobuf(byte[] bytes) {
        this.bytes = bytes;
    }

    /// Whether there is more of the request.
    boolean hasNext() {
        return at < bytes.length;
    }

    /// The next of its `ResourceLogs`; an empty object for a field that is none.
    ///
    /// @throws Broken when what follows cannot be read either
    ObjectNode next() throws Broken {
        var tag = varint(bytes.length);
        if (tag >>> 3 == 1 && (tag & 7) == 2) {
            var end = end(bytes.length);
            var logs = message(Message.RESOURCE_LOGS, end, 0);
            at = end;
            return logs;
        }
        skip(tag, bytes.length);
        return NODES.objectNode();
    }

    private ObjectNode message(Message message, int end, int depth) throws Broken {
        if (depth > DEPTH_MAX) {
            throw new Broken("expected at most " + DEPTH_MAX + " messages inside each other");
        }
        var fields = FIELDS.getOrDefault(message, Map.of());
        var object = NODES.objectNode();
        while (at < end) {
            var tag = varint(end);
            var field = fields.get((int) (tag >>> 3));
            if (field == null || !fits(field.type(), (int) (tag & 7))) {
                skip(tag, end);
                continue;
            }
            var value = value(field, (int) (tag & 7), end, depth);
            if (field.repeated()) {
                object.withArray(field.name()).add(value);
            } else {
                object.set(field.name(), value);
            }
        }
        return object;
    }

    /// Wire types: 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes.
    private static boolean fits(Type type, int wire) {
        return switch (type) {
            case TEXT, HEX_BYTES, BYTES, MESSAGE -> wire == 2;
            case TRUTH -> wire == 0;
            case NUMBER, NUMBER_AS_TEXT -> wire == 0 || wire == 1 || wire == 5;
            case REAL -> wire == 1;
        };
    }

    private JsonNode value(Field field, int wire, int end, int depth) throws Broken {
        if (wire != 2) {
            var number = number(wire, end);
            return switch (field.type()) {
                case TRUTH -> NODES.booleanNode(number != 0);
                case REAL -> NODES.numberNode(Double.longBitsToDouble(number));
                case NUMBER_AS_TEXT -> NODES.textNode(Long.toString(number));
                case NUMBER, TEXT, HEX_BYTES, BYTES, MESSAGE -> NODES.numberNode(number);
            };
        }
        var stop = end(end);
        var from = at;
        if (field.type() == Type.MESSAGE) {
            var inner = message(field.message(), stop, depth + 1);
            at = stop;
            return inner;
        }
        at = stop;
        return switch (field.type()) {
            case TEXT -> NODES.textNode(new String(bytes, from, stop - from, UTF_8));
            case HEX_BYTES -> NODES.textNode(HEX.formatHex(bytes, from, stop));
            case BYTES, TRUTH, NUMBER, NUMBER_AS_TEXT, REAL, MESSAGE ->
                    NODES.textNode(
                            Base64.getEncoder()
                                    .encodeToString(Arrays.copyOfRange(bytes, from, stop)));
        };
    }

    private long number(int wire, int end) throws Broken {
        if (wire == 0) {
            return varint(end);
        }
        var length = wire == 1 ? 8 : 4;
        if (end - at < length) {
            throw new Broken("expected " + length + " bytes at " + at);
        }
        var number = 0L;
        for (var i = length - 1; i >= 0; i--) {
            number = (number << 8) | (bytes[at + i] & 0xff);
        }
        at += length;
        return number;
    }

    private void skip(long tag, int end) throws Broken {
        switch ((int) (tag & 7)) {
            case 0 -> varint(end);
            case 1, 5 -> number((int) (tag & 7), end);
            case 2 -> at = end(end);
            default ->
                    throw new Broken("expected a field, got wire type " + (tag & 7) + " at " + at);
        }
    }

    /// Reads a length; behind so many bytes what follows begins.
    private int end(int outer) throws Broken {
        var length = varint(outer);
        if (length < 0 || length > outer - at) {
            throw new Broken("expected at most %d bytes at %d".formatted(outer - at, at));
        }
        return at + (int) length;
    }

    private long varint(int end) throws Broken {
        var number = 0L;
        for (var shift = 0; shift < 64; shift += 7) {
            if (at == end) {
                throw new Broken("expected a number, got the end at " + at);
            }
            var b = bytes[at++];
            number |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return number;
            }
        }
        throw new Broken("expected a number of at most ten bytes at " + at);
    }
}
