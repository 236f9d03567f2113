package dev.cairn.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.embedded.disk.DataFolder;
import dev.cairn.embedded.ledger.LedgerSettings;
import dev.cairn.embedded.ledger.SegmentLedger;
import dev.cairn.gateway.link.Credential;
import dev.cairn.secret.Secret;
import dev.cairn.server.configuration.Configuration;
import dev.cairn.server.configuration.Settings;
import dev.cairn.testkit.ledger.Entries;
import dev.cairn.testkit.wire.ScriptedServer;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A gateway of its own, and the Cairn it records to.
class GatewayProcessTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ROOT = "AKIAIOSFODNN7EXAMPLE";
    private static final String SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    private static final String ACCOUNT = "999988887777";

    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir private Path folder = Path.of("");
    private ScriptedServer upstream;

    @BeforeEach
    void start() throws IOException {
        upstream =
                new ScriptedServer(peer -> {
                    while (true) {
                        peer.head();
                        peer.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                    }
                });
    }

    @AfterEach
    void stop() throws IOException {
        http.close();
        upstream.close();
    }

    private Cairn cairn(int port, String... set) throws Exception {
        return Cairn.start(
                configuration(
                        "cairn",
                        more(
                                set,
                                "http.port=" + port,
                                "account.id=" + ACCOUNT,
                                "auth.root-access-key=" + ROOT,
                                "auth.root-secret-key=" + SECRET)));
    }

    private GatewayProcess gateway(URI cairn, String... set) throws Exception {
        return gateway(cairn, new Credential.Key(ROOT, new Secret(SECRET), Optional.empty()), set);
    }

    private GatewayProcess gateway(URI cairn, Credential credential, String... set)
            throws Exception {
        return GatewayProcess.start(
                configuration(
                        "gateway",
                        more(
                                set,
                                "http.port=0",
                                "gateway.listen=127.0.0.1:0",
                                "gateway.upstream=" + upstream.address())),
                new GatewayProcess.Home(cairn, credential, null));
    }

    private static List<String> more(String[] set, String... first) {
        var all = new ArrayList<>(List.of(first));
        all.addAll(List.of(set));
        return all;
    }

    private Configuration configuration(String name, List<String> set) throws Exception {
        var settings = new Settings();
        for (var one : set) {
            var at = one.indexOf('=');
            settings.set(one.substring(0, at), one.substring(at + 1), "test");
        }
        return Configuration.of(folder.resolve(name), settings);
    }

    private int delete(GatewayProcess gateway, String key) throws Exception {
        var request =
                HttpRequest.newBuilder(URI.create(gateway.addresses() + "/bucket/" + key))
                        .header(
                                "Authorization",
                                "AWS4-HMAC-SHA256 Credential=%s/20261121/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=00"
                                        .formatted(ROOT))
                        .DELETE()
                        .build();
        return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    private String health(GatewayProcess gateway) throws Exception {
        var answer =
                http.send(
                        HttpRequest.newBuilder(gateway.inside().resolve("/health")).build(),
                        HttpResponse.BodyHandlers.ofString());
        return answer.statusCode() + " " + answer.body().strip();
    }

    private List<JsonNode> recorded(String name) throws Exception {
        var events = new ArrayList<JsonNode>();
        try (var data = DataFolder.open(folder.resolve("cairn"));
                var ledger =
                        SegmentLedger.open(
                                data.disk(), LedgerSettings.DEFAULTS, InstantSource.system())) {
            for (var held : Entries.held(ledger, 0)) {
                var event = JSON.readTree(held.entry().json());
                if (event.path("eventName").asText().equals(name)) {
                    events.add(event);
                }
            }
        }
        return events;
    }

    @Test
    void a_call_is_an_event_of_the_cairn_and_its_caller_has_a_name() throws Exception {
        try (var cairn = cairn(0);
                var gateway = gateway(cairn.endpoint())) {
            assertThat(delete(gateway, "a")).isEqualTo(200);
            assertThat(health(gateway)).isEqualTo("200 {\"status\":\"up\",\"trouble\":[]}");
            // What the counters count must not be gone with what nobody else holds.
            System.gc();
            var metrics =
                    http.send(
                            HttpRequest.newBuilder(gateway.inside().resolve("/metrics")).build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(metrics.body())
                    .contains(
                            "cairn_gateway_passed_total 1.0",
                            "cairn_gateway_unknown_keys_total 0.0");
        }

        var event = recorded("DeleteObject").getFirst();
        assertThat(event.path("requestParameters").path("key").asText()).isEqualTo("a");
        assertThat(event.path("userIdentity").path("arn").asText())
                .isEqualTo("arn:aws:iam::%s:root".formatted(ACCOUNT));
        assertThat(event.path("awsRegion").asText()).isEqualTo("eu-west-1");
    }

    @Test
    void whoever_nobody_knows_calls_in_the_account_of_the_gateways_key() throws Exception {
        try (var cairn = cairn(0);
                var gateway = gateway(cairn.endpoint())) {
            http.send(
                    HttpRequest.newBuilder(URI.create(gateway.addresses() + "/bucket/a"))
                            .DELETE()
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
        }

        assertThat(recorded("DeleteObject").getFirst().path("recipientAccountId").asText())
                .isEqualTo(ACCOUNT);
    }

    @Test
    void while_cairn_is_away_a_strict_gateway_passes_nothing_on() throws Exception {
        var cairn = cairn(0);
        try (var gateway = gateway(cairn.endpoint())) {
            cairn.close();

            assertThat(delete(gateway, "turned-away")).isEqualTo(503);
            assertThat(upstream.otherHeads()).isEmpty();
            assertThat(health(gateway))
                    .startsWith("503 {\"status\":\"down\",\"trouble\":[\"no Cairn answers at ");
        }
    }

    @Test
    void while_cairn_takes_nothing_a_strict_gateway_passes_nothing_on() throws Exception {
        try (var cairn = cairn(0, "ledger.disk-free-min=1000000GB");
                var gateway = gateway(cairn.endpoint())) {
            // The ledger knows when it has been asked to record something: a refusal.
            http.send(
                    HttpRequest.newBuilder(cairn.endpoint().resolve("/intake/v1/events"))
                            .POST(HttpRequest.BodyPublishers.noBody())
                            .build(),
                    HttpResponse.BodyHandlers.discarding());

            assertThat(delete(gateway, "turned-away")).isEqualTo(503);
            assertThat(upstream.otherHeads()).isEmpty();
        }
    }

    @Test
    void while_cairn_is_away_a_spooling_gateway_goes_on_and_starts_again() throws Exception {
        var cairn = cairn(0);
        var port = cairn.endpoint().getPort();
        try (var gateway = gateway(cairn.endpoint(), "gateway.mode=spool")) {
            assertThat(delete(gateway, "first")).isEqualTo(200);
            cairn.close();
            assertThat(delete(gateway, "kept")).isEqualTo(200);
            assertThat(health(gateway)).startsWith("200 {\"status\":\"up\"");
        }
        try (var gateway = gateway(cairn.endpoint(), "gateway.mode=spool")) {
            assertThat(delete(gateway, "kept-too")).isEqualTo(200);
        }
        try (var _ = cairn(port);
                var gateway = gateway(cairn.endpoint())) {
            assertThat(delete(gateway, "last")).isEqualTo(200);
        }

        var keys =
                recorded("DeleteObject").stream()
                        .map(event -> event.path("requestParameters").path("key").asText())
                        .toList();
        assertThat(keys).doesNotHaveDuplicates().contains("last");
        assertThat(recorded("DeleteObject"))
                .allSatisfy(event ->
                        assertThat(event.path("userIdentity").path("type").asText())
                                .isEqualTo("Root"));
    }

    @Test
    void a_first_start_needs_cairn_and_a_key_that_is_good_for_it() throws Exception {
        URI gone;
        try (var cairn = cairn(0)) {
            gone = cairn.endpoint();
            assertThatThrownBy(() ->
                            gateway(
                                    cairn.endpoint(),
                                    new Credential.Token(new Secret("CTOKNOBODYS.secret"))))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("Cairn answered 401")
                    .hasMessageContaining("cairn token create --for gateway")
                    .hasMessageNotContaining("secret");
        }

        assertThatThrownBy(() -> gateway(gone))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("no Cairn answers at " + gone)
                .hasMessageContaining("first start needs Cairn");
    }

    @Test
    void neither_takes_the_folder_of_the_other() throws Exception {
        try (var cairn = cairn(0)) {
            gateway(cairn.endpoint()).close();
            assertThat(folder.resolve("gateway/gateway.json")).doesNotExist();
            Files.move(folder.resolve("gateway"), folder.resolve("moved"));
            assertThatThrownBy(() -> Cairn.start(configuration("moved", List.of("http.port=0"))))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("cairn gateway 1");
        }
        Files.move(folder.resolve("cairn"), folder.resolve("gateway"));
        assertThatThrownBy(() -> gateway(URI.create("http://127.0.0.1:1")))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("cairn data 3");
    }

    @Test
    void what_never_becomes_a_call_is_recorded_too() throws Exception {
        try (var cairn = cairn(0);
                var gateway = gateway(cairn.endpoint(), "gateway.sample-reads=0")) {
            var address = URI.create(gateway.addresses());
            try (var socket = new Socket(address.getHost(), address.getPort())) {
                socket.getOutputStream()
                        .write(
                                "PUT /b/k HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"
                                        .getBytes(StandardCharsets.ISO_8859_1));
                assertThat(
                                new String(
                                        socket.getInputStream().readAllBytes(),
                                        StandardCharsets.ISO_8859_1))
                        .startsWith("HTTP/1.1 400 ");
            }
        }

        assertThat(recorded("PassCall")).hasSize(1);
        assertThat(recorded("PassCall").getFirst().path("recipientAccountId").asText())
                .isEqualTo(ACCOUNT);
        assertThat(recorded("SampledReads")).hasSize(1);
    }
}
