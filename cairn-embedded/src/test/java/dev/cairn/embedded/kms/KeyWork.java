package dev.cairn.embedded.kms;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Outbox;
import dev.cairn.embedded.catalog.SqliteCatalog;
import dev.cairn.embedded.delivery.HaltingCatalog;
import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.embedded.ledger.LedgerSettings;
import dev.cairn.embedded.ledger.SegmentLedger;
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
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.secret.Secrets;
import dev.cairn.secret.Vault;
import dev.cairn.testkit.fault.HaltingDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The work of a process that is going to be halted: it makes a key, and encrypts with it before
/// and after each of its rotations; then it makes another key, and deletes that. Done again on the
/// same folder, it goes on where it was.
///
/// Operations are the transactions of keys and of the outbox. Each blob is printed when it is made.
///
/// Arguments: the folder, the operation to halt at (0 for none), and when.
final class KeyWork implements AutoCloseable {
    static final int ROTATIONS = 3;
    static final String BLOB = "blob ";

    private static final byte[] TEXT = "the moon is made of basalt".getBytes(UTF_8);
    private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");
    private static final Place PLACE = new Place("123456789012", "us-east-1");

    /// Whose key is deleted.
    private static final Place OTHER = new Place("210987654321", "us-east-1");

    private static final int DAYS = 7;

    private final SegmentLedger ledger;
    private final Catalog catalog;
    private final Outbox outbox;
    private final KmsKeys keys;
    private final KeyUse use;
    private final KeyCare care;

    KeyWork(Path folder, HaltingDisk halting) throws Exception {
        ledger =
                SegmentLedger.open(
                        new RealDisk(folder),
                        LedgerSettings.DEFAULTS.withDiskFreeMin(0).withPartitions(1),
                        InstantSource.fixed(NOW));
        catalog = new HaltingCatalog(SqliteCatalog.open(folder.resolve("catalog.db")), halting);
        outbox = new Outbox(catalog, ledger);
        Secrets secrets = new SystemSecrets();
        Materials materials =
                new Materials(
                        catalog, new Vault(new byte[Vault.MASTER_KEY_BYTES], secrets), secrets);
        keys = new KmsKeys(catalog, materials, secrets, 1, () -> {});
        use = new KeyUse(materials, secrets);
        care = new KeyCare(catalog, outbox, keys, new Aliases(catalog), new Events(secrets));
    }

    private record Events(Secrets secrets) implements KeyCare.Events {
        @Override
        public Entry rotated(KeyArn key, Material.How how, Instant at) {
            return event(PLACE, "RotateKey");
        }

        @Override
        public Entry deleted(KeyArn key, Instant at) {
            return event(OTHER, "DeleteKey");
        }

        private Entry event(Place place, String name) {
            String id = secrets.uuid();
            String json = "{\"eventID\":\"%s\",\"eventName\":\"%s\"}".formatted(id, name);
            return new Entry(place, id, Origin.OWN, json.getBytes(UTF_8));
        }
    }

    /// @return the blobs it made
    List<String> play() throws Exception {
        outbox.drain();
        List<String> blobs = new ArrayList<>();
        KmsKey key = key();
        while (true) {
            if (key.rotationAsked().isPresent()) {
                care.step(NOW);
            } else {
                String blob =
                        Base64.getEncoder()
                                .encodeToString(use.encrypt(key, TEXT, EncryptionContext.NONE));
                System.out.println(BLOB + blob);
                System.out.flush();
                blobs.add(blob);
                if (key.material() > ROTATIONS) {
                    delete();
                    return blobs;
                }
                KeyArn arn = key.arn();
                catalog.<Boolean, RuntimeException>write(tx -> {
                    keys.rotateOnDemand(tx, arn, NOW);
                    return true;
                });
            }
            key = keys.expect(key.arn());
        }
    }

    /// Makes a key that is not needed, and deletes it when its time has come.
    private void delete() throws Exception {
        if (deletions() > 0) {
            return;
        }
        KmsKey key = key(OTHER);
        if (key.state() != KmsKey.State.PENDING_DELETION) {
            catalog.<KmsKey, RuntimeException>write(
                    tx -> keys.scheduleDeletion(tx, key.arn(), DAYS, NOW));
        }
        care.step(NOW.plus(Duration.ofDays(DAYS)));
    }

    private KmsKey key() throws CatalogException {
        return key(PLACE);
    }

    private KmsKey key(Place place) throws CatalogException {
        List<KeyArn> there = keys.list(place.account(), place.region(), "", 10);
        return there.isEmpty()
                ? catalog.<KmsKey, RuntimeException>write(tx ->
                        keys.create(
                                tx,
                                place.account(),
                                place.region(),
                                "",
                                Optional.empty(),
                                Map.of(),
                                NOW))
                : keys.expect(there.getFirst());
    }

    /// How many keys there are that should be deleted.
    int left() throws CatalogException {
        return keys.list(OTHER.account(), OTHER.region(), "", 10).size();
    }

    boolean opens(String blob) throws CatalogException {
        byte[] bytes = Base64.getDecoder().decode(blob);
        byte[] text =
                use.decrypt(key(), Ciphertext.of(bytes).orElseThrow(), EncryptionContext.NONE);
        return new String(text, UTF_8).equals(new String(TEXT, UTF_8));
    }

    /// How many rotations are on record in the catalog.
    int rotations() throws CatalogException {
        return keys.rotations(key().arn(), 0, 100).size();
    }

    /// How many rotations the ledger has an event of.
    int events() throws Exception {
        return events("RotateKey");
    }

    /// How many deletions the ledger has an event of.
    int deletions() throws Exception {
        return events("DeleteKey");
    }

    private int events(String name) throws Exception {
        int count = 0;
        for (Slice.Item item : ledger.read(new Position(0, 0), 100, 1 << 20).items()) {
            if (item instanceof Slice.Held held) {
                count += new String(held.entry().json(), UTF_8).contains('"' + name + '"') ? 1 : 0;
            }
        }
        return count;
    }

    @Override
    public void close() {
        catalog.close();
        ledger.close();
    }

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        HaltingDisk halting =
                new HaltingDisk(
                        new RealDisk(folder),
                        Long.parseLong(args[1]),
                        HaltingDisk.When.valueOf(args[2]));
        try (KeyWork work = new KeyWork(folder, halting)) {
            var _ = work.play();
        }
        System.out.println("operations " + halting.operations());
    }
}
