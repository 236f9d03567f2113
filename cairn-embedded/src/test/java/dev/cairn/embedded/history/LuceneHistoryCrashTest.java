package dev.cairn.embedded.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.history.Condition;
import dev.cairn.history.History;
import dev.cairn.history.HistoryException;
import dev.cairn.history.Page;
import dev.cairn.history.Query;
import dev.cairn.ledger.Origin;
import dev.cairn.testkit.history.Records;
import dev.cairn.testkit.ledger.LedgerContract.HandClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.index.Term;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Copies of the folder, made before and after each operation on the checkpoint and between all
/// steps, are what a crash there leaves; each is opened and everything after it is taken again.
class LuceneHistoryCrashTest {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    @TempDir Path temporary;

    private final HandClock clock = new HandClock();

    /// With few writers, so that commits come in between, too.
    private final HistorySettings settings = settings(2);

    /// After the crash only what comes of it counts; commits in between would take most of the
    /// time.
    private final HistorySettings settingsAfter = settings(128);

    private static HistorySettings settings(int writers) {
        return new HistorySettings(
                Duration.ofDays(90),
                true,
                Duration.ofMillis(200),
                Duration.ofSeconds(5),
                writers,
                3,
                1000,
                Duration.ofSeconds(10),
                4 << 20);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void after_a_crash_anywhere_each_event_is_there_once_and_the_sum_is_exact(long seed)
            throws Exception {
        crash(seed, 8);
    }

    @Tag("long")
    @ParameterizedTest
    @ValueSource(longs = {4, 5, 6, 7, 8, 9, 10, 11})
    void after_a_crash_at_every_point_each_event_is_there_once(long seed) throws Exception {
        crash(seed, Integer.MAX_VALUE);
    }

    private void crash(long seed, int crashes) throws Exception {
        Random random = new Random(seed);
        clock.advance(Duration.between(clock.instant(), NOW));
        Path folder = Files.createDirectory(temporary.resolve("live"));
        List<Snapshot> snapshots = new ArrayList<>();
        CopyingDisk disk = new CopyingDisk(folder, snapshots);
        Records records = new Records(0);
        try (LuceneHistory history = LuceneHistory.open(disk, folder, settings, clock)) {
            for (int step = 0; step < 25; step++) {
                disk.taken = records.next();
                step(history, records, random);
                disk.taken = records.next();
                disk.copy();
            }
        }
        Instant end = clock.instant();
        java.util.Collections.shuffle(snapshots, random);
        for (Snapshot snapshot : snapshots.subList(0, Math.min(crashes, snapshots.size()))) {
            clock.advance(Duration.between(clock.instant(), snapshot.at));
            tearDroppedFolders(snapshot.folder, random);
            restart(snapshot, records, end);
        }
    }

    private void step(LuceneHistory history, Records records, Random random)
            throws HistoryException {
        switch (random.nextInt(6)) {
            case 0 -> history.commit();
            case 1 -> history.refresh();
            case 2 -> {
                clock.advance(Duration.ofDays(random.nextInt(25)));
                history.expire(clock.instant());
            }
            default -> {
                long from = records.next();
                for (int i = random.nextInt(8); i >= 0; i--) {
                    add(records, random);
                }
                history.take(records.since(from));
            }
        }
    }

    private void add(Records records, Random random) {
        Instant time = clock.instant().minus(Duration.ofHours(random.nextInt(24 * 100)));
        String id = "e" + records.next();
        switch (random.nextInt(8)) {
            case 0 -> records.addBroken(id);
            case 1 -> records.lose(2, "lost");
            case 2 ->
                    records.add(
                            Records.PLACE, Origin.IMPORT, Records.record(id, time.toString(), "X"));
            default -> records.add(id, time.toString(), "X");
        }
    }

    /// Expiry deletes files one by one; a crash may leave any of them.
    private static void tearDroppedFolders(Path folder, Random random) throws Exception {
        Checkpoint checkpoint = Checkpoint.read(new RealDisk(folder));
        if (checkpoint == null) {
            return;
        }
        for (String dropping : checkpoint.dropping()) {
            Path dropped = folder.resolve(dropping);
            if (Files.isDirectory(dropped)) {
                try (Stream<Path> files = Files.list(dropped)) {
                    for (Path file : files.toList()) {
                        if (random.nextBoolean()) {
                            Files.delete(file);
                        }
                    }
                }
            }
        }
    }

    private void restart(Snapshot snapshot, Records records, Instant end) throws Exception {
        try (LuceneHistory history = LuceneHistory.open(snapshot.folder, settingsAfter, clock)) {
            assertThat(history.position(0)).isLessThanOrEqualTo(snapshot.taken);
            assertSum(history);
            assertThat(history.lowestHeld(0)).isLessThanOrEqualTo(history.position(0));
            // An expiry may come before the reader has caught up.
            history.expire(clock.instant());
            assertSum(history);
            history.take(records.since(0));
            assertSum(history);
            clock.advance(Duration.between(clock.instant(), end));
            history.expire(end);
            assertThat(history.account(0).position()).isEqualTo(records.next());
            assertSum(history);
            assertThat(found(history)).isEqualTo(expected(records, end));
        }
    }

    private static void assertSum(History history) throws HistoryException {
        History.Account account = history.account(0);
        assertThat(account.delivered() + account.filtered() + account.setAside())
                .as(account.toString())
                .isEqualTo(account.position());
    }

    private static List<String> found(History history) throws HistoryException {
        return history.search(everything()).hits().stream().map(hit -> hit.event().id()).toList();
    }

    private static Query everything() {
        return new Query(
                new Condition.All(),
                null,
                null,
                Instant.EPOCH,
                NOW.plusSeconds(1L << 33),
                null,
                1000);
    }

    private List<String> expected(Records records, Instant end) {
        dev.cairn.testkit.history.MemoryHistory list =
                new dev.cairn.testkit.history.MemoryHistory(
                        new dev.cairn.testkit.history.MemoryHistory.Durable(),
                        clock,
                        Duration.ofDays(90),
                        true);
        list.take(records.slice());
        list.expire(end);
        List<Page.Hit> hits = list.search(everything()).hits();
        return hits.stream().map(hit -> hit.event().id()).toList();
    }

    @Test
    void a_document_removed_by_hand_leaves_a_hole_in_the_sum() throws Exception {
        clock.advance(Duration.between(clock.instant(), NOW));
        Path folder = temporary.resolve("history");
        Records records = new Records(0);
        for (int i = 0; i < 10; i++) {
            records.add("e" + i, "2026-11-20T10:00:00Z", "X");
        }
        try (LuceneHistory history = LuceneHistory.open(folder, settings, clock)) {
            history.take(records.slice());
            history.commit();
            assertSum(history);
        }
        IndexWriterConfig config = new IndexWriterConfig(null).setIndexSort(Volume.ORDER);
        try (Directory directory = FSDirectory.open(folder.resolve("day/2026-11-20"));
                IndexWriter writer = new IndexWriter(directory, config)) {
            writer.deleteDocuments(new Term(Layout.TERM, Layout.term("eventID", "e3")));
        }
        try (LuceneHistory history = LuceneHistory.open(folder, settings, clock)) {
            assertThat(history.account(0)).isEqualTo(new History.Account(10, 9, 0, 0));
            assertThat(found(history)).hasSize(9).doesNotContain("e3");
        }
    }

    @Test
    void a_damaged_or_foreign_history_says_to_rebuild_it_and_can_be() throws Exception {
        clock.advance(Duration.between(clock.instant(), NOW));
        Path folder = temporary.resolve("history");
        Records records = new Records(0).add("a", "2026-11-20T10:00:00Z", "X");
        try (LuceneHistory history = LuceneHistory.open(folder, settings, clock)) {
            history.take(records.slice());
            history.commit();
        }
        Path checkpoint = folder.resolve(Checkpoint.FILE);
        String text = Files.readString(checkpoint);
        for (String damaged :
                List.of(text.replace("position 1", "position 0"), "", "cairn-history 2\n")) {
            Files.writeString(checkpoint, damaged);
            assertCorrupt(folder);
        }
        Files.delete(checkpoint);
        assertCorrupt(folder);
        Files.writeString(checkpoint, text);
        setFormat(folder.resolve("day/2026-11-20"), "2");
        assertCorrupt(folder);
        setFormat(folder.resolve("day/2026-11-20"), "1");
        LuceneHistory.open(folder, settings, clock).close();
        Path segments;
        try (Stream<Path> files = Files.list(folder.resolve("day/2026-11-20"))) {
            segments =
                    files.filter(file -> file.getFileName().toString().startsWith("segments_"))
                            .findFirst()
                            .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(segments);
        bytes[bytes.length / 2] ^= 1;
        Files.write(segments, bytes);
        assertCorrupt(folder);

        LuceneHistory.reset(folder);
        try (LuceneHistory history = LuceneHistory.open(folder, settings, clock)) {
            assertThat(history.position(0)).isZero();
            history.take(records.slice());
            history.refresh();
            assertThat(found(history)).containsExactly("a");
        }
    }

    /// As another version of Cairn writes it.
    private static void setFormat(Path index, String format) throws Exception {
        try (FSDirectory directory = FSDirectory.open(index)) {
            var settings = new IndexWriterConfig().setMergePolicy(NoMergePolicy.INSTANCE);
            try (DirectoryReader reader = DirectoryReader.open(directory)) {
                settings.setIndexSort(reader.leaves().getFirst().reader().getMetaData().sort());
            }
            Map<String, String> data =
                    new HashMap<>(SegmentInfos.readLatestCommit(directory).getUserData());
            data.put("cairn.format", format);
            try (IndexWriter writer = new IndexWriter(directory, settings)) {
                writer.setLiveCommitData(data.entrySet());
                writer.commit();
            }
        }
    }

    private void assertCorrupt(Path folder) {
        HistoryException e =
                catchThrowableOfType(
                        HistoryException.class,
                        () -> LuceneHistory.open(folder, settings, clock).close());
        assertThat(e).isNotNull();
        assertThat(e.kind()).isEqualTo(HistoryException.Kind.CORRUPT);
        assertThat(e).hasMessageContaining("rebuild");
    }

    @Test
    void when_the_checkpoint_cannot_be_written_everything_since_the_last_is_taken_again()
            throws Exception {
        clock.advance(Duration.between(clock.instant(), NOW));
        Path folder = Files.createDirectory(temporary.resolve("full"));
        FullDisk disk = new FullDisk(folder);
        Records records = new Records(0).add("a", "2026-11-20T10:00:00Z", "X");
        try (LuceneHistory history = LuceneHistory.open(disk, folder, settings, clock)) {
            history.take(records.slice());
            history.commit();
            records.add("b", "2026-11-20T10:00:00Z", "X");
            history.take(records.slice());
            disk.full = true;
            HistoryException e =
                    catchThrowableOfType(HistoryException.class, () -> history.commit());
            assertThat(e.kind()).isEqualTo(HistoryException.Kind.UNAVAILABLE);
            assertThat(history.position(0)).isEqualTo(1);
            disk.full = false;
            history.take(records.slice());
            history.commit();
            assertThat(history.account(0)).isEqualTo(new History.Account(2, 2, 0, 0));
            assertThat(found(history)).containsExactly("a", "b");
        }
    }

    /// A folder as a crash left it.
    ///
    /// @param taken how many events had been handed in, at the most
    private record Snapshot(Path folder, long taken, Instant at) {}

    /// Copies the folder around each change.
    private final class CopyingDisk implements Disk {
        private final Disk real;
        private final Path folder;
        private final List<Snapshot> snapshots;
        private long taken;
        private Set<String> last = Set.of();

        CopyingDisk(Path folder, List<Snapshot> snapshots) {
            this.real = new RealDisk(folder);
            this.folder = folder;
            this.snapshots = snapshots;
        }

        void copy() {
            Path copy = temporary.resolve("crash-" + snapshots.size());
            Set<String> seen = new HashSet<>();
            try (Stream<Path> walk = Files.walk(folder)) {
                List<Path> files = walk.toList();
                Set<String> now = state(files);
                if (now.equals(last)) {
                    return; // A crash here leaves what one leaves there.
                }
                last = now;
                for (Path file : files) {
                    Path to = copy.resolve(folder.relativize(file).toString());
                    if (Files.isDirectory(file)) {
                        Files.createDirectories(to);
                    } else if (seen.add(file.toString()) && Files.exists(file)) {
                        Files.copy(file, to);
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            snapshots.add(new Snapshot(copy, taken, clock.instant()));
        }

        private Set<String> state(List<Path> files) throws IOException {
            Set<String> state = new HashSet<>();
            state.add(clock.instant().toString());
            for (Path file : files) {
                if (Files.isRegularFile(file)) {
                    state.add(file + " " + Files.size(file) + Files.getLastModifiedTime(file));
                }
            }
            return state;
        }

        @Override
        public DiskFile open(String name) throws DiskException {
            return real.open(name);
        }

        @Override
        public DiskFile edit(String name) throws DiskException {
            return real.edit(name);
        }

        @Override
        public DiskFile create(String name) throws DiskException {
            copy();
            return real.create(name);
        }

        @Override
        public void rename(String from, String to) throws DiskException {
            copy();
            real.rename(from, to);
            copy();
        }

        @Override
        public void delete(String name) throws DiskException {
            real.delete(name);
        }

        @Override
        public void createFolder(String name) throws DiskException {
            real.createFolder(name);
        }

        @Override
        public void force(String name) throws DiskException {
            real.force(name);
        }

        @Override
        public List<String> list(String name) throws DiskException {
            return real.list(name);
        }

        @Override
        public boolean exists(String name) throws DiskException {
            return real.exists(name);
        }

        @Override
        public long free() throws DiskException {
            return real.free();
        }
    }

    /// A disk that is full when told so.
    private static final class FullDisk implements Disk {
        private final Disk real;
        private boolean full;

        FullDisk(Path folder) {
            this.real = new RealDisk(folder);
        }

        @Override
        public DiskFile open(String name) throws DiskException {
            return real.open(name);
        }

        @Override
        public DiskFile edit(String name) throws DiskException {
            return real.edit(name);
        }

        @Override
        public DiskFile create(String name) throws DiskException {
            if (full) {
                throw new DiskException(DiskException.Kind.FULL, "no space left");
            }
            return real.create(name);
        }

        @Override
        public void rename(String from, String to) throws DiskException {
            real.rename(from, to);
        }

        @Override
        public void delete(String name) throws DiskException {
            real.delete(name);
        }

        @Override
        public void createFolder(String name) throws DiskException {
            real.createFolder(name);
        }

        @Override
        public void force(String name) throws DiskException {
            real.force(name);
        }

        @Override
        public List<String> list(String name) throws DiskException {
            return real.list(name);
        }

        @Override
        public boolean exists(String name) throws DiskException {
            return real.exists(name);
        }

        @Override
        public long free() throws DiskException {
            return real.free();
        }
    }
}
