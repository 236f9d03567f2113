package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.archive.Archive;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.WriteCheck;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.digest.Digest;
import dev.cairn.digest.RegionKeys;
import dev.cairn.embedded.archive.ArchiveKey;
import dev.cairn.embedded.archive.DiskArchive;
import dev.cairn.embedded.catalog.SqliteCatalog;
import dev.cairn.embedded.disk.DataFolder;
import dev.cairn.embedded.secret.MasterKeyFile;
import dev.cairn.embedded.secret.SystemKeys;
import dev.cairn.embedded.secret.SystemSecrets;
import dev.cairn.secret.Vault;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.cloudtrail.CloudTrailClient;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.Delete;
import software.amazon.awssdk.services.s3.model.ExpirationStatus;
import software.amazon.awssdk.services.s3.model.LifecycleRule;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.ObjectLockEnabled;
import software.amazon.awssdk.services.s3.model.ObjectLockLegalHoldStatus;
import software.amazon.awssdk.services.s3.model.ObjectLockRetentionMode;
import software.amazon.awssdk.services.s3.model.ObjectVersion;
import software.amazon.awssdk.services.s3.model.ServerSideEncryptionRule;

/// A trail's files in a bucket locked in compliance mode, before somebody who holds the account's
/// root key, and before somebody who holds the disk: the one alters nothing, the other nothing
/// unseen by who kept the public keys and a head.
@Tag("long")
final class RedTeamTest {
    private static final String BUCKET = "audit-vault";
    private static final String REGION = "us-east-1";
    private static final String LOGS = "/CloudTrail/";
    private static final String DIGESTS = "/CloudTrail-Digest/";
    private static final Duration MAX = Duration.ofSeconds(90);

    @TempDir private Path elsewhere = Path.of("");

