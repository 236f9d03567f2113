package dev.cairn.queue;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A message as someone received it.
///
/// @param id the same each time it is received
/// @param receiptHandle of this reception: what deletes the message, until it is received again
/// @param message what was sent; its delay is gone
/// @param sender the `principalId` of who sent it; a service's name
/// @param receives how often it was received, this time included, in all queues it was in
/// @param deadLetterSource the ARN of the queue that it was moved from; null when it was not
public record Received(
        String id,
        String receiptHandle,
        Outgoing message,
        String sender,
        Instant sent,
        int receives,
        Instant firstReceived,
        @Nullable String deadLetterSource) {}
