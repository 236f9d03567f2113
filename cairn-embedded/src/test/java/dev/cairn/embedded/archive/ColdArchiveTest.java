package dev.cairn.embedded.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Keeping;
import dev.cairn.archive.Keeping.Versioning;
import dev.cairn.archive.Lock;
import dev.cairn.archive.ObjectStore.Condition;
import dev.cairn.archive.ObjectStore.Part;
import dev.cairn.archive.ObjectStore.Removal;
import dev.cairn.archive.ObjectStore.Restoring;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.archive.ObjectStore.Upload;
import dev.cairn.archive.Retention;
import dev.cairn.archive.Storage;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.fault.SimulatedDisk;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What moves to the colder place is all there, comes back when it is asked for, and is lost by
/// nothing that happens to one of both places.
class ColdArchiveTest {
    private static final String BUCKET = "logs";
    private static final String TEXT = "an object that is going to be cold ".repeat(5000);

    private final SimulatedDisk disk = new SimulatedDisk();
    private final SimulatedDisk cold = new SimulatedDisk();
    private World world;

    @BeforeEach
    void world() throws Exception {
        world = new World();
        world.cold = Optional.of(cold);
    }

    private void pass(Duration time) {
        world.clock = InstantSource.fixed(world.clock.instant().plus(time));
    }

    private static Stored put(DiskArchive archive, String key, Lock lock) throws Exception {
        try (var draft = archive.draft(BUCKET)) {
            byte[] bytes = (key + TEXT).getBytes(UTF_8);
            draft.write(bytes, 0, bytes.length);
            return draft.commit(key, "etag", Map.of(), new Condition.Always(), lock).orElseThrow();
        }
    }

    private static Stored found(DiskArchive archive, String key) throws Exception {
        return archive.find(BUCKET, key).orElseThrow();
    }

    private static Stored cool(DiskArchive archive, String key, Storage.Type to) throws Exception {
        assertThat(archive.cool(BUCKET, found(archive, key), to)).isTrue();
        return found(archive, key);
    }

    private static String read(DiskArchive archive, Stored object) throws Exception {
        try (var reading = archive.read(BUCKET, object).orElseThrow();
                var bytes = reading.bytes(0, object.length())) {
            return new String(bytes.readAllBytes(), UTF_8);
        }
    }

    private static Restoring restore(DiskArchive archive, String key) throws Exception {
        return archive.restore(BUCKET, found(archive, key), 2);
    }

    private List<String> coldFiles() {
        return cold.files().stream().filter(name -> name.startsWith("objects/")).toList();
    }

