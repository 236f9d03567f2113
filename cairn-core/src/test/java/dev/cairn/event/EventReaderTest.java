package dev.cairn.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

final class EventReaderTest {
    private static final Instant NOW = Instant.parse("2026-11-21T00:00:00Z");
    private static final EventReader STRICT = EventReader.strict(EventReader.EVENT_BYTES_DEFAULT);
    private static final EventReader LENIENT = EventReader.lenient();

    /// A sound record's members, to change one of them.
    private static Map<String, String> sound() {
        return new TreeMap<>(
                Map.of(
                        "eventVersion", "\"1.11\"",
                        "eventID", "\"0a4ce8c2-91b4-4d75-a0a5-8ec4f3cd5a3e\"",
                        "eventTime", "\"2026-11-20T23:59:59Z\"",
                        "eventSource", "\"ec2.amazonaws.com\"",
                        "eventName", "\"TerminateInstances\"",
                        "awsRegion", "\"eu-west-1\"",
                        "recipientAccountId", "\"111122223333\"",
                        "userIdentity", "{\"type\":\"Root\",\"accountId\":\"444455556666\"}"));
    }

    private static String record(Map<String, String> members) {
        StringBuilder json = new StringBuilder("{");
        members.forEach((key, value) ->
                json.append(json.length() > 1 ? "," : "")
                        .append('"')
                        .append(key)
                        .append("\":")
                        .append(value));
        return json.append('}').toString();
    }

    private static String with(String member, String value) {
        Map<String, String> members = sound();
        members.put(member, value);
        return record(members);
    }

    private static String without(String... absent) {
        Map<String, String> members = sound();
        for (String member : absent) {
            members.remove(member);
        }
        return record(members);
    }

    /// Reads a record whole, and holds whoever asks for its name only to the same judgment.
    private static Parsed parse(EventReader reader, String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        Parsed parsed = reader.read(bytes, NOW);
        assertThat(reader.name(bytes, NOW))
                .isEqualTo(
                        parsed instanceof Parsed.Read(Event event)
                                ? new Named.Name(event.place(), event.id())
                                : parsed);
        return parsed;
    }

    private static Event strict(String json) {
        return event(parse(STRICT, json));
    }

    private static Event lenient(String json) {
        return event(parse(LENIENT, json));
    }

    private static Event event(Parsed parsed) {
        return switch (parsed) {
            case Parsed.Read(Event event) -> event;
            case Parsed.Refused(RefusalCode code, String message) ->
                    throw new AssertionError(code + " " + message);
        };
    }

    private static String refusal(EventReader reader, String json) {
        return refusal(parse(reader, json));
    }

    private static String refusal(Parsed parsed) {
        return switch (parsed) {
            case Parsed.Read(Event event) -> "read " + event.id();
            case Parsed.Refused(RefusalCode code, String message) -> {
                assertThat(message.length()).isLessThan(400);
                yield code + " " + message;
            }
        };
    }

    @Test
    void aSoundRecordIsReadWhole() {
        byte[] json =
                """
                {"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE:bob",
                 "arn":"arn:aws:sts::111122223333:assumed-role/ops/bob","accountId":"111122223333","accessKeyId":"ASIAEXAMPLE",
                 "sessionContext":{"sessionIssuer":{"type":"Role","userName":"ops"},"webIdFederationData":{},"attributes":{"mfaAuthenticated":"true"}}},
                 "eventTime":"2026-11-20T10:11:12Z","eventSource":"ec2.amazonaws.com","eventName":"TerminateInstances",
                 "awsRegion":"eu-west-1","sourceIPAddress":"192.0.2.1","userAgent":"x","errorCode":"Client.UnauthorizedOperation",
                 "requestParameters":{"instancesSet":{"items":[{"instanceId":"i-0abc1234def567890"}]}},"responseElements":null,
                 "eventID":"0A4ce8c2-91b4-4d75-a0a5-8ec4f3cd5a3e","readOnly":false,"eventType":"AwsApiCall","managementEvent":true,
                 "recipientAccountId":"111122223333","eventCategory":"Management"}
                """
                        .getBytes(StandardCharsets.UTF_8);
        Event event = event(STRICT.read(json, NOW));
        assertThat(event.json()).isSameAs(json);
        assertThat(event)
                .isEqualTo(
                        new Event(
                                json,
                                "0A4ce8c2-91b4-4d75-a0a5-8ec4f3cd5a3e",
                                new Place("111122223333", "eu-west-1"),
                                Instant.parse("2026-11-20T10:11:12Z"),
                                "1.11",
                                "ec2.amazonaws.com",
                                "TerminateInstances",
                                "AwsApiCall",
                                Category.MANAGEMENT,
                                false,
                                "bob",
                                "arn:aws:sts::111122223333:assumed-role/ops/bob",
                                "ASIAEXAMPLE",
                                "192.0.2.1",
                                "Client.UnauthorizedOperation",
                                List.of(
                                        new Resource(
                                                "AWS::EC2::Instance", "i-0abc1234def567890"))));
        assertThat(event(LENIENT.read(json, NOW))).isEqualTo(event);
    }

