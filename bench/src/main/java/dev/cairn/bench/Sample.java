package dev.cairn.bench;

import java.util.Arrays;

/// Figures of one kind, measured several times.
final class Sample {
    /// Beyond this ratio of the largest to the smallest a median alone would mislead.
    private static final double WIDE = 1.5;

    private double[] values = new double[64];
    private int count;

    synchronized void add(double value) {
        if (count == values.length) {
            values = Arrays.copyOf(values, count * 2);
        }
        values[count++] = value;
    }

    void addAll(Sample others) {
        double[] theirs;
        synchronized (others) {
            theirs = Arrays.copyOf(others.values, others.count);
        }
        for (double value : theirs) {
            add(value);
        }
    }

    /// What was added last.
    synchronized double last() {
        return values[count - 1];
    }

    synchronized int count() {
        return count;
    }

    /// The smallest value that at least a share of all values do not exceed (nearest rank).
    ///
    /// @param share over 0, up to 1
    /// @throws IllegalStateException when nothing was measured
    synchronized double percentile(double share) {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("expected a share over 0 up to 1, got " + share);
        }
        if (count == 0) {
            throw new IllegalStateException("expected something measured, got nothing");
        }
        double[] sorted = Arrays.copyOf(values, count);
        Arrays.sort(sorted);
        return sorted[(int) Math.ceil(share * count) - 1];
    }

    double median() {
        return percentile(0.5);
    }

    double min() {
        return percentile(Double.MIN_VALUE);
    }

    double max() {
        return percentile(1);
    }

    /// What is to be said when smallest and largest lie far apart; empty when they do not.
    String spread(String unit) {
        return count() < 2 || max() <= min() * WIDE
                ? ""
                : "min-max " + Report.number(min()) + "-" + Report.number(max()) + " " + unit;
    }
}
