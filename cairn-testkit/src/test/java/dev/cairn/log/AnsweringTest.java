package dev.cairn.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.inquiry.Answering;
import dev.cairn.inquiry.Inquiry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AnsweringTest {
    private final GroupWorld world;

    AnsweringTest() throws Exception {
        world = new GroupWorld();
    }

    private Answering.Answer ask(String text, Instant from, Instant to, LogGroupName... names)
            throws Exception {
        List<LogGroup> groups = new ArrayList<>();
        for (LogGroupName name : names) {
            groups.add(world.groups.expect(name));
        }
        Answering answering = new Answering(Inquiry.of(text), world.events, groups, from, to);
        while (answering.step(GroupWorld.NOW, () -> false)) {
            // A page each.
        }
        return answering.end();
    }

    private static String row(List<Answering.Cell> cells) {
        return cells.stream()
                .filter(cell -> !cell.column().equals("@ptr"))
                .map(Answering.Cell::value)
                .reduce((one, other) -> one + "," + other)
                .orElse("");
    }

    @Test
    void all_messages_of_a_time_are_asked_page_by_page() throws Exception {
        Map<String, Integer> expected = new HashMap<>();
        for (int i = 0; i < 7_000; i++) {
            String name = "Name" + i % 7;
            world.ledger.append(
                    GroupWorld.call(i % 2 == 0 ? "us-east-1" : "eu-west-1", "id" + i, name, ""),
                    GroupWorld.NOW.plusMillis(i));
            if (i >= 1_000 && i < 6_000) {
                expected.merge(name, 1, Integer::sum);
            }
        }
        Answering.Answer answer =
                ask(
                        "stats count(*) as n by eventName",
                        GroupWorld.NOW.plusMillis(1_000),
                        GroupWorld.NOW.plusMillis(6_000),
                        GroupWorld.GROUP);
        assertThat(answer.scanned()).isEqualTo(5_000);
        assertThat(answer.rows()).hasSize(7);
        for (List<Answering.Cell> row : answer.rows()) {
            assertThat(row(row))
                    .isEqualTo(row.getFirst().value() + "," + expected.get(row.getFirst().value()));
        }
        Answering.Answer newest =
                ask(
                        "fields eventID | limit 3",
                        GroupWorld.NOW,
                        GroupWorld.NOW.plusSeconds(60),
                        GroupWorld.GROUP);
        assertThat(newest.rows().stream().map(AnsweringTest::row))
                .containsExactly("id6999", "id6998", "id6997");
        assertThat(newest.scanned()).isEqualTo(3);
    }

    @Test
    void of_several_groups_the_newest_come_first() throws Exception {
        LogGroupName other = new LogGroupName("us-east-1", GroupWorld.ACCOUNT, "other");
        world.write(tx -> world.groups.create(tx, other, Map.of(), GroupWorld.NOW));
        world.write(tx -> world.groups.createStream(tx, other, "own", GroupWorld.NOW));
        world.stored.put(
                other,
                "own",
                List.of(
                        new StoredEvents.Message(
                                GroupWorld.NOW.plusMillis(5), "{\"eventID\":\"own\"}")),
                GroupWorld.NOW.plusMillis(5));
        world.ledger.append(
                GroupWorld.call("us-east-1", "early", "A", ""), GroupWorld.NOW.plusMillis(1));
        world.ledger.append(
                GroupWorld.call("us-east-1", "late", "A", ""), GroupWorld.NOW.plusMillis(9));
        assertThat(
                        ask(
                                        "fields eventID",
                                        GroupWorld.NOW,
                                        GroupWorld.NOW.plusSeconds(60),
                                        GroupWorld.GROUP,
                                        other)
                                .rows()
                                .stream()
                                .map(AnsweringTest::row))
                .containsExactly("late", "own", "early");
    }
}
