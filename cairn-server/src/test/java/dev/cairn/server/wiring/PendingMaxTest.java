package dev.cairn.server.wiring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.embedded.ledger.LedgerSettings;
import dev.cairn.embedded.ledger.SegmentLedger;
import dev.cairn.event.Place;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PendingMaxTest {
    private static final Duration MAX = Duration.ofDays(30);

    @TempDir private Path folder;
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final InstantSource clock = () -> now;
    private SegmentLedger ledger;

    @BeforeEach
    void open() throws Exception {
        ledger =
                SegmentLedger.open(
                        new RealDisk(folder), LedgerSettings.DEFAULTS.withDiskFreeMin(0), clock);
    }

    @AfterEach
    void close() {
        ledger.close();
    }

    private void record(String id) throws Exception {
        ledger.append(
                List.of(
                        new Entry(
                                new Place("123456789012", "us-east-1"),
                                id,
                                Origin.INTAKE,
                                "{}".getBytes(UTF_8))));
    }

    private long givenUpTo(PendingMax pendingMax) {
        return pendingMax.from(0, 0, ledger.span(0));
    }

    @Test
    void what_was_pending_too_long_while_the_server_ran_is_given_up() throws Exception {
        var pendingMax = new PendingMax(ledger, clock, MAX, folder);
        record("old");
        now = now.plus(Duration.ofDays(20));
        record("newer");
        now = now.plus(Duration.ofDays(10)).plusSeconds(1);

        assertThat(givenUpTo(pendingMax)).isEqualTo(1);
    }

    /// A reader that stays where it is: what it was given up before is no reader's any more.
    @Test
    void it_goes_on_from_what_is_left_of_the_ledger() throws Exception {
        ledger.close();
        ledger =
                SegmentLedger.open(
                        new RealDisk(folder.resolve("small")),
                        LedgerSettings.DEFAULTS.withDiskFreeMin(0).withSegmentBytesMax(4096),
                        clock);
        var pendingMax = new PendingMax(ledger, clock, MAX, folder);
        for (var at = 0; at < 200; at++) {
            record("old" + at);
        }
        now = now.plus(MAX).plusSeconds(1);
        ledger.release(0, givenUpTo(pendingMax));
        assertThat(ledger.span(0).first()).isPositive();
        for (var at = 0; at < 200; at++) {
            record("newer" + at);
        }
        now = now.plus(MAX).plusSeconds(1);

        assertThat(givenUpTo(pendingMax)).isEqualTo(400);
    }

    @Test
    void time_while_the_server_was_down_does_not_count() throws Exception {
        record("before the pause");
        now = now.plus(Duration.ofDays(45));
        var started = new PendingMax(ledger, clock, MAX, folder);

        assertThat(givenUpTo(started)).isZero();
        now = now.plus(MAX).minusSeconds(1);
        assertThat(givenUpTo(started)).isZero();
        now = now.plusSeconds(2);
        assertThat(givenUpTo(started)).isEqualTo(1);
    }
}
