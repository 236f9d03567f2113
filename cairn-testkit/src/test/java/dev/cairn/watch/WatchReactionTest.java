package dev.cairn.watch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.bus.Dispatches;
import dev.cairn.bus.TargetName;
import dev.cairn.catalog.CatalogException;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.queue.QueueName;
import dev.cairn.queue.Received;
import dev.cairn.reader.Unreadable;
import dev.cairn.testkit.catalog.FaultyCatalog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WatchReactionTest {
    private static final QueueName CLOSER =
            new QueueName(WatchWorld.HOME.account(), "us-east-1", "closer");
    private static final String POLICY =
            "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"events.amazonaws.com\"},\"Action\":\"sqs:SendMessage\",\"Resource\":\"*\"}]}";
    private static final Dispatches.Refusals REFUSALS =
            new Dispatches.Refusals() {
                @Override
                public void refused(TargetName target, String words) {
                    // They are tried again, or given up.
                }

                @Override
                public void failed(TargetName target, RuntimeException failure) {
                    throw failure;
                }
            };

    private final WatchWorld world;

    WatchReactionTest() throws CatalogException {
        world = new WatchWorld();
        world.write(tx ->
                world.parts
                        .queues()
                        .create(tx, CLOSER, Map.of("Policy", POLICY), Map.of(), world.now));
    }

    private void add(String name, String text) throws CatalogException {
        Watch any = WatchWorld.watch(name, "search", text, AtMost.DEFAULT);
        world.add(
                new Watch(
                        any.name(),
                        any.condition(),
                        any.region(),
                        any.topic(),
                        any.atMost(),
                        any.threshold(),
                        Optional.of(CLOSER.arn()),
                        any.words(),
                        false,
                        "",
                        any.created()));
    }

    private void react() throws CatalogException {
        while (world.dispatches.round(world.now, REFUSALS)) {
            // Until nobody is due.
        }
    }

    private List<JsonNode> called() throws Exception {
        List<JsonNode> all = new ArrayList<>();
        List<Received> some;
        do {
            some =
                    world.catalog.<List<Received>, RuntimeException>write(tx ->
                            world.parts
                                    .messages()
                                    .receive(
                                            tx,
                                            world.parts.queues().expect(tx, CLOSER),
                                            10,
                                            Duration.ofHours(12),
                                            world.now)
                                    .messages());
            for (Received one : some) {
                all.add(WatchWorld.JSON.readTree(one.message().body()));
            }
        } while (!some.isEmpty());
        return all;
    }

    @Test
    void what_fires_is_told_and_called_for_and_what_came_of_it_noted() throws Exception {
        add("opened", "eventName = PutBucketPolicy");
        world.catchUp();
        world.record("id1", "PutBucketPolicy");
        world.record("id2", "GetObject");
        world.catchUp();
        react();
        assertThat(world.heard())
                .singleElement()
                .satisfies(told ->
                        assertThat(told.path("text").asText())
                                .contains("\nCalls   " + CLOSER.arn() + "\n"));
        assertThat(called())
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.path("detail-type").asText()).isEqualTo("Cairn Watch");
                    assertThat(event.at("/detail/watch").asText()).isEqualTo("opened");
                    assertThat(event.at("/detail/event/eventName").asText())
                            .isEqualTo("PutBucketPolicy");
                });
        assertThat(world.came)
                .singleElement()
                .satisfies(came -> {
                    assertThat(came.watch()).isEqualTo("opened");
                    assertThat(came.event()).isEqualTo("id1");
                    assertThat(came.arn()).isEqualTo(CLOSER.arn());
                    assertThat(came.attempts()).isEqualTo(1);
                    assertThat(came.refusal()).isEmpty();
                });
    }

    @Test
    void what_cannot_be_called_is_given_up_and_noted() throws Exception {
        add("opened", "eventName = PutBucketPolicy");
        world.write(tx -> world.parts.queues().delete(tx, world.parts.queues().expect(tx, CLOSER)));
        world.catchUp();
        world.record("id1", "PutBucketPolicy");
        world.catchUp();
        for (int i = 0; i < 50; i++) {
            react();
            world.now = world.now.plus(Duration.ofHours(1));
        }
        assertThat(world.came)
                .singleElement()
                .satisfies(came -> {
                    assertThat(came.event()).isEqualTo("id1");
                    assertThat(came.attempts()).isGreaterThan(2);
                    assertThat(came.refusal()).isPresent();
                });
    }

    @Test
    void a_reaction_makes_no_reaction_and_so_many_are_left_out() throws Exception {
        add("all", "readOnly = false");
        world.catchUp();
        world.ledger.append(
                new Entry(
                        WatchWorld.HOME,
                        "own",
                        Origin.OWN,
                        "{\"eventTime\":\"2026-11-20T09:00:00Z\",\"eventSource\":\"cairn.amazonaws.com\",\"eventName\":\"InvokeReaction\",\"readOnly\":false}"
                                .getBytes(UTF_8)),
                world.now);
        world.catchUp();
        assertThat(world.heard()).hasSize(1);
        for (int i = 0; i < 100; i++) {
            world.record("id" + i, "PutBucketPolicy");
        }
        world.catchUp();
        react();
        assertThat(called()).hasSize(WatchReactions.A_MINUTE_MAX);
        WatchReactions.Sum sum = world.watches.reactions(WatchWorld.name("all"));
        assertThat(sum.asked()).isEqualTo(60);
        assertThat(sum.leftOut()).isEqualTo(40);
        world.now = world.now.plus(Duration.ofMinutes(1));
        world.record("later", "PutBucketPolicy");
        world.catchUp();
        react();
        assertThat(called()).hasSize(1);
        world.write(tx -> world.watches.remove(tx, WatchWorld.name("all")));
        assertThat(world.catalog.list("watch-reactions", "", "", 1)).isEmpty();
        assertThat(world.catalog.list("event-target", "", "", 1)).isEmpty();
    }

    @Test
    void what_waits_for_a_removed_watch_is_not_told_to_its_namesake() throws Exception {
        add("opened", "eventName = PutBucketPolicy");
        world.catchUp();
        world.record("id1", "PutBucketPolicy");
        world.catchUp();
        Watch old = world.watches.expect(WatchWorld.name("opened"));
        world.write(tx -> world.watches.remove(tx, old.name()));
        world.add(
                new Watch(
                        old.name(),
                        old.condition(),
                        old.region(),
                        old.topic(),
                        old.atMost(),
                        old.threshold(),
                        old.reaction(),
                        old.words(),
                        false,
                        "",
                        old.created().plusMillis(1)));
        react();
        assertThat(called()).isEmpty();
        assertThat(world.came).isEmpty();
        world.record("id2", "PutBucketPolicy");
        world.catchUp();
        react();
        assertThat(called()).extracting(event -> event.path("id").asText()).containsExactly("id2");
    }

    @Test
    void reactions_that_are_left_out_take_no_room_of_a_step() throws Exception {
        add("all", "readOnly = false");
        world.catchUp();
        for (int i = 0; i < WatchReactions.A_MINUTE_MAX; i++) {
            world.record("id" + i, "PutBucketPolicy");
        }
        world.catchUp();
        String large = ",\"requestParameters\":{\"policy\":\"%s\"}".formatted("x".repeat(100_000));
        for (int i = 0; i < 20; i++) {
            world.record(WatchWorld.HOME, Origin.INTAKE, "large" + i, "PutBucketPolicy", large);
        }
        long before = world.standing().taken();
        world.reader.step(world.now, Unreadable.WAIT);
        assertThat(world.standing().taken()).isEqualTo(before + 20);
        assertThat(world.watches.reactions(WatchWorld.name("all")).leftOut()).isEqualTo(20);
    }

    @Test
    void what_fails_anywhere_is_called_for_once() throws Exception {
        add("opened", "eventName = PutBucketPolicy");
        world.catchUp();
        FaultyCatalog.Faults faults = FaultyCatalog.Faults.oneOf(6, new Random(9));
        for (int round = 0; round < 100; round++) {
            world.record("id" + round, "PutBucketPolicy");
            world.now = world.now.plusSeconds(20);
            world.faults = faults;
            try {
                world.catchUp();
                react();
            } catch (CatalogException _) {
                world.startAgain();
            } finally {
                world.faults = FaultyCatalog.Faults.NONE;
            }
        }
        world.catchUp();
        react();
        assertThat(called())
                .extracting(event -> event.path("id").asText())
                .hasSize(100)
                .doesNotHaveDuplicates();
    }
}
