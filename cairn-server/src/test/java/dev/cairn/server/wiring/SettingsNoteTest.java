package dev.cairn.server.wiring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.testkit.fault.FaultyDisk;
import dev.cairn.testkit.fault.SimulatedDisk;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Where the buckets are is noted at once, or not yet.
class SettingsNoteTest {
    private static final String BEFORE =
            """
            # kept as it is
            archive.cold=/cold
            archive.kind = built-in
            archive.s3.endpoint=https://s3.example.org
            """;
    private static final String AFTER =
            """
            # kept as it is
            # archive.cold=/cold
            archive.s3.endpoint=https://s3.example.org
            archive.kind=s3
            """;
    private static final Optional<String> THERE = Optional.of("http://127.0.0.1:9000");
    private static final String ELSEWHERE =
            """
            # kept as it is
            # archive.cold=/cold
            archive.kind=s3
            archive.s3.endpoint=http://127.0.0.1:9000
            """;

    private static SimulatedDisk disk() throws Exception {
        return disk(BEFORE);
    }

    private static SimulatedDisk disk(String settings) throws Exception {
        var disk = new SimulatedDisk();
        try (var file = disk.create(SettingsNote.SETTINGS)) {
            file.write(ByteBuffer.wrap(settings.getBytes(UTF_8)), 0);
            file.force();
        }
        disk.force("");
        return disk;
    }

    private static String settings(Disk disk) throws Exception {
        try (var file = disk.open(SettingsNote.SETTINGS)) {
            var bytes = ByteBuffer.allocate((int) file.size());
            assertThat(file.read(bytes, 0)).isEqualTo(bytes.capacity());
            return new String(bytes.array(), UTF_8);
        }
    }

    @Test
    void all_other_lines_stay_and_the_colder_place_is_out() throws Exception {
        var disk = disk();
        SettingsNote.elsewhere(disk, Optional.empty(), _ -> {});
        assertThat(settings(disk.crash(new Random(1)))).isEqualTo(AFTER);

        var empty = new SimulatedDisk();
        SettingsNote.elsewhere(empty, Optional.of(""), _ -> {});
        assertThat(settings(empty)).isEqualTo("archive.kind=s3\narchive.s3.endpoint=\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "archive.kind=built-\\_  in_a.b=c\\_d | a.b=c\\_d",
                "archive.cold=/co\\_  ld_x=1 | # archive.cold=/co\\_# ld_x=1",
                "# a comment \\_archive.kind=built-in_x=1 | # a comment \\_x=1",
                "x=ends in one \\\\_archive.kind=built-in | x=ends in one \\\\",
                "x=goes on \\ | x=goes on \\_",
            })
    void lines_that_go_on_are_one(String before, String after) throws Exception {
        var disk = disk(before.replace('_', '\n'));
        SettingsNote.elsewhere(disk, THERE, _ -> {});
        var settings = settings(disk);
        assertThat(settings)
                .isEqualTo(
                        after.replace('_', '\n')
                                + "\narchive.kind=s3\narchive.s3.endpoint=http://127.0.0.1:9000\n");
        var read = new Properties();
        read.load(new StringReader(settings));
        assertThat(read)
                .containsEntry("archive.kind", "s3")
                .containsEntry("archive.s3.endpoint", "http://127.0.0.1:9000")
                .doesNotContainKeys("archive.cold", "in", "ld");
    }

    @Test
    void wherever_the_machine_goes_down_the_settings_are_whole() throws Exception {
        var counted = new FaultyDisk(disk(), new Random(0));
        SettingsNote.elsewhere(counted, THERE, _ -> {});
        assertThat(counted.operations()).isGreaterThanOrEqualTo(5);
        for (long at = 1; at <= counted.operations(); at++) {
            for (int seed = 0; seed < 20; seed++) {
                var disk = disk();
                var faulty = new FaultyDisk(disk, new Random(seed));
                faulty.downAfter(at);
                try {
                    SettingsNote.elsewhere(faulty, THERE, _ -> {});
                } catch (DiskException e) {
                    assertThat(faulty.down()).as("%s", e).isTrue();
                }
                var found = disk.crash(new Random(seed));
                assertThat(settings(found))
                        .as("down at %d, seed %d", at, seed)
                        .isIn(BEFORE, ELSEWHERE);
                SettingsNote.elsewhere(found, THERE, _ -> {});
                assertThat(settings(found)).isEqualTo(ELSEWHERE);
            }
        }
    }
}
