package dev.cairn.embedded.archive;

import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.ColdFiles;
import dev.cairn.archive.DataKeys;
import dev.cairn.archive.Keeping;
import dev.cairn.archive.WriteCheck;
import dev.cairn.catalog.CatalogException;
import dev.cairn.disk.Disk;
import dev.cairn.testkit.archive.ArchiveContract;
import dev.cairn.testkit.catalog.MemoryCatalog;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// An archive on any disk, with catalogs that are as durable as they promise.
final class World {
    static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");

    final MemoryCatalog catalog = new MemoryCatalog();
    MemoryCatalog index = new MemoryCatalog();
    private final Random random = new Random(7);

    /// The colder place.
    Optional<Disk> cold = Optional.empty();

    /// What is between the archive and the colder place.
    UnaryOperator<ColdFiles> between = files -> files;

    /// The machine's clock.
    InstantSource clock = InstantSource.fixed(NOW);

    World() throws CatalogException {
        bucket("logs", ArchiveContract.LOGS_POLICY);
    }

    /// There is no KMS unless a test has one.
    DataKeys dataKeys = DataKeys.NONE;

    BucketRegister buckets() {
        return new BucketRegister(catalog);
    }

    void bucket(String name, @Nullable String policy) throws CatalogException {
        catalog.<Boolean, CatalogException>write(tx -> {
            buckets().create(tx, new Bucket(name, "123456789012", "us-east-1", NOW, policy, ""));
            return true;
        });
    }

    /// Changes how a bucket keeps its objects, as a call does.
    void keep(String name, Keeping keeping, DiskArchive archive) throws CatalogException {
        catalog.<Boolean, CatalogException>write(tx -> {
            archive.pause(tx, name);
            Bucket bucket = buckets().find(tx, name).orElseThrow();
            buckets().replace(tx, bucket.with(keeping));
            return true;
        });
    }

    /// Opens the archive, as a start does; after a crash too.
    DiskArchive open(Disk disk) throws Exception {
        return open(disk, new WriteCheck(false));
    }

    DiskArchive open(Disk disk, WriteCheck check) throws Exception {
        index = index.reopen();
        return DiskArchive.open(
                new DiskArchive.Parts(
                        disk,
                        index,
                        buckets(),
                        check,
                        new byte[32],
                        dataKeys,
                        count -> {
                            byte[] bytes = new byte[count];
                            synchronized (random) {
                                random.nextBytes(bytes);
                            }
                            return bytes;
                        },
                        () -> clock.instant(),
                        cold.map(DiskColdFiles::new).map(between)));
    }
}
