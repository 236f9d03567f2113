package dev.cairn.embedded.history;

import static dev.cairn.testkit.history.Records.PLACE;
import static dev.cairn.testkit.history.Records.bytes;
import static dev.cairn.testkit.history.Records.record;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.embedded.ledger.LedgerSettings;
import dev.cairn.embedded.ledger.SegmentLedger;
import dev.cairn.event.Place;
import dev.cairn.history.Condition;
import dev.cairn.history.History;
import dev.cairn.history.HistoryException;
import dev.cairn.history.Page;
import dev.cairn.history.Query;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.testkit.fault.FaultyDisk;
import dev.cairn.testkit.fault.SimulatedDisk;
import dev.cairn.testkit.history.MemoryHistory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryReaderTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final InstantSource CLOCK =
            InstantSource.fixed(Instant.parse("2026-11-21T12:00:00Z"));
    private static final HistorySettings SETTINGS =
            new HistorySettings(
                    Duration.ofDays(90),
                    false,
                    Duration.ofMillis(1),
                    Duration.ofMillis(1),
                    8,
                    8,
                    1000,
                    Duration.ofSeconds(10),
                    8 << 20);

    @TempDir Path folder;
    private SegmentLedger ledger;
    private int appended;

    @BeforeEach
    void openLedger() throws Exception {
        ledger =
                SegmentLedger.open(
                        new RealDisk(folder.resolve("data")),
                        LedgerSettings.DEFAULTS.withDiskFreeMin(0),
                        CLOCK);
    }

    @AfterEach
    void closeLedger() {
        ledger.close();
    }

    private Position append() throws InterruptedException {
        String id = "e" + appended++;
        Append appendedOne =
                ledger.append(
                                List.of(
                                        new Entry(
                                                PLACE,
                                                id,
                                                Origin.INTAKE,
                                                bytes(record(id, "2026-11-20T10:00:00Z", "X")))))
                        .getFirst();
        return ((Append.Recorded) appendedOne).position();
    }

    private HistoryReader start(History history, HistoryReader.GiveUp giveUp) {
        return HistoryReader.start(ledger, history, SETTINGS, CLOCK, giveUp, (_, _) -> {});
    }

    @Test
    void restsOnlyWhileABurstOutrunsIt() {
        Duration worked = Duration.ofMillis(30);
        assertThat(HistoryReader.rest(true, 5_000, 2_000, worked))
                .isEqualTo(worked.multipliedBy(3));
        assertThat(HistoryReader.rest(true, 5_000, 2_000, Duration.ofHours(1)))
                .isLessThan(Duration.ofSeconds(1));
        assertThat(HistoryReader.rest(true, 3_000, 2_000, worked)).isZero();
        assertThat(HistoryReader.rest(true, -2_000, 2_000, worked)).isZero();
        assertThat(HistoryReader.rest(false, 5_000, 2_000, worked)).isZero();
    }

    @Test
    void letsFewEventsGatherUntilTheNextRefreshAndNoLonger() {
        var soon = Duration.ofMillis(20);
        assertThat(HistoryReader.gathering(1, soon.toNanos())).isEqualTo(soon);
        assertThat(HistoryReader.gathering(1, Duration.ofSeconds(1).toNanos()))
                .isEqualTo(Duration.ofMillis(50));
        assertThat(HistoryReader.gathering(1, 0)).isZero();
        assertThat(HistoryReader.gathering(1, -1)).isZero();
        assertThat(HistoryReader.gathering(2_000, soon.toNanos())).isZero();
    }

    @Test
    void what_is_recorded_becomes_visible_and_the_reader_resumes_where_it_ended() throws Exception {
        Path indexes = folder.resolve("history");
        try (LuceneHistory history = LuceneHistory.open(indexes, SETTINGS, CLOCK)) {
            try (HistoryReader reader = start(history, HistoryReader.GiveUp.NOTHING)) {
                append();
                assertThat(reader.awaitVisible(append(), LONG)).isTrue();
                assertThat(ids(history)).containsExactly("e0", "e1");
                assertThat(reader.status().positions()).containsExactly(2L);
                assertThat(reader.status().pending()).isZero();
                assertThat(reader.status().oldestPending()).isNull();
            }
            assertThat(history.position(0)).isEqualTo(2);
        }
        Position third = append();
        try (LuceneHistory history = LuceneHistory.open(indexes, SETTINGS, CLOCK);
                HistoryReader reader = start(history, HistoryReader.GiveUp.NOTHING)) {
            assertThat(reader.awaitVisible(third, LONG)).isTrue();
            assertThat(ids(history)).containsExactly("e0", "e1", "e2");
            assertThat(history.account(0)).isEqualTo(new History.Account(3, 3, 0, 0));
        }
    }

    @Test
    void a_history_that_fails_is_tried_again_and_holds_nobody_up() throws Exception {
        FailingHistory history = new FailingHistory(3);
        try (HistoryReader reader = start(history, HistoryReader.GiveUp.NOTHING)) {
            assertThat(reader.awaitVisible(append(), LONG)).isTrue();
            assertThat(history.failuresLeft).hasValue(0);
            assertThat(reader.status().lastFailure()).isEqualTo("no luck");
            assertThat(reader.status().lastFailureAt()).isEqualTo(CLOCK.instant());
            assertThat(ids(history)).containsExactly("e0");
        }
    }

    @Test
    void a_bad_sector_holds_up_its_partition_only_and_is_set_aside_by_name() throws Exception {
        try (BadDisk bad = new BadDisk()) {
            bad.append(bad.here, 3);
            bad.append(bad.elsewhere, 1);
            bad.spoil(1);
            try (MemoryHistory history = bad.history();
                    HistoryReader reader = bad.start(history, Integer.MAX_VALUE)) {
                assertThat(reader.awaitVisible(new Position(bad.partition, 0), LONG)).isTrue();
                // What comes elsewhere is found, after another try here.
                assertThat(reader.awaitVisible(bad.append(bad.elsewhere, 1), LONG)).isTrue();
                HistoryReader.Status status = reader.status();
                assertThat(status.failing()).isTrue();
                assertThat(status.lastFailure()).contains(bad.file(), "Input/output error");
                assertThat(status.lastFailureAt()).isEqualTo(CLOCK.instant());
                assertThat(status.positions().get(bad.partition)).isEqualTo(1);
                assertThat(history.setAside(10)).isEmpty();
            }
            try (MemoryHistory history = bad.history();
                    HistoryReader reader = bad.start(history, 3)) {
                assertThat(reader.awaitVisible(bad.append(bad.here, 1), LONG)).isTrue();
                assertThat(history.account(bad.partition))
                        .isEqualTo(new History.Account(4, 3, 0, 1));
                assertThat(history.setAside(10))
                        .singleElement()
                        .satisfies(aside -> {
                            assertThat(aside.partition()).isEqualTo(bad.partition);
                            assertThat(aside.offset()).isEqualTo(1);
                            assertThat(aside.count()).isEqualTo(1);
                            assertThat(aside.reason()).contains("3 tries", bad.file());
                        });
                assertThat(ids(history)).doesNotContain("e1").hasSize(5);
            }
        }
    }

    @Test
    void a_place_that_can_be_read_again_is_delivered_and_nothing_fails_any_more() throws Exception {
        try (BadDisk bad = new BadDisk()) {
            bad.append(bad.here, 3);
            bad.spoil(1);
            try (MemoryHistory history = bad.history();
                    HistoryReader reader = bad.start(history, Integer.MAX_VALUE)) {
                assertThat(reader.awaitVisible(new Position(bad.partition, 0), LONG)).isTrue();
                // After another round, which met the bad place.
                assertThat(reader.awaitVisible(bad.append(bad.elsewhere, 1), LONG)).isTrue();
                assertThat(reader.status().failing()).isTrue();
                bad.disk.mendSectors();
                assertThat(reader.awaitVisible(bad.append(bad.here, 1), LONG)).isTrue();
                assertThat(history.account(bad.partition))
                        .isEqualTo(new History.Account(4, 4, 0, 0));
                // After another round, so that the first one has ended.
                assertThat(reader.awaitVisible(bad.append(bad.elsewhere, 1), LONG)).isTrue();
                assertThat(reader.status().failing()).isFalse();
                assertThat(reader.status().lastFailure()).contains("Input/output error");
            }
        }
    }

    @Test
    void a_disk_that_gives_nothing_back_is_waited_for() throws Exception {
        try (BadDisk bad = new BadDisk()) {
            bad.append(bad.here, 3);
            // The last one: nothing behind it tells a bad sector from a bad disk.
            bad.spoil(2);
            try (MemoryHistory history = bad.history();
                    HistoryReader reader = bad.start(history, 1)) {
                assertThat(reader.awaitVisible(new Position(bad.partition, 1), LONG)).isTrue();
                assertThat(reader.awaitVisible(bad.append(bad.elsewhere, 1), LONG)).isTrue();
                assertThat(history.account(bad.partition))
                        .isEqualTo(new History.Account(2, 2, 0, 0));
                bad.disk.mendSectors();
                assertThat(reader.awaitVisible(new Position(bad.partition, 2), LONG)).isTrue();
                assertThat(history.setAside(10)).isEmpty();
            }
        }
    }

    /// A ledger of two partitions on a disk that may have a bad sector.
    private static final class BadDisk implements AutoCloseable {
        private final Place here = PLACE;
        private final Place elsewhere;
        private final SimulatedDisk simulated = new SimulatedDisk();
        private final FaultyDisk disk =
                new FaultyDisk(simulated, RandomGeneratorFactory.of("L64X128MixRandom").create(1));
        private final SegmentLedger ledger;
        private final int partition;
        private int appended;

        BadDisk() throws Exception {
            ledger =
                    SegmentLedger.open(
                            disk,
                            LedgerSettings.DEFAULTS.withDiskFreeMin(0).withPartitions(2),
                            CLOCK);
            partition = ledger.partitionOf(here);
            Place other = here;
            for (int i = 0; ledger.partitionOf(other) == partition; i++) {
                other = new Place(PLACE.account(), "region-" + i);
            }
            elsewhere = other;
        }

        /// @return the last one's position
        Position append(Place place, int count) throws InterruptedException {
            Position last = new Position(0, 0);
            for (int i = 0; i < count; i++) {
                String id = "e" + appended++;
                byte[] json = bytes(record(id, "2026-11-20T10:00:00Z", "X"));
                Entry entry = new Entry(place, id, Origin.INTAKE, json);
                last = ((Append.Recorded) ledger.append(List.of(entry)).getFirst()).position();
            }
            return last;
        }

        String file() {
            return "ledger/" + partition + "/0000000000000000000.segment";
        }

        /// Makes an event unreadable.
        void spoil(int number) throws DiskException {
            try (DiskFile in = simulated.open(file())) {
                ByteBuffer bytes = ByteBuffer.allocate((int) in.size());
                int size = in.read(bytes, 0);
                String text = new String(bytes.array(), 0, size, StandardCharsets.ISO_8859_1);
                disk.badSector(file(), text.indexOf("\"eventID\":\"e" + number + "\""));
            }
        }

        MemoryHistory history() {
            return new MemoryHistory(new MemoryHistory.Durable(), CLOCK, null, false);
        }

        HistoryReader start(History history, int tries) {
            Duration pause = Duration.ofMillis(1);
            return HistoryReader.start(
                    ledger,
                    history,
                    SETTINGS,
                    CLOCK,
                    HistoryReader.GiveUp.NOTHING,
                    (_, _) -> {},
                    new HistoryReader.Patience(pause, pause, tries));
        }

        @Override
        public void close() {
            ledger.close();
        }
    }

    @Test
    void what_is_given_up_is_set_aside_with_the_reason() throws Exception {
        for (int i = 0; i < 5; i++) {
            append();
        }
        Position last = append();
        try (MemoryHistory history =
                        new MemoryHistory(new MemoryHistory.Durable(), CLOCK, null, false);
                HistoryReader reader = start(history, (_, cursor, _) -> Math.max(cursor, 4))) {
            assertThat(reader.awaitVisible(last, LONG)).isTrue();
            assertThat(ids(history)).containsExactly("e4", "e5");
            assertThat(history.account(0)).isEqualTo(new History.Account(6, 2, 0, 4));
            assertThat(history.setAside(1).getFirst().reason()).contains("reader.pending-max");
        }
    }

    @Test
    void a_new_history_begins_where_the_ledger_does() throws Exception {
        LedgerSettings small =
                LedgerSettings.DEFAULTS.withDiskFreeMin(0).withSegmentBytesMax(4 << 10);
        SimulatedDisk disk = new SimulatedDisk();
        try (SegmentLedger released = SegmentLedger.open(disk, small, CLOCK, Runnable::run)) {
            Position last = new Position(0, 0);
            for (int i = 0; i < 20; i++) {
                byte[] json = bytes(record("e" + i, "2026-11-20T10:00:00Z", "X"));
                Entry entry = new Entry(PLACE, "e" + i, Origin.INTAKE, json);
                last = ((Append.Recorded) released.append(List.of(entry)).getFirst()).position();
            }
            released.release(0, 10);
            long first = released.span(0).first();
            assertThat(first).isPositive();
            try (MemoryHistory history =
                            new MemoryHistory(new MemoryHistory.Durable(), CLOCK, null, false);
                    HistoryReader reader =
                            HistoryReader.start(
                                    released,
                                    history,
                                    SETTINGS,
                                    CLOCK,
                                    HistoryReader.GiveUp.NOTHING,
                                    (_, _) -> {})) {
                assertThat(reader.awaitVisible(last, LONG)).isTrue();
                assertThat(history.account(0))
                        .isEqualTo(new History.Account(20, 20 - first, first, 0));
                assertThat(history.setAside(1)).isEmpty();
            }
        }
    }

    @Test
    void the_ledger_is_told_what_is_needed_no_more() throws Exception {
        List<Long> released = new ArrayList<>();
        Position old = append();
        try (MemoryHistory history =
                new MemoryHistory(new MemoryHistory.Durable(), CLOCK, Duration.ofHours(1), false)) {
            HistoryReader reader =
                    HistoryReader.start(
                            ledger,
                            history,
                            SETTINGS,
                            CLOCK,
                            HistoryReader.GiveUp.NOTHING,
                            (_, below) -> released.add(below));
            // Older than the retention of this history: nothing of it is held.
            assertThat(reader.awaitVisible(old, LONG)).isTrue();
            reader.close();
            assertThat(history.lowestHeld(0)).isEqualTo(1);
            assertThat(history.account(0)).isEqualTo(new History.Account(1, 0, 1, 0));
        }
        assertThat(released).isNotEmpty().containsOnly(1L);
    }

    private static List<String> ids(History history) throws HistoryException {
        Page page =
                history.search(
                        new Query(
                                new Condition.All(),
                                null,
                                null,
                                Instant.EPOCH,
                                CLOCK.instant(),
                                null,
                                100));
        return page.hits().stream().map(hit -> hit.event().id()).toList();
    }

    /// Fails to take a number of times.
    private static final class FailingHistory implements History {
        private final MemoryHistory real =
                new MemoryHistory(new MemoryHistory.Durable(), CLOCK, null, false);
        private final AtomicInteger failuresLeft;

        FailingHistory(int failures) {
            failuresLeft = new AtomicInteger(failures);
        }

        @Override
        public long position(int partition) {
            return real.position(partition);
        }

        @Override
        public void begin(int partition, long first) {
            real.begin(partition, first);
        }

        @Override
        public void take(Slice slice) throws HistoryException {
            if (failuresLeft.get() > 0) {
                failuresLeft.decrementAndGet();
                throw new HistoryException(HistoryException.Kind.UNAVAILABLE, "no luck");
            }
            real.take(slice);
        }

        @Override
        public void refresh() {
            real.refresh();
        }

        @Override
        public void commit() {
            real.commit();
        }

        @Override
        public void expire(Instant now) {
            real.expire(now);
        }

        @Override
        public Page search(Query query) {
            return real.search(query);
        }

        @Override
        public long lowestHeld(int partition) {
            return real.lowestHeld(partition);
        }

        @Override
        public Account account(int partition) {
            return real.account(partition);
        }

        @Override
        public List<String> values(String path, String after, int limit) {
            return real.values(path, after, limit);
        }

        @Override
        public List<SetAside> setAside(int limit) {
            return real.setAside(limit);
        }

        @Override
        public void close() {
            real.close();
        }
    }
}
