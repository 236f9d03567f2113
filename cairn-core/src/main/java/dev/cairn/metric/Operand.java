package dev.cairn.metric;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/// What an expression works with, and what it comes to.
public sealed interface Operand {

    /// One number for all times.
    record Scalar(double value) implements Operand {}

    /// Numbers by time, in seconds since 1970.
    record Series(SortedMap<Long, Double> points) implements Operand {
        public Series {
            points = Collections.unmodifiableSortedMap(new TreeMap<>(points));
        }
    }

    /// Several series.
    record Several(List<Series> all) implements Operand {
        public Several {
            all = List.copyOf(all);
        }
    }

    /// Each number by itself.
    default Operand each(DoubleUnaryOperator change) {
        return switch (this) {
            case Scalar(double value) -> new Scalar(change.applyAsDouble(value));
            case Series(SortedMap<Long, Double> points) -> {
                SortedMap<Long, Double> changed = new TreeMap<>();
                points.forEach((time, value) -> changed.put(time, change.applyAsDouble(value)));
                yield new Series(finite(changed));
            }
            case Several(List<Series> all) -> {
                List<Series> changed = new ArrayList<>();
                for (Series one : all) {
                    changed.add((Series) one.each(change));
                }
                yield new Several(changed);
            }
        };
    }

    /// Both together, at the times that both have.
    default Operand with(Operand other, DoubleBinaryOperator operator) {
        if (other instanceof Scalar(double right)) {
            return each(left -> operator.applyAsDouble(left, right));
        }
        return switch (this) {
            case Scalar(double left) -> other.each(right -> operator.applyAsDouble(left, right));
            case Series left ->
                    other instanceof Several(List<Series> all)
                            ? new Several(
                                    all.stream().map(one -> both(left, one, operator)).toList())
                            : both(left, (Series) other, operator);
            case Several(List<Series> all) ->
                    other instanceof Several
                            ? fail()
                            : new Several(
                                    all.stream()
                                            .map(one -> both(one, (Series) other, operator))
                                            .toList());
        };
    }

    private static Operand fail() {
        throw new ExpressionException(
                "an operator cannot stand between two lists of several time series");
    }

    private static Series both(Series left, Series right, DoubleBinaryOperator operator) {
        SortedMap<Long, Double> points = new TreeMap<>();
        left.points()
                .forEach((time, value) -> {
                    Double other = right.points().get(time);
                    if (other != null) {
                        points.put(time, operator.applyAsDouble(value, other));
                    }
                });
        return new Series(finite(points));
    }

    /// A division by zero has no result at that time.
    private static SortedMap<Long, Double> finite(SortedMap<Long, Double> points) {
        points.values().removeIf(value -> !Double.isFinite(value));
        return points;
    }

    /// All series that are in it.
    default List<Series> series() {
        return switch (this) {
            case Scalar _ -> List.of();
            case Series one -> List.of(one);
            case Several(List<Series> all) -> all;
        };
    }

    /// All times at which one of them has a number.
    static SortedSet<Long> times(List<Series> all) {
        SortedSet<Long> times = new TreeSet<>();
        for (Series one : all) {
            times.addAll(one.points().keySet());
        }
        return times;
    }
}
