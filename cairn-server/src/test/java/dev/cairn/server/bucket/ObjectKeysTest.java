package dev.cairn.server.bucket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cairn.access.Access;
import dev.cairn.access.Context;
import dev.cairn.account.Allow;
import dev.cairn.account.Caller;
import dev.cairn.archive.Archive;
import dev.cairn.archive.Archive.Description;
import dev.cairn.archive.Archive.Put;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.WriteCheck;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Outbox;
import dev.cairn.embedded.archive.DiskArchive;
import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.kms.EncryptCheck;
import dev.cairn.kms.KeyArn;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.server.bucket.S3Operations.Work;
import dev.cairn.server.http.Exchange;
import dev.cairn.server.http.Reply;
import dev.cairn.server.http.SpooledBody;
import dev.cairn.server.operation.Invocation;
import dev.cairn.server.operation.TestParts;
import dev.cairn.server.own.OwnCalls;
import dev.cairn.testkit.catalog.MemoryCatalog;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Log files under a KMS key: who reads them, and what is recorded of it.
class ObjectKeysTest {
    private static final InstantSource CLOCK = InstantSource.fixed(TestParts.NOW);
    private static final String BUCKET = "audit-logs";
    private static final String FILE = "AWSLogs/file.json.gz";
    private static final String TRAIL =
            "arn:aws:cloudtrail:us-east-1:%s:trail/main".formatted(TestParts.ACCOUNT);
    private static final Caller ROOT = Caller.root(TestParts.ACCOUNT, "AKIAROOT");
    private static final Caller READER =
            Caller.user(TestParts.ACCOUNT, "reader", "AIDAREADER", "AKIAREADER", Allow.READ);

    /// Lets the trail encrypt, one user decrypt, and root administer, but use it for nothing.
    private static final String SPLIT =
            """
            {"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},
             "Action":["kms:GenerateDataKey*","kms:DescribeKey"],"Resource":"*",
             "Condition":{"StringEquals":{"aws:SourceArn":"%2$s"}}},
            {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%1$s:user/reader"},
             "Action":"kms:Decrypt","Resource":"*","Condition":{
             "StringLike":{"kms:EncryptionContext:aws:cloudtrail:arn":"arn:aws:cloudtrail:*:%1$s:trail/*"},
             "StringEquals":{"kms:ViaService":"s3.us-east-1.amazonaws.com"}}}]}
            """
                    .formatted(TestParts.ACCOUNT, TRAIL);

    @TempDir private Path folder;
    private TestParts parts;
    private OwnCalls ownCalls;
    private DiskArchive archive;
    private S3Operations operations;
    private KeyArn key;
    private Archive.Writer trail;

    @BeforeEach
    void a_trail_with_a_key() throws Exception {
        parts = new TestParts(folder.resolve("ledger"));
        ownCalls =
                new OwnCalls(
                        parts.ledger,
                        new Outbox(parts.catalog, parts.ledger),
                        parts.accounts,
                        parts.secrets,
                        CLOCK,
                        "us-east-1");
        var keys = new ObjectKeys(parts.kms, ownCalls, CLOCK);
        var buckets = new BucketRegister(parts.catalog);
        archive =
                DiskArchive.open(
                        new DiskArchive.Parts(
                                new RealDisk(folder.resolve("archive")),
                                new MemoryCatalog(),
                                buckets,
                                new WriteCheck(true),
                                new byte[32],
                                keys,
                                parts.secrets,
                                CLOCK));
        operations =
                new S3Operations(new Access("000000000001"), buckets, archive, Optional.of(keys));
        change(tx ->
                buckets.create(
                        tx,
                        new Bucket(
                                BUCKET, TestParts.ACCOUNT, "us-east-1", TestParts.NOW, null, "")));
        key =
                parts.catalog.<KeyArn, CatalogException>write(tx ->
                        parts.kms
                                .keys()
                                .create(
                                        tx,
                                        TestParts.ACCOUNT,
                                        "us-east-1",
                                        "",
                                        Optional.of(
                                                EncryptCheck.policy(
                                                        TestParts.ACCOUNT, List.of(TRAIL))),
                                        Map.of(),
                                        TestParts.NOW)
                                .arn());
        trail = new Archive.Writer(TestParts.ACCOUNT, TRAIL, key.toString());
    }

