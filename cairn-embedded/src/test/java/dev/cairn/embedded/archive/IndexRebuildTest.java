package dev.cairn.embedded.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.ObjectStore.Condition;
import dev.cairn.archive.ObjectStore.Draft;
import dev.cairn.archive.ObjectStore.Part;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.archive.ObjectStore.Upload;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import dev.cairn.disk.DiskFile;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.fault.FaultyDisk;
import dev.cairn.testkit.fault.SimulatedDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The index made anew says what the lost one said.
class IndexRebuildTest {
    private static final String BUCKET = "logs";
    private static final byte[] KEY = new byte[32];

    private final World world = new World();
    private final SimulatedDisk disk = new SimulatedDisk();

    /// The file of the upload that is not completed.
    private String underWay = "";

    IndexRebuildTest() throws CatalogException {}

    @Test
    void every_row_of_an_object_is_as_it_was() throws Exception {
        fill();
        List<String> before =
                rows(world.index.reopen(), "object:logs", "object:other", "file", "pieces");
        assertThat(before.remove("file " + underWay + " {}")).isTrue();
        assertThat(before).hasSizeGreaterThan(300);

        MemoryCatalog made = new MemoryCatalog();
        var told = new ArrayList<Long>();
        IndexRebuild.Report report = IndexRebuild.run(disk, made, KEY, told::add);

        assertThat(rows(made, "object:logs", "object:other", "file", "pieces")).isEqualTo(before);
        assertThat(report.findings()).isEmpty();
        assertThat(report.objects()).isEqualTo(rows(made, "object:logs", "object:other").size());
        assertThat(told).last().isEqualTo(report.files());
    }

    @Test
    void it_makes_the_same_again() throws Exception {
        fill();
        MemoryCatalog one = new MemoryCatalog();
        MemoryCatalog other = new MemoryCatalog();
        IndexRebuild.run(disk, one, KEY, _ -> {});
        IndexRebuild.run(disk, other, KEY, _ -> {});
        String[] all = {"object:logs", "object:other", "file", "pieces", "epoch"};
        assertThat(rows(one, all)).isEqualTo(rows(other, all));
    }

    @Test
    void every_object_reads_as_before_and_what_no_object_needs_is_swept() throws Exception {
        Map<String, String> before = fill();
        int files = disk.files().size();

        world.index = new MemoryCatalog();
        IndexRebuild.run(disk, world.index, KEY, _ -> {});
        try (DiskArchive archive = world.open(disk)) {
            assertThat(contents(archive)).isEqualTo(before);
            // The upload under way is lost, and with it its only part.
            assertThat(archive.uploads(BUCKET, "", null, 10)).isEmpty();
            assertThat(disk.files()).hasSize(files - 1);
            DiskArchiveTest.put(archive, "later", "later".getBytes(UTF_8));
        }
        try (DiskArchive archive = world.open(disk)) {
            assertThat(contents(archive))
                    .containsEntry("logs/later", "later")
                    .hasSize(before.size() + 1);
        }
    }

    @Test
    void tags_changed_since_come_back_as_they_were_put() throws Exception {
        try (DiskArchive archive = world.open(disk)) {
            put(archive, BUCKET, "k", "x", Map.of("x-amz-tagging", "a=1"));
            Stored object = archive.find(BUCKET, "k").orElseThrow();
            archive.describe(BUCKET, object, Map.of("x-amz-tagging", "a=2"));
        }
        world.index = new MemoryCatalog();
        IndexRebuild.run(disk, world.index, KEY, _ -> {});
        try (DiskArchive archive = world.open(disk)) {
            assertThat(archive.find(BUCKET, "k").orElseThrow().header("x-amz-tagging"))
                    .isEqualTo("a=1");
        }
    }