    @Test
    void what_moved_is_read_from_there_and_comes_back_for_as_long_as_was_asked() throws Exception {
        try (var archive = world.open(disk)) {
            Stored before = put(archive, "k", Lock.NONE);
            Stored object = cool(archive, "k", Storage.Type.GLACIER);
            assertThat(object).isEqualTo(before.withStorage(Storage.of(Storage.Type.GLACIER)));
            assertThat(disk.files()).hasSize(1).doesNotContain("archive/objects/" + object.file());
            assertThat(coldFiles()).hasSize(1);
            assertThat(sizeOf(cold, coldFiles().getFirst())).isLessThan(TEXT.length() / 10);
            assertThat(read(archive, object)).isEqualTo("k" + TEXT);
            try (var reading = archive.read(BUCKET, "k").orElseThrow();
                    var bytes = reading.bytes(4, 6)) {
                assertThat(new String(bytes.readAllBytes(), UTF_8))
                        .isEqualTo(("k" + TEXT).substring(4, 10));
            }

            assertThat(restore(archive, "k")).isEqualTo(new Restoring.Begun());
            assertThat(restore(archive, "k")).isEqualTo(new Restoring.UnderWay());
            assertThat(found(archive, "k").storage().restoring()).isTrue();
            assertThat(found(archive, "k").storage().isReadable(World.NOW)).isFalse();
            archive.tendCold(1);
            // Two days, to the end of the day.
            Instant until = Instant.parse("2026-11-24T00:00:00Z");
            assertThat(found(archive, "k").storage())
                    .isEqualTo(new Storage(Storage.Type.GLACIER, false, Optional.of(until)));
            assertThat(disk.files()).hasSize(2);
            assertThat(read(archive, found(archive, "k"))).isEqualTo("k" + TEXT);

            pass(Duration.ofDays(1));
            assertThat(restore(archive, "k")).isEqualTo(new Restoring.Extended());
            Instant later = until.plus(Duration.ofDays(1));
            world.clock = InstantSource.fixed(later.minusMillis(1));
            archive.tendCold(1);
            assertThat(found(archive, "k").storage().until()).contains(later);
            world.clock = InstantSource.fixed(later);
            assertThat(found(archive, "k").storage().isReadable(later)).isFalse();
            archive.tendCold(1);
            assertThat(found(archive, "k").storage()).isEqualTo(Storage.of(Storage.Type.GLACIER));
            assertThat(disk.files()).hasSize(1);
            assertThat(read(archive, found(archive, "k"))).isEqualTo("k" + TEXT);

            archive.remove(BUCKET, "k");
            assertThat(disk.files()).isEmpty();
            archive.tendCold(1);
            assertThat(coldFiles()).isEmpty();
        }
    }

    private static long sizeOf(SimulatedDisk disk, String name) throws Exception {
        try (var file = disk.open(name)) {
            return file.size();
        }
    }

    @Test
    void a_class_is_changed_without_the_bytes_and_only_to_a_colder_place_that_there_is()
            throws Exception {
        try (var archive = world.open(disk)) {
            Stored object = put(archive, "k", Lock.NONE);
            assertThat(archive.restore(BUCKET, object, 1)).isEqualTo(new Restoring.AtHand());
            cool(archive, "k", Storage.Type.GLACIER);
            List<String> there = coldFiles();
            assertThat(restore(archive, "k")).isEqualTo(new Restoring.Begun());
            Stored deep = cool(archive, "k", Storage.Type.DEEP_ARCHIVE);
            assertThat(deep.storage())
                    .isEqualTo(new Storage(Storage.Type.DEEP_ARCHIVE, true, Optional.empty()));
            assertThat(coldFiles()).isEqualTo(there);
            assertThat(disk.files()).hasSize(1);
            archive.tendCold(1);
            assertThat(found(archive, "k").storage().isReadable(World.NOW)).isTrue();
            assertThat(archive.hasCold()).isTrue();
        }
        world.cold = Optional.empty();
        try (var archive = world.open(disk)) {
            assertThat(archive.hasCold()).isFalse();
            Stored other = put(archive, "other", Lock.NONE);
            assertThatThrownBy(() -> archive.cool(BUCKET, other, Storage.Type.GLACIER))
                    .hasMessageContaining("none is set");
            // The copy is here.
            assertThat(read(archive, found(archive, "k"))).isEqualTo("k" + TEXT);
        }
    }

    @Test
    void what_was_uploaded_in_parts_moves_as_a_whole() throws Exception {
        try (var archive = world.open(disk)) {
            Upload upload = archive.startUpload(BUCKET, "big", "me", Map.of());
            var parts = new Part[2];
            for (int i = 0; i < 2; i++) {
                try (var draft = archive.draft(BUCKET)) {
                    byte[] bytes = TEXT.getBytes(UTF_8);
                    draft.write(bytes, 0, bytes.length);
                    parts[i] = draft.commit(upload, i + 1, "e", Map.of()).orElseThrow();
                }
            }
            archive.complete(upload, List.of(parts), "e", Map.of(), new Condition.Always());
            Stored object = cool(archive, "big", Storage.Type.DEEP_ARCHIVE);
            assertThat(disk.files()).hasSize(1);
            assertThat(read(archive, object)).isEqualTo(TEXT + TEXT);
            assertThat(restore(archive, "big")).isEqualTo(new Restoring.Begun());
            archive.tendCold(1);
            assertThat(read(archive, found(archive, "big"))).isEqualTo(TEXT + TEXT);
        }
    }

