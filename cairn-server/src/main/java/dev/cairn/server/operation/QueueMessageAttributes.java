package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.queue.Md5;
import dev.cairn.queue.MessageAttribute;
import dev.cairn.queue.Received;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The attributes of messages, a sender's own and SQS's, as SQS writes them.
///
/// Source:
/// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
final class QueueMessageAttributes {
    private static final int MAX = 10;
    private static final String TRACE = "AWSTraceHeader";
    private static final Pattern NAME =
            Pattern.compile(
                    "(?!\\.|(?i:aws\\.|amazon\\.))(?!.*\\.\\.)[A-Za-z0-9_.-]{1,256}(?<!\\.)");
    private static final Pattern TYPE = Pattern.compile("(String|Number|Binary)(\\..{1,249})?");

    private QueueMessageAttributes() {}

    /// A sender's own attributes.
    ///
    /// @throws Failure INVALID_PARAMETER_VALUE
    static Map<String, MessageAttribute> read(JsonNode map) {
        if (map.size() > MAX) {
            throw invalid(
                    "Number of message attributes [%d] exceeds the allowed maximum [%d]."
                            .formatted(map.size(), MAX));
        }
        var attributes = new TreeMap<String, MessageAttribute>();
        for (var entry : map.properties()) {
            if (!NAME.matcher(entry.getKey()).matches()) {
                throw invalid(
                        "The message attribute name '%s' is not valid.".formatted(entry.getKey()));
            }
            attributes.put(entry.getKey(), attribute(entry.getKey(), entry.getValue()));
        }
        return attributes;
    }

    private static MessageAttribute attribute(String name, JsonNode value) {
        var type = value.path("DataType").asText();
        if (!TYPE.matcher(type).matches()) {
            throw invalid(
                    "The type of message (user) attribute '%s' is invalid. You must use only the following supported type prefixes: Binary, Number, String."
                            .formatted(name));
        }
        if (value.hasNonNull("StringListValues") || value.hasNonNull("BinaryListValues")) {
            throw new Failure(
                    ErrorCode.QUEUE_UNSUPPORTED_OPERATION,
                    "Message attribute list values in SendMessage operation are not supported.");
        }
        var binary = type.startsWith("Binary");
        var text = binary ? base64(value.path("BinaryValue")) : value.path("StringValue").asText();
        if (text.isEmpty()) {
            throw invalid(
                    "The message (user) attribute '%s' must contain a non-empty value of type '%s'."
                            .formatted(name, type));
        }
        if (type.startsWith("Number") && !isNumber(text)) {
            throw invalid(
                    "Can't cast the value of message (user) attribute '%s' to a number."
                            .formatted(name));
        }
        return new MessageAttribute(type, text);
    }

    private static boolean isNumber(String text) {
        try {
            return text.length() <= 256 && new BigDecimal(text).signum() >= -1;
        } catch (NumberFormatException _) {
            return false;
        }
    }

    private static String base64(JsonNode node) {
        try {
            return node.isMissingNode() || node.isNull()
                    ? ""
                    : Base64.getEncoder().encodeToString(node.binaryValue());
        } catch (IOException e) {
            throw new UncheckedIOException("a codec gives blobs as bytes", e);
        }
    }

    /// SQS's own attribute that a sender may give.
    ///
    /// @throws Failure INVALID_PARAMETER_VALUE
    static @Nullable String traceHeader(JsonNode map) {
        for (var entry : map.properties()) {
            if (!entry.getKey().equals(TRACE)) {
                throw invalid(
                        "Message system attribute name '%s' is invalid.".formatted(entry.getKey()));
            }
            if (!entry.getValue().path("DataType").asText().equals("String")
                    || entry.getValue().path("StringValue").asText().isEmpty()) {
                throw invalid(
                        "The message system attribute '%s' must contain a non-empty value of type 'String'."
                                .formatted(TRACE));
            }
        }
        return map.hasNonNull(TRACE) ? map.path(TRACE).path("StringValue").asText() : null;
    }

    static String md5OfTraceHeader(String traceHeader) {
        return Md5.of(Map.of(TRACE, new MessageAttribute("String", traceHeader)));
    }

    /// What a receiver wants to see of a message besides its body.
    ///
    /// @param system names of SQS's own attributes, or `All`
    /// @param own names of the sender's, `All`, or the start of names with `.*` behind it
    record Wanted(Set<String> system, Set<String> own) {
        private static final Set<String> SYSTEM =
                Set.of(
                        "All",
                        "SenderId",
                        "SentTimestamp",
                        "ApproximateReceiveCount",
                        "ApproximateFirstReceiveTimestamp",
                        "SequenceNumber",
                        "MessageDeduplicationId",
                        "MessageGroupId",
                        TRACE,
                        "DeadLetterQueueSourceArn");

        /// @throws Failure INVALID_ATTRIBUTE_NAME
        static Wanted of(JsonNode input) {
            var system = new LinkedHashSet<String>();
            for (var member : List.of("AttributeNames", "MessageSystemAttributeNames")) {
                for (var name : input.path(member)) {
                    if (!SYSTEM.contains(name.asText())) {
                        throw new Failure(
                                ErrorCode.INVALID_ATTRIBUTE_NAME,
                                "Unknown Attribute %s.".formatted(name.asText()));
                    }
                    system.add(name.asText());
                }
            }
            var own = new LinkedHashSet<String>();
            input.path("MessageAttributeNames").forEach(name -> own.add(name.asText()));
            return new Wanted(system, own);
        }

        /// Writes what is wanted of a message into its view. The sum is over what is written, for
        /// that is what the receiver checks.
        void write(Received received, ObjectNode view) {
            var values = JsonNodeFactory.instance.objectNode();
            values.put("SenderId", received.sender());
            values.put("SentTimestamp", Long.toString(received.sent().toEpochMilli()));
            values.put("ApproximateReceiveCount", Integer.toString(received.receives()));
            values.put(
                    "ApproximateFirstReceiveTimestamp",
                    Long.toString(received.firstReceived().toEpochMilli()));
            if (received.message().traceHeader() != null) {
                values.put(TRACE, received.message().traceHeader());
            }
            if (received.deadLetterSource() != null) {
                values.put("DeadLetterQueueSourceArn", received.deadLetterSource());
            }
            if (!system.contains("All")) {
                values.retain(system);
            }
            if (!values.isEmpty()) {
                view.set("Attributes", values);
            }
            var shown = new TreeMap<>(received.message().attributes());
            shown.keySet().removeIf(name -> !wants(name));
            if (!shown.isEmpty()) {
                view.put("MD5OfMessageAttributes", Md5.of(shown));
                var map = view.putObject("MessageAttributes");
                shown.forEach((name, attribute) -> {
                    var one = map.putObject(name).put("DataType", attribute.type());
                    if (attribute.binary()) {
                        one.put("BinaryValue", attribute.bytes());
                    } else {
                        one.put("StringValue", attribute.value());
                    }
                });
            }
        }

        private boolean wants(String name) {
            return own.stream()
                    .anyMatch(wanted ->
                            wanted.equals("All")
                                    || wanted.equals(name)
                                    || (wanted.endsWith(".*")
                                            && name.startsWith(
                                                    wanted.substring(0, wanted.length() - 2))));
        }
    }

    private static Failure invalid(String sentence) {
        return new Failure(ErrorCode.INVALID_PARAMETER_VALUE, sentence);
    }
}
