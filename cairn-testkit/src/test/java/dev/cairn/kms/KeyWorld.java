package dev.cairn.kms;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.secret.Secrets;
import dev.cairn.secret.Vault;
import dev.cairn.testkit.catalog.MemoryCatalog;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// Keys in memory, with chance that repeats itself.
final class KeyWorld {
    static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");
    static final String ACCOUNT = "123456789012";
    static final String REGION = "eu-central-1";
    static final int KEYS_MAX = 3;

    final Catalog catalog;
    final Secrets secrets;
    final Materials materials;
    final KmsKeys keys;
    final Aliases aliases;
    final KeyUse use;

    /// How often something was said to be due at once.
    int told;

    KeyWorld() {
        this(new MemoryCatalog(), new byte[Vault.MASTER_KEY_BYTES]);
    }

    KeyWorld(Catalog catalog, byte[] masterKey) {
        Random random = new Random(20261121);
        this.catalog = catalog;
        secrets =
                count -> {
                    byte[] bytes = new byte[count];
                    random.nextBytes(bytes);
                    return bytes;
                };
        materials = new Materials(catalog, new Vault(masterKey, secrets), secrets);
        keys = new KmsKeys(catalog, materials, secrets, KEYS_MAX, () -> told++);
        aliases = new Aliases(catalog);
        use = new KeyUse(materials, secrets);
    }

    /// A change.
    @FunctionalInterface
    interface Act {
        void run(Catalog.Transaction tx) throws CatalogException;
    }

    void change(Act act) throws CatalogException {
        catalog.<Boolean, RuntimeException>write(tx -> {
            act.run(tx);
            return true;
        });
    }

    KmsKey create() throws CatalogException {
        return catalog.<KmsKey, RuntimeException>write(
                tx -> keys.create(tx, ACCOUNT, REGION, "", Optional.empty(), Map.of(), NOW));
    }

    KmsKey rotate(KmsKey key) throws CatalogException {
        change(tx -> keys.rotate(tx, key, Material.How.ON_DEMAND, NOW));
        return keys.expect(key.arn());
    }

    static AliasArn alias(String name) {
        return new AliasArn(REGION, ACCOUNT, AliasArn.PREFIX + name);
    }
}
