package dev.cairn.embedded.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Keeping;
import dev.cairn.archive.Keeping.DefaultRetention;
import dev.cairn.archive.Keeping.Versioning;
import dev.cairn.archive.ObjectStore.Condition;
import dev.cairn.archive.ObjectStore.ListedVersion;
import dev.cairn.archive.ObjectStore.Removal;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.archive.ObjectStore.Version;
import dev.cairn.archive.Retention;
import dev.cairn.catalog.Catalog;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.fault.SimulatedDisk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A bucket with versions does what S3 says of them, whatever is done in what order, and its index
/// can be made again.
class VersionedArchiveTest {
    private static final String BUCKET = "logs";

    /// Their order by code point is not that by UTF-16, and one is the start of others.
    private static final List<String> KEYS =
            List.of("a", "a b", "a!", "a/b", "\uFF5E", "\uD83D\uDE00", "z".repeat(1024));

    private final World world = new World();
    private final SimulatedDisk disk = new SimulatedDisk();

    VersionedArchiveTest() throws Exception {}

    /// What a bucket with versions is, by S3's words: for each key a list, newest first.
    private static final class Model {
        private record Entry(String id, Optional<String> content) {}

        private final Map<String, List<Entry>> keys = new TreeMap<>(Versions::compare);

        void add(String key, Version version, Optional<String> content) {
            List<Entry> entries = keys.computeIfAbsent(key, _ -> new ArrayList<>());
            if (version.isNull()) {
                entries.removeIf(entry -> entry.id().equals(Version.NULL));
            }
            entries.addFirst(new Entry(version.id(), content));
        }

        void remove(String key, String id) {
            List<Entry> entries = keys.getOrDefault(key, new ArrayList<>());
            entries.removeIf(entry -> entry.id().equals(id));
            if (entries.isEmpty()) {
                keys.remove(key);
            }
        }

        List<String> lines() {
            var lines = new ArrayList<String>();
            keys.forEach((key, entries) -> {
                for (Entry entry : entries) {
                    lines.add(
                            line(
                                    key,
                                    entry.id(),
                                    entry.content().isEmpty(),
                                    entry.equals(entries.getFirst())));
                }
            });
            return lines;
        }

        Optional<String> content(String key) {
            List<Entry> entries = keys.getOrDefault(key, List.of());
            return entries.isEmpty() ? Optional.empty() : entries.getFirst().content();
        }
    }

