package dev.cairn.queue;

import dev.cairn.access.Policy;
import dev.cairn.access.PolicyException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// A queue as it stands.
///
/// @param id never given to another queue, not even to one of the same name
/// @param generation rises when the queue is purged
/// @param attributes those that were set, checked ([QueueAttributes]), by AWS's name
public record Queue(
        QueueName name,
        String id,
        int generation,
        Instant created,
        Instant modified,
        Map<String, String> attributes,
        Map<String, String> tags) {

    public Queue {
        attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
        tags = Collections.unmodifiableMap(new LinkedHashMap<>(tags));
    }

    /// What the keys of its messages start with, without the slash: a purge leaves the old ones
    /// behind under another.
    String store() {
        return id + "." + generation;
    }

    /// An attribute, or what it is when it was not set.
    public String attribute(String attribute) {
        String set = attributes.get(attribute);
        return set != null ? set : QueueAttributes.DEFAULTS.getOrDefault(attribute, "");
    }

    /// How long a new message is held back.
    public Duration delay() {
        return seconds("DelaySeconds");
    }

    /// How long a message that was received is kept from others.
    public Duration visibilityTimeout() {
        return seconds("VisibilityTimeout");
    }

    /// How long a message is kept.
    public Duration retention() {
        return seconds("MessageRetentionPeriod");
    }

    /// How long a reception waits for a message.
    public Duration receiveWait() {
        return seconds("ReceiveMessageWaitTimeSeconds");
    }

    /// The largest message, attributes included, in bytes.
    public int messageBytesMax() {
        return Integer.parseInt(attribute("MaximumMessageSize"));
    }

    /// Where messages go that nobody manages to work off.
    public Optional<Redrive> redrive() {
        return Redrive.of(attribute("RedrivePolicy"));
    }

    /// Its policy; one that says nothing when it has none.
    public Policy policy() {
        String json = attribute("Policy");
        try {
            return json.isEmpty() ? Policy.NONE : Policy.of(json);
        } catch (PolicyException e) {
            throw new IllegalStateException("expected a policy that was checked when set", e);
        }
    }

    boolean mayBeDeadLetterQueueOf(QueueName source) {
        String json = attribute("RedriveAllowPolicy");
        return json.isEmpty()
                || RedriveAllowance.of(json)
                        .map(allowance -> allowance.allows(source))
                        .orElse(false);
    }

    private Duration seconds(String attribute) {
        return Duration.ofSeconds(Long.parseLong(attribute(attribute)));
    }
}
