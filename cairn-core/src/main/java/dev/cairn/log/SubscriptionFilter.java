package dev.cairn.log;

import dev.cairn.topic.TopicArn;
import java.time.Instant;

/// Which messages of a log group are passed on, and to whom.
///
/// @param name of 1 to 512 characters without `:` and `*`
/// @param pattern as it was written, byte for byte
/// @param destination the ARN of a queue or a topic of Cairn's
/// @param role as it was given; empty when not
/// @param distribution as it was given
/// @param put when it was last put
public record SubscriptionFilter(
        LogGroupName group,
        String name,
        String pattern,
        String destination,
        String role,
        String distribution,
        Instant put) {
    /// What a topic passes on it may pass on to many, each with a signature of its own.
    private static final int TOPIC_WEIGHT = 16;

    /// How much more it is to pass a message on than to put it into a queue.
    int weight() {
        return TopicArn.of(destination).isPresent() ? TOPIC_WEIGHT : 1;
    }
}
