package dev.cairn.embedded.kms;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.catalog.Outbox;
import dev.cairn.catalog.Sealed;
import dev.cairn.embedded.catalog.SqliteCatalog;
import dev.cairn.embedded.secret.SystemSecrets;
import dev.cairn.event.Place;
import dev.cairn.kms.Aliases;
import dev.cairn.kms.Ciphertext;
import dev.cairn.kms.EncryptionContext;
import dev.cairn.kms.KeyArn;
import dev.cairn.kms.KeyCare;
import dev.cairn.kms.KeyUse;
import dev.cairn.kms.KmsKey;
import dev.cairn.kms.KmsKeys;
import dev.cairn.kms.Material;
import dev.cairn.kms.Materials;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.secret.Secrets;
import dev.cairn.secret.Vault;
import dev.cairn.testkit.delivery.ListLedger;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
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

    private final Secrets secrets = new SystemSecrets();

    @TempDir private Path folder = Path.of("");

    @Test
    @Tag("long")
    void ten_thousand_keys_are_listed_rotated_and_sealed_anew_and_each_opens_its_own()
            throws Exception {
        Vault vault = new Vault(new byte[Vault.MASTER_KEY_BYTES], secrets);
        List<byte[]> blobs = new ArrayList<>();
        try (SqliteCatalog catalog = SqliteCatalog.open(folder.resolve("catalog.db"))) {
            KmsKeys keys = keys(catalog, vault);
            KeyUse use = new KeyUse(new Materials(catalog, vault, secrets), secrets);
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
                assertThat(Ciphertext.of(blob).orElseThrow().key(REGION)).isEqualTo(all.get(i));
                blobs.add(blob);
            }
        }
        open(vault, blobs);

        // All are due at the same moment, after a start.
        try (SqliteCatalog catalog = SqliteCatalog.open(folder.resolve("catalog.db"))) {
            KmsKeys keys = keys(catalog, vault);
            AtomicInteger rotated = new AtomicInteger();
            KeyCare care =
                    new KeyCare(
                            catalog,
                            new Outbox(catalog, new ListLedger(1)),
                            keys,
                            new Aliases(catalog),
                            new Counted(rotated));
            Instant due = NOW.plus(Duration.ofDays(90));
            while (care.step(due)) {
                // One key each.
            }
            assertThat(rotated).hasValue(KEYS);
        }
        open(vault, blobs);

        byte[] other = new byte[Vault.MASTER_KEY_BYTES];
        other[0] = 1;
        Vault fresh = new Vault(other, secrets);
        try (SqliteCatalog catalog = SqliteCatalog.open(folder.resolve("catalog.db"))) {
            assertThat(Sealed.anew(catalog, vault, fresh)).isEqualTo(2 * KEYS);
        }
        open(fresh, blobs);
    }

    private record Counted(AtomicInteger rotated) implements KeyCare.Events {
        @Override
        public Entry rotated(KeyArn key, Material.How how, Instant at) {
            return new Entry(
                    new Place(ACCOUNT, REGION),
                    "%08d".formatted(rotated.incrementAndGet()),
                    Origin.OWN,
                    "{}".getBytes(UTF_8));
        }

        @Override
        public Entry deleted(KeyArn key, Instant at) {
            throw new AssertionError("no key is deleted here");
        }
    }

    private KmsKeys keys(SqliteCatalog catalog, Vault vault) {
        return new KmsKeys(
                catalog, new Materials(catalog, vault, secrets), secrets, KEYS, () -> {});
    }

    /// Under that master key, after a start.
    private void open(Vault vault, List<byte[]> blobs) throws Exception {
        try (SqliteCatalog catalog = SqliteCatalog.open(folder.resolve("catalog.db"))) {
            KmsKeys keys = keys(catalog, vault);
            KeyUse use = new KeyUse(new Materials(catalog, vault, secrets), secrets);
            for (byte[] blob : blobs) {
                Ciphertext read = Ciphertext.of(blob).orElseThrow();
                KmsKey key = keys.expect(read.key(REGION));
                assertThat(use.decrypt(key, read, EncryptionContext.NONE)).containsExactly(1, 2, 3);
            }
        }
    }
}
