package dev.cairn.metric;

import java.time.Duration;
import java.util.Optional;

/// One of the queries of a request: the values of a metric, or what an expression makes of others.
///
/// @param id that expressions name it by: a small letter, then letters, digits and underscores
/// @param label for people; empty when not given
/// @param shown whether it is a result, and not only there for expressions
public record MetricQuery(String id, Source source, Optional<String> label, boolean shown) {

    /// Where its numbers come from.
    public sealed interface Source {}

    /// A metric's.
    ///
    /// @param unit empty for values of all units together
    public record Values(Metric metric, Duration period, Statistic statistic, Optional<String> unit)
            implements Source {}

    /// Others'.
    ///
    /// @param text as it was written
    /// @param period empty when not given
    public record Maths(String text, Optional<Duration> period) implements Source {}

    /// What it is called where it has no label.
    public String title() {
        return label.orElseGet(() ->
                switch (source) {
                    case Values values -> values.metric().name();
                    case Maths _ -> id;
                });
    }
}
