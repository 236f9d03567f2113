package dev.cairn.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.bus.Dispatches.Parcel;
import dev.cairn.catalog.CatalogException;
import dev.cairn.queue.MessageAttribute;
import dev.cairn.queue.Received;
import dev.cairn.testkit.catalog.FaultyCatalog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TargetsOutsideTest {
    private static final RuleName RULE = RuleWorld.rule("r");
    private static final Courier.Outcome TAKEN = new Courier.Outcome.Taken();
    private static final Refusal AWAY = new Refusal("SDK_CLIENT_ERROR", "it answered 503", false);
    private static final Refusal UNWANTED =
            new Refusal("SDK_CLIENT_ERROR", "it answered 404", true);

    private final RuleWorld world = new RuleWorld();
    private int perSecond = 300;
    private Pace pace = new Pace(_ -> perSecond);

    TargetsOutsideTest() throws CatalogException {
        world.rule("r", "{'source':['shop']}");
    }

    private static Target target(String id, Optional<String> deadLetters) {
        return new Target(
                new TargetName(RULE, id),
                "arn:aws:events:us-east-1:123456789012:api-destination/hook/%s".formatted(id),
                "",
                new TargetInput.Whole(),
                new Target.Http(List.of("$.detail.no"), Map.of("x-by", "$.detail.by"), Map.of()),
                new Target.Retry(Optional.empty(), Optional.empty()),
                deadLetters);
    }

    private Target target(String id) throws CatalogException {
        Target target = target(id, Optional.empty());
        world.target(target);
        return target;
    }

    private void put(Target target, String id) throws CatalogException {
        BusEvent event =
                BusEvent.of(
                        new BusEvent.Head(
                                id, "Order", "shop", RuleWorld.HOME, world.now, List.of()),
                        "{\"no\":7,\"by\":\"ann\"}");
        world.write(tx -> world.dispatches.put(tx, List.of(target), event, world.now));
    }

    private List<Parcel> due() throws CatalogException {
        return due(1000);
    }

    private List<Parcel> due(int limit) throws CatalogException {
        return world.dispatches.due(world.now, pace, limit, RuleWorld.REFUSALS);
    }

    private void done(Parcel parcel, Courier.Outcome outcome) throws CatalogException {
        try {
            world.dispatches.done(parcel, outcome, pace, world.now);
        } finally {
            pace.end(parcel);
        }
    }

    private Courier.Outcome failed() {
        return new Courier.Outcome.Failed(AWAY, world.now);
    }

    private void nothingIsLeft() throws CatalogException {
        assertThat(world.dispatches.waiting()).isEmpty();
        assertThat(world.catalog.list("event-backlog", "", "", 10)).isEmpty();
    }

    @Test
    void one_is_told_once_and_by_its_courier_alone() throws Exception {
        put(target("1"), "id");
        world.tell();
        Parcel parcel = due().getFirst();
        assertThat(parcel.text()).contains("\"id\":\"id\"");
        assertThat(parcel.http().path()).containsExactly("7");
        assertThat(parcel.http().headers()).containsEntry("x-by", "ann");
        assertThat(due()).isEmpty();
        done(parcel, TAKEN);
        assertThat(due()).isEmpty();
        nothingIsLeft();
        assertThat(world.dispatches.givenUp()).isZero();
    }

    @Test
    void each_try_has_the_same_id_also_after_a_kill_and_no_other_event_has_it() throws Exception {
        Target target = target("1");
        put(target, "id");
        Parcel first = due().getFirst();
        done(first, failed());
        assertThat(due()).isEmpty();
        world.now = world.now.plusSeconds(1);
        Parcel second = due().getFirst();
        world.startAgain();
        pace = new Pace(_ -> perSecond);
        Parcel third = due().getFirst();
        assertThat(second.id()).isEqualTo(first.id());
        assertThat(third.id()).isEqualTo(first.id());
        done(third, TAKEN);
        put(target, "id");
        assertThat(due().getFirst().id()).isNotEqualTo(first.id());
    }

    @Test
    void nobody_asks_again_before_the_target_wants_it() throws Exception {
        put(target("1"), "id");
        done(
                due().getFirst(),
                new Courier.Outcome.Failed(AWAY, world.now.plus(Duration.ofMinutes(10))));
        world.now = world.now.plus(Duration.ofMinutes(9));
        assertThat(due()).isEmpty();
        world.now = world.now.plus(Duration.ofMinutes(1));
        assertThat(due()).hasSize(1);
    }

    @Test
    void one_that_fails_for_a_day_is_given_up_and_counted() throws Exception {
        put(target("1"), "id");
        Instant end = world.now.plus(Duration.ofHours(24));
        while (world.now.isBefore(end)) {
            for (Parcel parcel : due()) {
                done(parcel, failed());
            }
            assertThat(world.dispatches.givenUp()).isZero();
            world.now = world.now.plus(Dispatches.PAUSE_MAX);
        }
        world.now = end;
        assertThat(due()).isEmpty();
        assertThat(world.dispatches.givenUp()).isEqualTo(1);
        nothingIsLeft();
    }

    @Test
    void what_gets_too_old_while_its_target_rests_is_ended_without_a_try() throws Exception {
        Target dead =
                new Target(
                        new TargetName(RULE, "1"),
                        target("1", Optional.empty()).arn(),
                        "",
                        new TargetInput.Whole(),
                        new Target.Retry(Optional.empty(), Optional.of(Duration.ofMinutes(1))),
                        Optional.of(RuleWorld.DEAD.arn()));
        world.target(dead);
        for (int i = 0; i < 5; i++) {
            put(dead, "old" + i);
        }
        List<Parcel> first = due();
        for (Parcel parcel : first.subList(1, 5)) {
            done(parcel, new Courier.Outcome.Failed(AWAY, world.now.plus(Duration.ofHours(3))));
        }
        world.now = world.now.plusSeconds(59);
        put(dead, "young");
        assertThat(due()).isEmpty();
        assertThat(world.received(RuleWorld.DEAD)).isEmpty();
        world.now = world.now.plusSeconds(1);
        pace.came(
                first.getFirst(),
                new Courier.Outcome.Failed(AWAY, world.now.plusSeconds(9)),
                world.now);
        assertThat(due()).isEmpty();
        List<Received> letters = world.received(RuleWorld.DEAD);
        assertThat(letters).hasSize(4);
        assertThat(letters.getFirst().message().attributes())
                .containsEntry(
                        "EXHAUSTED_RETRY_CONDITION",
                        new MessageAttribute("String", "MaximumEventAgeInSeconds"))
                .containsEntry("RETRY_ATTEMPTS", new MessageAttribute("String", "0"));
        done(first.getFirst(), TAKEN);
        assertThat(due())
                .singleElement()
                .satisfies(parcel -> assertThat(parcel.text()).contains("young"));
    }

    @Test
    void a_clock_that_jumps_forward_leaves_each_event_another_try() throws Exception {
        Target target = target("1");
        put(target, "id");
        done(due().getFirst(), failed());
        put(target, "untried");
        perSecond = 1;
        world.now = world.now.plus(Duration.ofDays(3));
        Parcel again = due().getFirst();
        assertThat(world.dispatches.givenUp()).isZero();
        done(again, failed());
        assertThat(world.dispatches.givenUp()).isEqualTo(1);
        world.now = world.now.plusSeconds(1);
        done(due().getFirst(), TAKEN);
        assertThat(world.dispatches.givenUp()).isEqualTo(1);
        nothingIsLeft();
    }

    @Test
    void what_comes_after_a_jump_of_the_clock_is_as_old_as_it_is() throws Exception {
        Target target = target("1");
        assertThat(due()).isEmpty();
        world.now = world.now.plus(Duration.ofDays(3));
        assertThat(due()).isEmpty();
        put(target, "id");
        done(due().getFirst(), failed());
        for (int tries = 0; tries < 24 * 6; tries++) {
            world.now = world.now.plus(Duration.ofMinutes(10));
            due().forEach(pace::end);
        }
        assertThat(world.dispatches.givenUp()).isEqualTo(1);
        nothingIsLeft();
    }

    @Test
    void a_clock_that_goes_back_holds_up_no_event() throws Exception {
        put(target("1"), "id");
        done(due().getFirst(), failed());
        assertThat(due()).isEmpty();
        world.now = world.now.minus(Duration.ofDays(3));
        pace = new Pace(_ -> perSecond);
        done(due().getFirst(), TAKEN);
        nothingIsLeft();
    }

    @Test
    void more_that_is_too_old_than_is_ended_at_once_is_not_told_either() throws Exception {
        Target target = target("1");
        for (int i = 0; i < 250; i++) {
            put(target, "id" + i);
        }
        world.now = world.now.plus(Target.Retry.AGE_MAX);
        for (int ended : List.of(100, 200, 250)) {
            assertThat(due()).isEmpty();
            assertThat(world.dispatches.givenUp()).isEqualTo(ended);
        }
        nothingIsLeft();
    }

    @Test
    void one_whose_telling_ends_during_a_look_is_not_told_again() throws Exception {
        Target target = target("1");
        for (int read = 1; read <= 12; read++) {
            put(target, "id" + read);
            Parcel parcel = due().getFirst();
            AtomicInteger left = new AtomicInteger(read);
            world.faults =
                    new FaultyCatalog.Faults() {
                        @Override
                        public void afterRead(int documents) {
                            if (left.decrementAndGet() == 0) {
                                taken(parcel);
                            }
                        }
                    };
            assertThat(due()).as("read %d", read).isEmpty();
            world.faults = FaultyCatalog.Faults.NONE;
            if (left.get() > 0) {
                done(parcel, TAKEN);
            }
        }
        nothingIsLeft();
    }

    private void taken(Parcel parcel) {
        try {
            done(parcel, TAKEN);
        } catch (CatalogException failure) {
            throw new IllegalStateException(failure);
        }
    }

    @Test
    void a_look_that_fails_somewhere_keeps_nothing_from_being_told() throws Exception {
        for (int i = 1; i <= 3; i++) {
            put(target(Integer.toString(i)), "id");
        }
        for (int read = 1; read <= 20; read++) {
            for (boolean mistake : List.of(true, false)) {
                AtomicInteger left = new AtomicInteger(read);
                world.faults = failing(left, mistake);
                List<Parcel> given = new ArrayList<>();
                try {
                    given.addAll(due());
                } catch (CatalogException | IllegalStateException _) {
                    // Then it gave nothing.
                }
                world.faults = FaultyCatalog.Faults.NONE;
                given.addAll(due());
                assertThat(given)
                        .as("read %d", read)
                        .extracting(parcel -> parcel.target().name().id())
                        .containsExactlyInAnyOrder("1", "2", "3");
                given.forEach(pace::end);
                given.forEach(pace::end);
            }
        }
    }

    private static FaultyCatalog.Faults failing(AtomicInteger left, boolean mistake) {
        return new FaultyCatalog.Faults() {
            @Override
            public void beforeRead() throws CatalogException {
                if (left.decrementAndGet() == 0) {
                    if (mistake) {
                        throw new IllegalStateException("a mistake");
                    }
                    throw new CatalogException(CatalogException.Kind.UNAVAILABLE, "not now");
                }
            }
        };
    }

    @Test
    void one_target_that_cannot_be_read_holds_up_no_other() throws Exception {
        for (int i = 1; i <= 3; i++) {
            put(target(Integer.toString(i)), "id");
        }
        world.write(tx -> {
            var row = tx.list("event-dispatch", new TargetName(RULE, "2").key() + '/', "", 1);
            tx.replace(row.getFirst(), "{}");
        });
        assertThat(due())
                .extracting(parcel -> parcel.target().name().id())
                .containsExactly("1", "3");
    }

    @Test
    void what_cannot_be_written_down_is_not_told_without_end() throws Exception {
        put(target("1"), "id");
        Parcel parcel = due().getFirst();
        world.faults =
                new FaultyCatalog.Faults() {
                    @Override
                    public void beforeWrite() throws CatalogException {
                        throw new CatalogException(CatalogException.Kind.UNAVAILABLE, "disk full");
                    }
                };
        assertThatThrownBy(() -> done(parcel, TAKEN)).isInstanceOf(CatalogException.class);
        world.now = world.now.plus(Pace.REST_MAX).minusMillis(1);
        assertThat(due()).isEmpty();
        world.faults = FaultyCatalog.Faults.NONE;
        world.now = world.now.plusMillis(1);
        Parcel again = due().getFirst();
        assertThat(again.id()).isEqualTo(parcel.id());
        done(again, TAKEN);
        nothingIsLeft();
    }

    @Test
    void the_turn_goes_on_behind_one_that_has_nothing_left() throws Exception {
        for (int i = 0; i < 2; i++) {
            put(target("1"), "a" + i);
            put(target("3"), "b" + i);
        }
        put(target("2-"), "c");
        put(target("2"), "d");
        List<String> turns = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            Parcel parcel = due(1).getFirst();
            turns.add(parcel.target().name().id());
            done(parcel, TAKEN);
        }
        assertThat(turns).containsExactly("1", "2-", "2", "3", "1", "3");
    }

    @Test
    void what_is_refused_goes_to_the_dead_letter_queue_or_is_given_up_at_once() throws Exception {
        Target dead = target("1", Optional.of(RuleWorld.DEAD.arn()));
        world.target(dead);
        put(dead, "dead");
        put(target("2"), "lost");
        for (Parcel parcel : due()) {
            done(parcel, new Courier.Outcome.Refused(UNWANTED));
        }
        Received letter = world.received(RuleWorld.DEAD).getFirst();
        assertThat(letter.message().body()).contains("\"id\":\"dead\"");
        assertThat(letter.message().attributes())
                .containsEntry("ERROR_MESSAGE", new MessageAttribute("String", "it answered 404"))
                .containsEntry("TARGET_ARN", new MessageAttribute("String", dead.arn()));
        assertThat(world.dispatches.givenUp()).isEqualTo(1);
        nothingIsLeft();
    }

    @Test
    void none_is_told_faster_than_it_wants_whatever_the_clock_does() throws Exception {
        perSecond = 2;
        Target target = target("1");
        for (int i = 0; i < 10; i++) {
            put(target, "id" + i);
        }
        assertThat(due()).hasSize(2);
        assertThat(due()).isEmpty();
        world.now = world.now.minus(Duration.ofHours(1));
        assertThat(due()).isEmpty();
        world.now = world.now.plus(Duration.ofHours(1)).plusMillis(500);
        assertThat(due()).hasSize(2);
        world.now = world.now.plusMillis(500);
        assertThat(due()).hasSize(1);
    }

    @Test
    void one_that_hangs_holds_a_few_hands_and_one_that_fails_rests() throws Exception {
        Target slow = target("1");
        for (int i = 0; i < 100; i++) {
            put(slow, "id" + i);
        }
        List<Parcel> first = due();
        assertThat(first).hasSize(Pace.AT_ONCE);
        Target other = target("2");
        put(other, "id");
        assertThat(due())
                .singleElement()
                .satisfies(parcel -> assertThat(parcel.target()).isEqualTo(other));
        for (Parcel parcel : first) {
            done(parcel, failed());
        }
        assertThat(due()).isEmpty();
        world.now = world.now.plus(Pace.REST_MAX);
        Parcel tried = due().getFirst();
        assertThat(due()).isEmpty();
        done(tried, TAKEN);
        assertThat(due()).hasSize(Pace.AT_ONCE);
    }

    @Test
    void an_account_has_its_share_of_hands_and_each_target_its_turn() throws Exception {
        for (int i = 1; i <= 9; i++) {
            Target target = target(Integer.toString(i % 5));
            for (int j = 0; j < Pace.AT_ONCE; j++) {
                put(target, i + "-" + j);
            }
        }
        assertThat(due()).hasSize(Pace.AT_ONCE_OF_ACCOUNT);
        Set<TargetName> told = new HashSet<>();
        pace = new Pace(_ -> 1);
        for (int i = 0; i < 5; i++) {
            told.add(due(1).getFirst().target().name());
        }
        assertThat(told).hasSize(5);
    }

    @Test
    void one_that_is_removed_while_it_is_told_leaves_nothing_behind() throws Exception {
        Target target = target("1");
        put(target, "id");
        put(target, "id2");
        Parcel parcel = due().getFirst();
        world.write(tx -> world.buses.removeTargets(tx, RULE, List.of("1")));
        done(parcel, failed());
        world.tell();
        nothingIsLeft();
        assertThat(world.dispatches.givenUp()).isZero();
    }

    @Test
    void what_is_kept_of_a_target_is_all_of_it() throws Exception {
        Target target =
                new Target(
                        new TargetName(RULE, "1"),
                        "arn:aws:events:us-east-1:123456789012:api-destination/hook/1",
                        "role",
                        new TargetInput.Template(Map.of("a", "$.b"), "<a>"),
                        new Target.Http(
                                List.of("a", "$.b"), Map.of("h", "1"), Map.of("q.x", "$.c")),
                        new Target.Retry(Optional.of(3), Optional.of(Duration.ofHours(1))),
                        Optional.of(RuleWorld.DEAD.arn()));
        world.target(target);
        assertThat(world.buses.targets(RULE, "", 10)).containsExactly(target);
    }
}
