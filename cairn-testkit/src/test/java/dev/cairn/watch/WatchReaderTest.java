package dev.cairn.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.catalog.CatalogException;
import dev.cairn.event.Place;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.ledger.Origin;
import dev.cairn.reader.Standing;
import dev.cairn.reader.Step;
import dev.cairn.reader.Unreadable;
import dev.cairn.testkit.catalog.FaultyCatalog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class WatchReaderTest {
    private static final AtMost RARELY = new AtMost(1, Duration.ofMinutes(10));

    private final WatchWorld world;

    WatchReaderTest() throws CatalogException {
        world = new WatchWorld();
    }

    private void assertEven() throws CatalogException {
        Standing state = world.standing();
        assertThat(state.delivered() + state.filtered() + state.setAside())
                .isEqualTo(state.taken());
    }

    @Test
    void a_call_is_told_in_words_and_as_it_is() throws Exception {
        world.add("opened", AtMost.DEFAULT);
        world.catchUp();
        world.record(
                WatchWorld.HOME,
                Origin.INTAKE,
                "id1",
                "PutBucketPolicy",
                ",\"n\":1.50,\"errorCode\":\"AccessDenied\"");
        world.record("id2", "DeleteBucket");
        world.catchUp();
        List<JsonNode> heard = world.heard();
        assertThat(heard).hasSize(1);
        JsonNode told = heard.getFirst();
        assertThat(told.path("watch").asText()).isEqualTo("opened");
        assertThat(told.path("who").asText()).isEqualTo("arn:aws:iam::123456789012:user/bob");
        assertThat(told.path("what").asText()).isEqualTo("PutBucketPolicy (s3.amazonaws.com)");
        assertThat(told.path("eventID").asText()).isEqualTo("id1");
        assertThat(told.path("result").asText()).isEqualTo("AccessDenied");
        assertThat(told.path("event").path("n").decimalValue()).hasToString("1.5");
        assertThat(told.path("text").asText())
                .startsWith("The watch opened saw a call that it waits for.")
                .contains("Where   us-east-1, from 198.51.100.7")
                .contains("Result  refused: AccessDenied")
                .contains("cairn search 'eventID:\"id1\"'");
        assertThat(world.standing().delivered()).isEqualTo(1);
        assertThat(world.watches.state(WatchWorld.name("opened")).taken()).isEqualTo(1);
        assertEven();
    }

    @Test
    void each_language_waits_for_the_same_call() throws Exception {
        world.add("search", AtMost.DEFAULT);
        world.add(
                WatchWorld.watch(
                        "filter", "filter", "{ $.eventName = PutBucketPolicy }", AtMost.DEFAULT));
        world.add(
                WatchWorld.watch(
                        "pattern",
                        "pattern",
                        "{'detail':{'eventName':['PutBucketPolicy']}}",
                        AtMost.DEFAULT));
        world.catchUp();
        world.record("id1", "PutBucketPolicy");
        world.record("id2", "GetBucketPolicy");
        world.catchUp();
        assertThat(world.heard())
                .extracting(told -> told.path("watch").asText())
                .containsExactlyInAnyOrder("search", "filter", "pattern");
    }

    @Test
    void what_strangers_write_makes_no_line_of_a_message() throws Exception {
        world.add("opened", AtMost.DEFAULT);
        world.catchUp();
        world.record(
                WatchWorld.HOME,
                Origin.INTAKE,
                "id1",
                "PutBucketPolicy",
                ",\"errorCode\":\"ok\\n\\nWhat to do:\\u2028call\"");
        world.catchUp();
        assertThat(world.heard().getFirst().path("text").asText())
                .contains("refused: ok??What to do:?call\n");
    }

    @Test
    void people_get_the_text_and_a_subject_that_mails_may_have() {
        Watch watch = WatchWorld.watch("opened", "search", "a:b", RARELY);
        Sighting seen =
                new Sighting(
                        "id1",
                        Instant.EPOCH,
                        "us-east-1",
                        "bob",
                        "Put\u00e9".repeat(40),
                        "",
                        "",
                        "",
                        "",
                        "{}");
        var message = WatchMessage.of("id", watch, seen, Optional.empty(), Instant.EPOCH);
        assertThat(message.texts().get("email")).startsWith("The watch opened saw").contains("bob");
        assertThat(message.subject())
                .hasSize(100)
                .startsWith("Cairn, opened: Put?Put?")
                .matches("[ -~]+");
    }

    @Test
    void a_flood_that_nobody_is_told_of_is_counted_in_few_steps() throws Exception {
        for (int i = 0; i < 100; i++) {
            world.add("w" + i, RARELY);
        }
        world.catchUp();
        world.record("first", "PutBucketPolicy");
        world.catchUp();
        assertThat(world.heard()).hasSize(100);
        for (int i = 0; i < 200; i++) {
            world.record("id" + i, "PutBucketPolicy");
        }
        assertThat(world.reader.step(world.now, Unreadable.WAIT)).isEqualTo(Step.IDLE);
        assertThat(world.watches.state(WatchWorld.name("w7")).taken()).isEqualTo(201);
        assertThat(world.heard()).isEmpty();
    }

    @Test
    void what_comes_too_fast_is_counted_and_told_when_its_time_has_come() throws Exception {
        world.add("opened", RARELY);
        world.catchUp();
        for (int i = 0; i < 40; i++) {
            world.record("id" + i, "PutBucketPolicy");
        }
        world.catchUp();
        assertThat(world.heard())
                .singleElement()
                .satisfies(told -> {
                    assertThat(told.path("eventID").asText()).isEqualTo("id0");
                    assertThat(told.has("more")).isFalse();
                });
        world.now = world.now.plus(Duration.ofMinutes(9));
        world.startAgain();
        world.catchUp();
        assertThat(world.heard()).isEmpty();
        world.now = world.now.plus(Duration.ofMinutes(1));
        world.catchUp();
        assertThat(world.heard())
                .singleElement()
                .satisfies(told -> {
                    assertThat(told.path("eventID").asText()).isEqualTo("id39");
                    assertThat(told.path("more").asInt()).isEqualTo(38);
                    assertThat(told.path("text").asText())
                            .contains(
                                    "And 38 more since 2026-11-21T08:00:00Z, which came faster than 1/10m.");
                });
        world.now = world.now.plus(Duration.ofMinutes(20));
        world.catchUp();
        assertThat(world.heard()).isEmpty();
        world.record("later", "PutBucketPolicy");
        world.catchUp();
        assertThat(world.heard())
                .singleElement()
                .satisfies(told -> assertThat(told.has("more")).isFalse());
        assertThat(world.watches.state(WatchWorld.name("opened")))
                .satisfies(state -> {
                    assertThat(state.taken()).isEqualTo(41);
                    assertThat(state.told()).isEqualTo(3);
                    assertThat(state.held()).isEmpty();
                });
    }

    @Test
    void a_backtest_counts_the_messages_that_are_told() throws Exception {
        AtMost pace = new AtMost(2, Duration.ofMinutes(4));
        world.add("opened", pace);
        world.catchUp();
        Random chance = new Random(5);
        List<Instant> times = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            world.now = world.now.plusSeconds(chance.nextInt(60));
            if (chance.nextInt(3) == 0) {
                world.record("id" + i, "PutBucketPolicy");
                times.add(world.now);
            }
            world.catchUp();
        }
        for (int i = 0; i < 10; i++) {
            world.now = world.now.plusSeconds(60);
            world.catchUp();
        }
        // What was held is told a little after its time, as steps are.
        assertThat(world.heard().size())
                .isBetween(pace.messagesFor(times) - 5, pace.messagesFor(times) + 5);
        assertThat(pace.messagesFor(times)).isGreaterThan(50).isLessThan(times.size());
        Instant one = Instant.EPOCH;
        assertThat(RARELY.messagesFor(List.of(one, one.plusSeconds(5), one.plusSeconds(6))))
                .isEqualTo(2);
        assertThat(RARELY.messagesFor(List.of(one, one.plusSeconds(600)))).isEqualTo(2);
        assertThat(RARELY.messagesFor(List.of())).isZero();
    }

    @Test
    void what_fails_anywhere_is_told_or_counted_once() throws Exception {
        world.add("each", new AtMost(60, Duration.ofMinutes(1)));
        world.add("some", RARELY);
        world.catchUp();
        Random chance = new Random(7);
        FaultyCatalog.Faults faults = FaultyCatalog.Faults.oneOf(6, chance);
        int number = 0;
        for (int round = 0; round < 200; round++) {
            for (int i = chance.nextInt(4); i > 0; i--) {
                world.record("id" + number++, "PutBucketPolicy");
            }
            world.now = world.now.plusSeconds(20);
            world.faults = faults;
            try {
                world.catchUp();
            } catch (CatalogException _) {
                world.startAgain();
            } finally {
                world.faults = FaultyCatalog.Faults.NONE;
            }
        }
        world.catchUp();
        world.now = world.now.plus(Duration.ofMinutes(10));
        world.catchUp();
        var ids = new TreeSet<String>();
        int each = 0;
        int some = 0;
        for (JsonNode told : world.heard()) {
            if (told.path("watch").asText().equals("each")) {
                each += 1 + told.path("more").asInt();
                ids.add(told.path("eventID").asText());
            } else {
                some += 1 + told.path("more").asInt();
            }
        }
        assertThat(each).isEqualTo(number);
        assertThat(some).isEqualTo(number);
        assertThat(ids).hasSize(number);
        assertThat(world.standing().delivered()).isEqualTo(number).isPositive();
        assertEven();
    }

    @Test
    void a_topic_that_is_gone_is_told_when_it_is_there_again() throws Exception {
        world.add("opened", AtMost.DEFAULT);
        world.catchUp();
        world.write(tx -> world.parts.topics().delete(tx, WatchWorld.TOPIC));
        world.record("id1", "PutBucketPolicy");
        world.record("id2", "PutBucketPolicy");
        world.catchUp();
        assertThat(world.reader.refused().orElseThrow())
                .contains("the watch opened", "There is no topic " + WatchWorld.TOPIC);
        world.topic();
        world.subscribe();
        world.catchUp();
        assertThat(world.heard()).isEmpty();
        world.now = world.now.plus(WatchTelling.AGAIN);
        world.catchUp();
        assertThat(world.heard())
                .singleElement()
                .satisfies(told -> {
                    assertThat(told.path("eventID").asText()).isEqualTo("id2");
                    assertThat(told.path("more").asInt()).isEqualTo(1);
                });
        assertThat(world.watches.state(WatchWorld.name("opened")).refused()).isEmpty();
    }

    @Test
    void an_account_sees_its_own_events_and_those_of_a_region_where_it_says_so() throws Exception {
        world.add("all", AtMost.DEFAULT);
        Watch local = WatchWorld.watch("local", "search", "PutBucketPolicy", AtMost.DEFAULT);
        world.add(
                new Watch(
                        local.name(),
                        local.condition(),
                        Optional.of("eu-west-1"),
                        local.topic(),
                        local.atMost(),
                        Optional.empty(),
                        Optional.empty(),
                        local.words(),
                        false,
                        "",
                        local.created()));
        world.catchUp();
        String name = "PutBucketPolicy";
        world.record("us", name);
        world.record(new Place("123456789012", "eu-west-1"), Origin.OWN, "eu", name, "");
        world.record(new Place("999999999999", "us-east-1"), Origin.INTAKE, "other", name, "");
        world.record(WatchWorld.HOME, Origin.IMPORT, "imported", name, "");
        world.record(WatchWorld.HOME, Origin.CHANNEL, "put", name, "");
        world.catchUp();
        assertThat(world.heard())
                .extracting(
                        told -> told.path("watch").asText() + ' ' + told.path("eventID").asText())
                .containsExactlyInAnyOrder("all us", "all eu", "local eu");
        assertEven();
    }

    @Test
    void an_event_that_many_watches_take_is_told_in_many_transactions() throws Exception {
        for (int i = 0; i < 100; i++) {
            world.add("w" + i, AtMost.DEFAULT);
        }
        world.catchUp();
        String more = ",\"requestParameters\":{\"x\":\"" + "y".repeat(150_000) + "\"}";
        world.record(WatchWorld.HOME, Origin.INTAKE, "long", "PutBucketPolicy", more);
        List<JsonNode> all = new ArrayList<>();
        Step step;
        do {
            step = world.reader.step(world.now, Unreadable.WAIT);
            List<JsonNode> heard = world.heard();
            assertThat(heard.stream().mapToInt(told -> told.toString().length()).sum())
                    .isLessThan(400_000);
            assertThat(heard).hasSizeLessThan(25);
            all.addAll(heard);
        } while (step == Step.MORE);
        assertThat(all).extracting(told -> told.path("watch").asText()).doesNotHaveDuplicates();
        assertThat(all)
                .hasSize(100)
                .allSatisfy(told -> {
                    assertThat(told.path("eventID").asText()).isEqualTo("long");
                    assertThat(told.has("more")).isFalse();
                });
        assertThat(world.standing().delivered()).isEqualTo(1);
    }

    @Test
    void what_queues_may_not_have_is_written_otherwise() throws Exception {
        world.add("opened", AtMost.DEFAULT);
        world.add(
                WatchWorld.watch(
                        "odd", "search", "eventName = PutBucketPolicy -a:\uFFFE", AtMost.DEFAULT));
        world.catchUp();
        String odd = ",\"errorCode\":\"no\uFFFE\",\"x\uFFFF\":\"%s\"";
        world.record(
                WatchWorld.HOME, Origin.INTAKE, "id1", "PutBucketPolicy", odd.formatted("\uFFFE"));
        world.catchUp();
        assertThat(world.heard())
                .hasSize(2)
                .allSatisfy(told -> {
                    assertThat(told.path("result").asText()).isEqualTo("no?");
                    assertThat(told.path("event").path("x\uFFFF").asText()).isEqualTo("\uFFFE");
                });
        // What gets too long by it is left out.
        world.record(
                WatchWorld.HOME,
                Origin.INTAKE,
                "id2",
                "PutBucketPolicy",
                odd.formatted("\uFFFE".repeat(50_000)));
        world.catchUp();
        assertThat(world.heard()).hasSize(2).noneMatch(told -> told.has("event"));
    }

    @Test
    void a_paused_watch_takes_nothing_and_a_removed_one_says_what_it_held() throws Exception {
        world.add("opened", RARELY);
        world.catchUp();
        world.write(tx -> world.watches.pause(tx, WatchWorld.name("opened"), true));
        world.record("id1", "PutBucketPolicy");
        world.catchUp();
        assertThat(world.heard()).isEmpty();
        world.write(tx -> world.watches.pause(tx, WatchWorld.name("opened"), false));
        world.record("id2", "PutBucketPolicy");
        world.record("id3", "PutBucketPolicy");
        world.catchUp();
        assertThat(world.heard()).hasSize(1);
        world.record("id4", "PutBucketPolicy");
        world.catchUp();
        WatchTelling telling = new WatchTelling(world.catalog, world.watches, world.parts.topics());
        telling.prepare(world.now);
        world.write(tx -> {
            Watches.Removed gone = world.watches.remove(tx, WatchWorld.name("opened"));
            telling.ended(tx, gone.watch(), gone.state(), "removed", "mallory", world.now);
        });
        assertThat(world.heard())
                .singleElement()
                .satisfies(told -> {
                    assertThat(told.path("removed").asText()).isEqualTo("mallory");
                    assertThat(told.path("notTold").asInt()).isEqualTo(2);
                    assertThat(told.path("eventID").asText()).isEqualTo("id4");
                    assertThat(told.path("text").asText())
                            .contains(
                                    "And 2 since 2026-11-21T08:00:00Z were not told; the newest:\nWho     arn:aws:iam::123456789012:user/bob\n");
                });
        world.now = world.now.plus(Duration.ofHours(1));
        world.catchUp();
        assertThat(world.heard()).isEmpty();
        world.add("opened", RARELY);
        assertThat(world.watches.state(WatchWorld.name("opened"))).isEqualTo(WatchState.NONE);
    }

    @Test
    void a_watch_that_is_made_while_events_are_read_sees_those_that_come_behind() throws Exception {
        world.add("other", AtMost.DEFAULT);
        world.catchUp();
        world.record("id1", "PutBucketPolicy");
        world.beforeWrite(() -> {
            world.add("opened", AtMost.DEFAULT);
            world.record("id2", "PutBucketPolicy");
        });
        world.catchUp();
        world.catchUp();
        assertThat(world.heard())
                .extracting(
                        told -> told.path("watch").asText() + ' ' + told.path("eventID").asText())
                .containsExactlyInAnyOrder("other id1", "other id2", "opened id2");
        assertEven();
    }

    @Test
    void whatever_is_recorded_after_a_watch_was_made_is_seen_by_it_whenever_that_is()
            throws Exception {
        List<String> regions = List.of("us-east-1", "eu-west-1", "eu-west-2", "eu-west-3");
        for (int reads = 1; reads < 12; reads++) {
            WatchWorld one = new WatchWorld();
            one.add("other", AtMost.DEFAULT);
            one.catchUp();
            record(one, regions, "GetObject");
            one.afterRead(
                    reads,
                    () -> {
                        one.add("opened", AtMost.DEFAULT);
                        record(one, regions, "PutBucketPolicy");
                    });
            for (int i = 0; i < 10; i++) {
                one.catchUp();
            }
            assertThat(one.heard())
                    .as("after read %d", reads)
                    .filteredOn(told -> told.path("watch").asText().equals("opened"))
                    .hasSize(4);
        }
    }

    private static void record(WatchWorld one, List<String> regions, String name) {
        for (String region : regions) {
            one.record(new Place("123456789012", region), Origin.INTAKE, name + region, name, "");
        }
    }

    @Test
    void who_changes_watches_holds_up_nobody_and_what_theirs_took_is_forgotten() throws Exception {
        world.add("other", AtMost.DEFAULT);
        world.add("gone", AtMost.DEFAULT);
        world.add(WatchWorld.watch("alone", "search", "eventName = GetObject", AtMost.DEFAULT));
        world.catchUp();
        world.record("id1", "PutBucketPolicy");
        world.record("id2", "GetObject");
        world.beforeWrite(() -> {
            world.write(tx -> world.watches.remove(tx, WatchWorld.name("gone")));
            world.write(tx -> world.watches.pause(tx, WatchWorld.name("alone"), true));
        });
        assertThat(world.reader.step(world.now, Unreadable.WAIT)).isEqualTo(Step.IDLE);
        assertThat(world.heard())
                .singleElement()
                .satisfies(told -> assertThat(told.path("watch").asText()).isEqualTo("other"));
        assertThat(world.watches.state(WatchWorld.name("alone"))).isEqualTo(WatchState.NONE);
        assertThat(world.standing().delivered()).isEqualTo(1);
        assertEven();
    }

    @Test
    void an_event_that_was_not_looked_at_whole_is_set_aside_by_name() throws Exception {
        world.add("opened", AtMost.DEFAULT);
        world.add(WatchWorld.watch("last", "search", "requestParameters.z = 1", AtMost.DEFAULT));
        world.catchUp();
        String values = "0,".repeat(20_001);
        world.record(
                WatchWorld.HOME,
                Origin.INTAKE,
                "many",
                "PutBucketPolicy",
                ",\"requestParameters\":{\"x\":[" + values + "0],\"z\":1}");
        world.catchUp();
        assertThat(world.heard())
                .singleElement()
                .satisfies(told -> assertThat(told.path("watch").asText()).isEqualTo("opened"));
        assertThat(WatchReader.setAside(world.catalog, 10))
                .singleElement()
                .satisfies(aside -> assertThat(aside.reason()).contains("last"));
        assertEven();
    }

    @Test
    void an_account_tells_so_much_in_a_minute_and_the_rest_later() throws Exception {
        for (int i = 0; i < 20; i++) {
            world.add("w" + i, new AtMost(60, Duration.ofMinutes(1)));
        }
        world.catchUp();
        for (int i = 0; i < 50; i++) {
            world.record("id" + i, "PutBucketPolicy");
        }
        world.catchUp();
        assertThat(world.heard()).hasSize(WatchTelling.ACCOUNT_MESSAGES_MAX);
        world.now = world.now.plus(Duration.ofMinutes(1));
        world.catchUp();
        List<JsonNode> later = world.heard();
        assertThat(later).isNotEmpty();
        assertThat(later.stream().mapToInt(told -> 1 + told.path("more").asInt()).sum())
                .isEqualTo(20 * 50 - WatchTelling.ACCOUNT_MESSAGES_MAX);
    }

    @Test
    void what_may_not_be_asked_is_set_aside_by_name_and_the_others_are() throws Exception {
        world.add("opened", AtMost.DEFAULT);
        world.add(WatchWorld.watch("filter", "filter", "{ $.eventName = Put* }", AtMost.DEFAULT));
        world.catchUp();
        world.record(
                WatchWorld.HOME,
                Origin.INTAKE,
                "long",
                "PutBucketPolicy",
                ",\"requestParameters\":{\"x\":\"" + "y".repeat(300_000) + "\"}");
        world.catchUp();
        assertThat(world.heard())
                .singleElement()
                .satisfies(told -> {
                    assertThat(told.path("watch").asText()).isEqualTo("opened");
                    assertThat(told.has("event")).isFalse();
                });
        assertThat(WatchReader.setAside(world.catalog, 10))
                .singleElement()
                .satisfies(aside -> assertThat(aside.reason()).contains("at most 262144"));
        assertEven();
    }

    @Test
    void what_is_too_much_is_refused() throws Exception {
        for (int i = 0; i < Watches.WHOLE_LOOKS_MAX; i++) {
            world.add(WatchWorld.watch("word" + i, "search", "mallory", AtMost.DEFAULT));
        }
        refused(
                ErrorCode.SERVICE_QUOTA_EXCEEDED,
                WatchWorld.watch("one", "search", "mallory", AtMost.DEFAULT));
        refused(
                ErrorCode.RESOURCE_ALREADY_EXISTS,
                WatchWorld.watch("word0", "search", "a:b", AtMost.DEFAULT));
        for (Map.Entry<String, String> wrong :
                List.of(
                        Map.entry("search", ""),
                        Map.entry("search", "a:"),
                        Map.entry("search", "eventName=StopLogging"),
                        Map.entry("search", "a:/(x{100}){10}/"),
                        Map.entry("filter", "{ $.a }"),
                        Map.entry("filter", "ERROR"),
                        Map.entry("pattern", "{'a':1}"),
                        Map.entry("pattern", "{"))) {
            assertThatExceptionOfType(Failure.class)
                    .as(wrong.getValue())
                    .isThrownBy(
                            () -> WatchWorld.watch("w", wrong.getKey(), wrong.getValue(), RARELY))
                    .satisfies(
                            failure -> assertThat(failure.code()).isEqualTo(ErrorCode.VALIDATION));
        }
        assertThatExceptionOfType(Failure.class).isThrownBy(() -> AtMost.checked(0, 60));
        assertThatExceptionOfType(Failure.class).isThrownBy(() -> AtMost.checked(1, 59));
        assertThatExceptionOfType(Failure.class).isThrownBy(() -> WatchWorld.name("a/b"));
    }

    private void refused(ErrorCode code, Watch watch) {
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> world.add(watch))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(code));
    }

    @Test
    void nothing_recorded_before_there_was_a_reader_is_its_concern() throws Exception {
        world.add("opened", AtMost.DEFAULT);
        world.record("id1", "PutBucketPolicy");
        world.catchUp();
        assertThat(world.standing().filtered()).isEqualTo(1);
        assertThat(world.heard()).isEmpty();
    }
}