    @AfterEach
    void close() {
        archive.close();
        parts.ledger.close();
    }

    private interface Change {
        void run(Transaction tx) throws CatalogException;
    }

    private void change(Change change) throws CatalogException {
        parts.catalog.<Boolean, CatalogException>write(tx -> {
            change.run(tx);
            return true;
        });
    }

    private Put deliver(String file, String text) throws ArchiveException {
        return archive.putIfAbsent(
                trail,
                BUCKET,
                file,
                text.getBytes(UTF_8),
                new Description("application/json", "", Map.of()));
    }

    private S3Call call(Caller caller, Map<String, String> members, String body) {
        var input = JsonNodeFactory.instance.objectNode().put("Bucket", BUCKET);
        members.forEach(input::put);
        return new S3Call(
                caller,
                "us-east-1",
                input,
                exchange(),
                new Context(TestParts.NOW, "us-east-1", "203.0.113.9", false),
                new S3Call.Body(
                        () -> new ByteArrayInputStream(body.getBytes(UTF_8)), body.length(), null));
    }

    private static Exchange exchange() {
        return new Exchange(
                new Request("GET", "/", "", Headers.of("Host", "cairn.example")),
                InputStream.nullInputStream(),
                0,
                "203.0.113.9",
                null);
    }

    private Reply raw(Caller caller, String name, Map<String, String> members, String body)
            throws Exception {
        var call = call(caller, members, body);
        var built = operations.operation(name).orElseThrow();
        var bucket = operations.bucket(call);
        operations.require(call, built, bucket);
        return ((Work.Raw) built.work()).run(call, bucket);
    }

    private String get(Caller caller, String file) throws Exception {
        return text(raw(caller, "GetObject", Map.of("Key", file), ""));
    }

    private static String text(Reply reply) throws Exception {
        var out = new ByteArrayOutputStream();
        ((Reply.Streamed) reply.body()).writer().write(out);
        return out.toString(UTF_8);
    }

    private S3Failure refused(Caller caller, String file) {
        var refused = catchThrowableOfType(S3Failure.class, () -> get(caller, file));
        assertThat(refused).isNotNull();
        return refused;
    }

    private List<JsonNode> events() throws Exception {
        var events = new ArrayList<JsonNode>();
        for (var item : parts.ledger.read(new Position(0, 0), 1000, 1 << 20).items()) {
            events.add(new ObjectMapper().readTree(((Slice.Held) item).entry().json()));
        }
        return events;
    }

    @Test
    void a_delivered_file_reads_as_it_was_and_says_how_it_is_encrypted() throws Exception {
        assertThat(deliver(FILE, "what was delivered")).isEqualTo(Put.STORED);

        var reply = raw(READER, "GetObject", Map.of("Key", FILE), "");

        assertThat(text(reply)).isEqualTo("what was delivered");
        assertThat(reply.headers())
                .containsEntry("x-amz-server-side-encryption", "aws:kms")
                .containsEntry("x-amz-server-side-encryption-aws-kms-key-id", key.toString());
        assertThat(reply.headers().keySet()).noneMatch(name -> name.startsWith("cairn"));
        assertThat(raw(READER, "HeadObject", Map.of("Key", FILE), "").headers())
                .containsEntry("x-amz-server-side-encryption", "aws:kms");
    }

