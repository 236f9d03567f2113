package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.catalog.Fields;
import dev.cairn.embedded.catalog.SqliteCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.cloudtrail.CloudTrailClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.Delete;
import software.amazon.awssdk.services.s3.model.ExpirationStatus;
import software.amazon.awssdk.services.s3.model.LifecycleRule;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.ObjectLockEnabled;
import software.amazon.awssdk.services.s3.model.ObjectLockLegalHoldStatus;
import software.amazon.awssdk.services.s3.model.ObjectLockRetentionMode;
import software.amazon.awssdk.services.s3.model.ServerSideEncryptionRule;

/// A trail's files in a bucket locked in compliance mode, before somebody who holds the account's
/// root key, and before somebody who holds the disk: the one alters nothing, the other nothing
/// unseen by who kept the public keys and a head.
@Tag("long")
final class RedTeamTest {
    private static final String BUCKET = "audit-vault";
    private static final Duration MAX = Duration.ofSeconds(90);

    @TempDir private Path elsewhere = Path.of("");

    private LiveServer server;
    private CloudTrailClient trails;
    private S3Client root;

    /// What a trail delivered, by key: its version and its bytes.
    private final Map<String, Delivered> delivered = new TreeMap<>();

    private record Delivered(String version, SdkBytes content, Instant until) {}

    @BeforeEach
    void a_trail_that_delivers_into_a_vault() throws Exception {
        server =
                LiveServer.start(
                        "trail.delivery-interval=1s",
                        "trail.digest-interval=1s",
                        "archive.lifecycle-interval=1s");
        connect();
        root.createBucket(bucket -> bucket.bucket(BUCKET).objectLockEnabledForBucket(true));
        root.putObjectLockConfiguration(lock ->
                lock.bucket(BUCKET)
                        .objectLockConfiguration(it ->
                                it.objectLockEnabled(ObjectLockEnabled.ENABLED)
                                        .rule(rule ->
                                                rule.defaultRetention(kept ->
                                                        kept.mode(
                                                                        ObjectLockRetentionMode
                                                                                .COMPLIANCE)
                                                                .years(7)))));
        root.putBucketPolicy(policy ->
                policy.bucket(BUCKET)
                        .policy(
                                """
                                {"Version":"2012-10-17","Statement":[
                                {"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},
                                "Action":["s3:GetBucketAcl","s3:PutObject"],
                                "Resource":["arn:aws:s3:::%1$s","arn:aws:s3:::%1$s/*"]}]}\
                                """
                                        .formatted(BUCKET)));
        trails.createTrail(
                trail -> trail.name("main").s3BucketName(BUCKET).enableLogFileValidation(true));
        trails.startLogging(trail -> trail.name("main"));
    }

    private void connect() {
        trails = JavaSdk.root(server.endpoint(), CloudTrailClient.builder()).build();
        root = JavaSdk.root(server.endpoint(), S3Client.builder()).forcePathStyle(true).build();
    }

    @AfterEach
    void stop() {
        trails.close();
        root.close();
        server.close();
    }

    private List<String> keys(String part) {
        return root.listObjectsV2Paginator(list -> list.bucket(BUCKET)).contents().stream()
                .map(object -> object.key())
                .filter(key -> key.contains(part))
                .toList();
    }

    /// Records an event, and waits until a log file with it and a digest behind that are there.
    private void deliver(int number) throws Exception {
        var logs = keys("/CloudTrail/").size();
        try (var wire = new Wire(server.endpoint())) {
            var sample = Sample.now(LiveServer.ACCOUNT, number);
            assertThat(wire.intake(LiveServer.ROOT, Sample.batch(List.of(sample))).status())
                    .isEqualTo(200);
        }
        Await.until(Await.Bound.of("a log file", MAX), () -> keys("/CloudTrail/").size() > logs);
        var digests = keys("/CloudTrail-Digest/").size();
        Await.until(
                Await.Bound.of("two more digests", MAX),
                () -> keys("/CloudTrail-Digest/").size() >= digests + 2);
    }

