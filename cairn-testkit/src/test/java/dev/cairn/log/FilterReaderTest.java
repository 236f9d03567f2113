package dev.cairn.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.catalog.CatalogException;
import dev.cairn.event.Place;
import dev.cairn.failure.Failure;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.reader.Standing;
import dev.cairn.reader.Step;
import dev.cairn.reader.Unreadable;
import dev.cairn.testkit.RealData;
import dev.cairn.testkit.catalog.FaultyCatalog;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FilterReaderTest {
    private static final String STOPPED = "{ $.eventName = StopInstances }";

    private final GroupWorld world;
    private FilterReader reader;
    private int number;

    FilterReaderTest() throws CatalogException {
        world = new GroupWorld();
        reader = world.reader();
    }

    private void catchUp() throws Exception {
        catchUp(GroupWorld.NOW);
    }

    private void catchUp(Instant now) throws Exception {
        Step step;
        do {
            step = reader.step(now, Unreadable.WAIT);
        } while (step == Step.MORE);
    }

    private void assertEven() throws CatalogException {
        Standing state = world.state();
        assertThat(state.delivered() + state.filtered() + state.setAside())
                .isEqualTo(state.taken());
    }

    private void record(String region, String name, String more) {
        number++;
        world.ledger.append(GroupWorld.call(region, "id" + number, name, more), GroupWorld.NOW);
    }

    @Test
    void each_filter_counts_the_real_records_it_is_known_to_match() throws Exception {
        RealData data = RealData.assume();
        JsonNode filters =
                new ObjectMapper()
                        .readTree(
                                data.folder()
                                        .resolve(
                                                "metric-filters/cis-expected-on-developers-permissive.json")
                                        .toFile());
        for (JsonNode filter : filters) {
            world.filter(
                    filter.path("name").asText(), filter.path("pattern").asText(), "1", Map.of());
        }
        catchUp();
        for (byte[] json : data.developersPermissive()) {
            number++;
            world.ledger.append(
                    new Entry(GroupWorld.HOME, "r" + number, Origin.INTAKE, json),
                    GroupWorld.NOW.plusMillis(number));
        }
        catchUp();
        assertThat(filters).hasSize(14);
        for (JsonNode filter : filters) {
            assertThat(world.sum(filter.path("name").asText(), Map.of()))
                    .as(filter.path("name").asText())
                    .isEqualTo(filter.path("matches_missing_is_false").asInt());
        }
        assertEven();
        assertThat(world.state().delivered()).isGreaterThan(4_000);
    }

    @Test
    void what_fails_anywhere_is_counted_once() throws Exception {
        world.filter("stopped", STOPPED, "1", Map.of());
        catchUp();
        Random chance = new Random(7);
        FaultyCatalog.Faults faults = FaultyCatalog.Faults.oneOf(4, chance);
        for (int round = 0; round < 200; round++) {
            for (int i = chance.nextInt(4); i > 0; i--) {
                record(i % 2 == 0 ? "us-east-1" : "eu-west-1", "StopInstances", "");
            }
            world.faults = faults;
            try {
                catchUp();
            } catch (CatalogException _) {
                reader = world.reader();
            } finally {
                world.faults = FaultyCatalog.Faults.NONE;
            }
        }
        catchUp();
        assertThat(world.sum("stopped", Map.of())).isEqualTo(number).isPositive();
        assertThat(world.state().delivered()).isEqualTo(number);
        assertEven();
    }

    @Test
    void only_what_the_trail_takes_while_it_logs_is_counted_and_in_a_group_that_is_there()
            throws Exception {
        catchUp();
        world.filter("stopped", STOPPED, "1", Map.of());
        record("us-east-1", "StopInstances", "");
        world.log(false);
        record("us-east-1", "StopInstances", "");
        world.log(true);
        record("ap-south-1", "StopInstances", "");
        byte[] json = GroupWorld.call("us-east-1", "x", "StopInstances", "").json();
        world.ledger.append(
                new Entry(new Place("210987654321", "us-east-1"), "other", Origin.INTAKE, json),
                GroupWorld.NOW);
        world.ledger.append(
                new Entry(GroupWorld.HOME, "imported", Origin.IMPORT, json), GroupWorld.NOW);
        catchUp();
        assertThat(world.sum("stopped", Map.of())).isEqualTo(2);
        assertThat(world.state().delivered()).isEqualTo(2);
        assertThat(world.state().filtered()).isEqualTo(3);
        LogStream stream =
                world.groups
                        .streams()
                        .find(GroupWorld.GROUP, "123456789012_CloudTrail_us-east-1")
                        .orElseThrow();
        assertThat(stream.last()).isEqualTo(GroupWorld.NOW);

        world.write(tx -> world.groups.delete(tx, GroupWorld.GROUP));
        record("us-east-1", "StopInstances", "");
        catchUp();
        assertThat(world.sum("stopped", Map.of())).isEqualTo(2);
        assertThat(world.groups.streams().list(GroupWorld.GROUP, "", "", 10)).isEmpty();
        assertEven();
    }

    @Test
    void values_and_dimensions_are_read_from_fields() throws Exception {
        catchUp();
        world.filter("bytes", "{ $.size > 0 }", "$.size", Map.of("Name", "$.eventName"));
        record("us-east-1", "Put", ",\"size\":40");
        record("us-east-1", "Put", ",\"size\":2");
        record("us-east-1", "Get", ",\"size\":5");
        record("us-east-1", "Get", ",\"size\":-1");
        catchUp();
        assertThat(world.sum("bytes", Map.of("Name", "Put"))).isEqualTo(42);
        assertThat(world.sum("bytes", Map.of("Name", "Get"))).isEqualTo(5);
    }

    @Test
    void what_is_too_long_for_a_message_is_set_aside_by_name() throws Exception {
        catchUp();
        world.filter("stopped", STOPPED, "1", Map.of());
        record("us-east-1", "StopInstances", ",\"x\":\"" + "y".repeat(LogEvent.BYTES_MAX) + '"');
        catchUp();
        assertThat(world.sum("stopped", Map.of())).isZero();
        assertThat(world.state().setAside()).isEqualTo(1);
        assertThat(FilterReader.setAside(world.catalog, 10))
                .singleElement()
                .satisfies(aside -> assertThat(aside.reason()).contains("at most 262144"));
        assertEven();
    }

    @Test
    void a_filter_that_is_put_while_events_are_read_makes_the_step_begin_again() throws Exception {
        catchUp();
        record("us-east-1", "StopInstances", "");
        world.faults =
                new FaultyCatalog.Faults() {
                    @Override
                    public void beforeWrite() throws CatalogException {
                        world.faults = FaultyCatalog.Faults.NONE;
                        world.filter("stopped", STOPPED, "1", Map.of());
                    }
                };
        catchUp();
        assertThat(world.sum("stopped", Map.of())).isEqualTo(1);
        assertThat(world.state().delivered()).isEqualTo(1);
    }

    /// Runs a change before each of the next transactions.
    private void beforeEachWrite(int times, GroupWorld.Change change) {
        int[] left = {times};
        FaultyCatalog.Faults faults =
                new FaultyCatalog.Faults() {
                    @Override
                    public void beforeWrite() throws CatalogException {
                        world.faults = FaultyCatalog.Faults.NONE;
                        world.write(change);
                        if (--left[0] > 0) {
                            world.faults = this;
                        }
                    }
                };
        world.faults = faults;
    }

    @Test
    void changes_of_groups_that_were_not_met_hold_up_nothing() throws Exception {
        catchUp();
        world.filter("stopped", STOPPED, "1", Map.of());
        record("us-east-1", "StopInstances", "");
        LogGroupName other = new LogGroupName("us-east-1", "210987654321", "other");
        beforeEachWrite(1, tx -> world.groups.create(tx, other, Map.of(), GroupWorld.NOW));
        reader.step(GroupWorld.NOW, Unreadable.WAIT);
        assertThat(world.sum("stopped", Map.of())).isEqualTo(1);

        beforeEachWrite(1, tx -> world.groups.delete(tx, other));
        record("us-east-1", "StopInstances", "");
        reader.step(GroupWorld.NOW, Unreadable.WAIT);
        assertThat(world.sum("stopped", Map.of())).isEqualTo(2);
    }

    @Test
    void a_group_that_is_deleted_and_made_again_meanwhile_is_another_one() throws Exception {
        catchUp();
        world.filter("stopped", STOPPED, "1", Map.of());
        record("us-east-1", "StopInstances", "");
        beforeEachWrite(
                1,
                tx -> {
                    world.groups.delete(tx, GroupWorld.GROUP);
                    world.groups.create(tx, GroupWorld.GROUP, Map.of(), GroupWorld.NOW);
                });
        catchUp();
        assertThat(world.sum("stopped", Map.of())).isZero();
    }

    @Test
    void a_step_that_was_in_vain_makes_the_next_one_half_as_long() throws Exception {
        catchUp();
        String padding = ",\"x\":\"" + "y".repeat(200_000) + '"';
        for (int i = 0; i < 60; i++) {
            record("us-east-1", "StopInstances", padding);
        }
        int[] changes = {0};
        beforeEachWrite(
                2,
                tx ->
                        world.groups.put(
                                tx,
                                GroupWorld.filtering("f" + changes[0]++, STOPPED, "1", Map.of())));
        for (int i = 0; i < 3; i++) {
            assertThat(reader.step(GroupWorld.NOW, Unreadable.WAIT)).isEqualTo(Step.MORE);
        }
        // A quarter of what a step reads of one of three partitions, in slices of seven.
        assertThat(world.state().delivered()).isEqualTo(7);
        reader.step(GroupWorld.NOW, Unreadable.WAIT);
        assertThat(world.state().delivered()).isEqualTo(14);
        reader.step(GroupWorld.NOW, Unreadable.WAIT);
        assertThat(world.state().delivered()).isEqualTo(28);
        catchUp();
        assertThat(world.state().delivered()).isEqualTo(60);
    }

    @Test
    void a_step_that_an_error_ends_makes_the_next_one_half_as_long() throws Exception {
        catchUp();
        String padding = ",\"x\":\"" + "y".repeat(200_000) + '"';
        for (int i = 0; i < 60; i++) {
            record("us-east-1", "StopInstances", padding);
        }
        world.faults =
                new FaultyCatalog.Faults() {
                    @Override
                    public void inWrite() {
                        throw new OutOfMemoryError("on purpose");
                    }
                };
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> reader.step(GroupWorld.NOW, Unreadable.WAIT))
                    .isInstanceOf(OutOfMemoryError.class);
        }
        world.faults = FaultyCatalog.Faults.NONE;
        reader.step(GroupWorld.NOW, Unreadable.WAIT);
        // Not the fourteen of a whole step, in slices of seven.
        assertThat(world.state().delivered()).isEqualTo(7);
        catchUp();
        assertThat(world.state().delivered()).isEqualTo(60);
    }

    @Test
    void a_step_ends_when_filters_have_counted_many_different_values() throws Exception {
        catchUp();
        for (int filter = 0; filter < 100; filter++) {
            world.filter("f" + filter, "{ $.n = * }", "$.n", Map.of());
        }
        for (int i = 0; i < 20; i++) {
            record("us-east-1", "Put", ",\"n\":" + i);
        }
        assertThat(reader.step(GroupWorld.NOW, Unreadable.WAIT)).isEqualTo(Step.MORE);
        // A third of 5,000 for each of three partitions, in hundreds, and the last event whole.
        assertThat(world.state().delivered()).isEqualTo(17);
        catchUp();
        assertThat(world.state().delivered()).isEqualTo(20);
        assertThat(world.sum("f0", Map.of())).isEqualTo(190);
        assertThat(world.sum("f99", Map.of())).isEqualTo(190);
        assertThat(FilterReader.uncounted(world.catalog)).isZero();
        assertEven();
    }

    private static Instant minute(double minutes) {
        return GroupWorld.NOW.plusSeconds(Math.round(60 * minutes));
    }

    private void recordAt(Instant time, String name) {
        number++;
        world.ledger.append(GroupWorld.call("us-east-1", "id" + number, name, ""), time);
    }

    @Test
    void a_default_value_is_counted_for_minutes_in_which_messages_came_and_none_matched()
            throws Exception {
        catchUp();
        world.filter("stopped", STOPPED, "1", Optional.of(0.0), Map.of());
        world.filter("plain", STOPPED, "1", Map.of());
        recordAt(minute(0.5), "Other");
        recordAt(minute(0.9), "Other");
        catchUp(minute(0.95));
        assertThat(world.counts("stopped")).isEmpty();
        catchUp(minute(1.5));
        assertThat(world.counts("stopped")).isEqualTo(Map.of(0L, 1.0));
        assertThat(world.sum("stopped", Map.of())).isZero();

        // A minute in which one matched, and one without messages.
        recordAt(minute(1.5), "Other");
        recordAt(minute(1.6), "StopInstances");
        catchUp(minute(4));
        assertThat(world.counts("stopped")).isEqualTo(Map.of(0L, 1.0, 1L, 1.0));
        assertThat(world.sum("stopped", Map.of())).isEqualTo(1);

        // What is told of a minute that is closed counts for the next one.
        recordAt(minute(1.7), "Other");
        catchUp(minute(5));
        assertThat(world.counts("stopped")).isEqualTo(Map.of(0L, 1.0, 1L, 1.0, 2L, 1.0));
        assertThat(world.counts("plain")).isEqualTo(Map.of(1L, 1.0));
    }

    @Test
    void a_default_value_that_no_metric_takes_is_refused() throws Exception {
        for (double value : new double[] {1.79e308, Double.POSITIVE_INFINITY, Double.NaN}) {
            assertThatExceptionOfType(Failure.class)
                    .isThrownBy(() ->
                            world.filter("stopped", STOPPED, "1", Optional.of(value), Map.of()))
                    .withMessageContaining("default value");
        }
    }

    @Test
    void messages_of_callers_make_quiet_minutes_too() throws Exception {
        catchUp();
        world.filter("errors", "ERROR", "1", Optional.of(0.0), Map.of());
        world.write(tx -> world.groups.createStream(tx, GroupWorld.GROUP, "own", GroupWorld.NOW));
        world.stored.put(
                GroupWorld.GROUP,
                "own",
                List.of(new StoredEvents.Message(GroupWorld.NOW, "all is well")),
                GroupWorld.NOW);
        catchUp(minute(2));
        assertThat(world.counts("errors")).isEqualTo(Map.of(0L, 1.0));
        world.write(tx -> world.groups.delete(tx, GroupWorld.GROUP));
        catchUp(minute(4));
    }

    @Test
    void while_the_reader_is_behind_the_minutes_that_wait_are_bounded() throws Exception {
        catchUp();
        world.filter("stopped", STOPPED, "1", Optional.of(0.0), Map.of());
        for (int i = 0; i < 100; i++) {
            recordAt(minute(i), "Other");
        }
        catchUp(minute(99));
        assertThat(world.counts("stopped")).hasSize(98);
        catchUp(minute(101));
        assertThat(world.counts("stopped")).hasSize(100).doesNotContainValue(2.0);
    }

    @Test
    void a_default_value_is_counted_once_whatever_fails() throws Exception {
        catchUp();
        world.filter("stopped", STOPPED, "1", Optional.of(0.0), Map.of());
        Random chance = new Random(11);
        Map<Long, Double> expected = new TreeMap<>();
        for (long minute = 0; minute < 100; minute++) {
            int quiet = chance.nextInt(3);
            int taken = chance.nextInt(3) == 0 ? 2 : 0;
            for (int i = 0; i < quiet; i++) {
                recordAt(minute(minute + 0.3), "Other");
            }
            for (int i = 0; i < taken; i++) {
                recordAt(minute(minute + 0.4), "StopInstances");
            }
            if (quiet + taken > 0) {
                expected.put(minute, taken > 0 ? (double) taken : 1);
            }
            world.faults = FaultyCatalog.Faults.oneOf(4, chance);
            try {
                catchUp(minute(minute + 0.5));
                catchUp(minute(minute + 1.3));
            } catch (CatalogException _) {
                reader = world.reader();
            } finally {
                world.faults = FaultyCatalog.Faults.NONE;
            }
            catchUp(minute(minute + 1.4));
        }
        assertThat(world.counts("stopped")).isEqualTo(expected);
    }

    @Test
    void values_for_which_no_metric_is_left_are_told() throws Exception {
        catchUp();
        world.filter("each", "{ $.eventID = * }", "1", Map.of("Id", "$.eventID"));
        for (int i = 0; i < 110; i++) {
            record("us-east-1", "Put", "");
        }
        catchUp();
        assertThat(FilterReader.uncounted(world.catalog)).isEqualTo(10);
    }

    @Test
    void nothing_recorded_before_there_was_a_reader_is_its_concern() throws Exception {
        record("us-east-1", "StopInstances", "");
        catchUp();
        assertThat(world.state().filtered()).isEqualTo(1);
        for (int partition = 0; partition < world.ledger.partitions(); partition++) {
            assertThat(FilterReader.lowest(world.catalog, partition))
                    .isEqualTo(world.ledger.span(partition).end());
        }
    }
}
