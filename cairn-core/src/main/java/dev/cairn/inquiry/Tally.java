package dev.cairn.inquiry;

import dev.cairn.inquiry.Inquiry.Aggregate;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What is known of the values of a group. To be used by one thread.
final class Tally {
    /// Different values are told apart up to so many; beyond it a question is not answered.
    static final int DISTINCT_MAX = 100_000;

    /// What a value takes that is kept for a percentile, in characters, with room to grow.
    private static final long VALUE_CHARS = 8;

    private final Aggregate aggregate;
    private long count;
    private double sum;
    private double squares;
    private @Nullable String kept;
    private long keptTime;
    private @Nullable Set<String> distinct;
    private double[] values = new double[0];

    Tally(Aggregate aggregate) {
        this.aggregate = aggregate;
    }

    /// @return how many characters more are kept
    long add(Row row) {
        String value = aggregate.of().isEmpty() ? "" : aggregate.of().get().of(row);
        if (value == null) {
            return 0;
        }
        double number = Formula.number(value);
        switch (aggregate.kind()) {
            case COUNT -> count++;
            case COUNT_DISTINCT -> {
                return addDistinct(value);
            }
            case SUM, AVG, STDDEV -> {
                if (!Double.isNaN(number)) {
                    count++;
                    sum += number;
                    squares += number * number;
                }
            }
            case MIN, SORTSFIRST -> {
                return keep(value, kept == null || Formula.sortOrder(value, kept) < 0, row);
            }
            case MAX, SORTSLAST -> {
                return keep(value, kept == null || Formula.sortOrder(value, kept) > 0, row);
            }
            case EARLIEST -> {
                return keep(value, kept == null || row.time < keptTime, row);
            }
            case LATEST -> {
                return keep(value, kept == null || row.time > keptTime, row);
            }
            case MEDIAN, PCT -> {
                if (!Double.isNaN(number)) {
                    if (count == values.length) {
                        values = Arrays.copyOf(values, Math.max(16, values.length * 2));
                    }
                    values[(int) count] = number;
                    count++;
                    return VALUE_CHARS;
                }
            }
        }
        return 0;
    }

    private long addDistinct(String value) {
        if (distinct == null) {
            distinct = new HashSet<>();
        }
        if (!distinct.add(value)) {
            return 0;
        }
        if (distinct.size() > DISTINCT_MAX) {
            throw new InquiryException(
                    "count_distinct tells at most %d values apart.".formatted(DISTINCT_MAX));
        }
        return value.length() + 48L;
    }

    private long keep(String value, boolean better, Row row) {
        if (!better) {
            return 0;
        }
        long more = (long) value.length() - (kept == null ? 0 : kept.length());
        kept = value;
        keptTime = row.time;
        return more;
    }

    /// Null when there is none.
    @Nullable String value() {
        return switch (aggregate.kind()) {
            case COUNT -> Long.toString(count);
            case COUNT_DISTINCT -> Integer.toString(distinct == null ? 0 : distinct.size());
            case SUM -> count == 0 ? null : Formula.text(sum);
            case AVG -> count == 0 ? null : Formula.text(sum / count);
            case STDDEV ->
                    count == 0
                            ? null
                            : Formula.text(
                                    Math.sqrt(
                                            Math.max(
                                                    0,
                                                    squares / count
                                                            - (sum / count) * (sum / count))));
            case MIN, MAX, EARLIEST, LATEST, SORTSFIRST, SORTSLAST -> kept;
            case MEDIAN, PCT -> percentile();
        };
    }

    /// The value that so many percent of the values are not above.
    private @Nullable String percentile() {
        if (count == 0) {
            return null;
        }
        Arrays.sort(values, 0, (int) count);
        int rank = (int) Math.ceil(aggregate.percent() / 100 * count);
        return Formula.text(values[Math.max(1, rank) - 1]);
    }
}
