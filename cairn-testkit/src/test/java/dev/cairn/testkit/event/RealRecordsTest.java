package dev.cairn.testkit.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.event.EventReader;
import dev.cairn.event.Parsed;
import dev.cairn.testkit.RealData;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Reads records that AWS wrote.
final class RealRecordsTest {
    private static final Instant NOW = Instant.parse("2026-11-21T00:00:00Z");

    @Test
    void everyRealRecordIsReadLeniently() {
        List<byte[]> records = RealData.assume().developersPermissive();
        assertThat(records).hasSize(4_144);
        Map<String, Integer> refusals = new TreeMap<>();
        for (byte[] record : records) {
            if (EventReader.lenient().read(record, NOW) instanceof Parsed.Refused refused) {
                refusals.merge(refused.code() + " " + refused.message(), 1, Integer::sum);
            }
        }
        assertThat(refusals).isEmpty();
    }
}
