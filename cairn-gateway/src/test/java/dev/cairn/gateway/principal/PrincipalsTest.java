package dev.cairn.gateway.principal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cairn.account.Accounts;
import dev.cairn.account.Credentials;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.secret.Secret;
import dev.cairn.secret.Secrets;
import dev.cairn.secret.Vault;
import dev.cairn.testkit.catalog.MemoryCatalog;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrincipalsTest {
    private static final String ACCOUNT = "111122223333";
    private static final String GATEWAY_ACCOUNT = "999988887777";
    private static final Instant NOW = Instant.parse("2026-11-21T01:02:03Z");

    private final MemoryCatalog catalog = new MemoryCatalog();
    private Principals principals = new Principals(catalog, accounts());

    private Accounts accounts() {
        var random = new Random(7);
        Secrets secrets =
                count -> {
                    var bytes = new byte[count];
                    random.nextBytes(bytes);
                    return bytes;
                };
        try {
            return Accounts.open(
                    catalog,
                    new Vault(secrets.bytes(32), secrets),
                    secrets,
                    InstantSource.fixed(NOW),
                    new Accounts.Settings(
                            "123456789012", new Credentials("AKIAOWN", new Secret("secret"))));
        } catch (dev.cairn.catalog.CatalogException failure) {
            throw new IllegalStateException(failure);
        }
    }

    @BeforeEach
    void open() {
        principals = new Principals(catalog, accounts());
    }

    private void put(Principal principal) throws Exception {
        catalog.<Integer, RuntimeException>write(transaction -> {
            principals.put(transaction, principal);
            return 0;
        });
    }

    private static Request signedBy(String key) {
        return new Request(
                "GET",
                "/",
                "",
                Headers.of(
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=%s/20261121/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=00"
                                .formatted(key)));
    }

    private String identity(String key) throws Exception {
        var identity = principals.identify(signedBy(key), GATEWAY_ACCOUNT, NOW);
        return identity.account() + " " + identity.json();
    }

    @Test
    void a_user_has_a_name() throws Exception {
        put(Principal.of("AKIAMARY", "IAMUser", ACCOUNT, "team/mary", "", "AIDAMARY"));

        assertThat(identity("AKIAMARY"))
                .isEqualTo(
                        "111122223333 {\"type\":\"IAMUser\",\"principalId\":\"AIDAMARY\",\"arn\":\"arn:aws:iam::111122223333:user/team/mary\","
                                + "\"accountId\":\"111122223333\",\"accessKeyId\":\"AKIAMARY\",\"userName\":\"mary\"}");
    }

    @Test
    void a_role_has_a_session_and_an_issuer() throws Exception {
        put(Principal.of("ASIAROLE", "AssumedRole", ACCOUNT, "deployer", "ci-7", "AROADEPLOY"));

        assertThat(identity("ASIAROLE"))
                .isEqualTo(
                        "111122223333 {\"type\":\"AssumedRole\",\"principalId\":\"AROADEPLOY:ci-7\",\"arn\":\"arn:aws:sts::111122223333:assumed-role/deployer/ci-7\","
                                + "\"accountId\":\"111122223333\",\"accessKeyId\":\"ASIAROLE\",\"sessionContext\":{\"sessionIssuer\":{\"type\":\"Role\","
                                + "\"principalId\":\"AROADEPLOY\",\"arn\":\"arn:aws:iam::111122223333:role/deployer\",\"accountId\":\"111122223333\",\"userName\":\"deployer\"}}}");
    }

    @Test
    void root_federated_users_and_services_are_themselves() throws Exception {
        put(Principal.of("AKIAROOT", "Root", ACCOUNT, "", "", ""));
        put(Principal.of("ASIAFED", "FederatedUser", ACCOUNT, "alice", "", ""));
        put(Principal.of("AKIASVC", "AWSService", ACCOUNT, "backup.example.com", "", ""));

        assertThat(identity("AKIAROOT"))
                .contains("\"type\":\"Root\"", "arn:aws:iam::111122223333:root");
        assertThat(identity("ASIAFED"))
                .contains(
                        "\"principalId\":\"111122223333:alice\"",
                        "arn:aws:sts::111122223333:federated-user/alice");
        assertThat(identity("AKIASVC"))
                .isEqualTo(
                        "111122223333 {\"type\":\"AWSService\",\"invokedBy\":\"backup.example.com\"}");
    }

    @Test
    void cairns_own_keys_are_known_and_others_are_the_gateways() throws Exception {
        assertThat(identity("AKIAOWN"))
                .startsWith("123456789012 ")
                .contains("arn:aws:iam::123456789012:root");
        assertThat(identity("AKIANOBODY"))
                .isEqualTo(
                        "999988887777 {\"type\":\"Unknown\",\"principalId\":\"\",\"accountId\":\"999988887777\",\"accessKeyId\":\"AKIANOBODY\"}");
        var nobody =
                principals.identify(
                        new Request("GET", "/", "", Headers.NONE), GATEWAY_ACCOUNT, NOW);
        assertThat(nobody.account()).isEqualTo(GATEWAY_ACCOUNT);
        assertThat(nobody.json().path("accountId").asText()).isEqualTo("ANONYMOUS_PRINCIPAL");
    }

    @Test
    void a_change_holds_at_once_and_a_restart_keeps_it() throws Exception {
        put(Principal.of("AKIAMARY", "IAMUser", ACCOUNT, "mary", "", ""));
        var made = principals.find("AKIAMARY").orElseThrow().principalId();
        assertThat(made).matches("AIDA[0-9A-Z]{17}");
        put(Principal.of("AKIAMARY", "IAMUser", ACCOUNT, "maria", "", ""));
        assertThat(identity("AKIAMARY")).contains("user/maria").doesNotContain(made);
        put(Principal.of("AKIAMARY", "IAMUser", ACCOUNT, "mary", "", ""));
        assertThat(identity("AKIAMARY")).contains(made);

        open();
        assertThat(principals.list("", 10)).extracting(Principal::name).containsExactly("mary");
        var removed =
                catalog.<Boolean, RuntimeException>write(
                        transaction -> principals.remove(transaction, "AKIAMARY"));
        assertThat(removed).isTrue();
        assertThat(identity("AKIAMARY")).contains("Unknown");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|IAMUser|111122223333|mary|''",
                "AKIA 1|IAMUser|111122223333|mary|''",
                "AKIA|Admin|111122223333|mary|''",
                "AKIA|IAMUser|1111|mary|''",
                "AKIA|IAMUser|111122223333|''|''",
                "AKIA|IAMUser|111122223333|mary|session",
                "AKIA|AssumedRole|111122223333|role|''",
                "AKIA|Root|111122223333|root|''"
            })
    void what_makes_no_sense_is_refused(
            String key, String type, String account, String name, String session) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Principal.of(key, type, account, name, session, ""))
                .withMessageStartingWith("expected");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "AWS4-HMAC-SHA256 Credential=K/E/Y/20261121/us-east-1/s3/aws4_request, Signature=0|''|K/E/Y",
                "AWS4-ECDSA-P256-SHA256 Credential=KEY/20261121/s3/aws4_request,Signature=0|''|KEY",
                "AWS4-HMAC-SHA256 Credential=KEY|''|KEY",
                "AWS KEY:c2ln|''|KEY",
                "''|X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=KEY%2F20261121%2Fus-east-1%2Fs3%2Faws4_request|KEY",
                "''|AWSAccessKeyId=KEY&Expires=1&Signature=x|KEY",
                "Bearer KEY|''|''",
                "AWS4-HMAC-SHA256 Signature=0|''|''",
                "''|''|''"
            })
    void the_key_is_found_wherever_signatures_name_it(
            String authorization, String query, String key) {
        var headers =
                authorization.isEmpty() ? Headers.NONE : Headers.of("authorization", authorization);
        assertThat(ClaimedKey.of(new Request("GET", "/", query, headers)).orElse(""))
                .isEqualTo(key);
    }
}
