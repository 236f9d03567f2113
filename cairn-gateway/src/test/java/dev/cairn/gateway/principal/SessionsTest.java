package dev.cairn.gateway.principal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.testkit.catalog.MemoryCatalog;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Keys that an STS hands out.
class SessionsTest {
    private static final Instant NOW = Instant.parse("2026-11-21T01:02:03.456Z");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ROLE =
            "{\"credentials\":{\"accessKeyId\":\"ASIAONE\",\"expiration\":\"Nov 21, 2026, 2:02:03 AM\"},"
                    + "\"assumedRoleUser\":{\"assumedRoleId\":\"AROADEPLOY:ci-7\",\"arn\":\"arn:aws:sts::111122223333:assumed-role/deployer/ci-7\"}}";
    private static final String ASKED =
            "{\"roleArn\":\"arn:aws:iam::111122223333:role/team/deployer\",\"roleSessionName\":\"ci-7\"}";

    private final Identity mary =
            Identity.of(
                    Principal.of("AKIAMARY", "IAMUser", "444455556666", "mary", "", "AIDAMARY"));

    private static JsonNode json(String text) throws Exception {
        return JSON.readTree(text);
    }

    private static Optional<HandedOut> read(
            String operation, String asked, String answered, Identity who) throws Exception {
        return HandedOut.of(operation, json(asked), json(answered), who, NOW);
    }

    @ParameterizedTest
    @ValueSource(strings = {"AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"})
    void a_role_is_named_as_records_name_it(String operation) throws Exception {
        var handedOut = read(operation, ASKED, ROLE, mary).orElseThrow();

        assertThat(handedOut.accessKeyId()).isEqualTo("ASIAONE");
        assertThat(handedOut.ends()).isEqualTo("2026-11-21T02:02:03Z");
        assertThat(handedOut.identity().account()).isEqualTo("111122223333");
        assertThat(handedOut.identity().json())
                .isEqualTo(
                        json(
                                """
                                {"type":"AssumedRole","principalId":"AROADEPLOY:ci-7",
                                "arn":"arn:aws:sts::111122223333:assumed-role/deployer/ci-7",
                                "accountId":"111122223333","accessKeyId":"ASIAONE","sessionContext":{
                                "sessionIssuer":{"type":"Role","principalId":"AROADEPLOY",
                                "arn":"arn:aws:iam::111122223333:role/team/deployer",
                                "accountId":"111122223333","userName":"deployer"},
                                "attributes":{"creationDate":"2026-11-21T01:02:03Z","mfaAuthenticated":"false"}}}
                                """));
    }

    @Test
    void a_role_without_an_account_is_of_the_callers() throws Exception {
        var identity =
                read(
                                "AssumeRole",
                                ASKED.replace("111122223333", ""),
                                ROLE.replace("111122223333", ""),
                                mary)
                        .orElseThrow()
                        .identity();

        assertThat(identity.account()).isEqualTo("444455556666");
        assertThat(identity.json().path("arn").asText())
                .isEqualTo("arn:aws:sts:::assumed-role/deployer/ci-7");
    }

    @Test
    void a_role_without_an_id_has_one_that_is_always_the_same() throws Exception {
        var ceph =
                "{\"credentials\":{\"accessKeyId\":\"KeyOne\"},"
                        + "\"assumedRoleUser\":{\"arn\":\"arn:aws:sts:::assumed-role/team/deployer/ci-7\"}}";

        for (var again : new String[] {ceph, ceph.replace("KeyOne", "KeyTwo")}) {
            var json = read("AssumeRole", ASKED, again, mary).orElseThrow().identity().json();
            assertThat(json.path("principalId").asText()).matches("AROA[0-9A-Z]{17}:ci-7");
            assertThat(json.path("principalId").asText())
                    .startsWith(
                            Principal.of(
                                            "k",
                                            "AssumedRole",
                                            "444455556666",
                                            "team/deployer",
                                            "other",
                                            "")
                                    .principalId());
            assertThat(json.path("sessionContext").path("sessionIssuer").path("principalId"))
                    .hasToString(
                            "\"%s\"".formatted(json.path("principalId").asText().split(":", 2)[0]));
        }
    }

    @Test
    void a_session_of_ones_own_has_ones_own_name() throws Exception {
        var token = "{\"credentials\":{\"accessKeyId\":\"ASIATWO\"}}";
        var handedOut =
                read("GetSessionToken", "{\"serialNumber\":\"arn:m\"}", token, mary).orElseThrow();

        assertThat(handedOut.ends()).isEqualTo(NOW.plus(Duration.ofHours(36)));
        assertThat(handedOut.identity().json())
                .isEqualTo(
                        json(
                                """
                                {"type":"IAMUser","principalId":"AIDAMARY","arn":"arn:aws:iam::444455556666:user/mary",
                                "accountId":"444455556666","accessKeyId":"ASIATWO","userName":"mary","sessionContext":{
                                "attributes":{"creationDate":"2026-11-21T01:02:03Z","mfaAuthenticated":"true"}}}
                                """));
        assertThat(mary.json().path("accessKeyId").asText()).isEqualTo("AKIAMARY");
        // MinIO's roles are nobody else.
        assertThat(
                        read("AssumeRole", "{}", token, mary)
                                .orElseThrow()
                                .identity()
                                .json()
                                .path("userName")
                                .asText())
                .isEqualTo("mary");
    }

