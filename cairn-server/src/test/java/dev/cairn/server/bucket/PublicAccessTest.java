package dev.cairn.server.bucket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Access;
import dev.cairn.account.Allow;
import dev.cairn.account.Caller;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.PublicAccessBlock;
import dev.cairn.archive.WriteCheck;
import dev.cairn.catalog.CatalogException;
import dev.cairn.embedded.archive.DiskArchive;
import dev.cairn.server.http.Reply;
import dev.cairn.server.operation.TestArchive;
import dev.cairn.server.operation.TestParts;
import dev.cairn.testkit.catalog.MemoryCatalog;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Who may open a bucket to everyone, and what it takes.
class PublicAccessTest {
    private static final String BUCKET = "audit-logs";
    private static final Caller ROOT = Caller.root(TestParts.ACCOUNT, "AKIAROOT");
    private static final Caller OPERATOR =
            Caller.user(TestParts.ACCOUNT, "olga", "AIDAOLGA", "AKIAOLGA", Allow.OPERATE);
    private static final Caller STRANGER =
            Caller.user("210987654321", "sam", "AIDASAM", "AKIASAM", Allow.ALL);
    private static final Caller ROOT_OF_ALL = Caller.root("000000000001", "AKIAALL");
    private static final String ALL =
            "{'PublicAccessBlockConfiguration':{'BlockPublicAcls':true,'IgnorePublicAcls':true,'BlockPublicPolicy':true,'RestrictPublicBuckets':true}}";
    private static final String OPEN = policy("'*'", "");

    private final MemoryCatalog catalog = new MemoryCatalog();
    private final BucketRegister buckets = new BucketRegister(catalog);
    private DiskArchive archive;
    private TestCalls calls;

    @BeforeEach
    void a_new_bucket() throws Exception {
        archive = TestArchive.open(buckets, () -> TestParts.NOW);
        calls =
                new TestCalls(
                        catalog,
                        new S3Operations(new Access("000000000001"), buckets, archive),
                        BUCKET);
        calls.run(ROOT, "CreateBucket", "{}");
        calls.run(ROOT, "PutObject", "{'Key':'k'}", "logged".getBytes(UTF_8));
    }

    @AfterEach
    void close() {
        archive.close();
    }

    /// The input of a PutBucketPolicy.
    private static String policy(String principal, String condition) {
        String policy =
                "{'Statement':[{'Effect':'Allow','Principal':%s,'Action':'s3:GetObject','Resource':'arn:aws:s3:::audit-logs/*'%s}]}"
                        .formatted(principal, condition);
        return input(policy);
    }

    private static String input(String policy) {
        return "{'Policy':'" + policy.replace("'", "\\'") + "'}";
    }

    private Optional<PublicAccessBlock> block() throws Exception {
        return buckets.find(BUCKET).orElseThrow().block();
    }

    @Test
    void a_new_bucket_is_opened_by_two_calls_and_not_by_one() throws Exception {
        assertThat(block()).contains(PublicAccessBlock.ALL);
        assertThatThrownBy(() -> calls.answered(ROOT, "PutBucketPolicy", OPEN, new byte[0]))
                .isInstanceOfSatisfying(
                        S3Failure.class,
                        failure -> assertThat(failure.code()).isEqualTo(S3Code.ACCESS_DENIED))
                .hasMessage(
                        "User: arn:aws:iam::%s:root is not authorized to perform: s3:PutBucketPolicy on resource: \"arn:aws:s3:::audit-logs\" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
                        TestParts.ACCOUNT);
        assertThat(calls.run(ROOT, "GetBucketPolicy", "{}")).isEqualTo("NoSuchBucketPolicy");
        assertThat(calls.run(Caller.ANONYMOUS, "GetObject", "{'Key':'k'}"))
                .isEqualTo("AccessDenied");

        assertThat(calls.run(ROOT, "DeletePublicAccessBlock", "{}")).isInstanceOf(ObjectNode.class);
        assertThat(calls.run(ROOT, "GetPublicAccessBlock", "{}"))
                .isEqualTo("NoSuchPublicAccessBlockConfiguration");
        assertThat(calls.run(ROOT, "PutBucketPolicy", OPEN)).isInstanceOf(ObjectNode.class);
        assertThat(TestCalls.text(calls.run(Caller.ANONYMOUS, "GetObject", "{'Key':'k'}")))
                .isEqualTo("logged");
    }

