package dev.cairn.testkit.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.event.Category;
import dev.cairn.event.Event;
import dev.cairn.event.EventReader;
import dev.cairn.event.Named;
import dev.cairn.event.Parsed;
import dev.cairn.event.RefusalCode;
import dev.cairn.intake.RecordSplitter;
import dev.cairn.intake.Split;
import dev.cairn.testkit.RealData;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Reads records that AWS wrote, and rare shapes that others did.
final class RealRecordsTest {
    private static final Instant NOW = Instant.parse("2026-11-21T00:00:00Z");
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void everyDeveloperRecordIsReadAndGivenBackByteForByte() throws IOException {
        RealData data = RealData.assume();
        List<byte[]> lines = data.developersPermissive();
        List<byte[]> split = split(data.developersPermissiveBody());
        assertThat(split).hasSize(4_144).hasSameSizeAs(lines);
        for (int i = 0; i < lines.size(); i++) {
            assertThat(split.get(i)).isEqualTo(lines.get(i));
            Event event = read(split.get(i));
            assertThat(event.json()).isSameAs(split.get(i));
            agreesWithTree(event);
        }
    }

    @Test
    void everyDeliveredRecordIsReadAndGivenBackByteForByte() throws IOException {
        int records = 0;
        for (Map.Entry<String, byte[]> file : RealData.assume().invictusDelivered().entrySet()) {
            String text = new String(file.getValue(), StandardCharsets.UTF_8);
            JsonNode tree = JSON.readTree(text).get("Records");
            List<byte[]> split = split(file.getValue());
            assertThat(split).as(file.getKey()).hasSize(tree.size());
            int from = 0;
            for (int i = 0; i < split.size(); i++) {
                String record = new String(split.get(i), StandardCharsets.UTF_8);
                int at = text.indexOf(record, from);
                assertThat(at).as("%s, record %d", file.getKey(), i).isNotNegative();
                from = at + record.length();
                assertThat(JSON.readTree(record)).isEqualTo(tree.get(i));
                agreesWithTree(read(split.get(i)));
            }
            records += split.size();
        }
        assertThat(records).isEqualTo(2_900);
    }

    private static List<byte[]> split(byte[] body) throws IOException {
        RecordSplitter splitter =
                new RecordSplitter(new ByteArrayInputStream(body), EventReader.EVENT_BYTES_LIMIT);
        List<byte[]> records = new ArrayList<>();
        while (true) {
            switch (splitter.next()) {
                case Split.Found(long _, byte[] json) -> records.add(json);
                case Split.Refused(long index, RefusalCode code, String message) ->
                        throw new AssertionError(index + " " + code + " " + message);
                case Split.End(long _) -> {
                    return records;
                }
            }
        }
    }

    private static Event read(byte[] json) {
        return switch (EventReader.lenient().read(json, NOW)) {
            case Parsed.Read(Event event) -> event;
            case Parsed.Refused(RefusalCode code, String message) ->
                    throw new AssertionError(code + " " + message);
        };
    }

    /// The members that are taken as they stand, checked by another reader.
    private static void agreesWithTree(Event event) throws IOException {
        JsonNode tree = JSON.readTree(event.json());
        assertThat(event.id()).isEqualTo(tree.path("eventID").asText());
        assertThat(event.time()).isEqualTo(Instant.parse(tree.path("eventTime").asText()));
        assertThat(event.source()).isEqualTo(tree.path("eventSource").asText());
        assertThat(event.name()).isEqualTo(tree.path("eventName").asText());
        assertThat(event.place().region()).isEqualTo(tree.path("awsRegion").asText());
        assertThat(event.type()).isEqualTo(tree.path("eventType").asText());
        assertThat(event.version()).isEqualTo(tree.path("eventVersion").asText());
        if (tree.hasNonNull("recipientAccountId")) {
            assertThat(event.place().account()).isEqualTo(tree.path("recipientAccountId").asText());
        }
        if (tree.hasNonNull("readOnly")) {
            assertThat(event.readOnly()).isEqualTo(tree.path("readOnly").asBoolean());
        }
        if (tree.hasNonNull("eventCategory")) {
            assertThat(event.category().wireName()).isEqualTo(tree.path("eventCategory").asText());
        }
        assertThat(event.errorCode()).isEqualTo(tree.path("errorCode").asText(null));
    }

