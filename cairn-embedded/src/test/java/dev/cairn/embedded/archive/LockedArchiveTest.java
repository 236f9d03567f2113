package dev.cairn.embedded.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Keeping;
import dev.cairn.archive.Keeping.DefaultRetention;
import dev.cairn.archive.Keeping.Versioning;
import dev.cairn.archive.Lock;
import dev.cairn.archive.ObjectStore.Condition;
import dev.cairn.archive.ObjectStore.Relocking;
import dev.cairn.archive.ObjectStore.Removal;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.archive.Retention;
import dev.cairn.archive.Retention.Mode;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.fault.FaultyDisk;
import dev.cairn.testkit.fault.SimulatedDisk;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// A locked version stays until its time has come, whatever becomes of clocks, disks and the index.
class LockedArchiveTest {
    private static final String BUCKET = "logs";
    private static final Keeping LOCKING =
            Keeping.NONE.with(Versioning.ENABLED).locking(Optional.empty());

    private final SimulatedDisk disk = new SimulatedDisk();

    private static Lock until(Mode mode, int hours) {
        return new Lock(
                Optional.of(new Retention(mode, World.NOW.plus(Duration.ofHours(hours)))), false);
    }

    private static Stored put(DiskArchive archive, String key, Lock lock) throws Exception {
        try (var draft = archive.draft(BUCKET)) {
            byte[] bytes = key.getBytes(UTF_8);
            draft.write(bytes, 0, bytes.length);
            return draft.commit(key, "etag", Map.of(), new Condition.Always(), lock).orElseThrow();
        }
    }

    private static Removal remove(DiskArchive archive, Stored object, boolean bypass)
            throws Exception {
        return archive.remove(BUCKET, object.key(), object.version().id(), bypass);
    }

    private static Relocking relock(DiskArchive archive, Stored object, Lock lock, boolean bypass)
            throws Exception {
        return archive.lock(BUCKET, object.key(), object.version().id(), _ -> lock, bypass);
    }

    @Test
    void retention_counts_on_a_clock_that_never_goes_back() throws Exception {
        var world = new World();
        try (var archive = world.open(disk)) {
            world.keep(BUCKET, LOCKING, archive);
            Stored object = put(archive, "k", until(Mode.COMPLIANCE, 1));
            Stored other = put(archive, "other", until(Mode.COMPLIANCE, 1));
            assertThat(remove(archive, object, true)).isEqualTo(new Removal.Protected());
            assertThat(archive.unseenTime()).isZero();
            archive.seeTime(archive.unseenTime());

            // Somebody sets the clock forward. What goes then is gone, and it shows.
            Instant later = World.NOW.plus(Duration.ofHours(2));
            world.clock = InstantSource.fixed(later);
            assertThat(remove(archive, object, false)).isInstanceOf(Removal.Removed.class);

            world.clock = InstantSource.fixed(World.NOW);
            assertThat(archive.keepingTime()).isEqualTo(later);
            assertThat(archive.unseenTime()).isEqualTo(Duration.ofHours(2));
            assertThat(remove(archive, other, false)).isInstanceOf(Removal.Removed.class);
            archive.seeTime(archive.unseenTime());
            assertThat(archive.unseenTime()).isZero();
        }
        try (var archive = world.open(disk)) {
            // What is stored now is promised from the time that counts.
            world.keep(
                    BUCKET,
                    LOCKING.locking(
                            Optional.of(
                                    new DefaultRetention(
                                            Mode.COMPLIANCE, 1, DefaultRetention.Unit.DAYS))),
                    archive);
            Stored late = put(archive, "late", Lock.NONE);
            assertThat(late.lock().retention().orElseThrow().until())
                    .isEqualTo(World.NOW.plus(Duration.ofHours(26)));
        }
    }

