package dev.cairn.gateway.recording;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.event.Place;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.testkit.fault.FaultyDisk;
import dev.cairn.testkit.fault.SimulatedDisk;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ForwarderTest {
    private static final Instant NOW = Instant.parse("2026-11-21T02:00:00Z");
    private static final CallJournal.Settings SETTINGS =
            new CallJournal.Settings(1 << 20, Duration.ofDays(1));

    private final SimulatedDisk simulated = new SimulatedDisk();
    private final FaultyDisk disk = new FaultyDisk(simulated, new Random(1));
    private final Records records = new Records();

    /// A ledger that pushes back so many times first.
    private static final class Records implements Recorder {
        final List<String> ids = new CopyOnWriteArrayList<>();
        final CountDownLatch some = new CountDownLatch(1);
        final Set<String> refused = new HashSet<>();
        int pushbacks;

        @Override
        public Optional<Append.Pushback> pushback() {
            return Optional.empty();
        }

        @Override
        public Optional<Append.Pushback> record(Entry entry) {
            throw new AssertionError("expected it to be said that the event may be recorded");
        }

        @Override
        public Optional<NotRecorded> recordAgain(List<Entry> entries) {
            if (pushbacks > 0) {
                pushbacks--;
                return Optional.of(
                        new NotRecorded(
                                new Append.Pushback(Duration.ZERO, "the disk is full"), Set.of()));
            }
            var not = new HashSet<Integer>();
            for (var i = 0; i < entries.size(); i++) {
                if (refused.contains(entries.get(i).id())) {
                    not.add(i);
                } else {
                    ids.add(entries.get(i).id());
                }
            }
            some.countDown();
            return not.isEmpty()
                    ? Optional.empty()
                    : Optional.of(
                            new NotRecorded(
                                    new Append.Pushback(Duration.ofDays(1), "too large"), not));
        }
    }

    private static Entry entry(long number) {
        var id = new UUID(0, number).toString();
        var json =
                """
                {"eventVersion":"1.11","eventTime":"2026-11-21T01:02:03Z","eventSource":"s3.amazonaws.com","eventName":"PutObject",\
                "awsRegion":"us-east-1","eventID":"%s","recipientAccountId":"111122223333"}\
                """
                        .formatted(id);
        return new Entry(
                new Place("111122223333", "us-east-1"), id, Origin.INTAKE, json.getBytes(UTF_8));
    }

    private static List<String> ids(Entry... entries) {
        return List.of(entries).stream().map(Entry::id).toList();
    }

    private Forwarder before(CallJournal journal) {
        return new Forwarder(journal, records, InstantSource.fixed(NOW));
    }

    private CallJournal journal() throws Exception {
        return CallJournal.open(disk, "gateway", SETTINGS);
    }

    @Test
    void what_is_kept_is_forwarded_once_in_order() throws Exception {
        var journal = journal();
        journal.keep(entry(1), null);
        journal.begin(entry(2));
        journal.keep(entry(3), journal.begin(entry(3)));
        var forwarder = before(journal);

        assertThat(forwarder.forward()).isEmpty();
        assertThat(forwarder.forward()).isEmpty();

        assertThat(records.ids).isEqualTo(ids(entry(1), entry(3)));
        assertThat(forwarder.status())
                .isEqualTo(new Forwarder.Status(new CallJournal.Pending(0, 0, null), false, null));
    }

    @Test
    void what_is_pushed_back_stays_and_is_shown_and_goes_when_the_ledger_takes_it()
            throws Exception {
        var journal = journal();
        journal.keep(entry(1), null);
        var forwarder = before(journal);
        records.pushbacks = 1;

        assertThat(forwarder.forward().orElseThrow().reason()).isEqualTo("the disk is full");

        var status = forwarder.status();
        assertThat(status.failing()).isTrue();
        assertThat(status.lastTrouble()).isEqualTo(new Forwarder.Trouble("the disk is full", NOW));
        assertThat(status.pending())
                .isEqualTo(
                        new CallJournal.Pending(
                                1, entry(1).json().length, Instant.parse("2026-11-21T01:02:03Z")));
        assertThat(forwarder.forward()).isEmpty();
        assertThat(records.ids).isEqualTo(ids(entry(1)));
        assertThat(forwarder.status().failing()).isFalse();
        assertThat(forwarder.status().lastTrouble()).isNotNull();
    }

    @Test
    void what_cannot_be_read_keeps_nothing_else_back() throws Exception {
        var journal = journal();
        journal.keep(entry(1), null);
        journal.keep(entry(2), null);
        var forwarder = before(journal);
        disk.badSector("gateway/begun-0", 50);

        assertThat(forwarder.forward()).isPresent();
        assertThat(records.ids).isEqualTo(ids(entry(2)));
        assertThat(forwarder.forward()).isPresent();
        assertThat(forwarder.status().failing()).isTrue();

        disk.mendSectors();
        assertThat(forwarder.forward()).isEmpty();
        assertThat(records.ids).isEqualTo(ids(entry(2), entry(1)));
    }

    @Test
    void what_is_refused_keeps_nothing_else_back_and_is_not_given_up() throws Exception {
        var journal = journal();
        journal.keep(entry(1), null);
        journal.keep(entry(2), null);
        var forwarder = before(journal);
        records.refused.add(entry(1).id());

        var resting = forwarder.forward().orElseThrow();
        assertThat(resting.reason()).isEqualTo("too large");
        assertThat(resting.retryAfter()).isEqualTo(Duration.ofDays(1));
        assertThat(records.ids).isEqualTo(ids(entry(2)));
        assertThat(forwarder.status().failing()).isTrue();
        assertThat(forwarder.status().pending().events()).isEqualTo(1);

        journal.keep(entry(3), null);
        records.refused.clear();
        assertThat(forwarder.forward()).isEmpty();
        assertThat(records.ids).isEqualTo(ids(entry(2), entry(1), entry(3)));
        assertThat(journal.pendingEvents()).isZero();
    }

    @Test
    void what_an_earlier_process_left_is_tried_until_the_ledger_takes_it() throws Exception {
        journal().begin(entry(1));
        records.pushbacks = 3;

        try (var forwarder = before(journal()).start()) {
            assertThat(records.some.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(forwarder.status().lastTrouble()).isNotNull();
        }

        assertThat(records.ids).isEqualTo(ids(entry(1)));
    }

    @Test
    void what_comes_while_it_waits_is_forwarded() throws Exception {
        var journal = journal();
        try (var _ = before(journal).start()) {
            journal.keep(entry(1), null);
            assertThat(records.some.await(30, TimeUnit.SECONDS)).isTrue();
        }
    }
}
