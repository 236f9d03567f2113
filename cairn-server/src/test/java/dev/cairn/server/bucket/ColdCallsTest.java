package dev.cairn.server.bucket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Access;
import dev.cairn.access.Context;
import dev.cairn.account.Caller;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.Storage;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.catalog.CatalogException;
import dev.cairn.embedded.archive.DiskArchive;
import dev.cairn.server.bucket.S3Operations.Work;
import dev.cairn.server.http.Exchange;
import dev.cairn.server.http.Reply;
import dev.cairn.server.operation.TestArchive;
import dev.cairn.server.operation.TestParts;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.fault.SimulatedDisk;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What callers of S3 are told of objects in a colder class, and of rules that move them there.
class ColdCallsTest {
    private static final String BUCKET = "audit-logs";
    private static final Caller ROOT = Caller.root(TestParts.ACCOUNT, "AKIAROOT");
    private static final byte[] CONTENT = "what was delivered".getBytes(UTF_8);

    private final MemoryCatalog catalog = new MemoryCatalog();
    private final BucketRegister buckets = new BucketRegister(catalog);
    private DiskArchive archive;
    private S3Operations operations;

    @BeforeEach
    void open() throws Exception {
        open(true);
    }

    private void open(boolean cold) throws Exception {
        archive =
                TestArchive.open(
                        buckets,
                        () -> TestParts.NOW,
                        cold ? Optional.of(new SimulatedDisk()) : Optional.empty());
        operations = new S3Operations(new Access("000000000001"), buckets, archive);
        run("CreateBucket", "{}");
    }

    @AfterEach
    void close() {
        archive.close();
    }

