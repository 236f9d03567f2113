package dev.cairn.server.bucket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cairn.access.Access;
import dev.cairn.account.Allow;
import dev.cairn.account.Caller;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.ObjectStore.Condition;
import dev.cairn.archive.WriteCheck;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.catalog.Outbox;
import dev.cairn.embedded.archive.DiskArchive;
import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.embedded.ledger.LedgerSettings;
import dev.cairn.embedded.ledger.SegmentLedger;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.server.http.Exchange;
import dev.cairn.server.http.Reply;
import dev.cairn.server.http.SpooledBody;
import dev.cairn.server.operation.Invocation;
import dev.cairn.server.operation.TestParts;
import dev.cairn.server.own.OwnCalls;
import dev.cairn.testkit.catalog.MemoryCatalog;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// One call reads many objects, each as its GetObject would.
class ReadObjectsTest {
    private static final InstantSource CLOCK = InstantSource.fixed(TestParts.NOW);
    private static final String BUCKET = "audit-logs";
    private static final Caller ROOT = Caller.root(TestParts.ACCOUNT, "AKIAROOT");
    private static final Caller READER =
            Caller.user(TestParts.ACCOUNT, "reader", "AIDAREADER", "AKIAREADER", Allow.READ);
    private static final Caller STRANGER = Caller.root("999999999999", "AKIASTRANGER");

    @TempDir private Path folder;
    private TestParts parts;
    private DiskArchive archive;
    private BucketRegister buckets;
    private S3Operations operations;
    private boolean wanted = true;

    @BeforeEach
    void a_bucket() throws Exception {
        parts = new TestParts(folder.resolve("ledger"));
        buckets = new BucketRegister(parts.catalog);
        archive =
                DiskArchive.open(
                        new DiskArchive.Parts(
                                new RealDisk(folder.resolve("archive")),
                                new MemoryCatalog(),
                                buckets,
                                new WriteCheck(false),
                                new byte[32],
                                parts.secrets,
                                CLOCK));
        operations = new S3Operations(new Access("000000000001"), buckets, archive);
        bucket(null);
    }

    @AfterEach
    void close() throws Exception {
        archive.close();
        parts.ledger.close();
    }

    private void bucket(@Nullable String policy) throws Exception {
        var bucket = new Bucket(BUCKET, TestParts.ACCOUNT, "eu-west-1", TestParts.NOW, policy, "");
        parts.catalog.<Boolean, RuntimeException>write(tx -> {
            if (buckets.find(tx, BUCKET).isPresent()) {
                buckets.replace(tx, bucket);
            } else {
                buckets.create(tx, bucket);
            }
            return true;
        });
    }

    private void put(String key, byte[] bytes, Map<String, String> headers) throws Exception {
        try (var draft = archive.draft(BUCKET)) {
            draft.write(bytes, 0, bytes.length);
            draft.commit(key, "etag", headers, new Condition.Always());
        }
    }

    private void put(String key, String text) throws Exception {
        put(key, text.getBytes(UTF_8), Map.of("content-type", "text/plain"));
    }

    private Reply read(Ledger ledger, Caller caller, String... keys) throws Exception {
        var ownCalls =
                new OwnCalls(
                        ledger,
                        new Outbox(parts.catalog, ledger),
                        parts.accounts,
                        parts.secrets,
                        CLOCK,
                        "us-east-1");
        var input = JsonNodeFactory.instance.objectNode().put("bucket", BUCKET);
        Arrays.asList(keys).forEach(input.putArray("keys")::add);
        return new ReadObjects(
                        operations,
                        new S3Records(operations, ownCalls, CLOCK),
                        ownCalls,
                        _ -> _ -> wanted,
                        Optional.empty())
                .run(
                        new Invocation(
                                caller,
                                "us-east-1",
                                input,
                                SpooledBody.of(new byte[0]),
                                CLOCK.instant()),
                        new Exchange(
                                new Request(
                                        "POST",
                                        "/cairn/v1/objects",
                                        "",
                                        Headers.of("Host", "cairn.example")),
                                InputStream.nullInputStream(),
                                0,
                                "203.0.113.9",
                                null),
                        "request-1");
    }

    private List<Told> read(Caller caller, String... keys) throws Exception {
        return told(read(parts.ledger, caller, keys));
    }

    /// What is told of one key.
    ///
    /// @param content empty for a refusal
    /// @param ended whether it is whole
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Told(JsonNode head, byte[] content, boolean ended) {
        String text() {
            return new String(content, UTF_8);
        }

        String code() {
            return head.path("code").asText();
        }
    }

