package dev.cairn.server.bucket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Access;
import dev.cairn.account.Allow;
import dev.cairn.account.Caller;
import dev.cairn.archive.Archive;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.archive.WriteCheck;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Outbox;
import dev.cairn.disk.Disk;
import dev.cairn.embedded.archive.DiskArchive;
import dev.cairn.kms.AliasArn;
import dev.cairn.kms.KmsKey;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.server.http.Reply;
import dev.cairn.server.operation.TestParts;
import dev.cairn.server.own.OwnCalls;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.fault.SimulatedDisk;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which key objects are encrypted under: named by the call, by the upload that a part is of, or by
/// the bucket.
class BucketEncryptionTest {
    private static final InstantSource CLOCK = InstantSource.fixed(TestParts.NOW);
    private static final Caller ROOT = Caller.root(TestParts.ACCOUNT, "AKIAROOT");
    private static final Caller STRANGER =
            Caller.user("210987654321", "sam", "AIDASAM", "AKIASAM", Allow.ALL);
    private static final String KMS = "'ServerSideEncryption':'aws:kms'";
    private static final byte[] TEXT = "what was delivered".getBytes(UTF_8);

    @TempDir private Path folder;
    private final Disk disk = new SimulatedDisk();
    private TestParts parts;
    private DiskArchive archive;
    private TestCalls calls;
    private KmsKey key;
    private KmsKey other;

