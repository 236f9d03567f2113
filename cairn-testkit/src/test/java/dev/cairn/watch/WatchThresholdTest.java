package dev.cairn.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.ledger.Origin;
import dev.cairn.reader.Standing;
import dev.cairn.testkit.catalog.FaultyCatalog;
import dev.cairn.watch.BurstCount.Seen;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WatchThresholdTest {
    private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");
    private static final Optional<String> KEY = Optional.of("requestParameters.by");

    private final WatchWorld world;
    private int number;

    WatchThresholdTest() throws CatalogException {
        world = new WatchWorld();
    }

    private static Threshold threshold(long more, Duration period) {
        return Threshold.checked(more, period.toSeconds(), KEY);
    }

    private void add(String name, AtMost atMost, Threshold threshold) throws CatalogException {
        Watch any = WatchWorld.watch(name, "search", "eventName = GetObject", atMost);
        world.add(
                new Watch(
                        any.name(),
                        any.condition(),
                        any.region(),
                        any.topic(),
                        atMost,
                        Optional.of(threshold),
                        Optional.empty(),
                        any.words(),
                        false,
                        "",
                        any.created()));
    }

    private void read(String key, Instant at) {
        world.record(
                WatchWorld.HOME,
                Origin.INTAKE,
                "id" + number++,
                "GetObject",
                at,
                ",\"requestParameters\":{\"by\":\"%s\"}".formatted(key));
    }

    private void assertEven() throws CatalogException {
        Standing state = world.standing();
        assertThat(state.delivered() + state.filtered() + state.setAside())
                .isEqualTo(state.taken());
    }

    @Test
    void a_burst_is_told_once_for_each_value_and_counted_while_it_goes_on() throws Exception {
        add("reads", new AtMost(10, Duration.ofHours(1)), threshold(5, Duration.ofMinutes(1)));
        world.catchUp();
        for (int i = 0; i < 5; i++) {
            read("AKIA1", NOON.plusSeconds(10L * i));
            read("AKIA2", NOON.plusSeconds(20L * i));
            read("AKIA3", NOON.plusSeconds(10L * i));
        }
        world.catchUp();
        assertThat(world.heard()).isEmpty();
        assertThat(world.standing().delivered()).isZero();
        read("AKIA1", NOON.plusSeconds(59));
        read("AKIA2", NOON.plusSeconds(100));
        // The first is not within a minute of it.
        read("AKIA3", NOON.plusSeconds(60));
        world.startAgain();
        world.catchUp();
        assertThat(world.heard())
                .singleElement()
                .satisfies(told -> {
                    assertThat(told.path("burst").asText())
                            .isEqualTo("more than 5 within 1m, with requestParameters.by AKIA1");
                    assertThat(told.path("text").asText())
                            .startsWith(
                                    "The watch reads saw more calls that it waits for than it may.")
                            .contains("\nBurst   more than 5 within 1m, with ");
                });
        for (int i = 0; i < 30; i++) {
            read("AKIA1", NOON.plusSeconds(60 + i));
        }
        world.catchUp();
        assertThat(world.heard()).isEmpty();
        read("AKIA4", NOON);
        for (int i = 0; i < 5; i++) {
            read("AKIA4", NOON.minusSeconds(i));
        }
        world.catchUp();
        assertThat(world.heard())
                .singleElement()
                .satisfies(told -> {
                    assertThat(told.path("burst").asText()).endsWith("AKIA4");
                    assertThat(told.path("more").asInt()).isEqualTo(30);
                });
        read("AKIA1", NOON.plusSeconds(95));
        world.catchUp();
        world.now = world.now.plus(Duration.ofMinutes(59));
        world.catchUp();
        assertThat(world.heard()).isEmpty();
        world.now = world.now.plus(Duration.ofMinutes(1));
        world.catchUp();
        assertThat(world.heard())
                .singleElement()
                .satisfies(told -> assertThat(told.path("burst").asText()).endsWith("AKIA1"));
        // A new burst of the same value.
        for (int i = 0; i < 6; i++) {
            read("AKIA1", NOON.plusSeconds(300));
        }
        world.catchUp();
        assertThat(world.heard()).hasSize(1);
        assertEven();
    }

    @Test
    void what_comes_late_counts_where_its_time_is() {
        BurstCount count = new BurstCount(threshold(2, Duration.ofSeconds(10)));
        assertThat(count.count(NOON)).isEqualTo(Seen.BELOW);
        for (int i = 0; i < 100; i++) {
            assertThat(count.count(NOON.plusSeconds(1000 + 10 * i))).isEqualTo(Seen.BELOW);
        }
        assertThat(count.count(NOON.minusSeconds(9))).isEqualTo(Seen.BELOW);
        assertThat(count.count(NOON.plusSeconds(9))).isEqualTo(Seen.BELOW);
        assertThat(count.count(NOON.plusSeconds(1))).isEqualTo(Seen.BEGINS);
        assertThat(count.count(NOON.plusSeconds(2))).isEqualTo(Seen.GOES_ON);
        assertThat(count.count(NOON.plusSeconds(2000))).isEqualTo(Seen.BELOW);
    }

    @Test
    void what_comes_late_pushes_out_nothing_of_the_newest_period() {
        BurstCount count = new BurstCount(threshold(3, Duration.ofSeconds(10)));
        for (int i = 0; i < 3; i++) {
            assertThat(count.count(NOON.plusSeconds(i))).isEqualTo(Seen.BELOW);
        }
        for (int i = 1; i <= 3 * BurstCount.SPANS_MAX; i++) {
            assertThat(count.count(NOON.minusSeconds(20L * i))).isEqualTo(Seen.BELOW);
        }
        assertThat(count.text().split(",", -1)).hasSize(BurstCount.SPANS_MAX);
        assertThat(count.count(NOON.plusSeconds(9))).isEqualTo(Seen.BEGINS);
        for (int i = 1; i <= 3 * BurstCount.SPANS_MAX; i++) {
            assertThat(count.count(NOON.minusSeconds(20L * i))).isEqualTo(Seen.BELOW);
        }
        assertThat(count.count(NOON.plusSeconds(9))).isEqualTo(Seen.GOES_ON);
    }

    /// Against all events, looked at one after the other.
    @Test
    void what_is_over_is_what_a_count_of_all_events_says() {
        Random chance = new Random(11);
        for (int round = 0; round < 300; round++) {
            Threshold threshold =
                    threshold(1 + chance.nextInt(6), Duration.ofSeconds(1 + chance.nextInt(60)));
            long period = threshold.period().toSeconds();
            BurstCount count = new BurstCount(threshold);
            List<Long> all = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                long second = chance.nextInt(120);
                all.add(second);
                boolean over =
                        all.stream()
                                .filter(first -> first <= second && second < first + period)
                                .anyMatch(first ->
                                        all.stream()
                                                        .filter(other ->
                                                                other >= first
                                                                        && other < first + period)
                                                        .count()
                                                > threshold.more());
                count = BurstCount.of(threshold, counted(count, second, over));
            }
        }
    }

    private static String counted(BurstCount count, long second, boolean over) {
        Seen seen = count.count(NOON.plusSeconds(second));
        assertThat(seen != Seen.BELOW).isEqualTo(over);
        return count.text();
    }

    @Test
    void what_fails_anywhere_is_counted_once() throws Exception {
        add("reads", new AtMost(60, Duration.ofMinutes(1)), threshold(49, Duration.ofDays(1)));
        world.catchUp();
        Random chance = new Random(3);
        FaultyCatalog.Faults faults = FaultyCatalog.Faults.oneOf(6, chance);
        for (int round = 0; round < 98; round++) {
            read(round % 2 == 0 ? "AKIA1" : "AKIA2", NOON.plusSeconds(round));
            world.now = world.now.plusSeconds(20);
            world.faults = faults;
            try {
                world.catchUp();
            } catch (CatalogException _) {
                world.startAgain();
            } finally {
                world.faults = FaultyCatalog.Faults.NONE;
            }
        }
        world.catchUp();
        assertThat(world.heard()).isEmpty();
        read("AKIA1", NOON);
        read("AKIA2", NOON);
        world.catchUp();
        assertThat(world.heard()).hasSize(2);
        assertEven();
    }

    @Test
    void when_there_are_too_many_values_those_with_the_fewest_are_given_up() throws Exception {
        add("reads", AtMost.DEFAULT, threshold(3, Duration.ofMinutes(1)));
        world.catchUp();
        for (int i = 0; i < 3; i++) {
            read("AKIA-real", NOON);
        }
        for (int i = 0; i < 3 * WatchCounts.VALUES_MAX; i++) {
            read("flood" + i, NOON.plusSeconds(i % 50));
        }
        world.catchUp();
        WatchName name = WatchWorld.name("reads");
        assertThat(world.watches.givenUp(name)).isGreaterThan(WatchCounts.VALUES_MAX);
        assertThat(counts()).isBetween(1, WatchCounts.VALUES_MAX);
        read("AKIA-real", NOON);
        world.catchUp();
        assertThat(world.heard())
                .extracting(told -> told.path("burst").asText())
                .singleElement()
                .asString()
                .endsWith("AKIA-real");
        // Of those that nothing came of for long it need not be said.
        long before = world.watches.givenUp(name);
        world.now = world.now.plus(Duration.ofMinutes(3));
        for (int i = 0; i < WatchCounts.VALUES_MAX - 1; i++) {
            read("later" + i, NOON.plusSeconds(200));
        }
        world.catchUp();
        assertThat(world.watches.givenUp(name)).isEqualTo(before);
        world.write(tx -> world.watches.remove(tx, name));
        assertThat(counts()).isZero();
        assertThat(world.catalog.list("watch-values", "", "", 10)).isEmpty();
    }

    private int counts() throws CatalogException {
        return world.catalog.list("watch-count", "", "", 1_000).size();
    }

    @Test
    void events_without_a_value_count_together_and_those_with_several_for_each() throws Exception {
        add("reads", AtMost.DEFAULT, threshold(1, Duration.ofMinutes(1)));
        world.catchUp();
        String none = "";
        String both = ",\"requestParameters\":{\"by\":[\"%s\",\"AKIA\"]}";
        record(none);
        record(both.formatted("a"));
        world.catchUp();
        assertThat(world.heard()).isEmpty();
        record(both.formatted("b"));
        record(none);
        world.catchUp();
        assertThat(world.heard())
                .extracting((JsonNode told) -> told.path("burst").asText())
                .containsExactlyInAnyOrder(
                        "more than 1 within 1m, with requestParameters.by AKIA",
                        "more than 1 within 1m, without requestParameters.by");
    }

    @Test
    void values_that_come_over_it_with_one_event_are_all_named() throws Exception {
        add("reads", AtMost.DEFAULT, threshold(1, Duration.ofMinutes(1)));
        world.catchUp();
        String both =
                ",\"requestParameters\":{\"by\":[\"%s\",\"AKIA\"]}".formatted("a".repeat(400));
        record(both);
        record(both);
        world.catchUp();
        assertThat(world.heard())
                .singleElement()
                .satisfies(told ->
                        assertThat(told.path("burst").asText())
                                .isEqualTo(
                                        "more than 1 within 1m, with requestParameters.by %s and AKIA"
                                                .formatted("a".repeat(150))));
    }

    private void record(String more) {
        world.record(WatchWorld.HOME, Origin.INTAKE, "id" + number++, "GetObject", NOON, more);
    }

    @Test
    void what_is_out_of_bounds_is_refused() throws Exception {
        for (Threshold wrong :
                List.of(
                        new Threshold(0, Duration.ofMinutes(1), KEY),
                        new Threshold(Threshold.MORE_MAX + 1, Duration.ofMinutes(1), KEY),
                        new Threshold(1, Duration.ZERO, KEY),
                        new Threshold(1, Duration.ofDays(8), KEY),
                        new Threshold(1, Duration.ofDays(1), Optional.of("a b")))) {
            assertThatExceptionOfType(Failure.class)
                    .as(wrong.toString())
                    .isThrownBy(() ->
                            Threshold.checked(
                                    wrong.more(), wrong.period().toSeconds(), wrong.per()))
                    .withMessageContaining("moreThan: expected ");
        }
        for (int i = 0; i < Watches.THRESHOLDS_MAX; i++) {
            add("w" + i, AtMost.DEFAULT, threshold(1, Duration.ofMinutes(1)));
        }
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> add("one", AtMost.DEFAULT, threshold(1, Duration.ofMinutes(1))))
                .satisfies(failure ->
                        assertThat(failure.code()).isEqualTo(ErrorCode.SERVICE_QUOTA_EXCEEDED));
    }
}
