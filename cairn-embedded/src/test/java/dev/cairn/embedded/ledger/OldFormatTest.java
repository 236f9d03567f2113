package dev.cairn.embedded.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.event.Place;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.ledger.Slice;
import dev.cairn.testkit.ledger.Entries;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an older version wrote is read for ever. The folders under `ledger-formats` were made by
/// [#write] when their version was the newest, and are never made again; a new format adds a
/// folder.
final class OldFormatTest {
    private static final Path FORMATS = Path.of("src/test/resources/ledger-formats");
    private static final int EVENTS = 24;

    @TempDir Path temp;

    @Test
    void version_1_is_read_sealed_and_raw() throws Exception {
        copy(FORMATS.resolve("version-1"), temp);
        RealDisk disk = new RealDisk(temp);
        assertThat(Fsck.check(disk, (_, _) -> {}).findings()).isEmpty();

        try (SegmentLedger ledger = open(disk)) {
            List<Slice.Held> held = Entries.held(ledger, 0);
            assertThat(held).hasSize(EVENTS);
            for (int i = 0; i < EVENTS; i++) {
                Entry entry = entry(i);
                assertThat(held.get(i).entry().id()).isEqualTo(entry.id());
                assertThat(held.get(i).entry().place()).isEqualTo(entry.place());
                assertThat(held.get(i).entry().origin()).isEqualTo(entry.origin());
                assertThat(held.get(i).entry().json()).isEqualTo(entry.json());
                assertThat(held.get(i).recordedAt()).isEqualTo(Instant.ofEpochSecond(i / 2));
                assertThat(Entries.append(ledger, entry(i, Origin.IMPORT)))
                        .isInstanceOf(Append.Duplicate.class);
            }
        }
    }

    private static SegmentLedger open(RealDisk disk) throws Exception {
        return SegmentLedger.open(
                disk,
                LedgerSettings.DEFAULTS.withDiskFreeMin(0).withSegmentBytesMax(4096),
                InstantSource.fixed(Instant.ofEpochSecond(EVENTS)),
                Runnable::run);
    }

    private static Entry entry(int i) {
        return entry(i, Origin.ofCode(1 + i % 3));
    }

    private static Entry entry(int i, Origin origin) {
        String json =
                "{\"i\": " + i + ", \"word\": \"größe ☃\", \"pad\": \"" + "p".repeat(150) + "\"}";
        return new Entry(
                new Place("12345678901" + i % 2, "eu-central-1"),
                "event-" + i,
                origin,
                json.getBytes(StandardCharsets.UTF_8));
    }

    /// Makes the folder of the newest format.
    static void write(Path folder) throws Exception {
        Files.createDirectories(folder);
        long[] seconds = {0};
        try (SegmentLedger ledger =
                SegmentLedger.open(
                        new RealDisk(folder),
                        LedgerSettings.DEFAULTS.withDiskFreeMin(0).withSegmentBytesMax(4096),
                        () -> Instant.ofEpochSecond(seconds[0]),
                        Runnable::run)) {
            for (int i = 0; i < EVENTS; i += 2) {
                seconds[0] = i / 2;
                ledger.append(List.of(entry(i), entry(i + 1)));
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        List<Path> paths = new ArrayList<>();
        try (var walk = Files.walk(from)) {
            walk.forEach(paths::add);
        }
        for (Path path : paths) {
            Path target = to.resolve(from.relativize(path).toString());
            if (Files.isDirectory(path)) {
                Files.createDirectories(target);
            } else {
                Files.copy(path, target);
            }
        }
    }
}