    @BeforeEach
    void a_bucket_and_two_keys() throws Exception {
        parts = new TestParts(folder.resolve("ledger"));
        var ownCalls =
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
                                disk,
                                new MemoryCatalog(),
                                buckets,
                                new WriteCheck(true),
                                new byte[32],
                                keys,
                                parts.secrets,
                                CLOCK));
        calls =
                new TestCalls(
                        parts.catalog,
                        new S3Operations(
                                new Access("000000000001"), buckets, archive, Optional.of(keys)),
                        "audit-logs");
        run("CreateBucket", "");
        key = make("alias/logs");
        other = make("alias/other");
    }

    @AfterEach
    void close() {
        archive.close();
        parts.ledger.close();
    }

    private KmsKey make(String alias) throws Exception {
        return parts.catalog.<KmsKey, CatalogException>write(tx -> {
            var made =
                    parts.kms
                            .keys()
                            .create(
                                    tx,
                                    TestParts.ACCOUNT,
                                    "us-east-1",
                                    "",
                                    Optional.empty(),
                                    Map.of(),
                                    TestParts.NOW);
            parts.kms
                    .aliases()
                    .create(
                            tx,
                            new AliasArn("us-east-1", TestParts.ACCOUNT, alias),
                            made,
                            TestParts.NOW);
            return made;
        });
    }

    private void disable() throws Exception {
        parts.catalog.<Boolean, CatalogException>write(tx -> {
            parts.kms.keys().disable(tx, key.arn());
            return true;
        });
    }

    private Object run(String name, String input, byte[] body) throws Exception {
        return calls.run(ROOT, name, "{" + input + "}", body);
    }

    private Object run(String name, String input) throws Exception {
        return run(name, input, new byte[0]);
    }

    private Object encrypt(String algorithm, String named) throws Exception {
        return run(
                "PutBucketEncryption",
                "'ServerSideEncryptionConfiguration':{'Rules':[{'ApplyServerSideEncryptionByDefault':{'SSEAlgorithm':'%s'%s}}]}"
                        .formatted(
                                algorithm,
                                named.isEmpty() ? "" : ",'KMSMasterKeyID':'" + named + "'"));
    }

    private static String keyOf(Object answer) {
        String name = "x-amz-server-side-encryption-aws-kms-key-id";
        return answer instanceof Reply reply
                ? reply.headers().getOrDefault(name, "")
                : ((ObjectNode) answer).path("SSEKMSKeyId").asText();
    }

    private static String algorithmOf(Object answer) {
        return answer instanceof Reply reply
                ? reply.headers().getOrDefault("x-amz-server-side-encryption", "")
                : ((ObjectNode) answer).path("ServerSideEncryption").asText();
    }

    private void check(Object answer, KmsKey expected) {
        assertThat(algorithmOf(answer)).isEqualTo("aws:kms");
        assertThat(keyOf(answer)).isEqualTo(expected.arn().toString());
    }

    private static byte[] bytes(Object reply) throws Exception {
        var out = new ByteArrayOutputStream();
        ((Reply.Streamed) ((Reply) reply).body()).writer().write(out);
        return out.toByteArray();
    }

    private List<String> kmsEvents() throws Exception {
        var events = new ArrayList<String>();
        for (var item : parts.ledger.read(new Position(0, 0), 1000, 1 << 20).items()) {
            JsonNode event = new ObjectMapper().readTree(((Slice.Held) item).entry().json());
            if (event.path("eventSource").asText().equals("kms.amazonaws.com")) {
                events.add(event.path("eventName").asText());
            }
        }
        return events;
    }

    /// What the files of the archive begin with.
    private List<String> forms() throws Exception {
        var forms = new ArrayList<String>();
        for (var name : ((SimulatedDisk) disk).files()) {
            try (var file = disk.open(name)) {
                var bytes = ByteBuffer.allocate(8);
                file.read(bytes, 0);
                forms.add(new String(bytes.array(), UTF_8).strip());
            }
        }
        return forms;
    }

    private String begun(String more) throws Exception {
        var upload = run("CreateMultipartUpload", "'Key':'k'" + more);
        return ((ObjectNode) upload).path("UploadId").asText();
    }

    private static String part(String upload, int number) {
        return "'Key':'k','UploadId':'%s','PartNumber':%d".formatted(upload, number);
    }

    private static String etag(Object answer) {
        return answer instanceof Reply reply
                ? reply.headers().getOrDefault("ETag", "").replace("\"", "")
                : ((ObjectNode) answer)
                        .path("CopyPartResult")
                        .path("ETag")
                        .asText()
                        .replace("\"", "");
    }

    private Object complete(String upload, Object... parts) throws Exception {
        var listed = new StringBuilder();
        for (int i = 0; i < parts.length; i++) {
            listed.append(listed.isEmpty() ? "" : ",")
                    .append("{'PartNumber':%d,'ETag':'%s'}".formatted(i + 1, etag(parts[i])));
        }
        return run(
                "CompleteMultipartUpload",
                "'Key':'k','UploadId':'%s','MultipartUpload':{'Parts':[%s]}"
                        .formatted(upload, listed));
    }

    @Test
    void who_has_no_account_names_keys_of_the_owners() throws Exception {
        String open =
                "{'Statement':[{'Effect':'Allow','Principal':'*','Action':'s3:PutObject','Resource':'arn:aws:s3:::audit-logs/*','Condition':{'IpAddress':{'aws:SourceIp':'203.0.113.0/24'}}}]}"
                        .replace('\'', '"');
        String input = BucketWork.nothing().put("Policy", open).toString();
        assertThat(calls.run(ROOT, "PutBucketPolicy", input)).isInstanceOf(ObjectNode.class);

        for (var named : List.of(key.arn().id(), "alias/logs")) {
            assertThat(
                            calls.run(
                                    Caller.ANONYMOUS,
                                    "PutObject",
                                    "{'Key':'k',%s,'SSEKMSKeyId':'%s'}".formatted(KMS, named),
                                    TEXT))
                    .isEqualTo("AccessDenied");
        }
        var accounts = new ArrayList<String>();
        for (var item : parts.ledger.read(new Position(0, 0), 1000, 1 << 20).items()) {
            accounts.add(((Slice.Held) item).entry().place().account());
        }
        assertThat(accounts).containsOnly(TestParts.ACCOUNT);
        assertThat(kmsEvents()).containsExactly("GenerateDataKey", "GenerateDataKey");
    }

    @Test
    void an_upload_in_parts_is_encrypted_under_the_key_that_its_beginning_names() throws Exception {
        byte[] large = new byte[5 << 20];
        new Random(3).nextBytes(large);
        run("PutObject", "'Key':'source'", TEXT);
        var upload =
                run("CreateMultipartUpload", "'Key':'k'," + KMS + ",'SSEKMSKeyId':'alias/logs'");
        check(upload, key);
        String id = ((ObjectNode) upload).path("UploadId").asText();
        var first = run("UploadPart", part(id, 1), large);
        check(first, key);
        var second =
                run(
                        "UploadPartCopy",
                        part(id, 2)
                                + ",'CopySource':'audit-logs/source','CopySourceRange':'bytes=0-3'");
        check(second, key);
        var made = complete(id, first, second);
        check(made, key);

        byte[] whole = Arrays.copyOf(large, large.length + 4);
        System.arraycopy(TEXT, 0, whole, large.length, 4);
        var read = run("GetObject", "'Key':'k'");
        check(read, key);
        assertThat(bytes(read)).isEqualTo(whole);
        int from = large.length - 2;
        assertThat(
                        bytes(
                                run(
                                        "GetObject",
                                        "'Key':'k','Range':'bytes=%d-%d'"
                                                .formatted(from, from + 4))))
                .isEqualTo(Arrays.copyOfRange(whole, from, from + 5));
        check(run("HeadObject", "'Key':'k'"), key);
        // One key for the whole, opened for each part; the list of parts is no content.
        assertThat(kmsEvents())
                .containsExactly("GenerateDataKey", "Decrypt", "Decrypt", "Decrypt", "Decrypt");
        assertThat(forms()).containsExactlyInAnyOrder("CrnObj1", "CrnObj1", "CrnObj2", "CrnObj2");

        disable();
        assertThat(run("GetObject", "'Key':'k'")).isEqualTo("KMS.DisabledException");
    }

    @Test
    void a_part_waits_for_a_key_that_is_disabled() throws Exception {
        String id = begun("," + KMS + ",'SSEKMSKeyId':'alias/logs'");
        disable();
        assertThat(run("UploadPart", part(id, 1), TEXT)).isEqualTo("KMS.DisabledException");
        assertThat(archive.parts(archive.upload("audit-logs", "k", id).orElseThrow(), 0, 10))
                .isEmpty();
        assertThat(run("CreateMultipartUpload", "'Key':'k'," + KMS + ",'SSEKMSKeyId':'alias/logs'"))
                .isEqualTo("KMS.DisabledException");
        assertThat(forms()).isEmpty();
    }

    @Test
    void what_names_no_key_is_encrypted_under_the_buckets() throws Exception {
        assertThat(run("PutObject", "'Key':'k'," + KMS, TEXT)).isEqualTo("NotImplemented");
        assertThat(encrypt("aws:kms", "alias/logs")).isInstanceOf(ObjectNode.class);
        assertThat(run("GetBucketEncryption", "").toString())
                .isEqualTo(
                        "{\"Rules\":[{\"ApplyServerSideEncryptionByDefault\":{\"SSEAlgorithm\":\"aws:kms\",\"KMSMasterKeyID\":\"alias/logs\"},\"BucketKeyEnabled\":false}]}");

        check(run("PutObject", "'Key':'k'", TEXT), key);
        check(run("PutObject", "'Key':'named'," + KMS, TEXT), key);
        check(run("PutObject", "'Key':'n'," + KMS + ",'SSEKMSKeyId':'alias/other'", TEXT), other);
        check(run("CopyObject", "'Key':'copy','CopySource':'audit-logs/k'"), key);
        String id = begun("");
        var part = run("UploadPart", part(id, 1), TEXT);
        check(part, key);
        check(complete(id, part), key);
        var plain = run("PutObject", "'Key':'plain','ServerSideEncryption':'AES256'", TEXT);
        assertThat(algorithmOf(plain)).isEqualTo("AES256");
        assertThat(keyOf(plain)).isEmpty();

        assertThat(run("DeleteBucketEncryption", "")).isInstanceOf(ObjectNode.class);
        assertThat(algorithmOf(run("PutObject", "'Key':'after'", TEXT))).isEqualTo("AES256");
        assertThat(bytes(run("GetObject", "'Key':'copy'"))).isEqualTo(TEXT);
        disable();
        assertThat(run("GetObject", "'Key':'k'")).isEqualTo("KMS.DisabledException");
        assertThat(bytes(run("GetObject", "'Key':'after'"))).isEqualTo(TEXT);
    }

    @Test
    void an_object_is_copied_onto_itself_to_be_encrypted_otherwise() throws Exception {
        run("PutObject", "'Key':'k'", TEXT);
        String onto = "'Key':'k','CopySource':'audit-logs/k'";
        assertThat(run("CopyObject", onto)).isEqualTo("InvalidRequest");
        check(run("CopyObject", onto + "," + KMS + ",'SSEKMSKeyId':'alias/logs'"), key);
        assertThat(bytes(run("GetObject", "'Key':'k'"))).isEqualTo(TEXT);
    }

    @Test
    void the_buckets_key_is_its_owners_and_asked_for_the_caller() throws Exception {
        encrypt("aws:kms", "alias/logs");
        run(
                "PutBucketPolicy",
                "'Policy':'{\\'Statement\\':[{\\'Effect\\':\\'Allow\\',\\'Principal\\':{\\'AWS\\':\\'210987654321\\'},\\'Action\\':\\'s3:PutObject\\',\\'Resource\\':\\'arn:aws:s3:::audit-logs/*\\'}]}'");
        // Not KMS.NotFoundException: it is no alias of theirs that is looked for.
        assertThat(calls.run(STRANGER, "PutObject", "{'Key':'k'}", TEXT)).isEqualTo("AccessDenied");
        assertThat(
                        calls.run(
                                STRANGER,
                                "PutObject",
                                "{'Key':'k'," + KMS + ",'SSEKMSKeyId':'alias/logs'}",
                                TEXT))
                .isEqualTo("KMS.NotFoundException");
        assertThat(archive.find("audit-logs", "k")).isEmpty();
    }

    @Test
    void what_a_trail_delivers_goes_by_the_trail() throws Exception {
        encrypt("aws:kms", "alias/logs");
        disable();
        archive.putIfAbsent(
                new Archive.Writer(
                        TestParts.ACCOUNT,
                        "arn:aws:cloudtrail:us-east-1:%s:trail/main".formatted(TestParts.ACCOUNT)),
                "audit-logs",
                "AWSLogs/file",
                TEXT,
                new Archive.Description("application/json", "", Map.of()));
        Stored file = archive.find("audit-logs", "AWSLogs/file").orElseThrow();
        assertThat(file.headers().keySet()).noneMatch(name -> name.contains("encryption"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "                                                                          | MalformedXML",
                "{'BucketKeyEnabled':false}                                                | MalformedXML",
                "{'ApplyServerSideEncryptionByDefault':{'SSEAlgorithm':'DES'}}             | MalformedXML",
                "{'ApplyServerSideEncryptionByDefault':{'SSEAlgorithm':'AES256'}},{'ApplyServerSideEncryptionByDefault':{'SSEAlgorithm':'AES256'}} | MalformedXML",
                "{'ApplyServerSideEncryptionByDefault':{'SSEAlgorithm':'AES256','KMSMasterKeyID':'alias/logs'}} | InvalidArgument",
                "{'ApplyServerSideEncryptionByDefault':{'SSEAlgorithm':'aws:kms'}}         | NotImplemented",
                "{'ApplyServerSideEncryptionByDefault':{'SSEAlgorithm':'aws:kms','KMSMasterKeyID':'no key'}} | InvalidArgument",
                "{'ApplyServerSideEncryptionByDefault':{'SSEAlgorithm':'aws:kms','KMSMasterKeyID':'arn:aws:kms:eu-west-1:123456789012:alias/logs'}} | InvalidArgument",
                "{'ApplyServerSideEncryptionByDefault':{'SSEAlgorithm':'aws:kms:dsse','KMSMasterKeyID':'alias/logs'}} | NotImplemented",
                "{'ApplyServerSideEncryptionByDefault':{'SSEAlgorithm':'aws:kms','KMSMasterKeyID':'alias/logs'},'BucketKeyEnabled':true} | NotImplemented"
            })
    void a_configuration_that_cannot_be_kept_is_refused(String rules, String code)
            throws Exception {
        encrypt("aws:kms", "alias/other");
        assertThat(
                        run(
                                "PutBucketEncryption",
                                "'ServerSideEncryptionConfiguration':{'Rules':[%s]}"
                                        .formatted(rules == null ? "" : rules)))
                .isEqualTo(code);
        check(run("PutObject", "'Key':'k'", TEXT), other);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'ServerSideEncryption':'aws:kms:dsse'                   | NotImplemented",
                "'SSECustomerAlgorithm':'AES256'                         | NotImplemented",
                "'SSEKMSKeyId':'alias/logs'                              | InvalidArgument",
                "'ServerSideEncryption':'AES256','SSEKMSKeyId':'alias/logs' | InvalidArgument",
                "'ServerSideEncryption':'aws:kms','SSEKMSKeyId':'alias/logs','BucketKeyEnabled':'True' | NotImplemented",
                "'ServerSideEncryption':'aws:kms','SSEKMSKeyId':'alias/logs','SSEKMSEncryptionContext':'e30=' | NotImplemented",
                "'ServerSideEncryption':'aws:kms','SSEKMSKeyId':'alias/none' | KMS.NotFoundException"
            })
    void an_object_is_not_put_otherwise_than_asked(String asked, String code) throws Exception {
        for (String name : new String[] {"PutObject", "CreateMultipartUpload"}) {
            assertThat(run(name, "'Key':'k'," + asked, TEXT)).as(name).isEqualTo(code);
        }
        assertThat(archive.find("audit-logs", "k")).isEmpty();
        assertThat(archive.uploads("audit-logs", "", null, 10)).isEmpty();
    }
}
