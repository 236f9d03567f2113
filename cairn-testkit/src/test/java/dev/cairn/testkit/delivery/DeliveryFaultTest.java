package dev.cairn.testkit.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.ArchiveException.Kind;
import java.time.Duration;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The faults of delivery, one by one. After each, every event of the logging span is in exactly
/// one file, every file in exactly one digest, and the chain is whole.
class DeliveryFaultTest {
    private static final String LOGS = DeliverySimulation.BUCKETS.get(0);
    private static final String MORE_LOGS = DeliverySimulation.BUCKETS.get(1);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration DAY = Duration.ofDays(1);

    private final DeliverySimulation world = new DeliverySimulation(1);
    private String trail = "";

    /// A trail of all regions that has delivered already.
    @BeforeEach
    void begin() throws Exception {
        trail = world.create(true);
        world.record(12);
        world.deliver();
        assertThat(world.delivered(trail)).isPositive();
    }

    // ---- the archive --------------------------------------------------------------------------

    @Test
    void the_archive_answers_500() throws Exception {
        nothingComesDuring(Refusing.always(Kind.UNAVAILABLE, "InternalError"), HOUR);
        hold();
    }

    @Test
    void the_archive_answers_503() throws Exception {
        nothingComesDuring(Refusing.always(Kind.UNAVAILABLE, "ServiceUnavailable"), HOUR);
        hold();
    }

    @Test
    void the_archive_throttles() throws Exception {
        long before = world.delivered(trail);
        Refusing throttle =
                new Refusing(LOGS, Kind.UNAVAILABLE, "SlowDown", nth -> nth % 3 != 0, false);
        endure(throttle, HOUR);
        assertThat(throttle.refused).isPositive();
        assertThat(world.delivered(trail)).isGreaterThan(before);
        hold();
    }

    @Test
    void the_archive_times_out_before_it_writes() throws Exception {
        nothingComesDuring(Refusing.always(Kind.TIMEOUT, "RequestTimeout"), HOUR);
        hold();
    }

    @Test
    void the_archive_times_out_after_it_wrote() throws Exception {
        nothingComesDuring(
                new Refusing(LOGS, Kind.TIMEOUT, "RequestTimeout", _ -> true, true), HOUR);
        hold();
    }

    @Test
    void the_archive_times_out_after_every_other_write() throws Exception {
        Refusing slow =
                new Refusing(LOGS, Kind.TIMEOUT, "RequestTimeout", nth -> nth % 2 == 0, true);
        endure(slow, HOUR);
        assertThat(slow.refused).isPositive();
        hold();
    }

    @Test
    void the_store_is_away_for_a_day_and_holds_up_no_trail_that_delivers_elsewhere()
            throws Exception {
        String other = world.create(true);
        world.move(other, MORE_LOGS);
        world.deliver();
        long before = world.delivered(other);
        nothingComesDuring(Refusing.always(Kind.UNAVAILABLE, "ServiceUnavailable"), DAY);
        assertThat(world.delivered(other)).isGreaterThan(before);
        hold();
    }

    // ---- the bucket ---------------------------------------------------------------------------

    @Test
    void the_bucket_is_lost_and_comes_back() throws Exception {
        nothingComesDuring(Refusing.always(Kind.NO_SUCH_BUCKET, "NoSuchBucket"), HOUR);
        hold();
    }

    @Test
    void the_bucket_is_lost_and_the_trail_gets_another() throws Exception {
        long before = world.delivered(trail);
        nothingComesDuring(Refusing.always(Kind.NO_SUCH_BUCKET, "NoSuchBucket"), HOUR);
        world.move(trail, MORE_LOGS);
        world.deliver();
        assertThat(world.delivered(trail)).isGreaterThan(before);
        hold();
    }

    @Test
    void the_bucket_s_policy_denies_and_is_mended() throws Exception {
        nothingComesDuring(Refusing.always(Kind.DENIED, "AccessDenied"), HOUR);
        hold();
    }

    @Test
    void the_bucket_s_policy_changes_amid_the_files_of_a_cut() throws Exception {
        Refusing policy = new Refusing(LOGS, Kind.DENIED, "AccessDenied", nth -> nth > 1, false);
        endure(policy, HOUR);
        assertThat(policy.refused).isPositive();
        hold();
    }

    // ---- the clock ----------------------------------------------------------------------------

    @Test
    void the_clock_jumps_an_hour_forward_and_back() throws Exception {
        endure(Faults.NONE, HOUR);
        world.pass(HOUR);
        endure(Faults.NONE, Duration.ofMinutes(10));
        world.pass(HOUR.negated());
        endure(Faults.NONE, HOUR.multipliedBy(3));
        hold();
    }

    @Test
    void the_clock_jumps_an_hour_back_and_forward() throws Exception {
        endure(Faults.NONE, HOUR.plusMinutes(10)); // A window is sealed.
        world.pass(HOUR.negated());
        endure(Faults.NONE, Duration.ofMinutes(10));
        world.pass(HOUR);
        endure(Faults.NONE, HOUR.multipliedBy(3));
        hold();
    }

