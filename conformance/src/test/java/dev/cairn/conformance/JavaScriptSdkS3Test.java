package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.conformance.LookupClient.RefusedException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// S3 by AWS SDK for JavaScript 3, which sends a CRC32 of all that it puts and checks that of all
/// that it gets.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class JavaScriptSdkS3Test {
    private static final byte[] CONTENT = random(100_000);
    private static final int PART_BYTES = 5 << 20;

    private LiveServer server;
    private JavaScriptClient client;

    @BeforeAll
    void start() throws Exception {
        server = LiveServer.start();
        client = new JavaScriptClient(server.endpoint(), LiveServer.ROOT, "us-east-1");
        client.call("s3", "CreateBucket", object().put("Bucket", "box"));
    }

    @AfterAll
    void stop() {
        client.close();
        server.close();
    }

    private static byte[] random(int count) {
        var bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"})
    void what_was_put_is_got_with_its_checksum(String algorithm) throws Exception {
        var key = "sums/" + algorithm;
        var input = at(key);
        input.set("Body", JavaScriptClient.bytes(CONTENT, false));
        if (!algorithm.isEmpty()) {
            input.put("ChecksumAlgorithm", algorithm);
        }
        var member = "Checksum" + (algorithm.isEmpty() ? "CRC32" : algorithm);

        var put = client.call("s3", "PutObject", input);

        var got = client.call("s3", "GetObject", at(key));
        assertThat(bytes(got)).isEqualTo(CONTENT);
        assertThat(put.path(member).asText()).isNotEmpty().isEqualTo(got.path(member).asText());
        assertThat(got.path("ETag").asText()).isEqualTo(put.path("ETag").asText());
        assertThat(client.call("s3", "HeadObject", at(key)).path("ContentLength").asInt())
                .isEqualTo(CONTENT.length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"CRC32", "CRC64NVME"})
    void what_is_sent_as_a_stream_brings_its_checksum_behind_it(String algorithm) throws Exception {
        var key = "streams/" + algorithm;
        var input = at(key).put("ContentLength", CONTENT.length);
        input.put("ChecksumAlgorithm", algorithm);
        input.set("Body", JavaScriptClient.bytes(CONTENT, true));

        var put = client.call("s3", "PutObject", input);

        assertThat(put.path("Checksum" + algorithm).asText()).isNotEmpty();
        var got = client.call("s3", "GetObject", at(key));
        assertThat(bytes(got)).isEqualTo(CONTENT);
        assertThat(got.path("ContentEncoding").asText()).isEmpty();
    }

    @Test
    void a_body_that_is_not_what_its_checksum_says_is_not_stored() {
        var input = at("wrong").put("ChecksumCRC32", "AAAAAA==");
        input.set("Body", JavaScriptClient.bytes(CONTENT, false));

        refused("BadDigest", "PutObject", input);
        refused("NoSuchKey", "GetObject", at("wrong"));
    }

    @Test
    void a_range_is_its_bytes() throws Exception {
        put("ranged", CONTENT);

        var got = client.call("s3", "GetObject", at("ranged").put("Range", "bytes=100-199"));
        assertThat(bytes(got)).isEqualTo(Arrays.copyOfRange(CONTENT, 100, 200));
        assertThat(got.path("ContentRange").asText()).isEqualTo("bytes 100-199/100000");
        var last = client.call("s3", "GetObject", at("ranged").put("Range", "bytes=-5"));
        assertThat(bytes(last))
                .isEqualTo(Arrays.copyOfRange(CONTENT, CONTENT.length - 5, CONTENT.length));
        refused("InvalidRange", "GetObject", at("ranged").put("Range", "bytes=100000-"));
    }

    @Test
    void a_list_has_keys_and_folders_page_by_page() throws Exception {
        for (var key : new String[] {"list/a b+ü&<.txt", "list/b/1", "list/b/2", "list/c"}) {
            put(key, new byte[] {1});
        }
        var ask = object().put("Bucket", "box").put("Prefix", "list/").put("Delimiter", "/");

        var first = client.call("s3", "ListObjectsV2", ask.deepCopy().put("MaxKeys", 2));

        assertThat(first.at("/Contents/0/Key").asText()).isEqualTo("list/a b+ü&<.txt");
        assertThat(first.at("/Contents/0/Size").asInt()).isEqualTo(1);
        assertThat(first.at("/CommonPrefixes/0/Prefix").asText()).isEqualTo("list/b/");
        assertThat(first.path("IsTruncated").asBoolean()).isTrue();
        var token = first.path("NextContinuationToken").asText();
        var second = client.call("s3", "ListObjectsV2", ask.put("ContinuationToken", token));
        assertThat(second.path("Contents")).hasSize(1);
        assertThat(second.at("/Contents/0/Key").asText()).isEqualTo("list/c");
        assertThat(second.path("IsTruncated").asBoolean()).isFalse();
    }

    @Test
    void parts_become_one_object() throws Exception {
        var content = random(PART_BYTES + 1000);
        var upload = at("parts");
        upload.put(
                "UploadId",
                client.call("s3", "CreateMultipartUpload", at("parts")).path("UploadId").asText());
        var complete = upload.deepCopy();
        var parts = complete.putObject("MultipartUpload").putArray("Parts");
        for (var number = 1; number <= 2; number++) {
            var from = (number - 1) * PART_BYTES;
            var bytes =
                    Arrays.copyOfRange(content, from, Math.min(from + PART_BYTES, content.length));
            var part = upload.deepCopy().put("PartNumber", number);
            part.set("Body", JavaScriptClient.bytes(bytes, false));
            var answer = client.call("s3", "UploadPart", part);
            assertThat(answer.path("ChecksumCRC32").asText()).isNotEmpty();
            parts.addObject()
                    .put("PartNumber", number)
                    .put("ETag", answer.path("ETag").asText())
                    .put("ChecksumCRC32", answer.path("ChecksumCRC32").asText());
        }
        assertThat(client.call("s3", "ListParts", upload).path("Parts")).hasSize(2);

        var done = client.call("s3", "CompleteMultipartUpload", complete);

        assertThat(done.path("ETag").asText()).matches("\"[0-9a-f]{32}-2\"");
        assertThat(bytes(client.call("s3", "GetObject", at("parts")))).isEqualTo(content);
        refused("NoSuchUpload", "AbortMultipartUpload", upload);
    }

    @Test
    void an_address_that_was_signed_lets_anyone_in_for_that_alone() throws Exception {
        put("signed", CONTENT);
        var get = client.presigned("GetObject", at("signed"));
        var put = client.presigned("PutObject", at("put-by-anyone"));
        try (var anyone = HttpClient.newHttpClient()) {
            assertThat(send(anyone, HttpRequest.newBuilder(get)).body()).isEqualTo(CONTENT);
            var another = URI.create(get.toString().replace("/signed?", "/other?"));
            assertThat(send(anyone, HttpRequest.newBuilder(another)).statusCode()).isEqualTo(403);

            var body = HttpRequest.BodyPublishers.ofByteArray(CONTENT);
            assertThat(send(anyone, HttpRequest.newBuilder(put).PUT(body)).statusCode())
                    .isEqualTo(200);
        }
        assertThat(bytes(client.call("s3", "GetObject", at("put-by-anyone")))).isEqualTo(CONTENT);
    }

    private static HttpResponse<byte[]> send(HttpClient http, HttpRequest.Builder request)
            throws Exception {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    @Test
    void what_was_deleted_is_gone() throws Exception {
        put("gone/1", CONTENT);
        put("gone/2", CONTENT);
        put("gone/3", CONTENT);
        client.call("s3", "DeleteObject", at("gone/1"));
        var many = object().put("Bucket", "box");
        var keys = many.putObject("Delete").putArray("Objects");
        keys.addObject().put("Key", "gone/2");
        keys.addObject().put("Key", "gone/never-there");

        assertThat(client.call("s3", "DeleteObjects", many).path("Deleted")).hasSize(2);

        var left =
                client.call(
                        "s3",
                        "ListObjectsV2",
                        object().put("Bucket", "box").put("Prefix", "gone/"));
        assertThat(left.path("KeyCount").asInt()).isEqualTo(1);
        refused("NoSuchKey", "GetObject", at("gone/1"));
        refused("BucketNotEmpty", "DeleteBucket", object().put("Bucket", "box"));
        refused("NoSuchBucket", "ListObjectsV2", object().put("Bucket", "nobody-made-this"));
    }

    @Test
    void what_is_not_built_says_so() {
        refused("NotImplemented", "GetBucketCors", object().put("Bucket", "box"));
    }

    private void put(String key, byte[] content) throws Exception {
        var input = at(key);
        input.set("Body", JavaScriptClient.bytes(content, false));
        client.call("s3", "PutObject", input);
    }

    private void refused(String error, String operation, JsonNode input) {
        var refused =
                catchThrowableOfType(
                        RefusedException.class, () -> client.call("s3", operation, input));

        assertThat(refused).as(operation).isNotNull();
        assertThat(refused.name()).as(refused.getMessage()).isEqualTo(error);
    }

    private static byte[] bytes(JsonNode got) throws IOException {
        return Base64.getDecoder().decode(got.at("/Body/base64").asText());
    }

    private static ObjectNode at(String key) {
        return object().put("Bucket", "box").put("Key", key);
    }

    private static ObjectNode object() {
        return Wire.JSON.createObjectNode();
    }
}
