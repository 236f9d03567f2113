package dev.cairn.conformance;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.server.command.CairnCommand;
import dev.cairn.testkit.proof.DigestKeys;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.cloudtrail.CloudTrailClient;
import software.amazon.awssdk.services.s3.S3Client;

/// `cairn verify` and `cairn fetch-proof` against a running server: the owner of the bucket tries
/// everything, and the server's word names it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ProofTest {
    private static final String BUCKET = "audit-logs";
    private static final Duration DELIVERED_MAX = Duration.ofSeconds(90);
    private static final int DIGESTS_MIN = 8;
    private static final int FILES_MIN = 4;
    private static final String LOGS = "/CloudTrail/";
    private static final String DIGESTS = "/CloudTrail-Digest/";

    private final LiveServer server;
    private final CloudTrailClient trails;
    private final S3Client buckets;
    private final String arn;

    /// The bucket when all was well, after logging was stopped.
    private final NavigableMap<String, Item> untouched = new TreeMap<>();

    @SuppressWarnings("ArrayRecordComponent") // The array's identity is never relied on.
    private record Item(byte[] content, Map<String, String> metadata) {}

    ProofTest() throws Exception {
        server = LiveServer.start("trail.delivery-interval=1s", "trail.digest-interval=1s");
        trails = JavaSdk.root(server.endpoint(), CloudTrailClient.builder()).build();
        buckets = JavaSdk.root(server.endpoint(), S3Client.builder()).forcePathStyle(true).build();
        buckets.createBucket(bucket -> bucket.bucket(BUCKET));
        buckets.putBucketPolicy(policy ->
                policy.bucket(BUCKET)
                        .policy(
                                """
                                {"Version":"2012-10-17","Statement":[
                                {"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},
                                "Action":["s3:GetBucketAcl","s3:PutObject"],
                                "Resource":["arn:aws:s3:::%1$s","arn:aws:s3:::%1$s/*"]}]}\
                                """
                                        .formatted(BUCKET)));
        arn =
                trails.createTrail(trail ->
                                trail.name("main")
                                        .s3BucketName(BUCKET)
                                        .isMultiRegionTrail(true)
                                        .enableLogFileValidation(true))
                        .trailARN();
    }

    @BeforeAll
    void aDayInSeconds() throws Exception {
        trails.startLogging(trail -> trail.name("main"));
        for (var round = 0; keys(LOGS).size() < FILES_MIN; round++) {
            assertThat(round).isLessThan(20);
            record(round);
        }
        Await.until(
                Await.Bound.of("a chain of digests", DELIVERED_MAX),
                () -> keys(DIGESTS).size() >= DIGESTS_MIN);
        // What is told while digests come every second is no fault either.
        assertThat(verify().exit()).isZero();
        trails.stopLogging(trail -> trail.name("main"));
        Await.until(Await.Bound.of("the last digest", DELIVERED_MAX), this::everyRunHasEnded);
        for (var key : keys("AWSLogs/")) {
            var object = buckets.getObjectAsBytes(get -> get.bucket(BUCKET).key(key));
            untouched.put(key, new Item(object.asByteArray(), object.response().metadata()));
        }
    }

    private boolean everyRunHasEnded() throws Exception {
        var heads = new ArrayList<JsonNode>();
        var token = "";
        try (var wire = new Wire(server.endpoint())) {
            do {
                var query = new ArrayList<>(List.of("part", "heads"));
                if (!token.isEmpty()) {
                    query.addAll(List.of("nextToken", token));
                }
                var page =
                        wire.get(
                                        LiveServer.ROOT,
                                        "/cairn/v1/testimony",
                                        query.toArray(String[]::new))
                                .json();
                page.path("heads").forEach(heads::add);
                token = page.path("nextToken").asText();
            } while (!token.isEmpty());
        }
        return !heads.isEmpty() && heads.stream().allMatch(head -> head.path("ended").asBoolean());
    }

    @AfterAll
    void stop() {
        trails.close();
        buckets.close();
        server.close();
    }

    private void record(int round) throws Exception {
        var before = keys(LOGS).size();
        try (var wire = new Wire(server.endpoint())) {
            var sample = Sample.now(LiveServer.ACCOUNT, round);
            assertThat(wire.intake(LiveServer.ROOT, Sample.batch(List.of(sample))).status())
                    .isEqualTo(200);
        }
        Await.until(Await.Bound.of("a log file", DELIVERED_MAX), () -> keys(LOGS).size() > before);
    }

    private List<String> keys(String part) {
        return buckets.listObjectsV2Paginator(list -> list.bucket(BUCKET)).contents().stream()
                .map(object -> object.key())
                .filter(key -> key.contains(part))
                .toList();
    }

    // ---- attacks --------------------------------------------------------------------------------

    /// What somebody does to the bucket, what is said of which key, and whether the stock client
    /// sees it.
    private record Attack(
            String name, Consumer<ProofTest> act, String kind, String of, boolean seen) {
        @Override
        public String toString() {
            return name;
        }
    }

    private String log(int index) {
        return untouched.keySet().stream().filter(key -> key.contains(LOGS)).toList().get(index);
    }

    /// @param index from the oldest; negative ones from behind the newest
    private String digest(int index) {
        var digests = untouched.keySet().stream().filter(key -> key.contains(DIGESTS)).toList();
        return digests.get(index < 0 ? digests.size() + index : index);
    }

    private void put(String key, byte[] bytes, Map<String, String> metadata) {
        buckets.putObject(
                put -> put.bucket(BUCKET).key(key).metadata(metadata),
                RequestBody.fromBytes(bytes));
    }

    private Item item(String key) {
        return requireNonNull(untouched.get(key), key);
    }

    private void put(String key, String from) {
        var item = item(from);
        put(key, item.content(), item.metadata());
    }

    private void delete(String key) {
        buckets.deleteObject(gone -> gone.bucket(BUCKET).key(key));
    }

    private void flip(String key) {
        var bytes = item(key).content().clone();
        bytes[bytes.length / 2] ^= 0x10;
        put(key, bytes, item(key).metadata());
    }

    private void resign(String key) throws Exception {
        var own = new DigestKeys();
        var json = unpacked(item(key).content());
        var tree = (com.fasterxml.jackson.databind.node.ObjectNode) Wire.JSON.readTree(json);
        tree.put("digestPublicKeyFingerprint", own.fingerprint());
        tree.putArray("logFiles");
        var changed = Wire.JSON.writeValueAsBytes(tree);
        var text =
                String.join(
                        "\n",
                        tree.path("digestEndTime").asText(),
                        BUCKET + "/" + key,
                        Wire.sha256(changed),
                        tree.path("previousDigestSignature").asText());
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            gzip.write(changed);
        }
        put(
                key,
                packed.toByteArray(),
                Map.of("signature", own.sign(text), "signature-algorithm", "SHA256withRSA"));
    }

    private static byte[] unpacked(byte[] packed) throws IOException {
        try (var unpacked = new GZIPInputStream(new ByteArrayInputStream(packed))) {
            return unpacked.readAllBytes();
        }
    }

    /// Takes away what came after the oldest digest; the log files which that one names stay.
    private void truncate() {
        var named = text(digest(0));
        for (var key : untouched.keySet()) {
            if (key.contains(LOGS)
                    ? !named.contains(key)
                    : stamp(key).compareTo(stamp(digest(0))) > 0) {
                delete(key);
            }
        }
    }

    private String text(String digest) {
        try {
            return new String(unpacked(item(digest).content()), StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void untouchedAgain() {
        for (var key : keys("AWSLogs/")) {
            if (!untouched.containsKey(key)) {
                delete(key);
            }
        }
        untouched.forEach((key, item) -> put(key, item.content(), item.metadata()));
    }

    /// Every one of them, by its name.
    private List<Attack> all() {
        return List.of(
                new Attack("flip a byte", t -> t.flip(log(1)), "changed", log(1), true),
                new Attack(
                        "append bytes",
                        t -> {
                            var longer =
                                    java.util.Arrays.copyOf(
                                            item(log(1)).content(),
                                            item(log(1)).content().length + 9);
                            t.put(log(1), longer, Map.of());
                        },
                        "changed",
                        log(1),
                        false),
                new Attack("delete a file", t -> t.delete(log(1)), "missing", log(1), true),
                new Attack("delete a digest", t -> t.delete(digest(3)), "missing", digest(3), true),
                new Attack(
                        "delete two digests in a row",
                        t -> {
                            t.delete(digest(3));
                            t.delete(digest(4));
                        },
                        "missing",
                        digest(4),
                        true),
                new Attack(
                        "delete the newest digests",
                        t -> {
                            t.delete(digest(-1));
                            t.delete(digest(-2));
                        },
                        "missing",
                        digest(-1),
                        false),
                new Attack("truncate the tail", ProofTest::truncate, "missing", digest(-1), false),
                new Attack(
                        "swap two files",
                        t -> {
                            t.put(log(0), log(1));
                            t.put(log(1), log(0));
                        },
                        "moved",
                        log(0),
                        true),
                new Attack(
                        "sign with an own key",
                        t -> quietly(digest(3)),
                        "untrusted",
                        digest(3),
                        true),
                new Attack(
                        "replay an old digest",
                        t -> t.put(digest(5), digest(2)),
                        "moved",
                        digest(5),
                        true),
                new Attack(
                        "add a file",
                        t -> t.put(added("20200101T0000Z"), log(0)),
                        "unsigned",
                        added("20200101T0000Z"),
                        false),
                new Attack(
                        "add a file to the open window",
                        t -> t.put(added(newestMinute()), log(0)),
                        "added",
                        added(newestMinute()),
                        false),
                new Attack(
                        "take a signature away",
                        t -> t.put(digest(3), item(digest(3)).content(), Map.of()),
                        "unsigned",
                        digest(3),
                        true),
                new Attack(
                        "delete everything",
                        t -> untouched.keySet().forEach(t::delete),
                        "missing",
                        digest(-1),
                        false));
    }

    private void quietly(String key) {
        try {
            resign(key);
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
    }

    /// The key of a file that nobody delivered.
    private String added(String minute) {
        var key = log(0);
        return key.substring(0, key.indexOf(LOGS))
                + LOGS
                + "us-east-1/%s/%s/%s/"
                        .formatted(
                                minute.substring(0, 4),
                                minute.substring(4, 6),
                                minute.substring(6, 8))
                + "%s_CloudTrail_us-east-1_%s_AddedByAnAttackr.json.gz"
                        .formatted(LiveServer.ACCOUNT, minute);
    }

    private String newestMinute() {
        return stamp(digest(-1)).substring(0, 13) + "Z";
    }

    private static String stamp(String digest) {
        return digest.substring(digest.length() - 24, digest.length() - 8);
    }

    @Test
    void everyAttackIsNamedWithTheServersWord() throws Exception {
        for (var attack : all()) {
            attack.act().accept(this);
            try {
                var verdict = verify();
                assertThat(verdict.exit()).as(attack.name()).isEqualTo(1);
                assertThat(verdict.findings())
                        .as(attack.name())
                        .contains(attack.kind() + " " + attack.of());
            } finally {
                untouchedAgain();
            }
        }
        assertThat(verify().exit()).isZero();
    }

    /// What `docs/concepts/proof.md` says of the stock client.
    @Test
    @Tag("long")
    void theStockClientSeesWhatTheDocsSayAndNoMore() throws Exception {
        var client = CurrentCli.find(server.home());
        if (client.isEmpty()) {
            System.out.println("no current AWS CLI on the path: what it sees was not tried");
            return;
        }
        var seen = new TreeMap<String, Boolean>();
        for (var attack : all()) {
            attack.act().accept(this);
            var said = client.get().validateLogs(server, arn, "us-east-1");
            System.out.printf("%s: exit %d, %s%n", attack, said.exit(), said.out().strip());
            seen.put(attack.name(), said.exit() != 0);
            untouchedAgain();
        }
        for (var attack : all()) {
            assertThat(seen).as(attack.name()).containsEntry(attack.name(), attack.seen());
        }
    }

    // ---- the rest -------------------------------------------------------------------------------

    @Test
    void theProgramProvesTheBucketForWhoHasTheRightToRead() throws Exception {
        var said = server.cairnAs(LiveServer.ROOT, "verify", "s3://" + BUCKET).exited(0);
        assertThat(said.out())
                .contains("keys and heads from " + server.endpoint())
                .contains(
                        "proved: %,d digests"
                                .formatted(
                                        untouched.keySet().stream()
                                                .filter(key -> key.contains(DIGESTS))
                                                .count()));
        assertThat(
                        server.cairnAs(
                                        new LiveServer.Credentials("AKIAUNKNOWNUNKNOWN00", "wrong"),
                                        "verify",
                                        "s3://" + BUCKET)
                                .exit())
                .isEqualTo(2);
        assertThat(server.cairn("verify", "s3://no-such-bucket").exit()).isEqualTo(2);
    }

    @Test
    void eachObjectThatIsReadForAProofIsAnEventThoughManyAreReadByOneCall() throws Exception {
        var before = gets().keySet();
        assertThat(verify().exit()).isZero();
        var since =
                Await.value(
                        Await.Bound.of("an event for each object", DELIVERED_MAX),
                        () -> {
                            var gets = gets();
                            gets.keySet().removeAll(before);
                            return gets;
                        },
                        gets -> gets.size() >= untouched.size());
        assertThat(since.values())
                .extracting(get -> get.path("requestParameters").path("key").asText())
                .containsExactlyInAnyOrderElementsOf(untouched.keySet());
        assertThat(since.values())
                .extracting(get -> get.path("requestID").asText())
                .doesNotContain("");
        assertThat(
                        since.values().stream()
                                .map(get -> get.path("requestID").asText())
                                .distinct()
                                .count())
                .isLessThan(untouched.size() / 2);
    }

    /// GetObject events by their ids.
    private Map<String, JsonNode> gets() throws Exception {
        var gets = new TreeMap<String, JsonNode>();
        try (var wire = new Wire(server.endpoint())) {
            for (var found : wire.search(LiveServer.ROOT, "eventName:GetObject")) {
                var get = Wire.JSON.readTree(found.path("record").asText());
                gets.put(get.path("eventID").asText(), get);
            }
        }
        return gets;
    }

    @Test
    void whatIsFetchedIsProvedWithoutServerAndBucket() throws Exception {
        var copy = server.home().resolve("copy");
        var keys = server.home().resolve("keys.json");
        var head = server.home().resolve("head.json");
        var fetch =
                List.of(
                        "fetch-proof",
                        "s3://" + BUCKET + "/",
                        copy.toString(),
                        "--save-keys",
                        keys.toString(),
                        "--save-head",
                        head.toString());
        server.cairn(fetch.toArray(String[]::new)).exited(0);
        var verify =
                new String[] {
                    "verify",
                    copy.toString(),
                    "--keys",
                    keys.toString(),
                    "--head",
                    head.toString(),
                    "--json"
                };
        assertThat(run(verify).exit()).isZero();
        assertThat(run(verify).said().path("digests").asLong())
                .isEqualTo(verify().said().path("digests").asLong());

        // Stopped half-way: one file is missing, one is half there.
        Files.delete(copy.resolve(log(0)));
        Files.write(copy.resolve(digest(2)), new byte[] {1, 2, 3});
        assertThat(run(verify).exit()).isEqualTo(1);
        assertThat(server.cairn(fetch.toArray(String[]::new)).exited(0).out())
                .startsWith("2 files fetched, %,d were there".formatted(untouched.size() - 2));
        assertThat(run(verify).exit()).isZero();

        // A bare copy: the newest digest is proved by the head alone.
        try (var files = Files.walk(copy)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".metadata")).toList()) {
                Files.delete(file);
            }
        }
        assertThat(run(verify).exit()).isZero();
        var bare = run("verify", copy.toString(), "--keys", keys.toString(), "--json");
        assertThat(bare.exit()).isZero();
        assertThat(bare.findings()).contains("unproved " + digest(-1));

        Files.delete(copy.resolve(digest(-1)));
        assertThat(run(verify).exit()).isEqualTo(1);
    }

    // ---- the command, in this process ---------------------------------------------------------

    private record Said(int exit, JsonNode said) {
        List<String> findings() {
            var all = new ArrayList<String>();
            for (var finding : said.path("findings")) {
                all.add(finding.path("kind").asText() + " " + finding.path("key").asText());
            }
            return all;
        }
    }

    private Said verify() throws Exception {
        return run("verify", "s3://" + BUCKET, "--json", "--data", server.data().toString());
    }

    private static Said run(String... words) throws Exception {
        var out = new ByteArrayOutputStream();
        var before = System.out;
        int exit;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            exit = CairnCommand.run(words);
        } finally {
            System.setOut(before);
        }
        var said = out.toString(StandardCharsets.UTF_8);
        return new Said(exit, Wire.JSON.readTree(said.isBlank() ? "{}" : said));
    }
}
