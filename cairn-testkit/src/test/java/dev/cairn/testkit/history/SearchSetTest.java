package dev.cairn.testkit.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.event.Event;
import dev.cairn.event.EventReader;
import dev.cairn.event.Parsed;
import dev.cairn.history.Condition;
import dev.cairn.history.Filter;
import dev.cairn.history.SearchSet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SearchSetTest {
    private static Event event(Map<String, ? extends @Nullable Object> record) {
        return event(Records.bytes(record));
    }

    private static Event event(byte[] json) {
        return switch (EventReader.lenient().read(json, Instant.EPOCH)) {
            case Parsed.Read(Event read) -> read;
            case Parsed.Refused refused -> throw new AssertionError(refused.message());
        };
    }

    @Test
    void a_set_takes_what_each_of_its_conditions_takes_alone() {
        int taken = 0;
        for (long seed = 0; seed < 12; seed++) {
            RandomEvents random = new RandomEvents(new Random(seed));
            List<Condition> conditions = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                conditions.add(random.condition(3));
            }
            SearchSet set = SearchSet.of(conditions);
            for (byte[] json : random.jsons(30)) {
                Event event = event(json);
                List<Integer> alone = new ArrayList<>();
                for (int i = 0; i < conditions.size(); i++) {
                    if (Filter.of(conditions.get(i)).test(event)) {
                        alone.add(i);
                    }
                }
                assertThat(set.judge(event).taking()).as("seed %d", seed).isEqualTo(alone);
                assertThat(set.judge(event).tooComplex()).isEmpty();
                taken += alone.size();
            }
        }
        assertThat(taken).isGreaterThan(500);
    }

    @Test
    void what_would_take_too_long_is_not_asked_and_named() {
        Map<String, @Nullable Object> record =
                Records.record("id", "2026-11-21T10:00:00Z", "PutObject");
        record.put("requestParameters", Map.of("x", "y".repeat(200_000)));
        SearchSet set =
                SearchSet.of(
                        List.of(
                                new Condition.Matches("requestParameters.x", "(y{100}){1,3}z"),
                                new Condition.Is("eventName", "PutObject"),
                                new Condition.Matches("eventName", "(P{100}){1,3}z|PutObject")));
        SearchSet.Verdict verdict = set.judge(event(record));
        assertThat(verdict.taking()).containsExactly(1, 2);
        assertThat(verdict.tooComplex()).containsExactly(0);
    }
}