    @Test
    void a_file_that_cannot_be_read_is_told_of_and_stays() throws Exception {
        try (DiskArchive archive = world.open(disk)) {
            put(archive, BUCKET, "good", "x", Map.of());
            put(archive, BUCKET, "bad", "y", Map.of());
            put(archive, BUCKET, "short", "z", Map.of());
        }
        String bad = "archive/objects/" + stored("bad").file();
        String cut = "archive/objects/" + stored("short").file();
        try (DiskFile file = disk.edit(bad)) {
            // In the footer, in front of its length and the magic of the end.
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), file.size() - 20);
        }
        try (DiskFile file = disk.edit(cut)) {
            file.truncate(file.size() - 1);
        }

        world.index = new MemoryCatalog();
        IndexRebuild.Report report = IndexRebuild.run(disk, world.index, KEY, _ -> {});

        assertThat(report.objects()).isEqualTo(1);
        assertThat(report.found()).isEqualTo(2);
        assertThat(report.findings())
                .anySatisfy(one -> assertThat(one).contains(bad).contains("cannot be read"))
                .anySatisfy(one -> assertThat(one).contains(cut).contains("cut off"));
        try (DiskArchive archive = world.open(disk)) {
            assertThat(contents(archive)).containsOnlyKeys("logs/good");
            assertThat(disk.exists(bad)).isTrue();
            assertThat(disk.exists(cut)).isTrue();
        }
    }

    @Test
    void an_object_that_lacks_a_piece_is_told_of() throws Exception {
        fill();
        String piece =
                world.index
                        .reopen()
                        .list("pieces", "", "", 1)
                        .getFirst()
                        .json()
                        .replaceAll("^\\{\"pieces\":\"(\\S+) .*", "$1");
        disk.delete("archive/objects/" + piece);
        IndexRebuild.Report report = IndexRebuild.run(disk, new MemoryCatalog(), KEY, _ -> {});
        assertThat(report.findings())
                .singleElement()
                .satisfies(one ->
                        assertThat(one).contains("the object big of the bucket logs", piece));
    }

    @Test
    void of_two_files_of_one_key_the_later_is_taken_and_told_of() throws Exception {
        try (DiskArchive archive = world.open(disk)) {
            put(archive, BUCKET, "k", "old", Map.of());
        }
        String old = "archive/objects/" + stored("k").file();
        byte[] bytes = bytes(old);
        try (DiskArchive archive = world.open(disk)) {
            put(archive, BUCKET, "k", "new", Map.of());
        }
        // As when the process died before it removed it.
        write(old, bytes);

        world.index = new MemoryCatalog();
        IndexRebuild.Report report = IndexRebuild.run(disk, world.index, KEY, _ -> {});

        assertThat(report.objects()).isEqualTo(1);
        assertThat(report.findings())
                .singleElement()
                .satisfies(one ->
                        assertThat(one).contains("the object k of the bucket logs has two files"));
        try (DiskArchive archive = world.open(disk)) {
            assertThat(contents(archive)).isEqualTo(Map.of("logs/k", "new"));
            assertThat(disk.exists(old)).isFalse();
        }
    }

    @Test
    void a_file_in_another_s_place_is_told_of_and_stays() throws Exception {
        try (DiskArchive archive = world.open(disk)) {
            put(archive, BUCKET, "k", "x", Map.of());
        }
        String right = "archive/objects/" + stored("k").file();
        String wrong = right.replaceFirst("objects/[0-9a-f]{8}", "objects/00000009");
        disk.createFolder("archive/objects/00000009");
        disk.createFolder(wrong.substring(0, wrong.lastIndexOf('/')));
        write(wrong, bytes(right));

        world.index = new MemoryCatalog();
        IndexRebuild.Report report = IndexRebuild.run(disk, world.index, KEY, _ -> {});

        assertThat(report.findings())
                .singleElement()
                .satisfies(one -> assertThat(one).contains(wrong + " says it is "));
        try (DiskArchive archive = world.open(disk)) {
            assertThat(contents(archive)).isEqualTo(Map.of("logs/k", "x"));
            assertThat(disk.exists(wrong)).isTrue();
        }
    }

    @Test
    void the_pieces_of_an_object_whose_list_cannot_be_read_stay_wherever_they_are()
            throws Exception {
        Upload upload;
        Part part;
        try (DiskArchive archive = world.open(disk)) {
            upload = archive.startUpload(BUCKET, "big", "me", Map.of());
            part = part(archive, upload, 1, "1".repeat(70_000));
        }
        try (DiskArchive archive = world.open(disk)) {
            archive.complete(upload, List.of(part), "e-1", Map.of(), new Condition.Always());
        }
        try (DiskArchive archive = world.open(disk)) {
            put(archive, BUCKET, "later", "x", Map.of());
        }
        String list = "archive/objects/" + stored("big").file();
        try (DiskFile file = disk.edit(list)) {
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), file.size() - 20);
        }

        world.index = new MemoryCatalog();
        IndexRebuild.Report report = IndexRebuild.run(disk, world.index, KEY, _ -> {});

        assertThat(report.found()).isEqualTo(1);
        world.open(disk).close();
        assertThat(disk.exists("archive/objects/" + part.file())).isTrue();
        assertThat(disk.exists(list)).isTrue();
    }

    @Test
    void an_archive_of_many_lives_goes_on_after_the_last() throws Exception {
        disk.createFolder("archive");
        disk.createFolder("archive/objects");
        for (int epoch = 1; epoch <= Catalog.LIMIT_MAX + 1; epoch++) {
            disk.createFolder("archive/objects/%08x".formatted(epoch));
        }
        world.index = new MemoryCatalog();
        IndexRebuild.run(disk, world.index, KEY, _ -> {});
        try (DiskArchive archive = world.open(disk)) {
            put(archive, BUCKET, "k", "x", Map.of());
            assertThat(stored("k").file()).startsWith("%08x/".formatted(Catalog.LIMIT_MAX + 2));
        }
    }

    private byte[] bytes(String file) throws Exception {
        try (DiskFile from = disk.open(file)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) from.size());
            from.read(bytes, 0);
            return bytes.array();
        }
    }

    private void write(String file, byte[] bytes) throws Exception {
        try (DiskFile to = disk.create(file)) {
            to.write(ByteBuffer.wrap(bytes), 0);
            to.force();
        }
        disk.force(file.substring(0, file.lastIndexOf('/')));
    }

    @Test
    void another_archive_s_key_makes_no_index() throws Exception {
        fill();
        byte[] other = new byte[32];
        other[0] = 1;
        assertThatThrownBy(() -> IndexRebuild.run(disk, new MemoryCatalog(), other, _ -> {}))
                .isInstanceOfSatisfying(
                        ArchiveException.class,
                        e -> assertThat(e.kind()).isEqualTo(ArchiveException.Kind.CORRUPT))
                .hasMessageContaining("expected an object that opens under the key in catalog.db");
    }

    @Test
    void an_archive_without_objects_has_an_empty_index() throws Exception {
        IndexRebuild.Report report = IndexRebuild.run(disk, new MemoryCatalog(), KEY, _ -> {});
        assertThat(report.objects()).isZero();
        assertThat(report.findings()).isEmpty();
    }

    /// Whatever the machine went down on, just before the index was lost too.
    @Test
    void what_was_acknowledged_before_a_crash_is_in_the_index_made_after_it() throws Exception {
        long operations = crashAt(Long.MAX_VALUE, 0);
        assertThat(operations).isGreaterThan(20);
        for (long at = 1; at <= operations; at++) {
            for (int seed = 0; seed < 4; seed++) {
                crashAt(at, seed);
            }
        }
    }

    private static long crashAt(long downAt, int seed) throws Exception {
        World world = new World();
        SimulatedDisk simulated = new SimulatedDisk();
        FaultyDisk faulty = new FaultyDisk(simulated, new Random(seed));
        faulty.downAfter(downAt);
        var acknowledged = new HashMap<String, String>();
        try (DiskArchive archive = world.open(faulty)) {
            for (int i = 0; i < 6; i++) {
                put(archive, BUCKET, "key" + i, "text " + i, Map.of());
                acknowledged.put("logs/key" + i, "text " + i);
            }
        } catch (ArchiveException | IOException e) {
            assertThat(faulty.down()).as("down at %d: %s", downAt, e).isTrue();
        }
        SimulatedDisk after = simulated.crash(new Random(seed));
        world.index = new MemoryCatalog();
        try {
            IndexRebuild.run(after, world.index, KEY, _ -> {});
        } catch (ArchiveException e) {
            // Nothing but a file that was never finished.
            assertThat(acknowledged).as("down at %d, seed %d: %s", downAt, seed, e).isEmpty();
            return faulty.operations();
        }
        try (DiskArchive archive = world.open(after)) {
            assertThat(contents(archive))
                    .as("down at %d, seed %d", downAt, seed)
                    .containsAllEntriesOf(acknowledged);
        }
        return faulty.operations();
    }

    /// Objects of every form, replaced and deleted ones, over several lives of the archive; and an
    /// upload that is not completed.
    ///
    /// @return what is in each object
    private Map<String, String> fill() throws Exception {
        world.bucket("other", null);
        try (DiskArchive archive = world.open(disk)) {
            for (int i = 0; i < 250; i++) {
                put(archive, BUCKET, "a/" + i, "text " + i, Map.of("content-type", "text/" + i));
            }
            put(archive, BUCKET, "b ü/\uD83D\uDE00", "x".repeat(200_000), Map.of());
            Upload upload = archive.startUpload(BUCKET, "big", "me", Map.of("x-amz-meta-a", "b"));
            Part one = part(archive, upload, 1, "1".repeat(70_000));
            Part left = part(archive, upload, 2, "left out");
            Part two = part(archive, upload, 3, "3");
            assertThat(left.number()).isEqualTo(2);
            archive.complete(
                    upload, List.of(one, two), "e-2", upload.headers(), new Condition.Always());
        }
        try (DiskArchive archive = world.open(disk)) {
            put(archive, BUCKET, "a/1", "another text", Map.of("content-type", "text/plain"));
            archive.delete(BUCKET, "a/2");
            put(archive, "other", "a/1", "", Map.of());
            Upload upload = archive.startUpload(BUCKET, "under way", "me", Map.of());
            underWay = part(archive, upload, 1, "part").file();
            return contents(archive);
        }
    }

    private static void put(
            DiskArchive archive,
            String bucket,
            String key,
            String text,
            Map<String, String> headers)
            throws ArchiveException, IOException {
        try (Draft draft = archive.draft(bucket)) {
            byte[] bytes = text.getBytes(UTF_8);
            draft.write(bytes, 0, bytes.length);
            assertThat(draft.commit(key, "etag", headers, new Condition.Always())).isPresent();
        }
    }

    private static Part part(DiskArchive archive, Upload upload, int number, String text)
            throws ArchiveException, IOException {
        try (Draft draft = archive.draft(BUCKET)) {
            byte[] bytes = text.getBytes(UTF_8);
            draft.write(bytes, 0, bytes.length);
            return draft.commit(upload, number, "etag", Map.of()).orElseThrow();
        }
    }

    private Stored stored(String key) throws CatalogException {
        return Rows.stored(world.index.reopen().get(Rows.objects(BUCKET), key).orElseThrow());
    }

    private static Map<String, String> contents(DiskArchive archive)
            throws ArchiveException, IOException {
        var contents = new HashMap<String, String>();
        for (String bucket : List.of(BUCKET, "other")) {
            for (Stored object : archive.objects(bucket, "", "", 1000)) {
                try (var reading = archive.read(bucket, object.key()).orElseThrow();
                        var bytes = reading.bytes(0, object.length())) {
                    contents.put(
                            bucket + "/" + object.key(), new String(bytes.readAllBytes(), UTF_8));
                }
            }
        }
        return contents;
    }

    /// Kind, key and text; versions count changes, and are none of the archive's.
    private static List<String> rows(Catalog index, String... kinds) throws CatalogException {
        var rows = new ArrayList<String>();
        for (String kind : kinds) {
            for (Document row : index.list(kind, "", "", 1000)) {
                rows.add(kind + " " + row.key() + " " + row.json());
            }
        }
        return rows;
    }
}
