package dev.cairn.server.bucket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Access;
import dev.cairn.access.Context;
import dev.cairn.account.Allow;
import dev.cairn.account.Caller;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.Lock;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.archive.Retention;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.catalog.CatalogException;
import dev.cairn.embedded.archive.DiskArchive;
import dev.cairn.server.bucket.S3Operations.Work;
import dev.cairn.server.http.Exchange;
import dev.cairn.server.http.Reply;
import dev.cairn.server.operation.Operations;
import dev.cairn.server.operation.TestArchive;
import dev.cairn.server.operation.TestParts;
import dev.cairn.testkit.catalog.MemoryCatalog;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Every operation of S3 that could remove, replace or free a locked version, tried by who may do
/// everything else: the root of the account.
class LockedObjectsTest {
    private static final String BUCKET = "audit-logs";
    private static final String KEY = "AWSLogs/file.json.gz";
    private static final Caller ROOT = Caller.root(TestParts.ACCOUNT, "AKIAROOT");
    private static final Caller OPERATOR =
            Caller.user(TestParts.ACCOUNT, "olga", "AIDAOLGA", "AKIAOLGA", Allow.OPERATE);
    private static final byte[] CONTENT = "what was delivered".getBytes(UTF_8);
    private static final long NOW = TestParts.NOW.getEpochSecond();
    private static final Instant UNTIL = TestParts.NOW.plus(Duration.ofDays(10));

    private final MemoryCatalog catalog = new MemoryCatalog();
    private final BucketRegister buckets = new BucketRegister(catalog);
    private Instant machine = TestParts.NOW;
    private DiskArchive archive;
    private S3Operations operations;

    /// The version that is locked.
    private String version = "";

    @BeforeEach
    void a_bucket_with_locks() throws Exception {
        archive = TestArchive.open(buckets, () -> machine);
        operations = new S3Operations(new Access("000000000001"), buckets, archive);
        run(ROOT, "CreateBucket", "{'ObjectLockEnabledForBucket':true}");
    }

    @AfterEach
    void close() {
        archive.close();
    }

    private void locked(Retention.Mode mode) throws Exception {
        run(
                ROOT,
                "PutObjectLockConfiguration",
                "{'ObjectLockConfiguration':{'ObjectLockEnabled':'Enabled','Rule':{'DefaultRetention':{'Mode':'%s','Days':10}}}}"
                        .formatted(mode));
        version = put(ROOT, "{}").headers().getOrDefault("x-amz-version-id", "");
        assertThat(object().lock())
                .isEqualTo(new Lock(Optional.of(new Retention(mode, UNTIL)), false));
    }

    private Stored object() throws Exception {
        return archive.find(BUCKET, KEY, version).orElseThrow();
    }

    private S3Call call(Caller caller, String input, S3Call.Body body) throws Exception {
        var members =
                (ObjectNode)
                        new ObjectMapper()
                                .readTree(input.replace('\'', '"').replace("$V", version));
        members.put("Bucket", BUCKET);
        return new S3Call(
                caller,
                "us-east-1",
                members,
                new Exchange(
                        new Request("PUT", "/", "", Headers.of("Host", "cairn.example")),
                        InputStream.nullInputStream(),
                        0,
                        "203.0.113.9",
                        null),
                new Context(machine, "us-east-1", "203.0.113.9", false),
                body);
    }

    /// Runs an operation as the door does: finds the bucket, asks for the right, does it.
    ///
    /// @return the error's code, or what was answered
    private Object run(String name, S3Call call) throws Exception {
        var operation = operations.operation(name);
        try {
            if (operation.isEmpty()) {
                throw new S3Failure(S3Code.NOT_IMPLEMENTED);
            }
            var built = operation.get();
            Bucket bucket = built.inBucket() ? operations.bucket(call) : null;
            operations.require(call, built, bucket);
            return switch (built.work()) {
                case Work.Document work -> work.run(call, some(bucket));
                case Work.Raw work -> work.run(call, some(bucket));
                case Work.Change work ->
                        catalog.<ObjectNode, CatalogException>write(
                                tx -> work.run(call, bucket, tx));
            };
        } catch (S3Failure failure) {
            return failure.code().awsName();
        } catch (ArchiveException failure) {
            return S3Failure.of(failure).code().awsName();
        }
    }