    @Test
    void a_policy_of_20_kilobytes_is_judged_to_its_end_and_one_byte_more_is_refused()
            throws Exception {
        var statement =
                "{'Effect':'%s','Principal':{'AWS':'arn:aws:iam::210987654321:user/%s'},'Action':'s3:GetObject','Resource':'arn:aws:s3:::audit-logs/%s'}";
        var last = statement.formatted("Allow", "sam", "*");
        var text = new StringBuilder("{'Statement':[");
        while (text.length() < (20 << 10) - 400) {
            text.append(statement.formatted("Allow", "u" + text.length(), "*a*a*a*a*a*a*b"))
                    .append(',');
        }
        text.append(last).append("]}");
        text.append(" ".repeat((20 << 10) - text.length()));

        assertThat(calls.run(ROOT, "PutBucketPolicy", input(text + " ")))
                .isEqualTo("MalformedPolicy");
        assertThat(calls.run(STRANGER, "GetObject", "{'Key':'k'}")).isEqualTo("AccessDenied");
        assertThat(calls.run(ROOT, "PutBucketPolicy", input(text.toString())))
                .isInstanceOf(ObjectNode.class);
        assertThat(TestCalls.text(calls.run(STRANGER, "GetObject", "{'Key':'k'}")))
                .isEqualTo("logged");

        var denied = statement.formatted("Deny", "sam", "k");
        var shorter = text.toString().strip().replace(last, last + "," + denied);
        assertThat(calls.run(ROOT, "PutBucketPolicy", input(shorter)))
                .isInstanceOf(ObjectNode.class);
        assertThat(calls.run(STRANGER, "GetObject", "{'Key':'k'}")).isEqualTo("AccessDenied");
    }