    /// What is there now is what must be there for ever.
    private void note() {
        for (var key : keys("AWSLogs/")) {
            var object = root.getObjectAsBytes(get -> get.bucket(BUCKET).key(key));
            delivered.put(
                    key,
                    new Delivered(
                            object.response().versionId(),
                            SdkBytes.fromByteArray(object.asByteArray()),
                            object.response().objectLockRetainUntilDate()));
        }
    }

    /// The verdict of who kept the public keys and a head elsewhere, and asks this server for
    /// nothing but the bucket.
    private Command verify() throws Exception {
        return server.cairn(
                "verify",
                "s3://" + BUCKET,
                "--keys",
                elsewhere.resolve("keys.json").toString(),
                "--head",
                elsewhere.resolve("head.json").toString());
    }

    private void keepElsewhere() throws Exception {
        server.cairn(
                        "fetch-proof",
                        "s3://" + BUCKET + "/",
                        elsewhere.resolve("copy").toString(),
                        "--save-keys",
                        elsewhere.resolve("keys.json").toString(),
                        "--save-head",
                        elsewhere.resolve("head.json").toString())
                .exited(0);
    }

    private static void refused(String what, ThrowingCallable call) {
        try {
            call.call();
        } catch (AwsServiceException refusal) {
            // 501: S3 has it, Cairn does not.
            assertThat(refusal.statusCode()).as(what).isBetween(400, 501);
            return;
        } catch (Throwable other) {
            throw new AssertionError(what, other);
        }
        throw new AssertionError("expected a refusal of " + what);
    }

    // ---- the root key ---------------------------------------------------------------------------

    @Test
    void the_root_of_the_account_alters_nothing() throws Exception {
        deliver(1);
        trails.stopLogging(trail -> trail.name("main"));
        note();
        keepElsewhere();
        assertThat(verify().exit()).isZero();

        delivered.forEach(this::tryToRemove);
        tryToFreeTheBucket();
        expireEverything();

        // A marker before a file hides it from who asks for no version; that is seen.
        var hidden = keys("").isEmpty();
        assertThat(hidden).as("the lifecycle rule put markers in front").isTrue();
        assertThat(verify().exit()).isEqualTo(1);
        for (var entry : delivered.entrySet()) {
            var object =
                    root.getObjectAsBytes(get ->
                            get.bucket(BUCKET)
                                    .key(entry.getKey())
                                    .versionId(entry.getValue().version()));
            assertThat(SdkBytes.fromByteArray(object.asByteArray()))
                    .isEqualTo(entry.getValue().content());
            assertThat(object.response().objectLockRetainUntilDate())
                    .isAfterOrEqualTo(entry.getValue().until());
        }

        // And it is taken away again: nothing was lost.
        root.deleteBucketLifecycle(gone -> gone.bucket(BUCKET));
        Await.until(Await.Bound.of("every marker gone", MAX), this::noMarkerIsLeft);
        assertThat(verify().exited(0).out()).contains("proved");
    }

    private boolean noMarkerIsLeft() {
        var markers =
                root
                        .listObjectVersionsPaginator(list -> list.bucket(BUCKET))
                        .deleteMarkers()
                        .stream()
                        .toList();
        for (var marker : markers) {
            root.deleteObject(
                    gone -> gone.bucket(BUCKET).key(marker.key()).versionId(marker.versionId()));
        }
        return markers.isEmpty();
    }

