package dev.cairn.metric;

import com.datadoghq.sketch.ddsketch.DDSketch;
import com.datadoghq.sketch.ddsketch.encoding.ByteArrayInput;
import com.datadoghq.sketch.ddsketch.encoding.GrowingByteArrayOutput;
import com.datadoghq.sketch.ddsketch.mapping.CubicallyInterpolatedMapping;
import com.datadoghq.sketch.ddsketch.mapping.IndexMapping;
import com.datadoghq.sketch.ddsketch.store.CollapsingLowestDenseStore;
import com.datadoghq.sketch.ddsketch.store.Store;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.OptionalDouble;
import java.util.function.Supplier;

/// How values are spread between the least and the greatest: what percentiles are read off.
sealed interface Spread {

    /// All values are the same, which least and greatest tell.
    record Equal() implements Spread {}

    /// Nobody knows: the values came summed up already.
    record Unknown() implements Spread {}

    /// Counts of values by size, right to one part in a hundred. Never changed once it is here.
    record Counted(DDSketch counts) implements Spread {}

    /// How a spread that is not known is written.
    String UNKNOWN_TEXT = "?";

    /// Written into documents: never to be changed.
    double ACCURACY = 0.01;

    /// Bounds what a statistic set takes. Values over a range of 1 to 10^17 fit; beyond that, the
    /// least ones are not told from each other any more.
    int BINS_MAX = 2048;

    IndexMapping MAPPING = new CubicallyInterpolatedMapping(ACCURACY);
    Supplier<Store> BINS = () -> new CollapsingLowestDenseStore(BINS_MAX);

    /// The value below which a part of the values lies; empty when the spread is not known.
    ///
    /// @param part 0 to 1
    default OptionalDouble quantile(double part, double min, double max) {
        return switch (this) {
            case Equal _ -> OptionalDouble.of(min);
            case Unknown _ -> OptionalDouble.empty();
            // The ends are known exactly.
            // Counts may be so small that nothing was left of them when they were written.
            case Counted(DDSketch counts) when counts.isEmpty() -> OptionalDouble.empty();
            case Counted(DDSketch counts) ->
                    OptionalDouble.of(
                            part <= 0
                                    ? min
                                    : part >= 1
                                            ? max
                                            : Math.clamp(
                                                    counts.getValueAtQuantile(part), min, max));
        };
    }

    /// The spread of the values of both sets, which are not all the same.
    static Spread ofBoth(StatisticSet one, StatisticSet other) {
        if (one.spread() instanceof Unknown || other.spread() instanceof Unknown) {
            return new Unknown();
        }
        DDSketch counts = new DDSketch(MAPPING, BINS);
        one.spread().addTo(counts, one);
        other.spread().addTo(counts, other);
        return new Counted(counts);
    }

    private void addTo(DDSketch counts, StatisticSet of) {
        switch (this) {
            case Equal _ -> counts.accept(of.min(), of.count());
            case Unknown _ -> throw new IllegalStateException("expected a spread that is known");
            case Counted(DDSketch more) -> counts.mergeWith(more);
        }
    }

    /// As documents have it; empty for equal values.
    default String text() {
        return switch (this) {
            case Equal _ -> "";
            case Unknown _ -> UNKNOWN_TEXT;
            case Counted(DDSketch counts) -> {
                GrowingByteArrayOutput out = GrowingByteArrayOutput.withDefaultInitialCapacity();
                try {
                    counts.encode(out, true);
                } catch (IOException impossible) {
                    throw new UncheckedIOException("an array does no I/O", impossible);
                }
                yield Base64.getEncoder()
                        .withoutPadding()
                        .encodeToString(Arrays.copyOf(out.backingArray(), out.numWrittenBytes()));
            }
        };
    }

    /// @throws IllegalArgumentException when no spread is written so
    static Spread of(String text) {
        return switch (text) {
            case "" -> new Equal();
            case UNKNOWN_TEXT -> new Unknown();
            default -> {
                try {
                    yield new Counted(
                            DDSketch.decode(
                                    ByteArrayInput.wrap(Base64.getDecoder().decode(text)),
                                    BINS,
                                    MAPPING));
                } catch (IOException e) {
                    throw new IllegalArgumentException("expected counts of values", e);
                }
            }
        };
    }
}
