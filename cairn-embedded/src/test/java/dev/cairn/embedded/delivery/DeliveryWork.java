package dev.cairn.embedded.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.WriteCheck;
import dev.cairn.catalog.CatalogException;
import dev.cairn.delivery.TrailDelivery;
import dev.cairn.digest.RegionKeys;
import dev.cairn.digest.Sealing;
import dev.cairn.embedded.archive.DiskArchive;
import dev.cairn.embedded.catalog.SqliteCatalog;
import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.embedded.ledger.LedgerSettings;
import dev.cairn.embedded.ledger.SegmentLedger;
import dev.cairn.event.Place;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.secret.Secrets;
import dev.cairn.secret.Vault;
import dev.cairn.testkit.delivery.BucketJudge;
import dev.cairn.testkit.delivery.SimulatedTopics;
import dev.cairn.testkit.fault.HaltingDisk;
import dev.cairn.trail.Trail;
import dev.cairn.trail.Trails;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/// The work of a process that is going to be halted: it delivers what a trail takes, seals it,
/// stops the trail, starts it again, and delivers and seals what comes then. Done again on the same
/// folder, it goes on where it was.
///
/// Operations are those of the archive's disk and the transactions of delivery, sealing and the
/// archive's index. What owners and producers do, and the ledger, is not counted.
///
/// Arguments: the folder, the operation to halt at (0 for none), and when.
final class DeliveryWork implements AutoCloseable {
    static final String BUCKET = "logs";
    static final String PREFIX = "halted";
    static final List<Place> PLACES =
            List.of(new Place("123456789012", "us-east-1"), new Place("123456789012", "eu-west-1"));

    /// Numbers of the events of each part of the story; those of the third come while it is off.
    static final int[] PARTS = {0, 4, 8, 10, 14};

    private static final Instant START = Instant.parse("2026-11-21T08:00:00Z");
    private static final int STEPS_MAX = 10_000;

    private final SegmentLedger ledger;
    private final SqliteCatalog catalog;
    private final DiskArchive archive;
    private final Trails trails;
    private final RegionKeys keys;
    private final TrailDelivery.Parts parts;

    /// @param seed of the names of files, so that each process does as many operations: objects
    ///   whose names begin alike share a folder, which is made once
    DeliveryWork(Path folder, HaltingDisk disk, long seed) throws Exception {
        KeyPair pair = pair(folder.resolveSibling("."));
        InstantSource clock = InstantSource.fixed(START);
        ledger =
                SegmentLedger.open(
                        new RealDisk(folder),
                        LedgerSettings.DEFAULTS.withDiskFreeMin(0).withPartitions(2),
                        clock);
        catalog = SqliteCatalog.open(folder.resolve("catalog.db"));
        Files.createDirectories(folder.resolve("archive"));
        archive =
                DiskArchive.open(
                        new DiskArchive.Parts(
                                disk,
                                new HaltingCatalog(
                                        SqliteCatalog.open(
                                                folder.resolve("archive").resolve("index.db")),
                                        disk),
                                new BucketRegister(catalog),
                                new WriteCheck(true),
                                new byte[32],
                                bytes(new SplittableRandom(seed)),
                                clock));
        trails = new Trails(catalog, ledger, 5);
        HaltingCatalog halting = new HaltingCatalog(catalog, disk);
        keys =
                new RegionKeys(
                        halting,
                        new Vault(new byte[Vault.MASTER_KEY_BYTES], byte[]::new),
                        () -> pair);
        parts =
                new TrailDelivery.Parts(
                        ledger,
                        halting,
                        archive,
                        new Trails(halting, ledger, 5),
                        new Sealing(halting, archive, keys, Duration.ofHours(1)),
                        SimulatedTopics.on(halting, byte[]::new, Duration.ofDays(1)).notices(),
                        new SplittableRandom(seed),
                        Duration.ofDays(30));
    }