    @Test
    void aMemberThatEveryEventNeedsIsMissedByItsName() {
        for (String member :
                List.of(
                        "eventVersion",
                        "eventID",
                        "eventTime",
                        "eventSource",
                        "eventName",
                        "awsRegion")) {
            assertThat(refusal(STRICT, without(member)))
                    .startsWith("MISSING_FIELD " + member + ":");
            assertThat(refusal(STRICT, with(member, "null"))).startsWith("MISSING_FIELD " + member);
            assertThat(refusal(STRICT, with(member, "\"\""))).startsWith("MISSING_FIELD " + member);
            assertThat(refusal(STRICT, with(member, "7")))
                    .isEqualTo("INVALID_FIELD " + member + ": expected text, got `7`");
            assertThat(refusal(STRICT, with(member, "{\"a\":1}")))
                    .isEqualTo("INVALID_FIELD " + member + ": expected text, got an object");
        }
        assertThat(refusal(STRICT, without("recipientAccountId", "userIdentity")))
                .startsWith("MISSING_FIELD recipientAccountId:");
    }

    @Test
    void whatTheProcessingLibraryCannotParseIsRefused() {
        assertThat(refusal(STRICT, with("eventVersion", "\"1.0.0\"")))
                .isEqualTo(
                        "INVALID_FIELD eventVersion: expected a number such as 1.11, got `1.0.0`");
        assertThat(refusal(STRICT, with("eventID", "\"1\"")))
                .isEqualTo("INVALID_FIELD eventID: expected a UUID, got `1`");
        assertThat(refusal(STRICT, with("eventID", "\"0a4ce8c2-91b4-4d75-a0a5-8ec4f3cd5aEX\"")))
                .startsWith("INVALID_FIELD eventID");
        for (String time :
                List.of(
                        "2026-11-20T23:59:59.000Z",
                        "2026-11-20 23:59:59",
                        "2026-11-20T23:59:59z",
                        "2026-11-20T23:59:59",
                        "2026-02-30T00:00:00Z",
                        "2026-13-01T00:00:00Z",
                        "2026-11-20T24:00:00Z",
                        "2026-11-20T23:59:60Z",
                        "2026-1\u0661-20T23:59:59Z")) {
            assertThat(refusal(STRICT, with("eventTime", '"' + time + '"')))
                    .startsWith("INVALID_FIELD eventTime: expected a time such as");
        }
        assertThat(refusal(STRICT, with("readOnly", "\"true\"")))
                .isEqualTo("INVALID_FIELD readOnly: expected true, false or null, got `true`");
        assertThat(refusal(STRICT, with("managementEvent", "1")))
                .startsWith("INVALID_FIELD managementEvent");
        assertThat(refusal(STRICT, with("userIdentity", "[]")))
                .isEqualTo("INVALID_FIELD userIdentity: expected an object or null, got an array");
        String session = "userIdentity.sessionContext";
        assertThat(refusal(STRICT, with("userIdentity", "{\"sessionContext\":null}")))
                .isEqualTo("INVALID_FIELD " + session + ": expected an object, got `null`");
        assertThat(
                        refusal(
                                STRICT,
                                with("userIdentity", "{\"sessionContext\":{\"attributes\":null}}")))
                .startsWith("INVALID_FIELD " + session + ".attributes");
        assertThat(
                        refusal(
                                STRICT,
                                with(
                                        "userIdentity",
                                        "{\"sessionContext\":{\"sessionIssuer\":\"x\"}}")))
                .startsWith("INVALID_FIELD " + session + ".sessionIssuer");
        assertThat(
                        refusal(
                                STRICT,
                                with(
                                        "userIdentity",
                                        "{\"sessionContext\":{\"webIdFederationData\":{\"attributes\":null}}}")))
                .startsWith("INVALID_FIELD " + session + ".webIdFederationData.attributes");
        assertThat(refusal(STRICT, with("resources", "{}")))
                .startsWith("INVALID_FIELD resources: expected an array or null");
        assertThat(refusal(STRICT, with("resources", "[null]")))
                .startsWith("INVALID_FIELD resources: expected objects");
        assertThat(refusal(STRICT, with("recipientAccountId", "\"700***\"")))
                .isEqualTo(
                        "INVALID_FIELD recipientAccountId: expected 1 to 32 digits, got `700***`");
        assertThat(refusal(STRICT, with("awsRegion", "\"../etc\"")))
                .startsWith("INVALID_FIELD awsRegion");
    }