    @Test
    void a_lock_holds_for_what_is_cold() throws Exception {
        Lock lock =
                new Lock(
                        Optional.of(
                                new Retention(
                                        Retention.Mode.COMPLIANCE,
                                        World.NOW.plus(Duration.ofDays(100)))),
                        false);
        Stored object;
        try (var archive = world.open(disk)) {
            world.keep(
                    BUCKET,
                    Keeping.NONE.with(Versioning.ENABLED).locking(Optional.empty()),
                    archive);
            put(archive, "k", lock);
            object = cool(archive, "k", Storage.Type.GLACIER);
            assertThat(object.lock()).isEqualTo(lock);
            assertThat(archive.remove(BUCKET, "k", object.version().id(), true))
                    .isEqualTo(new Removal.Protected());
            archive.lock(BUCKET, "k", object.version().id(), one -> one.held(true), false);
        }
        world.index = new MemoryCatalog();
        assertThat(IndexRebuild.run(disk, world.index, new byte[32], _ -> {}).findings()).isEmpty();
        try (var archive = world.open(disk)) {
            Stored again = found(archive, "k");
            assertThat(again.lock()).isEqualTo(lock.held(true));
            assertThat(again.storage()).isEqualTo(Storage.of(Storage.Type.GLACIER));
            assertThat(archive.remove(BUCKET, "k", again.version().id(), true))
                    .isEqualTo(new Removal.Protected());
            assertThat(read(archive, again)).isEqualTo("k" + TEXT);
        }
    }

    @Test
    void a_lost_index_finds_what_is_cold_by_what_stands_for_it_here() throws Exception {
        try (var archive = world.open(disk)) {
            put(archive, "k", Lock.NONE);
            put(archive, "wanted", Lock.NONE);
            put(archive, "warm", Lock.NONE);
            cool(archive, "k", Storage.Type.GLACIER);
            cool(archive, "k", Storage.Type.DEEP_ARCHIVE);
            cool(archive, "wanted", Storage.Type.GLACIER);
            assertThat(restore(archive, "wanted")).isEqualTo(new Restoring.Begun());
            cool(archive, "wanted", Storage.Type.DEEP_ARCHIVE);
            assertThat(restore(archive, "k")).isEqualTo(new Restoring.Begun());
            archive.tendCold(1);
        }
        world.index = new MemoryCatalog();
        var report = IndexRebuild.run(disk, world.index, new byte[32], _ -> {});
        assertThat(report.findings()).isEmpty();
        assertThat(report.objects()).isEqualTo(3);
        try (var archive = world.open(disk)) {
            // Copies are not; they can be asked for again.
            assertThat(disk.files()).hasSize(3);
            for (String key : List.of("k", "wanted")) {
                assertThat(found(archive, key).storage())
                        .isEqualTo(Storage.of(Storage.Type.DEEP_ARCHIVE));
                assertThat(restore(archive, key)).isEqualTo(new Restoring.Begun());
            }
            archive.tendCold(1 << 20);
            for (String key : List.of("k", "wanted", "warm")) {
                assertThat(read(archive, found(archive, key))).isEqualTo(key + TEXT);
                archive.remove(BUCKET, key);
            }
            archive.tendCold(1);
            assertThat(coldFiles()).isEmpty();
            assertThat(disk.files()).isEmpty();
        }
    }

