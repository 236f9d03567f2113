package dev.cairn.gateway.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.testkit.fault.SimulatedDisk;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
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

    @Test
    void what_the_ledger_says_goes_first() throws Exception {
        disk.capacity(0);
        ofLedger = Optional.of(new Append.Pushback(Duration.ZERO, "it says so"));

        assertThat(pushback()).isEqualTo("it says so");
    }
}
