package dev.cairn.server.wiring;

import dev.cairn.catalog.CatalogException;
import dev.cairn.embedded.catalog.SqliteCatalog;
import dev.cairn.embedded.disk.DataFolder;
import dev.cairn.embedded.disk.DataFolderException;
import dev.cairn.embedded.history.HistorySettings;
import dev.cairn.embedded.history.LuceneHistory;
import dev.cairn.embedded.ledger.Fsck;
import dev.cairn.history.HistoryException;
import dev.cairn.ledger.LedgerException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/// What a check of a stopped data folder found.
///
/// Proved means: every byte of the ledger was read and is right, the catalog is sound, and history
/// accounts for every event it dealt with.
///
/// @param events events of the ledger that were read and found right
/// @param findings what is wrong, each a sentence; empty when the folder is proved
/// @param leftovers what a crash left half done and the next start puts in order; no finding
public record Proof(long events, List<String> findings, List<String> leftovers) {

    private static final int PARTITIONS_MAX = 256;

    /// Is told how much of the ledger was read.
    @FunctionalInterface
    public interface Progress {
        void at(long bytes, long ofBytes);
    }

    /// Checks a folder.
    ///
    /// @throws StartException when it cannot be checked: it is in use, or no data folder
    public static Proof of(Path data, Progress progress) throws StartException {
        try (var folder = DataFolder.open(data)) {
            var report = Fsck.check(folder.disk(), progress::at);
            var findings = new ArrayList<>(report.findings());
            catalog(folder.path(), findings);
            history(folder.path(), findings);
            return new Proof(report.events(), List.copyOf(findings), report.leftovers());
        } catch (DataFolderException | LedgerException failure) {
            throw new StartException(String.valueOf(failure.getMessage()), failure);
        }
    }

    private static void catalog(Path data, List<String> findings) {
        var file = data.resolve("catalog.db");
        if (!Files.exists(file)) {
            return;
        }
        try (var catalog = SqliteCatalog.open(file)) {
            catalog.check().forEach(finding -> findings.add(file + ": " + finding));
        } catch (CatalogException failure) {
            findings.add(file + ": " + failure.getMessage());
        }
    }

    private static void history(Path data, List<String> findings) {
        var folder = data.resolve("history");
        if (!Files.isDirectory(folder)) {
            return;
        }
        // Retention must not change the sums while they are checked.
        var settings = HistorySettings.DEFAULT.withRetention(null);
        try (var history = LuceneHistory.open(folder, settings, InstantSource.system())) {
            for (var partition = 0; partition < PARTITIONS_MAX; partition++) {
                if (history.position(partition) == 0) {
                    continue;
                }
                var account = history.account(partition);
                var sum = account.delivered() + account.filtered() + account.setAside();
                if (sum != account.position()) {
                    findings.add(
                            "%s: partition %d: expected %d delivered + %d filtered + %d set aside to make the %d events dealt with, got %d; 'cairn rebuild' makes history again"
                                    .formatted(
                                            folder,
                                            partition,
                                            account.delivered(),
                                            account.filtered(),
                                            account.setAside(),
                                            account.position(),
                                            sum));
                }
            }
        } catch (HistoryException failure) {
            findings.add(folder + ": " + failure.getMessage());
        }
    }
}