    /// Reads the form as it is described, on its own.
    private static List<Told> told(Reply reply) throws Exception {
        assertThat(reply.status()).isEqualTo(200);
        var out = new ByteArrayOutputStream();
        ((Reply.Streamed) reply.body()).writer().write(out);
        var bytes = out.toByteArray();
        var told = new ArrayList<Told>();
        int[] at = {0};
        while (true) {
            var head = new ObjectMapper().readTree(line(bytes, at));
            if (head.has("answered")) {
                assertThat(head.path("answered").asInt()).isEqualTo(told.size());
                assertThat(at[0]).isEqualTo(bytes.length);
                return told;
            }
            var content = new ByteArrayOutputStream();
            var ended = false;
            if (head.has("length")) {
                var piece = line(bytes, at);
                while (piece.matches("[0-9]+")) {
                    var length = Integer.parseInt(piece);
                    content.write(bytes, at[0], length);
                    at[0] += length;
                    piece = line(bytes, at);
                }
                assertThat(piece).isIn("end", "broken");
                ended = piece.equals("end");
            }
            told.add(new Told(head, content.toByteArray(), ended));
        }
    }

    private static String line(byte[] bytes, int[] at) {
        var from = at[0];
        while (bytes[at[0]] != '\n') {
            at[0]++;
        }
        at[0]++;
        return new String(bytes, from, at[0] - 1 - from, UTF_8);
    }

    private List<JsonNode> events() throws Exception {
        var events = new ArrayList<JsonNode>();
        for (var item : parts.ledger.read(new Position(0, 0), 1000, 1 << 20).items()) {
            events.add(new ObjectMapper().readTree(((Slice.Held) item).entry().json()));
        }
        return events;
    }

    @Test
    void objects_come_in_the_order_asked_for_with_what_is_told_of_them() throws Exception {
        put("a", "one");
        put(
                "b",
                "two".getBytes(UTF_8),
                Map.of("content-encoding", "gzip", "x-amz-meta-signature", "beef"));
        put("empty", "");
        var told = read(READER, "b", "empty", "a");
        assertThat(told).extracting(Told::text).containsExactly("two", "", "one");
        assertThat(told).allMatch(Told::ended);
        assertThat(told.getFirst().head().path("key").asText()).isEqualTo("b");
        assertThat(told.getFirst().head().path("length").asInt()).isEqualTo(3);
        assertThat(told.getFirst().head().path("contentEncoding").asText()).isEqualTo("gzip");
        assertThat(told.getFirst().head().path("metadata").toString())
                .isEqualTo("{\"signature\":\"beef\"}");
        assertThat(told.getFirst().head().path("stored").asText())
                .isEqualTo(TestParts.NOW.toString());
    }

    @Test
    void a_large_object_comes_in_pieces() throws Exception {
        var bytes = new byte[300_000];
        RandomGenerator.of("L64X128MixRandom").nextBytes(bytes);
        put("large", bytes, Map.of());
        assertThat(read(ROOT, "large").getFirst().content()).isEqualTo(bytes);
    }

    @Test
    void each_is_recorded_as_the_get_object_it_stands_for() throws Exception {
        put("a", "one");
        assertThat(read(READER, "a", "none", "a")).hasSize(3);
        var events = events();
        assertThat(events).hasSize(3);
        assertThat(events)
                .allSatisfy(event -> {
                    assertThat(event.path("eventSource").asText()).isEqualTo("s3.amazonaws.com");
                    assertThat(event.path("eventName").asText()).isEqualTo("GetObject");
                    assertThat(event.path("eventCategory").asText()).isEqualTo("Data");
                    assertThat(event.path("readOnly").asBoolean()).isTrue();
                    assertThat(event.path("awsRegion").asText()).isEqualTo("eu-west-1");
                    assertThat(event.path("requestID").asText()).isEqualTo("request-1");
                    assertThat(event.path("sourceIPAddress").asText()).isEqualTo("203.0.113.9");
                    assertThat(event.path("userIdentity").path("userName").asText())
                            .isEqualTo("reader");
                    assertThat(event.path("requestParameters").path("bucketName").asText())
                            .isEqualTo(BUCKET);
                });
        assertThat(events)
                .extracting(event -> event.path("requestParameters").path("key").asText())
                .containsExactly("a", "none", "a");
        assertThat(events)
                .extracting(event -> event.path("resources").path(0).path("ARN").asText())
                .first()
                .isEqualTo("arn:aws:s3:::audit-logs/a");
        assertThat(events)
                .extracting(event -> event.path("errorCode").asText(""))
                .containsExactly("", "NoSuchKey", "");
        assertThat(events)
                .extracting(event -> event.path("eventID").asText())
                .doesNotHaveDuplicates();
    }

    @Test
    void nothing_is_recorded_that_nobody_wants() throws Exception {
        put("a", "one");
        wanted = false;
        assertThat(read(ROOT, "a")).extracting(Told::text).containsExactly("one");
        assertThat(events()).isEmpty();
    }

    @Test
    void a_policy_that_denies_one_key_denies_that_one() throws Exception {
        put("open", "one");
        put("secret/a", "two");
        bucket(
                """
                {"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*",
                "Action":"s3:GetObject","Resource":"arn:aws:s3:::audit-logs/secret/*"}]}\
                """);
        var told = read(ROOT, "open", "secret/a", "secret/none", "open");
        assertThat(told)
                .extracting(Told::code)
                .containsExactly("", "AccessDenied", "AccessDenied", "");
        assertThat(told).extracting(Told::text).containsExactly("one", "", "", "one");
        assertThat(events())
                .extracting(event -> event.path("errorCode").asText(""))
                .containsExactly("", "AccessDenied", "AccessDenied", "");
    }