    @Test
    void a_federated_user_has_who_let_them_in_as_issuer() throws Exception {
        var identity =
                read(
                                "GetFederationToken",
                                "{\"name\":\"bob\"}",
                                "{\"credentials\":{\"accessKeyId\":\"ASIAFED\"},\"federatedUser\":{\"federatedUserId\":\"444455556666:bob\",\"arn\":\"arn:aws:sts::444455556666:federated-user/bob\"}}",
                                mary)
                        .orElseThrow()
                        .identity();

        assertThat(identity.json().path("type").asText()).isEqualTo("FederatedUser");
        assertThat(identity.json().path("principalId").asText()).isEqualTo("444455556666:bob");
        assertThat(identity.json().path("sessionContext").path("sessionIssuer"))
                .isEqualTo(
                        json(
                                "{\"type\":\"IAMUser\",\"principalId\":\"AIDAMARY\",\"arn\":\"arn:aws:iam::444455556666:user/mary\",\"accountId\":\"444455556666\",\"userName\":\"mary\"}"));
    }

    @Test
    void what_says_nothing_of_a_key_or_too_much_is_not_learned() throws Exception {
        var nobody = Identity.unknown("444455556666", "AKIANOBODY");
        var token = "{\"credentials\":{\"accessKeyId\":\"ASIATWO\"}}";

        assertThat(HandedOut.of("AssumeRole", null, null, mary, NOW)).isEmpty();
        assertThat(read("AssumeRole", ASKED, "{}", mary)).isEmpty();
        assertThat(read("GetCallerIdentity", "{}", token, mary)).isEmpty();
        assertThat(read("GetSessionToken", "{}", token, nobody)).isEmpty();
        assertThat(read("AssumeRole", ASKED, ROLE.replace("ASIAONE", "ASIA ONE"), mary)).isEmpty();
        assertThat(read("AssumeRole", ASKED, ROLE.replace("/ci-7", "/ci\\n7"), mary)).isEmpty();
        assertThat(read("AssumeRole", ASKED, ROLE.replace("AROADEPLOY:", "A B:"), mary)).isEmpty();
    }

    private static Identity identity(String name) {
        return Identity.of(
                Principal.of("ASIA" + name, "FederatedUser", "444455556666", name, "", ""));
    }

    @Test
    void a_key_keeps_its_first_name_through_restarts_and_a_day_beyond_its_time() throws Exception {
        var catalog = new MemoryCatalog();
        var sessions = new Sessions(catalog, 10);
        var ends = NOW.plusSeconds(60);

        assertThat(sessions.find("ASIAbob", NOW)).isEmpty();
        assertThat(sessions.learn("ASIAbob", identity("bob"), ends, NOW)).isTrue();
        assertThat(sessions.learn("ASIAbob", identity("eve"), ends, NOW)).isFalse();

        for (var opened : new Sessions[] {sessions, new Sessions(catalog, 10)}) {
            assertThat(opened.find("ASIAbob", NOW)).contains(identity("bob"));
            assertThat(opened.find("ASIAbob", ends.plus(Duration.ofDays(1)))).isPresent();
            assertThat(opened.find("ASIAbob", ends.plus(Duration.ofDays(1)).plusMillis(1)))
                    .isEmpty();
        }
    }

    @Test
    void when_there_are_too_many_those_go_whose_time_is_over() throws Exception {
        var catalog = new MemoryCatalog();
        var sessions = new Sessions(catalog, 2);
        sessions.learn("a", identity("a"), NOW, NOW);
        sessions.learn("b", identity("b"), NOW.plus(Duration.ofDays(9)), NOW);

        assertThat(sessions.learn("c", identity("c"), NOW, NOW)).isFalse();

        var later = NOW.plus(Duration.ofDays(2));
        assertThat(sessions.learn("c", identity("c"), later, later)).isTrue();
        assertThat(catalog.list("gateway-session", "", "", 10))
                .extracting(document -> document.key())
                .containsExactly("b", "c");
        assertThat(new Sessions(catalog, 2).learn("d", identity("d"), later, later)).isFalse();
    }

    @Test
    void no_secret_is_kept() throws Exception {
        var catalog = new MemoryCatalog();
        var handedOut =
                read(
                                "AssumeRole",
                                ASKED,
                                ROLE.replace(
                                        "\"accessKeyId\"",
                                        "\"secretAccessKey\":\"s3cr3t\",\"sessionToken\":\"t0k3n\",\"accessKeyId\""),
                                mary)
                        .orElseThrow();
        new Sessions(catalog, 2)
                .learn(handedOut.accessKeyId(), handedOut.identity(), handedOut.ends(), NOW);

        assertThat(catalog.list("gateway-session", "", "", 10).getFirst().json())
                .contains("AROADEPLOY")
                .doesNotContain("s3cr3t")
                .doesNotContain("t0k3n");
    }
}
