package dev.cairn.testkit.delivery;

import dev.cairn.archive.Archive;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.delivery.TrailDelivery;
import dev.cairn.digest.RegionKeys;
import dev.cairn.digest.Sealing;
import dev.cairn.ledger.Ledger;
import dev.cairn.secret.Vault;
import dev.cairn.trail.Trails;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.SplittableRandom;

/// The delivery of the first trail there is, with keys and topics of its own.
final class FirstTrail {
    /// What its bucket does not take for so long is given up.
    static final Duration PENDING_MAX = Duration.ofDays(30);

    private FirstTrail() {}

    /// Seals once an hour.
    static TrailDelivery delivery(Ledger ledger, Catalog catalog, Archive archive, Trails trails)
            throws CatalogException, NoSuchAlgorithmException {
        KeyPairGenerator pairs = KeyPairGenerator.getInstance("RSA");
        RegionKeys keys =
                new RegionKeys(
                        catalog,
                        new Vault(new byte[Vault.MASTER_KEY_BYTES], byte[]::new),
                        pairs::generateKeyPair);
        return new TrailDelivery(
                new TrailDelivery.Parts(
                        ledger,
                        catalog,
                        archive,
                        trails,
                        new Sealing(catalog, archive, keys, Duration.ofHours(1)),
                        SimulatedTopics.on(catalog, byte[]::new, Duration.ofDays(1)).notices(),
                        new SplittableRandom(1),
                        PENDING_MAX),
                trails.current().courses().getFirst().id());
    }
}
