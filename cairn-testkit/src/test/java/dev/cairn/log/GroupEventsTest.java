package dev.cairn.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.log.GroupEvents.Direction;
import dev.cairn.log.GroupEvents.Page;
import dev.cairn.log.GroupEvents.Question;
import dev.cairn.reader.Step;
import dev.cairn.reader.Unreadable;
import dev.cairn.trail.Trail;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GroupEventsTest {
    private static final List<String> REGIONS =
            List.of("us-east-1", "eu-west-1", "ap-south-1", "sa-east-1", "us-west-2");

    private final GroupWorld world;

    GroupEventsTest() throws Exception {
        world = new GroupWorld();
    }

    /// Records events of many regions, of which the trail takes some; gives those.
    private List<String> recorded(Random chance, int count) throws Exception {
        List<String> taken = new ArrayList<>();
        world.write(tx -> world.groups.createStream(tx, GroupWorld.GROUP, "own", GroupWorld.NOW));
        boolean on = true;
        for (int i = 0; i < count; i++) {
            if (chance.nextInt(40) == 0) {
                on = !on;
                world.log(on);
            }
            boolean data = chance.nextInt(3) == 0;
            String id = "e%04d".formatted(i);
            String region = REGIONS.get(chance.nextInt(REGIONS.size()));
            var entry = GroupWorld.call(region, id, "Stop", "");
            if (data) {
                entry =
                        new dev.cairn.ledger.Entry(
                                entry.place(),
                                id,
                                entry.origin(),
                                new String(entry.json(), StandardCharsets.UTF_8)
                                        .replace(
                                                "\"managementEvent\":true",
                                                "\"managementEvent\":false")
                                        .replace("Management\"", "Data\"")
                                        .getBytes(StandardCharsets.UTF_8));
            }
            Instant entryTime = GroupWorld.NOW.plusMillis(i);
            world.ledger.append(entry, entryTime);
            if (on && !data) {
                taken.add(id);
            }
            if (chance.nextInt(4) == 0) {
                String stored = "s%04d".formatted(i);
                world.stored.put(
                        GroupWorld.GROUP,
                        "own",
                        List.of(
                                new StoredEvents.Message(
                                        entryTime, "{\"eventID\":\"" + stored + "\",}")),
                        GroupWorld.NOW);
                taken.add(stored);
            }
        }
        return taken;
    }

    private Page page(
            Direction direction,
            @Nullable List<Long> at,
            @Nullable Instant since,
            @Nullable Instant before,
            int limit,
            Predicate<byte[]> wanted)
            throws Exception {
        return world.events.page(
                world.groups.expect(GroupWorld.GROUP),
                new Question(
                        direction,
                        _ -> true,
                        Optional.ofNullable(at),
                        since,
                        before,
                        limit,
                        1 << 20,
                        wanted,
                        0),
                GroupWorld.NOW.plus(Duration.ofHours(1)));
    }

    private static String id(LogEvent event) {
        int at = event.message().indexOf("\"eventID\":\"") + 11;
        return event.message().substring(at, at + 5);
    }

    @Test
    void what_two_trails_feed_is_there_once_and_stored_by_the_ledger_alone() throws Exception {
        Trail other = GroupWorld.trail("other");
        world.write(tx -> world.trails.create(tx, other, Map.of(), GroupWorld.NOW));
        world.write(tx -> world.trails.log(tx, other, true, GroupWorld.NOW));
        world.filter("stopped", "{ $.eventName = Stop }", "1", Map.of());
        FilterReader reader = world.reader();
        reader.step(GroupWorld.NOW, Unreadable.WAIT);
        for (int i = 0; i < 3; i++) {
            world.ledger.append(
                    GroupWorld.call("us-east-1", "two_" + i, "Stop", ""), GroupWorld.NOW);
        }
        while (reader.step(GroupWorld.NOW, Unreadable.WAIT) == Step.MORE) {
            // There is more.
        }
        assertThat(page(Direction.FORWARD, null, null, null, 100, _ -> true).events())
                .extracting(GroupEventsTest::id)
                .containsExactly("two_0", "two_1", "two_2");
        assertThat(world.sum("stopped", Map.of())).isEqualTo(3);
        assertThat(world.catalog.list("log-event", "", "", 10)).isEmpty();
    }

    @Test
    void pages_either_way_have_each_message_once_and_in_order_of_time() throws Exception {
        Random chance = new Random(11);
        List<String> taken = recorded(chance, 900);
        for (Direction direction : Direction.values()) {
            List<String> found = new ArrayList<>();
            List<Long> at = null;
            Page page;
            do {
                page = page(direction, at, null, null, 1 + chance.nextInt(30), _ -> true);
                List<String> ids = page.events().stream().map(GroupEventsTest::id).toList();
                if (direction == Direction.FORWARD) {
                    found.addAll(ids);
                    at = page.to();
                } else {
                    found.addAll(0, ids);
                    at = page.from();
                }
                // The page lies between its ends.
                assertThat(
                                page(
                                                Direction.FORWARD,
                                                page.from(),
                                                null,
                                                null,
                                                Math.max(1, ids.size()),
                                                _ -> true)
                                        .events())
                        .startsWith(page.events().toArray(LogEvent[]::new));
            } while (!page.end());
            assertThat(found).as(direction.name()).isEqualTo(taken);
        }
    }

    @Test
    void a_time_range_and_a_pattern_pick_some() throws Exception {
        List<String> taken = recorded(new Random(6), 300);
        Instant since = GroupWorld.NOW.plusMillis(100);
        Instant before = GroupWorld.NOW.plusMillis(200);
        Page page =
                page(
                        Direction.FORWARD,
                        null,
                        since,
                        before,
                        10_000,
                        json -> new String(json, StandardCharsets.UTF_8).contains("7\","));
        assertThat(page.end()).isTrue();
        assertThat(page.events())
                .extracting(GroupEventsTest::id)
                .isNotEmpty()
                .isEqualTo(
                        taken.stream()
                                .filter(id -> id.startsWith("01", 1))
                                .filter(id -> id.endsWith("7"))
                                .toList());
        assertThat(page.events())
                .isSortedAccordingTo(Comparator.comparing(LogEvent::time))
                .allSatisfy(event -> {
                    assertThat(event.stream())
                            .isEqualTo(
                                    id(event).startsWith("s")
                                            ? "own"
                                            : "123456789012_CloudTrail_us-east-1");
                    assertThat(event.id()).matches("\\d{56}");
                });
    }

    @Test
    void messages_end_with_retention_and_begin_with_the_group() throws Exception {
        recorded(new Random(5), 50);
        world.write(tx -> world.groups.setRetention(tx, GroupWorld.GROUP, Optional.of(1)));
        assertThat(
                        world.events
                                .page(
                                        world.groups.expect(GroupWorld.GROUP),
                                        new Question(
                                                Direction.FORWARD,
                                                _ -> true,
                                                Optional.empty(),
                                                null,
                                                null,
                                                100,
                                                1 << 20,
                                                _ -> true,
                                                0),
                                        GroupWorld.NOW.plus(Duration.ofDays(2)))
                                .events())
                .isEmpty();
        world.write(tx -> {
            world.groups.delete(tx, GroupWorld.GROUP);
            world.groups.create(
                    tx, GroupWorld.GROUP, java.util.Map.of(), GroupWorld.NOW.plusSeconds(60));
        });
        assertThat(page(Direction.FORWARD, null, null, null, 100, _ -> true).events()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void a_page_ends_when_regular_expressions_took_many_steps_and_each_comes_further(
            Direction direction) throws Exception {
        world.write(tx -> world.groups.createStream(tx, GroupWorld.GROUP, "own", GroupWorld.NOW));
        String padding = ",\"x\":\"" + "y".repeat(200_000) + '"';
        int count = 12;
        for (int i = 0; i < count; i++) {
            Instant time = GroupWorld.NOW.plusMillis(i);
            String region = REGIONS.get(i % REGIONS.size());
            world.ledger.append(
                    GroupWorld.call(region, "e%04d".formatted(i), "Stop", padding), time);
            world.stored.put(
                    GroupWorld.GROUP,
                    "own",
                    List.of(new StoredEvents.Message(time, "s%04d".formatted(i) + padding)),
                    GroupWorld.NOW);
        }
        List<Long> at = null;
        int found = 0;
        Page page;
        do {
            int[] inPage = {0};
            page =
                    world.events.page(
                            world.groups.expect(GroupWorld.GROUP),
                            new Question(
                                    direction,
                                    _ -> true,
                                    Optional.ofNullable(at),
                                    null,
                                    null,
                                    100,
                                    1 << 20,
                                    message -> {
                                        inPage[0]++;
                                        return message[0] == '{';
                                    },
                                    400),
                            GroupWorld.NOW.plus(Duration.ofHours(1)));
            // One message costs more than a page may: each lane looks at one all the same, also
            // while another one finds its message again.
            assertThat(inPage[0]).isLessThanOrEqualTo(4);
            found += page.events().size();
            List<Long> to = direction == Direction.FORWARD ? page.to() : page.from();
            assertThat(page.end() || !to.equals(at)).isTrue();
            at = to;
        } while (!page.end());
        assertThat(found).isEqualTo(count);
    }

    @Test
    void a_page_ends_when_much_was_read_and_goes_on_from_there() throws Exception {
        String padding = ",\"x\":\"" + "y".repeat(200_000) + '"';
        for (int i = 0; i < 200; i++) {
            world.ledger.append(
                    GroupWorld.call("us-east-1", "e%04d".formatted(i), "Stop", padding),
                    GroupWorld.NOW.plusMillis(i));
        }
        Predicate<byte[]> last = json -> new String(json, StandardCharsets.UTF_8).contains("e0199");
        Page page = page(Direction.FORWARD, null, null, null, 100, last);
        assertThat(page.events()).isEmpty();
        assertThat(page.end()).isFalse();
        int pages = 1;
        while (!page.end() && page.events().isEmpty()) {
            page = page(Direction.FORWARD, page.to(), null, null, 1, last);
            pages++;
        }
        assertThat(page.events()).extracting(GroupEventsTest::id).containsExactly("e0199");
        assertThat(pages).isBetween(2, 5);
    }
}
