package dev.cairn.notice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.catalog.Catalog.Work;
import dev.cairn.catalog.CatalogException;
import dev.cairn.queue.QueueName;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.delivery.SimulatedTopics;
import dev.cairn.topic.Subscription;
import dev.cairn.topic.Subscription.Protocol;
import dev.cairn.topic.TopicArn;
import dev.cairn.topic.TopicAttribute;
import dev.cairn.topic.Topics;
import dev.cairn.trail.Trail;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NoticesTest {
    private static final String ACCOUNT = "123456789012";
    private static final String ID = "trail-0000000001";
    private static final TopicArn ARN = new TopicArn("us-east-1", ACCOUNT, "audit");
    private static final QueueName QUEUE = new QueueName(ACCOUNT, "us-east-1", "work");

    private final MemoryCatalog catalog = new MemoryCatalog();
    private final Random random = new Random(1);
    private final SimulatedTopics parts =
            SimulatedTopics.on(catalog, this::bytes, Duration.ofDays(1));
    private final Notices notices = parts.notices();
    private Instant now = Instant.parse("2026-11-21T08:00:00Z");

    NoticesTest() throws CatalogException {
        write(tx ->
                parts.queues()
                        .create(
                                tx,
                                QUEUE,
                                Map.of(
                                        "Policy",
                                        "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"sns.amazonaws.com\"},\"Action\":\"sqs:SendMessage\",\"Resource\":\"*\"}}"),
                                Map.of(),
                                now));
    }

    @Test
    void a_delivered_file_is_told_of_once_in_cloudtrails_words() throws Exception {
        topic(ARN);
        allow(ARN);
        delivered(trail(ARN.toString()), "AWSLogs/a.json.gz");
        assertThat(notices.waiting()).containsExactly(ID);

        stepAll();
        stepAll();

        assertThat(received())
                .containsExactly("{\"s3Bucket\":\"logs\",\"s3ObjectKey\":[\"AWSLogs/a.json.gz\"]}");
        assertThat(notices.waiting()).isEmpty();
        assertThat(notices.figures(ID)).isEqualTo(new Notices.Figures(now, now, "", 0));
    }

    @Test
    void a_trail_without_a_topic_tells_nobody() throws Exception {
        delivered(trail(null), "a");
        assertThat(notices.waiting()).isEmpty();
    }

    @Test
    void a_topic_that_refuses_keeps_notices_waiting_and_says_why() throws Exception {
        delivered(trail(ARN.toString()), "a");
        stepAll();
        assertThat(notices.figures(ID).error()).isEqualTo("NotFound");
        topic(ARN);
        stepAll();
        assertThat(notices.figures(ID).error()).isEqualTo("AuthorizationError");
        assertThat(notices.figures(ID).succeeded()).isNull();
        assertThat(received()).isEmpty();

        allow(ARN);
        now = now.plusSeconds(60);
        stepAll();
        assertThat(notices.figures(ID)).isEqualTo(new Notices.Figures(now, now, "", 0));
        assertThat(received()).hasSize(1);
    }

    @Test
    void what_waits_goes_to_the_topic_that_the_trail_gets_and_that_topic_is_tried_once()
            throws Exception {
        TopicArn other = new TopicArn("us-east-1", ACCOUNT, "other");
        delivered(trail(ARN.toString()), "a");
        stepAll();
        topic(other);
        allow(other);
        now = now.plusSeconds(1);
        write(tx -> {
            notices.changed(tx, ID, trail(other.toString()), now);
            return true;
        });
        write(tx -> {
            notices.changed(tx, ID, trail(other.toString()), now);
            return true;
        });
        stepAll();

        assertThat(received())
                .containsExactlyInAnyOrder(
                        "{\"s3Bucket\":\"logs\",\"s3ObjectKey\":[\"a\"]}",
                        "CloudTrail validation message.");
    }

    @Test
    void what_waits_too_long_or_for_nobody_is_given_up_and_counted() throws Exception {
        delivered(trail(ARN.toString()), "a");
        now = now.plus(Duration.ofDays(30));
        delivered(trail(ARN.toString()), "b");
        stepAll();
        assertThat(notices.figures(ID).givenUp()).isZero();
        now = now.plusSeconds(1);
        stepAll();
        assertThat(notices.figures(ID).givenUp()).isEqualTo(1);
        write(tx -> {
            notices.changed(tx, ID, trail(null), now);
            return true;
        });
        stepAll();
        assertThat(notices.figures(ID).givenUp()).isEqualTo(2);
        assertThat(notices.waiting()).isEmpty();
    }

    @Test
    void a_deleted_trails_last_notices_are_published_before_it_is_forgotten() throws Exception {
        topic(ARN);
        allow(ARN);
        delivered(trail(ARN.toString()), "a");
        write(tx -> {
            notices.release(tx, ID);
            return true;
        });
        stepAll();
        assertThat(received()).hasSize(1);
        assertThat(catalog.list("notice-state", "", "", 10)).isEmpty();
    }

    @Test
    void a_policy_for_one_trail_lets_no_other() throws Exception {
        topic(ARN);
        allow(ARN);
        assertThat(notices.refusal(ARN.toString(), trail(null).arn(), ACCOUNT)).isEmpty();
        assertThat(notices.refusal(ARN.toString(), trail(null).arn() + "2", ACCOUNT))
                .contains("AuthorizationError");
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private <T> T write(Work<T, RuntimeException> work) throws CatalogException {
        return catalog.write(work);
    }

    private void topic(TopicArn arn) throws CatalogException {
        write(tx -> parts.topics().create(tx, arn, Map.of(), Map.of()));
        write(tx ->
                parts.topics()
                        .subscribe(
                                tx,
                                new Topics.Wanted(
                                        arn,
                                        ACCOUNT,
                                        Protocol.SQS,
                                        QUEUE.arn(),
                                        Subscription.Terms.DEFAULTS.withRaw(true)),
                                true,
                                now));
    }

    private void allow(TopicArn arn) throws CatalogException {
        write(tx -> {
            parts.topics()
                    .set(
                            tx,
                            arn,
                            TopicAttribute.POLICY,
                            "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"cloudtrail.amazonaws.com\"},\"Action\":\"SNS:Publish\",\"Resource\":\"%s\",\"Condition\":{\"StringEquals\":{\"aws:SourceArn\":\"%s\"}}}}"
                                    .formatted(arn, trail(null).arn()));
            return true;
        });
    }

    private static Trail trail(@Nullable String topic) {
        return new Trail(ACCOUNT, "main", "us-east-1", "logs", "", topic, true, true, true, true);
    }

    private void delivered(Trail trail, String object) throws CatalogException {
        write(tx -> {
            notices.delivered(tx, ID, trail, "logs", object, now);
            return true;
        });
    }

    private void stepAll() throws CatalogException {
        for (String id : notices.waiting()) {
            while (notices.step(id, now)) {
                // More to do.
            }
        }
    }

    private List<String> received() throws CatalogException {
        return write(tx ->
                        parts.messages()
                                .receive(tx, parts.queues().expect(tx, QUEUE), 10, null, now))
                .messages()
                .stream()
                .map(received -> received.message().body())
                .toList();
    }
}
