package dev.cairn.recorder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.event.EventReader;
import dev.cairn.event.Parsed;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class EventFormTest {
    private static final UUID ID = UUID.fromString("11111111-2222-4333-8444-555555555555");
    private static final Instant NOW = Instant.parse("2026-11-21T08:00:00.7Z");
    private static final EventForm FORM =
            new EventForm("111122223333", "eu-central-1", "orders.example.com", Redaction.USUAL);

    /// What Cairn's own reader takes, as it takes it from the intake.
    private static JsonNode written(Event event) throws IOException {
        var json = FORM.json(event, ID, NOW);
        assertThat(EventReader.strict(EventReader.EVENT_BYTES_DEFAULT).read(json, NOW))
                .isInstanceOf(Parsed.Read.class);
        return FakeIntake.JSON.readTree(json);
    }

    @Test
    void an_event_is_a_cloudtrail_record() throws Exception {
        var event =
                written(
                        Event.named("CreateOrder")
                                .identity(Identity.user("mary"))
                                .from("198.51.100.7")
                                .userAgent("shop/1.0")
                                .requestParameter("orderId", 7)
                                .responseElement("state", "OPEN")
                                .resource(
                                        "Shop::Order", "arn:shop:orders:{region}:{account}:order/7")
                                .requestId("r-1"));

        assertThat(event)
                .isEqualTo(
                        FakeIntake.JSON.readTree(
                                """
                                {"eventVersion":"1.11",
                                 "userIdentity":{"type":"IAMUser","principalId":"mary",
                                   "arn":"arn:aws:iam::111122223333:user/mary",
                                   "accountId":"111122223333","userName":"mary"},
                                 "eventTime":"2026-11-21T08:00:00Z",
                                 "eventSource":"orders.example.com","eventName":"CreateOrder",
                                 "awsRegion":"eu-central-1","sourceIPAddress":"198.51.100.7",
                                 "userAgent":"shop/1.0",
                                 "requestParameters":{"orderId":7},
                                 "responseElements":{"state":"OPEN"},
                                 "requestID":"r-1",
                                 "eventID":"11111111-2222-4333-8444-555555555555",
                                 "readOnly":false,
                                 "resources":[{"accountId":"111122223333","type":"Shop::Order",
                                   "ARN":"arn:shop:orders:eu-central-1:111122223333:order/7"}],
                                 "eventType":"AwsApiCall","managementEvent":true,
                                 "recipientAccountId":"111122223333","eventCategory":"Management"}
                                """));
    }

    @Test
    void what_only_looks_has_no_response_elements_and_what_is_refused_has_an_error()
            throws Exception {
        var event =
                written(
                        Event.named("GetOrder")
                                .readOnly(true)
                                .data()
                                .responseElement("state", "OPEN")
                                .error("AccessDenied", "not yours"));

        assertThat(event.path("responseElements").isNull()).isTrue();
        assertThat(event.path("requestParameters").isNull()).isTrue();
        assertThat(event.path("readOnly").asBoolean()).isTrue();
        assertThat(event.path("eventCategory").asText()).isEqualTo("Data");
        assertThat(event.path("errorCode").asText()).isEqualTo("AccessDenied");
        assertThat(event.path("errorMessage").asText()).isEqualTo("not yours");
        assertThat(event.path("userIdentity").path("type").asText()).isEqualTo("Unknown");
    }

    @Test
    void every_identity_stands_in_a_record() throws Exception {
        for (var identity :
                List.of(
                        Identity.user("mary"),
                        Identity.role("deployer", "ci-7"),
                        Identity.service("billing.example.com"),
                        Identity.accessKey("AKIAIOSFODNN7EXAMPLE"),
                        Identity.anonymous())) {
            var event = written(Event.named("A").identity(identity));
            assertThat(event.path("userIdentity").toString()).doesNotContain("{account}");
        }
        var role = written(Event.named("A").identity(Identity.role("deployer", "ci-7")));
        assertThat(role.path("userIdentity").path("arn").asText())
                .isEqualTo("arn:aws:sts::111122223333:assumed-role/deployer/ci-7");
    }

    @Test
    void secrets_are_hidden_by_their_names_and_as_the_application_says() throws Exception {
        var event =
                written(
                        Event.named("Pay")
                                .redact("iban", "card.number")
                                .requestParameter("password", "p4ss")
                                .requestParameter("client_secret", List.of("p4ss"))
                                .requestParameter("IBAN", "p4ss")
                                .requestParameter("card", Map.of("number", "p4ss", "owner", "mary"))
                                .requestParameter(
                                        "cards", List.of(Map.of("cvc", 123, "iban", "p4ss")))
                                .requestParameter("number", 5)
                                .responseElement("accessToken", "p4ss")
                                .additionalEventData("x-api-key", "kept")
                                .additionalEventData("apiKey", "p4ss"));

        assertThat(event.toString()).doesNotContain("p4ss", "123,");
        var parameters = event.path("requestParameters");
        assertThat(parameters.path("password").asText()).isEqualTo(Redaction.HIDDEN);
        assertThat(parameters.path("card").path("number").asText()).isEqualTo(Redaction.HIDDEN);
        assertThat(parameters.path("card").path("owner").asText()).isEqualTo("mary");
        assertThat(parameters.path("cards").path(0).path("cvc").asText())
                .isEqualTo(Redaction.HIDDEN);
        assertThat(parameters.path("number").asInt()).isEqualTo(5);
    }

    @Test
    void what_is_over_cloudtrails_limits_is_left_out_or_cut() throws Exception {
        var event =
                written(
                        Event.named("Upload")
                                .requestParameter("content", "x".repeat(100 << 10))
                                .responseElement("content", "é".repeat(50 << 10))
                                .additionalEventData("content", "x".repeat(28 << 10))
                                .userAgent("ü".repeat(1000))
                                .error("Failed", "m".repeat(5000))
                                .requestId("r".repeat(5000)));

        assertThat(event.path("requestParameters").isNull()).isTrue();
        assertThat(event.path("responseElements").isNull()).isTrue();
        assertThat(event.path("additionalEventData").toString())
                .isEqualTo(
                        "{\"cairnOmitted\":[\"requestParameters\",\"responseElements\",\"additionalEventData\"]}");
        assertThat(event.path("userAgent").asText()).isEqualTo("ü".repeat(512));
        assertThat(event.path("errorMessage").asText()).hasSize(1024);
        assertThat(event.path("requestID").asText()).hasSize(1024);
    }

    @Test
    void an_event_that_is_too_large_as_a_whole_lets_go_of_what_it_can() throws Exception {
        var event = Event.named("Touch").requestParameter("content", "x".repeat(90 << 10));
        for (var i = 0; i < 4000; i++) {
            event.resource("Shop::Order", "arn:shop:orders:{region}:{account}:order/" + i);
        }
        var shown = written(event);
        assertThat(shown.has("resources")).isFalse();
        assertThat(shown.path("requestParameters").path("content").asText()).hasSize(90 << 10);
        assertThat(shown.path("additionalEventData").path("cairnOmitted").path(0).asText())
                .isEqualTo("resources");

        assertThatExceptionOfType(RecordingException.class)
                .isThrownBy(() ->
                        FORM.json(
                                Event.named("A")
                                        .identity(
                                                Identity.user("m").with("x", "y".repeat(300_000))),
                                ID,
                                NOW))
                .matches(failure -> failure.kind() == RecordingException.Kind.TOO_LARGE);
    }

    @Test
    void every_value_that_is_taken_can_stand_in_a_log_file() throws Exception {
        var nothing = new HashMap<String, String>();
        nothing.put("none", null);
        Object deep = "bottom";
        for (var i = 0; i < 79; i++) {
            deep = List.of(deep);
        }
        var event =
                written(
                        Event.named("A")
                                .requestParameter("half", "a\ud83d and \ude00\ud83d\ude00")
                                .requestParameter("nan", Double.NaN)
                                .requestParameter("huge", new BigDecimal("1E+999"))
                                .requestParameter("list", Arrays.asList(1, null, 2.5f, 'c'))
                                .requestParameter("array", new String[] {"a"})
                                .requestParameter("enum", Thread.State.NEW)
                                .requestParameter("time", NOW)
                                .requestParameters(nothing)
                                .requestParameter("deep", deep));

        var parameters = event.path("requestParameters");
        assertThat(parameters.path("half").asText()).isEqualTo("a\ufffd and \ufffd\ud83d\ude00");
        assertThat(parameters.path("nan").asText()).isEqualTo("NaN");
        assertThat(parameters.path("huge").asText()).isEqualTo("1E+999");
        assertThat(parameters.path("list").toString()).isEqualTo("[1,null,2.5,\"c\"]");
        assertThat(parameters.path("enum").asText()).isEqualTo("NEW");
        assertThat(parameters.path("none").isNull()).isTrue();
        assertThat(parameters.has("none")).isTrue();
        // Of anything else nobody knows what it would show of itself.
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Event.named("A").requestParameter("order", new Object()))
                .withMessageContaining("java.lang.Object");
        var tooDeep = new ArrayList<Object>();
        tooDeep.add(tooDeep);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Event.named("A").requestParameter("loop", tooDeep))
                .withMessageContaining("levels deep");
        assertThatIllegalArgumentException().isThrownBy(() -> Event.named(" "));
    }
}