    private void tryToRemove(String key, Delivered file) {
        refused(
                "a delete",
                () ->
                        root.deleteObject(
                                gone -> gone.bucket(BUCKET).key(key).versionId(file.version())));
        refused(
                "a delete that bypasses",
                () ->
                        root.deleteObject(gone ->
                                gone.bucket(BUCKET)
                                        .key(key)
                                        .versionId(file.version())
                                        .bypassGovernanceRetention(true)));
        var many =
                root.deleteObjects(gone ->
                        gone.bucket(BUCKET)
                                .bypassGovernanceRetention(true)
                                .delete(
                                        Delete.builder()
                                                .objects(
                                                        ObjectIdentifier.builder()
                                                                .key(key)
                                                                .versionId(file.version())
                                                                .build())
                                                .build()));
        assertThat(many.deleted()).isEmpty();
        assertThat(many.errors()).hasSize(1);
        for (var mode : ObjectLockRetentionMode.knownValues()) {
            refused(
                    "a retention that is shorter",
                    () ->
                            root.putObjectRetention(lock ->
                                    lock.bucket(BUCKET)
                                            .key(key)
                                            .versionId(file.version())
                                            .bypassGovernanceRetention(true)
                                            .retention(it ->
                                                    it.mode(mode)
                                                            .retainUntilDate(
                                                                    file.until()
                                                                            .minusSeconds(60)))));
        }
        refused(
                "a retention of another mode",
                () ->
                        root.putObjectRetention(lock ->
                                lock.bucket(BUCKET)
                                        .key(key)
                                        .bypassGovernanceRetention(true)
                                        .retention(it ->
                                                it.mode(ObjectLockRetentionMode.GOVERNANCE)
                                                        .retainUntilDate(
                                                                file.until().plusSeconds(60)))));
        refused(
                "no retention",
                () ->
                        root.putObjectRetention(lock ->
                                lock.bucket(BUCKET)
                                        .key(key)
                                        .bypassGovernanceRetention(true)
                                        .retention(_ -> {})));
        // Taken, and frees nothing.
        root.putObjectLegalHold(hold ->
                hold.bucket(BUCKET)
                        .key(key)
                        .legalHold(it -> it.status(ObjectLockLegalHoldStatus.OFF)));
    }

    private void tryToFreeTheBucket() {
        refused("deleting the bucket", () -> root.deleteBucket(gone -> gone.bucket(BUCKET)));
        refused(
                "suspending versions",
                () ->
                        root.putBucketVersioning(keeping ->
                                keeping.bucket(BUCKET)
                                        .versioningConfiguration(it ->
                                                it.status(BucketVersioningStatus.SUSPENDED))));
        // What is put from now on is locked no more; what is there stays.
        root.putObjectLockConfiguration(lock ->
                lock.bucket(BUCKET)
                        .objectLockConfiguration(
                                it -> it.objectLockEnabled(ObjectLockEnabled.ENABLED)));
        refused(
                "another encryption",
                () ->
                        root.putBucketEncryption(put ->
                                put.bucket(BUCKET)
                                        .serverSideEncryptionConfiguration(it ->
                                                it.rules(
                                                        ServerSideEncryptionRule.builder()
                                                                .applyServerSideEncryptionByDefault(
                                                                        by ->
                                                                                by.sseAlgorithm(
                                                                                        "aws:kms"))
                                                                .build()))));
        refused("another bucket of that name", () -> root.createBucket(it -> it.bucket(BUCKET)));
    }

    private void expireEverything() throws Exception {
        root.putBucketLifecycleConfiguration(put ->
                put.bucket(BUCKET)
                        .lifecycleConfiguration(rules ->
                                rules.rules(
                                        LifecycleRule.builder()
                                                .id("all")
                                                .status(ExpirationStatus.ENABLED)
                                                .filter(filter -> filter.prefix(""))
                                                .expiration(it ->
                                                        it.date(
                                                                Instant.parse(
                                                                        "2020-01-01T00:00:00Z")))
                                                .noncurrentVersionExpiration(
                                                        it -> it.noncurrentDays(1))
                                                .build())));
        Await.until(
                Await.Bound.of("a marker in front of every file", MAX), () -> keys("").isEmpty());
    }

    // ---- the disk -------------------------------------------------------------------------------

