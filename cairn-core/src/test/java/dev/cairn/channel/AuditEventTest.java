package dev.cairn.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.channel.AuditEvent.Checked;
import dev.cairn.channel.AuditEvent.Code;
import dev.cairn.event.Event;
import dev.cairn.event.EventReader;
import dev.cairn.event.Parsed;
import dev.cairn.event.Particulars;
import dev.cairn.event.Place;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuditEventTest {
    private static final Instant NOW = Instant.parse("2026-11-21T08:00:00.5Z");
    private static final Place PLACE = new Place("123456789012", "eu-west-1");
    private static final Channel CHANNEL =
            new Channel(
                    "0a1b2c3d-0000-4000-8000-00000000000c",
                    PLACE.account(),
                    PLACE.region(),
                    "ours",
                    "Custom",
                    List.of("arn:aws:cloudtrail:eu-west-1:123456789012:eventdatastore/x"),
                    Map.of(),
                    null);

    private static final String DATA =
            """
            {"version":"1", "userIdentity":{"type":"Employee","principalId":"e7","details":{"n":1}},
             "eventSource":"shop.example", "eventName":"Refund", "eventTime":"2026-11-20T23:59:59",
             "UID":"u1", "recipientAccountId":"123456789012", "requestParameters":{"order":"Ä1"}}\
            """;

    private static Checked check(String data) {
        return check("a", data, null);
    }

    private static Checked check(String id, String data, @Nullable String checksum) {
        return new AuditEvent(id, data, checksum).check(CHANNEL, NOW);
    }

    private static Entry fit(Checked checked) {
        assertThat(checked).isInstanceOf(Checked.Fit.class);
        return ((Checked.Fit) checked).entry();
    }

    private static void unfit(Checked checked, Code code, String words) {
        assertThat(checked).isInstanceOf(Checked.Unfit.class);
        assertThat(((Checked.Unfit) checked).code()).isEqualTo(code);
        assertThat(((Checked.Unfit) checked).message()).contains(words);
    }

    private static String base64Sha256(String text) throws Exception {
        return Base64.getEncoder()
                .encodeToString(
                        MessageDigest.getInstance("SHA-256")
                                .digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void the_record_holds_the_data_as_it_was_sent() throws Exception {
        Entry entry = fit(check("a", DATA, base64Sha256(DATA)));

        assertThat(entry.place()).isEqualTo(PLACE);
        assertThat(entry.origin()).isEqualTo(Origin.CHANNEL);
        assertThat(new String(entry.json(), StandardCharsets.UTF_8))
                .isEqualTo(
                        "{\"eventVersion\":\"1.0\",\"eventCategory\":\"ActivityAuditLog\",\"eventType\":\"ActivityLog\",\"eventID\":\"%s\",\"eventTime\":\"2026-11-20T23:59:59Z\",\"awsRegion\":\"eu-west-1\",\"recipientAccountId\":\"123456789012\",\"metadata\":{\"ingestionTime\":\"2026-11-21T08:00:00Z\",\"channelARN\":\"arn:aws:cloudtrail:eu-west-1:123456789012:channel/0a1b2c3d-0000-4000-8000-00000000000c\"},\"eventData\":%s}"
                                .formatted(entry.id(), DATA));
    }

    /// What the ledger's readers make of it.
    @Test
    void the_record_can_be_read_and_says_its_channel() {
        Entry entry = fit(check(DATA));
        Parsed parsed =
                EventReader.lenient()
                        .read(
                                entry.json(),
                                Instant.EPOCH,
                                EventReader.Known.recorded(entry.place(), entry.id()));

        assertThat(parsed).isInstanceOf(Parsed.Read.class);
        Event event = ((Parsed.Read) parsed).event();
        assertThat(event.time()).isEqualTo(Instant.parse("2026-11-20T23:59:59Z"));
        assertThat(Particulars.of(entry.json()).channelArn()).isEqualTo(CHANNEL.arn());
    }

    @Test
    void the_same_event_has_the_same_id_and_another_one_another() {
        String id = fit(check("a", DATA, null)).id();

        assertThat(fit(new AuditEvent("a", DATA, null).check(CHANNEL, NOW.plusSeconds(60))).id())
                .isEqualTo(id);
        assertThat(fit(check("b", DATA, null)).id()).isNotEqualTo(id);
        assertThat(fit(check("a", DATA.replace("Refund", "Payment"), null)).id()).isNotEqualTo(id);
        assertThat(id).matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "version",
                "principalId",
                "eventSource",
                "eventName",
                "eventTime",
                "UID",
                "recipientAccountId"
            })
    void what_an_event_needs_it_must_have(String field) {
        unfit(
                check(DATA.replace("\"" + field + "\"", "\"else\"")),
                Code.FIELD_NOT_FOUND,
                "the field");
        unfit(
                check(DATA.replaceAll("\"" + field + "\":\"[^\"]*\"", "\"" + field + "\":null")),
                Code.FIELD_NOT_FOUND,
                field);
    }

    @ParameterizedTest
    @CsvSource({
        "version, 256",
        "principalId, 1024",
        "eventSource, 1024",
        "eventName, 1024",
        "UID, 1024"
    })
    void texts_have_their_longest(String field, int most) {
        String pattern = "\"" + field + "\":\"[^\"]*\"";
        fit(check(DATA.replaceAll(pattern, "\"" + field + "\":\"" + "ä".repeat(most) + "\"")));
        unfit(
                check(
                        DATA.replaceAll(
                                pattern, "\"" + field + "\":\"" + "ä".repeat(most + 1) + "\"")),
                Code.FIELD_TOO_LONG,
                field);
    }

    @ParameterizedTest
    @CsvSource({
        "requestParameters, 102400",
        "responseElements, 102400",
        "additionalEventData, 28672"
    })
    void objects_have_their_largest(String field, int most) {
        String head = DATA.replaceAll(", \"requestParameters\".*", "");
        String object = "{\"a\":\"" + "x".repeat(most - 8) + "\"}";
        fit(check(head + ",\"" + field + "\":" + object + "}"));
        unfit(
                check(head + ",\"" + field + "\": " + object.replaceFirst("x", "xx") + "}"),
                Code.FIELD_TOO_LONG,
                field);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "INVALID_DATA | not JSON",
                "INVALID_DATA | [1]",
                "INVALID_DATA | {\"version\":\"1\"} {}",
                "INVALID_DATA | {\"version\":1}",
                "INVALID_DATA | {\"userIdentity\":\"root\"}",
                "INVALID_DATA | {\"requestParameters\":[]}",
                "INVALID_DATA | {\"UID\":\"1\",\"UID\":\"2\"}",
                "INVALID_DATA | \ud800"
            })
    void what_is_no_such_object_is_refused(Code code, String data) {
        unfit(check(data), code, "");
    }

    @Test
    void nothing_is_nested_deeper_than_a_record_may_be() {
        String open = "{\"d\":".repeat(98);
        String close = "}".repeat(98);
        String head = DATA.replaceAll(", \"requestParameters\".*", "");
        Entry deep = fit(check(head + ",\"requestParameters\":" + open + "1" + close + "}"));
        assertThat(
                        EventReader.lenient()
                                .read(
                                        deep.json(),
                                        Instant.EPOCH,
                                        EventReader.Known.recorded(deep.place(), deep.id())))
                .isInstanceOf(Parsed.Read.class);

        unfit(
                check(head + ",\"requestParameters\":" + "{\"d\":" + open + "1" + close + "}}"),
                Code.INVALID_DATA,
                "");
    }

    @Test
    void times_are_in_utc_and_not_ahead_of_now() {
        fit(check(DATA.replace("2026-11-20T23:59:59", "2026-11-21T08:15:00Z")));
        unfit(
                check(DATA.replace("2026-11-20T23:59:59", "2026-11-21T08:15:01")),
                Code.INVALID_DATA,
                "ahead of now");
        unfit(
                check(DATA.replace("2026-11-20T23:59:59", "2026-11-20 23:59:59")),
                Code.INVALID_DATA,
                "eventTime");
    }

    @Test
    void another_accounts_event_and_a_wrong_checksum_are_refused() throws Exception {
        unfit(
                check(DATA.replace("123456789012", "210987654321")),
                Code.INVALID_RECIPIENT,
                "210987654321");
        unfit(check("a", DATA, base64Sha256(DATA + " ")), Code.INVALID_CHECKSUM, "SHA-256");
    }
}
