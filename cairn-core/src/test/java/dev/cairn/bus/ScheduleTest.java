package dev.cairn.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {
    /// A Saturday.
    private static final Instant BEGAN = Instant.parse("2026-11-21T08:00:30Z");

    private static List<String> slots(String expression, Instant from, int count) {
        Schedule schedule = Schedule.of(expression);
        List<String> slots = new ArrayList<>();
        Optional<Instant> slot = schedule.next(BEGAN, from);
        while (slot.isPresent() && slots.size() < count) {
            slots.add(slot.get().toString().replace(":00Z", "Z"));
            slot = schedule.next(BEGAN, slot.get());
        }
        return slots;
    }

    /// The first eight are those of EventBridge's own guide.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cron(0 10 * * ? *)            | 2026-11-21T10:00Z 2026-11-22T10:00Z",
                "cron(15 12 * * ? *)           | 2026-11-21T12:15Z 2026-11-22T12:15Z",
                "cron(0 18 ? * MON-FRI *)      | 2026-11-23T18:00Z 2026-11-24T18:00Z",
                "cron(0 8 1 * ? *)             | 2026-12-01T08:00Z 2027-01-01T08:00Z",
                "cron(0/15 * * * ? *)          | 2026-11-21T08:15Z 2026-11-21T08:30Z",
                "cron(0/10 * ? * MON-FRI *)    | 2026-11-23T00:00Z 2026-11-23T00:10Z",
                "cron(0/5 8-17 ? * MON-FRI *)  | 2026-11-23T08:00Z 2026-11-23T08:05Z",
                "cron(0/30 20-2 ? * MON-FRI *) | 2026-11-23T00:00Z 2026-11-23T00:30Z",
                "cron(0 8 ? * MON *)           | 2026-11-23T08:00Z 2026-11-30T08:00Z",
                "cron(* * ? * mon-sun *)       | 2026-11-21T08:01Z 2026-11-21T08:02Z",
                "cron(0 22-4 * * ? *)          | 2026-11-21T22:00Z 2026-11-21T23:00Z 2026-11-22T00:00Z",
                "cron(0 0 ? * FRI-MON/2 *)     | 2026-11-22T00:00Z 2026-11-27T00:00Z",
                "cron(0 0 1 NOV-JAN ? *)       | 2026-12-01T00:00Z 2027-01-01T00:00Z 2027-11-01T00:00Z",
                "cron(59 23 L * ? *)           | 2026-11-30T23:59Z 2026-12-31T23:59Z",
                "cron(0 0 LW 1,5 ? *)          | 2027-01-29T00:00Z 2027-05-31T00:00Z",
                "cron(0 0 1W 5,8 ? *)          | 2027-05-03T00:00Z 2027-08-02T00:00Z",
                "cron(0 0 31W * ? 2027)        | 2027-01-29T00:00Z 2027-03-31T00:00Z 2027-05-31T00:00Z",
                "cron(0 0 15W 8 ? *)           | 2027-08-16T00:00Z 2028-08-15T00:00Z",
                "cron(15 10 ? * 6L 2026-2029)  | 2026-11-27T10:15Z 2026-12-25T10:15Z",
                "cron(15 10 ? * FRIL *)        | 2026-11-27T10:15Z 2026-12-25T10:15Z",
                "cron(0 0 ? * L *)             | 2026-11-28T00:00Z 2026-12-05T00:00Z",
                "cron(0 0 ? * 3#2 *)           | 2026-12-08T00:00Z 2027-01-12T00:00Z",
                "cron(0 0 ? * SUN#5 *)         | 2026-11-29T00:00Z 2027-01-31T00:00Z",
                "cron(0 0 29 2 ? *)            | 2028-02-29T00:00Z 2032-02-29T00:00Z",
                "cron(0 0 29 2 ? 2097-2104)    | 2104-02-29T00:00Z",
                "cron(0 0 1 1 ? 2027/50)       | 2027-01-01T00:00Z 2077-01-01T00:00Z 2127-01-01T00:00Z",
                "cron(0 0 31 12 ? 2199)        | 2199-12-31T00:00Z",
                "cron(0 0 30 2 ? *)            | ''",
                "cron(0 0 1 1 ? 1999)          | ''",
                "cron( 0  8 ? * MON * )        | 2026-11-23T08:00Z",
                "rate(1 minute)                | 2026-11-21T08:01:30Z 2026-11-21T08:02:30Z",
                "rate(36 hours)                | 2026-11-22T20:00:30Z 2026-11-24T08:00:30Z",
                "rate(7 days)                  | 2026-11-28T08:00:30Z 2026-12-05T08:00:30Z",
                "rate(999999999 days)          | ''",
            })
    void its_slots_follow_from_it(String expression, String slots) {
        List<String> expected = slots.isEmpty() ? List.of() : List.of(slots.split(" "));
        assertThat(slots(expression, BEGAN, Math.max(1, expected.size()))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "rate(5 minute)",
                "rate(1 minutes)",
                "rate(0 minutes)",
                "rate(-5 minutes)",
                "rate(1.5 hours)",
                "rate(5 seconds)",
                "rate(5minutes)",
                "rate(9999999999 days)",
                "Rate(5 minutes)",
                "at(2026-11-21T08:00:00)",
                "0 8 ? * MON *",
                "cron(0 8 ? * MON)",
                "cron(0 0 8 ? * MON *)",
                "cron(0 8 * * * *)",
                "cron(0 8 ? * ? *)",
                "cron(? 8 * * ? *)",
                "cron(60 8 * * ? *)",
                "cron(0 24 * * ? *)",
                "cron(0 8 0 * ? *)",
                "cron(0 8 32 * ? *)",
                "cron(0 8 32W * ? *)",
                "cron(0 8 * 13 ? *)",
                "cron(0 8 ? * 0 *)",
                "cron(0 8 ? * 8 *)",
                "cron(0 8 ? * MOND *)",
                "cron(0 8 ? * 3#6 *)",
                "cron(0 8 ? * 3#1,6#3 *)",
                "cron(0 8 ? * ,MON *)",
                "cron(0 8 ? * MON, *)",
                "cron(0 8 ? * MON-TUE-WED *)",
                "cron(0 8 * * ? 1969)",
                "cron(0 8 * * ? 2200)",
                "cron(*/0 8 * * ? *)",
                "cron(*/60 8 * * ? *)",
                "cron(0 8 L-3 * ? *)",
                "cron(0 8 1,L * ? *)",
                "cron(a 8 * * ? *)",
            })
    void what_is_no_schedule_is_refused_in_eventbridge_s_words(String text) {
        assertThatThrownBy(() -> Schedule.of(text))
                .isInstanceOfSatisfying(
                        Failure.class,
                        failure -> {
                            assertThat(failure.code()).isEqualTo(ErrorCode.VALIDATION);
                            assertThat(failure.message())
                                    .startsWith("Parameter ScheduleExpression is not valid.");
                        });
    }

    @Test
    void the_newest_slot_is_found_without_going_through_all() {
        Random chance = new Random(3);
        for (String expression :
                List.of(
                        "rate(7 minutes)",
                        "rate(3 days)",
                        "cron(0/20 22-4 ? * MON-FRI *)",
                        "cron(0 0 L * ? *)",
                        "cron(13 7 ? * 2#1 2026-2027)")) {
            Schedule schedule = Schedule.of(expression);
            Instant first = schedule.next(BEGAN, BEGAN).orElseThrow();
            for (int i = 0; i < 50; i++) {
                Instant until = first.plusMillis(chance.nextLong(Duration.ofDays(60).toMillis()));
                Instant newest = first;
                Optional<Instant> next = schedule.next(BEGAN, first);
                while (next.isPresent() && !next.get().isAfter(until)) {
                    newest = next.get();
                    next = schedule.next(BEGAN, newest);
                }
                assertThat(schedule.newest(BEGAN, first, until))
                        .as("%s until %s", expression, until)
                        .isEqualTo(newest);
            }
            assertThat(schedule.newest(BEGAN, first, first)).isEqualTo(first);
        }
        Schedule minutes = Schedule.of("cron(* * * * ? *)");
        assertThat(
                        minutes.newest(
                                BEGAN,
                                Instant.parse("1970-01-01T00:01:00Z"),
                                Instant.parse("2199-12-31T23:59:59.999Z")))
                .isEqualTo("2199-12-31T23:59:00Z");
    }
}
