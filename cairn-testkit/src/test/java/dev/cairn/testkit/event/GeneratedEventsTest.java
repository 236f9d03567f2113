package dev.cairn.testkit.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.event.Event;
import dev.cairn.event.EventFields;
import dev.cairn.event.EventReader;
import dev.cairn.event.Parsed;
import dev.cairn.intake.RecordSplitter;
import dev.cairn.intake.Split;
import dev.cairn.testkit.RealData;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/// Reader, walk and splitter, each against a naive one over a tree.
final class GeneratedEventsTest {
    private static final Instant START = Instant.parse("2026-10-01T00:00:00Z");
    private static final Instant NOW = Instant.parse("2027-01-01T00:00:00Z");
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    private static List<byte[]> events(long seed, int count) {
        EventGenerator generator =
                new EventGenerator(
                        seed, EventGenerator.Settings.month(START, 1_000).withDataShare(0.3));
        List<byte[]> events = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            events.add(generator.next());
        }
        return events;
    }

    @Property(tries = 30)
    void whateverIsMadeUpIsReadAsItsTreeSays(@ForAll long seed) throws IOException {
        EventReader strict = EventReader.strict(EventReader.EVENT_BYTES_DEFAULT);
        for (byte[] json : events(seed, 50)) {
            if (!(strict.read(json, NOW) instanceof Parsed.Read(Event event))) {
                throw new AssertionError(new String(json, StandardCharsets.UTF_8));
            }
            JsonNode tree = JSON.readTree(json);
            assertThat(event.json()).isSameAs(json);
            assertThat(event.id()).isEqualTo(tree.path("eventID").asText());
            assertThat(event.time()).isEqualTo(Instant.parse(tree.path("eventTime").asText()));
            assertThat(event.place().account()).isEqualTo(tree.path("recipientAccountId").asText());
            assertThat(event.place().region()).isEqualTo(tree.path("awsRegion").asText());
            assertThat(event.name()).isEqualTo(tree.path("eventName").asText());
            assertThat(event.readOnly()).isEqualTo(tree.path("readOnly").asBoolean());
            boolean data =
                    tree.hasNonNull("managementEvent") && !tree.get("managementEvent").asBoolean();
            if (tree.hasNonNull("managementEvent")) {
                assertThat(event.category().wireName()).isEqualTo(data ? "Data" : "Management");
            }
            // The strict and the lenient reader differ in what they take, never in what they say.
            assertThat(EventReader.lenient().read(json, NOW)).isEqualTo(new Parsed.Read(event));
        }
    }

    @Property(tries = 30)
    void theWalkAgreesWithANaiveOne(@ForAll long seed) throws IOException {
        for (byte[] json : events(seed, 30)) {
            walksAgree(json);
        }
    }

    @Test
    void theWalkAgreesWithANaiveOneOverRealAndRareRecords() throws IOException {
        RealData data = RealData.assume();
        for (byte[] json : data.developersPermissive()) {
            walksAgree(json);
        }
        for (byte[] json : data.shapesFixtures()) {
            walksAgree(json);
        }
    }

    private static void walksAgree(byte[] json) throws IOException {
        List<String> expected = new ArrayList<>();
        naive(JSON.readTree(json), "", expected);
        List<String> found = new ArrayList<>();
        assertThat(
                        EventFields.walk(
                                json,
                                (path, kind, text) ->
                                        found.add(path + " " + kind + " " + plain(kind, text))))
                .isTrue();
        assertThat(found).isEqualTo(expected);
    }

    /// A tree keeps a number's value, not its digits.
    private static String number(String text) {
        return new BigDecimal(text).stripTrailingZeros().toString();
    }

    private static String plain(EventFields.Kind kind, String text) {
        return kind == EventFields.Kind.NUMBER ? number(text) : text;
    }

    private static void naive(JsonNode node, String path, List<String> into) {
        if (node.isObject()) {
            node.properties()
                    .forEach(member ->
                            naive(
                                    member.getValue(),
                                    path.isEmpty() ? member.getKey() : path + "." + member.getKey(),
                                    into));
        } else if (node.isArray()) {
            node.forEach(item -> naive(item, path, into));
        } else {
            String kind =
                    node.isTextual()
                            ? "TEXT"
                            : node.isNumber() ? "NUMBER" : node.isBoolean() ? "BOOLEAN" : "NULL";
            String text = kind.equals("NUMBER") ? number(node.asText()) : node.asText();
            into.add(path + " " + kind + " " + text);
        }
    }

    @Property(tries = 60)
    void bodiesOfEveryFormGiveBackTheBytesPutIn(
            @ForAll long seed, @ForAll @IntRange(max = 40) int count) throws IOException {
        List<byte[]> events = events(seed, count);
        SplittableRandom random = new SplittableRandom(seed);
        for (int form = 0; form < 4; form++) {
            byte[] body = body(form, events, random);
            RecordSplitter splitter =
                    new RecordSplitter(
                            new ByteArrayInputStream(body), EventReader.EVENT_BYTES_DEFAULT);
            for (byte[] event : events) {
                assertThat(splitter.next())
                        .isInstanceOfSatisfying(
                                Split.Found.class,
                                found -> assertThat(found.json()).isEqualTo(event));
            }
            assertThat(splitter.next()).isEqualTo(new Split.End(count));
        }
    }

    private static byte[] body(int form, List<byte[]> events, SplittableRandom random) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        String[] around =
                switch (form) {
                    case 0 -> new String[] {"{\"Records\":[", ",", "]}"};
                    case 1 ->
                            new String[] {
                                "{\"x\":1,\n \"Records\" : [ ", "\n ,\t", "\r\n] , \"y\":{} }\n"
                            };
                    case 2 -> new String[] {"[", " , ", "]"};
                    default -> new String[] {"", random.nextBoolean() ? "\n" : "\r\n\r\n", "\n"};
                };
        body.writeBytes(around[0].getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < events.size(); i++) {
            body.writeBytes((i > 0 ? around[1] : "").getBytes(StandardCharsets.UTF_8));
            body.writeBytes(events.get(i));
        }
        body.writeBytes(around[2].getBytes(StandardCharsets.UTF_8));
        return body.toByteArray();
    }
}
