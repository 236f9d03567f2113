package dev.cairn.bus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.catalog.CatalogException;
import dev.cairn.queue.MessageAttribute;
import dev.cairn.queue.Received;
import dev.cairn.topic.Subscription;
import dev.cairn.topic.TopicArn;
import dev.cairn.topic.TopicAttribute;
import dev.cairn.topic.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DispatchesTest {
    private static final RuleName RULE = RuleWorld.rule("r");

    private final RuleWorld world;

    DispatchesTest() throws CatalogException {
        world = new RuleWorld();
        world.rule("r", "{'source':['shop']}");
    }

    private static BusEvent event(String id) {
        return BusEvent.of(
                new BusEvent.Head(
                        id,
                        "Order",
                        "shop",
                        RuleWorld.HOME,
                        java.time.Instant.parse("2026-11-21T07:59:59Z"),
                        List.of("arn:x")),
                "{\"order\":{\"no\":7,\"by\":\"a \\\"b\\\"\",\"items\":[{\"sku\":\"x1\"}]}}");
    }

    private void put(Target target, String id) throws CatalogException {
        world.target(target);
        world.write(tx -> world.dispatches.put(tx, List.of(target), event(id), world.now));
    }

    private Target of(String arn, TargetInput input) {
        return new Target(
                new TargetName(RULE, "1"),
                arn,
                "",
                input,
                new Target.Retry(Optional.empty(), Optional.empty()),
                Optional.empty());
    }

    private String told(TargetInput input) throws CatalogException {
        put(of(RuleWorld.WORK.arn(), input), "id");
        world.tell();
        return world.bodies(RuleWorld.WORK).getFirst();
    }

    @Test
    void a_target_is_told_what_it_asks_for() throws Exception {
        assertThat(told(new TargetInput.Constant("[1]"))).isEqualTo("[1]");
        assertThat(told(new TargetInput.Part("$.detail.order.items[0]")))
                .isEqualTo("{\"sku\":\"x1\"}");
        assertThat(told(new TargetInput.Part("$.detail.missing"))).isEqualTo("{}");
        Map<String, String> paths =
                Map.of(
                        "no", "$.detail.order.no",
                        "by", "$.detail.order.by",
                        "items", "$.detail.order.items",
                        "none", "$.detail.none");
        assertThat(
                        told(
                                new TargetInput.Template(
                                        paths,
                                        "{\"n\": <no>, \"who\": <by>, \"t\": \"<no> of <by><none>\", \"i\": <items>, \"q\": \"<items>\", \"x\": <none>, \"r\": <aws.events.rule-name>}")))
                .isEqualTo(
                        "{\"n\": 7, \"who\": \"a \\\"b\\\"\", \"t\": \"7 of a \\\"b\\\"\", \"i\": [{\"sku\":\"x1\"}], \"q\": \"[{\\\"sku\\\":\\\"x1\\\"}]\", \"x\": \"\", \"r\": \"r\"}");
        assertThat(told(new TargetInput.Template(paths, "\"<by> bought\"")))
                .isEqualTo("\"a \\\"b\\\" bought\"");
        assertThat(told(new TargetInput.Template(Map.of(), "<aws.events.event>")))
                .endsWith("\"resources\":[\"arn:x\"]}");
        assertThat(told(new TargetInput.Template(Map.of(), "<aws.events.event.json>")))
                .isEqualTo(event("id").json());
    }

    @Test
    void each_target_has_its_turn_and_none_that_fails_holds_up_another() throws Exception {
        var failing = RuleWorld.target(RULE, "1", "arn:aws:sqs:us-east-1:123456789012:none");
        var busy = RuleWorld.target(RULE, "2", RuleWorld.WORK.arn());
        var late = RuleWorld.target(RULE, "3", RuleWorld.WORK.arn());
        for (var target : List.of(failing, busy, late)) {
            world.target(target);
        }
        for (int i = 0; i < 100; i++) {
            var id = "busy" + i;
            world.write(tx -> world.dispatches.put(tx, List.of(busy), event(id), world.now));
        }
        world.write(
                tx -> world.dispatches.put(tx, List.of(failing, late), event("late"), world.now));
        var refused = new ArrayList<String>();
        var more =
                world.dispatches.round(
                        world.now,
                        new Dispatches.Refusals() {
                            @Override
                            public void refused(TargetName target, String words) {
                                refused.add(target.id());
                            }

                            @Override
                            public void failed(TargetName target, RuntimeException failure) {
                                refused.add(target.id());
                            }
                        });
        assertThat(more).isTrue();
        assertThat(refused).containsExactly("1");
        assertThat(world.bodies(RuleWorld.WORK))
                .filteredOn(body -> body.contains("\"id\":\"late\""))
                .hasSize(1);
    }

    @Test
    void a_template_that_makes_too_much_of_an_event_is_refused_before_it_does() throws Exception {
        var template = new TargetInput.Template(Map.of(), "<aws.events.event.json>".repeat(300));
        var event = "\"" + "x".repeat(4096) + "\"";
        assertThat(template.text(RULE, event, world.now)).isEmpty();
        assertThat(told(template)).hasSize(300 * event("id").json().length());
    }

    @Test
    void a_rule_called_like_a_trail_s_stream_does_not_write_into_it() throws Exception {
        var name = RuleWorld.rule("123456789012_CloudTrail_us-east-1");
        world.rule(name, "{'source':['shop']}", Rule.State.ENABLED);
        world.write(tx -> world.groups.create(tx, RuleWorld.GROUP, Map.of(), world.now));
        var target =
                RuleWorld.target(
                        name, "1", "arn:aws:logs:us-east-1:123456789012:log-group:/aws/events/g");
        put(target, "id");
        assertThat(world.dispatches.step(target.name(), world.now).refusal())
                .hasValueSatisfying(words -> assertThat(words).contains("by trails alone"));
    }

    @Test
    void a_queue_that_comes_later_gets_what_waited_and_only_once() throws Exception {
        String later = "arn:aws:sqs:us-east-1:123456789012:later";
        put(of(later, new TargetInput.Whole()), "id");
        world.tell();
        Dispatches.Told told = world.dispatches.step(new TargetName(RULE, "1"), world.now);
        assertThat(told.refusal()).isEmpty();
        world.now = world.now.plusSeconds(1);
        assertThat(world.dispatches.step(new TargetName(RULE, "1"), world.now).refusal())
                .hasValueSatisfying(words -> assertThat(words).contains("no queue"));
        var queue = dev.cairn.queue.QueueName.ofArn(later).orElseThrow();
        world.write(tx ->
                world.parts
                        .queues()
                        .create(
                                tx,
                                queue,
                                Map.of("Policy", RuleWorld.POLICY),
                                Map.of(),
                                world.now));
        world.tell();
        assertThat(world.bodies(queue)).isEmpty();
        world.startAgain();
        world.now = world.now.plusSeconds(2);
        world.tell();
        world.tell();
        assertThat(world.bodies(queue)).hasSize(1);
        assertThat(world.dispatches.waiting()).isEmpty();
        assertThat(world.dispatches.givenUp()).isZero();
        assertThat(world.catalog.list("event-backlog", "", "", 10)).isEmpty();
    }

    @Test
    void whatever_the_clock_does_each_event_gets_another_try() throws Exception {
        String later = "arn:aws:sqs:us-east-1:123456789012:later";
        put(of(later, new TargetInput.Whole()), "id");
        world.tell();
        TargetName name = new TargetName(RULE, "1");
        world.now = world.now.minus(Duration.ofDays(3));
        assertThat(world.dispatches.step(name, world.now).refusal()).isPresent();
        assertThat(world.dispatches.step(name, world.now).refusal()).as("a pause").isEmpty();
        world.now = world.now.plus(Duration.ofDays(30));
        world.write(tx ->
                world.parts
                        .queues()
                        .create(
                                tx,
                                dev.cairn.queue.QueueName.ofArn(later).orElseThrow(),
                                Map.of("Policy", RuleWorld.POLICY),
                                Map.of(),
                                world.now));
        assertThat(world.dispatches.step(name, world.now).refusal()).isEmpty();
        assertThat(world.dispatches.waiting()).isEmpty();
        assertThat(world.dispatches.givenUp()).isZero();
    }

    @Test
    void what_is_refused_for_a_day_is_given_up_and_counted() throws Exception {
        put(of("arn:aws:sqs:us-east-1:123456789012:none", new TargetInput.Whole()), "id");
        var end = world.now.plus(Duration.ofHours(24));
        int tries = 0;
        while (world.now.isBefore(end)) {
            world.tell();
            world.now = world.now.plus(Dispatches.PAUSE_MAX);
            tries++;
            assertThat(world.dispatches.givenUp()).as("after %d tries", tries).isLessThan(2);
        }
        world.now = end.plus(Dispatches.PAUSE_MAX);
        world.tell();
        assertThat(world.dispatches.givenUp()).isEqualTo(1);
        assertThat(world.dispatches.waiting()).isEmpty();
        assertThat(world.catalog.list("event-backlog", "", "", 10)).isEmpty();
    }

    @Test
    void a_dead_letter_queue_is_told_what_cannot_be_mended_at_once() throws Exception {
        put(
                new Target(
                        new TargetName(RULE, "1"),
                        "arn:aws:sns:us-east-1:123456789012:none",
                        "",
                        new TargetInput.Constant("1"),
                        new Target.Retry(Optional.of(0), Optional.empty()),
                        Optional.of(RuleWorld.DEAD.arn())),
                "id");
        world.tell();
        Received dead = world.received(RuleWorld.DEAD).getFirst();
        assertThat(dead.message().body()).isEqualTo(event("id").json());
        assertThat(dead.message().attributes())
                .containsEntry("ERROR_CODE", new MessageAttribute("String", "NO_RESOURCE"))
                .containsEntry("RULE_ARN", new MessageAttribute("String", RULE.arn()));
        assertThat(world.dispatches.waiting()).isEmpty();
        assertThat(world.dispatches.givenUp()).isZero();
    }

    @Test
    void a_topic_and_a_log_group_are_told() throws Exception {
        TopicArn topic = new TopicArn("us-east-1", "123456789012", "t");
        world.write(tx -> world.parts.topics().create(tx, topic, Map.of(), Map.of()));
        world.write(tx ->
                world.parts
                        .topics()
                        .subscribe(
                                tx,
                                new Topics.Wanted(
                                        topic,
                                        "123456789012",
                                        Subscription.Protocol.SQS,
                                        RuleWorld.WORK.arn(),
                                        Subscription.Terms.DEFAULTS.withRaw(true)),
                                true,
                                world.now));
        world.write(tx ->
                world.parts
                        .queues()
                        .setAttributes(
                                tx,
                                world.parts.queues().expect(tx, RuleWorld.WORK),
                                Map.of(
                                        "Policy",
                                        RuleWorld.POLICY.replace(
                                                "events.amazonaws.com", "sns.amazonaws.com")),
                                world.now));
        put(of(topic.toString(), new TargetInput.Constant("\"t\"")), "id");
        world.tell();
        assertThat(world.bodies(RuleWorld.WORK)).containsExactly("\"t\"");

        world.write(tx -> world.groups.create(tx, RuleWorld.GROUP, Map.of(), world.now));
        put(of(RuleWorld.GROUP.arn(), new TargetInput.Constant("\"g\"")), "id");
        world.tell();
        assertThat(world.groups.streams().list(RuleWorld.GROUP, "", "", 10))
                .singleElement()
                .satisfies(stream -> assertThat(stream.name()).isEqualTo("r"));
        assertThat(world.catalog.list("log-event", "", "", 10))
                .singleElement()
                .satisfies(row -> assertThat(row.json()).contains("\\\"g\\\""));
    }

    @Test
    void a_topic_of_another_account_is_told_when_its_policy_lets_the_rule() throws Exception {
        TopicArn theirs = new TopicArn("us-east-1", "222222222222", "t");
        world.write(tx -> world.parts.topics().create(tx, theirs, Map.of(), Map.of()));
        put(of(theirs.toString(), new TargetInput.Whole()), "id");
        TargetName name = new TargetName(RULE, "1");
        assertThat(world.dispatches.step(name, world.now).refusal())
                .hasValueSatisfying(words ->
                        assertThat(words)
                                .contains("does not let events.amazonaws.com publish for")
                                .contains(RULE.arn()));
        world.write(tx ->
                world.parts
                        .topics()
                        .set(
                                tx,
                                theirs,
                                TopicAttribute.POLICY,
                                "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"events.amazonaws.com\"},\"Action\":\"SNS:Publish\",\"Resource\":\"%s\",\"Condition\":{\"ArnEquals\":{\"aws:SourceArn\":\"%s\"}}}}"
                                        .formatted(theirs, RULE.arn())));
        world.now = world.now.plusSeconds(1);
        assertThat(world.dispatches.step(name, world.now).refusal()).isEmpty();
        assertThat(world.dispatches.waiting()).isEmpty();
    }

    @Test
    void rules_of_another_bus_that_cannot_be_asked_are_counted_and_the_others_told()
            throws Exception {
        BusName shop = new BusName(RuleWorld.HOME, "shop");
        world.write(tx -> world.buses.create(tx, shop, "", Map.of(), world.now));
        for (String[] one :
                new String[][] {
                    {"cheap", "{'source':['shop']}"},
                    {
                        "dear",
                        "{'detail':{'a':[{'anything-but':'x'}],'b':[{'anything-but':'x'}]},'source':['shop']}"
                    }
                }) {
            RuleName rule = new RuleName(shop, one[0]);
            world.rule(rule, one[1], Rule.State.ENABLED);
            world.target(RuleWorld.target(rule, "1", RuleWorld.WORK.arn()));
        }
        Target target = of(shop.arn(), new TargetInput.Whole());
        world.target(target);
        String many =
                IntStream.range(0, 2_000)
                        .mapToObj(Integer::toString)
                        .collect(Collectors.joining(",", "[", "]"));
        BusEvent event =
                BusEvent.of(
                        new BusEvent.Head(
                                "long", "Order", "shop", RuleWorld.HOME, world.now, List.of()),
                        "{\"a\":%s,\"b\":%s}".formatted(many, many));
        world.write(tx -> world.dispatches.put(tx, List.of(target), event, world.now));
        world.tell();
        world.tell();
        assertThat(world.bodies(RuleWorld.WORK)).hasSize(1);
        assertThat(world.dispatches.unasked())
                .hasValueSatisfying(unasked -> {
                    assertThat(unasked.count()).isEqualTo(1);
                    assertThat(unasked.reason())
                            .contains("event long", shop.arn(), "dear among them");
                });
    }

    @Test
    void another_bus_passes_it_on_but_to_no_third() throws Exception {
        BusName shop = new BusName(RuleWorld.HOME, "shop");
        BusName third = new BusName(RuleWorld.HOME, "third");
        for (BusName bus : List.of(shop, third)) {
            world.write(tx -> world.buses.create(tx, bus, "", Map.of(), world.now));
            RuleName rule = new RuleName(bus, "r");
            world.rule(rule, "{'source':['shop']}", Rule.State.ENABLED);
            world.target(RuleWorld.target(rule, "1", RuleWorld.WORK.arn()));
        }
        world.target(RuleWorld.target(new RuleName(shop, "r"), "2", third.arn()));
        put(of(shop.arn(), new TargetInput.Whole()), "id");
        world.tell();
        world.tell();
        world.tell();
        assertThat(world.bodies(RuleWorld.WORK)).containsExactly(event("id").json());
    }

    @Test
    void nobody_is_told_who_is_no_target_any_more() throws Exception {
        put(of(RuleWorld.WORK.arn(), new TargetInput.Whole()), "id");
        world.write(tx -> world.buses.removeTargets(tx, RULE, List.of("1")));
        world.tell();
        assertThat(world.bodies(RuleWorld.WORK)).isEmpty();
        assertThat(world.dispatches.waiting()).isEmpty();
        assertThat(world.catalog.list("event-backlog", "", "", 10)).isEmpty();
    }

    @Test
    void what_waits_is_bounded() throws Exception {
        Target target = of("arn:aws:sqs:us-east-1:123456789012:none", new TargetInput.Whole());
        world.target(target);
        world.write(tx -> {
            for (int i = 0; i <= Dispatches.WAITING_MAX; i++) {
                world.dispatches.put(tx, List.of(target), event("id" + i), world.now);
            }
        });
        assertThat(world.dispatches.givenUp()).isEqualTo(1);
    }
}