    @Test
    void nullsThatTheProcessingLibraryTakesAreTaken() {
        for (String member :
                List.of(
                        "userIdentity",
                        "resources",
                        "readOnly",
                        "managementEvent",
                        "requestParameters",
                        "responseElements",
                        "errorCode",
                        "eventCategory")) {
            strict(with(member, "null"));
        }
    }

    @Test
    void timesAheadAreTakenForAQuarterOfAnHour() {
        strict(with("eventTime", "\"1970-01-01T00:00:00Z\""));
        strict(with("eventTime", "\"2026-11-21T00:15:00Z\""));
        assertThat(refusal(STRICT, with("eventTime", "\"2026-11-21T00:15:01Z\"")))
                .isEqualTo(
                        "TIME_IN_FUTURE eventTime: expected at most 15 minutes after 2026-11-21T00:00:00Z, got 2026-11-21T00:15:01Z");
        assertThat(refusal(STRICT, with("eventTime", "\"2099-01-01T00:00:00Z\"")))
                .startsWith("TIME_IN_FUTURE");
        assertThat(lenient(with("eventTime", "\"2099-01-01T00:00:00Z\"")).time())
                .isEqualTo("2099-01-01T00:00:00Z");
    }

    @Test
    void lenientReadersTakeTimesInEveryFormThatIsSure() {
        Instant expected = Instant.parse("2014-03-06T21:22:54Z");
        for (String time :
                List.of(
                        "\"2014-03-06T21:22:54Z\"",
                        "\"2014-03-06 21:22:54\"",
                        "\"2014-03-06 21:22:54Z\"",
                        "\"2014-03-06T21:22:54z\"",
                        "\"2014-03-06t21:22:54.000Z\"",
                        "\"2014-03-06 21:22:54.000000000\"",
                        "\"2014-03-06T22:22:54+01:00\"",
                        "\"2014-03-06T22:22:54+0100\"",
                        "\" 2014-03-06T21: 22: 54Z \"",
                        "\"1394140974\"",
                        "1394140974",
                        "1394140974.000",
                        "1394140974000")) {
            assertThat(lenient(with("eventTime", time)).time()).as(time).isEqualTo(expected);
        }
        for (String time :
                List.of(
                        "\"...\"",
                        "\"redacted\"",
                        "{}",
                        "\"\"",
                        "null",
                        "0",
                        "-5",
                        "1e999999",
                        "true",
                        "\"2014-03-06\"",
                        "\"NaN\"",
                        "\"Infinity\"")) {
            assertThat(refusal(LENIENT, with("eventTime", time)))
                    .as(time)
                    .matches("(MISSING|INVALID)_FIELD eventTime.*");
        }
    }

