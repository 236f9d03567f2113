package dev.cairn.server.wiring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import dev.cairn.delivery.TrailDelivery;
import dev.cairn.digest.RegionKeys;
import dev.cairn.digest.Sealing;
import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.embedded.ledger.LedgerSettings;
import dev.cairn.embedded.ledger.SegmentLedger;
import dev.cairn.embedded.secret.SystemKeys;
import dev.cairn.event.Place;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.secret.Vault;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.delivery.SimulatedTopics;
import dev.cairn.trail.Trail;
import dev.cairn.trail.Trails;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeliveryReaderTest {
    private static final Place PLACE = new Place("123456789012", "us-east-1");
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final int SECONDS_MAX = 60;

    private final MemoryCatalog catalog = new MemoryCatalog();
    private final QueueArchive archive = new QueueArchive();
    private final SegmentLedger ledger;
    private final Trails trails;
    private @Nullable DeliveryReader reader;

    /// Tells of each object that is put into the bucket `logs`; there is no other bucket.
    private static final class QueueArchive implements Archive {
        private final BlockingQueue<String> put = new LinkedBlockingQueue<>();
        private final BlockingQueue<String> refused = new LinkedBlockingQueue<>();

        @Override
        public Put putIfAbsent(
                Writer as, String bucket, String key, byte[] content, Description type)
                throws ArchiveException {
            if (!bucket.equals("logs")) {
                refused.add(key);
                throw new ArchiveException(
                        ArchiveException.Kind.NO_SUCH_BUCKET, "NoSuchBucket", "no " + bucket);
            }
            put.add(key);
            return Put.STORED;
        }

        @Override
        public Put putIfAbsent(
                Writer as,
                String bucket,
                String key,
                long length,
                InputStream content,
                Description type) {
            throw new AssertionError("trails deliver bytes");
        }

        @Override
        public Optional<String> missingRight(Writer as, String bucket, String keyPrefix) {
            return Optional.empty();
        }

        @Override
        public Optional<Content> get(String bucket, String key) {
            return Optional.empty();
        }

        @Override
        public Page list(String bucket, String prefix, String after, int max) {
            return new Page(List.of(), false);
        }

        @Override
        public void close() {}

        String awaitPut(String part) throws InterruptedException {
            return await(put, part);
        }

        static String await(BlockingQueue<String> keys, String part) throws InterruptedException {
            while (true) {
                String key = keys.poll(SECONDS_MAX, TimeUnit.SECONDS);
                assertThat(key).as("an object with " + part).isNotNull();
                if (key != null && key.contains(part)) {
                    return key;
                }
            }
        }
    }

    DeliveryReaderTest(@TempDir Path folder) throws Exception {
        ledger =
                SegmentLedger.open(
                        new RealDisk(folder),
                        LedgerSettings.DEFAULTS.withDiskFreeMin(0),
                        InstantSource.system());
        trails = new Trails(catalog, ledger, 5);
    }

    @BeforeEach
    void start() {
        var keys =
                new RegionKeys(
                        catalog,
                        new Vault(new byte[Vault.MASTER_KEY_BYTES], byte[]::new),
                        new SystemKeys());
        reader =
                DeliveryReader.start(
                        new TrailDelivery.Parts(
                                ledger,
                                catalog,
                                archive,
                                trails,
                                new Sealing(catalog, archive, keys, SECOND),
                                SimulatedTopics.on(catalog, byte[]::new, SECOND).notices(),
                                new SplittableRandom(1),
                                Duration.ofDays(30)),
                        SECOND,
                        InstantSource.system());
    }

    @AfterEach
    void stop() {
        if (reader != null) {
            reader.close();
        }
        ledger.close();
    }

    private void trail(String name, String bucket) throws Exception {
        Trail trail =
                new Trail(
                        PLACE.account(),
                        name,
                        PLACE.region(),
                        bucket,
                        name,
                        null,
                        true,
                        true,
                        true,
                        true);
        catalog.<Boolean, RuntimeException>write(tx -> {
            trails.create(tx, trail, Map.of(), Instant.now());
            trails.log(tx, trail, true, Instant.now());
            return true;
        });
    }

    private void record(String id) throws Exception {
        ledger.append(
                List.of(
                        new Entry(
                                PLACE,
                                id,
                                Origin.INTAKE,
                                """
                                {"eventVersion":"1.08","eventTime":"2026-11-20T09:00:00Z",\
                                "eventSource":"ec2.amazonaws.com","eventName":"RunInstances",\
                                "awsRegion":"us-east-1","eventID":"%s","eventType":"AwsApiCall",\
                                "managementEvent":true,"readOnly":false,\
                                "eventCategory":"Management"}\
                                """
                                        .formatted(id)
                                        .getBytes(UTF_8))));
    }

    @Test
    void a_recorded_event_is_in_the_bucket_after_the_interval_and_digests_follow()
            throws Exception {
        trail("main", "logs");
        record("one");

        String file = archive.awaitPut("/CloudTrail/us-east-1/");
        String digest = archive.awaitPut("/CloudTrail-Digest/us-east-1/");

        assertThat(file)
                .matches(
                        "main/AWSLogs/123456789012/CloudTrail/us-east-1/\\d{4}/\\d\\d/\\d\\d/123456789012_CloudTrail_us-east-1_\\d{8}T\\d{4}Z_\\w{16}\\.json\\.gz");
        assertThat(digest)
                .matches(
                        "main/AWSLogs/123456789012/CloudTrail-Digest/us-east-1/\\d{4}/\\d\\d/\\d\\d/123456789012_CloudTrail-Digest_us-east-1_main_us-east-1_\\d{8}T\\d{6}Z\\.json\\.gz");
    }

    @Test
    void a_trail_whose_bucket_is_missing_holds_up_no_other_and_says_so() throws Exception {
        trail("lost", "nowhere");
        record("one");
        QueueArchive.await(archive.refused, "lost/");
        trail("main", "logs");
        record("two");

        archive.awaitPut("main/AWSLogs/123456789012/CloudTrail/us-east-1/");
        QueueArchive.await(archive.refused, "lost/"); // Tried again, so the first try is noted.
        var figures =
                java.util.Objects.requireNonNull(reader)
                        .figures(trails.current().courses().getFirst().id(), "us-east-1");
        assertThat(figures.error() + figures.digestError()).contains("NoSuchBucket");
        assertThat(figures.delivered()).isNull();
        assertThat(DeliveryReader.lowest(catalog, trails, 0)).isZero();
    }
}
