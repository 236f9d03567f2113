package dev.cairn.server.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.distributed.archive.S3Destination;
import dev.cairn.embedded.ledger.LedgerSettings;
import dev.cairn.secret.Secret;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
    @TempDir private Path folder;

    @Test
    void every_default_can_be_used() throws Exception {
        var configuration = Configuration.of(folder, new Settings());

        assertThat(configuration.accountId()).isEqualTo("123456789012");
        assertThat(configuration.historyRetention()).isEqualTo(Duration.ofDays(90));
        assertThat(configuration.eventBytesMax()).isEqualTo(256 * 1024);
    }

    @Test
    void an_unknown_key_names_the_nearest() {
        assertThatThrownBy(() -> new Settings().set("history.retentoin", "1d", "--set"))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'history.retentoin'")
                .hasMessageContaining("the nearest is 'history.retention'");
    }

    @Test
    void an_unknown_variable_stops_the_start_and_other_variables_do_not() throws Exception {
        new Settings().readEnvironment(Map.of("PATH", "/bin", "CAIRN_JAVA_OPTS", "-Xmx1g"));

        assertThatThrownBy(() ->
                        new Settings().readEnvironment(Map.of("CAIRN_HISTORY_RETENTON", "1d")))
                .hasMessageContaining("the nearest setting is 'history.retention'");
    }

    @Test
    void the_command_line_is_stronger_than_variables_and_those_than_the_file() throws Exception {
        var file =
                Files.writeString(
                        folder.resolve("c.properties"), "http.port=1\nregion=a\nlog.level=warn\n");
        var settings = new Settings();
        settings.readFile(file);
        settings.readEnvironment(Map.of("CAIRN_HTTP_PORT", "2", "CAIRN_REGION", "b"));
        settings.set("http.port", "3", "--set");

        assertThat(settings.text(Setting.PORT)).isEqualTo("3");
        assertThat(settings.text(Setting.REGION)).isEqualTo("b");
        assertThat(settings.text(Setting.LOG_LEVEL)).isEqualTo("warn");
    }

    @Test
    void a_value_that_cannot_be_used_says_what_was_expected() throws Exception {
        var settings = new Settings();
        settings.set("history.retention", "soon", "--set");

        assertThatThrownBy(() -> Configuration.of(folder, settings))
                .hasMessage(
                        "history.retention: expected a duration such as 200ms, 30s, 15m, 24h or 90d, got 'soon'");
    }

    @Test
    void a_root_key_without_its_secret_is_refused() throws Exception {
        var settings = new Settings();
        settings.set("auth.root-access-key", "AKIAIOSFODNN7EXAMPLE", "--set");

        assertThatThrownBy(() -> Configuration.of(folder, settings))
                .hasMessageContaining("both or neither");
    }

    @Test
    void sizes_and_durations_are_read() throws Exception {
        var settings = new Settings();
        settings.set("intake.event-bytes-max", "1MB", "--set");
        settings.set("history.retention", "forever", "--set");
        var configuration = Configuration.of(folder, settings);

        assertThat(configuration.eventBytesMax()).isEqualTo(1 << 20);
        assertThat(configuration.historyRetention()).isNull();
    }

    @Test
    void a_queue_that_could_not_take_one_whole_body_stops_the_start() throws Exception {
        var settings = new Settings();
        settings.set("ledger.queue-bytes", "31MB", "--set");

        assertThatThrownBy(() -> Configuration.of(folder, settings))
                .hasMessage(
                        "ledger.queue-bytes: expected at least 33554432 bytes, twice intake.body-bytes-max, so that the events of any one body fit, got '31MB'");

        settings.set("intake.body-bytes-max", "15MB", "--set");
        assertThat(Configuration.of(folder, settings).queueBytes()).isEqualTo(31 << 20);
    }

    @Test
    void a_queue_that_could_not_take_one_batch_of_an_import_stops_the_start() throws Exception {
        var settings = new Settings();
        settings.set("intake.body-bytes-max", "1MB", "--set");
        settings.set("ledger.queue-bytes", "4MB", "--set");

        assertThatThrownBy(() -> Configuration.of(folder, settings))
                .hasMessageStartingWith("ledger.queue-bytes: expected a size");
    }

    @Test
    void every_queue_that_can_be_set_is_one_the_ledger_takes() throws Exception {
        var settings = new Settings();
        settings.set("ledger.queue-bytes", "1GB", "--set");
        var bytes = Configuration.of(folder, settings).queueBytes();

        assertThat(LedgerSettings.DEFAULTS.withQueueBytesMax(bytes).queueBytesMax())
                .isEqualTo(1L << 30);
        settings.set("ledger.queue-bytes", "2GB", "--set");
        assertThatThrownBy(() -> Configuration.of(folder, settings))
                .isInstanceOf(SettingException.class);
    }

    @Test
    void there_are_more_connections_than_requests_worked_on() throws Exception {
        var settings = new Settings();
        settings.set("limits.connections-max", "512", "--set");

        assertThatThrownBy(() -> Configuration.of(folder, settings))
                .hasMessage(
                        "limits.connections-max: expected more than limits.concurrent-requests, which is 512, got '512'");
    }

    @Test
    void memory_for_bodies_takes_any_one_body() throws Exception {
        var settings = new Settings();
        settings.set("limits.body-memory", "31MB", "--set");

        assertThatThrownBy(() -> Configuration.of(folder, settings))
                .hasMessageStartingWith("limits.body-memory: expected at least 33554432 bytes");
    }

    @Test
    void a_secret_setting_does_not_show_itself() throws Exception {
        var settings = new Settings();
        settings.set("auth.root-access-key", "AKIAIOSFODNN7EXAMPLE", "--set");
        settings.set("auth.root-secret-key", "a-secret-nobody-may-see", "--set");

        assertThat(Configuration.of(folder, settings).toString())
                .doesNotContain("a-secret-nobody-may-see");
    }

    @Test
    void buckets_elsewhere_are_as_most_stores_have_them_unless_told_otherwise() throws Exception {
        assertThat(Configuration.of(folder, new Settings()).archiveElsewhere()).isEmpty();
        var aws = s3().archiveElsewhere().orElseThrow();
        assertThat(aws).isEqualTo(S3Destination.of(Optional.empty(), "us-east-1"));
        var other = s3("archive.s3.endpoint=https://s3.example.org:9000", "region=eu-west-1");
        assertThat(other.archiveElsewhere().orElseThrow())
                .isEqualTo(
                        S3Destination.of(
                                Optional.of(URI.create("https://s3.example.org:9000")),
                                "eu-west-1"));
        var all =
                s3(
                                "archive.s3.endpoint=http://10.0.0.1",
                                "archive.s3.region=here",
                                "archive.s3.path-style=false",
                                "archive.s3.access-key=me",
                                "archive.s3.secret-key=mine",
                                "archive.s3.checksums=false",
                                "archive.s3.conditional-put=false",
                                "archive.s3.sse=aws:kms",
                                "archive.s3.sse-kms-key=k",
                                "archive.s3.acl=none")
                        .archiveElsewhere()
                        .orElseThrow();
        assertThat(all)
                .isEqualTo(
                        new S3Destination(
                                Optional.of(URI.create("http://10.0.0.1")),
                                "here",
                                false,
                                Optional.of(new S3Destination.Keys("me", new Secret("mine"))),
                                false,
                                new S3Destination.PutForm(false, "aws:kms", "k", "")));
    }

    @Test
    void the_colder_place_is_a_folder_or_a_bucket_of_the_s3() throws Exception {
        assertThat(Configuration.of(folder, new Settings()).archiveCold()).isEmpty();
        assertThat(cold("/mnt/cold").archiveCold())
                .contains(new ColdSettings.Folder(Path.of("/mnt/cold")));
        var s3 = S3Destination.of(Optional.of(URI.create("https://s3.example.org")), "us-east-1");
        for (var expected :
                Map.of(
                                "s3://cold-logs",
                                "",
                                "s3://cold-logs/",
                                "",
                                "s3://cold-logs/a",
                                "a",
                                "s3://cold-logs/a/b c//",
                                "a/b c")
                        .entrySet()) {
            assertThat(cold(expected.getKey()).archiveCold())
                    .contains(new ColdSettings.Elsewhere(s3, "cold-logs", expected.getValue()));
        }
        for (var wrong :
                List.of("s3://", "s3://c", "s3://UPPER/x", "s3://cold-logs//b", "https://x/y")) {
            assertThatThrownBy(() -> cold(wrong))
                    .hasMessageStartingWith("archive.cold: expected a folder, or s3://");
        }
        assertThatThrownBy(() -> s3("archive.cold=s3://cold-logs"))
                .hasMessageStartingWith("archive.cold: expected archive.kind=built-in");
    }

    private Configuration cold(String place) throws SettingException {
        var settings = new Settings();
        settings.set("archive.cold", place, "--set");
        settings.set("archive.s3.endpoint", "https://s3.example.org", "--set");
        return Configuration.of(folder, settings);
    }

    @Test
    void what_cannot_be_used_of_buckets_elsewhere_is_named() {
        for (var wrong :
                Map.of(
                                "archive.s3.endpoint=s3.example.org", "archive.s3.endpoint",
                                "archive.s3.endpoint=ftp://a", "archive.s3.endpoint",
                                "archive.s3.endpoint=https://me:mine@a", "archive.s3.endpoint",
                                "archive.s3.access-key=me", "expected both or neither",
                                "archive.s3.sse=des", "archive.s3.sse",
                                "archive.s3.sse-kms-key=k", "archive.s3.sse=aws:kms",
                                "archive.s3.acl=public-read", "archive.s3.acl")
                        .entrySet()) {
            assertThatThrownBy(() -> s3(wrong.getKey()))
                    .as(wrong.getKey())
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining(wrong.getValue());
        }
    }

    private Configuration s3(String... values) throws SettingException {
        var settings = new Settings();
        settings.set("archive.kind", "s3", "test");
        for (var value : values) {
            var at = value.indexOf('=');
            settings.set(value.substring(0, at), value.substring(at + 1), "test");
        }
        return Configuration.of(folder, settings);
    }

    private GatewaySettings gateway(String... keysAndValues) throws Exception {
        var settings = new Settings();
        for (var i = 0; i < keysAndValues.length; i += 2) {
            settings.set("gateway." + keysAndValues[i], keysAndValues[i + 1], "test");
        }
        return Configuration.of(folder, settings).gateway();
    }

    @Test
    void each_gateway_has_its_upstream() throws Exception {
        assertThat(gateway().listeners()).isEmpty();
        var two =
                gateway(
                        "listen", "127.0.0.1:9000, [::1]:0",
                        "upstream", "http://a.example:7480, http://10.0.0.5/");

        assertThat(two.account()).isEqualTo("123456789012");
        assertThat(two.listeners())
                .containsExactly(
                        new GatewaySettings.Listener(
                                "127.0.0.1",
                                9000,
                                false,
                                URI.create("http://a.example:7480"),
                                GatewaySettings.Mode.STRICT),
                        new GatewaySettings.Listener(
                                "::1",
                                0,
                                false,
                                URI.create("http://10.0.0.5/"),
                                GatewaySettings.Mode.STRICT));
        assertThatThrownBy(() -> gateway("listen", "127.0.0.1:9000"))
                .hasMessageContaining("as many of the one as of the other, got 1 and 0");
        for (var listen : new String[] {"9000", ":9000", "127.0.0.1", "127.0.0.1:99999"}) {
            assertThatThrownBy(() -> gateway("listen", listen, "upstream", "http://a"))
                    .hasMessageContaining("gateway.listen: expected");
        }
        for (var upstream :
                new String[] {"a:1", "ftp://a", "http://a/path", "http://a?q", "http://u@a"}) {
            assertThatThrownBy(() -> gateway("listen", "127.0.0.1:0", "upstream", upstream))
                    .hasMessageContaining("gateway.upstream: expected");
        }
        assertThatThrownBy(() -> gateway("account", "12")).hasMessageContaining("twelve digits");
    }

    @Test
    void who_speaks_tls_needs_a_certificate() throws Exception {
        var settings = new Settings();
        settings.set("gateway.listen", "https://[::1]:9443", "test");
        settings.set("gateway.upstream", "https://s3.example.org", "test");
        settings.set("gateway.upstream-ca", "roots.pem", "test");
        assertThatThrownBy(() -> Configuration.of(folder, settings))
                .hasMessage(
                        "tls.certificate and tls.key: expected both, for an address of gateway.listen speaks TLS");
        settings.set("tls.certificate", "cert.pem", "test");
        assertThatThrownBy(() -> Configuration.of(folder, settings))
                .hasMessage("tls.certificate and tls.key: expected both or neither");
        settings.set("tls.key", "key.pem", "test");

        var configuration = Configuration.of(folder, settings);

        assertThat(configuration.tls())
                .isEqualTo(
                        new TlsSettings(
                                new TlsSettings.Files(Path.of("cert.pem"), Path.of("key.pem")),
                                false));
        assertThat(configuration.gateway().upstreamRoots()).isEqualTo(Path.of("roots.pem"));
        assertThat(configuration.gateway().listeners())
                .containsExactly(
                        new GatewaySettings.Listener(
                                "::1",
                                9443,
                                true,
                                URI.create("https://s3.example.org"),
                                GatewaySettings.Mode.STRICT));
        settings.set("http.tls", "true", "test");
        assertThat(Configuration.of(folder, settings).tls().ownPort()).isTrue();
    }

    private List<GatewaySettings.Mode> modes(String modes) throws Exception {
        var two =
                gateway(
                        "listen", "127.0.0.1:9000,127.0.0.1:9001",
                        "upstream", "http://a,http://b",
                        "mode", modes);
        return two.listeners().stream().map(GatewaySettings.Listener::mode).toList();
    }

    @Test
    void each_gateway_has_its_mode_or_all_have_one() throws Exception {
        assertThat(modes("spool"))
                .containsExactly(GatewaySettings.Mode.SPOOL, GatewaySettings.Mode.SPOOL);
        assertThat(modes("strict, spool"))
                .containsExactly(GatewaySettings.Mode.STRICT, GatewaySettings.Mode.SPOOL);
        assertThatThrownBy(() -> modes("strict,spool,spool"))
                .hasMessageContaining("as many as gateway.listen has, got 3");
        assertThatThrownBy(() -> modes("quick")).hasMessageContaining("got 'quick'");
    }

    @Test
    void what_a_gateway_is_told_it_has() throws Exception {
        var plain = gateway();
        assertThat(plain.accountNamed()).isFalse();
        assertThat(plain.service()).isNull();
        assertThat(plain.hosts()).containsExactly("localhost");
        assertThat(plain.trustedProxies()).isEmpty();
        assertThat(plain.keptBytes()).isEqualTo(128 << 10);
        assertThat(plain.silenceMax()).isEqualTo(Duration.ofMinutes(1));

        var told =
                gateway(
                        "account", "111122223333",
                        "service", "dynamodb",
                        "host-names", "s3.example.org, files.example.org",
                        "trusted-proxies", "10.0.0.0/8,192.0.2.7",
                        "kept-bytes", "64KB",
                        "upstream-timeout", "5s");
        assertThat(told.account()).isEqualTo("111122223333");
        assertThat(told.accountNamed()).isTrue();
        assertThat(told.service()).isEqualTo("dynamodb");
        assertThat(told.hosts()).containsExactlyInAnyOrder("s3.example.org", "files.example.org");
        assertThat(told.trustedProxies()).containsExactly("10.0.0.0/8", "192.0.2.7");
        assertThat(told.keptBytes()).isEqualTo(64 << 10);
        assertThat(told.silenceMax()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void a_share_of_reads_is_from_none_to_all() throws Exception {
        assertThat(gateway().readsShare()).isEqualTo(1);
        assertThat(gateway("sample-reads", "0.25").readsShare()).isEqualTo(0.25);
        assertThat(gateway("sample-reads", "0").readsShare()).isZero();
        for (var share : new String[] {"1.1", "-0.1", "10%", "", ".5", "NaN"}) {
            assertThatThrownBy(() -> gateway("sample-reads", share))
                    .hasMessageContaining("gateway.sample-reads: expected a share from 0 to 1");
        }
    }
}
