package dev.cairn.server.operation;

import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.DataKeys;
import dev.cairn.archive.WriteCheck;
import dev.cairn.disk.Disk;
import dev.cairn.embedded.archive.DiskArchive;
import dev.cairn.embedded.archive.DiskColdFiles;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.fault.SimulatedDisk;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Random;

/// A built-in archive on a simulated disk.
public final class TestArchive {
    private TestArchive() {}

    /// One without a colder place. The caller closes it.
    public static DiskArchive open(BucketRegister buckets, InstantSource clock)
            throws ArchiveException {
        return open(buckets, clock, Optional.empty());
    }

    /// @param cold the disk of the colder place
    public static DiskArchive open(BucketRegister buckets, InstantSource clock, Optional<Disk> cold)
            throws ArchiveException {
        var random = new Random(1);
        return DiskArchive.open(
                new DiskArchive.Parts(
                        new SimulatedDisk(),
                        new MemoryCatalog(),
                        buckets,
                        new WriteCheck(false),
                        new byte[32],
                        DataKeys.NONE,
                        count -> {
                            var bytes = new byte[count];
                            random.nextBytes(bytes);
                            return bytes;
                        },
                        clock,
                        cold.map(DiskColdFiles::new)));
    }
}
