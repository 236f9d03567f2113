package dev.cairn.embedded.kms;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.embedded.catalog.SqliteCatalog;
import dev.cairn.embedded.secret.SystemSecrets;
import dev.cairn.kms.Ciphertext;
import dev.cairn.kms.EncryptionContext;
import dev.cairn.kms.KeyArn;
import dev.cairn.kms.KeyUse;
import dev.cairn.kms.KmsKey;
import dev.cairn.kms.KmsKeys;
import dev.cairn.kms.Materials;
import dev.cairn.secret.Secrets;
import dev.cairn.secret.Vault;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Ten thousand keys of one account and region, on SQLite.
final class ManyKeysTest {
    private static final int KEYS = 10_000;
    private static final int AT_ONCE = 500;
    private static final String ACCOUNT = "123456789012";
    private static final String REGION = "us-east-1";
    private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");

    @TempDir private Path folder = Path.of("");

    @Test
    @Tag("long")
    void ten_thousand_keys_are_listed_page_by_page_and_each_opens_its_own() throws Exception {
        Secrets secrets = new SystemSecrets();
        Vault vault = new Vault(new byte[Vault.MASTER_KEY_BYTES], secrets);
        try (SqliteCatalog catalog = SqliteCatalog.open(folder.resolve("catalog.db"))) {
            Materials materials = new Materials(catalog, vault, secrets);
            KmsKeys keys = new KmsKeys(catalog, materials, secrets, KEYS, () -> {});
            KeyUse use = new KeyUse(materials, secrets);
            for (int made = 0; made < KEYS; made += AT_ONCE) {
                catalog.<Boolean, RuntimeException>write(tx -> {
                    for (int i = 0; i < AT_ONCE; i++) {
                        KmsKey key =
                                keys.create(
                                        tx, ACCOUNT, REGION, "", Optional.empty(), Map.of(), NOW);
                        keys.enableRotation(tx, key.arn(), 90, NOW);
                    }
                    return true;
                });
            }
            List<KeyArn> all = new ArrayList<>();
            List<KeyArn> page = keys.list(ACCOUNT, REGION, "", 1000);
            while (!page.isEmpty()) {
                all.addAll(page);
                page = keys.list(ACCOUNT, REGION, page.getLast().id(), 1000);
            }
            assertThat(all).hasSize(KEYS).doesNotHaveDuplicates();
            for (int i = 0; i < KEYS; i += 997) {
                KmsKey key = keys.expect(all.get(i));
                byte[] blob = use.encrypt(key, new byte[] {1, 2, 3}, EncryptionContext.NONE);
                Ciphertext read = Ciphertext.of(blob).orElseThrow();
                assertThat(read.key(REGION)).isEqualTo(all.get(i));
                assertThat(use.decrypt(key, read, EncryptionContext.NONE)).containsExactly(1, 2, 3);
            }
        }
    }
}
