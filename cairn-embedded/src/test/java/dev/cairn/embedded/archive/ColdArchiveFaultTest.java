package dev.cairn.embedded.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.ObjectStore.Condition;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.archive.Storage;
import dev.cairn.testkit.fault.FaultyDisk;
import dev.cairn.testkit.fault.SimulatedDisk;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The machine goes down at every operation of either disk while objects move to the colder place
/// and come back, or the place fails at every call: what was put is there and whole wherever it is,
/// and nothing is left behind.
class ColdArchiveFaultTest {
    private static final String BUCKET = "logs";
    private static final String TEXT = "cold ".repeat(2_000);

    private final Set<String> stored = new HashSet<>();
    private final Set<String> removed = new HashSet<>();

    @Test
    void a_crash_at_any_operation_of_the_archives_disk_loses_nothing() throws Exception {
        long operations = run(Long.MAX_VALUE, Long.MAX_VALUE, 0)[0];
        assertThat(operations).isGreaterThan(40);
        for (long at = 1; at <= operations; at++) {
            run(at, Long.MAX_VALUE, at);
        }
    }

    @Test
    void a_crash_at_any_operation_of_the_colder_disk_loses_nothing() throws Exception {
        long operations = run(Long.MAX_VALUE, Long.MAX_VALUE, 0)[1];
        assertThat(operations).isGreaterThan(20);
        for (long at = 1; at <= operations; at++) {
            run(Long.MAX_VALUE, at, at);
        }
    }

    @Test
    void a_place_that_fails_at_any_call_whether_done_or_not_is_gone_on_with() throws Exception {
        long calls = unsteady(Long.MAX_VALUE, false);
        assertThat(calls).isGreaterThan(50);
        for (long at = 1; at <= calls; at++) {
            unsteady(at, false);
            unsteady(at, true);
        }
    }

    /// @return how often the place was called
    private long unsteady(long at, boolean done) throws Exception {
        stored.clear();
        removed.clear();
        String when = "call %d fails, %s".formatted(at, done ? "done" : "not done");
        var world = new World();
        var disk = new SimulatedDisk();
        var cold = new SimulatedDisk();
        var place = new UnsteadyFiles[1];
        world.cold = Optional.of(cold);
        world.between = files -> place[0] = new UnsteadyFiles(files, at, done);
        try (var archive = world.open(disk)) {
            put(archive);
            for (String key : List.of("a", "b")) {
                again(world, () -> cool(archive, key, Storage.Type.GLACIER));
            }
            again(world, () -> check(archive, when));
            archive.restore(BUCKET, archive.find(BUCKET, "a").orElseThrow(), 1);
            tend(world, archive);
            Stored back = archive.find(BUCKET, "a").orElseThrow();
            assertThat(back.storage().isReadable(world.clock.instant())).as(when).isTrue();
            again(world, () -> cool(archive, "a", Storage.Type.DEEP_ARCHIVE));
            world.clock = InstantSource.fixed(World.NOW.plus(Duration.ofDays(3)));
            tend(world, archive);
            again(world, () -> check(archive, when));
            archive.remove(BUCKET, "a");
            archive.remove(BUCKET, "b");
            tend(world, archive);
            assertThat(disk.files()).as("%s: files left", when).isEmpty();
            assertThat(cold.files().stream().filter(name -> name.startsWith("objects/")))
                    .as("%s: files left in the colder place", when)
                    .isEmpty();
        }
        return place[0].calls();
    }

    private interface Act {
        void run() throws Exception;
    }

    /// Does it, and once more if the place was away.
    private static void again(World world, Act act) throws Exception {
        try {
            act.run();
        } catch (ArchiveException e) {
            assertThat(e.kind()).isEqualTo(ArchiveException.Kind.UNAVAILABLE);
            rest(world);
            act.run();
        } catch (IOException _) {
            act.run();
        }
    }

    private static void rest(World world) {
        world.clock = InstantSource.fixed(world.clock.instant().plus(Duration.ofMinutes(2)));
    }

