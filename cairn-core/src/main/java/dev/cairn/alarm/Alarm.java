package dev.cairn.alarm;

import dev.cairn.metric.MetricQuery;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An alarm as it stands. Immutable.
///
/// @param configured when its settings were last put
public record Alarm(
        AlarmArn arn,
        Settings settings,
        Subject subject,
        AlarmState state,
        Instant configured,
        Map<String, String> tags) {

    /// What all alarms have.
    ///
    /// @param description empty for none
    /// @param actions what is done, by the state that the alarm comes into: ARNs
    public record Settings(
            String description,
            boolean actionsEnabled,
            Map<AlarmState.Value, List<String>> actions) {

        /// What is done when it comes into a state.
        public List<String> actions(AlarmState.Value state) {
            return actions.getOrDefault(state, List.of());
        }
    }

    /// What an alarm watches.
    public sealed interface Subject {}

    /// A metric, or what an expression makes of several.
    ///
    /// @param queries of which one is watched, by order
    /// @param single whether the metric was given by its name, not as a query
    /// @param datapointsToAlarm empty when not given: all
    /// @param missing what periods without values count as
    /// @param missingGiven whether that was said
    /// @param lowSamples as it was given, `evaluate` or `ignore`; empty when not
    public record Metrics(
            List<MetricQuery> queries,
            boolean single,
            Comparison comparison,
            double threshold,
            int evaluationPeriods,
            Optional<Integer> datapointsToAlarm,
            Missing missing,
            boolean missingGiven,
            Optional<String> lowSamples)
            implements Subject {

        public Metrics {
            queries = List.copyOf(queries);
        }

        /// How many of the periods must be beyond the threshold.
        public int needed() {
            return datapointsToAlarm.orElse(evaluationPeriods);
        }

        /// The query that is compared with the threshold.
        public MetricQuery watched() {
            return queries.stream().filter(MetricQuery::shown).findFirst().orElseThrow();
        }
    }

    /// The states of other alarms.
    ///
    /// @param rule as it was written
    public record Composite(String rule) implements Subject {}

    /// How a value is compared with the threshold.
    public enum Comparison {
        GREATER_OR_EQUAL("GreaterThanOrEqualToThreshold", "greater than or equal to"),
        GREATER("GreaterThanThreshold", "greater than"),
        LESS("LessThanThreshold", "less than"),
        LESS_OR_EQUAL("LessThanOrEqualToThreshold", "less than or equal to");

        private final String wireName;
        private final String words;

        Comparison(String wireName, String words) {
            this.wireName = wireName;
            this.words = words;
        }

        /// As `ComparisonOperator` has it.
        public String wireName() {
            return wireName;
        }

        /// For people.
        String words() {
            return words;
        }

        boolean upwards() {
            return this == GREATER_OR_EQUAL || this == GREATER;
        }

        boolean breaches(double value, double threshold) {
            return switch (this) {
                case GREATER_OR_EQUAL -> value >= threshold;
                case GREATER -> value > threshold;
                case LESS -> value < threshold;
                case LESS_OR_EQUAL -> value <= threshold;
            };
        }

        /// Empty for comparisons with a band.
        public static Optional<Comparison> ofWire(String name) {
            for (Comparison one : values()) {
                if (one.wireName.equals(name)) {
                    return Optional.of(one);
                }
            }
            return Optional.empty();
        }
    }

    /// What a period without values counts as.
    public enum Missing {
        MISSING("missing", "Missing"),
        IGNORE("ignore", "Ignored"),
        BREACHING("breaching", "Breaching"),
        NOT_BREACHING("notBreaching", "NonBreaching");

        private final String wireName;
        private final String words;

        Missing(String wireName, String words) {
            this.wireName = wireName;
            this.words = words;
        }

        /// As `TreatMissingData` has it.
        public String wireName() {
            return wireName;
        }

        String words() {
            return words;
        }

        /// Empty when there is no such treatment.
        public static Optional<Missing> ofWire(String name) {
            for (Missing one : values()) {
                if (one.wireName.equals(name)) {
                    return Optional.of(one);
                }
            }
            return Optional.empty();
        }
    }

    /// A copy in another state.
    Alarm with(AlarmState next) {
        return new Alarm(arn, settings, subject, next, configured, tags);
    }

    Alarm withActionsEnabled(boolean enabled) {
        return new Alarm(
                arn,
                new Settings(settings.description(), enabled, settings.actions()),
                subject,
                state,
                configured,
                tags);
    }

    Alarm withTags(Map<String, String> others) {
        return new Alarm(arn, settings, subject, state, configured, others);
    }

    /// `MetricAlarm` or `CompositeAlarm`.
    public String type() {
        return switch (subject) {
            case Metrics _ -> "MetricAlarm";
            case Composite _ -> "CompositeAlarm";
        };
    }
}
