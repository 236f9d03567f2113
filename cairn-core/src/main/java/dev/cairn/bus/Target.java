package dev.cairn.bus;

import java.time.Duration;
import java.util.Optional;

/// Whom a rule tells.
///
/// @param arn of a [Destination]
/// @param role kept for who asks; empty for none
/// @param input what is told
/// @param retry for how long it is tried
/// @param deadLetters the ARN of the queue for what cannot be told; empty for none
public record Target(
        TargetName name,
        String arn,
        String role,
        TargetInput input,
        Retry retry,
        Optional<String> deadLetters) {

    /// For how long a target is tried.
    ///
    /// @param attempts how often after the first time; empty when nobody said
    /// @param age how old an event may get; empty when nobody said
    public record Retry(Optional<Integer> attempts, Optional<Duration> age) {
        /// The most there is, which is what counts when nobody said otherwise.
        public static final int ATTEMPTS_MAX = 185;

        /// As [#ATTEMPTS_MAX].
        public static final Duration AGE_MAX = Duration.ofHours(24);

        int attemptsMax() {
            return attempts.orElse(ATTEMPTS_MAX);
        }

        Duration ageMax() {
            return age.orElse(AGE_MAX);
        }
    }

    /// @throws IllegalStateException when it is the ARN of none, which is refused before it is kept
    Destination destination() {
        return Destination.ofArn(arn)
                .orElseThrow(() -> new IllegalStateException("expected a destination, got " + arn));
    }
}