    private static String line(String key, String id, boolean marker, boolean latest) {
        return "%s %s%s%s".formatted(key, id, marker ? " marker" : "", latest ? " latest" : "");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void a_bucket_with_versions_is_what_s3_says_it_is(int seed) throws Exception {
        var random = new Random(seed);
        var model = new Model();
        var archive = world.open(disk);
        try {
            boolean versions = false;
            for (int step = 0; step < 120; step++) {
                String key = KEYS.get(random.nextInt(KEYS.size()));
                switch (random.nextInt(10)) {
                    case 0 -> {
                        // Versions begin after some steps, and never quite end.
                        if (step > 10) {
                            versions = true;
                            world.keep(
                                    BUCKET,
                                    Keeping.NONE.with(
                                            random.nextInt(3) == 0
                                                    ? Versioning.SUSPENDED
                                                    : Versioning.ENABLED),
                                    archive);
                        }
                    }
                    case 1 -> {
                        archive.close();
                        archive = world.open(disk);
                    }
                    case 2, 3 -> {
                        switch (archive.remove(BUCKET, key)) {
                            case Removal.Marked(Version marker) ->
                                    model.add(key, marker, Optional.empty());
                            case Removal.Removed(Version version) -> {
                                assertThat(versions).isFalse();
                                model.remove(key, version.id());
                            }
                            case Removal.Absent() -> assertThat(versions).isFalse();
                            case Removal.Protected() -> throw new AssertionError("no locks here");
                        }
                    }
                    case 4, 5 -> {
                        var there = model.keys.getOrDefault(key, List.of());
                        if (!there.isEmpty()) {
                            String id = there.get(random.nextInt(there.size())).id();
                            assertThat(archive.remove(BUCKET, key, id, false))
                                    .isInstanceOf(Removal.Removed.class);
                            assertThat(archive.remove(BUCKET, key, id, false))
                                    .isEqualTo(new Removal.Absent());
                            model.remove(key, id);
                        }
                    }
                    default -> {
                        String text = "content " + step;
                        Stored made = put(archive, key, text);
                        if (!versions) {
                            assertThat(made.version()).isEqualTo(Version.PLAIN);
                        }
                        model.add(key, made.version(), Optional.of(text));
                    }
                }
                check(archive, model, random);
            }
            int files = disk.files().size();
            archive.close();
            remade(model, random, files);
        } finally {
            archive.close();
        }
    }

    private void check(DiskArchive archive, Model model, Random random) throws Exception {
        assertThat(lines(archive, 1 + random.nextInt(4))).isEqualTo(model.lines());
        for (String key : KEYS) {
            assertThat(content(archive, key)).isEqualTo(model.content(key));
        }
        for (var entry : model.keys.entrySet()) {
            for (var version : entry.getValue()) {
                Stored found = archive.find(BUCKET, entry.getKey(), version.id()).orElseThrow();
                assertThat(found.version().marker()).isEqualTo(version.content().isEmpty());
                if (version.content().isPresent()) {
                    try (var reading = archive.read(BUCKET, found).orElseThrow();
                            var bytes = reading.bytes(0, found.length())) {
                        assertThat(new String(bytes.readAllBytes(), UTF_8))
                                .isEqualTo(version.content().get());
                    }
                }
            }
        }
        assertThat(disk.files()).hasSameSizeAs(model.lines());
        assertThat(archive.objects(BUCKET, "", "", 1000).stream().map(Stored::key).toList())
                .isEqualTo(
                        model.keys.keySet().stream()
                                .filter(key -> model.content(key).isPresent())
                                .toList());
    }

    private void remade(Model model, Random random, int files) throws Exception {
        MemoryCatalog before = world.index.reopen();
        world.index = new MemoryCatalog();
        assertThat(IndexRebuild.run(disk, world.index, new byte[32], _ -> {}).findings()).isEmpty();
        assertThat(rows(world.index)).isEqualTo(rows(before));
        try (var archive = world.open(disk)) {
            check(archive, model, random);
            assertThat(disk.files()).hasSize(files);
        }
    }

    private static List<String> rows(Catalog index) throws Exception {
        var kinds = new ArrayList<>(List.of("object:logs", "versioned:logs", "file", "lock"));
        KEYS.forEach(key -> kinds.add(Versions.pile(BUCKET, key)));
        var rows = new ArrayList<String>();
        for (String kind : kinds) {
            for (var row : index.list(kind, "", "", Catalog.LIMIT_MAX)) {
                rows.add(kind + " " + row.key() + " " + row.json());
            }
        }
        return rows;
    }

    /// All that is listed, page by page.
    private static List<String> lines(DiskArchive archive, int page) throws Exception {
        var lines = new ArrayList<String>();
        String key = "";
        String version = "";
        List<ListedVersion> found;
        do {
            found = archive.versions(BUCKET, "", key, version, page);
            assertThat(found.size()).isLessThanOrEqualTo(page);
            for (ListedVersion one : found) {
                Version its = one.object().version();
                lines.add(line(one.object().key(), its.id(), its.marker(), one.latest()));
                key = one.object().key();
                version = its.id();
            }
        } while (found.size() == page);
        return lines;
    }

    @Test
    void a_page_goes_on_behind_a_version_that_is_gone_meanwhile() throws Exception {
        try (var archive = world.open(disk)) {
            world.keep(BUCKET, Keeping.NONE.with(Versioning.ENABLED), archive);
            var ids = new ArrayList<String>();
            for (int i = 0; i < 4; i++) {
                ids.addFirst(put(archive, "k", "" + i).version().id());
            }
            archive.remove(BUCKET, "k", ids.get(1), false);

            assertThat(archive.versions(BUCKET, "", "k", ids.get(1), 10))
                    .extracting(one -> one.object().version().id())
                    .isEqualTo(ids.subList(2, 4));
            assertThat(archive.versions(BUCKET, "", "k", "", 10)).isEmpty();
        }
    }

    @Test
    void a_prefix_is_kept_to_and_a_page_may_be_of_one_key_alone() throws Exception {
        try (var archive = world.open(disk)) {
            world.keep(BUCKET, Keeping.NONE.with(Versioning.ENABLED), archive);
            for (String key : List.of("a/1", "a/2", "b/1")) {
                put(archive, key, "x");
                put(archive, key, "y");
            }
            assertThat(archive.versions(BUCKET, "a/", "", "", 1000))
                    .extracting(one -> one.object().key())
                    .containsExactly("a/1", "a/1", "a/2", "a/2");
            var last = archive.versions(BUCKET, "a/", "a/2", "", 1000);
            assertThat(last).isEmpty();
        }
    }

    /// Does something once, in the middle of a put: when it asks for the time that its retention
    /// counts from, with its place among the versions already taken.
    private void inTheMiddle(Callable<?> work) {
        var looks = new AtomicInteger();
        world.clock =
                () -> {
                    if (looks.incrementAndGet() == 2) {
                        try {
                            work.call();
                        } catch (Exception e) {
                            throw new AssertionError(e);
                        }
                    }
                    return World.NOW;
                };
    }

    private static Keeping retained(int days) {
        return Keeping.NONE
                .with(Versioning.ENABLED)
                .locking(
                        Optional.of(
                                new DefaultRetention(
                                        Retention.Mode.GOVERNANCE,
                                        days,
                                        DefaultRetention.Unit.DAYS)));
    }

    @Test
    void of_two_puts_at_once_the_one_that_began_last_is_what_the_key_holds() throws Exception {
        try (var archive = world.open(disk)) {
            world.keep(BUCKET, retained(1), archive);
            inTheMiddle(() -> put(archive, "k", "later"));
            put(archive, "k", "earlier");

            assertThat(content(archive, "k")).contains("later");
            assertThat(archive.versions(BUCKET, "", "", "", 10))
                    .extracting(ListedVersion::latest)
                    .containsExactly(true, false);
        }
    }

    @Test
    void a_put_into_a_bucket_that_changes_meanwhile_is_to_be_tried_again() throws Exception {
        // Its file says already how the bucket was.
        try (var archive = world.open(disk)) {
            world.keep(BUCKET, retained(1), archive);
            inTheMiddle(() -> {
                world.keep(BUCKET, retained(2), archive);
                return true;
            });
            assertThatThrownBy(() -> put(archive, "k", "x"))
                    .isInstanceOfSatisfying(
                            ArchiveException.class,
                            e -> assertThat(e.kind()).isEqualTo(ArchiveException.Kind.UNAVAILABLE));
            assertThat(disk.files()).isEmpty();

            var made = put(archive, "k", "x");
            assertThat(made.lock().retention().orElseThrow().until())
                    .isEqualTo(World.NOW.plus(Duration.ofDays(2)));
        }
    }

    @Test
    void a_bucket_that_never_had_versions_writes_what_it_always_wrote() throws Exception {
        try (var archive = world.open(disk)) {
            put(archive, "k", "x");
        }
        assertThat(world.index.reopen().get("object:logs", "k").orElseThrow().json())
                .doesNotContain("version")
                .doesNotContain("order");
        for (String kind : List.of("versioned:logs", "clock", "lock")) {
            assertThat(world.index.reopen().list(kind, "", "", 1)).isEmpty();
        }
    }

    private static Stored put(DiskArchive archive, String key, String text) throws Exception {
        try (var draft = archive.draft(BUCKET)) {
            byte[] bytes = text.getBytes(UTF_8);
            draft.write(bytes, 0, bytes.length);
            return draft.commit(key, "etag", Map.of("content-type", "x/y"), new Condition.Always())
                    .orElseThrow();
        }
    }

    private static Optional<String> content(DiskArchive archive, String key) throws Exception {
        var reading = archive.read(BUCKET, key);
        if (reading.isEmpty()) {
            return Optional.empty();
        }
        try (var open = reading.get();
                var bytes = open.bytes(0, open.object().length())) {
            return Optional.of(new String(bytes.readAllBytes(), UTF_8));
        }
    }
}
