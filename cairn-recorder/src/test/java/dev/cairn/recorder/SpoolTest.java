package dev.cairn.recorder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {
    private static final long BYTES_MAX = 1 << 20;

    @TempDir Path folder;

    private static void record(Spool spool, String text) {
        var event = text.getBytes(UTF_8);
        spool.reserve(SpoolRecord.size(event), Duration.ZERO);
        spool.append(event);
    }

    private static List<String> rest(Spool spool) throws IOException {
        var all = new ArrayList<String>();
        for (var batch = spool.next(3, 100); batch != null; batch = spool.next(3, 100)) {
            batch.events().forEach(event -> all.add(new String(event, UTF_8)));
            spool.sent(batch, 0);
        }
        return all;
    }

    private List<Path> files(String prefix) throws IOException {
        try (var paths = Files.list(folder)) {
            return paths.filter(path -> path.getFileName().toString().startsWith(prefix))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void a_file_that_breaks_off_anywhere_gives_back_every_event_before_that() throws Exception {
        var events = List.of("first", "second", "third");
        try (var spool = Spool.open(folder, BYTES_MAX)) {
            events.forEach(event -> record(spool, event));
        }
        var file = files("events-").get(0);
        var whole = Files.readAllBytes(file);
        for (var length = 0; length <= whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            var expected = new ArrayList<String>();
            var at = 0;
            for (var event : events) {
                at += SpoolRecord.HEADER + event.length();
                if (at <= length) {
                    expected.add(event);
                }
            }
            try (var spool = Spool.open(folder, BYTES_MAX)) {
                assertThat(spool.contents().pending()).isEqualTo(expected.size());
                for (var i = 0; i < expected.size(); i++) {
                    // Until it is sent, it is the next again.
                    assertThat(requireNonNull(spool.next(3, 1 << 20)).events())
                            .hasSize(expected.size());
                }
                // What is recorded now does not hide behind what broke off.
                record(spool, "next");
                assertThat(spool.contents().damagedBytes()).isZero();
            }
            for (var other : files("events-")) {
                if (!other.equals(file)) {
                    Files.delete(other);
                }
            }
        }
    }

    @Test
    void events_behind_damage_are_sent_and_the_file_is_kept() throws Exception {
        try (var spool = Spool.open(folder, BYTES_MAX)) {
            record(spool, "first");
            record(spool, "second");
            record(spool, "third");
        }
        var file = files("events-").get(0);
        var whole = Files.readAllBytes(file);
        for (var bit = 0; bit < 8 * (SpoolRecord.HEADER + "second".length()); bit++) {
            var bytes = whole.clone();
            var at = SpoolRecord.HEADER + "first".length() + bit / 8;
            bytes[at] ^= (byte) (1 << (bit % 8));
            Files.write(folder.resolve("events-0"), bytes);
            Files.deleteIfExists(folder.resolve("damaged-0"));
            Files.deleteIfExists(folder.resolve("sent"));
            try (var spool = Spool.open(folder, BYTES_MAX)) {
                assertThat(rest(spool)).as("bit %d", bit).containsExactly("first", "third");
                assertThat(spool.contents().damagedBytes()).isEqualTo(18);
                assertThat(spool.contents().pending()).isZero();
                assertThat(spool.contents().usedBytes()).isZero();
                assertThat(files("damaged-")).hasSize(1);
                assertThat(files("events-")).isEmpty();
            }
        }
    }

    @Test
    void files_go_when_their_events_are_sent_and_positions_are_kept() throws Exception {
        var content = "x".repeat(60_000);
        var expected = new ArrayList<String>();
        try (var spool = Spool.open(folder, BYTES_MAX)) {
            for (var i = 0; i < 15; i++) {
                record(spool, i + content);
                expected.add(i + content);
            }
            assertThat(files("events-")).hasSizeGreaterThan(3);
            var batch = requireNonNull(spool.next(2, 1 << 20));
            assertThat(batch.events()).hasSize(2);
            spool.sent(batch, 0);
        }
        try (var spool = Spool.open(folder, BYTES_MAX)) {
            assertThat(spool.contents().pending()).isEqualTo(13);
            record(spool, "last");
            expected.add("last");
            assertThat(rest(spool)).isEqualTo(expected.subList(2, 16));
            assertThat(files("events-")).hasSize(1);
            assertThat(spool.contents().usedBytes()).isZero();
        }
        try (var spool = Spool.open(folder, BYTES_MAX)) {
            assertThat(rest(spool)).isEmpty();
            record(spool, "new");
            assertThat(rest(spool)).containsExactly("new");
        }
    }

    @Test
    void a_lost_position_sends_again_rather_than_too_little() throws Exception {
        try (var spool = Spool.open(folder, BYTES_MAX)) {
            record(spool, "first");
            record(spool, "second");
            assertThat(rest(spool)).hasSize(2);
        }
        var position = folder.resolve("sent");
        var bytes = Files.readAllBytes(position);
        bytes[3] ^= 1;
        Files.write(position, bytes);
        try (var spool = Spool.open(folder, BYTES_MAX)) {
            assertThat(rest(spool)).containsExactly("first", "second");
        }
    }
}
