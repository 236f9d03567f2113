package dev.cairn.embedded.ledger;

import static dev.cairn.embedded.ledger.FilledLedger.CLOCK;
import static dev.cairn.embedded.ledger.FilledLedger.EVENTS;
import static dev.cairn.embedded.ledger.FilledLedger.event;
import static dev.cairn.testkit.ledger.Entries.PLACE;
import static dev.cairn.testkit.ledger.Entries.append;
import static dev.cairn.testkit.ledger.Entries.entry;
import static dev.cairn.testkit.ledger.Entries.recorded;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.disk.DiskFile;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.testkit.fault.FaultyDisk;
import dev.cairn.testkit.fault.SimulatedDisk;
import dev.cairn.testkit.ledger.Entries;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/// What is acknowledged and then damaged is reported, exactly, and stops nothing; a disk that is
/// full or slow pushes back.
final class LedgerDamageTest {
    private final SimulatedDisk disk = new SimulatedDisk();

    private List<String> findings() throws LedgerException {
        return Fsck.check(disk, (_, _) -> {}).findings();
    }

    /// Checks that each event is either as it was or reported lost, and gives the number of lost
    /// ones.
    private static long lost(Ledger ledger) throws LedgerException {
        long next = 0;
        long lost = 0;
        for (Slice.Item item : Entries.all(ledger, 0)) {
            switch (item) {
                case Slice.Held held -> {
                    assertThat(held.position().offset()).isEqualTo(next);
                    if (next < EVENTS) {
                        assertThat(held.entry().json()).isEqualTo(event((int) next).json());
                    }
                    next++;
                }
                case Slice.Lost gone -> {
                    assertThat(gone.first().offset()).isEqualTo(next);
                    assertThat(gone.reason()).contains("ledger/0/");
                    lost += gone.count();
                    next += gone.count();
                }
            }
        }
        assertThat(next).isEqualTo(ledger.span(0).end());
        return lost;
    }

    private static long stateLost(Ledger ledger) {
        return ledger.state().damaged().stream().mapToLong(Slice.Lost::count).sum();
    }

    @Test
    void a_raw_file_that_the_disk_did_not_let_go_of_is_released_with_its_sealed_one()
            throws Exception {
        List<Runnable> sealing = new ArrayList<>();
        try (SegmentLedger ledger =
                SegmentLedger.open(disk, FilledLedger.SETTINGS, CLOCK, sealing::add)) {
            FilledLedger.fill(ledger);
            String raw =
                    disk.files().stream()
                            .filter(name -> name.endsWith(".segment"))
                            .toList()
                            .getFirst();
            ByteBuffer bytes;
            try (DiskFile file = disk.open(raw)) {
                bytes = ByteBuffer.allocate((int) file.size());
                file.read(bytes, 0);
            }
            sealing.forEach(Runnable::run);
            try (DiskFile file = disk.create(raw)) {
                file.write(bytes.flip(), 0);
            }
            ledger.release(0, EVENTS / 2);
            assertThat(ledger.span(0).first()).isBetween(EVENTS / 4L, EVENTS / 2L);
        }
        try (SegmentLedger ledger = FilledLedger.open(disk)) {
            assertThat(ledger.state().damaged()).isEmpty();
            assertThat(ledger.span(0).first()).isBetween(EVENTS / 4L, EVENTS / 2L);
        }
        assertThat(findings()).isEmpty();
    }

    @Test
    void a_flipped_bit_anywhere_costs_what_it_hits_and_is_never_taken_for_an_event()
            throws Exception {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(4);
        for (int run = 0; run < 400; run++) {
            LedgerDamageTest one = new LedgerDamageTest();
            FilledLedger.fill(one.disk);
            List<String> files =
                    one.disk.files().stream().filter(name -> name.startsWith("ledger/0/")).toList();
            String file = files.get(random.nextInt(files.size()));
            long bits;
            try (DiskFile in = one.disk.open(file)) {
                bits = in.size() * 8;
            }
            long bit = random.nextLong(bits);
            // A closing mark says nothing of events; without it nothing is missing.
            boolean mark = one.isInMark(file, bit / 8);
            one.disk.flip(file, bit);
            String what = "run " + run + ", bit " + bit + " of " + file;

            assertThat(one.findings().isEmpty()).as(what).isEqualTo(mark);
            try (SegmentLedger ledger = FilledLedger.open(one.disk)) {
                long lost = lost(ledger);
                assertThat(stateLost(ledger)).as(what).isEqualTo(lost);
                assertThat(ledger.span(0).end()).as(what).isEqualTo(EVENTS);
                recorded(ledger, event(EVENTS));
                for (int i = 0; i < EVENTS; i++) {
                    assertThat(append(ledger, event(i)))
                            .as(what)
                            .isNotInstanceOf(Append.Conflict.class);
                }
            }
        }
    }

