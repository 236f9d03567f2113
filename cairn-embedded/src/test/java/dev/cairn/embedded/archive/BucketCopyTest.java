package dev.cairn.embedded.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.archive.Archive.Description;
import dev.cairn.archive.Archive.Writer;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.ArchiveException.Kind;
import dev.cairn.archive.BucketCopy;
import dev.cairn.archive.WriteCheck;
import dev.cairn.disk.Disk;
import dev.cairn.testkit.fault.FaultyDisk;
import dev.cairn.testkit.fault.SimulatedDisk;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// A bucket that is copied from archive to archive, the second of which goes down at every
/// operation.
final class BucketCopyTest {
    private static final String BUCKET = "logs";
    private static final Writer AS = new Writer("123456789012", "");
    private static final List<String> KEYS = List.of("AWSLogs/1.json.gz", "AWSLogs/2", "b");

    private static DiskArchive open(World world, Disk disk) throws Exception {
        return world.open(disk, new WriteCheck(true));
    }

    private static DiskArchive empty() throws Exception {
        return open(new World(), new SimulatedDisk());
    }

    private static DiskArchive filled() throws Exception {
        var archive = empty();
        for (String key : KEYS) {
            put(archive, key, "content of " + key, "s3cret");
        }
        return archive;
    }

    private static void put(DiskArchive archive, String key, String content, String signature)
            throws ArchiveException {
        archive.putIfAbsent(
                AS,
                BUCKET,
                key,
                content.getBytes(UTF_8),
                new Description("application/json", "gzip", Map.of("signature", signature)));
    }

    private static void isWhole(DiskArchive archive) throws Exception {
        assertThat(archive.objects(BUCKET, "", "", 10))
                .extracting(object -> object.key())
                .containsExactlyElementsOf(KEYS);
        for (String key : KEYS) {
            try (var content = archive.get(BUCKET, key).orElseThrow()) {
                assertThat(new String(content.bytes().readAllBytes(), UTF_8))
                        .isEqualTo("content of " + key);
                assertThat(content.description())
                        .isEqualTo(
                                new Description(
                                        "application/json", "gzip", Map.of("signature", "s3cret")));
            }
        }
    }

    @Test
    void what_is_here_is_there_and_the_second_time_nothing_is_copied() throws Exception {
        try (var from = filled();
                var to = empty()) {
            assertThat(BucketCopy.run(from, to, AS, BUCKET, _ -> {}).copied()).isEqualTo(3);
            isWhole(to);
            var again = BucketCopy.run(from, to, AS, BUCKET, _ -> {});
            assertThat(again.copied()).isZero();
            assertThat(again.objects()).isEqualTo(3);
            assertThat(again.bytes()).isEqualTo(3 * "content of ".length() + 17 + 9 + 1);
        }
    }

    @Test
    void another_object_under_a_key_is_found_and_stays() throws Exception {
        for (String other : List.of("content", "signature")) {
            try (var from = filled();
                    var to = empty()) {
                boolean content = other.equals("content");
                put(to, "b", content ? "another" : "content of b", content ? "s3cret" : "other");
                assertThatThrownBy(() -> BucketCopy.run(from, to, AS, BUCKET, _ -> {}))
                        .isInstanceOfSatisfying(
                                ArchiveException.class,
                                e -> assertThat(e.kind()).isEqualTo(Kind.CORRUPT))
                        .hasMessageContaining("s3://logs/b");
                try (var stays = to.get(BUCKET, "b").orElseThrow()) {
                    assertThat(new String(stays.bytes().readAllBytes(), UTF_8))
                            .isEqualTo(content ? "another" : "content of b");
                }
            }
        }
    }

    @Test
    void a_bucket_that_is_not_there_is_missed() throws Exception {
        var world = new World();
        world.bucket("alone", null);
        try (var from = open(world, new SimulatedDisk());
                var to = empty()) {
            assertThatThrownBy(() -> BucketCopy.run(from, to, AS, "alone", _ -> {}))
                    .isInstanceOfSatisfying(
                            ArchiveException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.NO_SUCH_BUCKET));
        }
    }

    @Test
    void a_copy_is_gone_on_with_wherever_it_was_cut_short() throws Exception {
        try (var from = filled()) {
            long operations = copyUntilDown(from, Long.MAX_VALUE, 0);
            assertThat(operations).isGreaterThan(20);
            for (long at = 1; at <= operations; at++) {
                copyUntilDown(from, at, at);
            }
        }
    }

    private static long copyUntilDown(DiskArchive from, long downAt, long seed) throws Exception {
        var world = new World();
        var disk = new SimulatedDisk();
        var faulty = new FaultyDisk(disk, new Random(seed));
        faulty.downAfter(downAt);
        try (var to = open(world, faulty)) {
            BucketCopy.run(from, to, AS, BUCKET, _ -> {});
        } catch (ArchiveException e) {
            assertThat(faulty.down()).as("%s", e).isTrue();
        }
        try (var to = open(world, disk.crash(new Random(seed)))) {
            assertThat(BucketCopy.run(from, to, AS, BUCKET, _ -> {}).objects()).isEqualTo(3);
            isWhole(to);
        }
        return faulty.operations();
    }
}