    @Test
    void both_uses_of_the_key_are_recorded_with_the_context_and_no_key() throws Exception {
        deliver(FILE, "what was delivered");
        get(READER, FILE);

        var events = events();
        assertThat(events)
                .extracting(event -> event.path("eventName").asText())
                .containsExactly("GenerateDataKey", "Decrypt");
        assertThat(events)
                .allSatisfy(event -> {
                    assertThat(event.path("eventSource").asText()).isEqualTo("kms.amazonaws.com");
                    assertThat(event.path("readOnly").asBoolean()).isTrue();
                    assertThat(event.at("/resources/0/ARN").asText()).isEqualTo(key.toString());
                    assertThat(event.at("/requestParameters/encryptionContext").toString())
                            .isEqualTo(
                                    "{\"aws:cloudtrail:arn\":\"%s\",\"aws:s3:arn\":\"arn:aws:s3:::%s/%s\"}"
                                            .formatted(TRAIL, BUCKET, FILE));
                    assertThat(event.has("errorCode")).isFalse();
                });
        assertThat(events.getFirst().path("userIdentity").toString())
                .isEqualTo(
                        "{\"type\":\"AWSService\",\"invokedBy\":\"cloudtrail.amazonaws.com\",\"inScopeOf\":{\"sourceArn\":\"%s\",\"sourceAccount\":\"%s\"}}"
                                .formatted(TRAIL, TestParts.ACCOUNT));
        assertThat(events.getLast().at("/userIdentity/userName").asText()).isEqualTo("reader");
        assertThat(events.getLast().at("/userIdentity/invokedBy").asText())
                .isEqualTo("AWS Internal");
    }

    @Test
    void who_may_read_the_bucket_needs_a_right_to_the_key_as_well() throws Exception {
        deliver(FILE, "what was delivered");
        change(tx -> parts.kms.keys().putPolicy(tx, key, SPLIT));

        assertThat(get(READER, FILE)).isEqualTo("what was delivered");
        assertThat(refused(ROOT, FILE).code()).isEqualTo(S3Code.ACCESS_DENIED);
        assertThat(refused(ROOT, FILE).message()).contains("kms:Decrypt");
        assertThat(events().getLast().path("errorCode").asText()).isEqualTo("AccessDenied");
        assertThat(deliver("AWSLogs/next", "goes on")).isEqualTo(Put.STORED);
    }

    @Test
    void a_rotated_key_reads_what_it_encrypted_before() throws Exception {
        deliver(FILE, "before");
        change(tx -> parts.kms.keys().rotateOnDemand(tx, key, TestParts.NOW));
        assertThat(parts.keyCare.step(TestParts.NOW)).isTrue();
        deliver("AWSLogs/after", "after");

        assertThat(parts.kms.keys().expect(key).material()).isEqualTo(2);
        assertThat(get(READER, FILE)).isEqualTo("before");
        assertThat(get(READER, "AWSLogs/after")).isEqualTo("after");
    }

    @Test
    void a_disabled_key_takes_and_opens_nothing_until_it_is_enabled() throws Exception {
        deliver(FILE, "what was delivered");
        change(tx -> parts.kms.keys().disable(tx, key));

        assertThatThrownBy(() -> deliver("AWSLogs/next", "more"))
                .isInstanceOfSatisfying(
                        ArchiveException.class,
                        e -> assertThat(e.code()).isEqualTo("KMS.DisabledException"));
        assertThat(events().getLast().path("errorCode").asText()).isEqualTo("DisabledException");
        assertThat(refused(READER, FILE).code()).isEqualTo(S3Code.KMS_DISABLED);
        assertThatThrownBy(() -> archive.get(BUCKET, FILE)).isInstanceOf(ArchiveException.class);

        change(tx -> parts.kms.keys().enable(tx, key));
        assertThat(get(READER, FILE)).isEqualTo("what was delivered");
        assertThat(deliver("AWSLogs/next", "more")).isEqualTo(Put.STORED);
    }