    private boolean isInMark(String file, long at) throws Exception {
        try (DiskFile in = disk.open(file)) {
            Window window = new Window(in);
            for (long start = at; start > at - Frame.HEADER && start >= 0; start--) {
                int index = window.locate(start, Frame.HEADER);
                Frame frame = Frame.parse(window.buffer(), index);
                if (frame != null && frame.closed()) {
                    return true;
                }
            }
            return false;
        }
    }

    @Test
    void a_lost_event_that_is_sent_again_is_recorded_again() throws Exception {
        FilledLedger.fill(disk);
        // The first block's packed bytes begin after the segment's and the block's header.
        disk.flip(sealedFiles().getFirst(), 8L * (SealedSegment.HEADER + Block.HEADER + 30));
        try (SegmentLedger ledger = FilledLedger.open(disk)) {
            long lost = lost(ledger);
            assertThat(lost).isPositive();
            long recorded = 0;
            for (int i = 0; i < EVENTS; i++) {
                recorded += append(ledger, event(i)) instanceof Append.Recorded ? 1 : 0;
            }
            assertThat(recorded).isEqualTo(lost);
        }
    }

    private String rawFile() {
        return disk.files().stream().filter(name -> name.endsWith(".segment")).toList().getFirst();
    }

    private List<String> sealedFiles() {
        return disk.files().stream().filter(name -> name.endsWith(".sealed")).toList();
    }

    @Test
    void damage_to_the_last_group_is_not_taken_for_a_torn_tail() throws Exception {
        try (SegmentLedger ledger = FilledLedger.open(disk)) {
            ledger.append(List.of(event(0), event(1)));
            ledger.append(List.of(event(2)));
            // No closing: the process is gone, and one bit of the last group with it.
            disk.flip(rawFile(), 8L * (lastEventAt() + 40));
        }
        try (SegmentLedger ledger = FilledLedger.open(disk)) {
            assertThat(ledger.span(0).end()).isEqualTo(3);
            assertThat(lost(ledger)).isEqualTo(1);
        }
    }

    private long lastEventAt() throws Exception {
        try (DiskFile in = disk.open(rawFile())) {
            return in.size() - Frame.HEADER - event(2).json().length;
        }
    }

    @Test
    void a_sealed_segment_removed_by_hand_is_a_hole_of_known_size() throws Exception {
        FilledLedger.fill(disk);
        String second =
                disk.files().stream().filter(name -> name.endsWith(".sealed")).toList().get(1);
        disk.remove(second);

        assertThat(findings()).anyMatch(finding -> finding.contains("expected a segment"));
        try (SegmentLedger ledger = FilledLedger.open(disk)) {
            assertThat(stateLost(ledger)).isPositive();
            assertThat(lost(ledger)).isEqualTo(stateLost(ledger));
            recorded(ledger, event(EVENTS));
        }
    }

    /// Changes an id page of the first sealed segment, and gives it a sound checksum.
    private void changeIds(Consumer<ByteBuffer> change) throws Exception {
        String file = sealedFiles().getFirst();
        Footer footer = requireNonNull(SealedSegment.footer(disk, file));
        try (DiskFile in = disk.edit(file)) {
            ByteBuffer page = ByteBuffer.allocate(footer.ids() * SealedIndex.ID + 4);
            assertThat(footer.ids()).isLessThan(SealedIndex.PAGE_IDS);
            in.read(page, footer.idsAt());
            change.accept(page);
            page.putInt(page.capacity() - 4, Frame.crc(page, 0, page.capacity() - 4));
            in.write(page.rewind(), footer.idsAt());
            in.force();
        }
    }

