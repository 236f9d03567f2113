package dev.cairn.gateway.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.event.RefusalCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormsTest {
    private static final String SIGN_IN =
            """
            {"id":"kc-1","time":"2026-11-21T08:00:01.5Z","result":"Success","user":{"name":"mary"},\
            "sourceIPAddress":"203.0.113.9","userAgent":"Mozilla/5.0","mfaUsed":true,\
            "loginTo":"https://console.example.com/","provider":"https://idp.example.com",\
            "details":{"client":"web","access_token":"hunter2"}}\
            """;

    private static final String ROTATED =
            """
            {"time":"2026-11-21T08:00:01Z","service":"vault.example.com","event":"RotateKey",\
            "resource":{"type":"Vault::Key","arn":"arn:aws:kms:eu-west-1:111122223333:key/k-1"},\
            "details":{"keyId":"k-1"}}\
            """;

    private final Source signIns = new SignIns();
    private final Source serviceEvents = new ServiceEvents();

    @Test
    void a_sign_in_is_what_the_console_of_aws_leaves() throws Exception {
        var event = Listener.event(signIns, SIGN_IN);

        assertThat(event.path("eventType").asText()).isEqualTo("AwsConsoleSignIn");
        assertThat(event.path("eventSource").asText()).isEqualTo("signin.amazonaws.com");
        assertThat(event.path("eventName").asText()).isEqualTo("ConsoleLogin");
        assertThat(event.path("eventTime").asText()).isEqualTo("2026-11-21T08:00:01Z");
        assertThat(event.path("requestParameters").isNull()).isTrue();
        assertThat(event.path("responseElements").path("ConsoleLogin").asText())
                .isEqualTo("Success");
        assertThat(event.has("errorMessage")).isFalse();
        assertThat(event.path("readOnly").asBoolean()).isFalse();
        assertThat(event.path("managementEvent").asBoolean()).isTrue();
        var who = event.path("userIdentity");
        assertThat(who.path("type").asText()).isEqualTo("IAMUser");
        assertThat(who.path("userName").asText()).isEqualTo("mary");
        assertThat(who.path("arn").asText()).isEqualTo("arn:aws:iam::111122223333:user/mary");
        var additional = event.path("additionalEventData");
        assertThat(additional.path("MFAUsed").asText()).isEqualTo("Yes");
        assertThat(additional.path("LoginTo").asText()).isEqualTo("https://console.example.com/");
        assertThat(additional.path("details").path("client").asText()).isEqualTo("web");
        assertThat(event.toString()).doesNotContain("hunter2");
    }

    @Test
    void a_failed_sign_in_says_so_in_both_places() throws Exception {
        var event = Listener.event(signIns, SIGN_IN.replace("Success", "Failure"));

        assertThat(event.path("responseElements").path("ConsoleLogin").asText())
                .isEqualTo("Failure");
        assertThat(event.path("errorMessage").asText()).isEqualTo("Failed authentication");
    }

    @Test
    void root_and_roles_have_their_forms() throws Exception {
        var root =
                Listener.event(signIns, SIGN_IN.replace("\"name\":\"mary\"", "\"type\":\"Root\""));
        var role =
                Listener.event(
                        signIns,
                        SIGN_IN.replace(
                                "\"name\":\"mary\"",
                                "\"type\":\"AssumedRole\",\"name\":\"admin\",\"session\":\"mary\""));

        assertThat(root.path("userIdentity").path("arn").asText())
                .isEqualTo("arn:aws:iam::111122223333:root");
        assertThat(root.path("userIdentity").has("userName")).isFalse();
        assertThat(role.path("userIdentity").path("arn").asText())
                .isEqualTo("arn:aws:sts::111122223333:assumed-role/admin/mary");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "`\"result\":\"Success\",`, ``, MISSING_FIELD, result",
                "`\"result\":\"Success\"`, `\"result\":\"Maybe\"`, INVALID_FIELD, Failure or Success",
                "`\"sourceIPAddress\":\"203.0.113.9\",`, ``, MISSING_FIELD, sourceIPAddress",
                "`{\"name\":\"mary\"}`, `{}`, MISSING_FIELD, user.name",
                "`{\"name\":\"mary\"}`, `{\"nick\":\"m\"}`, INVALID_FIELD, user.nick",
                "`\"mfaUsed\":true`, `\"mfaUsed\":\"yes\"`, INVALID_FIELD, mfaUsed",
                "`2026-11-21T08:00:01.5Z`, `yesterday`, INVALID_FIELD, time",
                "`2026-11-21T08:00:01.5Z`, `2026-11-21T09:00:01Z`, TIME_IN_FUTURE, eventTime",
                "`\"mfaUsed\"`, `\"mfa\"`, INVALID_FIELD, mfa"
            })
    void a_form_not_filled_in_is_refused_with_the_member(
            String there, String instead, RefusalCode code, String named) throws Exception {
        var sifted = Listener.sift(signIns, SIGN_IN.replace(there, instead));

        assertThat(Listener.batch(sifted).taken()).isEmpty();
        var refusal = Listener.batch(sifted).refused().getFirst();
        assertThat(refusal.code()).isEqualTo(code);
        assertThat(refusal.message()).contains(named);
    }

    @Test
    void its_own_id_names_a_sign_in() throws Exception {
        var once = Listener.event(signIns, SIGN_IN);
        var again = Listener.event(signIns, " " + SIGN_IN.replace(",", ", "));
        var other = Listener.event(signIns, SIGN_IN.replace("kc-1", "kc-2"));

        assertThat(again.path("eventID")).isEqualTo(once.path("eventID"));
        assertThat(other.path("eventID")).isNotEqualTo(once.path("eventID"));
    }

    @Test
    void a_service_event_is_what_services_of_aws_leave() throws Exception {
        var event = Listener.event(serviceEvents, ROTATED);

        assertThat(event.path("eventType").asText()).isEqualTo("AwsServiceEvent");
        assertThat(event.path("eventSource").asText()).isEqualTo("vault.example.com");
        assertThat(event.path("eventName").asText()).isEqualTo("RotateKey");
        assertThat(event.path("userIdentity").path("invokedBy").asText())
                .isEqualTo("vault.example.com");
        assertThat(event.path("userIdentity").path("accountId").asText()).isEqualTo("111122223333");
        assertThat(event.path("serviceEventDetails").path("keyId").asText()).isEqualTo("k-1");
        assertThat(event.path("resources").path(0).path("ARN").asText())
                .isEqualTo("arn:aws:kms:eu-west-1:111122223333:key/k-1");
    }

    @Test
    void a_service_event_needs_a_name() throws Exception {
        var sifted = Listener.sift(serviceEvents, ROTATED.replace("RotateKey", "rotate key"));

        assertThat(Listener.batch(sifted).refused())
                .singleElement()
                .satisfies(refusal -> assertThat(refusal.message()).contains("such as RotateKey"));
    }
}
