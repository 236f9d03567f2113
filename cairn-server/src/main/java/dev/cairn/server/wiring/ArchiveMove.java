package dev.cairn.server.wiring;

import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketCopy;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.ColdFiles;
import dev.cairn.archive.DataKeys;
import dev.cairn.archive.WriteCheck;
import dev.cairn.catalog.CatalogException;
import dev.cairn.distributed.archive.S3Archive;
import dev.cairn.embedded.archive.ArchiveKey;
import dev.cairn.embedded.archive.DiskArchive;
import dev.cairn.embedded.catalog.SqliteCatalog;
import dev.cairn.embedded.disk.DataFolder;
import dev.cairn.embedded.disk.DataFolderException;
import dev.cairn.embedded.secret.SystemSecrets;
import dev.cairn.secret.Vault;
import dev.cairn.server.configuration.ColdSettings;
import dev.cairn.server.configuration.Configuration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/// Moves the built-in buckets of a stopped server to the S3 that its settings name, and only then
/// lets the folder's settings say so.
///
/// The objects here stay: who is sure may delete `archive/`. Chains of digests go on, for each
/// names the one before by bucket and key, and both are the same there.
public final class ArchiveMove {
    private ArchiveMove() {}

    /// What came of it.
    ///
    /// @param buckets that were copied
    /// @param objects in them, all of them there and the same
    /// @param bytes of them
    /// @param copied how many were not there before
    public record Report(long buckets, long objects, long bytes, long copied) {}

    /// Moves them. Cut short, nothing has changed but what is at the S3; it goes on when it is run
    /// again.
    ///
    /// @param configuration of the folder, as it will be: with `archive.kind=s3`
    /// @param cold the colder place of the built-in buckets, whose objects move as well
    /// @param endpoint is written into the folder's settings as well; empty: they name the S3
    /// @param progress is told how many objects of a bucket are there
    /// @throws StartException when something is in the way; the server goes on with its own buckets
    ///   then
    public static Report run(
            Configuration configuration,
            Optional<ColdSettings> cold,
            Optional<String> endpoint,
            LongConsumer progress)
            throws StartException {
        var destination =
                configuration
                        .archiveElsewhere()
                        .orElseThrow(() -> new StartException("expected archive.kind=s3"));
        var place = cold.map(ColdPlaces::open);
        try (var folder = DataFolder.open(configuration.data());
                var catalog = SqliteCatalog.open(folder.path().resolve("catalog.db"));
                var here = builtIn(configuration, place, folder, catalog);
                // Whether trails may write is asked when they do.
                var there = S3Archive.open(destination, false, InstantSource.system())) {
            var report = copy(catalog, here, there, progress);
            SettingsNote.elsewhere(
                    folder.disk(),
                    endpoint,
                    name ->
                            Files.setPosixFilePermissions(
                                    folder.path().resolve(name),
                                    PosixFilePermissions.fromString("rw-------")));
            return report;
        } catch (DataFolderException | CatalogException | ArchiveException failure) {
            throw new StartException(String.valueOf(failure.getMessage()), failure);
        } catch (IOException failure) {
            throw new StartException(failure.toString(), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while the master key was read", interrupted);
        } finally {
            place.ifPresent(ColdFiles::close);
        }
    }

    private static DiskArchive builtIn(
            Configuration configuration,
            Optional<ColdFiles> cold,
            DataFolder folder,
            SqliteCatalog catalog)
            throws CatalogException,
                    ArchiveException,
                    IOException,
                    InterruptedException,
                    StartException {
        var secrets = new SystemSecrets();
        var index = folder.path().resolve("archive").resolve("index.db");
        if (!Files.exists(index)) {
            throw new StartException("expected built-in buckets, found no " + index);
        }
        var masterKey =
                MasterKeyChange.key(configuration.keysMaster(), folder.path(), catalog, secrets);
        var key =
                ArchiveKey.find(catalog, new Vault(masterKey, secrets))
                        .orElseThrow(() ->
                                new StartException(
                                        "expected the archive's key in catalog.db, found none"));
        return DiskArchive.open(
                new DiskArchive.Parts(
                        folder.disk(),
                        SqliteCatalog.open(index),
                        new BucketRegister(catalog),
                        new WriteCheck(true),
                        key,
                        DataKeys.NONE,
                        secrets,
                        InstantSource.system(),
                        cold));
    }

    private static Report copy(
            SqliteCatalog catalog, Archive here, Archive there, LongConsumer progress)
            throws CatalogException, ArchiveException, StartException {
        var sum = new Report(0, 0, 0, 0);
        for (var bucket : buckets(catalog)) {
            try {
                var as = new Archive.Writer(bucket.owner(), "");
                var done = BucketCopy.run(here, there, as, bucket.name(), progress);
                sum =
                        new Report(
                                sum.buckets + 1,
                                sum.objects + done.objects(),
                                sum.bytes + done.bytes(),
                                sum.copied + done.copied());
            } catch (ArchiveException failure) {
                throw new StartException(
                        "bucket %s: %s (%s)"
                                .formatted(bucket.name(), failure.getMessage(), failure.code()),
                        failure);
            }
        }
        return sum;
    }

    private static List<Bucket> buckets(SqliteCatalog catalog) throws CatalogException {
        var register = new BucketRegister(catalog);
        var all = new ArrayList<Bucket>();
        var page = register.all("", 100);
        while (!page.isEmpty()) {
            all.addAll(page);
            page = register.all(page.getLast().name(), 100);
        }
        return all;
    }
}