    @Test
    void an_id_that_is_not_where_it_is_looked_for_is_found() throws Exception {
        FilledLedger.fill(disk);
        changeIds(page -> {
            byte[] first = new byte[SealedIndex.ID];
            byte[] second = new byte[SealedIndex.ID];
            page.get(SealedIndex.ID, first).get(2 * SealedIndex.ID, second);
            page.put(SealedIndex.ID, second).put(2 * SealedIndex.ID, first);
        });
        assertThat(findings())
                .singleElement()
                .asString()
                .contains("expected id 2 of page 0 where it is looked for");
    }

    @Test
    void an_id_that_leads_to_another_event_is_found() throws Exception {
        FilledLedger.fill(disk);
        changeIds(page -> page.putInt(24, page.getInt(24) - 1));
        assertThat(findings())
                .singleElement()
                .asString()
                .contains("to be found by its name, got event");
    }

    @Test
    void an_id_with_other_content_is_found() throws Exception {
        FilledLedger.fill(disk);
        changeIds(page -> page.putLong(16, page.getLong(16) + 1));
        assertThat(findings()).singleElement().asString().contains("to be found by its name");
    }

    @Test
    void an_id_that_the_filter_does_not_know_is_found() throws Exception {
        FilledLedger.fill(disk);
        // The low bits choose the filter's; the order of the ids stays.
        changeIds(page -> page.putLong(8, ~page.getLong(8)));
        assertThat(findings()).anyMatch(finding -> finding.contains("where it is looked for"));
    }

    @Test
    void a_segment_removed_while_the_ledger_is_open_is_reported_when_it_is_read() throws Exception {
        FilledLedger.fill(disk);
        try (SegmentLedger ledger = FilledLedger.open(disk)) {
            disk.remove(disk.files().stream().filter(n -> n.endsWith(".sealed")).toList().get(1));
            assertThat(lost(ledger)).isPositive();
        }
    }

    @Test
    void without_the_segment_to_append_to_the_ledger_does_not_open() throws Exception {
        FilledLedger.fill(disk);
        disk.remove(rawFile());

        assertThat(findings()).isNotEmpty();
        assertThatThrownBy(() -> FilledLedger.open(disk))
                .isInstanceOfSatisfying(
                        LedgerException.class,
                        e -> assertThat(e.kind()).isEqualTo(LedgerException.Kind.CORRUPT));
    }

    @Test
    void files_of_another_hand_are_found_and_left_alone() throws Exception {
        FilledLedger.fill(disk);
        disk.create("ledger/0/notes.txt").close();
        disk.create("ledger/todo").close();

        assertThat(findings()).hasSize(2).allMatch(finding -> finding.contains("no such file"));
        FilledLedger.open(disk).close();
        assertThat(disk.files()).contains("ledger/0/notes.txt", "ledger/todo");
    }

    @Test
    void a_ledger_of_another_version_is_refused() throws Exception {
        FilledLedger.fill(disk);
        disk.flip("ledger/shape", 8 * 13);

        assertThatThrownBy(() -> FilledLedger.open(disk))
                .hasMessageContaining("expected a ledger of version 1");
        assertThat(findings()).singleElement().asString().contains("version 1");
    }

    @Test
    void fsck_of_a_sound_ledger_counts_it() throws Exception {
        FilledLedger.fill(disk);
        Fsck.Report report = Fsck.check(disk, (at, of) -> assertThat(at).isLessThanOrEqualTo(of));

        assertThat(report.findings()).isEmpty();
        assertThat(report.leftovers()).isEmpty();
        assertThat(report.events()).isEqualTo(EVENTS);
        assertThat(report.segments()).isGreaterThan(2);
        assertThat(Fsck.check(new SimulatedDisk(), (_, _) -> {}).proved()).isTrue();
    }

    @Test
    void a_full_disk_pushes_back_and_recovers_when_space_returns() throws Exception {
        try (SegmentLedger ledger = FilledLedger.open(disk)) {
            disk.capacity(3000);
            int recorded = 0;
            Append outcome = append(ledger, event(0));
            while (outcome instanceof Append.Recorded) {
                recorded++;
                outcome = append(ledger, event(recorded));
            }
            assertThat(outcome)
                    .isInstanceOfSatisfying(
                            Append.Pushback.class,
                            pushback -> assertThat(pushback.reason()).contains("no space left"));
            assertThat(ledger.state().pushback()).contains("no space left");

            disk.capacity(Long.MAX_VALUE);
            assertThat(recorded(ledger, event(recorded)).offset()).isEqualTo(recorded);
            assertThat(ledger.state().pushback()).isEmpty();
        }
        assertThat(findings()).isEmpty();
    }

