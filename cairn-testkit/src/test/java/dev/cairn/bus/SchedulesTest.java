package dev.cairn.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.catalog.CatalogException;
import dev.cairn.testkit.catalog.FaultyCatalog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// It is 8 o'clock on a Saturday.
class SchedulesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MONDAYS = "cron(0 8 ? * MON *)";

    private final RuleWorld world;

    SchedulesTest() throws CatalogException {
        world = new RuleWorld();
    }

    private void at(String time) throws CatalogException {
        world.now = Instant.parse(time);
        world.fire();
    }

    /// The slots that were told since this was asked last.
    private List<String> told() throws Exception {
        List<String> times = new ArrayList<>();
        for (String body : world.bodies(RuleWorld.WORK)) {
            times.add(JSON.readTree(body).path("time").asText());
        }
        return times.stream().sorted().toList();
    }

    @Test
    void a_slot_is_told_as_eventbridge_tells_it_and_once() throws Exception {
        world.scheduled("weekly", MONDAYS, Rule.State.ENABLED);
        at("2026-11-23T07:59:59.999Z");
        assertThat(world.bodies(RuleWorld.WORK)).isEmpty();
        at("2026-11-23T08:00:00.400Z");
        assertThat(world.bodies(RuleWorld.WORK))
                .singleElement()
                .satisfies(body ->
                        assertThat(body)
                                .matches(
                                        "\\{\"version\":\"0\",\"id\":\"[0-9a-f-]{36}\",\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\",\"account\":\"123456789012\",\"time\":\"2026-11-23T08:00:00Z\",\"region\":\"us-east-1\",\"resources\":\\[\"arn:aws:events:us-east-1:123456789012:rule/weekly\"],\"detail\":\\{}}"));
        at("2026-11-23T08:00:01Z");
        at("2026-11-23T08:59:00Z");
        assertThat(told()).isEmpty();
        at("2026-11-30T08:00:00Z");
        assertThat(told()).containsExactly("2026-11-30T08:00:00Z");
        assertThat(world.missed).isEmpty();
    }

    @Test
    void what_fails_anywhere_is_told_once() throws Exception {
        world.scheduled("often", "rate(1 minute)", Rule.State.ENABLED);
        Random chance = new Random(11);
        FaultyCatalog.Faults faults = FaultyCatalog.Faults.oneOf(6, chance);
        List<String> slots = new ArrayList<>();
        for (int minute = 1; minute <= 200; minute++) {
            world.now = Instant.parse("2026-11-21T08:00:00Z").plus(Duration.ofMinutes(minute));
            slots.add(world.now.toString());
            for (int look = 0; look < 3; look++) {
                world.now = world.now.plusSeconds(1);
                world.faults = look == 2 ? FaultyCatalog.Faults.NONE : faults;
                try {
                    world.fire();
                } catch (CatalogException _) {
                    world.startAgain();
                }
            }
        }
        assertThat(told()).isEqualTo(slots);
        assertThat(world.dispatches.waiting()).isEmpty();
        assertThat(world.catalog.list("event-due", "", "", 10)).hasSize(1);
    }

    @Test
    void after_an_outage_the_newest_slot_is_told_once() throws Exception {
        world.scheduled("weekly", MONDAYS, Rule.State.ENABLED);
        world.scheduled("often", "rate(5 minutes)", Rule.State.ENABLED);
        world.startAgain();
        at("2026-12-24T18:02:00Z");
        assertThat(told()).containsExactly("2026-12-21T08:00:00Z", "2026-12-24T18:00:00Z");
        assertThat(world.missed)
                .containsExactly(
                        "often 2026-11-21T08:05:00Z 2026-12-24T18:00:00Z",
                        "weekly 2026-11-23T08:00:00Z 2026-12-21T08:00:00Z");
        at("2026-12-24T18:02:01Z");
        assertThat(told()).isEmpty();
        at("2026-12-24T18:05:00Z");
        assertThat(told()).containsExactly("2026-12-24T18:05:00Z");
    }

    @Test
    void a_single_slot_that_is_told_late_is_told_of_as_well() throws Exception {
        world.scheduled("weekly", MONDAYS, Rule.State.ENABLED);
        at("2026-11-23T08:01:00Z");
        assertThat(told()).containsExactly("2026-11-23T08:00:00Z");
        assertThat(world.missed).isEmpty();
        at("2026-11-30T08:01:01Z");
        assertThat(told()).containsExactly("2026-11-30T08:00:00Z");
        assertThat(world.missed)
                .containsExactly("weekly 2026-11-30T08:00:00Z 2026-11-30T08:00:00Z");
    }

    @Test
    void a_damaged_document_holds_up_no_other_rule() throws Exception {
        world.scheduled("a", "rate(1 minute)", Rule.State.ENABLED);
        world.scheduled("b", "rate(1 minute)", Rule.State.ENABLED);
        world.write(tx ->
                tx.replace(
                        tx.get("event-schedule", RuleWorld.rule("a").key()).orElseThrow(),
                        "{\"expression\":1}"));
        at("2026-11-21T08:01:00Z");
        assertThat(world.bodies(RuleWorld.WORK))
                .singleElement()
                .satisfies(body -> assertThat(body).contains("rule/b"));
        assertThat(world.failed)
                .singleElement()
                .satisfies(words ->
                        assertThat(words).startsWith("a: expected a string as expression"));
    }

    @Test
    void a_catalog_that_does_not_answer_ends_the_look() throws Exception {
        world.scheduled("a", "rate(1 minute)", Rule.State.ENABLED);
        world.now = Instant.parse("2026-11-21T08:01:00Z");
        world.faults =
                new FaultyCatalog.Faults() {
                    @Override
                    public void inWrite() throws CatalogException {
                        throw new CatalogException(CatalogException.Kind.UNAVAILABLE, "not now");
                    }
                };
        assertThatExceptionOfType(CatalogException.class).isThrownBy(world::fire);
        assertThat(world.failed).isEmpty();
    }

    @Test
    void who_closes_waits_for_one_rule_and_not_for_all() throws Exception {
        for (String name : List.of("a", "b", "c")) {
            world.scheduled(name, "rate(1 minute)", Rule.State.ENABLED);
        }
        world.now = Instant.parse("2026-11-21T08:01:00Z");
        AtomicInteger asked = new AtomicInteger();
        world.schedules.fire(world.now, world.mishaps, () -> asked.incrementAndGet() > 1);
        world.tell();
        assertThat(told()).hasSize(1);
        world.fire();
        assertThat(told()).hasSize(2);
    }

    @Test
    void a_clock_that_goes_back_has_no_slot_told_twice() throws Exception {
        world.scheduled("often", "cron(* * * * ? *)", Rule.State.ENABLED);
        at("2026-11-21T09:00:00Z");
        assertThat(told()).containsExactly("2026-11-21T09:00:00Z");
        at("2026-11-21T08:30:00Z");
        world.write(tx ->
                world.buses.switchTo(tx, RuleWorld.rule("often"), Rule.State.DISABLED, world.now));
        world.write(tx ->
                world.buses.switchTo(tx, RuleWorld.rule("often"), Rule.State.ENABLED, world.now));
        world.scheduled("often", "cron(* * * * ? *)", Rule.State.ENABLED);
        for (int minute = 30; minute < 60; minute++) {
            at("2026-11-21T08:%d:00Z".formatted(minute));
        }
        at("2026-11-21T09:00:30Z");
        assertThat(told()).isEmpty();
        at("2026-11-21T09:01:00Z");
        assertThat(told()).containsExactly("2026-11-21T09:01:00Z");
    }

    @Test
    void a_rule_that_is_off_does_not_fire_and_keeps_its_beat() throws Exception {
        world.scheduled("r", "rate(10 minutes)", Rule.State.DISABLED);
        at("2026-11-21T08:10:00Z");
        at("2026-11-21T08:25:00Z");
        assertThat(told()).isEmpty();
        assertThat(world.catalog.list("event-due", "", "", 10)).isEmpty();
        world.write(
                tx -> world.buses.switchTo(tx, RuleWorld.rule("r"), Rule.State.ENABLED, world.now));
        at("2026-11-21T08:29:59Z");
        assertThat(told()).isEmpty();
        world.now = Instant.parse("2026-11-21T08:30:00Z");
        world.scheduled("r", "rate(10 minutes)", Rule.State.ENABLED);
        world.fire();
        assertThat(told()).containsExactly("2026-11-21T08:30:00Z");
    }

    @Test
    void a_rule_that_is_put_otherwise_begins_anew_and_one_that_is_gone_is_silent()
            throws Exception {
        world.scheduled("r", "rate(10 minutes)", Rule.State.ENABLED);
        at("2026-11-21T08:07:00.700Z");
        world.scheduled("r", "rate(5 minutes)", Rule.State.ENABLED);
        at("2026-11-21T08:10:00Z");
        assertThat(told()).isEmpty();
        at("2026-11-21T08:12:00Z");
        assertThat(told()).containsExactly("2026-11-21T08:12:00Z");
        world.rule("r", "{'source':['shop']}");
        at("2026-11-21T08:30:00Z");
        assertThat(told()).isEmpty();
        world.scheduled("r", "rate(5 minutes)", Rule.State.ENABLED);
        world.write(tx -> world.buses.removeTargets(tx, RuleWorld.rule("r"), List.of("1")));
        world.write(tx -> world.buses.delete(tx, RuleWorld.rule("r")));
        at("2026-11-21T09:00:00Z");
        assertThat(told()).isEmpty();
        for (String kind : List.of("event-due", "event-schedule", "event-dispatch")) {
            assertThat(world.catalog.list(kind, "", "", 10)).as(kind).isEmpty();
        }
    }

    @Test
    void many_schedules_cost_one_look_while_none_is_due() throws Exception {
        for (int i = 0; i < EventBuses.RULES_MAX; i++) {
            world.scheduled("r" + i, "rate(1 hour)", Rule.State.ENABLED);
        }
        world.now = world.now.plus(Duration.ofMinutes(59));
        var reads = new ArrayList<String>();
        world.faults =
                new FaultyCatalog.Faults() {
                    @Override
                    public void afterRead(int documents) {
                        reads.add("read " + documents);
                    }

                    @Override
                    public void beforeWrite() {
                        reads.add("write");
                    }
                };
        world.schedules.fire(world.now, world.mishaps, () -> false);
        assertThat(reads).containsExactly("read 0");
        world.faults = FaultyCatalog.Faults.NONE;
        at("2026-11-21T09:00:00Z");
        assertThat(told()).hasSize(EventBuses.RULES_MAX);
    }
}