    @Test
    void lenientReadersNeedATimeAndNothingElse() {
        Event event = lenient("{\"eventTime\":\"2014-03-06T21:22:54Z\"}");
        assertThat(event.place()).isEqualTo(new Place("unknown", "unknown"));
        assertThat(event.category()).isEqualTo(Category.MANAGEMENT);
        assertThat(event.username()).isNull();
        assertThat(event.id())
                .matches("[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
        assertThat(lenient(with("userIdentity", "7")).username()).isNull();
        assertThat(lenient(with("eventName", "[{\"a\":[1]}]")).name()).isEmpty();
        assertThat(lenient(with("resources", "\"x\"")).resources()).isEmpty();
        assertThat(lenient(with("recipientAccountId", "111122223333")).place().account())
                .isEqualTo("111122223333");
        assertThat(lenient(with("recipientAccountId", "\"700***\"")).place().account())
                .isEqualTo("700***");
        assertThat(lenient(with("readOnly", "\"true\"")).readOnly()).isTrue();
    }

    @Test
    void anInventedIdIsTheSameForTheSameBytesInTheSamePlaceOnly() {
        String json = "{\"eventTime\":\"2014-03-06T21:22:54Z\",\"eventID\":\"...\"}";
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        String id = lenient(json).id();
        assertThat(lenient(json).id()).isEqualTo(id);
        assertThat(lenient(json + " ").id()).isNotEqualTo(id);
        EventReader.Known elsewhere = EventReader.Known.fallback("1", "eu-west-1");
        Event there = event(LENIENT.read(bytes, NOW, elsewhere));
        assertThat(there.place()).isEqualTo(new Place("1", "eu-west-1"));
        assertThat(there.id()).isNotEqualTo(id);
    }

    @Test
    void whatTheLedgerKnowsHoldsWhateverTheRecordSays() {
        byte[] bytes = record(sound()).getBytes(StandardCharsets.UTF_8);
        Event event =
                event(
                        LENIENT.read(
                                bytes, NOW, EventReader.Known.recorded(new Place("9", "x"), "id")));
        assertThat(event.place()).isEqualTo(new Place("9", "x"));
        assertThat(event.id()).isEqualTo("id");
    }

    @Test
    void theAccountIsTheRecipientsElseTheCallersElseTheRolesOwners() {
        assertThat(strict(record(sound())).place().account()).isEqualTo("111122223333");
        assertThat(strict(without("recipientAccountId")).place().account())
                .isEqualTo("444455556666");
        Map<String, String> members = sound();
        members.remove("recipientAccountId");
        members.put(
                "userIdentity",
                "{\"sessionContext\":{\"sessionIssuer\":{\"accountId\":\"777788889999\"}}}");
        assertThat(strict(record(members)).place().account()).isEqualTo("777788889999");
    }

    @Test
    void insightEventsTakeSourceAndNameFromTheirDetails() {
        Map<String, String> members = sound();
        members.remove("eventSource");
        members.remove("eventName");
        members.remove("userIdentity");
        members.put("eventType", "\"AwsCloudTrailInsight\"");
        members.put(
                "insightDetails",
                "{\"state\":\"Start\",\"eventSource\":\"ssm.amazonaws.com\",\"eventName\":\"PutParameter\"}");
        Event event = strict(record(members));
        assertThat(event.source()).isEqualTo("ssm.amazonaws.com");
        assertThat(event.name()).isEqualTo("PutParameter");
        assertThat(event.category()).isEqualTo(Category.INSIGHT);
    }

    @Test
    void aggregatedEventsAreReadLenientlyByTheNamesTheyUse() {
        String json =
                """
                {"eventVersion":"1.0","accountId":"111122223333",
                 "eventId":"0b8e2b6e-5a1c-4b4e-9a0e-0d6f6f0f9c11","eventCategory":"Aggregated",
                 "eventType":"AwsAggregatedEvent","awsRegion":"eu-west-1",
                 "eventSource":"s3.amazonaws.com",
                 "timeWindow":{"windowStart":"2025-10-30 23:45:00",
                               "windowEnd":"2025-10-30 23:50:00","windowSize":"PT5M"},
                 "summary":{"primaryDimension":{"dimension":"eventName"}}}\
                """;
        Event event = lenient(json);
        assertThat(event.id()).isEqualTo("0b8e2b6e-5a1c-4b4e-9a0e-0d6f6f0f9c11");
        assertThat(event.place()).isEqualTo(new Place("111122223333", "eu-west-1"));
        assertThat(event.time()).isEqualTo(Instant.parse("2025-10-30T23:45:00Z"));
        assertThat(event.category()).isEqualTo(Category.AGGREGATED);
        // The Processing Library knows none of these names.
        assertThat(parse(STRICT, json)).isInstanceOf(Parsed.Refused.class);
    }

    @Test
    void whatIsNoJsonObjectIsRefusedByBoth() {
        for (String json :
                List.of(
                        "",
                        " ",
                        "[]",
                        "null",
                        "\"x\"",
                        "{",
                        "{\"a\":1",
                        "{\"a\":}",
                        "{a:1}",
                        "{\"a\":01}",
                        "{\"a\":NaN}",
                        "{\"a\":1}{",
                        "{\"a\":\"\t\"}",
                        "{\"a\":\"\0\"}",
                        "{\"a\":1}\0",
                        "\0{\0}\0",
                        "{\"a\":'x'}",
                        "{\"a\":1,}",
                        "{\"a\":tru}",
                        "{\"a\":\"\\x\"}",
                        "\ufeff{\"a\":1}")) {
            assertThat(refusal(STRICT, json)).as(json).startsWith("INVALID_JSON expected ");
            assertThat(refusal(LENIENT, json)).as(json).startsWith("INVALID_JSON expected ");
        }
        assertThat(refusal(STRICT, record(sound()) + "{}")).startsWith("INVALID_JSON");
        assertThat(refusal(LENIENT, record(sound()) + "7")).startsWith("INVALID_JSON");
    }

    @Test
    void bytesThatAreNotUtf8AreRefusedByBoth() {
        for (byte[] bad :
                List.of(
                        new byte[] {(byte) 0x80},
                        new byte[] {(byte) 0xc0, (byte) 0x80},
                        new byte[] {(byte) 0xc3},
                        new byte[] {(byte) 0xe0, (byte) 0x80, (byte) 0x80},
                        new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
                        new byte[] {(byte) 0xf0, (byte) 0x80, (byte) 0x80, (byte) 0x80},
                        new byte[] {(byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
                        new byte[] {(byte) 0xff})) {
            ByteArrayOutputStream json = new ByteArrayOutputStream();
            json.writeBytes(
                    without("userIdentity")
                            .replace("}", ",\"x\":\"")
                            .getBytes(StandardCharsets.UTF_8));
            int at = json.size();
            json.writeBytes(bad);
            json.writeBytes("\"}".getBytes(StandardCharsets.UTF_8));
            for (EventReader reader : List.of(STRICT, LENIENT)) {
                assertThat(refusal(reader.read(json.toByteArray(), NOW)))
                        .startsWith("INVALID_ENCODING expected UTF-8, got byte 0x")
                        .endsWith("at " + at);
            }
        }
    }

    /// The JDK's own decoder is the judge.
    @Property(tries = 2_000)
    void utf8IsToldAsTheJdkTellsIt(@ForAll byte[] noise, @ForAll String text) {
        for (byte[] bytes : List.of(noise, text.getBytes(StandardCharsets.UTF_8))) {
            boolean sound = true;
            try {
                StandardCharsets.UTF_8.newDecoder().decode(java.nio.ByteBuffer.wrap(bytes));
            } catch (java.nio.charset.CharacterCodingException _) {
                sound = false;
            }
            assertThat(Utf8.firstInvalid(bytes) < 0).isEqualTo(sound);
        }
    }

    @Test
    void halfSurrogatePairsAreRefusedStrictlyAndReplacedLeniently() {
        for (String half :
                List.of(
                        "\\ud800",
                        "\\uDC00",
                        "\\ud83d\\ud83d\\ude00",
                        "\\ud800x",
                        "\\ude00\\ud83d")) {
            String json = with("eventName", "\"a" + half + "\"");
            assertThat(refusal(STRICT, json)).startsWith("INVALID_ENCODING expected both halves");
            String name = lenient(json).name();
            assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(name)).isTrue();
            assertThat(name).startsWith("a").contains("\ufffd");
        }
        assertThat(strict(with("eventName", "\"\\ud83d\\uDE00\\\\ud800\"")).name())
                .isEqualTo("\ud83d\ude00\\ud800");
    }

    @Test
    void nestingIsTakenToAHundred() {
        for (EventReader reader : List.of(STRICT, LENIENT)) {
            event(parse(reader, with("x", "[".repeat(99) + "]".repeat(99))));
            assertThat(refusal(reader, with("x", "[".repeat(100) + "]".repeat(100))))
                    .startsWith("TOO_DEEP expected at most 100");
            assertThat(
                            refusal(
                                    reader,
                                    with(
                                            "requestParameters",
                                            "{\"a\":".repeat(100) + "1" + "}".repeat(100))))
                    .startsWith("TOO_DEEP");
            assertThat(refusal(reader, "[".repeat(100_000))).startsWith("INVALID_JSON");
        }
    }

    @Test
    void keysThatComeTwiceInOneObjectAreRefusedStrictlyAndTheLastHoldsLeniently() {
        String twice = record(sound()).replace("}", ",\"type\":\"IAMUser\"}");
        assertThat(refusal(STRICT, "{\"x\":{\"a\":1,\"b\":{\"a\":1},\"\\u0061\":2}}"))
                .startsWith(
                        "DUPLICATE_KEY expected each key once in an object, got `a` twice at byte");
        assertThat(refusal(STRICT, with("x", "[{\"a\":1},{\"a\":1},{\"b\":{\"a\":1}}]")))
                .startsWith("read");
        assertThat(refusal(STRICT, with("requestParameters", "{\"k\":1,\"k\":1}")))
                .startsWith("DUPLICATE_KEY");
        assertThat(refusal(STRICT, with("requestParameters", "{\"l\":[{\"k\":1,\"k\":1}]}")))
                .startsWith("DUPLICATE_KEY");
        assertThat(refusal(STRICT, twice)).startsWith("DUPLICATE_KEY");
        assertThat(lenient("{\"eventTime\":1,\"eventName\":\"a\",\"eventName\":\"b\"}").name())
                .isEqualTo("b");
    }

    @Test
    void keysMadeToHashAlikeCostNoTime() {
        StringBuilder keys = new StringBuilder("{");
        for (int i = 0; i < 16_000; i++) {
            StringBuilder key = new StringBuilder();
            for (int bit = 0; bit < 14; bit++) {
                key.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            keys.append(i > 0 ? "," : "").append('"').append(key).append("\":1");
        }
        EventReader large = EventReader.strict(EventReader.EVENT_BYTES_LIMIT);
        assertThat(refusal(large, with("x", keys + "}")))
                .isEqualTo(
                        "INVALID_JSON expected keys that can be told apart, got too many that hash alike");
    }

    @Test
    void numbersThatNoDoubleHoldsAreRefusedStrictly() {
        for (String number :
                List.of("1e999999", "-1E400", "9".repeat(400), "1" + "0".repeat(309) + ".5")) {
            assertThat(refusal(STRICT, with("x", "[" + number + "]")))
                    .startsWith(
                            "NUMBER_OUT_OF_RANGE expected a number that a double can hold, got `");
            lenient(with("x", "[" + number + "]"));
        }
        for (String number :
                List.of(
                        "123456789012345678901234567890",
                        "1e300",
                        "1e-999999",
                        "0." + "3".repeat(2_000),
                        "-0")) {
            strict(with("x", number));
        }
    }

    @Test
    void recordsOverTheLimitAreRefused() {
        String json = with("x", "\"" + "x".repeat(EventReader.EVENT_BYTES_DEFAULT) + "\"");
        assertThat(refusal(STRICT, json))
                .startsWith("EVENT_TOO_LARGE expected at most 262144 bytes, got ");
        event(parse(EventReader.strict(EventReader.EVENT_BYTES_LIMIT), json));
        assertThat(refusal(LENIENT, with("x", "\"" + "x".repeat(10_000_000) + "\"")))
                .startsWith("EVENT_TOO_LARGE");
        String exact = record(sound());
        assertThat(refusal(EventReader.strict(exact.length()), exact)).startsWith("read");
        assertThat(refusal(EventReader.strict(exact.length() - 1), exact))
                .startsWith("EVENT_TOO_LARGE");
    }

    @Test
    void messagesShowLongAndUnprintableValuesShortened() {
        assertThat(refusal(STRICT, with("eventID", "\"" + "x\\n".repeat(5_000) + "\"")))
                .isEqualTo(
                        "INVALID_FIELD eventID: expected a UUID, got `" + "x?".repeat(40) + "…`");
    }

    /// Whatever the bytes, there is an answer.
    @Property(tries = 1_000)
    void noBytesCrashAReader(@ForAll byte[] noise, @ForAll int at) {
        byte[] json = record(sound()).getBytes(StandardCharsets.UTF_8);
        byte[] spoilt = json.clone();
        for (int i = 0; i < Math.min(noise.length, 4); i++) {
            spoilt[Math.floorMod(at + i * 7, json.length)] = noise[i];
        }
        for (byte[] bytes : List.of(noise, spoilt)) {
            assertThat(STRICT.read(bytes, NOW)).isNotNull();
            assertThat(LENIENT.read(bytes, NOW)).isNotNull();
            if (STRICT.read(bytes, NOW) instanceof Parsed.Read(Event event)) {
                assertThat(event(LENIENT.read(bytes, NOW))).isEqualTo(event);
            }
        }
    }
}