    @Test
    void appends_are_pushed_back_before_the_disk_is_full() throws Exception {
        try (SegmentLedger ledger =
                SegmentLedger.open(
                        disk,
                        FilledLedger.SETTINGS.withDiskFreeMin(10_000),
                        CLOCK,
                        Runnable::run)) {
            disk.capacity(5_000);
            assertThat(append(ledger, event(0)))
                    .isInstanceOfSatisfying(
                            Append.Pushback.class,
                            pushback ->
                                    assertThat(pushback.reason())
                                            .contains("ledger.disk-free-min = 10000"));
        }
    }

    @Test
    void a_disk_that_is_full_at_the_start_is_known_before_anyone_appends() throws Exception {
        FilledLedger.fill(disk);
        LedgerSettings settings = FilledLedger.SETTINGS.withDiskFreeMin(10_000);
        disk.capacity(5_000);
        try (SegmentLedger ledger = SegmentLedger.open(disk, settings, CLOCK, Runnable::run)) {
            assertThat(ledger.state().pushback()).contains("ledger.disk-free-min = 10000");
            assertThat(ledger.read(new Position(0, 0), 1, 1).items()).hasSize(1);
            assertThat(append(ledger, event(FilledLedger.EVENTS)))
                    .isInstanceOf(Append.Pushback.class);

            disk.capacity(Long.MAX_VALUE);
            assertThat(recorded(ledger, event(FilledLedger.EVENTS)).offset())
                    .isEqualTo(FilledLedger.EVENTS);
            assertThat(ledger.state().pushback()).isEmpty();
        }
        assertThat(findings()).isEmpty();
    }

    @Test
    void a_slow_disk_pushes_back_when_the_queue_is_full_and_loses_nothing() throws Exception {
        FaultyDisk slow =
                new FaultyDisk(disk, RandomGeneratorFactory.of("L64X128MixRandom").create(1));
        SegmentLedger ledger =
                SegmentLedger.open(
                        slow, FilledLedger.SETTINGS.withQueueBytesMax(2048), CLOCK, Runnable::run);
        try (ledger;
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            slow.stall();
            CompletionService<Append> answers = new ExecutorCompletionService<>(threads);
            for (int i = 0; i < 500; i++) {
                Entry event = event(i);
                answers.submit(() -> append(ledger, event));
            }
            // What the writer took before the disk stood still, and what the queue holds, is far
            // less than 200 events; the others are answered while it stands.
            for (int i = 0; i < 300; i++) {
                assertThat(answers.take().get()).isInstanceOf(Append.Pushback.class);
            }
            slow.go();
            long recorded = 0;
            for (int i = 300; i < 500; i++) {
                recorded += answers.take().get() instanceof Append.Recorded ? 1 : 0;
            }
            assertThat(ledger.span(0).end()).isEqualTo(recorded).isPositive();
        }
    }

    @Test
    void an_append_larger_than_the_queue_is_a_mistake() throws Exception {
        try (SegmentLedger ledger =
                SegmentLedger.open(
                        disk,
                        FilledLedger.SETTINGS.withQueueBytesMax(2048),
                        CLOCK,
                        Runnable::run)) {
            Entry large = entry(PLACE, "large", "\"" + "x".repeat(3000) + "\"");
            assertThatThrownBy(() -> append(ledger, large))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("at most 2048 bytes");
        }
    }

    @Test
    void an_event_larger_than_a_segment_is_recorded_and_sealed() throws Exception {
        Entry large = entry(PLACE, "large", "\"" + "x".repeat(600_000) + "\"");
        try (SegmentLedger ledger = FilledLedger.open(disk)) {
            recorded(ledger, event(0));
            Position position = recorded(ledger, large);
            recorded(ledger, event(1));
            Slice.Held held = (Slice.Held) ledger.read(position, 1, 1).items().getFirst();
            assertThat(held.entry().json()).isEqualTo(large.json());
            assertThat(append(ledger, large)).isEqualTo(new Append.Duplicate(position));
        }
        assertThat(findings()).isEmpty();
    }

    @Test
    void a_reader_waits_no_longer_than_it_says() throws Exception {
        try (SegmentLedger ledger = FilledLedger.open(disk)) {
            assertThat(ledger.await(new Position(0, 0), Duration.ofNanos(1))).isFalse();
        }
    }
}