    @Test
    void a_key_about_to_be_deleted_or_closed_to_the_trail_holds_up_what_is_delivered()
            throws Exception {
        change(tx -> parts.kms.keys().scheduleDeletion(tx, key, 7, TestParts.NOW));
        assertThatThrownBy(() -> deliver(FILE, "x"))
                .isInstanceOfSatisfying(
                        ArchiveException.class,
                        e -> assertThat(e.code()).isEqualTo("KMS.KMSInvalidStateException"));
        change(tx -> {
            parts.kms.keys().cancelDeletion(tx, key);
            parts.kms.keys().enable(tx, key);
            parts.kms.keys().putPolicy(tx, key, SPLIT.replace("trail/main\"", "trail/other\""));
        });
        assertThatThrownBy(() -> deliver(FILE, "x"))
                .isInstanceOfSatisfying(
                        ArchiveException.class, e -> assertThat(e.code()).isEqualTo("AccessDenied"))
                .hasMessageContaining("Allow CloudTrail to encrypt logs");
        assertThat(archive.find(BUCKET, FILE)).isEmpty();
    }

    @Test
    void callers_put_objects_under_a_key_too() throws Exception {
        var put =
                raw(
                        ROOT,
                        "PutObject",
                        Map.of(
                                "Key",
                                "mine",
                                "ServerSideEncryption",
                                "aws:kms",
                                "SSEKMSKeyId",
                                key.id()),
                        "secret");

        assertThat(put.headers())
                .containsEntry("x-amz-server-side-encryption-aws-kms-key-id", key.toString());
        assertThat(get(READER, "mine")).isEqualTo("secret");
        change(tx -> parts.kms.keys().disable(tx, key));
        assertThat(refused(READER, "mine").code()).isEqualTo(S3Code.KMS_DISABLED);
        var unknown =
                catchThrowableOfType(
                        S3Failure.class,
                        () ->
                                raw(
                                        ROOT,
                                        "PutObject",
                                        Map.of(
                                                "Key",
                                                "mine",
                                                "ServerSideEncryption",
                                                "aws:kms",
                                                "SSEKMSKeyId",
                                                "alias/none"),
                                        "secret"));
        assertThat(unknown.code()).isEqualTo(S3Code.KMS_NOT_FOUND);
    }

    @Test
    void a_copy_is_read_by_the_copiers_right_and_encrypted_anew() throws Exception {
        deliver(FILE, "what was delivered");
        var copy = Map.of("Key", "copy", "CopySource", BUCKET + "/" + FILE);
        var built = operations.operation("CopyObject").orElseThrow();
        var call = call(ROOT, copy, "");
        ((Work.Document) built.work()).run(call, operations.bucket(call));

        assertThat(archive.find(BUCKET, "copy").orElseThrow().headers().keySet())
                .noneMatch(name -> name.startsWith("cairn") || name.contains("encryption"));
        change(tx -> parts.kms.keys().disable(tx, key));
        assertThat(get(READER, "copy")).isEqualTo("what was delivered");
        assertThatThrownBy(() -> ((Work.Document) built.work()).run(call, operations.bucket(call)))
                .isInstanceOfSatisfying(
                        S3Failure.class, e -> assertThat(e.code()).isEqualTo(S3Code.KMS_DISABLED));
    }

    private String readMany(Caller caller) throws Exception {
        var input = JsonNodeFactory.instance.objectNode().put("bucket", BUCKET);
        input.putArray("keys").add(FILE);
        return text(
                new ReadObjects(
                                operations,
                                new S3Records(operations, ownCalls, CLOCK),
                                ownCalls,
                                _ -> _ -> true,
                                Optional.empty())
                        .run(
                                new Invocation(
                                        caller,
                                        "us-east-1",
                                        input,
                                        SpooledBody.of(new byte[0]),
                                        CLOCK.instant()),
                                exchange(),
                                "request-1"));
    }

    @Test
    void reading_many_at_once_asks_for_the_key_of_each() throws Exception {
        deliver(FILE, "what was delivered");
        assertThat(readMany(READER)).contains("what was delivered");
        assertThat(events())
                .extracting(event -> event.path("eventName").asText())
                .containsExactly("GenerateDataKey", "Decrypt", "GetObject");

        change(tx -> parts.kms.keys().putPolicy(tx, key, SPLIT));
        assertThat(readMany(ROOT))
                .contains("\"code\":\"AccessDenied\"")
                .doesNotContain("what was delivered");
    }
}
