package dev.cairn.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SampleTest {
    private final Sample sample = new Sample();

    @Test
    void percentilesAreNearestRanksWhateverTheOrder() {
        for (int value = 200; value > 0; value--) {
            sample.add(value);
        }
        assertThat(sample.min()).isEqualTo(1);
        assertThat(sample.median()).isEqualTo(100);
        assertThat(sample.percentile(0.99)).isEqualTo(198);
        assertThat(sample.max()).isEqualTo(200);
        assertThat(sample.count()).isEqualTo(200);
    }

    @Test
    void onlyAWideSpreadIsTold() {
        sample.add(10);
        sample.add(14);
        assertThat(sample.spread("ms")).isEmpty();
        sample.add(16);
        assertThat(sample.spread("ms")).isEqualTo("min-max 10.0-16.0 ms");
    }

    @Test
    void nothingMeasuredIsNoFigure() {
        assertThatThrownBy(sample::median).isInstanceOf(IllegalStateException.class);
    }
}
