package dev.cairn.embedded.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.archive.Archive;
import dev.cairn.archive.Archive.Description;
import dev.cairn.archive.Archive.Put;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.DataKey;
import dev.cairn.archive.DataKeys;
import dev.cairn.archive.ObjectStore.Condition;
import dev.cairn.archive.ObjectStore.Opener;
import dev.cairn.archive.ObjectStore.Part;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.archive.Storage;
import dev.cairn.archive.WrappedKey;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.fault.FaultyDisk;
import dev.cairn.testkit.fault.SimulatedDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Objects that are encrypted under keys of a KMS, as the disk has them.
class EncryptedArchiveTest {
    private static final String BUCKET = "logs";
    private static final String KMS_KEY = "arn:aws:kms:us-east-1:123456789012:key/one";
    private static final String TRAIL = "arn:aws:cloudtrail:us-east-1:123456789012:trail/main";
    private static final Archive.Writer ENCRYPTING =
            new Archive.Writer("123456789012", TRAIL, KMS_KEY);
    private static final Description TYPE =
            new Description("application/json", "gzip", Map.of("signature", "beef"));

    private final World world = new World();
    private final Keys keys = new Keys();
    private SimulatedDisk disk = new SimulatedDisk();

    EncryptedArchiveTest() throws Exception {
        world.dataKeys = keys;
    }

    /// A KMS with one key, which remembers what it has handed out.
    private static final class Keys implements DataKeys {
        private final Random random = new Random(7);
        private final Map<String, byte[]> made = new HashMap<>();
        private boolean disabled;

        @Override
        public DataKey generate(Archive.Writer as, String objectArn) throws ArchiveException {
            check();
            byte[] plaintext = new byte[32];
            random.nextBytes(plaintext);
            String blob = "blob" + made.size();
            made.put(blob, plaintext);
            return new DataKey(
                    plaintext,
                    new WrappedKey(KMS_KEY, blob, Map.of("aws:cloudtrail:arn", as.trailArn())));
        }

        @Override
        public byte[] open(WrappedKey wrapped) throws ArchiveException {
            check();
            assertThat(wrapped.context()).isEqualTo(Map.of("aws:cloudtrail:arn", TRAIL));
            return made.getOrDefault(wrapped.blob(), new byte[32]);
        }

        private void check() throws ArchiveException {
            if (disabled) {
                throw new ArchiveException(
                        ArchiveException.Kind.DENIED, "KMS.DisabledException", "it is disabled");
            }
        }
    }

    private static Put put(DiskArchive archive, String key, String text) throws ArchiveException {
        return archive.putIfAbsent(ENCRYPTING, BUCKET, key, text.getBytes(UTF_8), TYPE);
    }

    private static String text(DiskArchive archive, String key) throws Exception {
        try (var content = archive.get(BUCKET, key).orElseThrow()) {
            return new String(content.bytes().readAllBytes(), UTF_8);
        }
    }

    private static String read(DiskArchive archive, String key, Opener opener) throws Exception {
        try (var reading = archive.read(BUCKET, key, opener).orElseThrow();
                var bytes = reading.bytes(0, reading.object().length())) {
            return new String(bytes.readAllBytes(), UTF_8);
        }
    }

    @Test
    void what_is_put_under_a_key_reads_as_it_was_with_all_that_is_told_of_it() throws Exception {
        var long_ = "x".repeat(200_000);
        try (var archive = world.open(disk)) {
            assertThat(put(archive, "k", "secret")).isEqualTo(Put.STORED);
            assertThat(put(archive, "long", long_)).isEqualTo(Put.STORED);
            assertThat(put(archive, "k", "other")).isEqualTo(Put.TAKEN);
        }
        try (var archive = world.open(disk)) {
            assertThat(text(archive, "k")).isEqualTo("secret");
            assertThat(text(archive, "long")).isEqualTo(long_);
            try (var content = archive.get(BUCKET, "k").orElseThrow()) {
                assertThat(content.description()).isEqualTo(TYPE);
            }
            assertThat(archive.find(BUCKET, "k").orElseThrow().headers())
                    .containsEntry("x-amz-server-side-encryption", "aws:kms")
                    .containsEntry("x-amz-server-side-encryption-aws-kms-key-id", KMS_KEY);
        }
        // One key for each object, and none for the put that found its key taken.
        assertThat(keys.made).hasSize(2);
    }