    @Test
    void policies_for_some_are_taken_where_those_for_all_are_not() throws Exception {
        for (String taken :
                List.of(
                        policy("{'Service':'cloudtrail.amazonaws.com'}", ""),
                        policy("{'AWS':'210987654321'}", ""),
                        policy(
                                "'*'",
                                ",'Condition':{'IpAddress':{'aws:SourceIp':'203.0.113.0/24'}}"))) {
            assertThat(calls.run(ROOT, "PutBucketPolicy", taken)).isInstanceOf(ObjectNode.class);
        }
        assertThat(
                        calls.run(
                                ROOT,
                                "PutBucketPolicy",
                                policy(
                                        "'*'",
                                        ",'Condition':{'Bool':{'aws:SecureTransport':'true'}}")))
                .isEqualTo("AccessDenied");
        String delivery =
                WriteCheck.policy(
                        BUCKET,
                        Map.of(
                                "AWSLogs/%s/".formatted(TestParts.ACCOUNT),
                                List.of(
                                        "arn:aws:cloudtrail:us-east-1:%s:trail/main"
                                                .formatted(TestParts.ACCOUNT))));
        String input = BucketWork.nothing().put("Policy", delivery).toString();
        assertThat(calls.run(ROOT, "PutBucketPolicy", input)).isInstanceOf(ObjectNode.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'PublicAccessBlockConfiguration':{}}",
                "{'PublicAccessBlockConfiguration':{'BlockPublicAcls':true,'IgnorePublicAcls':true,'BlockPublicPolicy':false,'RestrictPublicBuckets':true}}"
            })
    void who_may_not_do_everything_takes_no_block_away(String looser) throws Exception {
        assertThat(calls.run(OPERATOR, "PutPublicAccessBlock", looser)).isEqualTo("AccessDenied");
        assertThat(calls.run(OPERATOR, "DeletePublicAccessBlock", "{}")).isEqualTo("AccessDenied");
        assertThat(block()).contains(PublicAccessBlock.ALL);
        assertThat(calls.run(OPERATOR, "PutPublicAccessBlock", ALL)).isInstanceOf(ObjectNode.class);

        assertThat(calls.run(ROOT, "PutPublicAccessBlock", looser)).isInstanceOf(ObjectNode.class);
        assertThat(calls.run(ROOT, "PutBucketPolicy", OPEN)).isInstanceOf(ObjectNode.class);
        assertThat(calls.run(OPERATOR, "PutPublicAccessBlock", ALL)).isInstanceOf(ObjectNode.class);
        assertThat(block()).contains(PublicAccessBlock.ALL);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'AWS':'arn:aws:iam::123456789012:user/olga'}",
                "{'AWS':'210987654321'}",
                "'*','Condition':{'IpAddress':{'aws:SourceIp':'203.0.113.0/24'}}"
            })
    void no_policy_gives_away_the_right_to_take_the_block_away(String principal) throws Exception {
        String given =
                "{'Statement':[{'Effect':'Allow','Principal':%s,'Action':'s3:PutBucketPublicAccessBlock','Resource':'arn:aws:s3:::audit-logs'}]}"
                        .formatted(principal);
        String input = BucketWork.nothing().put("Policy", given.replace('\'', '"')).toString();
        assertThat(calls.run(OPERATOR, "PutBucketPolicy", input)).isInstanceOf(ObjectNode.class);

        for (var caller : List.of(OPERATOR, STRANGER, Caller.ANONYMOUS)) {
            assertThat(calls.run(caller, "DeletePublicAccessBlock", "{}"))
                    .as("%s", caller)
                    .isEqualTo("AccessDenied");
        }
        assertThat(block()).contains(PublicAccessBlock.ALL);
        assertThat(calls.run(ROOT, "DeletePublicAccessBlock", "{}")).isInstanceOf(ObjectNode.class);
    }

    @Test
    void a_block_that_comes_later_shuts_out_whom_an_open_policy_let_in() throws Exception {
        calls.run(ROOT, "DeletePublicAccessBlock", "{}");
        calls.run(ROOT, "PutBucketPolicy", OPEN);
        for (var caller : List.of(Caller.ANONYMOUS, STRANGER, OPERATOR, ROOT_OF_ALL)) {
            assertThat(calls.run(caller, "GetObject", "{'Key':'k'}")).isInstanceOf(Reply.class);
        }
        String rest = "{'PublicAccessBlockConfiguration':{'RestrictPublicBuckets':true}}";
        assertThat(calls.run(ROOT, "PutPublicAccessBlock", rest)).isInstanceOf(ObjectNode.class);

        for (var caller : List.of(Caller.ANONYMOUS, STRANGER)) {
            assertThat(calls.run(caller, "GetObject", "{'Key':'k'}")).isEqualTo("AccessDenied");
        }
        for (var caller : List.of(OPERATOR, ROOT_OF_ALL)) {
            assertThat(calls.run(caller, "GetObject", "{'Key':'k'}")).isInstanceOf(Reply.class);
        }
        calls.run(ROOT, "PutBucketPolicy", policy("{'AWS':'210987654321'}", ""));
        assertThat(calls.run(STRANGER, "GetObject", "{'Key':'k'}")).isInstanceOf(Reply.class);
    }

    @Test
    void a_bucket_of_before_has_no_block_and_goes_on_as_it_was() throws Exception {
        catalog.<Boolean, CatalogException>write(tx -> {
            buckets.create(
                    tx,
                    new Bucket(
                            "older",
                            TestParts.ACCOUNT,
                            "us-east-1",
                            TestParts.NOW,
                            "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::older/*\"}]}",
                            ""));
            return true;
        });
        var older = new TestCalls(catalog, calls.operations(), "older");
        older.run(ROOT, "PutObject", "{'Key':'k'}", "logged".getBytes(UTF_8));
        assertThat(older.run(ROOT, "GetPublicAccessBlock", "{}"))
                .isEqualTo("NoSuchPublicAccessBlockConfiguration");
        assertThat(older.run(Caller.ANONYMOUS, "GetObject", "{'Key':'k'}"))
                .isInstanceOf(Reply.class);

        assertThat(older.run(ROOT, "PutPublicAccessBlock", ALL)).isInstanceOf(ObjectNode.class);
        assertThat(older.run(ROOT, "GetPublicAccessBlock", "{}").toString())
                .isEqualTo(ALL.replace('\'', '"'));
        assertThat(older.run(Caller.ANONYMOUS, "GetObject", "{'Key':'k'}"))
                .isEqualTo("AccessDenied");
        assertThat(older.run(ROOT, "PutPublicAccessBlock", "{}")).isEqualTo("MalformedXML");
    }
}
