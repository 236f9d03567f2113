package dev.cairn.server.command;

import java.util.List;

/// Numbers that are drawn: for each label one of each series.
///
/// @param labels what is counted, in the order of the answer
/// @param series of numbers, one at least
record Chart(Kind kind, List<String> labels, List<Series> series) {

    /// How it is drawn.
    enum Kind {
        BAR,
        LINE
    }

    /// @param name of the column
    /// @param values as many as there are labels; NaN where there is none
    record Series(String name, List<Double> values) {}

    /// The largest value, or 0 when none is larger.
    double max() {
        return series.stream()
                .flatMap(one -> one.values().stream())
                .filter(Double::isFinite)
                .mapToDouble(Double::doubleValue)
                .reduce(0, Math::max);
    }

    /// The smallest value, or 0 when none is smaller.
    double min() {
        return series.stream()
                .flatMap(one -> one.values().stream())
                .filter(Double::isFinite)
                .mapToDouble(Double::doubleValue)
                .reduce(0, Math::min);
    }
}
