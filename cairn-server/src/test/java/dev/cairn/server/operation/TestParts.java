package dev.cairn.server.operation;

import dev.cairn.access.Access;
import dev.cairn.account.Accounts;
import dev.cairn.catalog.CatalogException;
import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.embedded.ledger.LedgerSettings;
import dev.cairn.embedded.ledger.SegmentLedger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.secret.Vault;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.history.MemoryHistory;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/// Everything operations work on, without a server around it.
final class TestParts {
    static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");
    static final String ACCOUNT = "123456789012";

    final SegmentLedger ledger;
    final MemoryHistory history;
    final Accounts accounts;
    final Operations operations;

    TestParts(Path folder) throws LedgerException, CatalogException {
        var clock = InstantSource.fixed(NOW);
        ledger =
                SegmentLedger.open(
                        new RealDisk(folder), LedgerSettings.DEFAULTS.withDiskFreeMin(0), clock);
        history = new MemoryHistory(new MemoryHistory.Durable(), clock, null, false);
        var counter = new java.util.concurrent.atomic.AtomicInteger();
        dev.cairn.secret.Secrets secrets =
                count -> {
                    var bytes = new byte[count];
                    new java.util.Random(counter.incrementAndGet()).nextBytes(bytes);
                    return bytes;
                };
        accounts =
                Accounts.open(
                        new MemoryCatalog(),
                        new Vault(new byte[Vault.MASTER_KEY_BYTES], secrets),
                        secrets,
                        clock,
                        new Accounts.Settings(ACCOUNT, null));
        var searches = new Searches(history, new Access(ACCOUNT));
        operations =
                new Operations(
                        new Operations.Parts(
                                accounts,
                                history,
                                searches,
                                new Tails(ledger, searches, secrets),
                                new StatusSource(
                                        new Access(ACCOUNT),
                                        ledger,
                                        List.of(),
                                        () -> 0,
                                        "test",
                                        "",
                                        NOW),
                                new Imports(ledger, accounts, 1 << 30),
                                () -> {},
                                "us-east-1",
                                0));
    }
}