    @Test
    void the_clock_jumps_back_between_a_cut_and_its_files() throws Exception {
        world.pass(HOUR);
        world.record(12);
        world.cut(trail);
        world.pass(HOUR.negated());
        world.deliver();
        hold();
    }

    // ---- the owner, while a file is being written -----------------------------------------------

    /// When the change is made.
    enum Moment {
        /// The cut is decided, its first file not put.
        BEFORE_THE_PUT,
        /// The first file is put, and not marked as delivered.
        AFTER_THE_PUT
    }

    @ParameterizedTest
    @EnumSource
    void the_trail_is_stopped_while_a_file_is_written(Moment moment) throws Exception {
        whileWriting(moment, () -> world.log(trail, false));
        hold();
    }

    @ParameterizedTest
    @EnumSource
    void the_trail_is_stopped_and_started_while_a_file_is_written(Moment moment) throws Exception {
        whileWriting(
                moment,
                () -> {
                    world.log(trail, false);
                    world.record(6);
                    world.log(trail, true);
                });
        hold();
    }

    @ParameterizedTest
    @EnumSource
    void the_trail_is_deleted_while_a_file_is_written(Moment moment) throws Exception {
        whileWriting(moment, () -> world.delete(trail));
        hold();
    }

    @ParameterizedTest
    @EnumSource
    void the_trail_becomes_one_of_a_single_region_while_a_file_is_written(Moment moment)
            throws Exception {
        whileWriting(moment, () -> world.setMultiRegion(trail, false));
        hold();
    }

    @ParameterizedTest
    @EnumSource
    void the_trail_loses_validation_while_a_file_is_written(Moment moment) throws Exception {
        whileWriting(moment, () -> world.setValidation(trail, false));
        hold();
    }

    @ParameterizedTest
    @EnumSource
    void the_trail_gets_another_bucket_while_a_file_is_written(Moment moment) throws Exception {
        whileWriting(moment, () -> world.move(trail, MORE_LOGS));
        hold();
    }

    // ---- how ----------------------------------------------------------------------------------

    /// Events are recorded and delivered every five minutes.
    private void endure(Faults trouble, Duration time) throws Exception {
        world.suffer(trouble);
        for (Duration left = time; left.isPositive(); left = left.minusMinutes(5)) {
            world.record(8);
            world.deliver();
            world.pass(Duration.ofMinutes(5));
        }
    }

    private void nothingComesDuring(Refusing trouble, Duration time) throws Exception {
        long before = world.delivered(trail);
        endure(trouble, time);
        assertThat(trouble.refused).isPositive();
        assertThat(world.delivered(trail)).isEqualTo(before);
    }

    /// Events are recorded before the change, and after it.
    private void whileWriting(Moment moment, Act change) throws Exception {
        Meanwhile meanwhile =
                new Meanwhile(
                        moment,
                        () -> {
                            world.record(6);
                            change.run();
                            world.record(6);
                        });
        world.record(12);
        world.cut(trail);
        world.suffer(meanwhile);
        world.deliver();
        assertThat(meanwhile.done).isTrue();
        world.record(6);
    }

    private void hold() throws Exception {
        world.settle();
        world.check();
        assertThat(world.judge()).isPositive();
    }

    /// A bucket that refuses some of what it is asked.
    private static final class Refusing implements Faults {
        private final String bucket;
        private final Kind kind;
        private final String code;
        private final IntPredicate which;
        private final boolean afterWriting;
        private int asked;
        private int refused;

        /// @param which of the requests, counted from 1
        /// @param afterWriting whether only the answer to a put is bad, and all else good
        Refusing(String bucket, Kind kind, String code, IntPredicate which, boolean afterWriting) {
            this.bucket = bucket;
            this.kind = kind;
            this.code = code;
            this.which = which;
            this.afterWriting = afterWriting;
        }

        static Refusing always(Kind kind, String code) {
            return new Refusing(LOGS, kind, code, _ -> true, false);
        }

        @Override
        public void beforePut(String of) throws ArchiveException {
            ask(of, !afterWriting);
        }

        @Override
        public void afterPut(String of) throws ArchiveException {
            ask(of, afterWriting);
        }

        @Override
        public void beforeGet(String of) throws ArchiveException {
            ask(of, !afterWriting);
        }

        private void ask(String of, boolean counts) throws ArchiveException {
            if (counts && of.equals(bucket) && which.test(++asked)) {
                refused++;
                throw new ArchiveException(kind, code, "refused by the test");
            }
        }
    }

    private interface Act {
        void run() throws Exception;
    }

    /// Something happens once, around the next put.
    private static final class Meanwhile implements Faults {
        private final Moment moment;
        private final Act act;
        private boolean done;

        Meanwhile(Moment moment, Act act) {
            this.moment = moment;
            this.act = act;
        }

        @Override
        public void beforePut(String bucket) {
            at(Moment.BEFORE_THE_PUT);
        }

        @Override
        public void afterPut(String bucket) {
            at(Moment.AFTER_THE_PUT);
        }

        private void at(Moment now) {
            if (now == moment && !done) {
                done = true;
                try {
                    act.run();
                } catch (Exception failure) {
                    throw new AssertionError("the change is made", failure);
                }
            }
        }
    }
}