    private static void tend(World world, DiskArchive archive) throws ArchiveException {
        archive.tendCold(Long.MAX_VALUE);
        rest(world);
        archive.tendCold(Long.MAX_VALUE);
    }

    private static void cool(DiskArchive archive, String key, Storage.Type to)
            throws ArchiveException {
        assertThat(archive.cool(BUCKET, archive.find(BUCKET, key).orElseThrow(), to)).isTrue();
    }

    /// @return the operations of both disks
    private long[] run(long downAt, long coldDownAt, long seed) throws Exception {
        stored.clear();
        removed.clear();
        var world = new World();
        var disk = new SimulatedDisk();
        var cold = new SimulatedDisk();
        var faulty = new FaultyDisk(disk, new Random(seed));
        var faultyCold = new FaultyDisk(cold, new Random(seed));
        faulty.downAfter(downAt);
        faultyCold.downAfter(coldDownAt);
        world.cold = Optional.of(faultyCold);
        try (var archive = world.open(faulty)) {
            work(world, archive);
        } catch (ArchiveException | IOException e) {
            assertThat(faulty.down() || faultyCold.down()).as("%s", e).isTrue();
        }
        SimulatedDisk after = disk.crash(new Random(seed));
        SimulatedDisk coldAfter = cold.crash(new Random(seed));
        world.cold = Optional.of(coldAfter);
        String when = "down at %d and %d, seed %d".formatted(downAt, coldDownAt, seed);
        try (var archive = world.open(after)) {
            check(archive, when);
            archive.tendCold(Long.MAX_VALUE);
            check(archive, when);
            world.clock = InstantSource.fixed(World.NOW.plus(Duration.ofDays(9)));
            archive.tendCold(Long.MAX_VALUE);
            check(archive, when);
            for (String key : List.of("a", "b")) {
                archive.remove(BUCKET, key);
            }
            archive.tendCold(Long.MAX_VALUE);
        }
        assertThat(after.files()).as("%s: files left", when).isEmpty();
        assertThat(coldAfter.files().stream().filter(name -> name.startsWith("objects/")))
                .as("%s: files left in the colder place", when)
                .isEmpty();
        return new long[] {faulty.operations(), faultyCold.operations()};
    }

    private void put(DiskArchive archive) throws ArchiveException, IOException {
        for (String key : List.of("a", "b")) {
            try (var draft = archive.draft(BUCKET)) {
                byte[] bytes = (key + TEXT).getBytes(UTF_8);
                draft.write(bytes, 0, bytes.length);
                assertThat(draft.commit(key, "e", Map.of(), new Condition.Always())).isPresent();
            }
            stored.add(key);
        }
    }

    private void work(World world, DiskArchive archive) throws ArchiveException, IOException {
        put(archive);
        cool(archive, "a", Storage.Type.GLACIER);
        cool(archive, "b", Storage.Type.GLACIER);
        archive.restore(BUCKET, archive.find(BUCKET, "a").orElseThrow(), 1);
        archive.tendCold(1);
        cool(archive, "a", Storage.Type.DEEP_ARCHIVE);
        world.clock = InstantSource.fixed(World.NOW.plus(Duration.ofDays(3)));
        archive.tendCold(1);
        removed.add("b");
        archive.remove(BUCKET, "b");
        archive.tendCold(1);
    }

    private void check(DiskArchive archive, String when) throws Exception {
        for (String key : stored) {
            Optional<Stored> object = archive.find(BUCKET, key);
            if (object.isEmpty()) {
                assertThat(removed).as("%s: %s is lost", when, key).contains(key);
                continue;
            }
            try (var reading = archive.read(BUCKET, object.get()).orElseThrow();
                    var bytes = reading.bytes(0, object.get().length())) {
                assertThat(new String(bytes.readAllBytes(), UTF_8))
                        .as("%s: %s", when, key)
                        .isEqualTo(key + TEXT);
            }
        }
    }
}
