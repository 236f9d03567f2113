package dev.cairn.lake.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.lake.engine.Engine;
import dev.cairn.lake.engine.Limits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An index may say of an event that is not there that it may be; never the other way round.
final class EventIdIndexTest {
    /// Two blocks, both full.
    private static final int EVENTS = 1_022;

    @TempDir private Path folder = Path.of("");
    private Path parquet = Path.of("");
    private byte[] sound = new byte[0];

    @BeforeEach
    void write() throws Exception {
        parquet = folder.resolve("a.parquet");
        try (var engine =
                Engine.start(new Limits(64L << 20, folder.resolve("spill"), 1L << 30, 1))) {
            EventIdIndex.write(
                    engine,
                    "(SELECT 'e' || range AS eventid FROM range(%d))".formatted(EVENTS),
                    parquet);
        }
        sound = Files.readAllBytes(EventIdIndex.of(parquet));
    }

    private boolean mayHave(byte[] index, String id) throws Exception {
        Files.write(EventIdIndex.of(parquet), index);
        return EventIdIndex.mayHave(parquet, List.of(id));
    }

    @Test
    void it_knows_each_event_and_no_other() throws Exception {
        for (var event = 0; event < EVENTS; event++) {
            assertThat(EventIdIndex.mayHave(parquet, List.of("none", "e" + event))).isTrue();
            assertThat(EventIdIndex.mayHave(parquet, List.of("other" + event))).isFalse();
        }
    }

    @Test
    void whatever_byte_is_damaged_no_event_is_hidden() throws Exception {
        for (var at = 0; at < sound.length; at++) {
            var damaged = sound.clone();
            damaged[at] ^= (byte) (1 << at % Byte.SIZE);
            assertThat(mayHave(damaged, "e" + at % EVENTS)).as("byte %d", at).isTrue();
        }
    }

    @Test
    void wherever_it_is_cut_no_event_is_hidden() throws Exception {
        for (var length = 0; length < sound.length; length += 4) {
            assertThat(mayHave(Arrays.copyOf(sound, length), "e" + length % EVENTS))
                    .as("%d bytes", length)
                    .isTrue();
        }
        assertThat(mayHave(Arrays.copyOf(sound, sound.length + 8), "e1")).isTrue();
    }

    @Test
    void a_block_in_anothers_place_hides_no_event() throws Exception {
        var swapped = sound.clone();
        var head = 24;
        System.arraycopy(sound, head, swapped, head + 4096, 4096);
        System.arraycopy(sound, head + 4096, swapped, head, 4096);
        for (var event = 0; event < EVENTS; event++) {
            assertThat(mayHave(swapped, "e" + event)).isTrue();
        }
    }
}
