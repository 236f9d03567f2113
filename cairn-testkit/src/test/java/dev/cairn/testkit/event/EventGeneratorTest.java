package dev.cairn.testkit.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.event.EventReader;
import dev.cairn.event.Parsed;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class EventGeneratorTest {
    private static final Instant START = Instant.parse("2026-10-01T00:00:00Z");
    private static final Instant NOW = Instant.parse("2026-11-01T00:00:00Z");

    @Test
    void everyRecordIsTakenByAStrictReader() {
        EventGenerator generator =
                new EventGenerator(1, EventGenerator.Settings.month(START, 20_000));
        EventReader strict = EventReader.strict(EventReader.EVENT_BYTES_DEFAULT);
        while (!generator.done()) {
            byte[] record = generator.next();
            assertThat(strict.read(record, NOW))
                    .as(() -> new String(record, StandardCharsets.UTF_8))
                    .isInstanceOf(Parsed.Read.class);
        }
    }

    @Test
    void theSameSeedMakesTheSameBytes() {
        EventGenerator.Settings settings = EventGenerator.Settings.month(START, 1_000);
        EventGenerator first = new EventGenerator(7, settings);
        EventGenerator second = new EventGenerator(7, settings);
        for (int i = 0; i < 1_000; i++) {
            assertThat(first.next()).isEqualTo(second.next());
        }
    }
}
