package dev.cairn.gateway.recording;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.disk.DiskException;
import dev.cairn.event.Place;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.testkit.fault.FaultyDisk;
import dev.cairn.testkit.fault.SimulatedDisk;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class CallJournalTest {
    private static final String FOLDER = "gateway";

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

    @Test
    void what_was_begun_and_not_ended_is_left() throws Exception {
        var disk = new SimulatedDisk();
        var journal = CallJournal.open(disk, FOLDER);
        journal.begin(entry(1));
        var second = journal.begin(entry(2));
        journal.end(second);
        journal.begin(entry(3));

        var later = CallJournal.open(disk.crash(new Random(1)), FOLDER);

        // That the second ended went to the disk with the third.
        assertThat(ids(later.left())).isEqualTo(ids(List.of(entry(1), entry(3))));
        assertThat(later.left().getFirst().place()).isEqualTo(entry(1).place());
        assertThat(later.left().getFirst().json()).isEqualTo(entry(1).json());
    }

    @Test
    void what_is_settled_is_not_left_again() throws Exception {
        var disk = new SimulatedDisk();
        CallJournal.open(disk, FOLDER).begin(entry(1));
        var second = CallJournal.open(disk, FOLDER);
        second.begin(entry(2));
        second.settled();

        assertThat(ids(CallJournal.open(disk, FOLDER).left())).isEqualTo(ids(List.of(entry(2))));
    }

    @Test
    void files_go_with_their_calls() throws Exception {
        var disk = new SimulatedDisk();
        var journal = CallJournal.open(disk, FOLDER);
        var first = journal.begin(entry(0, 100_000));
        for (var i = 1; i * 100_000 < 3 * CallJournal.FILE_BYTES_MAX; i++) {
            journal.end(journal.begin(entry(i, 100_000)));
        }
        assertThat(disk.list(FOLDER)).hasSize(2);
        journal.end(first);
        assertThat(disk.list(FOLDER)).hasSize(1);
        journal.close();
        assertThat(disk.list(FOLDER)).isEmpty();
    }

    @Test
    void a_close_leaves_what_is_open_and_says_what_has_ended() throws Exception {
        var disk = new SimulatedDisk();
        var journal = CallJournal.open(disk, FOLDER);
        var first = journal.begin(entry(1));
        journal.begin(entry(2));
        journal.end(first);
        journal.close();

        assertThat(ids(CallJournal.open(disk, FOLDER).left())).isEqualTo(ids(List.of(entry(2))));
    }

    @Test
    void a_disk_that_fails_begins_nothing_and_the_next_call_goes_on() throws Exception {
        var simulated = new SimulatedDisk();
        var disk = new FaultyDisk(simulated, new Random(1));
        var journal = CallJournal.open(disk, FOLDER);
        journal.begin(entry(1));
        disk.odds(1);
        assertThatThrownBy(() -> journal.begin(entry(2))).isInstanceOf(DiskException.class);
        disk.odds(0);
        journal.begin(entry(3));

        assertThat(ids(CallJournal.open(simulated.crash(new Random(2)), FOLDER).left()))
                .contains(entry(1).id(), entry(3).id());
    }

    @Test
    void whatever_fails_and_wherever_it_dies_no_begun_call_is_forgotten() throws Exception {
        for (var seed = 0; seed < 200; seed++) {
            var random = new Random(seed);
            var simulated = new SimulatedDisk();
            var disk = new FaultyDisk(simulated, random);
            Map<String, CallJournal.Begun> open = new HashMap<>();
            Set<String> tried = new HashSet<>();
            var journal = CallJournal.open(disk, FOLDER);
            disk.odds(20);
            for (var i = 0; i < 60; i++) {
                var entry = entry(i, random.nextInt(300_000));
                tried.add(entry.id());
                try {
                    open.put(entry.id(), journal.begin(entry));
                } catch (DiskException _) {
                    // Then the call is not passed on.
                }
                if (random.nextBoolean() && !open.isEmpty()) {
                    var id = open.keySet().iterator().next();
                    journal.end(java.util.Objects.requireNonNull(open.remove(id)));
                }
            }

            var left = ids(CallJournal.open(simulated.crash(random), FOLDER).left());

            assertThat(left).as("seed " + seed).containsAll(open.keySet());
            assertThat(tried).as("seed " + seed).containsAll(left);
        }
    }

    @Test
    void many_calls_begin_at_once() throws Exception {
        var disk = new SimulatedDisk();
        var journal = CallJournal.open(disk, FOLDER);
        Set<String> open = ConcurrentHashMap.newKeySet();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var tasks = new ArrayList<Future<?>>();
            for (var i = 0; i < 200; i++) {
                var number = i;
                tasks.add(
                        threads.submit(() -> {
                            var begun = journal.begin(entry(number));
                            if (number % 2 == 0) {
                                journal.end(begun);
                            } else {
                                open.add(entry(number).id());
                            }
                            return null;
                        }));
            }
            for (var task : tasks) {
                task.get();
            }
        }
        journal.close();

        assertThat(ids(CallJournal.open(disk, FOLDER).left()))
                .containsExactlyInAnyOrderElementsOf(open);
    }
}
