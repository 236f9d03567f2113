package dev.cairn.server.wiring;

import dev.cairn.access.Access;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Outbox;
import dev.cairn.embedded.thread.Threads;
import dev.cairn.failure.Failure;
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
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// KMS's keys, and who has them rotated and deleted when it is time, or when someone asked for it.
final class KeyKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KeyKeeper.class);
    private static final Duration LOOK = Duration.ofSeconds(10);

    private final Operations.KmsParts parts;
    private final KeyCare care;
    private final Semaphore wake = new Semaphore(0);
    private final InstantSource clock;
    private final Thread thread = Thread.ofPlatform().name("key-keeper").unstarted(this::run);
    private volatile boolean closing;

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
        keeper.thread.start();
        return keeper;
    }

    /// What KMS's operations work on.
    Operations.KmsParts parts() {
        return parts;
    }

    /// Lets the step under way end; what is left goes on after the next start.
    @Override
    public void close() {
        closing = true;
        wake.release();
        Threads.join(thread);
    }

    private void run() {
        try {
            while (!closing) {
                look();
                if (wake.tryAcquire(LOOK.toNanos(), TimeUnit.NANOSECONDS)) {
                    wake.drainPermits();
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        try {
            while (!closing && care.step(clock.instant())) {
                // One transaction each, so that others have their turn.
            }
        } catch (CatalogException | Failure later) {
            LOG.warn("keys wait to be rotated or deleted: {}", later.getMessage());
        } catch (RuntimeException unforeseen) {
            // The outermost frame: a mistake of ours must not end what others rely on.
            LOG.error("keys wait to be rotated or deleted", unforeseen);
        }
    }
}
