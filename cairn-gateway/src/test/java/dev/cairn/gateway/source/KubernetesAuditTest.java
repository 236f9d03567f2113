package dev.cairn.gateway.source;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KubernetesAuditTest {
    private static final String CREATE =
            """
            {"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse",\
            "auditID":"0d1f0c9e-52a4-4f0e-9d3e-6a8c6f5f0a11","stage":"ResponseComplete",\
            "requestURI":"/api/v1/namespaces/prod/pods?fieldManager=kubectl-create","verb":"create",\
            "user":{"username":"jane","uid":"u-17","groups":["admins","system:authenticated"]},\
            "impersonatedUser":{"username":"system:admin"},\
            "sourceIPs":["198.51.100.1","203.0.113.9"],"userAgent":"kubectl/v1.31.0",\
            "objectRef":{"resource":"pods","namespace":"prod","name":"web-1","apiVersion":"v1"},\
            "responseStatus":{"metadata":{},"code":201},\
            "requestObject":{"kind":"Pod","spec":{"hostNetwork":true}},\
            "responseObject":{"kind":"Pod","metadata":{"uid":"p-9"}},\
            "requestReceivedTimestamp":"2026-11-21T08:00:01.123456Z",\
            "stageTimestamp":"2026-11-21T08:00:02.123456Z",\
            "annotations":{"authorization.k8s.io/decision":"allow"}}\
            """;

    private final Source kubernetes = new KubernetesAudit();

    private static String list(String... events) {
        return "{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"metadata\":{},\"items\":[%s]}"
                .formatted(String.join(",", events));
    }

    @Test
    void each_of_a_list_is_an_event() throws Exception {
        var sifted =
                Listener.sift(
                        kubernetes,
                        list(CREATE, CREATE.replace("0d1f0c9e", "1d1f0c9e"), "7", "{\"verb\":}"));

        assertThat(Listener.batch(sifted).taken()).hasSize(2);
        assertThat(Listener.batch(sifted).indexes()).containsExactly(0, 1);
        assertThat(Listener.batch(sifted).refused()).hasSize(2);
        var event = Listener.events(sifted).getFirst();
        assertThat(event.path("eventSource").asText()).isEqualTo("kubernetes.io");
        assertThat(event.path("eventName").asText()).isEqualTo("CreatePods");
        assertThat(event.path("eventTime").asText()).isEqualTo("2026-11-21T08:00:01Z");
        assertThat(event.path("readOnly").asBoolean()).isFalse();
        assertThat(event.path("eventCategory").asText()).isEqualTo("Management");
        assertThat(event.path("sourceIPAddress").asText()).isEqualTo("203.0.113.9");
        assertThat(event.path("userIdentity").path("type").asText()).isEqualTo("KubernetesUser");
        assertThat(event.path("userIdentity").path("userName").asText()).isEqualTo("jane");
        assertThat(event.path("userIdentity").path("accountId").asText()).isEqualTo("111122223333");
        var asked = event.path("requestParameters");
        assertThat(asked.path("namespace").asText()).isEqualTo("prod");
        assertThat(asked.path("name").asText()).isEqualTo("web-1");
        assertThat(asked.path("impersonatedUser").asText()).isEqualTo("system:admin");
        assertThat(asked.path("requestObject").path("spec").path("hostNetwork").asBoolean())
                .isTrue();
        assertThat(event.path("responseElements").path("metadata").path("uid").asText())
                .isEqualTo("p-9");
        assertThat(event.path("requestID").asText())
                .isEqualTo("0d1f0c9e-52a4-4f0e-9d3e-6a8c6f5f0a11");
        assertThat(
                        event.path("additionalEventData")
                                .path("original")
                                .path("annotations")
                                .path("authorization.k8s.io/decision")
                                .asText())
                .isEqualTo("allow");
    }

    @Test
    void lines_of_the_log_file_are_taken_too() throws Exception {
        assertThat(Listener.batch(Listener.sift(kubernetes, CREATE + "\n" + CREATE + "\n")).taken())
                .hasSize(2);
    }

    @Test
    void a_request_has_one_id_in_the_list_and_in_the_log_file_and_none_that_its_client_chose()
            throws Exception {
        var inList =
                Listener.event(
                        kubernetes,
                        list(
                                CREATE.replace(
                                        "\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",",
                                        "")));
        var inFile = Listener.event(kubernetes, CREATE);
        var later =
                Listener.event(kubernetes, CREATE.replace("08:00:01.123456", "08:00:01.123457"));

        assertThat(inFile.path("eventID")).isEqualTo(inList.path("eventID"));
        assertThat(later.path("eventID")).isNotEqualTo(inList.path("eventID"));
    }

    @Test
    void a_request_that_only_came_is_passed_over_and_counted() throws Exception {
        var sifted =
                Listener.sift(
                        kubernetes,
                        list(CREATE.replace("ResponseComplete", "RequestReceived"), CREATE));

        assertThat(sifted.passedOver()).isEqualTo(1);
        assertThat(Listener.batch(sifted).taken()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "get, secrets, '', GetSecrets, true",
        "create, pods, exec, CreatePodsExec, false",
        "get, pods, exec, GetPodsExec, false",
        "deletecollection, pods, '', DeleteCollectionPods, false",
        "watch, deployments, '', WatchDeployments, true"
    })
    void verb_and_resource_make_the_name(
            String verb, String resource, String subresource, String name, boolean readOnly)
            throws Exception {
        var event =
                Listener.event(
                        kubernetes,
                        """
                        {"stage":"ResponseComplete","verb":"%s","objectRef":{"resource":"%s","subresource":"%s"}}\
                        """
                                .formatted(verb, resource, subresource));

        assertThat(event.path("eventName").asText()).isEqualTo(name);
        assertThat(event.path("readOnly").asBoolean()).isEqualTo(readOnly);
        // It says no time: that of receipt.
        assertThat(event.path("eventTime").asText()).isEqualTo("2026-11-21T08:00:05Z");
        assertThat(event.path("additionalEventData").path("eventTimeOf").asText())
                .isEqualTo("receipt");
    }

    @Test
    void secrets_are_never_shown() throws Exception {
        var event =
                Listener.event(
                        kubernetes,
                        CREATE.replace("\"resource\":\"pods\"", "\"resource\":\"secrets\"")
                                .replace("\"hostNetwork\":true", "\"data\":\"aHVudGVyMg==\"")
                                .replace("fieldManager=kubectl-create", "token=hunter3"));

        assertThat(event.path("eventName").asText()).isEqualTo("CreateSecrets");
        assertThat(event.toString()).doesNotContain("aHVudGVyMg==", "hunter3", "p-9");
        assertThat(event.path("requestParameters").path("name").asText()).isEqualTo("web-1");
    }

    @Test
    void a_refused_request_says_why() throws Exception {
        var event =
                Listener.event(
                        kubernetes,
                        CREATE.replace(
                                "\"metadata\":{},\"code\":201",
                                "\"status\":\"Failure\",\"reason\":\"Forbidden\",\"message\":\"jane may not\",\"code\":403"));

        assertThat(event.path("errorCode").asText()).isEqualTo("Forbidden");
        assertThat(event.path("errorMessage").asText()).isEqualTo("jane may not");
        assertThat(event.path("responseElements").isNull()).isTrue();
    }

    @Test
    void what_is_too_large_to_stand_beside_is_named_by_its_hash() throws Exception {
        var event =
                Listener.event(
                        kubernetes,
                        CREATE.replace(
                                "\"hostNetwork\":true",
                                "\"blob\":\"%s\"".formatted("x".repeat(300_000))));

        assertThat(event.path("requestParameters").path("name").asText()).isEqualTo("web-1");
        var additional = event.path("additionalEventData");
        assertThat(additional.has("original")).isFalse();
        assertThat(additional.path("originalOmitted").path("bytes").asInt()).isGreaterThan(300_000);
        assertThat(additional.path("originalOmitted").path("sha256").asText()).hasSize(64);
    }
}