    private static Secrets bytes(SplittableRandom random) {
        return count -> {
            byte[] bytes = new byte[count];
            random.nextBytes(bytes);
            return bytes;
        };
    }

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        HaltingDisk disk =
                new HaltingDisk(
                        new RealDisk(folder),
                        Long.parseLong(args[1]),
                        HaltingDisk.When.valueOf(args[2]));
        try (DeliveryWork work = new DeliveryWork(folder, disk, 1)) {
            work.play();
        }
        System.out.println("operations " + disk.operations());
    }

    static void write(KeyPair pair, Path folder) throws Exception {
        Files.write(folder.resolve("private"), pair.getPrivate().getEncoded());
        Files.write(folder.resolve("public"), pair.getPublic().getEncoded());
    }

    /// Making one takes long, so all processes share one.
    static KeyPair pair(Path folder) throws Exception {
        KeyFactory keys = KeyFactory.getInstance("RSA");
        return new KeyPair(
                keys.generatePublic(
                        new X509EncodedKeySpec(Files.readAllBytes(folder.resolve("public")))),
                keys.generatePrivate(
                        new PKCS8EncodedKeySpec(Files.readAllBytes(folder.resolve("private")))));
    }

    DiskArchive archive() {
        return archive;
    }

    /// Who proves the bucket by what this process says of it.
    BucketJudge judge() {
        return new BucketJudge(archive, catalog, keys, PLACES.stream().map(Place::region).toList());
    }

    void play() throws Exception {
        Trail trail = trail();
        record(0);
        settle(Duration.ofMinutes(5));
        record(1);
        settle(Duration.ofMinutes(10));
        settle(Duration.ofMinutes(65));
        log(trail, false);
        settle(Duration.ofMinutes(70));
        record(2);
        settle(Duration.ofMinutes(75));
        log(trail, true);
        record(3);
        settle(Duration.ofMinutes(80));
        settle(Duration.ofMinutes(145));
    }

    private Trail trail() throws CatalogException {
        Trail trail =
                new Trail(
                        "123456789012",
                        "main",
                        "us-east-1",
                        BUCKET,
                        PREFIX,
                        null,
                        true,
                        true,
                        true,
                        true);
        if (trails.find(trail.account(), trail.homeRegion(), trail.name()).isEmpty()) {
            catalog.<Boolean, CatalogException>write(tx -> {
                new BucketRegister(catalog)
                        .create(
                                tx,
                                new Bucket(BUCKET, trail.account(), "us-east-1", START, null, ""));
                trails.create(tx, trail, Map.of(), START);
                trails.log(tx, trail, true, START);
                return true;
            });
        }
        return trail;
    }

    private void log(Trail trail, boolean on) throws CatalogException {
        catalog.<Boolean, CatalogException>write(tx -> {
            trails.log(tx, trail, on, START);
            return true;
        });
    }

    /// The ids of one part's events.
    static List<String> ids(int part) {
        List<String> ids = new ArrayList<>();
        for (int number = PARTS[part]; number < PARTS[part + 1]; number++) {
            ids.add("event-" + number);
        }
        return ids;
    }

    /// Does nothing where they are recorded already.
    private void record(int part) throws InterruptedException {
        List<Entry> entries = new ArrayList<>();
        for (String id : ids(part)) {
            Place place = PLACES.get(entries.size() % PLACES.size());
            entries.add(
                    new Entry(
                            place,
                            id,
                            Origin.INTAKE,
                            """
                            {"eventVersion":"1.08","eventTime":"2026-11-21T08:00:00Z",\
                            "eventSource":"ec2.amazonaws.com","eventName":"RunInstances",\
                            "awsRegion":"%s","eventID":"%s","eventType":"AwsApiCall",\
                            "managementEvent":true,"readOnly":false,\
                            "eventCategory":"Management","recipientAccountId":"123456789012"}\
                            """
                                    .formatted(place.region(), id)
                                    .getBytes(UTF_8)));
        }
        ledger.append(entries);
    }

    private void settle(Duration since) throws Exception {
        Optional<String> id =
                trails.find("123456789012", "us-east-1", "main").map(state -> state.id());
        TrailDelivery delivery = new TrailDelivery(parts, id.orElseThrow());
        for (int step = 0; step < STEPS_MAX; step++) {
            switch (delivery.step(START.plus(since), true)) {
                case TrailDelivery.Step.Idle _ -> {
                    return;
                }
                case TrailDelivery.Step.More _ -> {}
                case TrailDelivery.Step.Gone gone -> throw new AssertionError(gone.toString());
                case TrailDelivery.Step.Refused refused -> throw refused.cause();
            }
        }
        throw new AssertionError("delivery does not come to rest");
    }

    @Override
    public void close() {
        archive.close();
        catalog.close();
        ledger.close();
    }
}
