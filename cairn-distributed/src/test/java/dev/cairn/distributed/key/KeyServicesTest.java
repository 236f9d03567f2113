package dev.cairn.distributed.key;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.secret.KeyService;
import dev.cairn.secret.KeyServiceException;
import dev.cairn.secret.KeyServiceException.Kind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyServicesTest {
    private static final byte[] KEY = "32 bytes that are the master key".getBytes(UTF_8);
    private static final Map<String, String> GOOD = Map.of("VAULT_TOKEN", "s.good");
    private static final String ARN = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab";

    @TempDir private Path home = Path.of("");

    private static KeyService service(String setting, Map<String, String> environment) {
        return KeyServices.of(setting, environment).orElseThrow();
    }

    @Test
    void other_settings_name_no_service() {
        for (var setting : new String[] {"", "file:/vault:x", "env:AWS", "command:vault read x"}) {
            assertThat(KeyServices.of(setting, Map.of())).as(setting).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "aws-kms://",
                "aws-kms://1234abcd-12ab",
                "aws-kms://arn:aws:s3:eu-central-1:123456789012:key/1",
                "aws-kms://arn:aws:kms:eu-central-1:123456789012:key/1 2",
                "aws-kms://arn:aws:kms:eu-central-1:123456789012:key/1?endpoint=ftp://x",
                "aws-kms://arn:aws:kms:eu-central-1:123456789012:key/1?endpoint=http://u:secret@x",
                "vault:vault.example.org/v1/transit/keys/cairn",
                "vault:https://vault.example.org/transit/keys/cairn",
                "vault:https://vault.example.org/v1/transit/keys/",
                "vault:https://vault.example.org/v1/transit/keys/a/b",
                "vault:https://vault.example.org/v1/transit/keys/a?token=secret",
                "vault:https://vault.example.org/v1/transit/keys/a#secret",
                "vault:https://u:secret@vault.example.org/v1/transit/keys/a",
            })
    void a_service_in_another_form_is_refused(String setting) {
        assertThatThrownBy(() -> KeyServices.of(setting, GOOD))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("keys.master: expected ")
                .hasMessageEndingWith(", got another form")
                .hasMessageNotContaining("secret");
    }

    @Test
    void an_endpoint_is_no_part_of_a_keys_name() {
        try (var service =
                service("aws-kms://" + ARN + "?endpoint=http://127.0.0.1:4580", Map.of())) {
            assertThat(service.name()).isEqualTo("aws-kms://" + ARN);
        }
    }

    @Test
    void vault_wraps_and_unwraps() throws Exception {
        try (var transit = new SmallTransit();
                var service = service("vault:" + transit.key("cairn"), GOOD)) {
            assertThat(service.name()).isEqualTo("vault:" + transit.key("cairn"));
            var wrapped = service.wrap(KEY);
            assertThat(wrapped).startsWith("vault:v1:").doesNotContainAnyWhitespaces();
            assertThat(service.unwrap(wrapped)).isEqualTo(KEY);
            assertThat(transit.namespace()).isEmpty();
        }
    }

    @Test
    void vaults_token_may_lie_in_the_home_folder_and_a_namespace_be_named() throws Exception {
        Files.writeString(home.resolve(".vault-token"), "s.good\n");
        try (var transit = new SmallTransit();
                var service =
                        service(
                                "vault:" + transit.key("cairn"),
                                Map.of("HOME", home.toString(), "VAULT_NAMESPACE", "audit"))) {
            assertThat(service.unwrap(service.wrap(KEY))).isEqualTo(KEY);
            assertThat(transit.namespace()).isEqualTo("audit");
        }
    }

    @Test
    void vaults_token_is_stripped_and_one_of_another_form_is_not_said_again() throws Exception {
        try (var transit = new SmallTransit()) {
            var key = "vault:" + transit.key("cairn");
            var good = Map.of("VAULT_TOKEN", " s.good\n", "VAULT_NAMESPACE", "audit\n");
            try (var service = service(key, good)) {
                assertThat(service.unwrap(service.wrap(KEY))).isEqualTo(KEY);
                assertThat(transit.namespace()).isEqualTo("audit");
            }
            Files.writeString(home.resolve(".vault-token"), "s.good\ns.secret\n");
            for (var environment :
                    List.of(
                            Map.of("VAULT_TOKEN", "s.good\ns.secret"),
                            Map.of("VAULT_TOKEN", "s.secret\u00e9"),
                            Map.of("HOME", home.toString()),
                            Map.of("VAULT_TOKEN", "s.good", "VAULT_NAMESPACE", "a\nsecret"))) {
                try (var service = service(key, environment)) {
                    assertThatThrownBy(() -> service.wrap(KEY))
                            .isInstanceOf(KeyServiceException.class)
                            .hasMessageContaining("expected printable ASCII without spaces")
                            .hasMessageNotContainingAny("s.good", "secret");
                }
            }
        }
    }

    private static void fails(KeyService service, Kind kind, String words) {
        assertThatThrownBy(() -> service.unwrap("vault:v1:AAAA"))
                .isInstanceOf(KeyServiceException.class)
                .hasMessageContaining(words)
                .satisfies(failure ->
                        assertThat(((KeyServiceException) failure).kind()).isEqualTo(kind));
    }

    @Test
    void vault_says_why_not() throws Exception {
        try (var transit = new SmallTransit()) {
            var key = "vault:" + transit.key("cairn");
            try (var service = service(key, Map.of("VAULT_TOKEN", "s.bad"))) {
                fails(service, Kind.DENIED, "decrypt answers 403: permission denied");
            }
            try (var service = service(key, Map.of("HOME", home.toString()))) {
                fails(service, Kind.DENIED, "VAULT_TOKEN or " + home.resolve(".vault-token"));
            }
            try (var service = service(key, GOOD)) {
                assertThatThrownBy(() -> service.unwrap("what"))
                        .isInstanceOf(KeyServiceException.class)
                        .hasMessage("decrypt answers 400: invalid ciphertext: no prefix");
            }
            try (var service = service("vault:" + transit.key("other"), GOOD)) {
                assertThatThrownBy(() -> service.wrap(KEY))
                        .isInstanceOf(KeyServiceException.class)
                        .hasMessage("encrypt answers 400: encryption key not found");
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "503 | {\"errors\":[\"Vault is sealed\"]} | answers 503: Vault is sealed",
                "429 | {\"errors\":[]}                    | answers 429",
                "502 | <html>                             | answers 502",
                "200 | {\"data\":{}}                      | expected data.plaintext",
                "200 | no JSON                            | expected data.plaintext",
            })
    void a_vault_that_cannot_now_is_unavailable(int status, String body, String words)
            throws Exception {
        try (var transit = new SmallTransit();
                var service = service("vault:" + transit.key("cairn"), GOOD)) {
            transit.answerInstead(status, body);
            fails(service, Kind.UNAVAILABLE, words);
        }
    }

    @Test
    void a_service_that_is_away_is_unavailable() throws Exception {
        try (var held = new Socket()) {
            // Bound and not listening: nobody else gets the port, and nobody answers there.
            held.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            var address = "http://127.0.0.1:" + held.getLocalPort();
            try (var service = service("vault:" + address + "/v1/transit/keys/cairn", GOOD)) {
                fails(service, Kind.UNAVAILABLE, "decrypt fails");
            }
        }
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void an_answer_that_does_not_end_is_unavailable() throws Exception {
        try (var transit = new SmallTransit();
                var service =
                        VaultKeyService.of(
                                transit.key("cairn"),
                                "secrets/transit",
                                "cairn",
                                GOOD,
                                Duration.ofMillis(500))) {
            transit.stall();
            fails(service, Kind.UNAVAILABLE, "expected an answer to decrypt within 500 ms");
        }
        try (var transit = new SmallTransit();
                var service = service("vault:" + transit.key("cairn"), GOOD)) {
            transit.answerInstead(200, " ".repeat(1 << 17));
            fails(service, Kind.UNAVAILABLE, "decrypt fails");
        }
    }
}
