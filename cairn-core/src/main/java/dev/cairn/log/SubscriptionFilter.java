package dev.cairn.log;

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
        Instant put) {}
