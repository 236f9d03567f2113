package dev.cairn.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.account.Accounts;
import dev.cairn.account.Allow;
import dev.cairn.account.Credentials;
import dev.cairn.embedded.catalog.SqliteCatalog;
import dev.cairn.embedded.disk.DataFolder;
import dev.cairn.embedded.secret.MasterKey;
import dev.cairn.embedded.secret.SystemSecrets;
import dev.cairn.secret.Vault;
import dev.cairn.server.configuration.Configuration;
import dev.cairn.server.configuration.Settings;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CairnTest {
    private static final String ACCOUNT = "123456789012";

    @TempDir private Path folder = Path.of("");

    private Configuration configuration(Map<String, String> set) throws Exception {
        var settings = new Settings();
        settings.set("http.port", "0", "test");
        for (var entry : set.entrySet()) {
            settings.set(entry.getKey(), entry.getValue(), "test");
        }
        return Configuration.of(folder, settings);
    }

    private Credentials userKey() throws Exception {
        var secrets = new SystemSecrets();
        try (var catalog = SqliteCatalog.open(folder.resolve("catalog.db"))) {
            var vault = new Vault(MasterKey.read("", folder, Map.of(), false, secrets), secrets);
            var accounts =
                    Accounts.open(
                            catalog,
                            vault,
                            secrets,
                            InstantSource.system(),
                            new Accounts.Settings(ACCOUNT, null));
            return catalog.<Credentials, RuntimeException>write(
                    transaction -> accounts.createKey(transaction, ACCOUNT, "bob", Allow.READ));
        }
    }

    @Test
    void a_start_that_is_refused_half_way_lets_go_of_everything() throws Exception {
        Cairn.start(configuration(Map.of())).close();
        var taken =
                configuration(
                        Map.of(
                                "auth.root-access-key",
                                userKey().accessKeyId(),
                                "auth.root-secret-key",
                                "secret"));

        assertThatThrownBy(() -> Cairn.start(taken))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("auth.root-access-key");

        DataFolder.open(folder).close();
        assertThat(Cairn.running(folder)).isEmpty();
    }
}