    /// @return the error's code, or what was answered
    private Object run(String name, String input) throws Exception {
        var members = (ObjectNode) new ObjectMapper().readTree(input.replace('\'', '"'));
        members.put("Bucket", BUCKET);
        var call =
                new S3Call(
                        ROOT,
                        "us-east-1",
                        members,
                        new Exchange(
                                new Request("PUT", "/", "", Headers.of("Host", "cairn.example")),
                                InputStream.nullInputStream(),
                                0,
                                "203.0.113.9",
                                null),
                        new Context(TestParts.NOW, "us-east-1", "203.0.113.9", false),
                        new S3Call.Body(
                                () -> new ByteArrayInputStream(CONTENT), CONTENT.length, null));
        try {
            var built = operations.operation(name).orElseThrow();
            Bucket bucket = built.inBucket() ? operations.bucket(call) : null;
            operations.require(call, built, bucket);
            return switch (built.work()) {
                case Work.Document work -> work.run(call, Objects.requireNonNull(bucket));
                case Work.Raw work -> work.run(call, Objects.requireNonNull(bucket));
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

    private Object restore(String more) throws Exception {
        return run("RestoreObject", "{'Key':'k','RestoreRequest':{%s}}".formatted(more));
    }

    private String headed(String header) throws Exception {
        return ((Reply) run("HeadObject", "{'Key':'k'}")).headers().getOrDefault(header, "");
    }

    @Test
    void a_cold_object_is_read_after_it_was_brought_back() throws Exception {
        run("PutObject", "{'Key':'k'}");
        assertThat(restore("'Days':2")).isEqualTo("InvalidObjectState");
        assertThat(headed("x-amz-storage-class")).isEmpty();
        archive.cool(BUCKET, archive.find(BUCKET, "k").orElseThrow(), Storage.Type.DEEP_ARCHIVE);

        assertThat(run("GetObject", "{'Key':'k'}")).isEqualTo("InvalidObjectState");
        assertThat(run("CopyObject", "{'Key':'l','CopySource':'audit-logs/k'}"))
                .isEqualTo("ObjectNotInActiveTierError");
        var upload = (ObjectNode) run("CreateMultipartUpload", "{'Key':'l'}");
        assertThat(
                        run(
                                "UploadPartCopy",
                                "{'Key':'l','CopySource':'audit-logs/k','PartNumber':1,'UploadId':'%s'}"
                                        .formatted(upload.path("UploadId").asText())))
                .isEqualTo("ObjectNotInActiveTierError");
        assertThat(headed("x-amz-storage-class")).isEqualTo("DEEP_ARCHIVE");
        assertThat(headed("x-amz-restore")).isEmpty();
        for (String list : new String[] {"ListObjects", "ListObjectsV2", "ListObjectVersions"}) {
            var answer = (ObjectNode) run(list, "{}");
            assertThat(answer.findValuesAsText("StorageClass")).containsExactly("DEEP_ARCHIVE");
        }

        assertThat(restore("'Days':2,'GlacierJobParameters':{'Tier':'Bulk'}"))
                .isEqualTo(BucketWork.nothing().put("Status", 202));
        assertThat(headed("x-amz-restore")).isEqualTo("ongoing-request=\"true\"");
        assertThat(restore("'Days':2")).isEqualTo("RestoreAlreadyInProgress");
        assertThat(run("GetObject", "{'Key':'k'}")).isEqualTo("InvalidObjectState");
        archive.tendCold(1);
        assertThat(headed("x-amz-restore"))
                .startsWith("ongoing-request=\"false\", expiry-date=\"")
                .endsWith(" 00:00:00 GMT\"");
        assertThat(run("GetObject", "{'Key':'k'}")).isInstanceOf(Reply.class);
        assertThat(run("CopyObject", "{'Key':'l','CopySource':'audit-logs/k'}"))
                .isInstanceOf(ObjectNode.class);
        assertThat(archive.find(BUCKET, "l").orElseThrow().storage()).isEqualTo(Storage.STANDARD);
        assertThat(restore("'Days':9")).isEqualTo(BucketWork.nothing().put("Status", 200));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "                                                 | InvalidArgument",
                "'Days':0                                         | InvalidArgument",
                "'Days':1,'GlacierJobParameters':{'Tier':'Fast'}      | MalformedXML",
                "'Days':1,'GlacierJobParameters':{'Tier':'Expedited'} | InvalidArgument",
                "'Days':1,'Type':'SELECT'                         | NotImplemented",
            })
    void a_restore_that_makes_no_sense_is_refused(String request, String code) throws Exception {
        run("PutObject", "{'Key':'k'}");
        archive.cool(BUCKET, archive.find(BUCKET, "k").orElseThrow(), Storage.Type.DEEP_ARCHIVE);
        assertThat(restore(request == null ? "" : request)).isEqualTo(code);
        assertThat(headed("x-amz-restore")).isEmpty();
    }

    private Object rules(String transitions) throws Exception {
        return run(
                "PutBucketLifecycleConfiguration",
                "{'LifecycleConfiguration':{'Rules':[{'Status':'Enabled','Filter':{},%s}]}}"
                        .formatted(transitions));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'Transitions':[{'Days':1,'StorageClass':'GLACIER_IR'}]  | NotImplemented",
                "'Transitions':[{'Days':1,'StorageClass':'STANDARD_IA'}] | NotImplemented",
                "'Transitions':[{'Days':1,'StorageClass':'ICE'}]         | MalformedXML",
                "'Transitions':[{'StorageClass':'GLACIER'}]              | MalformedXML",
                "'Transitions':[{'Days':-1,'StorageClass':'GLACIER'}]    | InvalidArgument",
                "'Transitions':[{'Days':1,'StorageClass':'GLACIER'},{'Days':2,'StorageClass':'GLACIER'}] | InvalidRequest",
                "'Transitions':[{'Days':2,'StorageClass':'GLACIER'},{'Days':2,'StorageClass':'DEEP_ARCHIVE'}] | InvalidArgument",
                "'Transitions':[{'Days':2,'StorageClass':'GLACIER'}],'Expiration':{'Days':2} | InvalidArgument",
                "'Transitions':[{'Days':2,'StorageClass':'GLACIER'}],'Expiration':{'Date':1893456000} | InvalidRequest",
                "'Transitions':[{'Date':1893456001,'StorageClass':'GLACIER'}] | InvalidArgument",
                "'NoncurrentVersionTransitions':[{'NoncurrentDays':3,'StorageClass':'GLACIER'}],'NoncurrentVersionExpiration':{'NoncurrentDays':3} | InvalidArgument",
            })
    void rules_that_make_no_sense_are_refused(String rule, String code) throws Exception {
        assertThat(rules(rule)).isEqualTo(code);
        assertThat(run("GetBucketLifecycleConfiguration", "{}"))
                .isEqualTo("NoSuchLifecycleConfiguration");
    }

    @Test
    void rules_are_told_again_with_the_least_size_that_moves() throws Exception {
        String rule = "'Transitions':[{'Days':0,'StorageClass':'GLACIER'}]";
        String minimum = "TransitionDefaultMinimumObjectSize";
        assertThat(rules(rule))
                .isEqualTo(BucketWork.nothing().put(minimum, "all_storage_classes_128K"));
        var told = (ObjectNode) run("GetBucketLifecycleConfiguration", "{}");
        assertThat(told.path(minimum).asText()).isEqualTo("all_storage_classes_128K");
        assertThat(told.path("Rules").path(0).path("Transitions")).hasSize(1);

        String put =
                "{'%s':'%s','LifecycleConfiguration':{'Rules':[{'Status':'Enabled','Filter':{},%s}]}}";
        assertThat(
                        run(
                                "PutBucketLifecycleConfiguration",
                                put.formatted(minimum, "varies_by_storage_class", rule)))
                .isInstanceOf(ObjectNode.class);
        told = (ObjectNode) run("GetBucketLifecycleConfiguration", "{}");
        assertThat(told.path(minimum).asText()).isEqualTo("varies_by_storage_class");
        assertThat(told.path("Rules").path(0).path("Transitions")).hasSize(1);
        assertThat(run("PutBucketLifecycleConfiguration", put.formatted(minimum, "none", rule)))
                .isEqualTo("InvalidArgument");
    }

    @Test
    void without_a_colder_place_no_rule_moves_anything_there() throws Exception {
        archive.close();
        open(false);
        assertThat(rules("'Transitions':[{'Days':1,'StorageClass':'GLACIER'}]"))
                .isEqualTo("NotImplemented");
        assertThat(rules("'Expiration':{'Days':1}")).isInstanceOf(ObjectNode.class);
    }
}
