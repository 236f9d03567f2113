package dev.cairn.server.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.account.Caller;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.WriteCheck;
import dev.cairn.failure.Failure;
import dev.cairn.notice.Notices;
import dev.cairn.server.http.SpooledBody;
import dev.cairn.topic.Courier;
import dev.cairn.topic.Outbound;
import dev.cairn.topic.Subscription;
import dev.cairn.topic.TopicArn;
import dev.cairn.topic.TopicAttribute;
import dev.cairn.topic.Topics;
import dev.cairn.trail.Deliveries;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrailDiagnosisTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MAIN = "arn:aws:cloudtrail:us-east-1:123456789012:trail/main";
    private static final String OTHERS =
            """
            {"Version":"2012-10-17","Statement":{"Sid":"AWSCloudTrailWrite20150319","Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::logs/*"}}\
            """;

    /// A topic's policy that lets every trail in.
    private static final String TRAILS_MAY =
            """
            {"Statement":{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"sns:Publish","Resource":"*"}}\
            """;

    @TempDir private Path folder;
    private TestParts parts;

    @BeforeEach
    void open() throws Exception {
        parts = new TestParts(folder);
        ask(
                "cloudtrail",
                "CreateTrail",
                "{'Name':'main','S3BucketName':'logs','S3KeyPrefix':'a','EnableLogFileValidation':true}");
        ask("cloudtrail", "StartLogging", "{'Name':'main'}");
    }

    @AfterEach
    void close() {
        parts.ledger.close();
    }

    private ObjectNode ask(String service, String operation, String input) throws Exception {
        var call =
                new Invocation(
                        Caller.root(TestParts.ACCOUNT, "AKIA0"),
                        "us-east-1",
                        (ObjectNode) JSON.readTree(input.replace('\'', '"')),
                        SpooledBody.of(new byte[0]),
                        TestParts.NOW);
        var built =
                parts.operations.signedAs(service).orElseThrow().operation(operation).orElseThrow();
        return parts.run(built.operation(), call);
    }

    private ObjectNode diagnosis() throws Exception {
        return ask("cairn", "DiagnoseTrail", "{'name':'main'}");
    }

    /// Such as `fail bucket`, in order; what is well is left out.
    private static List<String> wrong(ObjectNode diagnosis) {
        var wrong = new ArrayList<String>();
        for (var finding : diagnosis.path("findings")) {
            if (!finding.path("verdict").asText().equals("ok")) {
                wrong.add(
                        finding.path("verdict").asText() + " " + finding.path("subject").asText());
            }
        }
        return wrong;
    }

    private static String remedy(ObjectNode diagnosis, String subject) {
        return told(diagnosis, subject, "remedy");
    }

    private static String message(ObjectNode diagnosis, String subject) {
        return told(diagnosis, subject, "message");
    }

    private static String told(ObjectNode diagnosis, String subject, String member) {
        for (var finding : diagnosis.path("findings")) {
            if (finding.path("subject").asText().equals(subject)) {
                return finding.path(member).asText();
            }
        }
        throw new AssertionError("expected a finding about " + subject + " in " + diagnosis);
    }

    private static boolean letsIn(String policy) {
        return new WriteCheck(false)
                .missing(
                        new Bucket(
                                "logs", TestParts.ACCOUNT, "us-east-1", Instant.EPOCH, policy, ""),
                        new dev.cairn.archive.Archive.Writer(TestParts.ACCOUNT, MAIN),
                        "a/AWSLogs/123456789012/CloudTrail/us-east-1/x",
                        "*")
                .isEmpty();
    }

    @Test
    void a_topic_that_is_gone_or_refuses_is_told_with_what_mends_it() throws Exception {
        var topic = new TopicArn("us-east-1", TestParts.ACCOUNT, "audit");
        parts.catalog.<Object, RuntimeException>write(tx ->
                parts.topics
                        .topics()
                        .create(tx, topic, Map.of(TopicAttribute.POLICY, TRAILS_MAY), Map.of()));
        ask("cloudtrail", "UpdateTrail", "{'Name':'main','SnsTopicName':'audit'}");
        parts.catalog.<Object, RuntimeException>write(tx -> {
            parts.topics.topics().delete(tx, topic);
            return true;
        });
        assertThat(wrong(diagnosis())).containsExactly("fail topic");
        assertThat(remedy(diagnosis(), "topic")).startsWith("aws sns create-topic --name audit");
        parts.catalog.<Object, RuntimeException>write(
                tx -> parts.topics.topics().create(tx, topic, Map.of(), Map.of()));
        var remedy = remedy(diagnosis(), "topic");
        var statement = remedy.substring(remedy.indexOf('{'));
        parts.catalog.<Object, RuntimeException>write(tx -> {
            parts.topics
                    .topics()
                    .set(tx, topic, TopicAttribute.POLICY, "{\"Statement\":" + statement + "}");
            return true;
        });
        assertThat(wrong(diagnosis())).isEmpty();
    }

    @Test
    void a_trail_that_is_well_has_nothing_wrong() throws Exception {
        var diagnosis = diagnosis();
        assertThat(wrong(diagnosis)).isEmpty();
        assertThat(diagnosis.has("policy")).isFalse();
        assertThat(diagnosis.path("trailArn").asText()).isEqualTo(MAIN);
    }

    @Test
    void a_bucket_that_refuses_is_told_with_a_policy_that_lets_the_trail_in_and_keeps_the_rest()
            throws Exception {
        parts.buckets = (as, bucket, prefix) -> Optional.of("The policy does not let it.");
        assertThat(letsIn(OTHERS)).isFalse();
        parts.policies = bucket -> Optional.of(OTHERS);

        var diagnosis = diagnosis();

        assertThat(wrong(diagnosis)).containsExactly("fail bucket");
        assertThat(remedy(diagnosis, "bucket")).contains("put-bucket-policy --bucket logs");
        var policy = diagnosis.path("policy").asText();
        assertThat(letsIn(policy)).isTrue();
        assertThat(policy).contains("\"s3:GetObject\"");
        var names = JSON.readTree(policy).path("Statement").findValuesAsText("Sid");
        assertThat(names).doesNotHaveDuplicates().hasSize(3);
    }

    @Test
    void a_policy_that_denies_is_not_mended_by_adding() throws Exception {
        parts.buckets = (as, bucket, prefix) -> Optional.of("The policy does not let it.");
        parts.policies =
                bucket ->
                        Optional.of(
                                """
                                {"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::logs/*"}]}\
                                """);

        var diagnosis = diagnosis();

        assertThat(diagnosis.has("policy")).isFalse();
        assertThat(remedy(diagnosis, "bucket")).contains("denies");
    }

    @Test
    void a_policy_that_cannot_be_read_is_never_replaced() throws Exception {
        parts.buckets = (as, bucket, prefix) -> Optional.of("The policy cannot be read.");
        parts.policies =
                bucket -> {
                    throw new ArchiveException(
                            ArchiveException.Kind.DENIED, "AccessDenied", "it may not be read");
                };

        var diagnosis = diagnosis();

        assertThat(wrong(diagnosis)).containsExactly("fail bucket");
        assertThat(diagnosis.has("policy")).isFalse();
        assertThat(remedy(diagnosis, "bucket"))
                .contains("AWSCloudTrailWrite20150319")
                .doesNotContain("put-bucket-policy");
    }

    @Test
    void a_policy_that_lets_the_trail_in_already_is_not_what_denies() throws Exception {
        parts.buckets = (as, bucket, prefix) -> Optional.of("The credentials may not do it.");
        var good = WriteCheck.policy("logs", "a/AWSLogs/123456789012/", MAIN);
        assertThat(letsIn(good)).isTrue();
        parts.policies = bucket -> Optional.of(good);

        var diagnosis = diagnosis();

        assertThat(diagnosis.has("policy")).isFalse();
        assertThat(remedy(diagnosis, "bucket")).contains("something else denies it");
    }

    @Test
    void a_bucket_that_is_gone_or_does_not_answer_is_told_apart() throws Exception {
        parts.buckets =
                (as, bucket, prefix) -> {
                    throw new ArchiveException(
                            ArchiveException.Kind.NO_SUCH_BUCKET, "NoSuchBucket", "gone");
                };
        assertThat(remedy(diagnosis(), "bucket")).contains("aws s3 mb s3://logs");
        parts.buckets =
                (as, bucket, prefix) -> {
                    throw new ArchiveException(
                            ArchiveException.Kind.UNAVAILABLE, "SlowDown", "busy");
                };
        assertThat(remedy(diagnosis(), "bucket")).contains("store");
    }

    @Test
    void what_keeps_files_and_digests_away_is_named() throws Exception {
        parts.deliveries =
                (id, region) ->
                        new Deliveries.Figures(
                                null, TestParts.NOW, "AccessDenied", null, "SlowDown");
        assertThat(wrong(diagnosis())).containsExactly("fail delivery", "fail digests");
    }

    @Test
    void a_trail_that_is_off_or_unproved_is_pointed_out() throws Exception {
        ask("cloudtrail", "StopLogging", "{'Name':'main'}");
        ask("cloudtrail", "UpdateTrail", "{'Name':'main','EnableLogFileValidation':false}");
        assertThat(wrong(diagnosis())).containsExactly("warn logging", "warn digests");
        assertThat(remedy(diagnosis(), "logging")).isEqualTo("cairn trail start main");
    }

    @Test
    void loops_and_duplicates_are_pointed_out() throws Exception {
        ask("cloudtrail", "CreateTrail", "{'Name':'second','S3BucketName':'logs'}");
        ask(
                "cloudtrail",
                "PutEventSelectors",
                "{'TrailName':'main','EventSelectors':[{'DataResources':[{'Type':'AWS::S3::Object','Values':['arn:aws:s3']}]}]}");
        assertThat(wrong(diagnosis())).containsExactly("warn loop", "warn duplicates");
    }

    @Test
    void a_trail_that_is_behind_or_uneven_or_set_events_aside_says_so() throws Exception {
        var old = TestParts.NOW.minus(Duration.ofMinutes(16));
        parts.readers = List.of(new Reader(new Snapshots(10, 5, 2, 3, old)));
        assertThat(wrong(diagnosis())).containsExactly("warn behind", "warn set aside");
        parts.readers =
                List.of(
                        new Reader(
                                new Snapshots(
                                        10, 5, 2, 0, TestParts.NOW.minus(Duration.ofMinutes(9)))));
        assertThat(wrong(diagnosis())).containsExactly("fail sum");
    }

    @Test
    void a_subscriber_that_does_not_take_notices_is_named_until_it_does() throws Exception {
        var topic = new TopicArn("us-east-1", TestParts.ACCOUNT, "audit");
        var topics = parts.topics.topics();
        var outbound = parts.topics.outbound();
        parts.catalog.<Object, RuntimeException>write(tx -> {
            topics.create(
                    tx,
                    topic,
                    Map.of(
                            TopicAttribute.POLICY,
                            "{\"Statement\":%s}"
                                    .formatted(Notices.statement(topic.toString(), MAIN))),
                    Map.of());
            for (var endpoint : List.of("https://away.example.org/", "https://well.example.org/")) {
                topics.subscribe(
                        tx,
                        new Topics.Wanted(
                                topic,
                                TestParts.ACCOUNT,
                                Subscription.Protocol.HTTPS,
                                endpoint,
                                Subscription.Terms.DEFAULTS),
                        true,
                        TestParts.NOW);
            }
            return true;
        });
        ask("cloudtrail", "UpdateTrail", "{'Name':'main','SnsTopicName':'audit'}");
        parts.topics.notices().step(parts.topics.notices().waiting().getFirst(), TestParts.NOW);
        assertThat(wrong(diagnosis())).isEmpty();

        carry(outbound, TestParts.NOW, new Courier.Outcome.Failed("answered 500"));
        assertThat(wrong(diagnosis())).containsExactly("warn subscribers");
        assertThat(message(diagnosis(), "subscribers"))
                .startsWith("1 of " + topic)
                .contains("https://away.example.org/ (1 on their way, tried 1 times")
                .doesNotContain("well.example.org");

        var later = TestParts.NOW.plus(Duration.ofSeconds(2));
        carry(outbound, later, new Courier.Outcome.Refused("answered 410"));
        assertThat(message(diagnosis(), "subscribers")).contains("1 dead letters");
        parts.catalog.<Object, RuntimeException>write(
                tx -> outbound.retry(tx, TestParts.ACCOUNT, "us-east-1", "", later));
        carry(outbound, later, new Courier.Outcome.Taken());
        assertThat(wrong(diagnosis())).isEmpty();
    }

    /// The receiver that is away does so, any other takes what it gets.
    private static void carry(Outbound outbound, Instant now, Courier.Outcome away)
            throws Exception {
        for (var parcel : outbound.due(now, _ -> false, 10)) {
            var isAway = parcel.to().endpoint().contains("away");
            outbound.done(parcel, isAway ? away : new Courier.Outcome.Taken(), now);
        }
    }

    @Test
    void an_unknown_trail_is_refused() {
        assertThatThrownBy(() -> ask("cairn", "DiagnoseTrail", "{'name':'other'}"))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("other");
    }

    private record Snapshots(
            long taken, long delivered, long filtered, long setAside, @Nullable Instant oldest) {}

    private record Reader(Snapshots figures) implements ReaderView {
        @Override
        public String name() {
            return MAIN;
        }

        @Override
        public Snapshot snapshot() {
            return new Snapshot(
                    figures.taken(),
                    figures.delivered(),
                    figures.filtered(),
                    figures.setAside(),
                    figures.oldest(),
                    null,
                    null,
                    false);
        }

        @Override
        public List<SetAside> setAside(int limit) {
            return List.of(new SetAside("0:7", 3, "its bytes are lost"));
        }
    }
}
