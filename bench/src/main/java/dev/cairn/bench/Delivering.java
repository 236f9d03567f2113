package dev.cairn.bench;

import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.WriteCheck;
import dev.cairn.bench.Report.Better;
import dev.cairn.catalog.CatalogException;
import dev.cairn.delivery.TrailDelivery;
import dev.cairn.digest.RegionKeys;
import dev.cairn.digest.Sealing;
import dev.cairn.embedded.archive.DiskArchive;
import dev.cairn.embedded.catalog.SqliteCatalog;
import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.embedded.ledger.LedgerSettings;
import dev.cairn.embedded.ledger.SegmentLedger;
import dev.cairn.embedded.secret.SystemKeys;
import dev.cairn.embedded.secret.SystemSecrets;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.secret.Vault;
import dev.cairn.selector.Selectors;
import dev.cairn.testkit.delivery.SimulatedTopics;
import dev.cairn.trail.Trail;
import dev.cairn.trail.Trails;
import java.io.BufferedOutputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// How fast one trail delivers what is recorded already: reading the ledger, selecting, packing,
/// encrypting, storing durably, sealing. In this process, by one thread. The peer packs the same
/// records, one a line, from file to file: `gzip` at the same level, which does none of the rest.
///
/// A second trail takes none of the events: what it costs to refuse them, the reading included.
final class Delivering {
    private static final String ACCOUNT = Traffic.ACCOUNT;
    private static final int BATCH = 1_000;
    private static final double MB = 1e6;
    private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");

    private final Scratch scratch;
    private final Traffic traffic;
    private final Report report;

    Delivering(Scratch scratch, Traffic traffic, Report report) {
        this.scratch = scratch;
        this.traffic = traffic;
        this.report = report;
    }

    void run(long events) throws Exception {
        Path folder = Files.createDirectory(scratch.resolve("delivery"));
        try (SegmentLedger ledger =
                        SegmentLedger.open(
                                new RealDisk(folder),
                                LedgerSettings.DEFAULTS,
                                InstantSource.system());
                SqliteCatalog catalog = SqliteCatalog.open(folder.resolve("catalog.db"))) {
            Files.createDirectories(folder.resolve("archive"));
            try (DiskArchive archive =
                    DiskArchive.open(
                            new DiskArchive.Parts(
                                    new RealDisk(folder),
                                    SqliteCatalog.open(
                                            folder.resolve("archive").resolve("index.db")),
                                    new BucketRegister(catalog),
                                    new WriteCheck(true),
                                    new byte[32],
                                    new SystemSecrets(),
                                    InstantSource.system()))) {
                run(events, ledger, catalog, archive);
            }
        }
        Scratch.remove(folder);
    }

    private void run(long events, SegmentLedger ledger, SqliteCatalog catalog, DiskArchive archive)
            throws Exception {
        Trails trails = new Trails(catalog, ledger, 5);
        String all = trail(catalog, trails, "all", null);
        String none =
                trail(
                        catalog,
                        trails,
                        "none",
                        Selectors.read(
                                """
                                {"AdvancedEventSelectors":[{"FieldSelectors":[{"Field":"eventCategory","Equals":["NetworkActivity"]},\
                                {"Field":"eventSource","Equals":["ec2.amazonaws.com"]}]}]}\
                                """));
        double bytes = record(ledger, events);
        TrailDelivery.Parts parts =
                new TrailDelivery.Parts(
                        ledger,
                        catalog,
                        archive,
                        trails,
                        new Sealing(
                                catalog,
                                archive,
                                new RegionKeys(
                                        catalog,
                                        new Vault(
                                                new byte[Vault.MASTER_KEY_BYTES],
                                                new SystemSecrets()),
                                        new SystemKeys()),
                                Duration.ofHours(1)),
                        SimulatedTopics.on(catalog, byte[]::new, Duration.ofDays(1)).notices(),
                        new SecureRandom(),
                        Duration.ofDays(30));
        double refused = seconds(parts, none);
        report.add(
                "delivery",
                "refuse %s events, reading included".formatted(Lookup.millions(events)),
                refused * 1e6 / events,
                "µs/event",
                "");
        double seconds = seconds(parts, all);
        double gzip = gzip(events);
        report.add(
                "delivery",
                "deliver %s events".formatted(Lookup.millions(events)),
                bytes / MB / seconds,
                "MB/s",
                Better.MORE,
                "gzip -%d, packing alone".formatted(Packing.DELIVERY_LEVEL),
                bytes / MB / gzip,
                Report.number(events / seconds) + " events/s");
    }

    private static String trail(
            SqliteCatalog catalog,
            Trails trails,
            String name,
            @org.jspecify.annotations.Nullable Selectors selectors)
            throws CatalogException {
        Trail trail =
                new Trail(ACCOUNT, name, "us-east-1", "bucket", name, null, true, true, true, true);
        return catalog.<String, CatalogException>write(tx -> {
            BucketRegister buckets = new BucketRegister(catalog);
            if (buckets.find(tx, "bucket").isEmpty()) {
                buckets.create(tx, new Bucket("bucket", ACCOUNT, "us-east-1", NOW, null, ""));
            }
            String id = trails.create(tx, trail, Map.of(), NOW).id();
            if (selectors != null) {
                trails.select(tx, trail, selectors, NOW);
            }
            trails.log(tx, trail, true, NOW);
            return id;
        });
    }

    /// @return how many bytes that were
    private double record(SegmentLedger ledger, long events) throws Exception {
        double bytes = 0;
        for (long first = 0; first < events; first += BATCH) {
            List<Entry> entries = new ArrayList<>(BATCH);
            for (long ordinal = first; ordinal < Math.min(first + BATCH, events); ordinal++) {
                byte[] json = traffic.event(ordinal);
                bytes += json.length;
                entries.add(
                        new Entry(
                                traffic.place(ordinal), traffic.id(ordinal), Origin.INTAKE, json));
            }
            while (ledger.append(entries).getFirst() instanceof Append.Pushback) {
                Thread.sleep(100);
            }
        }
        return bytes;
    }

    private static double seconds(TrailDelivery.Parts parts, String id) throws Exception {
        TrailDelivery delivery = new TrailDelivery(parts, id);
        long start = System.nanoTime();
        while (true) {
            switch (delivery.step(NOW.plusSeconds(60), true)) {
                case TrailDelivery.Step.Idle _ -> {
                    return (System.nanoTime() - start) / 1e9;
                }
                case TrailDelivery.Step.More _ -> {}
                case TrailDelivery.Step.Gone _ ->
                        throw new BenchException("the trail is not there");
                case TrailDelivery.Step.Refused(var cause, _) -> throw cause;
            }
        }
    }

    private double gzip(long events) throws Exception {
        Path plain = scratch.resolve("records.ndjson");
        Path packed = scratch.resolve("records.ndjson.gz");
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(plain), 1 << 20)) {
            for (long ordinal = 0; ordinal < events; ordinal++) {
                out.write(traffic.event(ordinal));
                out.write('\n');
            }
        }
        long start = System.nanoTime();
        Process gzip =
                new ProcessBuilder("gzip", "-" + Packing.DELIVERY_LEVEL, "-c")
                        .redirectInput(plain.toFile())
                        .redirectOutput(packed.toFile())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        int exit = gzip.waitFor();
        double seconds = (System.nanoTime() - start) / 1e9;
        if (exit != 0) {
            throw new BenchException("gzip ended with " + exit);
        }
        Files.delete(plain);
        Files.delete(packed);
        return seconds;
    }
}
