package dev.cairn.connection;

import java.time.Instant;
import java.util.Optional;

/// A request to a server outside that rules may make.
///
/// @param endpoint by https; may have a `*` in its path for each value that a target gives
/// @param perSecondMax requests a second; empty when nobody said
public record ApiDestination(
        ApiDestinationArn arn,
        String description,
        ConnectionArn connection,
        String endpoint,
        String method,
        Optional<Integer> perSecondMax,
        Instant created,
        Instant modified) {
    /// What counts when nobody said otherwise.
    public static final int PER_SECOND_MAX = 300;
}