    /// What somebody does to the data folder of a server that is down.
    @FunctionalInterface
    private interface Tampering {
        void with(Path data) throws IOException;
    }

    @Test
    void who_holds_the_disk_alters_nothing_unseen() throws Exception {
        deliver(1);
        stopServer();
        var earlier = copy(server.data(), elsewhere.resolve("earlier"));
        startServer();
        deliver(2);
        trails.stopLogging(trail -> trail.name("main"));
        keepElsewhere();
        assertThat(verify().exit()).isZero();
        stopServer();
        var sound = copy(server.data(), elsewhere.resolve("sound"));
        var logs = files(sound, "/CloudTrail/");
        var digests = files(sound, "/CloudTrail-Digest/");

        var acts = new TreeMap<String, Tampering>();
        acts.put("a byte of a log file", data -> flip(data.resolve(logs.getFirst())));
        acts.put("a byte of a digest", data -> flip(data.resolve(digests.getLast())));
        acts.put("a log file deleted", data -> Files.delete(data.resolve(logs.getLast())));
        acts.put("two log files swapped", data -> swap(data, logs.getFirst(), logs.getLast()));
        acts.put(
                "the index rolled back",
                data -> {
                    for (var end : List.of("", "-wal", "-shm")) {
                        Files.deleteIfExists(data.resolve("archive/index.db" + end));
                    }
                    Files.copy(
                            earlier.resolve("archive/index.db"), data.resolve("archive/index.db"));
                });
        acts.put(
                "all of it rolled back",
                data -> {
                    LiveServer.delete(data);
                    copy(earlier, data);
                });

        for (var act : acts.entrySet()) {
            LiveServer.delete(server.data());
            copy(sound, server.data());
            act.getValue().with(server.data());
            assertThat(seen(act.getKey())).as(act.getKey()).isTrue();
        }
        LiveServer.delete(server.data());
        copy(sound, server.data());
        startServer();
        assertThat(verify().exit()).as("what was not touched").isZero();
    }

    /// Whether it shows: the server refuses to start on it, or who kept keys and head finds it.
    private boolean seen(String act) throws Exception {
        startServer();
        try {
            var said = verify();
            System.out.printf("%s: exit %d, %s%n", act, said.exit(), said.out().lines().toList());
            return said.exit() != 0;
        } finally {
            stopServer();
        }
    }

    private void stopServer() throws Exception {
        trails.close();
        root.close();
        server.stop();
    }

    private void startServer() throws Exception {
        server.restart();
        connect();
    }

    /// The files of the objects whose keys have a part, below the data folder, in order of key: by
    /// the archive's index, which names them.
    private List<Path> files(Path data, String part) throws Exception {
        var index = elsewhere.resolve("index.db");
        Files.copy(data.resolve("archive/index.db"), index, StandardCopyOption.REPLACE_EXISTING);
        var files = new ArrayList<Path>();
        try (var rows = SqliteCatalog.open(index)) {
            for (var row : rows.list("object:" + BUCKET, "", "", 1000)) {
                if (row.key().contains(part)) {
                    files.add(Path.of("archive/objects").resolve(Fields.of(row).text("file")));
                }
            }
        }
        assertThat(files).hasSizeGreaterThan(1);
        return files;
    }

    private static void flip(Path file) throws IOException {
        var bytes = Files.readAllBytes(file);
        var changed = Arrays.copyOf(bytes, bytes.length);
        changed[bytes.length / 3] ^= 0x10;
        Files.write(file, changed);
    }

    private static void swap(Path data, Path one, Path other) throws IOException {
        var aside = data.resolve("aside");
        Files.move(data.resolve(one), aside);
        Files.move(data.resolve(other), data.resolve(one));
        Files.move(aside, data.resolve(other));
    }

    private static Path copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (var file : files.toList()) {
                Files.copy(
                        file,
                        to.resolve(from.relativize(file).toString()),
                        StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        return to;
    }
}