    @Test
    void who_may_read_and_not_list_is_not_told_which_keys_are_free() throws Exception {
        put("a", "one");
        bucket(
                """
                {"Version":"2012-10-17","Statement":[{"Effect":"Allow",
                "Principal":{"AWS":"arn:aws:iam::999999999999:root"},
                "Action":"s3:GetObject","Resource":"arn:aws:s3:::audit-logs/*"}]}\
                """);
        assertThat(read(STRANGER, "a", "none"))
                .extracting(Told::code)
                .containsExactly("", "AccessDenied");
        bucket(null);
        assertThat(read(STRANGER, "a", "none"))
                .extracting(Told::code)
                .containsExactly("AccessDenied", "AccessDenied");
    }

    @Test
    void a_policy_that_changed_counts_at_once() throws Exception {
        put("a", "one");
        var deny =
                """
                {"Version":"2012-10-17","Statement":[{"Effect":"%s","Principal":"*",
                "Action":"s3:GetObject","Resource":"arn:aws:s3:::audit-logs/a"}]}\
                """;
        bucket(deny.formatted("Allow"));
        assertThat(read(ROOT, "a")).extracting(Told::code).containsExactly("");
        bucket(deny.formatted("Deny"));
        assertThat(read(ROOT, "a")).extracting(Told::code).containsExactly("AccessDenied");
    }

    @Test
    void keys_that_can_be_none_and_buckets_that_are_not_there_are_told_for_each_key()
            throws Exception {
        put("a", "one");
        assertThat(read(ROOT, "a\u0001", "k".repeat(1025), "a"))
                .extracting(Told::code)
                .containsExactly("InvalidArgument", "KeyTooLongError", "");
        archive.delete(BUCKET, "a");
        parts.catalog.<Boolean, RuntimeException>write(tx -> {
            buckets.delete(tx, buckets.find(tx, BUCKET).orElseThrow());
            return true;
        });
        assertThat(read(ROOT, "a", "b"))
                .extracting(Told::code)
                .containsExactly("NoSuchBucket", "NoSuchBucket");
    }

    @Test
    void a_ledger_that_pushes_back_lets_nothing_be_read() throws Exception {
        put("a", "one");
        try (var full =
                SegmentLedger.open(
                        new RealDisk(folder.resolve("full")),
                        LedgerSettings.DEFAULTS.withDiskFreeMin(Long.MAX_VALUE),
                        CLOCK)) {
            assertThatThrownBy(() -> read(full, ROOT, "a"))
                    .isInstanceOfSatisfying(
                            Failure.class,
                            failure -> {
                                assertThat(failure.code()).isEqualTo(ErrorCode.SERVICE_UNAVAILABLE);
                                assertThat(failure.retryAfter()).isPresent();
                            });
            // What need not be recorded can be read.
            wanted = false;
            assertThat(told(read(full, ROOT, "a"))).hasSize(1);
        }
    }

    @Test
    void an_answer_ends_where_it_grows_too_large_and_what_follows_is_not_recorded()
            throws Exception {
        var half = new byte[(int) (ReadObjects.OBJECT_BYTES_MAX / 2)];
        put("half", half, Map.of());
        put("more", new byte[half.length + 1], Map.of());
        put("huge", new byte[2 * half.length + 1], Map.of());
        assertThat(read(ROOT, "half", "half", "more")).hasSize(2);
        assertThat(events()).hasSize(2);
        assertThat(read(ROOT, "half", "more", "half")).hasSize(1);
        assertThat(read(ROOT, "huge", "half")).hasSize(1);
        assertThat(events()).hasSize(4);
    }

    @Test
    void a_damaged_object_ends_as_broken_and_the_others_come() throws Exception {
        put("a", "one");
        put("b", "two");
        put("c", "three");
        var file = archive.find(BUCKET, "b").orElseThrow().file();
        var path = folder.resolve("archive/archive/objects").resolve(file);
        var bytes = Files.readAllBytes(path);
        bytes[40] ^= 1;
        Files.write(path, bytes);
        var told = read(ROOT, "a", "b", "c");
        assertThat(told).extracting(Told::ended).containsExactly(true, false, true);
        assertThat(told).extracting(Told::text).containsExactly("one", "", "three");
    }

    @Test
    void an_object_that_is_replaced_or_goes_while_the_answer_is_made_is_told_as_it_is_then()
            throws Exception {
        put("a", "one");
        put("b", "two");
        var reply = read(parts.ledger, ROOT, "a", "b");
        put("a", "other");
        archive.delete(BUCKET, "b");
        var told = told(reply);
        assertThat(told).extracting(Told::text).containsExactly("other", "");
        assertThat(told.getFirst().head().path("length").asInt()).isEqualTo(5);
        assertThat(told).extracting(Told::code).containsExactly("", "NoSuchKey");
    }
}