    @Test
    void insightSamplesAreReadAsInsightsOfTheCallTheyAreAbout() throws IOException {
        List<byte[]> samples = RealData.assume().insightSamples();
        assertThat(samples).hasSize(19);
        for (byte[] sample : samples) {
            JsonNode record = JSON.readTree(sample).get("r");
            Event event = read(JSON.writeValueAsBytes(record));
            assertThat(event.category()).isEqualTo(Category.INSIGHT);
            assertThat(event.name())
                    .isEqualTo(record.path("insightDetails").path("eventName").asText())
                    .isNotEmpty();
        }
    }

    /// By index, because none of the data is part of the project. What each of them has: no
    /// eventTime at all (9, 236, 717), or a word in its place.
    @Test
    void ofTheRareShapesOnlyThoseWithoutATimeAreRefusedLeniently() {
        Map<Integer, RefusalCode> refused = new TreeMap<>();
        List<byte[]> shapes = RealData.assume().shapesFixtures();
        assertThat(shapes).hasSize(777);
        for (int i = 0; i < shapes.size(); i++) {
            if (EventReader.lenient().read(shapes.get(i), NOW)
                    instanceof Parsed.Refused(RefusalCode code, String _)) {
                refused.put(i, code);
            }
        }
        assertThat(refused)
                .isEqualTo(
                        Map.of(
                                9, RefusalCode.MISSING_FIELD,
                                236, RefusalCode.MISSING_FIELD,
                                717, RefusalCode.MISSING_FIELD,
                                12, RefusalCode.INVALID_FIELD,
                                13, RefusalCode.INVALID_FIELD,
                                14, RefusalCode.INVALID_FIELD,
                                15, RefusalCode.INVALID_FIELD,
                                49, RefusalCode.INVALID_FIELD,
                                640, RefusalCode.INVALID_FIELD,
                                719, RefusalCode.INVALID_FIELD));
    }

    @Test
    void strictReadersRefuseRealRecordsForShortenedAccountsOnly() {
        RealData data = RealData.assume();
        assertThat(strictRefusals(data.developersPermissive()))
                .isEqualTo(Map.of("INVALID_FIELD recipientAccountId", 1));
    }

    @Test
    void strictReadersRefuseRareShapesForTheseReasons() {
        Map<String, Integer> refusals = strictRefusals(RealData.assume().shapesFixtures());
        assertThat(refusals)
                .isEqualTo(
                        Map.ofEntries(
                                Map.entry("INVALID_FIELD awsRegion", 2),
                                Map.entry("INVALID_FIELD eventID", 363),
                                Map.entry("INVALID_FIELD eventTime", 66),
                                Map.entry("INVALID_FIELD eventVersion", 4),
                                Map.entry("INVALID_FIELD managementEvent", 1),
                                Map.entry("INVALID_FIELD recipientAccountId", 17),
                                Map.entry("INVALID_FIELD resources", 1),
                                Map.entry("MISSING_FIELD awsRegion", 3),
                                Map.entry("MISSING_FIELD eventID", 38),
                                Map.entry("MISSING_FIELD eventVersion", 24),
                                Map.entry("MISSING_FIELD recipientAccountId", 12)));
    }

    /// How often each code and member.
    private static Map<String, Integer> strictRefusals(List<byte[]> records) {
        EventReader strict = EventReader.strict(EventReader.EVENT_BYTES_DEFAULT);
        Map<String, Integer> refusals = new TreeMap<>();
        for (byte[] record : records) {
            Parsed parsed = strict.read(record, NOW);
            assertThat(strict.name(record, NOW))
                    .isEqualTo(
                            parsed instanceof Parsed.Read(Event event)
                                    ? new Named.Name(event.place(), event.id())
                                    : parsed);
            if (parsed instanceof Parsed.Refused(RefusalCode code, String message)) {
                int colon = message.indexOf(':');
                refusals.merge(code + " " + message.substring(0, colon), 1, Integer::sum);
            }
        }
        return refusals;
    }
}
