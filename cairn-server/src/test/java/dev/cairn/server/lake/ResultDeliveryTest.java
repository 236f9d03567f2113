package dev.cairn.server.lake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.archive.Archive;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.WriteCheck;
import dev.cairn.digest.RegionKeys;
import dev.cairn.embedded.secret.SystemKeys;
import dev.cairn.secret.Vault;
import dev.cairn.server.operation.Queries.Delivery;
import dev.cairn.server.operation.Queries.DeliveryStatus;
import dev.cairn.server.operation.Queries.Query;
import dev.cairn.server.operation.Queries.Status;
import dev.cairn.server.operation.TestArchive;
import dev.cairn.server.operation.TestParts;
import dev.cairn.testkit.catalog.MemoryCatalog;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.spec.RSAPublicKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Results of queries in a bucket, and the file that signs them.
class ResultDeliveryTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ID = "1a2b3c4d-0000-4000-8000-000000000001";
    private static final String STORE =
            "arn:aws:cloudtrail:us-east-1:123456789012:eventdatastore/0a1b2c3d-0000-4000-8000-000000000001";
    private static final String FOLDER =
            "answers/AWSLogs/123456789012/CloudTrail-Lake/Query/2026/11/21/" + ID + "/";

    private final MemoryCatalog catalog = new MemoryCatalog();
    private final BucketRegister buckets = new BucketRegister(catalog);
    private final RegionKeys keys =
            new RegionKeys(
                    catalog,
                    new Vault(new byte[Vault.MASTER_KEY_BYTES], byte[]::new),
                    new SystemKeys());
    private Archive archive;
    private QueryResults results;

    @TempDir private Path folder = Path.of("");

    @BeforeEach
    void open() throws Exception {
        archive = TestArchive.open(buckets, () -> TestParts.NOW);
        results = new QueryResults(folder.resolve("results"));
        policy(WriteCheck.policy("top", "answers/AWSLogs/123456789012/", STORE));
    }

    @AfterEach
    void close() {
        archive.close();
    }

    private void policy(String policy) throws Exception {
        catalog.<Boolean, Exception>write(tx -> {
            var bucket =
                    new Bucket("top", TestParts.ACCOUNT, "us-east-1", TestParts.NOW, policy, "");
            if (buckets.find(tx, "top").isPresent()) {
                buckets.replace(tx, bucket);
            } else {
                buckets.create(tx, bucket);
            }
            return true;
        });
    }

    private static Query query(String uri) {
        return new Query(
                ID,
                TestParts.ACCOUNT,
                "us-east-1",
                TestParts.ACCOUNT,
                "SELECT …",
                List.of(STORE.substring(STORE.indexOf('/') + 1)),
                Status.FINISHED,
                TestParts.NOW,
                0,
                0,
                3,
                5,
                null,
                Delivery.to(uri, STORE).completed(Instant.parse("2026-11-21T08:00:07.5Z")),
                null);
    }

    private void rows(String... lines) throws Exception {
        try (var writing = results.new Writing(ID, Long.MAX_VALUE)) {
            for (var line : lines) {
                writing.line(JSON.readTree(line));
            }
            writing.finish();
        }
    }

    private byte[] object(String name) throws Exception {
        try (var content = archive.get("top", FOLDER + name).orElseThrow()) {
            return content.bytes().readAllBytes();
        }
    }

    private static String unpacked(byte[] packed) throws Exception {
        try (var in = new GZIPInputStream(new java.io.ByteArrayInputStream(packed))) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    private DeliveryStatus deliver(int fileBytes) throws Exception {
        return new ResultDelivery(archive, keys, results, fileBytes)
                .deliver(query("s3://top/answers"));
    }

    @Test
    void a_result_is_csv_and_its_sign_file_proves_it() throws Exception {
        rows("[\"eventName\",\"n\"]", "[\"a, \\\"b\\\"\",1]", "[null,2]", "[{\"x\":[1]},3]");

        assertThat(deliver(1 << 20)).isEqualTo(DeliveryStatus.SUCCESS);

        assertThat(unpacked(object("result_1.csv.gz")))
                .isEqualTo("eventName,n\n\"a, \"\"b\"\"\",1\n,2\n\"{\"\"x\"\":[1]}\",3\n");
        var sign = JSON.readTree(object("result_sign.json"));
        assertThat(List.copyOf(members(sign)))
                .containsExactly(
                        "version",
                        "region",
                        "files",
                        "hashAlgorithm",
                        "signatureAlgorithm",
                        "queryCompleteTime",
                        "hashSignature",
                        "publicKeyFingerprint");
        assertThat(sign.path("version").asText()).isEqualTo("1.0");
        assertThat(sign.path("region").asText()).isEqualTo("us-east-1");
        assertThat(sign.path("hashAlgorithm").asText()).isEqualTo("SHA-256");
        assertThat(sign.path("signatureAlgorithm").asText()).isEqualTo("SHA256withRSA");
        assertThat(sign.path("queryCompleteTime").asText()).isEqualTo("2026-11-21T08:00:07Z");
        assertProved(sign, 1);
    }

    @Test
    void a_large_result_is_several_files_with_a_header_each() throws Exception {
        var lines = new ArrayList<String>();
        lines.add("[\"n\"]");
        for (var n = 0; n < 2_500; n++) {
            lines.add("[" + n + "]");
        }
        rows(lines.toArray(String[]::new));

        assertThat(deliver(1)).isEqualTo(DeliveryStatus.SUCCESS);

        assertProved(JSON.readTree(object("result_sign.json")), 3);
        var all = new StringBuilder();
        for (var file = 1; file <= 3; file++) {
            var text = unpacked(object("result_%d.csv.gz".formatted(file)));
            assertThat(text).startsWith("n\n");
            all.append(text.substring(2));
        }
        assertThat(all.toString().lines())
                .containsExactlyElementsOf(
                        lines.subList(1, lines.size()).stream()
                                .map(line -> line.substring(1, line.length() - 1))
                                .toList());
    }

    @Test
    void an_empty_result_is_a_header() throws Exception {
        rows("[\"n\"]");

        assertThat(deliver(1)).isEqualTo(DeliveryStatus.SUCCESS);

        assertThat(unpacked(object("result_1.csv.gz"))).isEqualTo("n\n");
        assertProved(JSON.readTree(object("result_sign.json")), 1);
    }

    @Test
    void a_delivery_that_was_interrupted_is_done_again_and_changes_nothing() throws Exception {
        rows("[\"n\"]", "[1]");
        assertThat(deliver(1)).isEqualTo(DeliveryStatus.SUCCESS);
        var first = object("result_sign.json");

        assertThat(deliver(1)).isEqualTo(DeliveryStatus.SUCCESS);

        assertThat(object("result_sign.json")).isEqualTo(first);
        rows("[\"n\"]", "[2]");
        assertThat(deliver(1)).as("something else lies there").isEqualTo(DeliveryStatus.FAILED);
    }

    @Test
    void what_the_bucket_does_not_let_in_is_told_apart() throws Exception {
        rows("[\"n\"]", "[1]");
        var other = "arn:aws:cloudtrail:us-east-1:123456789012:eventdatastore/other";
        policy(WriteCheck.policy("top", "answers/AWSLogs/123456789012/", other));
        assertThat(deliver(1)).isEqualTo(DeliveryStatus.ACCESS_DENIED);

        var open = WriteCheck.policy("top", "answers/AWSLogs/123456789012/", STORE);
        policy(
                open.replace(
                        "\"Statement\":[",
                        "\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:PutObject\",\"Resource\":\"arn:aws:s3:::top/*result_sign.json\"},"));
        assertThat(deliver(1)).isEqualTo(DeliveryStatus.ACCESS_DENIED_SIGNING_FILE);

        assertThat(new ResultDelivery(archive, keys, results).deliver(query("s3://gone/answers")))
                .isEqualTo(DeliveryStatus.RESOURCE_NOT_FOUND);
    }

    @Test
    void a_uri_is_a_bucket_and_perhaps_a_prefix() {
        assertThat(Delivery.to("s3://top", STORE).bucket()).isEqualTo("top");
        assertThat(Delivery.to("s3://top", STORE).prefix()).isEmpty();
        assertThat(Delivery.to("s3://top/", STORE).prefix()).isEmpty();
        assertThat(Delivery.to("s3://top/a/b", STORE).bucket()).isEqualTo("top");
        assertThat(Delivery.to("s3://top/a/b", STORE).prefix()).isEqualTo("a/b/");
        assertThat(Delivery.to("s3://top/a/b/", STORE).prefix()).isEqualTo("a/b/");
    }

    private static List<String> members(JsonNode node) {
        var members = new ArrayList<String>();
        node.fieldNames().forEachRemaining(members::add);
        return members;
    }

    /// As AWS's guide tells a reader to do it, with nothing of the product's.
    private void assertProved(JsonNode sign, int files) throws Exception {
        var hashes = new ArrayList<String>();
        for (var file : sign.path("files")) {
            var hash =
                    HexFormat.of()
                            .formatHex(
                                    MessageDigest.getInstance("SHA-256")
                                            .digest(object(file.path("fileName").asText())));
            assertThat(file.path("fileHashValue").asText()).isEqualTo(hash);
            hashes.add(hash);
        }
        assertThat(hashes).hasSize(files);
        var completed = Instant.parse(sign.path("queryCompleteTime").asText());
        var key =
                keys.published("us-east-1", completed, completed.plusSeconds(20 * 86_400L)).stream()
                        .filter(known ->
                                known.fingerprint()
                                        .equals(sign.path("publicKeyFingerprint").asText()))
                        .findFirst()
                        .orElseThrow();
        var signature = Signature.getInstance("SHA256withRSA");
        signature.initVerify(
                KeyFactory.getInstance("RSA").generatePublic(spec(ByteBuffer.wrap(key.pkcs1()))));
        signature.update(String.join(" ", hashes).getBytes(UTF_8));
        assertThat(signature.verify(HexFormat.of().parseHex(sign.path("hashSignature").asText())))
                .isTrue();
    }

    /// PKCS#1: a sequence of two integers.
    private static RSAPublicKeySpec spec(ByteBuffer der) {
        der.get();
        length(der);
        return new RSAPublicKeySpec(integer(der), integer(der));
    }

    private static BigInteger integer(ByteBuffer der) {
        der.get();
        var bytes = new byte[length(der)];
        der.get(bytes);
        return new BigInteger(bytes);
    }

    private static int length(ByteBuffer der) {
        int first = der.get() & 0xff;
        if (first < 0x80) {
            return first;
        }
        var length = 0;
        for (var more = first & 0x7f; more > 0; more--) {
            length = length << 8 | (der.get() & 0xff);
        }
        return length;
    }
}