    @Test
    void a_place_that_is_not_mounted_loses_nothing_and_is_gone_on_with() throws Exception {
        try (var archive = world.open(disk)) {
            put(archive, "k", Lock.NONE);
            cool(archive, "k", Storage.Type.GLACIER);
            put(archive, "other", Lock.NONE);
        }
        var empty = new SimulatedDisk();
        world.cold = Optional.of(empty);
        try (var archive = world.open(disk)) {
            Stored other = found(archive, "other");
            assertThatThrownBy(() -> archive.cool(BUCKET, other, Storage.Type.GLACIER))
                    .isInstanceOfSatisfying(
                            ArchiveException.class,
                            e -> assertThat(e.kind()).isEqualTo(ArchiveException.Kind.UNAVAILABLE))
                    .hasMessageContaining("is it mounted?");
            assertThat(read(archive, other)).isEqualTo("other" + TEXT);
            assertThatThrownBy(() -> read(archive, found(archive, "k")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("is it mounted?");
            assertThat(restore(archive, "k")).isEqualTo(new Restoring.Begun());
            archive.tendCold(1);
            assertThat(found(archive, "k").storage().restoring()).isTrue();
            assertThat(empty.files()).isEmpty();
            archive.remove(BUCKET, "other");
        }
        world.cold = Optional.of(cold);
        try (var archive = world.open(disk)) {
            archive.tendCold(1);
            assertThat(found(archive, "k").storage().isReadable(World.NOW)).isTrue();
            assertThat(read(archive, found(archive, "k"))).isEqualTo("k" + TEXT);
        }
    }

    @Test
    void what_is_damaged_there_is_not_brought_back_and_goes_on_to_be_wanted() throws Exception {
        try (var archive = world.open(disk)) {
            put(archive, "k", Lock.NONE);
            cool(archive, "k", Storage.Type.GLACIER);
            put(archive, "whole", Lock.NONE);
            cool(archive, "whole", Storage.Type.GLACIER);
            restore(archive, "k");
            restore(archive, "whole");
            String file = fileOf(archive, "k");
            cold.flip(file, 8 * 200);
            assertThatThrownBy(() -> read(archive, found(archive, "k")))
                    .isInstanceOf(IOException.class);
            archive.tendCold(1 << 20);
            assertThat(found(archive, "k").storage().restoring()).isTrue();
            assertThat(found(archive, "whole").storage().isReadable(World.NOW)).isTrue();
            assertThat(disk.files()).hasSize(3);

            cold.flip(file, 8 * 200);
            archive.tendCold(1 << 20);
            assertThat(found(archive, "k").storage().restoring()).as("some time later").isTrue();
            pass(Duration.ofMinutes(1));
            archive.tendCold(1 << 20);
            assertThat(found(archive, "k").storage().isReadable(World.NOW)).isTrue();
        }
    }

    private String fileOf(DiskArchive archive, String key) throws Exception {
        var row = world.index.get(Rows.COLD, found(archive, key).file()).orElseThrow();
        return "objects/" + Rows.Cold.of(dev.cairn.catalog.Fields.of(row)).place();
    }

    @Test
    void what_is_damaged_here_stays_here_and_what_changes_meanwhile_too() throws Exception {
        try (var archive = world.open(disk)) {
            Stored object = put(archive, "k", Lock.NONE);
            String file = "archive/objects/" + object.file();
            disk.flip(file, 8 * 1000);
            assertThatThrownBy(() -> archive.cool(BUCKET, object, Storage.Type.GLACIER))
                    .isInstanceOfSatisfying(
                            ArchiveException.class,
                            e -> assertThat(e.kind()).isEqualTo(ArchiveException.Kind.CORRUPT));
            disk.flip(file, 8 * 1000);
            archive.describe(BUCKET, object, Map.of("x-amz-tagging", "a=b"));
            assertThat(archive.cool(BUCKET, object, Storage.Type.GLACIER)).isFalse();
            assertThat(found(archive, "k").storage()).isEqualTo(Storage.STANDARD);
            assertThat(read(archive, found(archive, "k"))).isEqualTo("k" + TEXT);
            archive.tendCold(1);
            assertThat(coldFiles()).isEmpty();
            assertThat(disk.files()).hasSize(1);
        }
    }
}
