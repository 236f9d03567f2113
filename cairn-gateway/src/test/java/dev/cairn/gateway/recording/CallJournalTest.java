package dev.cairn.gateway.recording;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.event.Place;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.testkit.fault.FaultyDisk;
import dev.cairn.testkit.fault.SimulatedDisk;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class CallJournalTest {
    private static final String FOLDER = "gateway";

    /// Nothing is forced but what waits for it.
    private static final CallJournal.Settings SETTINGS =
            new CallJournal.Settings(1 << 20, Duration.ofDays(1));

    private static Entry entry(long number) {
        return entry(number, 0);
    }

    private static Entry entry(long number, int padding) {
        var id = new UUID(0, number).toString();
        var json =
                """
                {"eventVersion":"1.11","eventTime":"2026-11-21T01:02:03Z","eventSource":"s3.amazonaws.com","eventName":"PutObject",\
                "awsRegion":"us-east-1","eventID":"%s","recipientAccountId":"111122223333","userAgent":"%s"}\
                """
                        .formatted(id, "x".repeat(padding));
        return new Entry(
                new Place("111122223333", "us-east-1"), id, Origin.INTAKE, json.getBytes(UTF_8));
    }

    private static List<String> ids(List<Entry> entries) {
        return entries.stream().map(Entry::id).toList();
    }

    private static CallJournal open(Disk disk) throws DiskException {
        return CallJournal.open(disk, FOLDER, SETTINGS);
    }

    private static List<Entry> left(Disk disk) throws DiskException {
        return open(disk).next(Integer.MAX_VALUE, Long.MAX_VALUE).entries();
    }

    @Test
    void what_was_begun_and_not_ended_is_left() throws Exception {
        var disk = new SimulatedDisk();
        var journal = open(disk);
        journal.begin(entry(1));
        var second = journal.begin(entry(2));
        journal.end(second);
        journal.begin(entry(3));

        var left = left(disk.crash(new Random(1)));

        // That the second ended went to the disk with the third.
        assertThat(ids(left)).isEqualTo(ids(List.of(entry(1), entry(3))));
        assertThat(left.getFirst().place()).isEqualTo(entry(1).place());
        assertThat(left.getFirst().json()).isEqualTo(entry(1).json());
    }

    @Test
    void what_was_left_and_has_ended_is_not_left_again() throws Exception {
        var disk = new SimulatedDisk();
        open(disk).begin(entry(1));
        var second = open(disk);
        second.begin(entry(2));
        second.end(second.next(10, 1000).lines());

        assertThat(ids(left(disk))).isEqualTo(ids(List.of(entry(2))));
        assertThat(second.pendingEvents()).isZero();
    }

    @Test
    void a_close_keeps_the_file_that_says_what_has_ended_in_another() throws Exception {
        var disk = new SimulatedDisk();
        var twoLines =
                new CallJournal.Settings(entry(1).json().length * 3 / 2, SETTINGS.forceWithin());
        var journal = CallJournal.open(disk, FOLDER, twoLines);
        journal.begin(entry(1));
        journal.end(journal.begin(entry(2)));
        journal.end(journal.begin(entry(3)));
        journal.close();
        assertThat(disk.list(FOLDER)).hasSize(2);
        open(disk).close();

        assertThat(ids(left(disk))).isEqualTo(ids(List.of(entry(1))));
    }

    @Test
    void files_go_with_their_calls() throws Exception {
        var disk = new SimulatedDisk();
        var journal = open(disk);
        var first = journal.begin(entry(0, 100_000));
        for (var i = 1; i * 100_000 < 3 * SETTINGS.fileBytesMax(); i++) {
            journal.end(journal.begin(entry(i, 100_000)));
        }
        assertThat(disk.list(FOLDER)).hasSize(2);
        journal.end(first);
        assertThat(disk.list(FOLDER)).hasSize(1);
        journal.close();
        assertThat(disk.list(FOLDER)).isEmpty();
    }

    @Test
    void files_go_with_the_events_that_are_kept_in_them() throws Exception {
        var disk = new SimulatedDisk();
        var journal = open(disk);
        for (var i = 0; i * 100_000 < 3 * SETTINGS.fileBytesMax(); i++) {
            journal.keep(entry(i, 100_000), journal.begin(entry(i, 100_000)));
        }
        assertThat(disk.list(FOLDER)).hasSizeGreaterThan(3);
        journal.end(journal.next(Integer.MAX_VALUE, Long.MAX_VALUE).lines());

        assertThat(disk.list(FOLDER)).hasSize(1);
        assertThat(journal.pendingBytes()).isZero();
        journal.close();
        assertThat(disk.list(FOLDER)).isEmpty();
    }

    @Test
    void a_close_leaves_what_is_open_and_says_what_has_ended() throws Exception {
        var disk = new SimulatedDisk();
        var journal = open(disk);
        var first = journal.begin(entry(1));
        journal.begin(entry(2));
        journal.end(first);
        journal.close();

        assertThat(ids(left(disk))).isEqualTo(ids(List.of(entry(2))));
        assertThatThrownBy(() -> journal.begin(entry(3))).hasMessage("the gateway stops");
    }

    @Test
    void what_is_kept_takes_the_place_of_what_was_begun() throws Exception {
        var disk = new SimulatedDisk();
        var journal = open(disk);
        var begun = journal.begin(entry(1, 10));
        assertThat(journal.pendingEvents()).isZero();
        journal.keep(entry(1, 20), begun);
        journal.keep(entry(2), null);

        assertThat(ids(journal.next(10, 100_000).entries()))
                .isEqualTo(ids(List.of(entry(1), entry(2))));
        assertThat(journal.pending().events()).isEqualTo(2);
        assertThat(journal.pending().bytes())
                .isEqualTo(entry(1, 20).json().length + entry(2).json().length);
        assertThat(journal.pending().oldest()).isEqualTo(Instant.parse("2026-11-21T01:02:03Z"));
        var left = left(disk.crash(new Random(1)));
        assertThat(ids(left)).isEqualTo(ids(List.of(entry(1), entry(2))));
        assertThat(left.getFirst().json()).isEqualTo(entry(1, 20).json());
    }

    @Test
    void what_nobody_can_say_more_of_is_pending_unless_its_event_was_taken() throws Exception {
        var journal = open(new SimulatedDisk());
        var first = journal.begin(entry(1));
        var second = journal.begin(entry(2));
        journal.end(second);
        journal.leave(second);
        journal.leave(first);
        journal.leave(first);

        assertThat(ids(journal.next(10, 100_000).entries())).isEqualTo(ids(List.of(entry(1))));
        assertThat(journal.pendingBytes()).isEqualTo(entry(1).json().length);
    }

    @Test
    void a_batch_has_its_bounds() throws Exception {
        var journal = open(new SimulatedDisk());
        for (var i = 0; i < 10; i++) {
            journal.keep(entry(i, 1000), null);
        }

        assertThat(journal.next(3, 100_000).entries()).hasSize(3);
        assertThat(journal.next(10, 2000).entries()).hasSize(2);
    }

    @Test
    void what_is_written_outlives_the_process_and_one_force_serves_it_and_its_event()
            throws Exception {
        var simulated = new SimulatedDisk();
        var disk = new FaultyDisk(simulated, new Random(1));
        var journal = open(disk);
        journal.begin(entry(0));
        var operations = disk.operations();
        var begun = journal.write(entry(1));
        assertThat(disk.operations()).isEqualTo(operations + 1);
        assertThat(ids(left(simulated))).contains(entry(1).id());
        journal.keep(entry(1), begun);

        // A write and a force.
        assertThat(disk.operations()).isEqualTo(operations + 3);
        assertThat(ids(left(simulated.crash(new Random(3))))).contains(entry(1).id());
    }

    @Test
    void what_is_written_outlives_the_machine_soon() throws Exception {
        var simulated = new SimulatedDisk();
        var disk = new FaultyDisk(simulated, new Random(1));
        var journal =
                CallJournal.open(
                        disk,
                        FOLDER,
                        new CallJournal.Settings(SETTINGS.fileBytesMax(), Duration.ZERO));
        journal.begin(entry(0));
        var operations = disk.operations();
        journal.write(entry(1));

        assertTimeoutPreemptively(
                Duration.ofSeconds(30),
                () -> {
                    while (disk.operations() < operations + 2) {
                        Thread.onSpinWait();
                    }
                });
        // Waits for the force to end, and makes none.
        journal.close();
        assertThat(ids(left(simulated.crash(new Random(3))))).contains(entry(1).id());
    }

    @Test
    void a_disk_that_fails_begins_nothing_and_the_next_call_goes_on() throws Exception {
        var simulated = new SimulatedDisk();
        var disk = new FaultyDisk(simulated, new Random(1));
        var journal = open(disk);
        journal.begin(entry(1));
        disk.odds(1);
        assertThatThrownBy(() -> journal.begin(entry(2))).isInstanceOf(DiskException.class);
        assertThatThrownBy(() -> journal.keep(entry(3), null)).isInstanceOf(DiskException.class);
        disk.odds(0);
        journal.begin(entry(4));

        assertThat(journal.pendingEvents()).isZero();
        assertThat(ids(left(simulated.crash(new Random(2)))))
                .contains(entry(1).id(), entry(4).id());
    }

    @Test
    void what_the_disk_does_not_give_back_comes_last_and_stays() throws Exception {
        var simulated = new SimulatedDisk();
        var disk = new FaultyDisk(simulated, new Random(1));
        var journal = open(disk);
        journal.keep(entry(1), null);
        journal.keep(entry(2), null);
        disk.badSector(FOLDER + "/begun-0", 100);

        assertThat(journal.next(1, 100_000).unreadable())
                .hasMessageContaining("Input/output error");
        var batch = journal.next(1, 100_000);
        assertThat(ids(batch.entries())).isEqualTo(ids(List.of(entry(2))));
        journal.end(batch.lines());
        disk.mendSectors();
        simulated.flip(FOLDER + "/begun-0", 800);
        assertThat(journal.next(10, 100_000).unreadable())
                .hasMessage("event %s in gateway/begun-0 is damaged", entry(1).id());
        simulated.flip(FOLDER + "/begun-0", 800);
        assertThat(ids(journal.next(10, 100_000).entries())).isEqualTo(ids(List.of(entry(1))));
    }

    /// A journal on a disk that fails now and then, and what it must not forget.
    private static final class Troubled {
        final Random random;
        final SimulatedDisk simulated = new SimulatedDisk();
        final FaultyDisk disk;
        final CallJournal journal;
        final Map<String, CallJournal.Line> begun = new HashMap<>();
        final Set<String> kept = new HashSet<>();
        final Set<String> tried = new HashSet<>();

        Troubled(int seed) throws DiskException {
            random = new Random(seed);
            disk = new FaultyDisk(simulated, random);
            journal = open(disk);
            disk.odds(20);
        }

        void step(int number) {
            var entry = entry(number, random.nextInt(300_000));
            tried.add(entry.id());
            try {
                switch (random.nextInt(4)) {
                    case 0 -> begun.put(entry.id(), journal.begin(entry));
                    case 1 -> {
                        journal.keep(entry, null);
                        kept.add(entry.id());
                    }
                    case 2 -> {
                        journal.keep(entry, journal.write(entry));
                        kept.add(entry.id());
                    }
                    default -> {
                        var batch = journal.next(2, 1 << 20);
                        journal.end(batch.lines());
                        kept.removeAll(ids(batch.entries()));
                    }
                }
            } catch (DiskException _) {
                // Then the call is not passed on, or its event goes another way.
            }
            if (random.nextBoolean() && !begun.isEmpty()) {
                var id = begun.keySet().iterator().next();
                journal.end(Objects.requireNonNull(begun.remove(id)));
            }
        }
    }

    @Test
    void whatever_fails_and_wherever_it_dies_nothing_is_forgotten() throws Exception {
        for (var seed = 0; seed < 200; seed++) {
            var troubled = new Troubled(seed);
            for (var i = 0; i < 60; i++) {
                troubled.step(i);
            }

            var left = ids(left(troubled.simulated.crash(troubled.random)));
            troubled.journal.close();

            assertThat(left).as("seed " + seed).containsAll(troubled.begun.keySet());
            assertThat(left).as("seed " + seed).containsAll(troubled.kept);
            assertThat(troubled.tried).as("seed " + seed).containsAll(left);
        }
    }

    @Test
    void many_calls_at_once() throws Exception {
        var disk = new SimulatedDisk();
        var journal = open(disk);
        Set<String> open = ConcurrentHashMap.newKeySet();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var tasks = new ArrayList<Future<?>>();
            for (var i = 0; i < 200; i++) {
                var number = i;
                tasks.add(
                        threads.submit(() -> {
                            var begun = journal.begin(entry(number));
                            if (number % 3 == 0) {
                                journal.end(begun);
                                return null;
                            }
                            open.add(entry(number).id());
                            if (number % 3 == 1) {
                                journal.keep(entry(number), begun);
                            }
                            return null;
                        }));
            }
            for (var task : tasks) {
                task.get();
            }
        }
        journal.close();

        assertThat(ids(left(disk))).containsExactlyInAnyOrderElementsOf(open);
    }
}