    @Test
    void it_takes_the_objects_own_key() throws Exception {
        try (var archive = world.open(disk)) {
            put(archive, "k", "secret");
            put(archive, "other", "other");
            assertThat(read(archive, "k", wrapped -> keys.made.getOrDefault("blob0", new byte[0])))
                    .isEqualTo("secret");
            assertThatThrownBy(() -> read(archive, "k", Opener.NONE))
                    .isInstanceOfSatisfying(
                            ArchiveException.class,
                            e -> assertThat(e.kind()).isEqualTo(ArchiveException.Kind.DENIED));
            assertThatThrownBy(() ->
                            read(archive, "k", _ -> keys.made.getOrDefault("blob1", new byte[0])))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("not those that were stored");
        }
    }

    @Test
    void the_archives_key_alone_opens_no_chunk() throws Exception {
        try (var archive = world.open(disk)) {
            put(archive, "k", "secret");
            var object = archive.find(BUCKET, "k").orElseThrow();
            var name = object.file();
            var id = ObjectFile.id(name.substring(name.lastIndexOf('/') + 1));
            try (var file = disk.open("archive/objects/" + name)) {
                assertThat(ObjectFile.told(file, new byte[32], id).orElseThrow().length())
                        .isEqualTo("secret".length());
            }
            assertThatThrownBy(
                            () -> {
                                try (var content =
                                        ObjectFile.content(
                                                disk.open("archive/objects/" + name),
                                                new byte[32],
                                                id,
                                                null,
                                                object.length(),
                                                0,
                                                object.length())) {
                                    content.readAllBytes();
                                }
                            })
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void a_disabled_key_stores_nothing_and_opens_nothing_until_it_is_enabled() throws Exception {
        try (var archive = world.open(disk)) {
            put(archive, "k", "secret");
            int files = disk.files().size();
            keys.disabled = true;

            assertThatThrownBy(() -> put(archive, "later", "more"))
                    .isInstanceOfSatisfying(
                            ArchiveException.class,
                            e -> assertThat(e.code()).isEqualTo("KMS.DisabledException"));
            assertThatThrownBy(() -> text(archive, "k")).isInstanceOf(ArchiveException.class);
            assertThat(archive.find(BUCKET, "later")).isEmpty();
            assertThat(disk.files()).hasSize(files);

            keys.disabled = false;
            assertThat(text(archive, "k")).isEqualTo("secret");
            assertThat(put(archive, "later", "more")).isEqualTo(Put.STORED);
        }
    }

    @Test
    void an_index_made_anew_knows_the_keys() throws Exception {
        try (var archive = world.open(disk)) {
            put(archive, "k", "secret");
        }
        try (var archive = world.open(disk)) {
            inParts(archive, "parts", "first ", "second");
        }
        world.index = new MemoryCatalog();
        assertThat(IndexRebuild.run(disk, world.index, new byte[32], _ -> {}).findings()).isEmpty();
        try (var archive = world.open(disk)) {
            assertThat(text(archive, "k")).isEqualTo("secret");
            assertThat(text(archive, "parts")).isEqualTo("first second");
            keys.disabled = true;
            assertThatThrownBy(() -> text(archive, "parts")).isInstanceOf(ArchiveException.class);
        }
    }

    /// Puts an object in parts under one key, as the S3 front does.
    private void inParts(DiskArchive archive, String key, String... texts) throws Exception {
        var data = keys.generate(ENCRYPTING, "arn:aws:s3:::logs/" + key);
        var upload = archive.startUpload(BUCKET, key, "me", data.wrapped().headers());
        var parts = new ArrayList<Part>();
        for (String text : texts) {
            try (var draft = archive.draft(BUCKET, Optional.of(data))) {
                draft.write(text.getBytes(UTF_8), 0, text.length());
                parts.add(draft.commit(upload, parts.size() + 1, "e", Map.of()).orElseThrow());
            }
        }
        assertThat(
                        archive.complete(
                                upload, parts, "etag-2", upload.headers(), new Condition.Always()))
                .isPresent();
    }

    private static Stored found(DiskArchive archive, String key) throws Exception {
        return archive.find(BUCKET, key).orElseThrow();
    }

    /// What the files of a disk begin with.
    private static List<String> forms(SimulatedDisk disk, String folder) throws Exception {
        var forms = new ArrayList<String>();
        for (String name : disk.files()) {
            if (name.startsWith(folder)) {
                try (var file = disk.open(name)) {
                    var magic = ByteBuffer.allocate(8);
                    file.read(magic, 0);
                    forms.add(new String(magic.array(), UTF_8).strip());
                }
            }
        }
        return forms;
    }

    @Test
    void what_moves_to_the_colder_place_stays_under_its_key_there_and_when_it_comes_back()
            throws Exception {
        var cold = new SimulatedDisk();
        world.cold = Optional.of(cold);
        try (var archive = world.open(disk)) {
            put(archive, "k", "secret");
            inParts(archive, "parts", "first ", "second");
            for (String key : List.of("k", "parts")) {
                assertThat(archive.cool(BUCKET, found(archive, key), Storage.Type.GLACIER))
                        .isTrue();
            }
            assertThat(forms(cold, "objects/")).containsExactly("CrnObj2", "CrnObj2");
            // What stands for them here has no content.
            assertThat(forms(disk, "")).containsExactly("CrnObj1", "CrnObj1");
            assertThat(text(archive, "k")).isEqualTo("secret");
            assertThat(text(archive, "parts")).isEqualTo("first second");
            assertThatThrownBy(() -> read(archive, "k", _ -> new byte[32]))
                    .isInstanceOf(IOException.class);

            archive.restore(BUCKET, found(archive, "k"), 1);
            archive.tendCold(1);
            assertThat(found(archive, "k").storage().isReadable(World.NOW)).isTrue();
            assertThat(forms(disk, "")).containsExactlyInAnyOrder("CrnObj1", "CrnObj1", "CrnObj2");
            assertThat(text(archive, "k")).isEqualTo("secret");
            keys.disabled = true;
            assertThatThrownBy(() -> text(archive, "k")).isInstanceOf(ArchiveException.class);
            assertThatThrownBy(() -> text(archive, "parts")).isInstanceOf(ArchiveException.class);
            keys.disabled = false;
        }
        world.index = new MemoryCatalog();
        assertThat(IndexRebuild.run(disk, world.index, new byte[32], _ -> {}).findings()).isEmpty();
        try (var archive = world.open(disk)) {
            assertThat(text(archive, "k")).isEqualTo("secret");
            assertThat(text(archive, "parts")).isEqualTo("first second");
        }
    }

    @Test
    void a_disabled_key_holds_up_what_moves_and_what_comes_back_and_nothing_else()
            throws Exception {
        var cold = new SimulatedDisk();
        world.cold = Optional.of(cold);
        try (var archive = world.open(disk)) {
            for (String key : List.of("a", "k", "stays")) {
                put(archive, key, "of " + key);
            }
            try (var draft = archive.draft(BUCKET)) {
                draft.write("plain".getBytes(UTF_8), 0, 5);
                assertThat(draft.commit("plain", "e", Map.of(), new Condition.Always()))
                        .isPresent();
            }
            for (String key : List.of("a", "k", "plain")) {
                archive.cool(BUCKET, found(archive, key), Storage.Type.GLACIER);
                archive.restore(BUCKET, found(archive, key), 1);
            }
            keys.disabled = true;
            assertThatThrownBy(() ->
                            archive.cool(BUCKET, found(archive, "stays"), Storage.Type.GLACIER))
                    .isInstanceOfSatisfying(
                            ArchiveException.class,
                            e -> assertThat(e.kind()).isEqualTo(ArchiveException.Kind.DENIED));
            assertThat(found(archive, "stays").storage()).isEqualTo(Storage.STANDARD);
            assertThat(forms(cold, "objects/")).hasSize(3);

            archive.tendCold(1 << 20);
            assertThat(found(archive, "plain").storage().isReadable(World.NOW)).isTrue();
            for (String key : List.of("a", "k")) {
                assertThat(found(archive, key).storage().restoring()).as(key).isTrue();
            }
            keys.disabled = false;
            archive.tendCold(1 << 20);
            assertThat(found(archive, "k").storage().restoring()).as("within the minute").isTrue();
            world.clock = InstantSource.fixed(World.NOW.plus(Duration.ofMinutes(1)));
            archive.tendCold(1 << 20);
            for (String key : List.of("a", "k")) {
                assertThat(found(archive, key).storage().isReadable(World.NOW)).as(key).isTrue();
                assertThat(text(archive, key)).isEqualTo("of " + key);
            }
        }
    }

    @Tag("long")
    @Test
    void many_that_wait_for_their_key_are_not_in_the_way_of_others() throws Exception {
        world.cold = Optional.of(new SimulatedDisk());
        try (var archive = world.open(disk)) {
            // More than one look takes.
            for (int i = 0; i < 201; i++) {
                put(archive, "k" + i, "x");
                archive.cool(BUCKET, found(archive, "k" + i), Storage.Type.GLACIER);
                archive.restore(BUCKET, found(archive, "k" + i), 1);
            }
            var plain = new ArrayList<String>();
            for (int i = 0; i < 5; i++) {
                plain.add("plain" + i);
                try (var draft = archive.draft(BUCKET)) {
                    draft.write("plain".getBytes(UTF_8), 0, 5);
                    draft.commit("plain" + i, "e", Map.of(), new Condition.Always());
                }
                archive.cool(BUCKET, found(archive, "plain" + i), Storage.Type.GLACIER);
                archive.restore(BUCKET, found(archive, "plain" + i), 1);
            }
            keys.disabled = true;
            assertThat(archive.tendCold(1 << 20)).isTrue();
            assertThat(archive.tendCold(1 << 20)).isFalse();
            for (String key : plain) {
                assertThat(found(archive, key).storage().isReadable(World.NOW)).as(key).isTrue();
            }
            assertThat(found(archive, "k0").storage().restoring()).isTrue();
        }
    }

    @Test
    void what_is_told_of_an_object_can_change_and_its_key_cannot() throws Exception {
        try (var archive = world.open(disk)) {
            put(archive, "k", "secret");
            var object = archive.find(BUCKET, "k").orElseThrow();
            assertThat(archive.describe(BUCKET, object, Map.of("x-amz-tagging", "a=1"))).isTrue();
            assertThat(text(archive, "k")).isEqualTo("secret");
        }
    }

    @Test
    void a_crash_at_any_disk_operation_leaves_every_object_whole_or_absent() throws Exception {
        long operations = crashed(Long.MAX_VALUE);
        assertThat(operations).isGreaterThan(8);
        for (long at = 1; at <= operations; at++) {
            crashed(at);
        }
    }

    private long crashed(long downAt) throws Exception {
        var other = new World();
        other.dataKeys = keys;
        var simulated = new SimulatedDisk();
        var faulty = new FaultyDisk(simulated, new Random(1));
        faulty.downAfter(downAt);
        var acknowledged = new HashMap<String, String>();
        try (var archive = other.open(faulty)) {
            for (String key : Arrays.asList("a", "b")) {
                put(archive, key, "of " + key);
                acknowledged.put(key, "of " + key);
            }
        } catch (ArchiveException e) {
            assertThat(faulty.down()).as("down at %d: %s", downAt, e).isTrue();
        }
        SimulatedDisk after = simulated.crash(new Random(1));
        int there = 0;
        try (var archive = other.open(after)) {
            for (String key : Arrays.asList("a", "b")) {
                if (archive.find(BUCKET, key).isPresent()) {
                    there++;
                    assertThat(text(archive, key)).isEqualTo("of " + key);
                } else {
                    assertThat(acknowledged).as("down at %d", downAt).doesNotContainKey(key);
                }
            }
        }
        assertThat(after.files()).as("down at %d", downAt).hasSize(there);
        return faulty.operations();
    }
}
