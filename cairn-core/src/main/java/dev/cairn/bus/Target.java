package dev.cairn.bus;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Whom a rule tells.
///
/// @param arn of a [Destination]
/// @param role kept for who asks; empty for none
/// @param input what is told
/// @param http of the request, where it is one
/// @param retry for how long it is tried
/// @param deadLetters the ARN of the queue for what cannot be told; empty for none
public record Target(
        TargetName name,
        String arn,
        String role,
        TargetInput input,
        Http http,
        Retry retry,
        Optional<String> deadLetters) {

    /// A target that says nothing of requests.
    public Target(
            TargetName name,
            String arn,
            String role,
            TargetInput input,
            Retry retry,
            Optional<String> deadLetters) {
        this(name, arn, role, input, Http.NONE, retry, deadLetters);
    }

    /// What a target adds to its API destination's requests.
    ///
    /// A value that is an [EventPath] stands for what the event has there: a text as it is,
    /// anything else as JSON, nothing as an empty text.
    ///
    /// @param path for each `*` in the endpoint's path
    /// @param headers by name, in order of name
    /// @param query by name, in order of name
    public record Http(List<String> path, Map<String, String> headers, Map<String, String> query) {
        public static final Http NONE = new Http(List.of(), Map.of(), Map.of());

        public Http {
            path = List.copyOf(path);
            headers = new TreeMap<>(headers);
            query = new TreeMap<>(query);
        }

        public boolean isNone() {
            return path.isEmpty() && headers.isEmpty() && query.isEmpty();
        }

        Http of(String event) {
            return new Http(
                    path.stream().map(value -> value(value, event)).toList(),
                    values(headers, event),
                    values(query, event));
        }

        private static Map<String, String> values(Map<String, String> given, String event) {
            Map<String, String> values = new TreeMap<>();
            given.forEach((name, value) -> values.put(name, value(value, event)));
            return values;
        }

        private static String value(String given, String event) {
            return given.startsWith("$.")
                    ? EventPath.of(given).map(path -> path.text(event)).orElse(given)
                    : given;
        }
    }

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
    public Destination destination() {
        return Destination.ofArn(arn)
                .orElseThrow(() -> new IllegalStateException("expected a destination, got " + arn));
    }
}