    private LiveServer server;
    private CloudTrailClient trails;
    private S3Client root;
    private KmsClient kms;

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
        kms = JavaSdk.root(server.endpoint(), KmsClient.builder()).build();
    }

    private void disconnect() {
        trails.close();
        root.close();
        kms.close();
    }

    @AfterEach
    void stop() {
        disconnect();
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
        var logs = keys(LOGS).size();
        try (var wire = new Wire(server.endpoint())) {
            var sample = Sample.now(LiveServer.ACCOUNT, number);
            assertThat(wire.intake(LiveServer.ROOT, Sample.batch(List.of(sample))).status())
                    .isEqualTo(200);
        }
        Await.until(Await.Bound.of("a log file", MAX), () -> keys(LOGS).size() > logs);
        var digests = keys(DIGESTS).size();
        Await.until(
                Await.Bound.of("two more digests", MAX), () -> keys(DIGESTS).size() >= digests + 2);
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
        var key = encrypt();
        deliver(1);
        trails.stopLogging(trail -> trail.name("main"));
        note();
        keepElsewhere();
        assertThat(verify().exit()).isZero();

        delivered.forEach(this::tryToRemove);
        tryToFreeTheBucket();
        putOver();
        takeTheKeyAway(key);
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

    /// Encrypts what the trail delivers from now on under a key of the account.
    private String encrypt() throws Exception {
        var policy = server.cairn("doctor", "bucket", BUCKET, "--key-policy").exited(0).out();
        var key = kms.createKey(make -> make.policy(policy)).keyMetadata().arn();
        trails.updateTrail(trail -> trail.name("main").kmsKeyId(key));
        return key;
    }

    /// Puts newer versions before a locked one, and takes them away again: they are not locked, for
    /// the bucket locks nothing by itself any more.
    private void putOver() throws Exception {
        var logs = delivered.keySet().stream().filter(key -> key.contains(LOGS)).toList();
        var over = logs.getFirst();
        var acts = new LinkedHashMap<String, Runnable>();
        acts.put(
                "a put",
                () ->
                        root.putObject(
                                put -> put.bucket(BUCKET).key(over),
                                RequestBody.fromString("nothing happened")));
        acts.put(
                "a copy",
                () ->
                        root.copyObject(copy ->
                                copy.sourceBucket(BUCKET)
                                        .sourceKey(logs.getLast())
                                        .destinationBucket(BUCKET)
                                        .destinationKey(over)));
        acts.put("an upload in parts", () -> upload(over));
        for (var act : acts.entrySet()) {
            act.getValue().run();

            var said = verify();
            assertThat(said.exit()).as(act.getKey()).isEqualTo(1);
            assertThat(said.out()).containsPattern("(changed|moved) +" + Pattern.quote(over));
            var newer =
                    root
                            .listObjectVersions(list -> list.bucket(BUCKET).prefix(over))
                            .versions()
                            .stream()
                            .map(ObjectVersion::versionId)
                            .toList();
            assertThat(newer).hasSize(2).last().isEqualTo(version(over));
            root.deleteObject(gone -> gone.bucket(BUCKET).key(over).versionId(newer.getFirst()));
            assertThat(verify().exit()).isZero();
        }
    }

    private String version(String key) {
        return Objects.requireNonNull(delivered.get(key)).version();
    }

    private void upload(String key) {
        var id = root.createMultipartUpload(make -> make.bucket(BUCKET).key(key)).uploadId();
        var tag =
                root.uploadPart(
                                part -> part.bucket(BUCKET).key(key).uploadId(id).partNumber(1),
                                RequestBody.fromString("nothing happened"))
                        .eTag();
        root.completeMultipartUpload(done ->
                done.bucket(BUCKET)
                        .key(key)
                        .uploadId(id)
                        .multipartUpload(parts ->
                                parts.parts(
                                        CompletedPart.builder().partNumber(1).eTag(tag).build())));
    }

    /// Nobody reads what is encrypted under a key that is disabled, or about to be deleted; nor
    /// does it free anything, and it ends with the key's return.
    private void takeTheKeyAway(String key) throws Exception {
        kms.disableKey(it -> it.keyId(key));
        unreadableAndThere();
        kms.scheduleKeyDeletion(it -> it.keyId(key).pendingWindowInDays(7));
        unreadableAndThere();
        kms.cancelKeyDeletion(it -> it.keyId(key));
        kms.enableKey(it -> it.keyId(key));
        assertThat(verify().exit()).isZero();
    }

    private void unreadableAndThere() throws Exception {
        assertThat(verify().exited(2).out()).contains("unreadable", " 0 faults");
        delivered.forEach((name, file) ->
                refused(
                        "a delete of what nobody can read",
                        () ->
                                root.deleteObject(gone ->
                                        gone.bucket(BUCKET)
                                                .key(name)
                                                .versionId(file.version())
                                                .bypassGovernanceRetention(true))));
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

    /// What only a head that was noted elsewhere shows: the end that is left is as good as any.
    private static final Set<String> HIDDEN_WITHOUT_A_HEAD =
            Set.of(
                    "all of it rolled back",
                    "the index rolled back",
                    "a log file altered and every digest from then on signed anew",
                    "the newest digests cut off, and what they name");

    /// What somebody does to the data folder of a server that is down.
    @FunctionalInterface
    private interface Tampering {
        void with(Path data) throws Exception;
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
        var logs = files(sound, LOGS);
        var digests = files(sound, DIGESTS);

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

        acts.put("a log file altered and every digest from then on signed anew", this::signAnew);
        acts.put("the newest digests cut off, and what they name", this::cutOff);

        for (var act : acts.entrySet()) {
            LiveServer.delete(server.data());
            copy(sound, server.data());
            act.getValue().with(server.data());
            judge(act.getKey());
        }
        LiveServer.delete(server.data());
        copy(sound, server.data());
        startServer();
        assertThat(verify().exit()).as("what was not touched").isZero();
    }

    /// What was done shows to who kept public keys and a head, and what a head is needed for is
    /// what the docs say.
    private void judge(String act) throws Exception {
        startServer();
        try {
            var said = verify();
            System.out.printf("%s: exit %d, %s%n", act, said.exit(), said.out().lines().toList());
            assertThat(said.exit()).as(act).isNotZero();
            var headless =
                    server.cairn(
                            "verify",
                            "s3://" + BUCKET,
                            "--keys",
                            elsewhere.resolve("keys.json").toString());
            if (HIDDEN_WITHOUT_A_HEAD.contains(act)) {
                assertThat(headless.exited(0).out()).as(act).contains("no head is known");
            } else {
                assertThat(headless.exit()).as(act + ", without a head").isNotZero();
            }
        } finally {
            stopServer();
        }
    }

    /// The archive of a folder in the hands of somebody who has its master key as well, and knows
    /// how Cairn writes.
    private static final class Forger implements AutoCloseable {
        private final DataFolder folder;
        private final SqliteCatalog catalog;
        private final SqliteCatalog index;
        private final DiskArchive archive;
        private final RegionKeys signers;

        Forger(Path data) throws Exception {
            var secrets = new SystemSecrets();
            folder = DataFolder.open(data);
            catalog = SqliteCatalog.open(data.resolve("catalog.db"));
            index = SqliteCatalog.open(data.resolve("archive/index.db"));
            var vault = new Vault(MasterKeyFile.plain(data).read(false, secrets), secrets);
            signers = new RegionKeys(catalog, vault, new SystemKeys());
            archive =
                    DiskArchive.open(
                            new DiskArchive.Parts(
                                    folder.disk(),
                                    index,
                                    new BucketRegister(catalog),
                                    new WriteCheck(true),
                                    ArchiveKey.find(catalog, vault).orElseThrow(),
                                    secrets,
                                    InstantSource.system()));
        }

        /// The keys of objects in order.
        List<String> keys(String part) throws Exception {
            return archive.list(BUCKET, "AWSLogs/", "", 1000).objects().stream()
                    .map(Archive.Listed::key)
                    .filter(key -> key.contains(part))
                    .toList();
        }

        Item read(String key) throws Exception {
            try (var content = archive.get(BUCKET, key).orElseThrow();
                    var unpacked = new GZIPInputStream(content.bytes())) {
                return new Item(unpacked.readAllBytes(), content.description());
            }
        }

        /// No lock is asked: the index forgets the object.
        void remove(String key) throws Exception {
            index.<Boolean, CatalogException>write(tx -> {
                tx.delete(tx.get("object:" + BUCKET, key).orElseThrow());
                return true;
            });
        }

        void replace(String key, byte[] content, Archive.Description told) throws Exception {
            remove(key);
            var packed = new ByteArrayOutputStream();
            try (var gzip = new GZIPOutputStream(packed)) {
                gzip.write(content);
            }
            var as = new Archive.Writer(LiveServer.ACCOUNT, "");
            assertThat(archive.putIfAbsent(as, BUCKET, key, packed.toByteArray(), told))
                    .isEqualTo(Archive.Put.STORED);
        }

        /// @return its signature
        String sign(String key, ObjectNode digest, Archive.Description told) throws Exception {
            var json = Wire.JSON.writeValueAsBytes(digest);
            var text =
                    Digest.textToSign(
                            digest.path("digestEndTime").asText(),
                            BUCKET,
                            key,
                            Wire.sha256(json),
                            digest.path("previousDigestSignature").textValue());
            var fingerprint = digest.path("digestPublicKeyFingerprint").asText();
            var signature = signers.signer(REGION, fingerprint).sign(text);
            var metadata = new HashMap<>(told.metadata());
            metadata.put("signature", signature);
            replace(
                    key,
                    json,
                    new Archive.Description(told.contentType(), told.contentEncoding(), metadata));
            return signature;
        }

        @Override
        public void close() {
            archive.close();
            catalog.close();
            folder.close();
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // The array's identity is never relied on.
    private record Item(byte[] unpacked, Archive.Description told) {
        ObjectNode json() throws IOException {
            return (ObjectNode) Wire.JSON.readTree(unpacked);
        }
    }

    private void signAnew(Path data) throws Exception {
        try (var forger = new Forger(data)) {
            var log = forger.keys(LOGS).getLast();
            var altered = forger.read(log).json();
            ((ArrayNode) altered.path("Records")).remove(0);
            var content = Wire.JSON.writeValueAsBytes(altered);
            forger.replace(log, content, forger.read(log).told());
            var before = "";
            var signature = "";
            for (var key : forger.keys(DIGESTS)) {
                var item = forger.read(key);
                var digest = item.json();
                var names = false;
                for (var file : digest.path("logFiles")) {
                    if (file.path("s3Object").asText().equals(log)) {
                        ((ObjectNode) file).put("hashValue", Wire.sha256(content));
                        names = true;
                    }
                }
                if (!signature.isEmpty()) {
                    digest.put("previousDigestSignature", signature);
                    digest.put(
                            "previousDigestHashValue", Wire.sha256(forger.read(before).unpacked()));
                }
                if (names || !signature.isEmpty()) {
                    signature = forger.sign(key, digest, item.told());
                }
                before = key;
            }
            assertThat(signature).as("a digest names %s", log).isNotEmpty();
        }
    }

    private void cutOff(Path data) throws Exception {
        try (var forger = new Forger(data)) {
            var digests = forger.keys(DIGESTS);
            var from = digests.size() - 1;
            while (forger.read(digests.get(from)).json().path("logFiles").isEmpty()) {
                from--;
            }
            assertThat(from).isPositive();
            for (var key : digests.subList(from, digests.size())) {
                for (var file : forger.read(key).json().path("logFiles")) {
                    forger.remove(file.path("s3Object").asText());
                }
                forger.remove(key);
            }
        }
    }

    private void stopServer() throws Exception {
        disconnect();
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