    @Test
    void a_lock_that_was_taken_off_by_a_clock_set_forward_shows_as_much() throws Exception {
        var world = new World();
        try (var archive = world.open(disk)) {
            world.keep(BUCKET, LOCKING, archive);
            Stored object = put(archive, "k", until(Mode.COMPLIANCE, 1));
            archive.seeTime(archive.unseenTime());
            // What makes it longer, and what a hold changes, needs no time to be over.
            assertThat(relock(archive, object, until(Mode.COMPLIANCE, 2), false))
                    .isEqualTo(new Relocking.Relocked());
            assertThat(relock(archive, object, until(Mode.COMPLIANCE, 2).held(true), false))
                    .isEqualTo(new Relocking.Relocked());
            assertThat(relock(archive, object, Lock.NONE, true)).isEqualTo(new Relocking.Refused());

            Instant later = World.NOW.plus(Duration.ofHours(3));
            world.clock = InstantSource.fixed(later);
            assertThat(relock(archive, object, until(Mode.COMPLIANCE, 2), false))
                    .isEqualTo(new Relocking.Relocked());
            world.clock = InstantSource.fixed(World.NOW);
            assertThat(archive.keepingTime()).isEqualTo(World.NOW);

            world.clock = InstantSource.fixed(later);
            assertThat(relock(archive, object, Lock.NONE, false))
                    .isEqualTo(new Relocking.Relocked());
            world.clock = InstantSource.fixed(World.NOW);
            assertThat(archive.keepingTime()).isEqualTo(later);
            assertThat(archive.unseenTime()).isEqualTo(Duration.ofHours(3));
        }
    }

    @Test
    void governance_yields_to_who_may_bypass_it_and_a_hold_to_nobody() throws Exception {
        var world = new World();
        try (var archive = world.open(disk)) {
            world.keep(BUCKET, LOCKING, archive);
            Stored object = put(archive, "k", until(Mode.GOVERNANCE, 5));
            assertThat(remove(archive, object, false)).isEqualTo(new Removal.Protected());
            assertThat(relock(archive, object, until(Mode.GOVERNANCE, 4), false))
                    .isEqualTo(new Relocking.Refused());
            assertThat(relock(archive, object, until(Mode.GOVERNANCE, 4).held(true), true))
                    .isEqualTo(new Relocking.Relocked());
            assertThat(remove(archive, object, true)).isEqualTo(new Removal.Protected());
            assertThat(relock(archive, object, until(Mode.GOVERNANCE, 4), false))
                    .isEqualTo(new Relocking.Relocked());
            assertThat(remove(archive, object, true)).isInstanceOf(Removal.Removed.class);
            assertThat(disk.files()).isEmpty();
            assertThat(relock(archive, object, Lock.NONE, true)).isEqualTo(new Relocking.Absent());
        }
    }

    @Test
    void a_lock_that_was_changed_is_there_when_the_index_is_made_again() throws Exception {
        var world = new World();
        Stored current;
        Stored older;
        try (var archive = world.open(disk)) {
            world.keep(BUCKET, LOCKING, archive);
            older = put(archive, "k", Lock.NONE);
            current = put(archive, "k", until(Mode.COMPLIANCE, 1));
            for (int hours = 2; hours < 6; hours++) {
                relock(archive, current, until(Mode.COMPLIANCE, hours), false);
            }
            relock(archive, older, Lock.NONE.held(true), false);
            archive.remove(BUCKET, "k");
            assertThat(disk.files()).hasSize(5); // Two versions, a marker, two locks.
        }
        world.index = new MemoryCatalog();
        var report = IndexRebuild.run(disk, world.index, new byte[32], _ -> {});
        assertThat(report.findings()).isEmpty();
        assertThat(report.objects()).isEqualTo(2);
        try (var archive = world.open(disk)) {
            assertThat(archive.find(BUCKET, "k")).isEmpty();
            assertThat(lock(archive, current)).isEqualTo(until(Mode.COMPLIANCE, 5));
            assertThat(lock(archive, older)).isEqualTo(Lock.NONE.held(true));
            assertThat(disk.files()).hasSize(5);
        }
    }

