package dev.cairn.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.queue.QueueName;
import dev.cairn.queue.Received;
import dev.cairn.reader.Step;
import dev.cairn.reader.Unreadable;
import dev.cairn.testkit.catalog.FaultyCatalog;
import dev.cairn.topic.Subscription;
import dev.cairn.topic.TopicArn;
import dev.cairn.topic.TopicAttribute;
import dev.cairn.topic.Topics;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

class SubscribersTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final QueueName QUEUE =
            new QueueName(GroupWorld.ACCOUNT, "us-east-1", "stopped");
    private static final String POLICY =
            "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"logs.amazonaws.com\"},\"Action\":\"sqs:SendMessage\",\"Resource\":\"%s\",\"Condition\":{\"ArnLike\":{\"aws:SourceArn\":\"arn:aws:logs:us-east-1:123456789012:log-group:audit:*\"}}}]}"
                    .formatted(QUEUE.arn());

    private static final TopicArn TOPIC = new TopicArn("us-east-1", GroupWorld.ACCOUNT, "security");

    private final GroupWorld world;
    private FilterReader reader;
    private int number;

    SubscribersTest() throws CatalogException {
        world = new GroupWorld();
        reader = world.reader();
    }

    private void queue(String policy) throws CatalogException {
        world.write(tx ->
                world.topics
                        .queues()
                        .create(tx, QUEUE, Map.of("Policy", policy), Map.of(), GroupWorld.NOW));
    }

    private void subscribe(String name) throws CatalogException {
        subscribe(name, QUEUE.arn());
    }

    private void subscribe(String name, String destination) throws CatalogException {
        world.write(tx ->
                world.groups.put(
                        tx,
                        new SubscriptionFilter(
                                GroupWorld.GROUP,
                                name,
                                "{ $.eventName = StopInstances }",
                                destination,
                                "",
                                "ByLogStream",
                                GroupWorld.NOW),
                        world.subscribers,
                        GroupWorld.NOW));
    }

    private void record(String name, String more) {
        number++;
        world.ledger.append(
                GroupWorld.call("us-east-1", "id" + number, name, more), GroupWorld.NOW);
    }

    private void catchUp() throws Exception {
        Step step;
        do {
            step = reader.step(GroupWorld.NOW, Unreadable.WAIT);
        } while (step == Step.MORE);
    }

    /// What is in the queue, unpacked; it is deleted.
    private List<JsonNode> received() throws Exception {
        List<JsonNode> bodies = new ArrayList<>();
        while (true) {
            List<Received> some =
                    world.catalog.<List<Received>, RuntimeException>write(tx ->
                            world.topics
                                    .messages()
                                    .receive(
                                            tx,
                                            world.topics.queues().expect(tx, QUEUE),
                                            10,
                                            null,
                                            GroupWorld.NOW)
                                    .messages());
            if (some.isEmpty()) {
                return bodies;
            }
            for (Received one : some) {
                byte[] packed = Base64.getDecoder().decode(one.message().body());
                try (var unpacked = new GZIPInputStream(new ByteArrayInputStream(packed))) {
                    bodies.add(JSON.readTree(unpacked.readAllBytes()));
                }
            }
        }
    }

    private static List<String> ids(List<JsonNode> bodies) throws Exception {
        List<String> ids = new ArrayList<>();
        for (JsonNode body : bodies) {
            for (JsonNode event : body.path("logEvents")) {
                ids.add(JSON.readTree(event.path("message").asText()).path("eventID").asText());
            }
        }
        return ids;
    }

    @Test
    void a_queue_gets_what_the_pattern_takes_in_the_form_of_cloudwatch_logs() throws Exception {
        catchUp();
        queue(POLICY);
        subscribe("stops");
        JsonNode control = received().getFirst();
        assertThat(control.path("messageType").asText()).isEqualTo("CONTROL_MESSAGE");
        record("StopInstances", "");
        record("Other", "");
        record("StopInstances", "");
        catchUp();
        List<JsonNode> bodies = received();
        assertThat(ids(bodies)).containsExactly("id1", "id3");
        JsonNode first = bodies.getFirst();
        assertThat(first.path("messageType").asText()).isEqualTo("DATA_MESSAGE");
        assertThat(first.path("owner").asText()).isEqualTo(GroupWorld.ACCOUNT);
        assertThat(first.path("logGroup").asText()).isEqualTo("audit");
        assertThat(first.path("logStream").asText()).isEqualTo("123456789012_CloudTrail_us-east-1");
        assertThat(first.at("/subscriptionFilters/0").asText()).isEqualTo("stops");
        assertThat(first.at("/logEvents/0/timestamp").asLong())
                .isEqualTo(GroupWorld.NOW.toEpochMilli());
        assertThat(first.at("/logEvents/0/id").asText()).hasSize(56);
    }

    @Test
    void a_topic_gets_the_same_and_passes_it_on() throws Exception {
        catchUp();
        queue(
                "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"sns.amazonaws.com\"},\"Action\":\"sqs:SendMessage\",\"Resource\":\"*\"}}");
        topic(TOPIC);
        world.write(tx ->
                world.topics
                        .topics()
                        .subscribe(
                                tx,
                                new Topics.Wanted(
                                        TOPIC,
                                        GroupWorld.ACCOUNT,
                                        Subscription.Protocol.SQS,
                                        QUEUE.arn(),
                                        Subscription.Terms.DEFAULTS.withRaw(true)),
                                true,
                                GroupWorld.NOW));
        subscribe("stops", TOPIC.toString());
        assertThat(received().getFirst().path("messageType").asText()).isEqualTo("CONTROL_MESSAGE");
        record("StopInstances", "");
        record("Other", "");
        catchUp();
        assertThat(ids(received())).containsExactly("id1");

        world.write(tx -> world.topics.topics().delete(tx, TOPIC));
        record("StopInstances", "");
        catchUp();
        assertThat(Subscribers.refused(world.catalog, 10))
                .singleElement()
                .satisfies(refused -> {
                    assertThat(refused.count()).isEqualTo(1);
                    assertThat(refused.reason()).contains("There is no topic " + TOPIC);
                });
    }

    @Test
    void a_topic_of_another_account_is_told_when_its_policy_lets_the_group() throws Exception {
        TopicArn theirs = new TopicArn("us-east-1", "222222222222", "theirs");
        topic(theirs);
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> subscribe("stops", theirs.toString()))
                .matches(failure -> failure.code() == ErrorCode.INVALID_PARAMETER)
                .withMessageContaining(
                        "does not let logs.amazonaws.com publish for arn:aws:logs:us-east-1:123456789012:log-group:audit:*");
        world.write(tx ->
                world.topics
                        .topics()
                        .set(
                                tx,
                                theirs,
                                TopicAttribute.POLICY,
                                "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"logs.amazonaws.com\"},\"Action\":\"SNS:Publish\",\"Resource\":\"%s\",\"Condition\":{\"StringEquals\":{\"aws:SourceAccount\":\"%s\"}}}}"
                                        .formatted(theirs, GroupWorld.ACCOUNT)));
        subscribe("stops", theirs.toString());
        assertThat(world.groups.subscriptions().of(GroupWorld.GROUP)).hasSize(1);
    }

    private void topic(TopicArn arn) throws CatalogException {
        world.write(tx -> world.topics.topics().create(tx, arn, Map.of(), Map.of()));
    }

    @Test
    void messages_of_callers_are_passed_on_with_the_batch() throws Exception {
        queue(POLICY);
        subscribe("stops");
        received();
        world.write(tx -> world.groups.createStream(tx, GroupWorld.GROUP, "own", GroupWorld.NOW));
        for (String id : List.of("x", "y")) {
            world.stored.put(
                    GroupWorld.GROUP,
                    "own",
                    List.of(
                            new StoredEvents.Message(GroupWorld.NOW, "{\"eventName\":\"Other\"}"),
                            new StoredEvents.Message(
                                    GroupWorld.NOW,
                                    "{\"eventName\":\"StopInstances\",\"eventID\":\"%s\"}"
                                            .formatted(id))),
                    GroupWorld.NOW);
        }
        List<JsonNode> bodies = received();
        assertThat(ids(bodies)).containsExactlyInAnyOrder("x", "y");
        assertThat(bodies.getFirst().path("logStream").asText()).isEqualTo("own");
        List<String> told = new ArrayList<>();
        bodies.forEach(body -> told.add(body.at("/logEvents/0/id").asText()));
        assertThat(told).containsExactlyInAnyOrderElementsOf(kept());
    }

    @Test
    void a_stream_that_is_made_anew_meanwhile_has_the_message_under_the_id_that_is_told()
            throws Exception {
        queue(POLICY);
        subscribe("stops");
        received();
        world.write(tx -> world.groups.createStream(tx, GroupWorld.GROUP, "own", GroupWorld.NOW));
        int[] writes = {0};
        world.faults =
                new FaultyCatalog.Faults() {
                    @Override
                    public void beforeWrite() throws CatalogException {
                        writes[0]++;
                        // The first one takes numbers.
                        if (writes[0] == 2) {
                            world.write(tx -> {
                                world.groups.deleteStream(tx, GroupWorld.GROUP, "own");
                                world.groups.createStream(
                                        tx, GroupWorld.GROUP, "own", GroupWorld.NOW);
                            });
                        }
                    }
                };
        world.stored.put(
                GroupWorld.GROUP,
                "own",
                List.of(
                        new StoredEvents.Message(
                                GroupWorld.NOW,
                                "{\"eventName\":\"StopInstances\",\"eventID\":\"x\"}")),
                GroupWorld.NOW);
        world.faults = FaultyCatalog.Faults.NONE;
        List<JsonNode> bodies = received();
        assertThat(bodies).hasSize(1);
        assertThat(kept()).containsExactly(bodies.getFirst().at("/logEvents/0/id").asText());
    }

    /// The ids of the messages in the stream `own` that the filter takes.
    private List<String> kept() throws Exception {
        return world
                .events
                .page(
                        world.groups.expect(GroupWorld.GROUP),
                        new GroupEvents.Question(
                                GroupEvents.Direction.FORWARD,
                                "own"::equals,
                                Optional.empty(),
                                null,
                                null,
                                100,
                                1 << 20,
                                _ -> true,
                                1),
                        GroupWorld.NOW)
                .events()
                .stream()
                .filter(event -> event.message().contains("StopInstances"))
                .map(LogEvent::id)
                .toList();
    }

    @Test
    void each_message_comes_once_whatever_fails() throws Exception {
        catchUp();
        queue(POLICY);
        subscribe("stops");
        received();
        Random chance = new Random(5);
        FaultyCatalog.Faults faults = FaultyCatalog.Faults.oneOf(4, chance);
        for (int round = 0; round < 100; round++) {
            record("StopInstances", "");
            world.faults = faults;
            try {
                catchUp();
            } catch (CatalogException _) {
                reader = world.reader();
            } finally {
                world.faults = FaultyCatalog.Faults.NONE;
            }
        }
        catchUp();
        List<String> ids = ids(received());
        Set<String> once = new HashSet<>(ids);
        assertThat(ids).hasSize(100).hasSameSizeAs(once);
    }

    @Test
    void a_destination_that_takes_nothing_is_refused_when_the_filter_is_put() throws Exception {
        queue("");
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> subscribe("stops"))
                .matches(failure -> failure.code() == ErrorCode.INVALID_PARAMETER)
                .withMessageContaining("Could not deliver test message")
                .withMessageContaining("logs.amazonaws.com");
        assertThat(world.groups.subscriptions().of(GroupWorld.GROUP)).isEmpty();
    }

    @Test
    void a_destination_that_takes_nothing_any_more_is_named_and_holds_up_nobody() throws Exception {
        catchUp();
        queue(POLICY);
        subscribe("stops");
        world.filter("stopped", "{ $.eventName = StopInstances }", "1", Map.of());
        world.write(
                tx -> world.topics.queues().delete(tx, world.topics.queues().expect(tx, QUEUE)));
        record("StopInstances", "");
        record("StopInstances", "");
        catchUp();
        assertThat(world.sum("stopped", Map.of())).isEqualTo(2);
        assertThat(Subscribers.refused(world.catalog, 10))
                .singleElement()
                .satisfies(refused -> {
                    assertThat(refused.count()).isEqualTo(2);
                    assertThat(refused.reason()).contains("There is no queue");
                });
        world.write(tx -> world.groups.deleteSubscription(tx, GroupWorld.GROUP, "stops"));
        assertThat(Subscribers.refused(world.catalog, 10)).isEmpty();
    }

    @Test
    void what_is_long_is_passed_on_in_parts_and_what_is_too_long_is_named() throws Exception {
        catchUp();
        queue(POLICY);
        subscribe("stops");
        received();
        Random chance = new Random(9);
        for (int i = 0; i < 6; i++) {
            record("StopInstances", ",\"x\":\"" + noise(chance, 100_000) + '"');
        }
        record("StopInstances", ",\"x\":\"" + noise(chance, 250_000) + '"');
        catchUp();
        List<JsonNode> bodies = received();
        assertThat(ids(bodies)).containsExactlyInAnyOrder("id1", "id2", "id3", "id4", "id5", "id6");
        assertThat(bodies).hasSizeGreaterThan(1);
        assertThat(Subscribers.refused(world.catalog, 10).getFirst().count()).isEqualTo(1);
    }

    @Test
    void a_step_ends_when_much_is_passed_on() throws Exception {
        catchUp();
        queue(POLICY);
        subscribe("stops");
        received();
        for (int i = 0; i < 60; i++) {
            record("StopInstances", ",\"x\":\"" + "y".repeat(200_000) + '"');
        }
        reader.step(GroupWorld.NOW, Unreadable.WAIT);
        // A third of 5,000 for each of three partitions, by the thousand characters.
        assertThat(ids(received())).hasSize(9);
        catchUp();
        assertThat(ids(received())).hasSize(51);
    }

    /// Text that gzip makes little of.
    private static String noise(Random chance, int chars) {
        byte[] bytes = new byte[chars * 3 / 4];
        chance.nextBytes(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }

    @Test
    void a_group_has_two_and_they_go_with_it() throws Exception {
        queue(POLICY);
        subscribe("one");
        subscribe("two");
        subscribe("two");
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> subscribe("three"))
                .matches(failure -> failure.code() == ErrorCode.LIMIT_EXCEEDED);
        world.write(tx -> world.groups.delete(tx, GroupWorld.GROUP));
        assertThat(world.groups.subscriptions().of(GroupWorld.GROUP)).isEmpty();
    }
}
