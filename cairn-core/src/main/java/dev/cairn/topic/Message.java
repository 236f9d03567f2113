package dev.cairn.topic;

import dev.cairn.queue.MessageAttribute;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What was published.
///
/// @param id the same on every way it takes and on every try
/// @param subject null for none
/// @param text for whom `texts` has nothing of its own
/// @param texts by protocol's name, for those that are told something else (`MessageStructure`
///   json)
/// @param attributes by name
/// @param time when it was published; whole thousandths of a second
public record Message(
        String id,
        TopicArn topic,
        @Nullable String subject,
        String text,
        Map<String, String> texts,
        Map<String, MessageAttribute> attributes,
        Instant time) {

    public Message {
        texts = Map.copyOf(texts);
        attributes = Map.copyOf(attributes);
    }

    /// A message of nothing but a text.
    public static Message of(String id, TopicArn topic, String text, Instant time) {
        return new Message(id, topic, null, text, Map.of(), Map.of(), time);
    }

    String textFor(Subscription.Protocol protocol) {
        return texts.getOrDefault(protocol.wireName(), text);
    }
}
