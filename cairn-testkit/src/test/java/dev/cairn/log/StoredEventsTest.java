package dev.cairn.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.log.GroupEvents.Direction;
import dev.cairn.log.GroupEvents.Page;
import dev.cairn.log.GroupEvents.Question;
import dev.cairn.log.StoredEvents.Left;
import dev.cairn.log.StoredEvents.Message;
import dev.cairn.reader.Step;
import dev.cairn.reader.Unreadable;
import dev.cairn.testkit.catalog.FaultyCatalog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StoredEventsTest {
    private static final Instant NOW = GroupWorld.NOW;
    private static final LogGroupName GROUP = GroupWorld.GROUP;

    private final GroupWorld world;

    StoredEventsTest() throws CatalogException {
        world = new GroupWorld();
        create("app");
    }

    private void create(String stream) throws CatalogException {
        world.write(tx -> world.groups.createStream(tx, GROUP, stream, NOW));
    }

    private static Message message(Instant time, String text) {
        return new Message(time, text);
    }

    private Left put(String stream, Message... messages) throws CatalogException {
        return world.stored.put(GROUP, stream, List.of(messages), NOW);
    }

    private Page page(String stream, Direction direction, @Nullable List<Long> at, int limit)
            throws Exception {
        return world.events.page(
                world.groups.expect(GROUP),
                new Question(
                        direction,
                        stream::equals,
                        Optional.ofNullable(at),
                        NOW.minus(Duration.ofDays(14)),
                        null,
                        limit,
                        1 << 20,
                        _ -> true,
                        0),
                NOW);
    }

    private List<String> texts(String stream) throws Exception {
        return page(stream, Direction.FORWARD, null, 10_000).events().stream()
                .map(LogEvent::message)
                .toList();
    }

    @Test
    void messages_come_back_in_order_of_time_either_way_however_they_came() throws Exception {
        Random chance = new Random(3);
        List<Message> expected = new ArrayList<>();
        for (int batch = 0; batch < 40; batch++) {
            List<Message> messages = new ArrayList<>();
            Instant time = NOW.minus(Duration.ofMinutes(chance.nextInt(20_000)));
            for (int i = chance.nextInt(100); i >= 0; i--) {
                time = chance.nextInt(3) == 0 ? time.plusMillis(chance.nextInt(5_000)) : time;
                messages.add(message(time, batch + "-" + i));
            }
            expected.addAll(messages);
            put("app", messages.toArray(Message[]::new));
        }
        expected.sort(java.util.Comparator.comparing(Message::time));
        List<String> wanted = expected.stream().map(Message::text).toList();
        assertThat(texts("app")).isEqualTo(wanted);
        List<String> back = new ArrayList<>();
        List<Long> at = null;
        Page page;
        do {
            page = page("app", Direction.BACKWARD, at, 1 + chance.nextInt(200));
            back.addAll(0, page.events().stream().map(LogEvent::message).toList());
            at = page.from();
        } while (!page.end());
        assertThat(back).isEqualTo(wanted);
    }

    @Test
    void more_messages_of_one_moment_than_are_read_at_once_come_back_on_the_way_back()
            throws Exception {
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 1_300; i++) {
            messages.add(message(NOW.minus(Duration.ofDays(13)), "m" + i));
        }
        put("app", messages.toArray(Message[]::new));
        List<String> back = new ArrayList<>();
        List<Long> at = null;
        Page page;
        do {
            page = page("app", Direction.BACKWARD, at, 1_000);
            back.addAll(0, page.events().stream().map(LogEvent::message).toList());
            at = page.from();
        } while (!page.end());
        assertThat(back).isEqualTo(messages.stream().map(Message::text).toList());
    }

    @ParameterizedTest
    @EnumSource
    void a_page_of_long_messages_ends_when_much_was_read_and_goes_on_from_there(Direction direction)
            throws Exception {
        String padding = "y".repeat(1_000_000);
        for (int i = 0; i < 40; i++) {
            // One moment, so that no bound on time parts them.
            put("app", message(NOW, i + " " + padding));
        }
        byte[] last = (direction == Direction.FORWARD ? "39 " : "0 ").getBytes(UTF_8);
        List<Long> at = null;
        Page page;
        int pages = 0;
        do {
            int[] read = {0};
            page =
                    world.events.page(
                            world.groups.expect(GROUP),
                            new Question(
                                    direction,
                                    _ -> true,
                                    Optional.ofNullable(at),
                                    null,
                                    null,
                                    100,
                                    1 << 20,
                                    utf8 -> {
                                        read[0]++;
                                        return Arrays.equals(
                                                utf8, 0, last.length, last, 0, last.length);
                                    },
                                    0),
                            NOW);
            assertThat(read[0]).isBetween(1, 18);
            at = direction == Direction.FORWARD ? page.to() : page.from();
            pages++;
        } while (page.events().isEmpty() && !page.end());
        assertThat(page.events()).hasSize(1);
        assertThat(pages).isEqualTo(3);
    }

    @Test
    void what_is_too_old_too_new_or_expired_is_left_by_its_place() throws Exception {
        Left left =
                put(
                        "app",
                        message(NOW.minus(Duration.ofDays(15)), "old"),
                        message(NOW.minus(Duration.ofDays(14)).minusMillis(1), "old, too"));
        assertThat(left).isEqualTo(new Left(Optional.empty(), Optional.of(2), Optional.empty()));
        left =
                put(
                        "app",
                        message(NOW, "taken"),
                        message(NOW.plus(Duration.ofHours(2)), "taken, too"),
                        message(NOW.plus(Duration.ofHours(2)).plusMillis(1), "new"));
        assertThat(left).isEqualTo(new Left(Optional.of(2), Optional.empty(), Optional.empty()));
        world.write(tx -> world.groups.setRetention(tx, GROUP, Optional.of(1)));
        left =
                put(
                        "app",
                        message(NOW.minus(Duration.ofHours(25)), "expired"),
                        message(NOW.minus(Duration.ofHours(2)), "kept"));
        assertThat(left).isEqualTo(new Left(Optional.empty(), Optional.empty(), Optional.of(1)));
        assertThat(texts("app")).containsExactly("kept", "taken", "taken, too");
    }

    @Test
    void a_batch_that_cloudwatch_logs_would_not_take_is_refused_whole() throws Exception {
        assertThatThrownBy(() -> put("app", message(NOW, "b"), message(NOW.minusMillis(1), "a")))
                .hasMessageContaining("chronological order");
        assertThatThrownBy(() ->
                        put(
                                "app",
                                message(NOW.minus(Duration.ofHours(24)).minusMillis(1), "a"),
                                message(NOW, "b")))
                .hasMessageContaining("24 hours");
        assertThatThrownBy(() -> put("app", message(NOW, "a".repeat((1 << 20) - 25))))
                .hasMessageContaining("exceeds limit of 1048576");
        assertThatThrownBy(() -> put("nowhere", message(NOW, "a")))
                .hasMessageContaining("log stream does not exist");
        assertThat(texts("app")).isEmpty();
    }

    @Test
    void filters_count_what_is_put_in_the_same_transaction() throws Exception {
        world.filter("errors", "ERROR", "1", Map.of());
        put("app", message(NOW, "an ERROR"), message(NOW, "fine"), message(NOW, "ERROR again"));
        assertThat(world.sum("errors", Map.of())).isEqualTo(2);
    }

    @Test
    void filters_that_are_changed_while_they_are_asked_are_asked_again() throws Exception {
        world.filter("errors", "ERROR", "1", Map.of());
        boolean[] asked = {false};
        world.faults =
                new FaultyCatalog.Faults() {
                    @Override
                    public void beforeWrite() throws CatalogException {
                        world.faults = FaultyCatalog.Faults.NONE;
                        asked[0] = true;
                        world.filter("errors", "WARN", "1", Map.of());
                    }
                };
        put("app", message(NOW, "an ERROR"), message(NOW, "a WARN"), message(NOW, "WARN again"));
        assertThat(asked[0]).isTrue();
        assertThat(world.sum("errors", Map.of())).isEqualTo(2);
        assertThat(texts("app")).hasSize(3);

        world.faults =
                new FaultyCatalog.Faults() {
                    @Override
                    public void beforeWrite() throws CatalogException {
                        world.faults = FaultyCatalog.Faults.NONE;
                        world.filter("errors", "WARN", "1", Map.of());
                        world.faults = this;
                    }
                };
        assertThatThrownBy(() -> put("app", message(NOW, "never")))
                .hasMessageContaining("was changed 5 times");
        world.faults = FaultyCatalog.Faults.NONE;
        assertThat(texts("app")).hasSize(3);
    }

    @Test
    void values_beyond_the_bound_of_a_batch_are_told_and_the_messages_kept() throws Exception {
        world.filter("errors", "{ $.n = * }", "$.n", Map.of());
        Message[] messages = new Message[Counts.MAX + 100];
        for (int i = 0; i < messages.length; i++) {
            messages[i] = message(NOW, "{\"n\":" + Math.min(i, Counts.MAX + 1) + "}");
        }
        put("app", messages);
        assertThat(world.sum("errors", Map.of()))
                .isEqualTo((Counts.MAX - 1) * (double) Counts.MAX / 2);
        assertThat(StoredEvents.uncounted(world.catalog)).isEqualTo(100);
        put("app", message(NOW, "{\"n\":1}"), message(NOW, "{\"n\":1}"));
        assertThat(StoredEvents.uncounted(world.catalog)).isEqualTo(100);
        assertThat(page("app", Direction.FORWARD, null, 10_000).events())
                .hasSize(messages.length + 2);
    }

    @Test
    void values_for_which_no_metric_is_left_are_told() throws Exception {
        world.filter("each", "{ $.id = * }", "1", Map.of("Id", "$.id"));
        for (int i = 0; i < 110; i++) {
            put("app", message(NOW, "{\"id\":\"m" + i + "\"}"));
        }
        assertThat(StoredEvents.uncounted(world.catalog)).isEqualTo(10);
    }

    @Test
    void a_stream_that_is_made_again_begins_empty_and_the_old_messages_go() throws Exception {
        put("app", message(NOW, "one"), message(NOW, "two"));
        create("other");
        put("other", message(NOW, "stays"));
        world.write(tx -> world.groups.deleteStream(tx, GROUP, "app"));
        create("app");
        put("app", message(NOW, "three"));
        assertThat(texts("app")).containsExactly("three");
        assertThat(world.catalog.list(StoredEvents.KIND, "", "", 10)).hasSize(4);

        world.sweep(NOW);
        assertThat(world.catalog.list(StoredEvents.KIND, "", "", 10)).hasSize(2);
        assertThat(texts("other")).containsExactly("stays");

        world.write(tx -> world.groups.setRetention(tx, GROUP, Optional.of(1)));
        world.sweep(NOW.plus(Duration.ofDays(2)));
        assertThat(world.catalog.list(StoredEvents.KIND, "", "", 10)).isEmpty();
    }

    private long bytes() throws CatalogException {
        return StoredGroup.of(world.catalog.get(StoredGroup.KIND, GROUP.key()).orElseThrow())
                .bytes();
    }

    @Test
    void a_round_removes_all_that_retention_has_ended_for_and_looks_at_little_else()
            throws Exception {
        LogGroupName first = new LogGroupName("us-east-1", GroupWorld.ACCOUNT, "a");
        world.write(tx -> {
            world.groups.create(tx, first, Map.of(), NOW);
            world.groups.createStream(tx, first, "app", NOW);
        });
        Message[] messages = new Message[2_500];
        Arrays.fill(messages, message(NOW, "old"));
        put("app", messages);
        world.stored.put(first, "app", List.of(messages), NOW);
        world.write(tx -> world.groups.setRetention(tx, GROUP, Optional.of(1)));
        Instant later = NOW.plus(Duration.ofHours(24)).plusMillis(1);
        world.stored.put(GROUP, "app", List.of(message(later, "new")), later);

        // Three pages, one look behind them, one at the other group, and the end.
        assertThat(world.sweep(later)).isEqualTo(6);
        assertThat(world.catalog.list(StoredEvents.KIND, StoredEvents.prefix(GROUP), "", 10))
                .hasSize(1);
        assertThat(bytes()).isEqualTo(3 + StoredEvents.EVENT_BYTES);
        assertThat(world.catalog.list(StoredEvents.KIND, StoredEvents.prefix(first), "", 1_000))
                .hasSize(1_000);
        // Nothing is over: each group is looked at once.
        assertThat(world.sweep(later)).isEqualTo(3);
    }

    @Test
    void a_group_that_was_full_and_is_made_again_is_empty_at_once() throws Exception {
        put("app", message(NOW, "one"), message(NOW, "two"));
        world.write(tx ->
                StoredGroup.of(tx, GROUP).with(0, StoredEvents.GROUP_BYTES_MAX).write(tx, GROUP));
        assertThatThrownBy(() -> put("app", message(NOW, "more")))
                .hasMessageContaining("may have 1073741824");

        world.write(tx -> world.groups.delete(tx, GROUP));
        world.write(tx -> world.groups.create(tx, GROUP, Map.of(), NOW));
        create("app");
        put("app", message(NOW, "three"));
        assertThat(texts("app")).containsExactly("three");
        assertThat(bytes()).isEqualTo(5 + StoredEvents.EVENT_BYTES);

        world.sweep(NOW);
        assertThat(world.catalog.list(StoredEvents.KIND, "", "", 10)).hasSize(1);
        assertThat(bytes()).isEqualTo(5 + StoredEvents.EVENT_BYTES);
        assertThat(texts("app")).containsExactly("three");
    }

    @Test
    void nobody_but_a_trail_writes_into_its_stream_not_even_before_there_is_a_trail()
            throws Exception {
        String trails = "123456789012_CloudTrail_us-east-1";
        for (String name : List.of(trails, "210987654321_CloudTrail_eu-west-1")) {
            assertThatThrownBy(() -> create(name)).hasMessageContaining("by trails alone");
            assertThatThrownBy(() -> put(name, message(NOW, "forged")))
                    .hasMessageContaining("by trails alone");
        }
        create("x" + trails);

        // As an earlier version took them: the one stream was there before its first message.
        String others = "210987654321_CloudTrail_eu-west-1";
        world.write(tx ->
                world.groups
                        .streams()
                        .wrote(tx, GROUP, others, new LogStream.Span(NOW, NOW, NOW, 0)));
        put("app", message(NOW, "one"), message(NOW, "two"));
        for (String stream : List.of(trails, others)) {
            String key = StoredEvents.key(GROUP, NOW.toEpochMilli(), stream.equals(trails) ? 0 : 1);
            world.write(tx -> {
                Catalog.Document document = tx.get(StoredEvents.KIND, key).orElseThrow();
                tx.replace(document, Fields.of(document).with(StoredEvents.STREAM, stream).json());
            });
        }
        assertThat(texts(others)).isEmpty();
        FilterReader reader = world.reader();
        reader.step(NOW, Unreadable.WAIT);
        world.ledger.append(GroupWorld.call("us-east-1", "true", "Stop", ""), NOW);
        while (reader.step(NOW, Unreadable.WAIT) == Step.MORE) {
            // Until all is counted.
        }
        assertThat(world.groups.streams().find(GROUP, trails).orElseThrow().since()).isEqualTo(2);
        assertThat(texts(trails)).singleElement().asString().contains("\"true\"");
    }

    @Test
    void a_group_that_is_made_again_begins_empty() throws Exception {
        put("app", message(NOW, "one"));
        world.write(tx -> world.groups.delete(tx, GROUP));
        world.write(tx -> world.groups.create(tx, GROUP, Map.of(), NOW));
        create("app");
        assertThat(texts("app")).isEmpty();
        put("app", message(NOW, "two"));
        assertThat(texts("app")).containsExactly("two");
    }
}
