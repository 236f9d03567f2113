package dev.cairn.gateway.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.WireFormat;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import java.io.IOException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// OTLP's logs in protobuf, read by OpenTelemetry's own messages into the tree that the JSON form
/// of the same message has.
///
/// OTLP's specification, section on JSON: its form is not protobuf's own, for ids are hexadecimal
/// and enums numbers. One `ResourceLogs` is held at a time. Fields that are not known here are
/// passed over, as protobuf has it.
final class OtlpProtobuf {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final Set<String> HEX_FIELDS = Set.of("traceId", "spanId");
    private static final int LOGS =
            ExportLogsServiceRequest.RESOURCE_LOGS_FIELD_NUMBER << 3
                    | WireFormat.WIRETYPE_LENGTH_DELIMITED;

    private final CodedInputStream in;

    /// @param bytes an `ExportLogsServiceRequest`
    OtlpProtobuf(byte[] bytes) {
        in = CodedInputStream.newInstance(bytes);
    }

    /// The next of its `ResourceLogs`; null at the end.
    ///
    /// @throws InvalidProtocolBufferException when what follows cannot be read either, messages
    ///   lying over 100 deep inside each other among that
    @Nullable ObjectNode next() throws IOException {
        for (var tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == LOGS) {
                var logs = ResourceLogs.newBuilder();
                in.readMessage(logs, ExtensionRegistryLite.getEmptyRegistry());
                return tree(logs.build());
            }
            in.skipField(tag);
        }
        return null;
    }

    private static ObjectNode tree(Message message) {
        var tree = NODES.objectNode();
        message.getAllFields()
                .forEach((field, value) -> tree.set(field.getJsonName(), node(field, value)));
        return tree;
    }

    private static JsonNode node(FieldDescriptor field, Object value) {
        if (value instanceof List<?> items) {
            var nodes = NODES.arrayNode();
            items.forEach(item -> nodes.add(node(field, item)));
            return nodes;
        }
        return switch (value) {
            case Message message -> tree(message);
            case EnumValueDescriptor word -> NODES.numberNode(word.getNumber());
            case ByteString bytes when HEX_FIELDS.contains(field.getJsonName()) ->
                    NODES.textNode(HexFormat.of().formatHex(bytes.toByteArray()));
            case ByteString bytes ->
                    NODES.textNode(Base64.getEncoder().encodeToString(bytes.toByteArray()));
            case Long number -> NODES.textNode(Long.toString(number));
            case Integer number -> NODES.numberNode(Integer.toUnsignedLong(number));
            case Double number -> NODES.numberNode(number);
            case Boolean truth -> NODES.booleanNode(truth);
            default -> NODES.textNode(value.toString());
        };
    }
}
