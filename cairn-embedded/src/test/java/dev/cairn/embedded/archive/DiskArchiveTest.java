package dev.cairn.embedded.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.archive.Archive;
import dev.cairn.archive.Archive.Description;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.Keeping;
import dev.cairn.archive.Keeping.DefaultRetention;
import dev.cairn.archive.Keeping.Versioning;
import dev.cairn.archive.ObjectStore.Condition;
import dev.cairn.archive.ObjectStore.Draft;
import dev.cairn.archive.ObjectStore.Part;
import dev.cairn.archive.ObjectStore.Upload;
import dev.cairn.archive.Retention;
import dev.cairn.archive.WriteCheck;
import dev.cairn.catalog.CatalogException;
import dev.cairn.testkit.archive.ArchiveContract;
import dev.cairn.testkit.fault.SimulatedDisk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DiskArchiveTest extends ArchiveContract {
    private static final Description PLAIN = new Description("text/plain", "", Map.of());

    @Override
    protected Archive newArchive() throws Exception {
        return new World().open(new SimulatedDisk());
    }

    @Override
    protected Archive newArchiveWithVault() throws Exception {
        var world = new World();
        world.bucket(VAULT, VAULT_POLICY);
        var archive = world.open(new SimulatedDisk());
        world.keep(
                VAULT,
                Keeping.NONE
                        .with(Versioning.ENABLED)
                        .locking(
                                Optional.of(
                                        new DefaultRetention(
                                                Retention.Mode.COMPLIANCE,
                                                1,
                                                DefaultRetention.Unit.DAYS))),
                archive);
        return archive;
    }

    @Override
    protected void deleteInVault(Archive archive, String key) throws Exception {
        ((DiskArchive) archive).remove(VAULT, key);
    }

    @Test
    void a_trail_that_the_policy_does_not_name_is_denied_with_the_statement_it_lacks()
            throws Exception {
        try (var archive = new World().open(new SimulatedDisk())) {
            assertThatThrownBy(() -> archive.putIfAbsent(STRANGER, BUCKET, "k", bytes("x"), PLAIN))
                    .hasMessageContaining("AWSCloudTrailWrite20150319")
                    .hasMessageContaining("arn:aws:s3:::logs/k")
                    .hasMessageContaining(STRANGER.trailArn());
            assertThat(archive.missingRight(TRAIL, BUCKET, "AWSLogs/123456789012/")).isEmpty();
            assertThat(archive.missingRight(STRANGER, BUCKET, "AWSLogs/210987654321/"))
                    .hasValueSatisfying(words ->
                            assertThat(words)
                                    .contains("\"arn:aws:s3:::logs/AWSLogs/210987654321/*\""));
        }
    }

    @Test
    void a_bucket_without_a_policy_takes_trails_of_its_account_where_the_setting_says_so()
            throws Exception {
        var world = new World();
        world.bucket("plain", null);
        try (var strict = world.open(new SimulatedDisk())) {
            assertThat(strict.missingRight(TRAIL, "plain", "AWSLogs/"))
                    .hasValueSatisfying(
                            words -> assertThat(words).contains("AWSCloudTrailAclCheck20150319"));
        }
        try (var lenient = world.open(new SimulatedDisk(), new WriteCheck(true))) {
            assertThat(lenient.missingRight(TRAIL, "plain", "AWSLogs/")).isEmpty();
            assertThat(lenient.missingRight(STRANGER, "plain", "AWSLogs/")).isPresent();
        }
    }

    @Test
    void nothing_of_an_object_stands_on_the_disk_in_the_clear() throws Exception {
        var disk = new SimulatedDisk();
        try (var archive = new World().open(disk)) {
            archive.putIfAbsent(TRAIL, BUCKET, "k", bytes("a secret of a thousand"), PLAIN);
            for (String name : disk.files()) {
                try (var file = disk.open(name)) {
                    var bytes = java.nio.ByteBuffer.allocate((int) file.size());
                    file.read(bytes, 0);
                    assertThat(new String(bytes.array(), UTF_8)).doesNotContain("secret");
                }
            }
        }
    }

    @Test
    void a_bit_that_is_changed_anywhere_ends_the_reading() throws Exception {
        byte[] content = new byte[ObjectFile.CHUNK + 10];
        for (long bit : new long[] {0, 70, 8 * 40, 8 * (ObjectFile.CHUNK + 60)}) {
            var disk = new SimulatedDisk();
            try (var archive = new World().open(disk)) {
                archive.putIfAbsent(TRAIL, BUCKET, "k", content, PLAIN);
                disk.flip(disk.files().getFirst(), bit);
                try (var read = archive.get(BUCKET, "k").orElseThrow()) {
                    assertThatThrownBy(() -> read.bytes().readAllBytes())
                            .as("bit " + bit)
                            .isInstanceOf(IOException.class);
                }
            }
        }
    }

    @Test
    void any_range_is_the_range_of_the_whole() throws Exception {
        byte[] content = new byte[3 * ObjectFile.CHUNK + 5];
        new Random(1).nextBytes(content);
        try (var archive = new World().open(new SimulatedDisk())) {
            put(archive, "k", content);
            var random = new Random(2);
            for (int i = 0; i < 200; i++) {
                int from = random.nextInt(content.length);
                int length = random.nextInt(content.length - from + 1);
                try (var reading = archive.read(BUCKET, "k").orElseThrow();
                        var bytes = reading.bytes(from, length)) {
                    assertThat(bytes.readAllBytes())
                            .isEqualTo(java.util.Arrays.copyOfRange(content, from, from + length));
                }
            }
        }
    }

    @Test
    void a_replaced_object_can_still_be_read_by_who_opened_it() throws Exception {
        var disk = new SimulatedDisk();
        try (var archive = new World().open(disk)) {
            put(archive, "k", bytes("old"));
            try (var reading = archive.read(BUCKET, "k").orElseThrow()) {
                put(archive, "k", bytes("new"));
                assertThat(reading.bytes(0, 3).readAllBytes()).isEqualTo(bytes("old"));
            }
            assertThat(text(archive, "k")).isEqualTo("new");
            assertThat(disk.files()).hasSize(1);
            assertThat(archive.delete(BUCKET, "k")).isTrue();
            assertThat(archive.delete(BUCKET, "k")).isFalse();
            assertThat(disk.files()).isEmpty();
        }
    }

    @Test
    void an_object_of_parts_reads_as_one_and_goes_as_one() throws Exception {
        var disk = new SimulatedDisk();
        try (var archive = new World().open(disk)) {
            Upload upload = archive.startUpload(BUCKET, "big", "me", Map.of("content-type", "x/y"));
            byte[] all = new byte[200_000];
            new Random(3).nextBytes(all);
            var parts = new ArrayList<Part>();
            for (int i = 0; i < 4; i++) {
                parts.add(part(archive, upload, i + 1, all, i * 50_000, 50_000));
            }
            part(archive, upload, 9, all, 0, 10); // left out, so gone afterwards
            assertThat(archive.parts(upload, 0, 1000)).hasSize(5);
            assertThat(archive.uploads(BUCKET, "", null, 10)).containsExactly(upload);
            var object =
                    archive.complete(
                                    upload,
                                    parts,
                                    "etag-4",
                                    upload.headers(),
                                    new Condition.Always())
                            .orElseThrow();
            assertThat(object.length()).isEqualTo(all.length);
            assertThat(disk.files()).hasSize(5);
            var random = new Random(4);
            for (int i = 0; i < 100; i++) {
                int from = random.nextInt(all.length);
                int length = random.nextInt(all.length - from + 1);
                try (var reading = archive.read(BUCKET, "big").orElseThrow();
                        var bytes = reading.bytes(from, length)) {
                    assertThat(bytes.readAllBytes())
                            .isEqualTo(java.util.Arrays.copyOfRange(all, from, from + length));
                }
            }
            assertThat(archive.upload(BUCKET, "big", upload.id())).isEmpty();
            archive.delete(BUCKET, "big");
            assertThat(disk.files()).isEmpty();
        }
    }

    @Test
    void the_longest_key_can_be_uploaded_in_parts() throws Exception {
        try (var archive = new World().open(new SimulatedDisk())) {
            String key = "k".repeat(1024);
            Upload upload = archive.startUpload(BUCKET, key, "me", Map.of());
            assertThat(archive.upload(BUCKET, key, upload.id())).contains(upload);
            assertThat(archive.uploads(BUCKET, key, null, 10)).containsExactly(upload);
            assertThat(archive.uploads(BUCKET, "", upload, 10)).isEmpty();
            assertThat(archive.abort(upload)).isTrue();
        }
    }

    @Test
    void an_upload_given_up_leaves_nothing() throws Exception {
        var disk = new SimulatedDisk();
        try (var archive = new World().open(disk)) {
            Upload upload = archive.startUpload(BUCKET, "big", "me", Map.of());
            Part part = part(archive, upload, 1, bytes("hello"), 0, 5);
            assertThat(archive.abort(upload)).isTrue();
            assertThat(archive.abort(upload)).isFalse();
            assertThat(disk.files()).isEmpty();
            assertThat(
                            archive.complete(
                                    upload, List.of(part), "e", Map.of(), new Condition.Always()))
                    .isEmpty();
            try (Draft late = archive.draft(BUCKET)) {
                assertThat(late.commit(upload, 2, "e", Map.of())).isEmpty();
            }
            assertThat(disk.files()).isEmpty();
        }
    }

    @Test
    void only_an_empty_bucket_is_closed_and_nothing_gets_in_until_it_is_gone() throws Exception {
        var world = new World();
        try (var archive = world.open(new SimulatedDisk())) {
            put(archive, "k", bytes("x"));
            assertThat(remove(world, archive)).isFalse();
            archive.delete(BUCKET, "k");
            assertThat(remove(world, archive)).isTrue();
            fails(
                    ArchiveException.Kind.NO_SUCH_BUCKET,
                    () -> archive.putIfAbsent(TRAIL, BUCKET, "k", bytes("x"), PLAIN));
        }
    }

    private static boolean remove(World world, DiskArchive archive) throws Exception {
        return world.catalog.<Boolean, Exception>write(tx -> {
            boolean empty = archive.closeEmpty(tx, BUCKET);
            if (empty) {
                Bucket bucket = world.buckets().find(tx, BUCKET).orElseThrow();
                world.buckets().delete(tx, bucket);
            }
            return empty;
        });
    }

    @Test
    void an_archive_without_its_index_is_not_taken_for_an_empty_one() throws Exception {
        var disk = new SimulatedDisk();
        var world = new World();
        try (var archive = world.open(disk)) {
            put(archive, "k", bytes("x"));
        }
        fails(ArchiveException.Kind.CORRUPT, () -> new World().open(disk));
    }

    static void put(DiskArchive archive, String key, byte[] content)
            throws ArchiveException, IOException {
        try (Draft draft = archive.draft(BUCKET)) {
            draft.write(content, 0, content.length);
            assertThat(draft.commit(key, "etag", Map.of(), new Condition.Always())).isPresent();
        }
    }

    private static Part part(
            DiskArchive archive, Upload upload, int number, byte[] bytes, int from, int length)
            throws ArchiveException, IOException {
        try (Draft draft = archive.draft(BUCKET)) {
            draft.write(bytes, from, length);
            return draft.commit(upload, number, "etag", Map.of()).orElseThrow();
        }
    }

    @Test
    void the_archive_s_key_is_made_once_and_sealed() throws CatalogException {
        var catalog = new dev.cairn.testkit.catalog.MemoryCatalog();
        dev.cairn.secret.Secrets secrets =
                count -> {
                    byte[] bytes = new byte[count];
                    java.util.Arrays.fill(bytes, (byte) 5);
                    return bytes;
                };
        var vault = new dev.cairn.secret.Vault(new byte[32], secrets);
        byte[] key = ArchiveKey.of(catalog, vault, secrets);
        assertThat(ArchiveKey.of(catalog, vault, secrets)).isEqualTo(key).hasSize(32);
        var other = new dev.cairn.secret.Vault(key, secrets);
        assertThatThrownBy(() -> ArchiveKey.of(catalog, other, secrets))
                .isInstanceOf(CatalogException.class);
    }
}
