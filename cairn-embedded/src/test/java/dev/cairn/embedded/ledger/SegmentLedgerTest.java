package dev.cairn.embedded.ledger;

import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.ledger.Ledger;
import dev.cairn.testkit.ledger.LedgerContract;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/// The contract on a real disk, with segments so small that most tests fill several.
final class SegmentLedgerTest {

    abstract static class OnRealDisk extends LedgerContract {
        @TempDir Path folder;

        abstract int partitions();

        @Override
        protected Ledger open(Wanted wanted) throws Exception {
            LedgerSettings settings =
                    LedgerSettings.DEFAULTS
                            .withPartitions(partitions())
                            .withSegmentBytesMax(8 << 10)
                            .withDiskFreeMin(0)
                            .withDuplicates(wanted.duplicateWindow(), wanted.duplicateIdsMax());
            return SegmentLedger.open(new RealDisk(folder), settings, wanted.clock());
        }
    }

    @Nested
    final class WithOnePartition extends OnRealDisk {
        @Override
        int partitions() {
            return 1;
        }
    }

    @Nested
    final class WithFourPartitions extends OnRealDisk {
        @Override
        int partitions() {
            return 4;
        }
    }
}
