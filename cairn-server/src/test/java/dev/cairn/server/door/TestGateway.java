package dev.cairn.server.door;

import dev.cairn.account.Accounts;
import dev.cairn.aws.shape.ServiceCatalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.gateway.Gateway;
import dev.cairn.gateway.Sampling;
import dev.cairn.gateway.decoding.Decoding;
import dev.cairn.gateway.principal.Principals;
import dev.cairn.gateway.recording.Promise;
import dev.cairn.gateway.upstream.Upstream;
import dev.cairn.secret.Secrets;
import dev.cairn.secret.Vault;
import dev.cairn.testkit.catalog.MemoryCatalog;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;

/// A gateway that knows nobody, and records every call.
final class TestGateway {
    static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-21T01:02:03Z"));

    private TestGateway() {}

    /// @param keptBytesMax of a body, what is kept to be read
    /// @param holdMax how long an answer that keeps coming is held back
    static Gateway of(
            Upstream upstream, Promise promise, Secrets secrets, int keptBytesMax, Duration holdMax)
            throws CatalogException {
        var catalog = new MemoryCatalog();
        var accounts =
                Accounts.open(
                        catalog,
                        new Vault(secrets.bytes(Vault.MASTER_KEY_BYTES), secrets),
                        secrets,
                        CLOCK,
                        new Accounts.Settings("123456789012", null));
        return new Gateway(
                new Gateway.Parts(
                        upstream,
                        new Decoding(new ServiceCatalog(), Set.of(), keptBytesMax, "us-east-1"),
                        new Principals(catalog, accounts),
                        promise,
                        new Sampling(1, () -> 0),
                        CLOCK,
                        secrets::uuid,
                        new Gateway.Settings(
                                "123456789012",
                                "us-east-1",
                                null,
                                keptBytesMax,
                                holdMax,
                                List.of())));
    }
}