    private static Lock lock(DiskArchive archive, Stored object) throws Exception {
        return archive.find(BUCKET, object.key(), object.version().id()).orElseThrow().lock();
    }

    @Test
    void a_crash_at_any_disk_operation_loses_no_version_and_loosens_no_lock() throws Exception {
        long operations = run(Long.MAX_VALUE, 0);
        assertThat(operations).isGreaterThan(40);
        for (long at = 1; at <= operations; at++) {
            for (int seed = 0; seed < 3; seed++) {
                run(at, seed);
            }
        }
    }

    /// What was acknowledged before the machine went down.
    private static final class Known {
        int versions;
        int markers;
        boolean removed;
        boolean began;
        Lock lock = until(Mode.COMPLIANCE, 1);
        Lock next = lock;
        String id = "";
    }

    private long run(long downAt, int seed) throws Exception {
        String when = "down at %d, seed %d".formatted(downAt, seed);
        var world = new World();
        var simulated = new SimulatedDisk();
        var faulty = new FaultyDisk(simulated, new Random(seed));
        var known = new Known();
        faulty.downAfter(downAt);
        try (var archive = world.open(faulty)) {
            world.keep(BUCKET, LOCKING, archive);
            work(archive, known);
        } catch (ArchiveException | IOException e) {
            assertThat(faulty.down()).as("%s: %s", when, e).isTrue();
        }
        SimulatedDisk after = simulated.crash(new Random(seed));
        check(world, after, known, when);
        // The same, had the index been lost in the crash too.
        world.index = new MemoryCatalog();
        IndexRebuild.run(after, world.index, new byte[32], _ -> {});
        check(world, after, known, when + ", index made again");
        return faulty.operations();
    }

    private static void work(DiskArchive archive, Known known) throws Exception {
        Stored locked = put(archive, "k", known.lock);
        known.id = locked.version().id();
        known.versions++;
        for (int hours = 2; hours < 4; hours++) {
            known.next = until(Mode.COMPLIANCE, hours);
            assertThat(relock(archive, locked, known.next, false))
                    .isEqualTo(new Relocking.Relocked());
            known.lock = known.next;
        }
        Stored over = put(archive, "k", Lock.NONE);
        known.versions++;
        assertThat(archive.remove(BUCKET, "k")).isInstanceOf(Removal.Marked.class);
        known.markers++;
        assertThat(remove(archive, locked, true)).isEqualTo(new Removal.Protected());
        known.began = true;
        assertThat(remove(archive, over, false)).isInstanceOf(Removal.Removed.class);
        known.versions--;
        known.removed = true;
    }

    private static void check(World world, SimulatedDisk disk, Known known, String when)
            throws Exception {
        try (var archive = world.open(disk)) {
            var listed = archive.versions(BUCKET, "", "", "", 100);
            long versions = listed.stream().filter(it -> !it.object().version().marker()).count();
            int least = known.began && !known.removed ? known.versions - 1 : known.versions;
            assertThat(versions).as(when).isBetween((long) least, (long) known.versions + 1);
            assertThat(listed.size() - versions)
                    .as(when)
                    .isBetween((long) known.markers, known.markers + 1L);
            if (!known.id.isEmpty()) {
                Stored locked = archive.find(BUCKET, "k", known.id).orElseThrow();
                assertThat(locked.lock()).as(when).isIn(known.lock, known.next);
                assertThat(remove(archive, locked, true))
                        .as(when)
                        .isEqualTo(new Removal.Protected());
                try (var reading = archive.read(BUCKET, locked).orElseThrow();
                        var bytes = reading.bytes(0, locked.length())) {
                    assertThat(bytes.readAllBytes()).isEqualTo("k".getBytes(UTF_8));
                }
            }
            long notes =
                    listed.stream().filter(it -> !it.object().lock().equals(Lock.NONE)).count();
            assertThat((long) disk.files().size())
                    .as("%s: files left: %s", when, disk.files())
                    .isBetween((long) listed.size(), listed.size() + notes);
        }
    }
}
