package dev.cairn.bench;

import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.WriteCheck;
import dev.cairn.catalog.CatalogException;
import dev.cairn.digest.Digest;
import dev.cairn.digest.Gzip;
import dev.cairn.digest.RegionKeys;
import dev.cairn.digest.Sealing;
import dev.cairn.embedded.archive.ArchiveKey;
import dev.cairn.embedded.archive.DiskArchive;
import dev.cairn.embedded.catalog.SqliteCatalog;
import dev.cairn.embedded.disk.DataFolder;
import dev.cairn.embedded.disk.DataFolderException;
import dev.cairn.embedded.ledger.LedgerSettings;
import dev.cairn.embedded.ledger.SegmentLedger;
import dev.cairn.embedded.secret.MasterKey;
import dev.cairn.embedded.secret.SystemKeys;
import dev.cairn.embedded.secret.SystemSecrets;
import dev.cairn.event.Place;
import dev.cairn.ledger.LedgerException;
import dev.cairn.secret.Vault;
import dev.cairn.trail.Trail;
import dev.cairn.trail.Trails;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Map;
import java.util.SplittableRandom;

/// A data folder with a bucket to which a trail has delivered for days, a log file and a digest an
/// hour: made by Cairn's own archive and sealing, with keys as they rotated.
record SealedYear(Path data, Trail trail, Instant start, int hours) {
    static final String BUCKET = "audit-logs";
    private static final Place PLACE = new Place(Traffic.ACCOUNT, Traffic.REGION);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final int RECORDS = 20;
    private static final int GZIP_LEVEL = 6;

    private static final DateTimeFormatter DAY = form("uuuu/MM/dd");
    private static final DateTimeFormatter MINUTE = form("uuuuMMdd'T'HHmm'Z'");

    private static DateTimeFormatter form(String pattern) {
        return DateTimeFormatter.ofPattern(pattern).withZone(ZoneOffset.UTC);
    }

    /// Makes one.
    ///
    /// @param data of a server that was there once and is stopped
    static SealedYear make(Path data, int days) throws BenchException {
        var trail =
                new Trail(
                        Traffic.ACCOUNT,
                        "main",
                        Traffic.REGION,
                        BUCKET,
                        "",
                        null,
                        true,
                        true,
                        true,
                        true);
        var start =
                Instant.now()
                        .truncatedTo(ChronoUnit.HOURS)
                        .minus(Duration.ofDays(days))
                        .minus(HOUR);
        var year = new SealedYear(data, trail, start, days * 24);
        try {
            year.fill();
        } catch (DataFolderException
                | CatalogException
                | LedgerException
                | ArchiveException
                | IOException failure) {
            throw new BenchException("cannot fill a bucket: " + failure.getMessage(), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted", interrupted);
        }
        return year;
    }

    private void fill()
            throws DataFolderException,
                    CatalogException,
                    LedgerException,
                    ArchiveException,
                    IOException,
                    InterruptedException {
        var secrets = new SystemSecrets();
        var clock = InstantSource.system();
        try (var folder = DataFolder.open(data);
                var ledger = SegmentLedger.open(folder.disk(), LedgerSettings.DEFAULTS, clock);
                var catalog = SqliteCatalog.open(data.resolve("catalog.db"))) {
            var vault =
                    new Vault(
                            MasterKey.read("", folder.path(), System.getenv(), false, secrets),
                            secrets);
            var buckets = new BucketRegister(catalog);
            var trails = new Trails(catalog, ledger, 5);
            catalog.<Boolean, RuntimeException>write(tx -> {
                buckets.create(
                        tx, new Bucket(BUCKET, Traffic.ACCOUNT, Traffic.REGION, start, null, ""));
                trails.create(tx, trail, Map.of(), clock.instant());
                return true;
            });
            try (var archive =
                    DiskArchive.open(
                            new DiskArchive.Parts(
                                    folder.disk(),
                                    SqliteCatalog.open(data.resolve("archive").resolve("index.db")),
                                    buckets,
                                    new WriteCheck(true),
                                    ArchiveKey.of(catalog, vault, secrets),
                                    secrets,
                                    clock))) {
                var sealing =
                        new Sealing(
                                catalog,
                                archive,
                                new RegionKeys(catalog, vault, new SystemKeys()),
                                HOUR);
                catalog.<Boolean, RuntimeException>write(tx -> {
                    sealing.open(tx, "bench", PLACE, start);
                    return true;
                });
                var random = new SplittableRandom(1);
                for (int hour = 0; hour < hours; hour++) {
                    var delivered = start.plus(HOUR.multipliedBy(hour)).plusSeconds(300);
                    var file = deliver(archive, delivered, random);
                    catalog.<Boolean, RuntimeException>write(tx -> {
                        sealing.add(tx, "bench", PLACE, delivered, "a", file);
                        return true;
                    });
                    sealing.seal(
                            trail,
                            "bench",
                            start.plus(HOUR.multipliedBy(hour + 1)),
                            false,
                            (_, _) -> {});
                }
            }
        }
    }

    private Digest.SealedFile deliver(Archive archive, Instant delivered, SplittableRandom random)
            throws ArchiveException {
        var json = new StringBuilder("{\"Records\":[");
        for (int record = 0; record < RECORDS; record++) {
            json.append(record == 0 ? "" : ",")
                    .append(
                            """
                            {"eventVersion":"1.11","eventTime":"%s","eventSource":"ec2.amazonaws.com",\
                            "eventName":"DescribeInstances","awsRegion":"%s","eventID":"%016x-%016x",\
                            "recipientAccountId":"%s","eventCategory":"Management"}\
                            """
                                    .formatted(
                                            delivered,
                                            Traffic.REGION,
                                            random.nextLong(),
                                            random.nextLong(),
                                            Traffic.ACCOUNT));
        }
        var content = json.append("]}").toString().getBytes(StandardCharsets.UTF_8);
        var key =
                "AWSLogs/%1$s/CloudTrail/%2$s/%3$s/%1$s_CloudTrail_%2$s_%4$s_%5$016X.json.gz"
                        .formatted(
                                Traffic.ACCOUNT,
                                Traffic.REGION,
                                DAY.format(delivered),
                                MINUTE.format(delivered),
                                random.nextLong());
        var put =
                archive.putIfAbsent(
                        new Archive.Writer(Traffic.ACCOUNT, trail.arn()),
                        BUCKET,
                        key,
                        Gzip.pack(content, GZIP_LEVEL),
                        new Archive.Description("application/json", "gzip", Map.of()));
        if (put != Archive.Put.STORED) {
            throw new IllegalStateException("expected a free key at " + key);
        }
        return new Digest.SealedFile(BUCKET, key, sha256(content), delivered, delivered);
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
