package dev.cairn.server.operation;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.queue.MessageAttribute;
import dev.cairn.topic.Message;
import dev.cairn.topic.TopicArn;
import dev.cairn.topic.Topics;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// SNS's Publish and PublishBatch. What they answer is durable: each message is in the own queues
/// that are subscribed, and on its way to everyone else. Data-plane calls, which leave no event.
///
/// Source: Amazon SNS API Reference.
final class TopicMessages {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int BYTES_MAX = 256 << 10;
    private static final int SUBJECT_CHARS_MAX = 100;
    private static final int BATCH_MAX = 10;

    private final Topics topics;
    private final Catalog catalog;

    TopicMessages(Topics topics, Catalog catalog) {
        this.topics = topics;
        this.catalog = catalog;
    }

    ObjectNode publish(Invocation call) throws CatalogException {
        if (call.input().hasNonNull("PhoneNumber")) {
            throw TopicCall.invalid("PhoneNumber Reason: Cairn sends no text messages");
        }
        var arn = TopicCall.arn(call);
        var message = message(arn, call.input(), call.now());
        if (bytes(message) > BYTES_MAX) {
            throw TopicCall.invalid("Message too long");
        }
        send(message, call.now());
        return JsonNodeFactory.instance.objectNode().put("MessageId", message.id());
    }

    ObjectNode publishBatch(Invocation call) throws CatalogException {
        var arn = TopicCall.arn(call);
        var entries = call.input().path("PublishBatchRequestEntries");
        if (entries.isEmpty()) {
            throw new Failure(ErrorCode.TOPIC_EMPTY_BATCH);
        }
        if (entries.size() > BATCH_MAX) {
            throw new Failure(ErrorCode.TOPIC_BATCH_TOO_MANY);
        }
        var ids = new HashSet<String>();
        for (var entry : entries) {
            var id = entry.path("Id").asText("");
            if (!id.matches("[A-Za-z0-9_-]{1,80}")) {
                throw new Failure(ErrorCode.TOPIC_BATCH_ID_INVALID);
            }
            if (!ids.add(id)) {
                throw new Failure(ErrorCode.TOPIC_BATCH_IDS_NOT_DISTINCT);
            }
        }
        if (topics.find(arn).isEmpty()) {
            throw Topics.noTopic();
        }
        var output = JsonNodeFactory.instance.objectNode();
        var successful = output.putArray("Successful");
        var failed = output.putArray("Failed");
        var messages = new LinkedHashMap<String, Message>();
        var bytes = 0;
        for (var entry : entries) {
            var id = entry.path("Id").asText();
            try {
                var message = message(arn, entry, call.now());
                messages.put(id, message);
                bytes += bytes(message);
            } catch (Failure refused) {
                failed.addObject()
                        .put("Id", id)
                        .put("Code", "InvalidParameter")
                        .put("Message", refused.message())
                        .put("SenderFault", true);
            }
        }
        if (bytes > BYTES_MAX) {
            throw new Failure(ErrorCode.TOPIC_BATCH_TOO_LONG);
        }
        for (var message : messages.entrySet()) {
            send(message.getValue(), call.now());
            successful
                    .addObject()
                    .put("Id", message.getKey())
                    .put("MessageId", message.getValue().id());
        }
        return output;
    }

    private void send(Message message, Instant now) throws CatalogException {
        topics.prepare(now);
        catalog.<Boolean, RuntimeException>write(tx -> {
            topics.publish(tx, message);
            return true;
        });
    }

    private Message message(TopicArn arn, JsonNode input, Instant now) {
        for (var member : new String[] {"MessageGroupId", "MessageDeduplicationId"}) {
            if (input.hasNonNull(member)) {
                throw TopicCall.invalid(
                        "%s Reason: The request includes %s parameter that is not valid for this topic type"
                                .formatted(member, member));
            }
        }
        var text = input.path("Message").asText("");
        if (text.isEmpty()) {
            throw TopicCall.invalid("Empty message");
        }
        Map<String, String> texts = Map.of();
        var structure = input.path("MessageStructure").asText("");
        if (structure.equals("json")) {
            texts = texts(text);
            text = texts.get("default");
        } else if (!structure.isEmpty()) {
            throw TopicCall.invalid("MessageStructure Reason: expected json");
        }
        if (text == null) {
            throw TopicCall.invalid("Message Structure - No default entry in JSON message body");
        }
        return new Message(
                topics.freshId(),
                arn,
                subject(input),
                text,
                texts,
                attributes(input.path("MessageAttributes")),
                now.truncatedTo(ChronoUnit.MILLIS));
    }

    private static Map<String, String> texts(String json) {
        var texts = new HashMap<String, String>();
        try {
            var read = JSON.readTree(json);
            if (read.isObject()) {
                read.properties().stream()
                        .filter(entry -> entry.getValue().isTextual())
                        .forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
                return texts;
            }
        } catch (JsonProcessingException _) {
            // Told below.
        }
        throw TopicCall.invalid("Message Structure - JSON message body failed to parse");
    }

    /// ASCII that begins with a letter, digit or sign and has no line breaks.
    private static @Nullable String subject(JsonNode input) {
        if (!input.hasNonNull("Subject")) {
            return null;
        }
        var subject = input.path("Subject").asText();
        if (subject.isEmpty()
                || subject.length() > SUBJECT_CHARS_MAX
                || subject.charAt(0) == ' '
                || !subject.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
            throw TopicCall.invalid("Subject");
        }
        return subject;
    }

    private static Map<String, MessageAttribute> attributes(JsonNode input) {
        var attributes = new HashMap<String, MessageAttribute>();
        input.properties()
                .forEach(entry -> {
                    var type = entry.getValue().path("DataType").asText("");
                    var value =
                            entry.getValue()
                                    .path(type.startsWith("Binary") ? "BinaryValue" : "StringValue")
                                    .asText("");
                    if (!entry.getKey().matches("[A-Za-z0-9_-][A-Za-z0-9_.-]{0,255}")
                            || !type.matches("(String|Number|Binary)(\\.[A-Za-z0-9_.-]{1,240})?")
                            || value.isEmpty()) {
                        throw TopicCall.invalid(
                                "The message attribute '%s' must have a type and a non-empty value"
                                        .formatted(entry.getKey()));
                    }
                    attributes.put(entry.getKey(), new MessageAttribute(type, value));
                });
        return attributes;
    }

    /// What counts against SNS's 256 KB.
    private static int bytes(Message message) {
        var bytes =
                message.texts().isEmpty()
                        ? message.text().getBytes(UTF_8).length
                        : message.texts().values().stream()
                                .mapToInt(text -> text.getBytes(UTF_8).length)
                                .sum();
        for (var attribute : message.attributes().entrySet()) {
            bytes +=
                    attribute.getKey().getBytes(UTF_8).length
                            + attribute.getValue().type().getBytes(UTF_8).length
                            + attribute.getValue().value().getBytes(UTF_8).length;
        }
        return bytes;
    }
}
