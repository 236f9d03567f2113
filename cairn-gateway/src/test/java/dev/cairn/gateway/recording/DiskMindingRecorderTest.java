package dev.cairn.gateway.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.disk.Disk;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.testkit.fault.SimulatedDisk;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class DiskMindingRecorderTest {
    private static final int LEDGER_FREE_MIN = 8000;
    private static final int FREE_MIN = 10_000;

    private final SimulatedDisk disk = new SimulatedDisk();
    private Optional<Append.Pushback> ofLedger = Optional.empty();
    private Instant now = Instant.parse("2026-11-21T01:02:03Z");
    private final DiskMindingRecorder recorder =
            new DiskMindingRecorder(new OfLedger(), disk, LEDGER_FREE_MIN, () -> now);

    /// Pushes back as the test says.
    private final class OfLedger implements Recorder {
        @Override
        public Optional<Append.Pushback> pushback() {
            return ofLedger;
        }

        @Override
        public Optional<Append.Pushback> record(Entry entry) {
            return ofLedger;
        }

        @Override
        public Optional<NotRecorded> recordAgain(List<Entry> entries) {
            return Optional.empty();
        }
    }

    private String pushback() throws InterruptedException {
        return recorder.pushback().map(Append.Pushback::reason).orElse("");
    }

    @Test
    void no_call_is_taken_on_that_the_ledger_may_have_no_room_for() throws Exception {
        disk.capacity(FREE_MIN);
        assertThat(pushback()).isEmpty();

        // Somebody else fills the disk, and the ledger has not looked.
        disk.capacity(FREE_MIN - 1);
        now = now.plusMillis(100);
        assertThat(pushback()).contains("9999 bytes free", "ledger.disk-free-min");

        disk.capacity(FREE_MIN);
        now = now.plusMillis(100);
        assertThat(pushback()).isEmpty();
    }

    @Test
    void it_looks_ten_times_a_second_whatever_the_clock_does() throws Exception {
        disk.capacity(FREE_MIN);
        assertThat(pushback()).isEmpty();
        disk.capacity(0);

        now = now.plusMillis(99);
        assertThat(pushback()).isEmpty();
        now = now.minus(Duration.ofDays(1));
        assertThat(pushback()).isNotEmpty();
    }

    /// A disk that is asked for its space alone, and does not answer before it is let.
    private static Disk slow(CountDownLatch asked, CountDownLatch mayAnswer) {
        return (Disk)
                Proxy.newProxyInstance(
                        Disk.class.getClassLoader(),
                        new Class<?>[] {Disk.class},
                        (_, _, _) -> {
                            asked.countDown();
                            mayAnswer.await();
                            return 0L;
                        });
    }

    @Test
    void nobody_goes_by_what_was_never_seen_or_is_old() throws Exception {
        var asked = new CountDownLatch(1);
        var mayAnswer = new CountDownLatch(1);
        var slow =
                new DiskMindingRecorder(
                        new OfLedger(), slow(asked, mayAnswer), LEDGER_FREE_MIN, () -> now);
        try (var calls = Executors.newVirtualThreadPerTaskExecutor()) {
            var looks = calls.submit(slow::pushback);
            asked.await();
            var waits = new FutureTask<>(slow::pushback);
            var second = Thread.ofPlatform().start(waits);
            // It waits for the look, or is through with a word of its own.
            while (second.getState() != Thread.State.WAITING && !waits.isDone()) {
                Thread.onSpinWait();
            }
            assertThat(waits.isDone()).isFalse();

            mayAnswer.countDown();
            assertThat(looks.get()).isPresent();
            assertThat(waits.get()).isPresent();
        } finally {
            mayAnswer.countDown();
        }
    }

    @Test
    void what_the_ledger_says_goes_first() throws Exception {
        disk.capacity(0);
        ofLedger = Optional.of(new Append.Pushback(Duration.ZERO, "it says so"));

        assertThat(pushback()).isEqualTo("it says so");
    }
}
