package dev.cairn.embedded.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.archive.Archive.Description;
import dev.cairn.archive.Archive.Put;
import dev.cairn.archive.Archive.Writer;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.ObjectStore.Condition;
import dev.cairn.testkit.fault.FaultyDisk;
import dev.cairn.testkit.fault.SimulatedDisk;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The machine goes down at every disk operation of a fixed piece of work, and what was not forced
/// is lost: what was acknowledged is there and whole, what was not is whole or absent, and nothing
/// is left behind.
class DiskArchiveFaultTest {
    private static final Writer TRAIL =
            new Writer("123456789012", "arn:aws:cloudtrail:us-east-1:123456789012:trail/main");
    private static final String BUCKET = "logs";
    private static final int OBJECTS = 6;

    private final Map<String, String> acknowledged = new HashMap<>();
    private final Map<String, String> tried = new HashMap<>();

    @Test
    void a_crash_at_any_disk_operation_leaves_every_object_whole_or_absent() throws Exception {
        long operations = run(Long.MAX_VALUE, 0);
        assertThat(operations).isGreaterThan(20);
        for (long at = 1; at <= operations; at++) {
            for (int seed = 0; seed < 4; seed++) {
                run(at, seed);
            }
        }
    }

    private long run(long downAt, int seed) throws Exception {
        acknowledged.clear();
        tried.clear();
        var world = new World();
        var simulated = new SimulatedDisk();
        var disk = new FaultyDisk(simulated, new Random(seed));
        disk.downAfter(downAt);
        try (var archive = world.open(disk)) {
            work(archive);
        } catch (ArchiveException | IOException e) {
            assertThat(disk.down()).as("down at %d: %s", downAt, e).isTrue();
        }
        SimulatedDisk after = simulated.crash(new Random(seed));
        try (var archive = world.open(after)) {
            check(archive, after, "down at %d, seed %d".formatted(downAt, seed));
        }
        return disk.operations();
    }

    private void work(DiskArchive archive) throws ArchiveException, IOException {
        for (int i = 0; i < OBJECTS; i++) {
            String key = "key" + i;
            String text = ("object " + i + " ").repeat(i * 4000);
            tried.put(key, text);
            Put put =
                    archive.putIfAbsent(
                            TRAIL,
                            BUCKET,
                            key,
                            text.getBytes(UTF_8),
                            new Description("text/plain", "", Map.of("number", "" + i)));
            assertThat(put).isEqualTo(Put.STORED);
            acknowledged.put(key, text);
        }
        tried.put("key0", "replaced");
        try (var draft = archive.draft(BUCKET)) {
            byte[] bytes = "replaced".getBytes(UTF_8);
            draft.write(bytes, 0, bytes.length);
            assertThat(draft.commit("key0", "e", Map.of(), new Condition.Always())).isPresent();
            acknowledged.put("key0", "replaced");
        }
        tried.remove("key1");
        archive.delete(BUCKET, "key1");
        acknowledged.remove("key1");
    }

    private void check(DiskArchive archive, SimulatedDisk disk, String when) throws Exception {
        int there = 0;
        for (int i = 0; i < OBJECTS; i++) {
            String key = "key" + i;
            var object = archive.read(BUCKET, key);
            if (object.isEmpty()) {
                assertThat(acknowledged.containsKey(key) && tried.containsKey(key))
                        .as("%s: %s is lost", when, key)
                        .isFalse();
                continue;
            }
            there++;
            try (var reading = object.get()) {
                byte[] bytes = reading.bytes(0, reading.object().length()).readAllBytes();
                assertThat(new String(bytes, UTF_8))
                        .as("%s: %s", when, key)
                        .isIn(
                                tried.getOrDefault(key, "object 1 ".repeat(4000)),
                                acknowledged.getOrDefault(key, ""));
            }
        }
        assertThat(disk.files()).as("%s: files left", when).hasSize(there);
    }

    @Test
    void errors_of_the_disk_never_make_half_an_object() throws Exception {
        for (int seed = 0; seed < 60; seed++) {
            acknowledged.clear();
            tried.clear();
            var world = new World();
            var simulated = new SimulatedDisk();
            var disk = new FaultyDisk(simulated, new Random(seed));
            try (var archive = world.open(disk)) {
                disk.odds(20);
                try {
                    work(archive);
                } catch (ArchiveException | IOException e) {
                    assertThat(e).hasMessageContaining("simulated");
                }
                disk.odds(0);
            }
            SimulatedDisk after = simulated.crash(new Random(seed));
            try (var archive = world.open(after)) {
                check(archive, after, "seed " + seed);
            }
        }
    }
}
