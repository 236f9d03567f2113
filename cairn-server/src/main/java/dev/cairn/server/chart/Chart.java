package dev.cairn.server.chart;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;

/// Numbers that are drawn: for each label one of each series.
///
/// @param labels what is counted, in the order of the answer
/// @param series of numbers, one at least
public record Chart(Kind kind, List<String> labels, List<Series> series) {

    /// How it is drawn.
    public enum Kind {
        BAR,
        LINE
    }

    /// @param name of the column
    /// @param values as many as there are labels; NaN where there is none
    public record Series(String name, List<Double> values) {}

    /// The largest value, or 0 when none is larger.
    public double max() {
        return series.stream()
                .flatMap(one -> one.values().stream())
                .filter(Double::isFinite)
                .mapToDouble(Double::doubleValue)
                .reduce(0, Math::max);
    }

    /// The smallest value, or 0 when none is smaller.
    public double min() {
        return series.stream()
                .flatMap(one -> one.values().stream())
                .filter(Double::isFinite)
                .mapToDouble(Double::doubleValue)
                .reduce(0, Math::min);
    }

    /// Names that no two of are equal, upper and lower case aside: the second `n` is `n_2`.
    public static List<String> unlike(List<String> names) {
        var taken = new HashSet<String>();
        var unlike = new ArrayList<String>();
        for (var given : names) {
            var name = given;
            for (var number = 2; !taken.add(name.toLowerCase(Locale.ROOT)); number++) {
                name = given + "_" + number;
            }
            unlike.add(name);
        }
        return unlike;
    }
}
