package dev.cairn.server.wiring;

import dev.cairn.access.Access;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Outbox;
import dev.cairn.embedded.thread.Lookout;
import dev.cairn.kms.Aliases;
import dev.cairn.kms.KeyCare;
import dev.cairn.kms.KeyUse;
import dev.cairn.kms.KmsKeys;
import dev.cairn.kms.Materials;
import dev.cairn.secret.Secrets;
import dev.cairn.secret.Vault;
import dev.cairn.server.operation.Operations;
import dev.cairn.server.own.KeyEvents;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;

/// KMS's keys, and who has them rotated and deleted when it is time, or when someone asked for it.
final class KeyKeeper implements AutoCloseable {
    private static final Duration LOOK = Duration.ofSeconds(10);

    private final Operations.KmsParts parts;
    private final KeyCare care;
    private final Semaphore wake = new Semaphore(0);
    private final InstantSource clock;
    private final Lookout lookout =
            new Lookout("key-keeper", "keys wait to be rotated or deleted", LOOK, wake, this::look);

    private KeyKeeper(
            Catalog catalog,
            Outbox outbox,
            Vault vault,
            Secrets secrets,
            Access access,
            InstantSource clock) {
        var materials = new Materials(catalog, vault, secrets);
        var keys = new KmsKeys(catalog, materials, secrets, KmsKeys.KEYS_MAX, wake::release);
        var aliases = new Aliases(catalog);
        this.parts = new Operations.KmsParts(keys, aliases, new KeyUse(materials, secrets), access);
        this.care = new KeyCare(catalog, outbox, keys, aliases, new KeyEvents(secrets));
        this.clock = clock;
    }

    static KeyKeeper start(
            Catalog catalog,
            Outbox outbox,
            Vault vault,
            Secrets secrets,
            Access access,
            InstantSource clock) {
        var keeper = new KeyKeeper(catalog, outbox, vault, secrets, access, clock);
        keeper.lookout.start();
        return keeper;
    }

    /// What KMS's operations work on.
    Operations.KmsParts parts() {
        return parts;
    }

    /// Lets the step under way end; what is left goes on after the next start.
    @Override
    public void close() {
        lookout.close();
    }

    private void look() throws CatalogException {
        while (!lookout.closing() && care.step(clock.instant())) {
            // One transaction each, so that others have their turn.
        }
    }
}
