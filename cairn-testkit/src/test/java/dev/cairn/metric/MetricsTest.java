package dev.cairn.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cairn.catalog.CatalogException;
import dev.cairn.event.Place;
import dev.cairn.testkit.catalog.MemoryCatalog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private static final Place PLACE = new Place("123456789012", "us-east-1");
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Metric ROOT = metric("RootLogins", Map.of());
    private static final String COUNT = "Count";

    private final MemoryCatalog catalog = new MemoryCatalog();
    private final List<Set<Metric>> changed = new ArrayList<>();
    private final Metrics metrics = new Metrics(catalog, 3, times -> changed.add(times.keySet()));
    private final MetricAging aging = new MetricAging(catalog);

    private static Metric metric(String name, Map<String, String> dimensions) {
        return new Metric(PLACE, "Security", name, dimensions);
    }

    @Test
    void valuesOfAMinuteAreOneStatisticSet() throws Exception {
        add(NOW, value(NOW, 3), value(NOW.plusSeconds(59), 1));
        add(NOW, value(NOW.plusSeconds(30), 5), value(NOW.plusSeconds(60), 7));
        SortedMap<Long, StatisticSet> found = sets(NOW, NOW.plusSeconds(120), 60);
        assertThat(found).containsOnlyKeys(second(NOW), second(NOW.plusSeconds(60)));
        StatisticSet first = set(NOW, NOW.plusSeconds(120), 60, NOW);
        assertThat(first.count()).isEqualTo(3);
        assertThat(first.sum()).isEqualTo(9);
        assertThat(first.min()).isEqualTo(1);
        assertThat(first.max()).isEqualTo(5);
        assertThat(first.average()).isEqualTo(3);
        assertThat(first.percentile(50)).hasValueCloseTo(3.0, within(0.03));
    }

    @Test
    void aPeriodSumsUpItsMinutesAndLeavesOutWhatIsBeforeAndAfter() throws Exception {
        for (int minute = 0; minute < 120; minute++) {
            add(NOW, value(NOW.minus(Duration.ofMinutes(minute)), 1));
        }
        Instant from = NOW.minus(Duration.ofMinutes(30));
        SortedMap<Long, StatisticSet> found = sets(from, NOW, 600);
        assertThat(found)
                .containsOnlyKeys(
                        second(from),
                        second(from.plusSeconds(600)),
                        second(from.plusSeconds(1200)));
        assertThat(found.values()).allSatisfy(set -> assertThat(set.sum()).isEqualTo(10));
    }

    @Test
    void aTransactionWritesOneDocumentForAllValuesOfAQuarterOfAnHour() throws Exception {
        List<Datum> many = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            many.add(value(NOW.plusMillis(i), 1));
        }
        add(NOW, many.toArray(new Datum[0]));
        assertThat(catalog.list(Resolution.MINUTE.kind(), "", "", 1000)).hasSize(1);
        assertThat(sets(NOW, NOW.plusSeconds(60), 60).values())
                .singleElement()
                .satisfies(set -> assertThat(set.sum()).isEqualTo(5000));
    }

    @Test
    void unitsAreKeptApart() throws Exception {
        add(NOW, value(NOW, 1), Datum.of(ROOT, NOW, "Bytes/Second", 2));
        assertThat(read(NOW, NOW.plusSeconds(60), 60)).containsOnlyKeys(COUNT, "Bytes/Second");
        assertThat(
                        metrics.read(
                                new Metrics.Query(
                                        ROOT,
                                        Optional.of(COUNT),
                                        NOW,
                                        NOW.plusSeconds(60),
                                        Duration.ofMinutes(1))))
                .containsOnlyKeys(COUNT);
    }

    @Test
    void dimensionsMakeAnotherMetric() throws Exception {
        Metric alice = metric("RootLogins", Map.of("user", "alice"));
        add(NOW, value(NOW, 1), Datum.of(alice, NOW, COUNT, 2));
        assertThat(set(NOW, NOW.plusSeconds(60), 60, NOW).sum()).isEqualTo(1);
        assertThat(metrics.list(PLACE, "Security", "RootLogins", "", 10))
                .extracting(Metrics.Listed::metric)
                .containsExactlyInAnyOrder(ROOT, alice);
        assertThat(metrics.list(PLACE, "Secu", "", "", 10)).isEmpty();
        assertThat(metrics.list(PLACE, "Security", "Root", "", 10)).isEmpty();
        assertThat(changed).containsExactly(Set.of(ROOT, alice));
    }

    @Test
    void aListGoesOnBehindItsMark() throws Exception {
        Metric odd = new Metric(PLACE, "a%|b", "c|d", Map.of());
        Metric even = new Metric(PLACE, "a%", "|bc|d", Map.of());
        add(NOW, Datum.of(odd, NOW, COUNT, 1), Datum.of(even, NOW, COUNT, 1), value(NOW, 1));
        List<Metric> found = new ArrayList<>();
        String after = "";
        while (true) {
            List<Metrics.Listed> page = metrics.list(PLACE, "", "", after, 1);
            if (page.isEmpty()) {
                break;
            }
            found.add(page.getFirst().metric());
            after = page.getFirst().mark();
        }
        assertThat(found).containsExactlyInAnyOrder(ROOT, odd, even);
        assertThat(metrics.list(PLACE, "a%", "", "", 10)).hasSize(1);
    }

    @Test
    void moreMetricsThanAllowedAreLeftOutAndTold() throws Exception {
        List<Datum> left =
                add(
                        NOW,
                        Datum.of(metric("a", Map.of()), NOW, COUNT, 1),
                        Datum.of(metric("b", Map.of()), NOW, COUNT, 1),
                        Datum.of(metric("c", Map.of()), NOW, COUNT, 1),
                        Datum.of(metric("d", Map.of()), NOW, COUNT, 1));
        assertThat(left).extracting(datum -> datum.metric().name()).containsExactly("d");
        assertThat(add(NOW, Datum.of(metric("a", Map.of()), NOW, COUNT, 1))).isEmpty();
    }

    @Test
    void whatATransactionThatFailsAddedIsNotCounted() throws Exception {
        assertThatThrownBy(() ->
                        catalog.write(tx -> {
                            metrics.add(tx, List.of(value(NOW, 1)), NOW);
                            throw new IllegalStateException("the reader stops");
                        }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(read(NOW, NOW.plusSeconds(60), 60)).isEmpty();
        assertThat(metrics.list(PLACE, "", "", "", 10)).isEmpty();
    }

    @Test
    void valuesGetCoarserWithAgeAndAreCountedOnce() throws Exception {
        Datum fine = new Datum(ROOT, NOW, COUNT, StatisticSet.of(4, 1), true);
        add(NOW, fine, value(NOW.plusSeconds(70), 1), value(NOW.plusSeconds(400), 2));
        Instant end = NOW.plus(Duration.ofHours(1));
        assertThat(sets(NOW, end, 1)).hasSize(1);

        age(NOW.plus(Duration.ofHours(4)));
        assertThat(read(NOW, end, 1)).isEmpty();
        assertThat(sets(NOW, end, 60)).hasSize(3);

        age(NOW.plus(Duration.ofDays(16)));
        assertThat(read(NOW, end, 60)).isEmpty();
        assertThat(sets(NOW, end, 300))
                .hasSize(2)
                .hasEntrySatisfying(
                        second(NOW),
                        set -> {
                            assertThat(set.sum()).isEqualTo(5);
                            assertThat(set.percentile(100)).hasValue(4);
                        });

        age(NOW.plus(Duration.ofDays(75)));
        assertThat(read(NOW, end, 300)).isEmpty();
        assertThat(set(NOW, end, 3600, NOW).sum()).isEqualTo(7);

        age(NOW.plus(Duration.ofDays(470)));
        assertThat(read(NOW, end, 3600)).isEmpty();
        assertThat(metrics.list(PLACE, "", "", "", 10)).isEmpty();
        assertThat(add(NOW.plus(Duration.ofDays(470)), value(NOW, 1))).hasSize(1);
    }

    @Test
    void whatComesLateIsKeptAsFineAsItsAgeIs() throws Exception {
        Instant old = NOW.minus(Duration.ofDays(20));
        add(NOW, value(old, 1));
        assertThat(read(old, old.plusSeconds(3600), 60)).isEmpty();
        assertThat(sets(old, old.plusSeconds(3600), 300)).hasSize(1);
        assertThat(changed).hasSize(1);
    }

    @Test
    void percentilesAreRightToOnePartInAHundred() throws Exception {
        Random random = new Random(7);
        double[] values = random.doubles(20_000, -1000, 1_000_000).sorted().toArray();
        List<Datum> data = new ArrayList<>();
        for (double value : values) {
            data.add(value(NOW, value));
        }
        add(NOW, data.toArray(new Datum[0]));
        StatisticSet set = set(NOW, NOW.plusSeconds(60), 60, NOW);
        for (double percent : new double[] {0, 1, 25, 50, 90, 99.9, 100}) {
            double exact = values[(int) Math.round((values.length - 1) * percent / 100)];
            assertThat(set.percentile(percent))
                    .hasValueCloseTo(exact, within(Math.abs(exact) * 0.011));
        }
    }

    @Test
    void valuesSummedUpBySendersHaveNoPercentilesUnlessAllAreTheSame() throws Exception {
        add(NOW, new Datum(ROOT, NOW, COUNT, StatisticSet.summed(4, 10, 2, 3), false));
        assertThat(set(NOW, NOW.plusSeconds(60), 60, NOW).percentile(50)).isEmpty();
        Instant later = NOW.plusSeconds(60);
        add(NOW, new Datum(ROOT, later, COUNT, StatisticSet.summed(4, 8, 2, 2), false));
        add(NOW, value(later, 2));
        assertThat(set(later, later.plusSeconds(60), 60, later).percentile(50)).hasValue(2);
    }

    private static Datum value(Instant time, double value) {
        return Datum.of(ROOT, time, COUNT, value);
    }

    private List<Datum> add(Instant now, Datum... data) throws CatalogException {
        return catalog.<List<Datum>, RuntimeException>write(
                tx -> metrics.add(tx, List.of(data), now));
    }

    private void age(Instant now) throws CatalogException {
        // What is over may be over for the next resolution as well, and then to be forgotten.
        for (int round = 0; round < 5; round++) {
            while (aging.step(now)) {
                // One page each.
            }
        }
    }

    private Map<String, SortedMap<Long, StatisticSet>> read(Instant from, Instant to, int seconds)
            throws CatalogException {
        return metrics.read(
                new Metrics.Query(ROOT, Optional.empty(), from, to, Duration.ofSeconds(seconds)));
    }

    private SortedMap<Long, StatisticSet> sets(Instant from, Instant to, int seconds)
            throws CatalogException {
        return Objects.requireNonNull(read(from, to, seconds).get(COUNT));
    }

    private StatisticSet set(Instant from, Instant to, int seconds, Instant at)
            throws CatalogException {
        return Objects.requireNonNull(sets(from, to, seconds).get(second(at)));
    }

    private static long second(Instant time) {
        return time.getEpochSecond();
    }
}