    private static Bucket some(@org.jspecify.annotations.Nullable Bucket bucket) {
        return java.util.Objects.requireNonNull(bucket);
    }

    private Object run(Caller caller, String name, String input) throws Exception {
        return run(name, call(caller, input, S3Call.Body.NONE));
    }

    private Reply put(Caller caller, String more) throws Exception {
        return (Reply) putting(caller, "PutObject", more);
    }

    private Object putting(Caller caller, String name, String more) throws Exception {
        var call =
                call(
                        caller,
                        more,
                        new S3Call.Body(
                                () -> new ByteArrayInputStream(CONTENT), CONTENT.length, null));
        call.input().put("Key", KEY);
        return run(name, call);
    }

    private static String key(String more) {
        return "{'Key':'%s'%s}".formatted(KEY, more.isEmpty() ? "" : "," + more);
    }

    private void check(Retention.Mode mode) throws Exception {
        Stored object = object();
        assertThat(object.lock().retention().orElseThrow())
                .satisfies(kept -> {
                    assertThat(kept.mode()).isEqualTo(mode);
                    assertThat(kept.until()).isAfterOrEqualTo(UNTIL);
                });
        try (var reading = archive.read(BUCKET, object).orElseThrow();
                var bytes = reading.bytes(0, object.length())) {
            assertThat(bytes.readAllBytes()).isEqualTo(CONTENT);
        }
        assertThat(operations.has(BUCKET)).isTrue();
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "DeleteObject       | 'VersionId':'$V'                                      | AccessDenied",
                "DeleteObject       | 'VersionId':'$V','BypassGovernanceRetention':true     | AccessDenied",
                "DeleteObject       | 'VersionId':'null'                                    | ",
                "DeleteObject       | 'BypassGovernanceRetention':true                      | ",
                "PutObjectRetention | 'VersionId':'$V','BypassGovernanceRetention':true,'Retention':{} | AccessDenied",
                "PutObjectRetention | 'BypassGovernanceRetention':true,'Retention':{'Mode':'COMPLIANCE','RetainUntilDate':$SHORT} | AccessDenied",
                "PutObjectRetention | 'BypassGovernanceRetention':true,'Retention':{'Mode':'COMPLIANCE','RetainUntilDate':$PAST} | InvalidArgument",
                "PutObjectRetention | 'BypassGovernanceRetention':true,'Retention':{'Mode':'GOVERNANCE','RetainUntilDate':$LONG} | AccessDenied",
                "PutObjectRetention | 'Retention':{'Mode':'COMPLIANCE','RetainUntilDate':$LONG} | ",
                "PutObjectLegalHold | 'LegalHold':{'Status':'OFF'}                          | ",
                "PutObjectTagging   | 'Tagging':{'TagSet':[{'Key':'a','Value':'b'}]}        | ",
                "DeleteObjectTagging| 'VersionId':'$V'                                      | ",
                "PutBucketVersioning| 'VersioningConfiguration':{'Status':'Suspended'}      | InvalidBucketState",
                "PutBucketVersioning| 'VersioningConfiguration':{}                          | IllegalVersioningConfigurationException",
                "PutObjectLockConfiguration | 'ObjectLockConfiguration':{'ObjectLockEnabled':'Disabled'} | MalformedXML",
                "PutObjectLockConfiguration | 'ObjectLockConfiguration':{'ObjectLockEnabled':'Enabled'}  | ",
                "DeleteBucket       |                                                       | BucketNotEmpty",
                "CreateBucket       |                                                       | BucketAlreadyOwnedByYou",
                "CopyObject         | 'CopySource':'audit-logs/AWSLogs/file.json.gz','MetadataDirective':'REPLACE' | ",
                "CopyObject         | 'CopySource':'audit-logs/AWSLogs/file.json.gz?versionId=$V' | ",
                "PutObjectAcl       | 'ACL':'public-read-write'                             | NotImplemented",
                "RestoreObject      | 'VersionId':'$V','RestoreRequest':{'Days':1}          | InvalidObjectState",
                "PutObjectRetention | 'BypassGovernanceRetention':true,'Retention':{'Mode':'COMPLIANCE','RetainUntilDate':99999999999999999999} | InvalidArgument",
                "PutObjectLegalHold | 'VersionId':'$V','LegalHold':{}                       | MalformedXML",
                "AbortMultipartUpload | 'UploadId':'none'                                    | NoSuchUpload",
                "UploadPartCopy     | 'UploadId':'none','PartNumber':1,'CopySource':'audit-logs/AWSLogs/file.json.gz' | NoSuchUpload",
                "PutBucketPolicy    | 'Policy':'{\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\",\\\"Principal\\\":\\\"*\\\",\\\"Action\\\":\\\"s3:*\\\",\\\"Resource\\\":\\\"arn:aws:s3:::audit-logs/*\\\"}]}' | AccessDenied",
                "PutBucketPolicy    | 'Policy':'{\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\",\\\"Principal\\\":{\\\"AWS\\\":\\\"210987654321\\\"},\\\"Action\\\":\\\"s3:*\\\",\\\"Resource\\\":\\\"arn:aws:s3:::audit-logs/*\\\"}]}' | ",
                "DeleteBucketPolicy |                                                        | ",
                "PutBucketTagging   | 'Tagging':{'TagSet':[{'Key':'a','Value':'b'}]}         | ",
                "DeleteBucketTagging|                                                        | ",
                "PutBucketEncryption|                                                        | MalformedXML",
                "PutBucketEncryption| 'ServerSideEncryptionConfiguration':{'Rules':[{'ApplyServerSideEncryptionByDefault':{'SSEAlgorithm':'AES256'}}]} | ",
                "DeleteBucketEncryption |                                                    | ",
                "PutPublicAccessBlock | 'PublicAccessBlockConfiguration':{}                   | ",
                "DeletePublicAccessBlock |                                                   | ",
                "PutBucketLifecycleConfiguration | 'LifecycleConfiguration':{'Rules':[{'ID':'1','Status':'Enabled','Filter':{},'Expiration':{'Days':1},'NoncurrentVersionExpiration':{'NoncurrentDays':1}}]} | ",
                "DeleteBucketLifecycle |                                                     | ",
            })
    void in_compliance_no_call_of_the_root_touches_it(String name, String members, String refused)
            throws Exception {
        locked(Retention.Mode.COMPLIANCE);
        var input =
                (members == null ? "" : members)
                        .replace("$SHORT", "" + (NOW + 86_400))
                        .replace("$PAST", "" + (NOW - 86_400))
                        .replace("$LONG", "" + (NOW + 100 * 86_400));
        boolean ofBucket = name.contains("Bucket") || name.endsWith("Configuration");

        var answer = run(ROOT, name, ofBucket ? "{" + input + "}" : key(input));

        if (refused == null) {
            assertThat(answer).isNotInstanceOf(String.class);
        } else {
            assertThat(answer).isEqualTo(refused);
        }
        check(Retention.Mode.COMPLIANCE);
    }

    /// What may be tried at what is locked: all that is built and does more than read. Whoever adds
    /// to it tries that above.
    @Test
    void nothing_that_changes_something_was_left_untried() {
        var changing = new TreeSet<String>();
        for (var operation : Operations.s3().model().operations()) {
            operations
                    .operation(operation.name())
                    .filter(built -> !built.readOnly())
                    .ifPresent(built -> changing.add(built.name()));
        }
        assertThat(changing)
                .containsExactly(
                        "AbortMultipartUpload",
                        "CompleteMultipartUpload",
                        "CopyObject",
                        "CreateBucket",
                        "CreateMultipartUpload",
                        "DeleteBucket",
                        "DeleteBucketEncryption",
                        "DeleteBucketLifecycle",
                        "DeleteBucketPolicy",
                        "DeleteBucketTagging",
                        "DeleteObject",
                        "DeleteObjectTagging",
                        "DeleteObjects",
                        "DeletePublicAccessBlock",
                        "PutBucketEncryption",
                        "PutBucketLifecycleConfiguration",
                        "PutBucketPolicy",
                        "PutBucketTagging",
                        "PutBucketVersioning",
                        "PutObject",
                        "PutObjectLegalHold",
                        "PutObjectLockConfiguration",
                        "PutObjectRetention",
                        "PutObjectTagging",
                        "PutPublicAccessBlock",
                        "RestoreObject",
                        "UploadPart",
                        "UploadPartCopy");
    }

    @Test
    void nor_does_a_delete_of_many() throws Exception {
        locked(Retention.Mode.COMPLIANCE);
        var answer =
                (ObjectNode)
                        run(
                                ROOT,
                                "DeleteObjects",
                                "{'BypassGovernanceRetention':true,'Delete':{'Objects':[{'Key':'%s','VersionId':'$V'},{'Key':'%s'},{'Key':'%s','VersionId':'what'}]}}"
                                        .formatted(KEY, KEY, KEY));
        assertThat(answer.path("Errors").findValuesAsText("Code"))
                .containsExactly("AccessDenied", "InvalidArgument");
        assertThat(answer.path("Errors").path(0).path("VersionId").asText()).isEqualTo(version);
        assertThat(answer.path("Deleted").path(0).path("DeleteMarker").asBoolean()).isTrue();
        check(Retention.Mode.COMPLIANCE);
    }

    @Test
    void nor_does_what_is_put_over_it() throws Exception {
        locked(Retention.Mode.COMPLIANCE);
        String first = version;
        assertThat(put(ROOT, "{}").headers().getOrDefault("x-amz-version-id", ""))
                .isNotEqualTo(first);
        var upload = (ObjectNode) run(ROOT, "CreateMultipartUpload", key(""));
        String id = upload.path("UploadId").asText();
        var part =
                (Reply)
                        putting(
                                ROOT,
                                "UploadPart",
                                "{'PartNumber':1,'UploadId':'%s'}".formatted(id));
        var made =
                (ObjectNode)
                        run(
                                ROOT,
                                "CompleteMultipartUpload",
                                key(
                                        "'UploadId':'%s','MultipartUpload':{'Parts':[{'PartNumber':1,'ETag':%s}]}"
                                                .formatted(
                                                        id,
                                                        part.headers().getOrDefault("ETag", ""))));
        assertThat(made.path("VersionId").asText()).isNotEmpty();
        assertThat(archive.versions(BUCKET, "", "", "", 10)).hasSize(3);
        check(Retention.Mode.COMPLIANCE);

        // When its time has come, it may go.
        machine = UNTIL.plusSeconds(1);
        assertThat(run(ROOT, "DeleteObject", key("'VersionId':'$V'")))
                .isNotInstanceOf(String.class);
        assertThat(archive.find(BUCKET, KEY, first)).isEmpty();
    }

    @Test
    void a_bucket_that_holds_but_a_marker_or_an_old_version_is_not_empty() throws Exception {
        run(ROOT, "DeleteObject", key(""));
        assertThat(run(ROOT, "DeleteBucket", "{}")).isEqualTo("BucketNotEmpty");
        String marker = archive.newest(BUCKET, KEY).orElseThrow().version().id();
        run(ROOT, "DeleteObject", key("'VersionId':'%s'".formatted(marker)));
        assertThat(run(ROOT, "DeleteBucket", "{}")).isNotInstanceOf(String.class);
    }

    @Test
    void governance_yields_to_a_key_that_may_do_everything_and_says_so() throws Exception {
        locked(Retention.Mode.GOVERNANCE);
        String bypass = key("'VersionId':'$V','BypassGovernanceRetention':true");
        assertThat(run(ROOT, "DeleteObject", key("'VersionId':'$V'"))).isEqualTo("AccessDenied");
        assertThat(run(OPERATOR, "DeleteObject", bypass)).isEqualTo("AccessDenied");
        check(Retention.Mode.GOVERNANCE);
        assertThat(run(ROOT, "DeleteObject", bypass)).isNotInstanceOf(String.class);
        assertThat(archive.find(BUCKET, KEY, version)).isEmpty();
    }

    @Test
    void a_legal_hold_yields_to_nobody_until_it_is_taken_off() throws Exception {
        version =
                put(ROOT, "{'ObjectLockLegalHoldStatus':'ON'}")
                        .headers()
                        .getOrDefault("x-amz-version-id", "");
        String bypass = key("'VersionId':'$V','BypassGovernanceRetention':true");
        assertThat(run(ROOT, "DeleteObject", bypass)).isEqualTo("AccessDenied");
        machine = UNTIL.plus(Duration.ofDays(36_500));
        assertThat(run(ROOT, "DeleteObject", bypass)).isEqualTo("AccessDenied");
        assertThat(
                        run(
                                ROOT,
                                "PutObjectLegalHold",
                                key("'VersionId':'$V','LegalHold':{'Status':'OFF'}")))
                .isNotInstanceOf(String.class);
        assertThat(run(ROOT, "DeleteObject", bypass)).isNotInstanceOf(String.class);
    }

    @Test
    void what_a_call_on_the_bucket_does_not_change_stays_as_it_is() throws Exception {
        var stale = buckets.find(BUCKET).orElseThrow();
        locked(Retention.Mode.COMPLIANCE);
        var tagging = operations.operation("PutBucketTagging").orElseThrow();
        var call = call(ROOT, "{'Tagging':{'TagSet':[{'Key':'a','Value':'b'}]}}", S3Call.Body.NONE);
        // It was looked up before the lock was put.
        catalog.<ObjectNode, CatalogException>write(
                tx -> ((Work.Change) tagging.work()).run(call, stale, tx));

        var bucket = buckets.find(BUCKET).orElseThrow();
        assertThat(bucket.tagging()).isEqualTo("a=b");
        assertThat(bucket.keeping().retention()).isPresent();
    }

    @Test
    void locks_are_only_for_buckets_that_have_them() throws Exception {
        catalog.<Boolean, CatalogException>write(tx -> {
            var bucket = buckets.find(tx, BUCKET).orElseThrow();
            buckets.replace(tx, bucket.with(dev.cairn.archive.Keeping.NONE));
            return true;
        });
        put(ROOT, "{}");
        for (var input :
                List.of(
                        "{'ObjectLockLegalHoldStatus':'ON'}",
                        "{'ObjectLockMode':'COMPLIANCE','ObjectLockRetainUntilDate':%d}"
                                .formatted(NOW + 10))) {
            assertThat(putting(ROOT, "PutObject", input)).isEqualTo("InvalidRequest");
        }
        assertThat(run(ROOT, "GetObjectRetention", key(""))).isEqualTo("InvalidRequest");
        assertThat(run(ROOT, "GetObjectLockConfiguration", "{}"))
                .isEqualTo("ObjectLockConfigurationNotFoundError");
        assertThat(
                        run(
                                ROOT,
                                "PutObjectLockConfiguration",
                                "{'ObjectLockConfiguration':{'ObjectLockEnabled':'Enabled'}}"))
                .isEqualTo("InvalidBucketState");
    }
}
