package dev.cairn.testkit.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.event.Category;
import dev.cairn.event.Event;
import dev.cairn.event.EventReader;
import dev.cairn.event.Glance;
import dev.cairn.event.Parsed;
import dev.cairn.event.Particulars;
import dev.cairn.event.Particulars.Touched;
import dev.cairn.selector.Selectors;
import dev.cairn.selector.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GlanceTest {
    private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");
    private static final int EVENTS = 5_000;
    private static final List<String> TYPES =
            List.of("AWS::S3::Object", "AWS::S3::Bucket", "AWS::Lambda::Function", "AWS::S3");

    private static EventGenerator generator() {
        return new EventGenerator(3, EventGenerator.Settings.month(NOW, EVENTS));
    }

    private static Event read(byte[] json) {
        if (EventReader.lenient().read(json, NOW) instanceof Parsed.Read(Event event)) {
            return event;
        }
        throw new AssertionError("expected an event: " + new String(json, UTF_8));
    }

    @Test
    void of_the_events_that_are_recorded_it_says_what_the_reader_says() {
        EventGenerator generator = generator();
        for (int i = 0; i < EVENTS; i++) {
            byte[] json = generator.next();
            Event event = read(json);
            Glance glance = Glance.of(json);
            boolean derived = !new String(json, UTF_8).contains("\"eventCategory\"");
            assertThat(glance)
                    .isEqualTo(
                            new Glance(
                                    event.time(),
                                    derived ? null : event.category(),
                                    event.readOnly(),
                                    event.source(),
                                    event.name(),
                                    event.type(),
                                    glance.touched()));
            List<String> types =
                    Particulars.of(json).resources().stream().map(Touched::type).toList();
            assertThat(TYPES)
                    .allSatisfy(type ->
                            assertThat(glance.mayTouch(json, type))
                                    .as("%s of %s", type, types)
                                    .isEqualTo(types.contains(type)));
            assertThat(Selectors.DEFAULT.judge(json, glance))
                    .isEqualTo(
                            derived
                                    ? Verdict.UNSURE
                                    : Selectors.DEFAULT.takes(event)
                                            ? Verdict.TAKEN
                                            : Verdict.REFUSED);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{}",
                "{\"eventName\"",
                "{\"eventName\":",
                "{\"eventName\":\"x",
                "{\"eventName\":\"x\"",
                "{\"eventName\":\"x\",}",
                "{\"eventName\":\"x\\",
                "{\"a\":[{\"eventName\":\"x\"}",
                "{\"event\\u004eame\":\"x\"}"
            })
    void what_is_not_plain_gives_nothing(String json) {
        assertThat(Glance.of(json.getBytes(UTF_8))).isEqualTo(Glance.NOTHING);
    }

    @Test
    void only_a_records_own_members_count_and_only_as_they_stand() {
        Glance glance =
                Glance.of(
                        """
                        { "requestParameters" : {"eventName":"Inner","x":["}\\"",{"eventSource":"y"}]} ,
                          "eventName":"Outer", "eventSource":"a\\u0062c", "eventType":"größer als acht",
                          "readOnly" : true , "eventCategory":"Data", "n":-1.5e3 }
                        """
                                .getBytes(UTF_8));
        assertThat(glance)
                .isEqualTo(
                        new Glance(
                                null,
                                Category.DATA,
                                true,
                                null,
                                "Outer",
                                null,
                                Glance.Range.EMPTY));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {"resources":[{"type":"AWS::S3::Object"}]}                       | true
                    { "resources" : [ {"ARN":"a", "type" : "AWS::S3::Object" } ] }   | true
                    {"resources":[{"type":"AWS::S3::Bucket"},{"type":"AWS::S3::Object"}],"x":1} | true
                    {"resources":[{"type":"AWS\\u003a:S3::Object"}]}                | true
                    {"re\\u0073ources":[{"type":"AWS::S3::Object"}]}                | true
                    {"größe":1,"resources":[{"type":"AWS::S3::Object"}]}             | true
                    {"resources":[{"type":"AWS::S3::Object"}]                        | true
                    {"resources":[{"type":"AWS::S3::ObjectLambda"}]}                 | false
                    {"resources":[{"type":"xAWS::S3::Object"}]}                      | false
                    {"resources":[{"ARN":"a\\"AWS::S3::Object\\""}]}               | false
                    {"resources":[{"ARN":"arn:aws:s3:::b\\/AWS::S3::Object"}]}      | false
                    {"requestParameters":{"resources":[{"type":"AWS::S3::Object"}]}} | false
                    {"resources":[],"x":"AWS::S3::Object"}                           | false
                    {"x":"AWS::S3::Object","resources":null}                         | false
                    {"x":"AWS::S3::Object"}                                          | false
                    """)
    void only_its_own_resources_count_unless_they_cannot_be_told(String json, boolean may) {
        byte[] bytes = json.getBytes(UTF_8);
        assertThat(Glance.of(bytes).mayTouch(bytes, "AWS::S3::Object")).isEqualTo(may);
    }

    @Test
    void what_has_to_be_derived_is_left_to_the_reader() {
        Glance glance =
                Glance.of(
                        "{\"eventName\":\"GetX\",\"readOnly\":null,\"eventCategory\":\"\"}"
                                .getBytes(UTF_8));
        assertThat(glance)
                .isEqualTo(new Glance(null, null, null, null, "GetX", null, Glance.Range.EMPTY));
    }

    @Test
    void it_comes_to_an_end_whatever_the_bytes_are() {
        SplittableRandom random = new SplittableRandom(11);
        byte[] signs = "{}[]\"\\:, eventName\u00e4".getBytes(UTF_8);
        for (int i = 0; i < 20_000; i++) {
            byte[] json = new byte[random.nextInt(60)];
            for (int at = 0; at < json.length; at++) {
                json[at] = signs[random.nextInt(signs.length)];
            }
            if (json.length > 0) {
                json[0] = '{';
            }
            if (Glance.of(json).mayTouch(json, "e")) {
                assertThat(new String(json, UTF_8)).contains("\"e\"");
            }
        }
    }
}
