package dev.cairn.testkit.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeliverySimulationTest {
    /// A day each.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whatever_happens_every_event_is_in_one_file_and_every_file_in_one_digest(long seed)
            throws Exception {
        var world = new DeliverySimulation(seed);

        world.play(290);
        world.settle();

        world.check();
        assertThat(world.crashes()).isGreaterThan(20);
        assertThat(world.expectedEvents()).isGreaterThan(500);
    }

    /// Half a day each, asked in the thick of it.
    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14, 15, 16})
    void whoever_proves_the_buckets_at_any_time_finds_no_fault(long seed) throws Exception {
        var world = new DeliverySimulation(seed);

        for (int stretch = 0; stretch < 10; stretch++) {
            world.play(15);
            world.judge();
        }
        world.settle();

        world.check();
        assertThat(world.judge()).isGreaterThan(30);
    }

    /// Half a day each.
    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23, 24})
    void whatever_happens_data_events_are_summed_up_once(long seed) throws Exception {
        var world = DeliverySimulation.aggregating(seed);

        for (int stretch = 0; stretch < 5; stretch++) {
            world.play(30);
            world.judge();
        }
        world.settle();

        world.check();
        world.judge();
        assertThat(world.crashes()).isGreaterThan(20);
        assertThat(world.expectedSummedUp()).isGreaterThan(500);
    }

    @Test
    void it_may_die_at_each_effect_of_summing_up() throws Exception {
        var whole = DeliverySimulation.aggregating(3);
        whole.dieAt(Integer.MAX_VALUE, false);
        whole.settle();
        whole.check();
        assertThat(whole.expectedSummedUp()).isPositive();
        int effects = whole.effects();
        assertThat(effects).isGreaterThan(30);
        for (int effect = 0; effect < effects; effect++) {
            var world = DeliverySimulation.aggregating(3);

            world.dieAt(effect, true);
            world.settle();

            world.check();
            assertThat(world.crashes()).isEqualTo(1);
        }
    }

    @Test
    void it_may_die_at_each_effect() throws Exception {
        var whole = new DeliverySimulation(1);
        whole.dieAt(Integer.MAX_VALUE, false);
        int effects = whole.effects();
        assertThat(effects).isGreaterThan(30);
        for (int effect = 0; effect < effects; effect++) {
            for (boolean after : new boolean[] {false, true}) {
                var world = new DeliverySimulation(1);

                world.dieAt(effect, after);
                world.settle();

                world.check();
                assertThat(world.judge()).isPositive();
                assertThat(world.crashes()).isEqualTo(1);
            }
        }
    }
}
